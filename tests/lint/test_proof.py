"""Proof-reading as a whole: everything at once, by line, and little of posts that were fit to be published."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.lint.making import GOOD, RIGHT, WRONG, line_of, replaced
from twimbot.export.site import Site
from twimbot.lint.finding import Finding
from twimbot.lint.post import Post
from twimbot.lint.proof import proof_read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"


TELLING = re.compile(
    r"MD\d+|may be misspelt|no alternative text|only names the file|more than nearly all|almost the same"
    r"|is not below|in a quote right below|is parted|<!-- more -->|TODO|front matter|changelog|a paragraph"
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site with a section and the good post's picture."""
    for name, text in {
        "config.toml": 'base_url = "https://garden.example.org"',
        "content/blog/_index.md": "+++\n+++\n",
        "static/blog/img/rake.png": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Site.read(tmp_path)


def test_of_a_good_post_nothing_is_said(site: Site) -> None:
    assert proof_read(GOOD, site) == []


def test_everything_is_said_at_once_by_line(site: Site) -> None:
    long = " ".join(f"pear{number}" for number in range(500))
    post = (
        GOOD.replace("The pears are ripe.", long)
        .replace("It scratches.", f"We {WRONG}: ![](/blog/img/no.png)")
        .replace("It has a new handle", "TODO: handle")
        .replace("[#garden:example.org](https://matrix.to/#/#garden:example.org)", "[us](@/us.md)")
        .replace('path = "', 'paths = "')
    )
    assert proof_read(post, site) == [
        Finding(1, "the front matter has no path."),
        Finding(
            line_of("> pear0", post), "it has 500 words, more than nearly all entries; ask for the news and a link."
        ),
        Finding(line_of(f"We {WRONG}", post), "/blog/img/no.png leads to nothing on the site; mend it or take it out."),
        Finding(
            line_of(f"We {WRONG}", post), "the picture /blog/img/no.png has no alternative text; say what it shows."
        ),
        Finding(line_of(f"We {WRONG}", post), f"“{WRONG}” may be misspelt; perhaps “{RIGHT}” is meant."),
        Finding(line_of("> TODO", post), "there is a TODO left."),
        Finding(line_of("@/us.md", post), "@/us.md leads to nothing on the site; mend it or take it out."),
    ]


FIGURE = """\
> {{ figure(

    img="/blog/img/IMG",
    alt="ALT"

) }}"""


@pytest.mark.parametrize(
    "figure",
    [
        FIGURE,
        '> {{ figure(img="/blog/img/IMG" caption="" alt="ALT") }}',
        '> {% figure(img="/blog/img/IMG") %}ALT{% end %}',
        '> <img src="/blog/img/IMG" alt="ALT" title="alt=x">',
        "> <figure>\n>   <img loading=lazy\n>     src='/blog/img/IMG'\n>     alt='ALT' />\n> </figure>",
    ],
)
def test_pictures_are_known_however_the_site_shows_them(site: Site, figure: str) -> None:
    plain = "> ![A rake with a red handle](/blog/img/rake.png)"

    def told(name: str, alt: str) -> list[Finding]:
        post = replaced(plain, figure.replace("IMG", name).replace("ALT", alt))
        # What stands behind a picture that took several lines has its own line still.
        wrong = post.replace("## That's all I know", "## TODO: end")
        return [finding for finding in proof_read(wrong, site) if finding.line != line_of("## TODO", wrong)]

    line = line_of(plain) + (figure[: figure.index("<img")].count("\n") if "<img" in figure else 0)
    assert told("rake.png", "A rake with a red handle") == []
    assert told("rake.png", "") == [
        Finding(line, "the picture /blog/img/rake.png has no alternative text; say what it shows.")
    ]
    assert told("rake.png", "IMG_2034.png") == [
        Finding(line, "“IMG_2034.png” only names the file of a picture; say what it shows.")
    ]
    assert told("no.png", "A rake with a red handle") == [
        Finding(line, "/blog/img/no.png leads to nothing on the site; mend it or take it out.")
    ]


def test_an_entry_that_stands_twice_names_the_line_of_the_first() -> None:
    post = replaced("![A rake with a red handle](/blog/img/rake.png)", "The pears are *ripe*.")
    assert proof_read(post, None) == [
        Finding(line_of("*ripe*", post), f"it says almost the same as line {line_of('> The pears')}; drop one of them.")
    ]


def test_of_our_own_post_only_what_an_editor_must_do_is_said() -> None:
    golden = (ROOT / "tests" / "export" / "golden.md").read_text(encoding="utf-8")
    assert {finding.sentence for finding in proof_read(golden, None)} == {"there is a TODO left."}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the published weeks are not here")
def test_of_the_published_weeks_only_what_an_editor_wants_to_hear_is_said() -> None:
    """What was wrong with them was looked at finding by finding; here is how many of a kind there may be by entry."""
    said = Counter[str]()
    entries = 0
    for file in CORPUS.glob("*/post.md"):
        text = file.read_text(encoding="utf-8")
        entries += len(Post.read(text).entries)
        said.update(word for finding in proof_read(text, None) for word in TELLING.findall(finding.sentence))
    shares = dict.fromkeys(("MD001", "only names the file", "is parted", "almost the same", "changelog"), 0.01)
    shares |= dict.fromkeys(("no alternative text", "in a quote right below", "<!-- more -->"), 0.02)
    shares |= dict.fromkeys(("MD022", "MD034", "may be misspelt", "is not below", "more than nearly all"), 0.05)
    assert {kind: number / entries for kind, number in said.items() if number / entries > shares[kind]} == {}


@pytest.mark.parametrize("has_site", [False, True])
def test_links_by_which_zola_builds_no_site_are_found(site: Site, has_site: bool) -> None:  # noqa: FBT001 - a parameter
    text = (
        "## Dept of Tea 🫖\n\n### Tea pot\n\n[a](#tea-pot) [b](#dept-of-tea-teapot) [c](#top)\n\n[d](#nope)\n\n[e]()\n"
    )
    found = [
        finding for finding in proof_read(text, site if has_site else None) if "front matter" not in finding.sentence
    ]
    assert Finding(7, "#nope names no heading of the post; mend it or take it out.") in found
    assert Finding(9, "a link has no target, and Zola builds no site with it; give it one or take it out.") in found
    assert not [finding for finding in found if finding.line == 5]


def test_a_link_to_a_file_of_the_site_needs_its_checkout() -> None:
    sentence = "whether @/none.md is there can't be told without the site's checkout; --site names it."
    assert Finding(1, sentence) in proof_read("[a](@/none.md)\n", None)


@pytest.mark.parametrize(
    "target",
    ["/category/news", "https://example.org/category/this-week/#dept", "/blog/tags/tea/page/2/", "/de/author/anna"],
)
def test_a_page_that_lists_posts_is_told(target: str) -> None:
    sentence = f"{target} is a list that shows other posts by next week; link the post itself."
    assert Finding(1, sentence) in proof_read(f"[a]({target})\n", None)

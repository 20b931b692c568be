"""Proof-reading as a whole: everything at once, by line, and little of posts that were fit to be published."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.lint.making import GOOD, RIGHT, WRONG, line_of, replaced
from twimbot.export.site import Site
from twimbot.lint.finding import Finding
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
    said = Counter[str]()
    for post in CORPUS.glob("*/post.md"):
        findings = proof_read(post.read_text(encoding="utf-8"), None)
        said.update(word for finding in findings for word in TELLING.findall(finding.sentence))
    assert said == {
        "MD034": 6,
        "MD022": 1,
        "may be misspelt": 1,
        "no alternative text": 6,
        "only names the file": 3,
        "more than nearly all": 8,
        "almost the same": 1,
        "is not below": 4,
        "in a quote right below": 4,
        "is parted": 1,
        "<!-- more -->": 1,
    }

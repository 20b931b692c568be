"""What an editor is told about entries: what to look at and what to do, and nothing about good ones."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.export.checks import LONGEST, Quoted, findings
from twimbot.export.describing import is_description
from twimbot.export.site import Site

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

NEWS = """\
The watering can has a new spout, and it no longer drips on the way to the beds. We have tested it with four kinds of
water over the last three weeks, and the tomatoes say that they like it better than the old one in every way.
"""


def told(*texts: str, site: Site | None = None) -> list[str]:
    """Return what is said about entries, numbered from 1."""
    return list(findings([Quoted.read(f"Entry {number}", text) for number, text in enumerate(texts, start=1)], site))


def prose(words: int, seed: int = 0) -> str:
    """Return a text of so many words, none like another text's."""
    random = Random(seed)  # noqa: S311 - words, no secrets
    return " ".join(f"w{random.randrange(10**6)}" for _ in range(words))


class TestAlternativeTexts:
    @pytest.mark.parametrize("alt", ["", " ", "&nbsp;"])
    def test_a_picture_without_one(self, alt: str) -> None:
        assert told(f"News\n\n![{alt}](/blog/img/x.png)") == [
            "Entry 1: the picture /blog/img/x.png has no alternative text; say what it shows."
        ]

    @pytest.mark.parametrize(
        "alt",
        [
            *("IMG_2034.png", "IMG_2034", r"IMG\_20260203\_101112.jpg", "DSC01234.JPG", "PXL_20260203_101112345"),
            *(
                "Screenshot 2026-02-03 at 10.11.12.png",
                "Screenshot 2026-02-03 at 10.11.12",
                "Screenshot_20260203-101112",
            ),
            *(
                "Screenshot from 2026-02-03 10-11-12",
                "screenshot",
                "Image",
                "image (2)",
                "image.png",
                "photo 3",
                "my cat.webp",
            ),
            *("memberList.png", "0f8fad5b-d9cb-469f-a165-70867728950e", "signal-2026-02-03-101112.jpeg", "unknown.gif"),
            *("WhatsApp Image 2026-02-03 at 10.11.12", "Bildschirmfoto vom 2026-02-03 10-11-12", "2026-02-03 10.11.12"),
        ],
    )
    def test_the_name_of_a_file_is_none(self, alt: str) -> None:
        shown = alt.replace("\\", "")
        assert told(f"![{alt}](x.png)") == [f"Entry 1: “{shown}” only names the file of a picture; say what it shows."]

    @pytest.mark.parametrize(
        "alt",
        [
            *(
                "A screenshot of the new spout",
                "Screenshot of the bed at 10:11",
                "The spout",
                "Image of a rake",
                "cats",
            ),
            *(
                "Photo: Ada and Ben, 2026",
                "Version 2.0 beside version 1.9",
                "Tomatoes",
                "How main.py calls garden.py",
                "🎉",
            ),
        ],
    )
    def test_what_describes_the_picture(self, alt: str) -> None:
        assert is_description(alt)
        assert told(f"![{alt}](x.png)") == []

    def test_each_picture_is_told_by_itself(self) -> None:
        assert len(told("![](a.png) ![b](b.png)\n\n> - ![](c.png)", "`![](d.png)`")) == 2

    def test_pictures_that_the_caller_tells_about_are_left_to_it(self) -> None:
        entry = Quoted.read("Entry 1", "![](/a.png)\n\n![](/b.png)")
        assert findings([entry], None, {"/a.png"}) == (
            "Entry 1: the picture /b.png has no alternative text; say what it shows.",
        )


class TestDeadLinks:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Site:
        """Return a site with a section and nothing else."""
        (tmp_path / "content/blog").mkdir(parents=True)
        (tmp_path / "content/blog/_index.md").write_text("+++\n+++\n", encoding="utf-8")
        (tmp_path / "config.toml").write_text('base_url = "https://garden.example.org"', encoding="utf-8")
        return Site.read(tmp_path)

    @pytest.mark.parametrize(
        ("text", "target"),
        [
            ("[x](@/blog/pears.md)", "@/blog/pears.md"),
            ("<https://garden.example.org/blog/pears/>", "https://garden.example.org/blog/pears/"),
            ("![A pear](/blog/img/pear.png)", "/blog/img/pear.png"),
        ],
    )
    def test_are_told(self, site: Site, text: str, target: str) -> None:
        assert told(text, site=site) == [f"Entry 1: {target} leads to nothing on the site; mend it or take it out."]

    def test_links_to_what_is_there_are_not(self, site: Site) -> None:
        assert told("[x](@/blog/_index.md) `[y](@/no.md)`", "<https://example.org/blog/x>", site=site) == []

    def test_without_a_checkout_nothing_is_dead(self) -> None:
        assert told("[x](@/blog/pears.md)") == []


class TestLength:
    def test_an_entry_of_the_greatest_length_is_fine(self) -> None:
        assert told(prose(LONGEST)) == []

    def test_a_longer_one_is_told(self) -> None:
        assert told(prose(LONGEST + 1)) == [
            f"Entry 1: it has {LONGEST + 1} words, more than nearly all entries; ask for the news and a link."
        ]

    def test_targets_and_code_are_not_read_as_words(self) -> None:
        targets = " ".join(f"[w{number}](https://example.org/a/b/c/d/e/{number})" for number in range(LONGEST // 2))
        assert told(f"{targets}\n\n```\n{prose(LONGEST)}\n```") == []


NOTES_OF_A_RELEASE = """\
## What's Changed

- Add a spout by @ada in https://github.example.org/garden/can/pull/12
- Mend the handle by @ben in https://github.example.org/garden/can/pull/13
- Bump water from 1.0 to 1.1 by @robot in https://github.example.org/garden/can/pull/14
"""

COMMITS = """\
Out now:

* feat(spout): make it longer
* fix: no more drips
* chore!: new screws
* docs: how to pour
* refactor(handle): wood
"""

CHANGES = ("Add spout", "Fix handle", "Remove rust", "Update label", "Improve grip", "Fix lid")

SHORT_ITEMS = "\n".join(f"- {change} (#{number})" for number, change in enumerate(CHANGES, start=40))

HASHES = "\n".join(f"- a{number}c3f{number}e longer spout" for number in range(1, 7))

COMPARED = "**Full Changelog**: https://github.example.org/garden/can/compare/v1...v2"

VERBS = "\n".join(f"- {verb} part {number}" for number, verb in enumerate(["Added", "Fixed", "Removed", "Bump"] * 3))


class TestChangelogs:
    SENTENCE = "Entry 1: it looks like a changelog; ask for the news in some sentences and a link to the changes."

    @pytest.mark.parametrize(
        "text",
        [
            NOTES_OF_A_RELEASE,
            COMMITS,
            SHORT_ITEMS,
            HASHES,
            VERBS,
            f"- one spout\n- two lids\n- rust\n\n{COMPARED}",
            re.sub(r"#(\d+)", r"[#\1](https://example.org/pull/\1)", SHORT_ITEMS),
        ],
    )
    def test_are_told(self, text: str) -> None:
        assert told(text) == [self.SENTENCE]

    @pytest.mark.parametrize(
        "text",
        [
            NEWS,
            f"{NEWS}\n{COMPARED}",
            f"{NEWS}\n- one\n- two\n- three\n\n[Full changelog](https://example.org/releases/1.0) and more",
            "\n".join(SHORT_ITEMS.split("\n")[:4]),
            "\n".join(f"- [#{n}](https://example.org/{n}) {prose(20, n)}" for n in range(8)),
            "\n".join(f"- {prose(4, n)}" for n in range(20)),
            f"{SHORT_ITEMS}\n" + "\n".join(f"- {prose(4, n)}" for n in range(6)),
            "\n".join(f"- [Fix {n}](https://example.org/{n}): {prose(30, n)}" for n in range(8)),
            "Our fixes are in the changelog of the release: see https://example.org/CHANGELOG.md",
            f"```\n{SHORT_ITEMS}\n```",
        ],
    )
    def test_news_are_not(self, text: str) -> None:
        assert told(text) == []


class TestTheSameTwice:
    def test_an_entry_that_was_sent_twice(self) -> None:
        assert told(NEWS, prose(40), NEWS) == ["Entry 3: it says almost the same as Entry 1; drop one of them."]

    @pytest.mark.parametrize(
        "changed",
        [
            NEWS.upper(),
            NEWS.replace(" ", "\n\n", 3),
            NEWS.replace("spout", "[spout](https://example.org)"),
            NEWS.replace("four", "5").replace("old one", "very old one"),
            f"### News\n\n{NEWS}",
        ],
    )
    def test_small_changes_make_no_difference(self, changed: str) -> None:
        assert told(NEWS, changed) == ["Entry 2: it says almost the same as Entry 1; drop one of them."]

    def test_figures_alone_make_no_other_text(self) -> None:
        last, this = (f"{NEWS} There are {count} beds and {count * 7} trees in the garden." for count in (12, 13))
        assert told(last, this) == ["Entry 2: it says almost the same as Entry 1; drop one of them."]

    def test_a_short_entry_sent_twice(self) -> None:
        assert told("Tea is ready!", "tea is *ready*") == [
            "Entry 2: it says almost the same as Entry 1; drop one of them."
        ]

    def test_a_paragraph_that_stands_in_two_entries(self) -> None:
        assert told(f"{prose(80, 1)}\n\n{NEWS}", f"{prose(90, 2)}\n\n{NEWS}\n\n{prose(9, 3)}") == [
            "Entry 2: a paragraph of it stands in Entry 1 as well; take one of them out."
        ]

    def test_a_paragraph_that_stands_twice_in_one_entry(self) -> None:
        assert told(f"{NEWS}\n\n{prose(40)}\n\n{NEWS}") == [
            "Entry 1: a paragraph stands in it twice; take one of them out."
        ]

    @pytest.mark.parametrize(
        "texts",
        [
            (NEWS, prose(40)),
            ("", ""),
            ("![A rake](/a.png)", "![A spade](/b.png)"),
            (f"{prose(40, 1)}\n\nHappy gardening!", f"{prose(40, 2)}\n\nHappy gardening!"),
            ("Released 1.0", "Released 2.0 of the rake"),
        ],
    )
    def test_what_is_not_the_same(self, texts: tuple[str, ...]) -> None:
        assert told(*texts) == []

    def test_each_entry_is_compared_with_the_first_of_its_kind(self) -> None:
        other = prose(40)
        assert told(NEWS, NEWS, other, NEWS, other) == [
            "Entry 2: it says almost the same as Entry 1; drop one of them.",
            "Entry 4: it says almost the same as Entry 1; drop one of them.",
            "Entry 5: it says almost the same as Entry 3; drop one of them.",
        ]


def test_findings_come_in_the_order_of_the_entries() -> None:
    picture = "![](a.png)"
    assert [sentence.split(":")[0] for sentence in told(f"{NEWS}\n\n{picture}", picture, NEWS)] == [
        *("Entry 1", "Entry 2", "Entry 3")
    ]


@given(st.lists(st.text(alphabet="ab -*#>`\n![](x)123", max_size=60), max_size=4))
def test_anything_can_be_looked_at(texts: list[str]) -> None:
    for sentence in told(*texts):
        assert re.match(r"Entry [1-4]: \S.*\.\Z", sentence)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the published weeks are not here")
def test_of_the_published_weeks_little_is_told() -> None:
    """An editor published these; only what one would still change may be named."""
    said: Counter[str] = Counter()
    count = 0
    for post in CORPUS.glob("*/post.md"):
        quotes = re.findall(r"(?:^>.*\n)+", post.read_text(encoding="utf-8"), re.MULTILINE)
        entries = [Quoted.read("Entry", re.sub(r"(?m)^> ?", "", text)) for text in quotes]
        said.update(re.sub(r".*?: |“.*”|\d+|/\S+", "", sentence) for sentence in findings(entries, None))
        count += len(entries)
    shares = {
        "the picture  has no alternative text; say what it shows.": 0.02,
        " only names the file of a picture; say what it shows.": 0.01,
        "https: is a list that shows other posts by next week; link the post itself.": 0.01,
        "it has  words, more than nearly all entries; ask for the news and a link.": 0.05,
        "it says almost the same as Entry; drop one of them.": 0.01,
        "it looks like a changelog; ask for the news in some sentences and a link to the changes.": 0.01,
    }
    assert {sentence: number / count for sentence, number in said.items() if number / count > shares[sentence]} == {}

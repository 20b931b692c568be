"""The shape of a post: its front matter, its headings, the end of its teaser, and its quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lint.making import GOOD, line_of, replaced, without
from twimbot.lint.finding import Finding
from twimbot.lint.post import Post
from twimbot.lint.shape import shape_findings

ADA = "[Ada](https://matrix.to/#/@ada:example.org) says"
MORE = "<!-- more -->\n\n"


def said(text: str) -> list[Finding]:
    return list(shape_findings(Post.read(text)))


def test_of_a_good_post_nothing_is_said() -> None:
    assert said(GOOD) == []


@pytest.mark.parametrize(
    ("post", "line", "sentence"),
    [
        (
            without(GOOD[: GOOD.index("## Matrix")]),
            1,
            "the post has no front matter; begin it with one between two +++.",
        ),
        (replaced('date = "', 'date = = "'), 2, "the front matter is no valid TOML: Invalid value."),
        (replaced('date = "2026-02-06T16:00:00+00:00"\n', ""), 1, "the front matter has no date."),
        (replaced("2026-02-06T16:00:00+00:00", "last Friday"), 1, "the front matter's date is none that can be read."),
        (replaced('title = "This Week in the Garden 2026-02-06"\n', ""), 1, "the front matter has no title."),
        (replaced("This Week in the Garden 2026-02-06", " "), 1, "the front matter has no title."),
        (replaced('path = "/', 'paths = "/'), 1, "the front matter has no path."),
    ],
)
def test_the_front_matter(post: str, line: int, sentence: str) -> None:
    assert said(post) == [Finding(line, sentence)]


@pytest.mark.parametrize("date", ['"2026-02-06"', "2026-02-06", "2026-02-06T16:00:00Z", '"2026-02-06 16:00:00"'])
def test_every_date_that_zola_reads(date: str) -> None:
    assert said(replaced('"2026-02-06T16:00:00+00:00"', date)) == []


def test_a_front_matter_in_yaml() -> None:
    body = GOOD.split("+++\n")[2]
    assert said(f"---\ndate: 2026-02-06\ntitle: News\npath: /news\n---\n{body}") == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("Dept of Fruit 🍎", "TODO: not filed yet", "## TODO"),
        ("It scratches.", "TODO", "TODO"),
        ("The pears are ripe.", "TODO: a picture is missing here: Pears", "TODO"),
        ('path = "/blog', 'path = "TODO/blog', "TODO"),
    ],
)
def test_what_is_left_to_do(old: str, new: str, place: str) -> None:
    post = replaced(old, new)
    assert Finding(line_of(place, post), "there is a TODO left.") in said(post)


@pytest.mark.parametrize("new", ["My TODO list is long.", "`TODO: nothing`", "```\n> TODO: x\n> ```", "TODOs: none"])
def test_what_only_speaks_of_it(new: str) -> None:
    assert said(replaced("The pears are ripe.", new)) == []


class TestTheEndOfTheTeaser:
    def test_is_missing(self) -> None:
        post = without(MORE)
        assert said(post) == [
            Finding(line_of("## Dept of Tools", post), "there is no <!-- more -->; put it above this heading.")
        ]

    def test_is_there_twice(self) -> None:
        post = replaced("It scratches.", "It scratches.\n\n<!--more-->")
        assert said(post) == [
            Finding(line_of("<!--more-->", post), "this is the second <!-- more -->; take one of them out.")
        ]

    def test_is_before_the_first_entry(self) -> None:
        post = without(MORE).replace("## Matrix Live", f"{MORE}## Matrix Live")
        assert said(post) == [
            Finding(
                line_of("<!-- more", post),
                "<!-- more --> stands before the first entry; put it after the first department.",
            )
        ]

    def test_is_after_the_second_department(self) -> None:
        post = without(MORE).replace("## That's all", f"{MORE}## That's all")
        assert said(post) == [
            Finding(
                line_of("<!-- more", post),
                "<!-- more --> stands in or after the second department; put it after the first.",
            )
        ]

    @pytest.mark.parametrize("mark", ["<!--more-->", "<!-- MORE -->", "<!--\nmore\n-->"])
    def test_is_written_in_every_way_that_zola_reads(self, mark: str) -> None:
        assert said(replaced("<!-- more -->", mark)) == []

    def test_may_stand_between_the_entries_of_the_first_department(self) -> None:
        assert said(replaced(MORE, f"{MORE}{ADA}\n\n> So are the plums.\n\n")) == []

    @pytest.mark.parametrize("text", ["`<!-- more -->`", "```\n<!-- more -->\n```"])
    def test_in_code_is_none(self, text: str) -> None:
        assert said(replaced("It scratches.", text)) == []

    def test_the_videos_section_is_no_department_and_neither_is_what_is_not_filed(self) -> None:
        unfiled = f"## TODO: not filed yet\n\n{ADA}\n\n> Grapes!\n\n"
        assert said(replaced("## Matrix Live", f"{unfiled}## Matrix Live"))[1:] == []

    def test_a_post_without_departments_needs_one_too(self) -> None:
        assert said(f"{GOOD[: GOOD.index('## Matrix')]}Text") == [
            Finding(10, "there is no <!-- more -->; put it after the first department.")
        ]


class TestHeadings:
    def test_of_the_first_level(self) -> None:
        post = replaced("## Matrix Live: ", "# Matrix Live: ")
        sentence = "the only heading of the first level is the title; write this one with ##."
        assert said(post) == [Finding(line_of("# Matrix Live", post), sentence)]

    def test_twice_the_same_department(self) -> None:
        post = replaced("Dept of Tools 🛠️", "Dept of *Fruit*")
        assert said(post) == [
            Finding(
                line_of("## Dept of *Fruit*", post),
                "“Dept of Fruit” is there already; put what stands here below that.",
            )
        ]

    def test_an_empty_one(self) -> None:
        post = replaced("### Rake ([website](https://rake.example.org))", "###")
        assert said(post) == [Finding(line_of("\n###\n", post) + 1, "the heading is empty.")]

    @pytest.mark.parametrize("marks", ["#", "##", "###"])
    def test_in_an_entry_that_is_not_below_the_one_above_it(self, marks: str) -> None:
        post = replaced("> #### News", f"> {marks} News")
        sentence = "the heading “News” is not below “Rake (website)”; write it with ####."
        assert said(post) == [Finding(line_of(f"> {marks} News", post), sentence)]

    def test_in_code_is_none(self) -> None:
        assert said(replaced("It scratches.", "```\n# x\n```")) == []


class TestQuotes:
    def test_one_that_nobody_is_named_for(self) -> None:
        post = without(f"{ADA}\n\n")
        assert said(post) == [
            Finding(line_of("> The pears", post), "nobody is named above this quote; say who wrote it.")
        ]

    @pytest.mark.parametrize(
        "below", ["### Pears\n\n> The pears are ripe.", "The pears are ripe.", "<!-- x -->\n\n> The pears"]
    )
    def test_a_name_that_does_not_stand_right_above_its_quote(self, below: str) -> None:
        post = replaced("> The pears are ripe.", below)
        assert said(post)[:1] == [Finding(line_of(ADA), "what Ada says doesn't stand in a quote right below.")]
        assert "nobody is named" not in str(said(post))

    @pytest.mark.parametrize(
        "line", ["**Ada** says:", "Ada told us", "[Ada](https://example.org/ada), our friend, says:", f"{ADA} that"]
    )
    def test_every_short_line_above_a_quote_names_somebody(self, line: str) -> None:
        assert said(replaced(ADA, line)) == []

    def test_running_text_above_a_quote_names_nobody(self) -> None:
        post = replaced(ADA, "We went into the garden today and looked at all the trees, and then we heard this:")
        assert len(said(post)) == 1

    def test_one_that_is_parted_from_its_beginning(self) -> None:
        post = replaced("> The pears are ripe.", "> The pears are ripe.\n\n> Very ripe.")
        sentence = "this quote is parted from the one above; begin the lines between with >."
        assert said(post) == [Finding(line_of("> Very", post), sentence)]


@given(st.text(alphabet="ab +-#>`\n*[]()<!TODO:", max_size=80).map(lambda text: text.replace("ab", "<!-- more -->")))
def test_anything_has_a_shape(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= finding.line <= lines and finding.sentence.endswith(".") for finding in said(text))


def test_a_post_whose_markdown_can_not_be_trusted_is_told() -> None:
    post = replaced("The pears are ripe.", "> " * 70 + "pears")
    assert said(post) == [
        Finding(line_of("## Matrix Live") - 1, "the text can't be read: its quotes and lists nest too deep.")
    ]

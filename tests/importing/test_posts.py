"""Published posts in all forms that are known, and what is said about everything else."""

import time
from datetime import date
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.writing import HOSTILE, TYPICAL
from twimbot.importing.entries import Gap
from twimbot.importing.posts import is_post_of, read_post
from twimbot.model.archive import ArchivedEntry

PATH = PurePath("content/blog/2021/03/2021-03-05-twig.md")
ADA = "[Ada](https://matrix.to/#/@ada:example.org)"
WHO = ("@ada:example.org", "Ada")


def entries(markdown: str) -> list[ArchivedEntry]:
    """Return the entries of a post, of which everything must be understood."""
    read = read_post(markdown, PATH)
    assert read.not_understood == ()
    assert read.post is not None
    return list(read.post.entries)


def gaps(markdown: str) -> list[tuple[Gap, str]]:
    """Return what is not understood of a post, by kind and first words."""
    return [(each.gap, each.words) for each in read_post(markdown, PATH).not_understood]


@pytest.mark.parametrize(
    ("line", "sender", "name"),
    [
        (f"{ADA} says", "@ada:example.org", "Ada"),
        (f"{ADA} also reports:", "@ada:example.org", "Ada"),
        (f"{ADA}:", "@ada:example.org", "Ada"),
        (f"{ADA} sent us this late entry!", "@ada:example.org", "Ada"),
        (f"{ADA}, who grows everything that there is in the valley and beyond, sent:", "@ada:example.org", "Ada"),
        (f"First, from {ADA}, who digs:", "@ada:example.org", "Ada"),
        (f"**{ADA}** says", "@ada:example.org", "Ada"),
        (
            "[A\\_da [tea] &amp; co](https://matrix.to/#/@a%2Fda:example.org) says",
            "@a/da:example.org",
            "A_da [tea] & co",
        ),
        ("[a_b](https://matrix.to/#/%40ada%3Aexample.org?via=example.org) says", "@ada:example.org", "a_b"),
        ("[Ada](matrix:u/ada:example.org) says", "@ada:example.org", "Ada"),
        ("[Ada](@ada:example.org):", "@ada:example.org", "Ada"),
        ("[](https://matrix.to/#/@ada:example.org) says", "@ada:example.org", "@ada:example.org"),
        ("<https://matrix.to/#/@ada:example.org> says", "@ada:example.org", "@ada:example.org"),
        ("[Ada](https://matrix.to/#/@ada) says", None, "Ada"),
        ("[Ada] says", "@ada:example.org", "Ada"),
        ("@ada:example.org:", "@ada:example.org", "@ada:example.org"),
        ("@ada:example.org says", "@ada:example.org", "@ada:example.org"),
        ("**Ada Field** says:", None, "Ada Field"),
        ("Ada reports that:", None, "Ada"),
        ("[Ada](https://code.example.org/ada) told us:", None, "Ada"),
        ("[Ada](http://localhost:3001/@ada:example.org):", "@ada:example.org", "Ada"),
        ("[Ada](https://matrix.to/@ada:example.org) says", "@ada:example.org", "Ada"),
        ("[Ada](https://riot.example.org/app/#/user/@ada:example.org) says", "@ada:example.org", "Ada"),
        ("[Ada](https://matrix.to/#/@ada:example.org/) says", "@ada:example.org", "Ada"),
        ("[Ada](https://matrix.to/#/!garden:example.org/$event:example.org):", None, "Ada"),
        ("[Ada](https://matrix.to/#/%23garden:example.org/%24event?via=example.org) in the garden:", None, "Ada"),
        (f"{ADA} has worked on the rake and its long handle again, with all the care that it needs.", *WHO),
        ("\u200f[\u2067Ada\u2069\u200f](https://matrix.to/#/@ada:example.org)\u200f says", *WHO),
        ("[bo[garden op]](https://matrix.to/#/@ada:example.org) says", "@ada:example.org", "bo[garden op]"),
        ("[bo]garden](https://matrix.to/#/@ada:example.org) says", "@ada:example.org", "bo]garden"),
        ("[[[bo (she/her)](https://matrix.to/#/@ada:example.org) also says:", "@ada:example.org", "[[bo (she/her)"),
        ("[bo]](<https://matrix.to/#/@ada:example.org>):", "@ada:example.org", "bo]"),
        ("[a|d|a \\*\\* &#91;x&#93;](https://matrix.to/#/@ada:example.org) says", "@ada:example.org", "a|d|a ** [x]"),
    ],
)
def test_who_is_named_above_a_quote(line: str, sender: str | None, name: str) -> None:
    found = entries(f"## Dept of Fruit 🍎\n\n{line}\n\n> Pears.\n\n[Ada]: https://matrix.to/#/@ada:example.org\n")
    assert [(each.sender, each.name, each.text) for each in found] == [(sender, name, "Pears.")]


@pytest.mark.parametrize(
    ("heading", "project", "website"),
    [
        ("### Rake ([website](https://rake.example.org))", "Rake", "https://rake.example.org"),
        ("### Rake ([Website](https://rake.example.org/a_(b)))", "Rake", "https://rake.example.org/a_(b)"),
        ("### [Rake](https://rake.example.org)", "Rake", "https://rake.example.org"),
        ("### Rake", "Rake", None),
        ("### *Rake* [beta]", "*Rake* [beta]", None),
        ("### Rake, by [Ben](https://ben.example.org)", "Rake, by [Ben](https://ben.example.org)", None),
        ("### [website](https://rake.example.org) (Rake)", "[website](https://rake.example.org) (Rake)", None),
        ("### Rake ##", "Rake", None),
        ("### Rake\n\n#### News", "Rake", None),
        ("", None, None),
    ],
)
def test_what_a_project_is_called(heading: str, project: str | None, website: str | None) -> None:
    (found,) = entries(f"## Dept of Tools 🛠️\n\n{heading}\n\nIt scratches.\n\n{ADA} says\n\n> New handle.\n")
    assert (found.project, found.website) == (project, website)


@pytest.mark.parametrize(
    ("below", "text"),
    [
        ("> a\n> b", "a\nb"),
        (">a\nlazy", "a\nlazy"),
        ("> a\n>\n> > b", "a\n\n> b"),
        ("> a\n\n> b", "a\n\nb"),
        ("> a\n\n![b](/b.png)\n\n> c", "a\n\n![b](/b.png)\n\nc"),
        ("> a\n\n![b](/b.png)", "a\n\n![b](/b.png)"),
        ("![b](/b.png)\n\n> a", "![b](/b.png)\n\na"),
        ('> a\n\n<img src="/b.png">', 'a\n\n<img src="/b.png">'),
        ('> a\n\n<iframe src="https://video.example.org"></iframe>', "a"),
        ("> a\n\n<!-- more -->", "a"),
        ('> a\n\n{{ youtube_player(video_id="abcdefghijk") }}', "a"),
        ('> a\n\n{{ figure(\n\n    img="/b.png",\n    caption="A pear"\n\n) }}', "a\n\n![A pear](/b.png)"),
        ('> a\n>\n> {{ figure(\n\n    img="/b.png"\n    alt="A pear"\n) }}\n>\n> c', "a\n\n![A pear](/b.png)\n\nc"),
        ("> {{ pear(src='/b.png', text='A \"pear\"') }}", '![A "pear"](/b.png)'),
        ('> a\n\n{% figure(img="/b.png") %}\nA pear\n{% end %}\n\n> c', "a\n\n![A pear](/b.png)\n\nc"),
    ],
)
def test_what_an_entry_says(below: str, text: str) -> None:
    assert [each.text for each in entries(f"## Dept of Fruit\n\n{ADA} says\n\n{below}\n")] == [text]


def test_several_entries_stand_under_one_project_and_those_of_a_department_above() -> None:
    ben = "[Ben](https://matrix.to/#/@ben:example.org)"
    found = entries(
        f"## Dept of Tools\n\n{ADA} says\n\n> a\n\n### Rake\n\nIt scratches.\n\n{ben} says\n\n> b\n\n"
        f"{ben} also says\n\n> c\n\n### Hoe\n\n{ADA} says\n\n> d\n\n## Dept of Fruit\n\n{ADA} says\n\n> e\n"
    )
    assert [(each.name, each.department, each.project, each.text) for each in found] == [
        ("Ada", "Dept of Tools", None, "a"),
        ("Ben", "Dept of Tools", "Rake", "b"),
        ("Ben", "Dept of Tools", "Rake", "c"),
        ("Ada", "Dept of Tools", "Hoe", "d"),
        ("Ada", "Dept of Fruit", None, "e"),
    ]


@pytest.mark.parametrize(
    "description",
    [
        f"{ADA} made this rake by hand.\n\nIt scratches.",
        f"It scratches, says {ADA}, who has\nmade all of the tools that are in use here.",
    ],
)
def test_whoever_a_description_names_is_no_author(description: str) -> None:
    ben = "[Ben](https://matrix.to/#/@ben:example.org)"
    (found,) = entries(f"### Rake\n\n{description}\n\n{ben} says\n\n> a\n")
    assert found.name == "Ben"
    assert gaps(f"### Rake\n\n{description}\n\n> a\n") == [(Gap.NO_AUTHOR, "a")]


def test_a_name_right_above_a_projects_heading_is_that_of_its_entry() -> None:
    (found,) = entries(f"## Dept of Tools\n\n{ADA} says\n\n### Rake\n\n> New handle.\n")
    assert (found.name, found.project, found.text) == ("Ada", "Rake", "New handle.")


def test_a_heading_of_the_first_level_names_neither_a_department_nor_a_project() -> None:
    said = f"{ADA} says\n\n> a\n\n"
    read = read_post(f"## Dept of Tools\n\n### Rake\n\n{said}# Hoe\n\n{said}### Axe\n\n{said}", PATH)
    assert read.post is not None
    assert [(each.department, each.project) for each in read.post.entries] == [
        ("Dept of Tools", "Rake"),
        ("Dept of Tools", None),
        ("Dept of Tools", "Axe"),
    ]
    assert [(each.gap, each.words) for each in read.not_understood] == [(Gap.TITLE, "Hoe")]


def test_departments_and_a_posts_own_parts_are_known_by_headings_that_are_too_high() -> None:
    said = f"{ADA} says\n\n> a\n\n"
    found = entries(
        f"# Twig\n\n## Dept of Tools\n\n{said}# Dept of Fruit\n\n{said}# That's all I know\n\nTell us more.\n"
    )
    assert [each.department for each in found] == ["Dept of Tools", "Dept of Fruit"]


def test_what_nobody_filed_is_in_no_department() -> None:
    (found,) = entries(f"## TODO: not filed yet\n\n{ADA} says\n\n> a\n")
    assert found.department is None


OWN_PARTS = f"""\
## Matrix Live: pears 🎙

[Ben](https://matrix.to/#/@ben:example.org) shows

how to prune.

### The orchard

and others.

## Dept of Fruit

{ADA} says

> a

<!-- more -->

## Dept of Pings 🏓

| Rank |
| --- |
| 1 |

## That\u2019s all I know 🏁

Tell us more.
"""


def test_a_posts_own_parts_are_no_entries() -> None:
    assert entries(OWN_PARTS) == [ArchivedEntry("@ada:example.org", "Ada", "Dept of Fruit", None, None, "a")]


def test_what_is_folded_away_is_read() -> None:
    (found,) = entries(
        f'## Dept of Rules\n\n{{% details(summary="{ADA} reports") %}}\n  > a\n  >\n> ## b\n  > c\n{{% end %}}\n\n'
    )
    assert (found.sender, found.text) == ("@ada:example.org", "a\n\n## b\nc")


OF_2018 = """\
<h2 id="rake">Rake v1</h2>

<a href="https://matrix.to/#/@ada:example.org">Ada</a> has a <b>new</b> handle:
<blockquote>The <a href="https://rake.example.org/v1">rake</a> is <em>longer</em>:
<ul>
 \t<li>One</li>
 \t<li>Two</li>
</ul>
It fits.

Most hands.</blockquote><br />
## Hoe
<br /><a href="@ben:example.org">Ben</a>:<br /><blockquote>No news.<br />None.</blockquote>
"""


def test_the_html_of_former_years_is_read_as_markdown() -> None:
    rake, hoe = entries(OF_2018)
    assert (rake.sender, rake.department, rake.project) == ("@ada:example.org", None, "Rake v1")
    assert (
        rake.text == "The [rake](https://rake.example.org/v1) is *longer*:\n\n- One\n- Two\n\nIt fits.\n\nMost hands."
    )
    assert (hoe.sender, hoe.name, hoe.department, hoe.project) == ("@ben:example.org", "Ben", None, "Hoe")
    assert hoe.text == "No news.\nNone."


ANCHOR = '<a href="https://matrix.to/#/@ada:example.org">Ada</a>'


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{ANCHOR}:", "Ada"),
        (f"{ANCHOR} says", "Ada"),
        (f"{ANCHOR} said:", "Ada"),
        (f"{ANCHOR} announced", "Ada"),
        (
            f"{ANCHOR} has been working on <a href='https://rake.example.org'>the rake</a> and on much else again:",
            "Ada",
        ),
        (f"Big news from {ANCHOR}:", "Ada"),
        (f"<p>{ANCHOR}:</p>", "Ada"),
        (f"<br />{ANCHOR}:<br />", "Ada"),
        ("<a href='https://matrix.to/#/@ada:example.org'>Ada</a>:", "Ada"),
        ("<a href=https://matrix.to/#/@ada:example.org>Ada</a>:", "Ada"),
        ('<A class="pill" HREF = "https://matrix.to/#/%40ada%3Aexample.org?via=example.org">Ada</A>:', "Ada"),
        ('<a href="http://matrix.to/#/@ada:example.org" target="_blank">Ada</a>:', "Ada"),
        ('<a\nhref="https://matrix.to/#/@ada:example.org" >Ada</a>:', "Ada"),
        ('<a href="@ada:example.org">Ada</a>:', "Ada"),
        ('<a href="http://localhost:3001/@ada:example.org">Ada</a>:', "Ada"),
        ('<a href="https://riot.example.org/develop/#/user/@ada:example.org">Ada</a>:', "Ada"),
        ('<a href="https://matrix.to/#/@ada:example.org"><strong>Ada</strong> <em>F</em></a>:', "Ada F"),
        ('<a href="https://matrix.to/#/@ada:example.org">ada[garden op]</a>:', "ada[garden op]"),
        (
            '<a href="https://matrix.to/#/@ada:example.org">*a_d_a* ](x) `b` | &lt;c&gt; &amp;amp;</a>:',
            "*a_d_a* ](x) `b` | <c> &amp;",
        ),
    ],
)
@pytest.mark.parametrize("heading", ["#", "##", "###", "####"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_who_is_named_by_links_in_html_above_quotes(line: str, name: str, heading: str, gap: str) -> None:
    found = entries(
        f"Hello.\n\n{heading} Rake\n\n{line}{gap}> New handle.\n> It fits.\n\n> Most hands.\n\n"
        f"{heading} Hoe v1\n\nTold by {ANCHOR}:{gap}> None.\n\n## That\u2019s all folks\n\nBye.\n"
    )
    assert [(each.department, each.project, each.sender, each.name, each.text) for each in found] == [
        (None, "Rake", "@ada:example.org", name, "New handle.\nIt fits.\n\nMost hands."),
        (None, "Hoe v1", "@ada:example.org", "Ada", "None."),
    ]


@pytest.mark.parametrize("line", [f"{ADA}:", f"**{ADA}**:", f"{ADA} has good news:", "[Ada](@ada:example.org):"])
@pytest.mark.parametrize("heading", ["#", "##"])
def test_headings_of_one_level_are_projects_where_names_end_with_colons(line: str, heading: str) -> None:
    (rake, hoe) = entries(
        f"{heading} Rake\n\n{line}\n\n> New handle.\n\n> It fits.\n\n{heading} Hoe\n\n{line}\n> #### None\n"
    )
    assert [(each.department, each.project, each.sender, each.text) for each in (rake, hoe)] == [
        (None, "Rake", "@ada:example.org", "New handle.\n\nIt fits."),
        (None, "Hoe", "@ada:example.org", "#### None"),
    ]


@pytest.mark.parametrize("line", [f"{ADA} says", "[Release notes](https://example.org):\n\nAda says"])
def test_headings_of_one_level_are_departments_otherwise(line: str) -> None:
    (found,) = entries(f"## Fruit\n\n{line}\n\n> a\n")
    assert (found.department, found.project) == ("Fruit", None)
    (found,) = entries(f"## Fruit\n\n### Pears\n\n{ADA}:\n\n> a\n")
    assert (found.department, found.project) == ("Fruit", "Pears")


def test_links_in_html_that_name_nobody_leave_departments_as_they_are() -> None:
    described = f'## Fruit\n\n### Pears\n\nSee <a href="https://example.org">them</a>.\n\n{ADA} says\n\n> a\n'
    (found,) = entries(described)
    assert (found.department, found.project) == ("Fruit", "Pears")
    (found,) = entries(f"## Fruit\n\n{ADA} says\n\n> a, says {ANCHOR}\n")
    assert (found.department, found.project, found.text) == ("Fruit", None, f"a, says {ANCHOR}")


def test_a_picture_that_is_a_link_stays_one() -> None:
    (found,) = entries(f'## Rake\n\n{ANCHOR}:\n\n> a\n\n<a href="/b.png"><img src="/b.png" alt="b"></a>\n')
    assert found.text == 'a\n\n<a href="/b.png"><img src="/b.png" alt="b"></a>'


def test_html_in_a_post_with_departments_leaves_them_departments() -> None:
    (found,) = entries(f"## Dept of Tools\n\n<h3>Rake</h3>\n\n{ADA} says\n\n<blockquote>New handle.</blockquote>\n")
    assert (found.department, found.project, found.text) == ("Dept of Tools", "Rake", "New handle.")


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("> a", [(Gap.NO_AUTHOR, "a")]),
        ("Bugs fixed:\n\n> a", [(Gap.NO_AUTHOR, "a")]),
        ("Nothing new.", [(Gap.NO_ENTRY, "Rake")]),
        (f"{ADA} says", [(Gap.NO_ENTRY, "Rake"), (Gap.NO_TEXT, "Ada")]),
        (f"{ADA} says\n\n> a\n\nNice!", [(Gap.OUTSIDE, "Nice!")]),
        (f"{ADA} says\n\n> a\n\n- one\n- two", [(Gap.OUTSIDE, "- one - two")]),
        (
            f"{ADA} says\n\nOne two three four five six seven eight nine.",
            [(Gap.OUTSIDE, "One two three four five six seven eight")],
        ),
    ],
)
def test_what_is_not_understood_is_told_by_kind(below: str, expected: list[tuple[Gap, str]]) -> None:
    lead = f"## Dept of Fruit\n\n{ADA} says\n\n> Pears.\n\n"
    assert gaps(f"{lead}## Dept of Tools\n\n### Rake\n\n{below}\n\n### Hoe\n\n{ADA} says\n\n> a\n") == expected


def test_what_is_said_outside_of_a_quote_is_kept_where_nothing_is_quoted() -> None:
    read = read_post(
        f"### Rake\n\n{ADA} says\n\nNew handle.\n\n- red\n\n### Hoe\n\n{ADA} says\n\n> a\n\nb\n", PATH
    ).post
    assert read is not None
    assert [each.text for each in read.entries] == ["New handle.\n\n- red", "a"]


def test_a_quote_behind_other_text_goes_on_with_its_entry() -> None:
    read = read_post(f"### Rake\n\n{ADA} says\n\n> a\n\nFrom the list of changes:\n\n> b\n", PATH).post
    assert read is not None
    assert [each.text for each in read.entries] == ["a\n\nb"]


@pytest.mark.parametrize(
    ("front_matter", "path", "edition", "title"),
    [
        (
            '+++\ndate = "2021-03-06T01:00:00Z"\ntitle = "Twig 2021-03-05"\n+++\n',
            "a.md",
            date(2021, 3, 5),
            "Twig 2021-03-05",
        ),
        ('\n+++\ndate = "2021-03-05"\ntitle = "Twig"\n+++\n', "2021-03-06.md", date(2021, 3, 5), "Twig"),
        ("+++\ndate = 2021-03-05T16:00:00Z\n+++\n", "a.md", date(2021, 3, 5), ""),
        ("---\ndate: '2021-03-05'\ntitle: 'Twig'\ncategories:\n  - Twig\n---\n", "a.mdx", date(2021, 3, 5), "Twig"),
        ("---\ndate: 2021-03-05\n---\n", "a.md", date(2021, 3, 5), ""),
        ('+++\npath = "/blog/2021/03/05/twig"\n+++\n', "a.md", date(2021, 3, 5), ""),
        ('+++\ntitle = "Twig 2021-13-05"\n+++\n', "2021-03-05-twig/index.md", date(2021, 3, 5), "Twig 2021-13-05"),
        ("+++\ntitle = \n+++\n", "2021-03-05-twig.md", date(2021, 3, 5), ""),
        ("", "content/blog/2021/03/05/twig.md", date(2021, 3, 5), ""),
    ],
)
def test_of_which_day_a_post_is(front_matter: str, path: str, edition: date, title: str) -> None:
    read = read_post(f"{front_matter}\n## Dept of Fruit\n\n{ADA} says\n\n> a\n", PurePath(path)).post
    assert read is not None
    assert (read.edition, read.title, len(read.entries)) == (edition, title, 1)


def test_a_post_without_a_date_or_entries_is_told_of() -> None:
    read = read_post('+++\ntitle = "Twig"\n+++\n\nNo news.\n', PurePath("twig.md"))
    assert read.post is None
    assert [each.gap for each in read.not_understood] == [Gap.NO_DATE, Gap.NO_ENTRIES]


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("2021-03-05-twig.md", "", True),
        ("2021-03-05-this-week-in-the-garden.md", "", True),
        ("2021-03-05-this-week-in-the-garden/index.md", "", True),
        ("twig/2021-03-05-pears.md", "", False),
        ("2021-03-05-twigs.md", "", False),
        ("post.md", '+++\ntitle = "This week in the Garden: 2021-03-05"\n+++\n', True),
        ("post.md", '+++\n[taxonomies]\ncategory = ["News", "This Week in the Garden"]\n+++\n', True),
        ("post.md", "---\ncategories: This Week in the Garden\n---\n", True),
        (
            "post.md",
            '+++\ntitle = "Pears"\n[taxonomies]\ncategory = ["General"]\n+++\nThis Week in the Garden\n',
            False,
        ),
        ("post.md", "+++\n= \n+++\n", False),
        ("post.md", "---\n- a\n---\n", False),
        ("post.md", "+++\ntaxonomies = 1\ntitle = 2\n+++\n", False),
    ],
)
def test_which_pages_are_posts_of_a_publication(path: str, text: str, is_one: bool) -> None:  # noqa: FBT001 - expected
    assert is_post_of(text, PurePath(path), "This Week in the Garden", "twig") == is_one


PIECES = (
    "## a\n\n", "### b\n\n", f"{ADA} says\n\n", "> ", '{% details(summary="', '") %}', "<blockquote>", "</blockquote>",
    "<a href='", "<h3>", "{{ figure(", ") }}", "+++\n", "---\n", "title: x\n", "[Ada]", "\n\n", "\x00", "\r", "- ",
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), HOSTILE, TYPICAL, st.lists(st.sampled_from(PIECES), max_size=20).map("".join)))
def test_any_text_gives_a_result(text: str) -> None:
    read = read_post(text, PATH)
    assert read.post is not None or any(each.gap is Gap.NO_DATE for each in read.not_understood)
    is_post_of(text, PATH, "Twig", "twig")


LARGE = (
    "> ", "- ", "[", "*a ", "<blockquote>", "<blockquote", "<blockquote>a</blockquote>", "<a href=''>", "<h2>",
    "{{ figure(", '{% details(summary="', "+++\n", f"{ADA} says\n\n> a\n\n", "### a\n\n", "[](a)", "[a](", f"{ADA}:\n",
    "<a href='@a:b'>", "<a ", "<a href=",
)  # fmt: skip


@pytest.mark.parametrize("piece", LARGE)
def test_a_large_post_takes_no_more_than_moments(piece: str) -> None:
    began = time.process_time()
    read_post((piece * 32768)[:32768] + "\n<blockquote>", PATH)
    assert time.process_time() - began < 5

"""Headings of entries: their levels, and the one that names what the entry is filed under."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, UNDER_PROJECT, mended
from twimbot.export.markdown import mend


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("text\n\n# News", "text\n\n#### News"),
        ("text\n\n## News\n\n### More", "text\n\n#### News\n\n##### More"),
        ("text\n\n# A\n\n### Skips a level", "text\n\n#### A\n\n##### Skips a level"),
        ("text\n\n# 1\n\n## 2\n\n### 3\n\n#### 4", "text\n\n#### 1\n\n##### 2\n\n###### 3\n\n###### 4"),
        ("text\n\n### Lower first\n\n# Upper", "text\n\n#### Lower first\n\n#### Upper"),
        ("text\n\nNews\n====\n\nMore\n----", "text\n\n#### News\n\n##### More"),
        ("text\n\nTwo\nlines\n===", "text\n\n#### Two lines"),
        ("text\n\nEnds in C#\n===", "text\n\n#### Ends in C#"),
        ("text\n\nEnds in #\n===", "text\n\n#### Ends in \\#"),
        ("text\n\n## Closed ##", "text\n\n#### Closed"),
        ("text\n# Glued\nto text", "text\n\n#### Glued\n\nto text"),
        ("text\n# One\n## after\n### another", "text\n\n#### One\n\n##### after\n\n###### another"),
        ("text\n\n# One\n\n\n# Two", "text\n\n#### One\n\n\n#### Two"),
        ("- # In a list\n- text", "- #### In a list\n- text"),
        ("- text\n  # In an item\n  text", "- text\n\n  #### In an item\n\n  text"),
        ("- # In a list\ntext", "- #### In a list\n\ntext"),
        ("text\n\n> # In a quote", "text\n\n> #### In a quote"),
        ("text\n\n> - text\n>   # In both\n>   text", "text\n\n> - text\n>\n>   #### In both\n>\n>   text"),
        ("```\n# no heading\n```", "```\n# no heading\n```"),
        ("#nospace", "#nospace"),
        ("text\n\n####### seven", "text\n\n####### seven"),
        ("text\n\n## News {#top .big onclick=x}", "text\n\n#### News {#top .big onclick=x&#125;"),
    ],
)
def test_headings_stand_below_the_projects(written: str, stands: str) -> None:
    assert mended(written, UNDER_PROJECT) == stands


@pytest.mark.parametrize(
    "heading",
    ["# Teapot", "### teapot:", "## **Teapot** 🫖", "# [Teapot](https://teapot.example.org)", "Teapot\n======", "# TP",
     "Teapot\n------", "## [Teapot](https://teapot.example.org) 🫖", "**Teapot**", "__Teapot:__", "**Teapot**:",
     "**🫖 [Teapot](https://teapot.example.org)**"],
)  # fmt: skip
def test_a_first_line_that_only_names_the_project_is_dropped(heading: str) -> None:
    assert mended(f"{heading}\n\nIt boils.\n\n## Now", UNDER_PROJECT) == "It boils.\n\n#### Now"


def test_what_a_dropped_name_leaves_open_is_made_safe_too() -> None:
    result = mend(("**Teapot**\n[r]: /a\n\n[r]",), UNDER_PROJECT)
    assert result.text == "[r](/a)"
    assert result.notes == ("a link to /a came about while mending.",)


def test_names_in_several_lines_are_dropped() -> None:
    assert mended("#\n\n# Teapot\n**The Teapot**\n\nIt boils.", UNDER_PROJECT) == "It boils."


def test_nobody_writes_a_name_in_very_many_lines() -> None:
    assert mended("# Teapot\n" * 6, UNDER_PROJECT) == "#### Teapot\n\n#### Teapot"


def test_a_bold_name_is_dropped_also_where_its_paragraph_goes_on() -> None:
    assert mended("**Teapot**\n  It boils.", UNDER_PROJECT) == "It boils."


@pytest.mark.parametrize("text", ["# Teapot 2.0\n\nIt boils.", "It boils.\n\n# Teapot"])
def test_a_heading_that_says_more_or_comes_later_stays(text: str) -> None:
    assert mended(text, UNDER_PROJECT) == text.replace("#", "####")


@pytest.mark.parametrize(
    "text",
    ["**Teapot 2.0**\n\nIt boils.", "**Teapot** boils.", "It boils.\n\n**Teapot**", "*Teapot*\n\nIt boils.",
     "- **Teapot**\n- Kettle", "`**Teapot**`", "Teapot\n\nIt boils.", "**Teapot** and **Teapot**"],
)  # fmt: skip
def test_what_is_no_bold_line_with_the_name_alone_stays(text: str) -> None:
    assert mended(text, UNDER_PROJECT) == text


def test_without_a_project_a_bold_line_is_text() -> None:
    result = mend(("**Swedish news!**\n\nIt boils.",), UNDER_DEPARTMENT)
    assert (result.title, result.text) == (None, "**Swedish news!**\n\nIt boils.")


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("It boils.\n---\nMore.", "It boils.\n\n---\nMore."),
        ("It boils,\nand whistles\n---\nMore.", "It boils,\nand whistles\n\n---\nMore."),
        ("It boils!*\n-----", "It boils!*\n\n-----"),
        ("Does it boil?\n------", "Does it boil?\n\n------"),
        ("Does it boil?\n-------------", "#### Does it boil?"),
        ("What is new:\n---", "#### What is new:"),
        (f"{'Tea ' * 21}\n---", f"{'Tea ' * 21}\n\n---"),
        ("> It boils.\n> ---\n> More.", "> It boils.\n>\n> ---\n> More."),
        ("- It boils.\n  ---", "- It boils.\n\n  ---"),
        ("It boils.\n--\nAnna", "It boils.\n\\--\nAnna"),
        ("It boils.\n===", "#### It boils."),
        ("What is new\n---\nMore.", "#### What is new\n\nMore."),
    ],
)
def test_hyphens_below_more_than_a_title_are_a_rule(written: str, stands: str) -> None:
    assert mended(f"text\n\n{written}", UNDER_PROJECT) == f"text\n\n{stands}"


@pytest.mark.parametrize(
    ("written", "title", "website", "text"),
    [
        ("# A new thing\n\ntext", "A new thing", None, "text"),
        ("## A *new* `thing`\ntext", "A *new* `thing`", None, "text"),
        ("# [Thing](https://thing.example.org)\n\ntext", "Thing", "https://thing.example.org", "text"),
        ("# [Thing](https://thing.example.org/a_(b))\n\ntext", "Thing", "<https://thing.example.org/a_(b)>", "text"),
        ("# [Thing](https://example.org/{{a()}})\n\ntext", "Thing", "<https://example.org/{\\{a()}}>", "text"),
        ("# [Thing](https://thing.example.org) 2.0\n\ntext", "[Thing](https://thing.example.org) 2.0", None, "text"),
        ("# Thing of https://example.org/a_b\n\ntext", "Thing of <https://example.org/a_b>", None, "text"),
        ("# Thing\n\n# What's new\n\n## Fixes", "Thing", None, "#### What's new\n\n##### Fixes"),
        ("Thing\n---\ntext", "Thing", None, "text"),
        ("Two\nlines #\n===\ntext", r"Two lines \#", None, "text"),
        ("# > > quoted\n\ntext", "> > quoted", None, "text"),
        ("# Thing", "Thing", None, ""),
    ],
)
def test_without_a_project_the_first_heading_is_its_title(
    written: str, title: str, website: str | None, text: str
) -> None:
    result = mend((written,), UNDER_DEPARTMENT)
    assert (result.title, result.website, result.text, result.notes) == (title, website, text, ())


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("text\n\n\u00a0\n---\nmore", "text\n\n\u00a0\n\n---\nmore"),
        ("text\n\n\u00a0\n-\nmore", "text\n\n\u00a0\n\\-\nmore"),
        ("text\n\n\u00a0\n===\nmore", "text\n\n\u00a0\n\\===\nmore"),
        ("- \u00a0\n  ---", "- \u00a0\n\n  ---"),
        ("text\n\n> \u00a0\n> ---", "text\n\n> \u00a0\n>\n> ---"),
    ],
)
def test_a_line_of_no_break_spaces_is_no_heading(written: str, stands: str) -> None:
    assert mended(written) == stands


def test_without_project_and_title_headings_stand_below_the_department() -> None:
    assert mended("text\n\n# News\n\n## More") == "text\n\n### News\n\n#### More"


def test_an_empty_first_heading_is_dropped() -> None:
    result = mend(("#\n\ntext",), UNDER_DEPARTMENT)
    assert (result.title, result.text) == (None, "text")


def test_a_title_can_open_no_shortcode() -> None:
    assert mend(("# {{ youtube }}\n\ntext",), UNDER_DEPARTMENT).title == r"{\{ youtube }&#125;"

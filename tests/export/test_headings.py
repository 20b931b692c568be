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
        ("text\n\nEnds in C#\n===", "text\n\n#### Ends in C\\#"),
        ("text\n\n## Closed ##", "text\n\n#### Closed"),
        ("text\n# Glued\nto text", "text\n\n#### Glued\n\nto text"),
        ("- # In a list\n- text", "- #### In a list\n- text"),
        ("text\n\n> # In a quote", "text\n\n> #### In a quote"),
        ("```\n# no heading\n```", "```\n# no heading\n```"),
        ("#nospace", "#nospace"),
        ("text\n\n####### seven", "text\n\n####### seven"),
        ("text\n\n## News {#top .big onclick=x}", "text\n\n#### News {#top .big onclick=x&#125;"),
    ],
)
def test_headings_stand_below_the_projects(written: str, stands: str) -> None:
    assert mended(written, UNDER_PROJECT).replace("{\\#", "{#") == stands


@pytest.mark.parametrize(
    "heading",
    ["# Teapot", "### teapot:", "## **Teapot** 🫖", "# [Teapot](https://teapot.example.org)", "Teapot\n======", "# TP"],
)
def test_a_first_heading_that_names_the_project_is_dropped(heading: str) -> None:
    assert mended(f"{heading}\n\nIt boils.\n\n## Now", UNDER_PROJECT) == "It boils.\n\n#### Now"


@pytest.mark.parametrize("text", ["# Teapot 2.0\n\nIt boils.", "It boils.\n\n# Teapot"])
def test_a_heading_that_says_more_or_comes_later_stays(text: str) -> None:
    assert mended(text, UNDER_PROJECT) == text.replace("#", "####")


@pytest.mark.parametrize(
    ("written", "title", "text"),
    [
        ("# A new thing\n\ntext", "A new thing", "text"),
        ("## A *new* `thing`\ntext", "A *new* `thing`", "text"),
        ("# [Thing](https://thing.example.org)\n\ntext", "Thing ([website](https://thing.example.org))", "text"),
        ("# [Thing](https://thing.example.org) 2.0\n\ntext", "[Thing](https://thing.example.org) 2.0", "text"),
        ("# Thing\n\n# What's new\n\n## Fixes", "Thing", "#### What's new\n\n##### Fixes"),
        ("Thing\n---\ntext", "Thing", "text"),
        ("# Thing", "Thing", ""),
    ],
)
def test_without_a_project_the_first_heading_is_its_title(written: str, title: str, text: str) -> None:
    result = mend(written, UNDER_DEPARTMENT)
    assert (result.title, result.text) == (title, text)


def test_without_project_and_title_headings_stand_below_the_department() -> None:
    assert mended("text\n\n# News\n\n## More") == "text\n\n### News\n\n#### More"


def test_an_empty_first_heading_is_dropped() -> None:
    result = mend("#\n\ntext", UNDER_DEPARTMENT)
    assert (result.title, result.text) == (None, "text")


def test_a_title_can_open_no_shortcode() -> None:
    assert mend("# {{ youtube }}\n\ntext", UNDER_DEPARTMENT).title == r"{\{ youtube }&#125;"

"""Blank lines and the spaces behind list marks, as the site's linter wants them; nothing else moves."""

import pytest

from tests.export.making import mended


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("a\n```\nb\n```\nc", "a\n\n```\nb\n```\n\nc"),
        ("- a\n  ```\n  b\n  ```\n- c", "- a\n\n  ```\n  b\n  ```\n\n- c"),
        ("> a\n> ~~~\n> b\n> ~~~\n> c", "> a\n>\n> ~~~\n> b\n> ~~~\n>\n> c"),
        ("a\n- ```\n  b\n  ```", "a\n\n- ```\n  b\n  ```"),
        ("a\n> ```\n> b\n> ```", "a\n\n> ```\n> b\n> ```"),
        ("> a\n> > - # b\n> > > ~~~\n> > > c", "> a\n> > - ### b\n> >\n> > > ~~~\n> > > c\n> > > ~~~"),
        ("> a\nb\n> # c", "> a\nb\n>\n> ### c"),
        ("> - ```\n>   b\n>   ```\n>   c", "> - ```\n>   b\n>   ```\n>\n>   c"),
        ("```\na\n```\n```\nb\n```", "```\na\n```\n\n```\nb\n```"),
        ("- # a\n- # b", "- ### a\n- ### b"),
        ("a\n- ```\n  b\nc", "a\n\n- ```\n  b\n\nc"),
        ("a\n\n- ```\n  b\n\nc", "a\n\n- ```\n  b\n\nc"),
    ],
)
def test_blank_lines_stand_around_code_and_headings(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    "text",
    ["a\n- b\n- c\nd", "a\n1. b\n2. c", "a\n2. b", "- a\n\n\n- b", "a\n\n\n\nb", "> a\n- b", "a\n> b\nc", "a\n***\nb"],
)
def test_other_blocks_need_no_blank_lines(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("-  a\n*   b", "- a\n* b"),
        ("1.  a\n    b\n\n    c\n10.  d", "1. a\n   b\n\n   c\n10. d"),
        ("-   a\n    -   b\n        c\n    -   d", "- a\n  - b\n    c\n  - d"),
        ("-   a\nlazy\n\n        code", "- a\nlazy\n\n      code"),
        (">  -  a\n>     b", ">  - a\n>    b"),
        ("-   ```\n    a\n      b\n    ```", "- ```\n  a\n    b\n  ```"),
        ("-  -  a", "- - a"),
        ("-   a\n\n\tb", "- a\n\n  b"),
        ("-   a\n  - b\n    c\n\ntext\n\n-   d\n    e", "  - a\n  - b\n    c\n\ntext\n\n- d\n  e"),
        ("1.   a\n\n     b\n\n    c", "  1. a\n\n     b\n\n    c"),
    ],
)
def test_one_space_stands_behind_a_list_mark(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize("text", ["-     code", "-\ta", "- a\n\t- b", "-", "```\n-  a\n```", "- ***", "-   ---"])
def test_a_list_stays_where_more_would_come_of_that(text: str) -> None:
    assert mended(text) == text

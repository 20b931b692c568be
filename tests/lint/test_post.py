"""A post as its parts: what is an entry, and at which lines of the file things are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lint.making import GOOD, line_of
from twimbot.lint.post import Post


def test_the_entries_are_the_quotes_without_their_marks() -> None:
    entries = Post.read(GOOD).entries
    assert [(entry.line, entry.text) for entry in entries] == [
        (line_of("> The pears"), "The pears are ripe."),
        (line_of("> #### News"), "#### News\n\nIt has a new handle: <https://rake.example.org/handle>."),
        (line_of("> !["), "![A rake with a red handle](/blog/img/rake.png)"),
    ]


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("> a\nlazy", "a\nlazy"),
        (">a\n >  b", "a\n b"),
        ("> > a", "> a"),
        (">\n> a\n>", "\na\n"),
        ("> ```\n> > a\n> ```", "```\n> a\n```"),
    ],
)
def test_how_marks_are_taken_off(quote: str, text: str) -> None:
    assert [entry.text for entry in Post.read(f"+++\n+++\n\n{quote}\n\nb").entries] == [text]


@given(st.text(alphabet="ab +-#>`\n*[]()", max_size=80))
def test_anything_is_a_post(text: str) -> None:
    post = Post.read(text)
    assert all(1 <= entry.line <= text.count("\n") + 1 for entry in post.entries)

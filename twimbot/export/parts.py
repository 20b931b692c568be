"""The parts of a post: its headings, its quotes, which are the entries, and the lines between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it.token import Token

from twimbot.export.reader import READER, read_inline
from twimbot.export.syntax import Inline, has_too_many_marks

MARK = re.compile(r" {0,3}> ?")


@dataclass(frozen=True, slots=True)
class Part:
    """A block that stands in no quote and no list: its token's type, its lines in the post, from 1, and its text.

    `level` is that of a heading, else 0; `inline` knows no places, and is None where there is no text, or too much
    in it to read.
    """

    kind: str
    first: int
    last: int
    level: int
    inline: Inline | None

    @property
    def is_quote(self) -> bool:
        """Tell whether it is a quote, with all that is in it."""
        return self.kind == "blockquote_open"

    def source(self, lines: list[str]) -> str:
        """Return its Markdown, given the lines of the post."""
        return "\n".join(lines[self.first - 1 : self.last])

    def quoted(self, lines: list[str]) -> str:
        """Return the Markdown in a quote, without the quote's marks, given the lines of the post."""
        # markdown-it counts the blank line behind an empty quote as the quote's.
        marked = self.source(lines).rstrip("\n").split("\n")
        return "\n".join(MARK.sub("", line, count=1) for line in marked)


def parts(markdown: str, above: int = 0) -> Iterator[Part]:
    r"""Yield the parts of a post's Markdown, whose only line break is `\n`; so many of its lines are above that.

    What nests too deep to be read makes no difference to what it stands in.
    """
    environment: dict[str, Any] = {}
    tokens = READER.parse(markdown, environment)
    for token, following in pairwise([*tokens, *tokens[-1:]]):
        if token.level == 0 and token.map is not None:
            first, last = token.map
            level = int(token.tag[1:]) if token.type == "heading_open" else 0
            yield Part(token.type, above + first + 1, above + last, level, _inline(following, environment))


def _inline(token: Token, environment: dict[str, Any]) -> Inline | None:
    if token.type != "inline" or has_too_many_marks(token.content):
        return None
    return Inline(token.content, (), *read_inline(token.content, environment))

"""What Markdown shows as text, and its paragraphs as people read them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from twimbot.export.reader import Span
from twimbot.export.syntax import Document, Inline

BARE_URL = re.compile(r"https?://\S+")
WORD = re.compile(r"[^\W_]+(?:['\u2019.,-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, heading or cell: its line, from 0, its Markdown, what that shows, and the words in small letters.

    `is_item` tells that it begins a list's item.
    """

    line: int
    source: str
    prose: str
    words: tuple[str, ...]
    is_item: bool

    @classmethod
    def of(cls, line: int, source: str, prose: str, *, is_item: bool = False) -> Self:
        """Return a paragraph with its words counted out."""
        return cls(line, source, prose, tuple(WORD.findall(prose.casefold())), is_item)


def prose(inline: Inline, start: int = 0, end: int | None = None) -> str:
    """Return what a paragraph, heading or cell shows, or the characters of it from `start` to before `end`.

    Pictures and HTML are left out, and so are URLs, which nobody reads.
    """
    return BARE_URL.sub("", shown(inline, start, end))


def shown(inline: Inline, start: int = 0, end: int | None = None) -> str:
    """Return the same as `prose`, with URLs."""
    stop = len(inline.content) if end is None else end
    spans = (span for span in inline.spans if start <= span.start and span.end <= stop)
    return "".join(_shown(inline, span) for span in spans)


def paragraphs(document: Document) -> Iterator[Paragraph]:
    """Yield the paragraphs, headings and cells of a document, in order."""
    is_item = False
    for block in document.blocks:
        if block.token.type == "list_item_open":
            is_item = True
        elif block.inline is not None:
            yield Paragraph.of(block.first, block.inline.content, prose(block.inline), is_item=is_item)
            is_item = False


def _shown(inline: Inline, span: Span) -> str:
    """Return what a span shows; a link's text is in the spans within it."""
    raw = inline.content[span.start : span.end]
    match span.kind:
        case "text":
            return raw
        case "delimiter":
            return raw if not any(span.start <= place < span.end for pair in inline.pairs for place in pair) else ""
        case "code":
            return raw.strip("`")
        case "escape":
            return raw[1:]
        case "entity":
            return html.unescape(raw)
        case _:
            return ""

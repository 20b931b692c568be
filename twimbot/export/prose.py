"""What Markdown shows as text, and its paragraphs as people read them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from twimbot.export.characters import one_line
from twimbot.export.reader import Span, read_inline
from twimbot.export.syntax import Document, Inline, has_too_many_marks

DEEPEST_LABEL = 3
"""How deep pictures in pictures' descriptions are read; nobody writes any."""

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


def plain_text(text: str, depth: int = 0) -> str:
    """Return what Markdown shows on one line where nothing but text can stand, such as a picture's description.

    Links and pictures are their texts. Tags stay, as people mean the signs, such as those of `Vec<String>`.
    """
    content = one_line(text)
    if depth > DEEPEST_LABEL or has_too_many_marks(content):
        return content
    inline = Inline(content, (), *read_inline(content, {}))
    paired = {place for pair in inline.pairs for place in pair}
    return "".join(_plain(inline, span, paired, depth) for span in inline.spans if span.outer < 0)


def _plain(inline: Inline, span: Span, paired: set[int], depth: int) -> str:
    raw = inline.content[span.start : span.end]
    match span.kind:
        case "delimiter":
            return "".join(inline.content[place] for place in range(span.start, span.end) if place not in paired)
        case "link" | "image":
            return plain_text(inline.content[slice(*span.label)], depth + 1)
        case "autolink":
            return raw[1:-1]
        case "html":
            return raw
        case _:
            return _shown(inline, span)


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

"""Headings of an entry: set below the heading that the entry stands under, without one that says the same."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from twimbot.export.syntax import Block, Document, Edit, Inline, apply, read
from twimbot.model.catalogue import folded

DEEPEST_HEADING = 6
PREFIX = re.compile(r"(?P<before>[^#]*)(?P<marks>#{1,6})")


@dataclass(frozen=True, slots=True)
class Titled:
    """A heading that was taken off the beginning of a text: the text without it, and the title, None for none.

    `is_website` tells that the whole title is a link, to `website`.
    """

    rest: str
    title: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class _Heading:
    block: Block
    inline: Inline | None
    level: int


def without_title(source: str) -> Titled:
    """Take the heading off the beginning of a text, if it begins with one."""
    document = read(source)
    heading = next(iter(_headings(document)), None)
    if heading is None or heading.block is not document.blocks[0]:
        return Titled(source)
    rest = "\n".join(document.lines[heading.block.last :]).strip("\n")
    inline = heading.inline
    if inline is None:
        return Titled(rest, "")
    text = " ".join(inline.content.split())
    links = [span for span in inline.spans if span.kind == "link"]
    if len(links) == 1 and (links[0].start, links[0].end) == (0, len(inline.content)):
        return Titled(rest, " ".join(inline.content[slice(*links[0].label)].split()), links[0].href)
    return Titled(rest, text)


def names(title: str, known: Iterable[str]) -> bool:
    """Tell whether a title says one of the known names, and no more, whatever its markup and signs around it."""
    return _bare(title) in {_bare(name) for name in known} - {""}


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", folded(title)) or folded(title)


def relevelled(source: str, top: int) -> str:
    """Return a source whose uppermost headings are of the level `top`, all of them written with `#`.

    The others keep their distance from those, but none is more than one level below the one before it.
    """
    document = read(source)
    headings = list(_headings(document))
    if not headings:
        return source
    uppermost = min(heading.level for heading in headings)
    edits: list[Edit] = []
    before = top - 1
    for heading in headings:
        before = min(heading.level - uppermost + top, before + 1, DEEPEST_HEADING)
        edits.append(_rewritten(document, heading, before))
    return apply(source, edits)


def spaced(source: str) -> str:
    """Return a source with blank lines around its headings and fenced code (markdownlint MD022, MD031)."""
    document = read(source)
    edits: list[Edit] = []
    for block in document.blocks:
        if block.is_outermost and block.token.type in {"heading_open", "fence"}:
            start, end = document.span_of(block.first, block.last)
            if block.first > 0 and document.lines[block.first - 1].strip():
                edits.append(Edit(start, start, "\n"))
            if block.last < len(document.lines) and document.lines[block.last].strip():
                edits.append(Edit(end, end, "\n"))
    return apply(source, dict.fromkeys(edits))


def _headings(document: Document) -> Iterator[_Heading]:
    for block, following in pairwise([*document.blocks, *document.blocks[-1:]]):
        if block.token.type == "heading_open":
            inline = following.inline if following.token.type == "inline" else None
            yield _Heading(block, inline, int(block.token.tag[1:]))


def _rewritten(document: Document, heading: _Heading, level: int) -> Edit:
    """Return the edit that writes a heading anew; what is left of it, such as a list's mark, stays."""
    block = heading.block
    start, end = document.span_of(block.first, block.last)
    line = document.lines[block.first]
    text = ""
    column = len(line) - len(line.lstrip())
    if heading.inline is not None:
        text = " ".join(heading.inline.content.split("\n"))
        column = len(line[: heading.inline.places[0] - start].rstrip())
        column = len(line) - len(line[column:].lstrip(" \t"))
    if heading.block.token.markup.startswith("#"):
        match = PREFIX.match(line)
        column = len(match["before"]) if match else column
    else:
        text = re.sub(r"(#+)\Z", r"\\\1", text)
    return Edit(start + column, end, f"{'#' * level} {text}".rstrip())

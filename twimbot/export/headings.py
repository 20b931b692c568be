"""Headings of an entry: set below the heading that the entry stands under, without one that says the same."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from twimbot.export.syntax import Block, Document, Edit, Inline, apply, read
from twimbot.model.catalogue import folded

DEEPEST_HEADING = 6

LONGEST_UNDERLINED = 80
"""How many characters a heading may have that is underlined with hyphens."""

SHORTEST_RULE = 3
"""How many hyphens make a rule (CommonMark 4.1)."""

SENTENCE_END = re.compile("[.!?;,\u2026\u3002\uff01\uff1f]['\")\\]*_~`]*\\Z")
ROW_AT_END = re.compile(r"(?<![^ \t])(#+)\Z")
BOLD_LINE = re.compile(r"(?P<marks>\*\*|__)(?P<text>\S.*?)(?P=marks)[ \t]*:?[ \t]*")


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that was taken off the beginning of a text, and the rest of the text.

    `title` is the line in Markdown, `name` the same without links. Where all of the line was a link, `title` is what
    the link showed, and `website` its target. `targets` are those of all its links and pictures.
    """

    rest: str
    title: str
    name: str
    website: str | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    block: Block
    inline: Inline | None

    @property
    def level(self) -> int:
        return int(self.block.token.tag[1:])


def underline_edits(document: Document) -> Iterator[Edit]:
    """Return what parts a text from hyphens below it that were meant as a rule.

    A heading is one short line that does not end like a sentence, or has hyphens below all of it. Who draws a line
    below more than that wants to part it from what follows, though their client may show a heading. A row of equals
    signs has no other meaning. Below a line of no-break spaces neither makes a heading.
    """
    for heading in _headings(document):
        mark = heading.block.token.markup
        if mark.startswith("#"):
            continue
        number = heading.block.last - 1
        length, column = document.lines[number].count(mark), document.lines[number].index(mark)
        if heading.inline and (mark == "=" or _is_title(heading.inline.content, length)):
            continue
        if mark == "-" and length >= SHORTEST_RULE:
            yield document.blank_line(number, document.lines[number][:column])
        else:
            place = document.starts[number] + column
            yield Edit(place, place, "\\")


def _is_title(text: str, length: int) -> bool:
    if "\n" in text or len(text) > LONGEST_UNDERLINED:
        return False
    return length >= len(text) or not SENTENCE_END.search(text)


def without_heading(source: str) -> Taken | None:
    """Take the heading off the beginning of a text; None where it begins with none."""
    document = read(source)
    heading = next(_headings(document), None)
    if heading is None or heading.block is not document.blocks[0]:
        return None
    rest = "\n".join(document.lines[heading.block.last :])
    if heading.inline is None:
        return Taken(rest, "", "", None, ())
    return _taken(heading.inline, 0, len(heading.inline.content), rest)


def without_bold_line(source: str) -> Taken | None:
    """Take the first line off a text where all of it is bold, which is how people write headings by hand; or None."""
    document = read(source)
    inline = document.blocks[1].inline if len(document.blocks) > 1 else None
    if inline is None or document.blocks[0].token.type != "paragraph_open":
        return None
    line, *more = inline.content.split("\n")
    bold = BOLD_LINE.fullmatch(line)
    if bold is None:
        return None
    rest = "\n".join(document.lines[1:])
    return _taken(inline, *bold.span("text"), rest.lstrip(" \t") if more else rest)


def _taken(inline: Inline, start: int, end: int, rest: str) -> Taken:
    """Return what a content says between two places, apart from the rest of its text."""
    inner = [span for span in inline.spans if start <= span.start and span.end <= end]
    links = [span for span in inner if span.kind == "link"]
    whole = links[0] if [(link.start, link.end) for link in links] == [(start, end)] else None
    name, done = "", start
    for link in links:
        name += inline.content[done : link.start] + inline.content[slice(*link.label)]
        done = link.end
    name = _marked(name + inline.content[done:end])
    return Taken(
        rest=rest,
        title=name if whole else _marked(inline.content[start:end]),
        name=name,
        website=whole.href if whole else None,
        targets=tuple(span.href for span in inner if span.leads),
    )


def _marked(text: str) -> str:
    """Return a heading's content on the line that `#` begins; a row of `#` at its end would be no part of it."""
    return ROW_AT_END.sub(r"\\\1", " ".join(text.split("\n")).strip())


def names(title: str, known: Iterable[str]) -> bool:
    """Tell whether a title says one of the known names, and no more, whatever its markup and signs around it."""
    return _bare(title) in {_bare(name) for name in known} - {""}


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", folded(title)) or folded(title)


def levels(source: str) -> list[int]:
    """Return the levels of a text's headings, in their order."""
    return [heading.level for heading in _headings(read(source))]


def relevelled(parts: Iterable[Sequence[int]], top: int) -> list[list[int]]:
    """Return the levels of the headings of an entry's parts so that the uppermost of all are of the level `top`.

    The others keep their distance from those, but none is more than one level below the one before it.
    """
    listed = list(parts)
    uppermost = min((level for part in listed for level in part), default=top)
    before = top - 1
    result: list[list[int]] = []
    for part in listed:
        result.append([])
        for level in part:
            before = min(level - uppermost + top, before + 1, DEEPEST_HEADING)
            result[-1].append(before)
    return result


def with_levels(source: str, wanted: Sequence[int]) -> str:
    """Return a source with its headings on these levels, all of them written with `#`."""
    document = read(source)
    headings = zip(_headings(document), wanted, strict=True)
    return apply(source, [_rewritten(document, heading, level) for heading, level in headings])


def _headings(document: Document) -> Iterator[_Heading]:
    for block, following in pairwise([*document.blocks, *document.blocks[-1:]]):
        if block.token.type == "heading_open":
            yield _Heading(block, following.inline if following.token.type == "inline" else None)


def _rewritten(document: Document, heading: _Heading, level: int) -> Edit:
    """Return the edit that writes a heading anew; what is left of it, such as a list's mark, stays."""
    start, end = document.span_of(heading.block.first, heading.block.last)
    is_underlined = heading.inline is not None and not heading.block.token.markup.startswith("#")
    place = heading.inline.places[0] if heading.inline and is_underlined else document.source.index("#", start)
    text = _marked(heading.inline.content) if heading.inline else ""
    return Edit(place, end, f"{'#' * level} {text}".rstrip())

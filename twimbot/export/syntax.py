"""Markdown as a document whose places in the source are known, so that single characters can be changed.

Every other character stays as its author wrote it. Blocks come with their lines, what is in the lines is counted back
through the marks of quotes and lists.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from markdown_it.common.utils import MD_TRIM_CHARS
from markdown_it.token import Token

from twimbot.export.reader import DEEPEST, READER, Span, read_inline

MARKS = "[]*_`<~&\\!"
MOST_MARKS = 1500
"""How many of these one paragraph may have: the time to read them grows with their square."""

Change = TypeVar("Change")

EMPTY_COMMENT = "<!-- -->"
"""What shows nothing, and keeps blocks apart or in their places."""

ITEM = re.compile(r"(?<![^ \t>\n])(?:[-+*]|\d{1,9}[.)])[ \t]+\Z")

LONGEST_ITEM_MARK = 32
"""How many characters before a place are searched for a list's mark and the few blanks behind it."""

MARKS_BEFORE = re.compile(r"\A(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])[ \t])*")
"""What stands before a paragraph in its line; lines of nothing but wide spaces at its beginning are left out of it."""

LITERAL_KINDS = frozenset({"autolink", "code", "html"})
LITERAL_BLOCKS: Mapping[str, str] = {"code_block": "code", "fence": "code", "html_block": "html"}
CONTAINERS = ("blockquote_open", "list_item_open")


class UntrustedStructure(Exception):
    """The Markdown is read in another way by another parser, for all that can be said."""


class Edit(NamedTuple):
    """Characters of a source, from `start` to before `end`, and what they become."""

    start: int
    end: int
    text: str


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Return the source with the edits made; one that begins inside another is left out."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits):
        if edit.start >= done:
            parts += (source[done : edit.start], edit.text)
            done = edit.end
    return "".join((*parts, source[done:]))


def harmless(changes: Sequence[Change], is_harmless: Callable[[Sequence[Change]], bool], trials: int) -> list[Change]:
    """Return those changes that do no harm together, found in so many trials; what can't be read is harmed.

    Harm that two changes do only together is put down to the later one.
    """
    kept: list[Change] = []
    waiting = [list(changes)] if changes else []
    while waiting and trials:
        tried = waiting.pop()
        trials -= 1
        try:
            fits = is_harmless([*kept, *tried])
        except UntrustedStructure:
            fits = False
        half = len(tried) // 2
        if fits:
            kept += tried
        elif half:
            waiting += [tried[half:], tried[:half]]
    return kept


class Inline(NamedTuple):
    """A paragraph's, heading's or cell's content, with the place in the source of each of its characters."""

    content: str
    places: Sequence[int]
    spans: tuple[Span, ...]
    pairs: tuple[tuple[int, int], ...]

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Return the edit that changes these characters of the content."""
        return Edit(self.places[start], self.places[end - 1] + 1, text)


class Block(NamedTuple):
    """A block's token with what it stands in: `container` is unlike for blocks of unlike quotes or list items."""

    token: Token
    first: int
    last: int
    container: int
    inline: Inline | None = None

    @property
    def is_outermost(self) -> bool:
        """Tell whether the block stands in no quote and no list."""
        return self.container < 0


@dataclass
class Document:
    """A source with its blocks, in order; lines count from 0."""

    source: str
    blocks: list[Block] = field(default_factory=list)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins, and where one after the last would."""
        starts = [0]
        for line in self.source.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their breaks."""
        return self.source.split("\n")

    @cached_property
    def inlines(self) -> list[Inline]:
        """All inline contents, in order."""
        return [block.inline for block in self.blocks if block.inline is not None]

    @cached_property
    def leading(self) -> list[tuple[Inline, Span]]:
        """All links and pictures, in order, with the contents that they stand in."""
        return [(inline, span) for inline in self.inlines for span in inline.spans if span.leads]

    @cached_property
    def read_up_to(self) -> dict[int, int]:
        """For each line that has inline content alone, such as a table's row, where its last content ends."""
        return {
            block.first: block.inline.places[-1] + 1
            for block in self.blocks
            if block.inline is not None and block.last - block.first == 1
        }

    def blank_line(self, number: int, prefix: str) -> Edit:
        """Return the edit that puts a blank line before a line, in those quotes whose marks are in `prefix`."""
        start = self.starts[number]
        return Edit(start, start, re.sub(r"[^>]", " ", prefix).rstrip() + "\n")

    def span_of(self, first: int, last: int) -> tuple[int, int]:
        """Return the characters of the lines from `first` to before `last`, without the last break."""
        return self.starts[first], self.starts[last] - 1

    def begins_item(self, place: int) -> bool:
        """Tell whether what is at a place comes right behind a list's mark."""
        window = max(place - LONGEST_ITEM_MARK, 0)
        start = max(self.source.rfind("\n", window, place) + 1, window)
        return bool(ITEM.search(self.source, start, place))

    @cached_property
    def _literal(self) -> list[tuple[int, int, str]]:
        found = [
            (*self.span_of(block.first, block.last), LITERAL_BLOCKS[block.token.type])
            for block in self.blocks
            if block.token.type in LITERAL_BLOCKS
        ]
        found += [
            (*inline.edit(span.start, span.end, "")[:2], span.kind)
            for inline in self.inlines
            for span in inline.spans
            if span.kind in LITERAL_KINDS
        ]
        return sorted(found)

    def literal_kind(self, place: int) -> str:
        """Return in what kind of text a character stands: `code`, `html`, `autolink`, or "" where escapes count."""
        index = bisect_right(self._literal, place, key=lambda found: found[0]) - 1
        if index < 0:
            return ""
        _, end, kind = self._literal[index]
        return kind if place < end else ""

    def targets(self) -> list[str]:
        """Return the targets of all links and pictures, in order."""
        return [span.href for _, span in self.leading]


def shape(document: Document, outer: int = 0) -> list[tuple[str, int, str]]:
    """Return what a document's blocks are and hold, without the outer levels.

    The indentation of a paragraph's further lines means nothing (CommonMark 4.8).
    """
    tokens = [block.token for block in document.blocks[outer:]]
    return [(token.type, token.level - outer, _unindented(token)) for token in tokens]


def _unindented(token: Token) -> str:
    return re.sub(r"\n[ \t]+", "\n", token.content) if token.type == "inline" else token.content


@lru_cache(maxsize=4)
def read(source: str) -> Document:
    r"""Return the blocks of a source whose only line break is `\n`.

    Kept for a while, as each step of mending reads again what the one before it left. Raises UntrustedStructure
    where it nests too deep, has more marks in one paragraph than parsers take well, or can't be counted back.
    """
    document = Document(source)
    environment: dict[str, Any] = {}
    containers: list[int] = []
    row = _Row()
    for index, token in enumerate(READER.parse(source, environment)):
        if token.level >= DEEPEST - 1:
            raise UntrustedStructure("its quotes and lists nest too deep")
        if token.type in CONTAINERS:
            containers.append(index)
        elif token.type in {"blockquote_close", "list_item_close"}:
            containers.pop()
        if token.map is None:
            continue
        first, last = token.map
        inline = None
        if token.type == "inline" and token.content:
            inline = _inline(document, token, row, environment)
        document.blocks.append(Block(token, first, last, containers[-1] if containers else -1, inline))
    return document


@dataclass
class _Row:
    """How far the cells of a line are found; several contents of one line can only be a table's."""

    line: int = -1
    place: int = 0


def has_too_many_marks(content: str) -> bool:
    """Tell whether a paragraph would take too long to read."""
    return len(content) > MOST_MARKS and sum(map(content.count, MARKS)) > MOST_MARKS


def _inline(document: Document, token: Token, row: _Row, environment: dict[str, Any]) -> Inline:
    if has_too_many_marks(token.content):
        raise UntrustedStructure("a paragraph has too many marks")
    first, last = token.map or (0, 0)
    lines = token.content.split("\n")
    if first == row.line:
        places: Sequence[int] = _cell_places(document, first, token.content, row.place)
    elif last - first == 1 and "|" in document.lines[first]:
        places = _cell_places(document, first, token.content, document.starts[first])
    else:
        while first < last - 1 and not MARKS_BEFORE.sub("", document.lines[first]).strip():
            first += 1
        places = _line_places(document, first, lines)
    row.line, row.place = first, places[-1] + 1
    return Inline(token.content, places, *read_inline(token.content, environment))


def _line_places(document: Document, first: int, lines: Sequence[str]) -> Sequence[int]:
    """Return where in the source the characters of a content's lines are, and the breaks between them."""
    if len(lines) == 1:
        return _places_in_line(document, first, lines[0])
    places: list[int] = []
    for number, text in enumerate(lines, first):
        places += _places_in_line(document, number, text)
        places.append(document.starts[number + 1] - 1)
    del places[-1]
    return places


def _places_in_line(document: Document, number: int, text: str) -> range:
    bare = text.strip(MD_TRIM_CHARS)
    column = document.lines[number].rfind(bare) if number < len(document.lines) else -1
    if column < 0:
        raise UntrustedStructure("a line can't be found again")
    start = document.starts[number] + column - (len(text) - len(text.lstrip(MD_TRIM_CHARS)))
    return range(start, start + len(text))


def _cell_places(document: Document, number: int, text: str, begin: int) -> list[int]:
    r"""Return where the characters of a cell are; a table takes the backslash out of each `\|` in it."""
    end = document.starts[number + 1] - 1
    for start in range(begin, end):
        places = _matched(document.source, text, start, end)
        if places:
            return places
    raise UntrustedStructure("a table's cell can't be found again")


def _matched(source: str, text: str, place: int, end: int) -> list[int]:
    places: list[int] = []
    for character in text:
        if character == "|" and source[place : place + 2] == "\\|":
            place += 1
        if place >= end or source[place] != character:
            return []
        places.append(place)
        place += 1
    return places

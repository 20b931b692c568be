"""Boxes, of which MP4, QuickTime and AVIF files are made (ISO/IEC 14496-12)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from struct import calcsize, iter_unpack, unpack_from
from typing import Any

from twimbot.media.editing import Data, Edit
from twimbot.media.reading import MOST_PASSED, bounded
from twimbot.media.unfit import Damaged, UnfitFile

HEADER = 8
FULL = 4
"""The length of the version and flags with which the content of many boxes begins (4.2)."""

MOST_SPACES = 100
"""How many boxes for data a file may have of which parts are blanked."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box: where it starts, where its content does, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class Range:
    """So many bytes from a place in the file on."""

    start: int
    length: int


class BoxFile:
    """A file of boxes, of which no more than MOST_PASSED are read."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.whole = Box(b"", 0, 0, len(data))
        self._read = 0

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """Yield the boxes that fill what is between two places (4.2). Raises UnfitFile."""
        while start < end:
            box = self._box(start, end)
            yield box
            start = box.end

    def _box(self, start: int, end: int) -> Box:
        self._read += 1
        if self._read > MOST_PASSED:
            raise UnfitFile("it is made of too many parts")
        size, kind = self.fields(">I4s", start, end)
        body = start + HEADER
        if size == 1:
            (size,) = self.fields(">Q", body, end)
            body += 8
        elif size == 0:
            size = end - start
        if not body <= start + size <= end:
            raise Damaged
        return Box(kind, start, body, start + size)

    def fields(self, layout: str, start: int, end: int) -> tuple[Any, ...]:
        """Return the fields of that layout (as of `struct`) at a place before another. Raises Damaged."""
        if start + calcsize(layout) > end:
            raise Damaged
        return unpack_from(layout, self.data, start)

    def table(self, layout: str, start: int, end: int) -> Iterator[tuple[Any, ...]]:
        """Yield the entries of that layout whose number stands before them, in 32 bits. Raises Damaged."""
        (count,) = self.fields(">I", start, end)
        length = count * calcsize(layout)
        if start + 4 + length > end:
            raise Damaged
        yield from iter_unpack(layout, self.data[start + 4 : start + 4 + length])

    def within(self, box: Box, *path: bytes) -> Iterator[Box]:
        """Yield the boxes that are reached through boxes of these kinds, the last being their own."""
        for inner in self.boxes(box.body, box.end):
            if inner.kind == path[0]:
                if path[1:]:
                    yield from self.within(inner, *path[1:])
                else:
                    yield inner


Rule = Callable[[BoxFile, Box], Iterator[Edit]]
"""What to change in a box."""


def kept(_file: BoxFile, _box: Box) -> Iterator[Edit]:
    """Change nothing."""
    return iter(())


def erased(_file: BoxFile, box: Box) -> Iterator[Edit]:
    """Make free space of a box (8.1.2)."""
    yield Edit(box.start + 4, b"free")
    yield Edit(box.body, b"", box.end - box.body)


def container(rules: Mapping[bytes, Rule], skipped: int = 0) -> Rule:
    """Return the rule for a box with others behind so many bytes: those without a rule of their own are erased."""

    def clean(file: BoxFile, box: Box) -> Iterator[Edit]:
        for inner in file.boxes(box.body + skipped, box.end):
            yield from rules.get(inner.kind, erased)(file, inner)

    return clean


def blanked(ranges: Iterable[Range], spaces: list[Box]) -> Iterator[Edit]:
    """Blank ranges that lie in boxes for data. Raises Damaged where they do not, or are more than those can hold."""
    if len(spaces) > MOST_SPACES:
        raise UnfitFile("it is made of too many parts")
    left = sum(space.end - space.body for space in spaces)
    for part in bounded(ranges):
        left -= part.length
        inside = any(space.body <= part.start and part.start + part.length <= space.end for space in spaces)
        if left < 0 or not inside:
            raise Damaged
        yield Edit(part.start, b"", part.length)

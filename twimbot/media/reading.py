"""What the readers of all formats share: bytes in order and within bounds, and no end of parts."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeVar

from twimbot.media.unfit import Damaged, UnfitFile

MOST_PARTS = 200_000
"""How many segments, chunks or blocks a picture may be made of; real ones have a few hundred a megabyte."""

MOST_PASSED = 500_000
"""How many boxes or elements are passed in search of some, which takes about two seconds."""

Part = TypeVar("Part")


class Cursor:
    """Reads bytes in order; raises Damaged where there are fewer than asked for."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0

    @property
    def is_at_end(self) -> bool:
        """Whether everything was read."""
        return self.position == len(self.data)

    def take(self, count: int) -> memoryview:
        """Return the next bytes."""
        taken = self.data[self.position : self.position + count]
        if len(taken) != count:
            raise Damaged
        self.position += count
        return taken

    def expect(self, *allowed: bytes) -> None:
        """Go past one of some beginnings of equal length; raises Damaged where none of them is there."""
        if bytes(self.take(len(allowed[0]))) not in allowed:
            raise Damaged

    def number(self, size: int, order: Literal["little", "big"]) -> int:
        """Return the next bytes as an unsigned number."""
        return int.from_bytes(self.take(size), order)


def bounded(parts: Iterable[Part], most: int = MOST_PARTS) -> Iterator[Part]:
    """Yield parts as they come; raises UnfitFile at one too many."""
    for count, part in enumerate(parts):
        if count == most:
            raise UnfitFile("it is made of too many parts")
        yield part

"""Changes to a file that move nothing in it, for formats in which offsets say where things are."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from mmap import mmap
from typing import BinaryIO

Data = bytes | mmap
"""A whole file."""

ZEROS = bytes(1024 * 1024)


@dataclass(frozen=True, slots=True)
class Edit:
    """The bytes from `start` on become `content`, and then so many zeros as `blanks` says."""

    start: int
    content: bytes
    blanks: int = 0


def apply(edits: Iterable[Edit], file: BinaryIO) -> None:
    """Make changes in a file that is open for writing."""
    for edit in edits:
        file.seek(edit.start)
        file.write(edit.content)
        file.writelines(repeat(ZEROS, edit.blanks // len(ZEROS)))
        file.write(ZEROS[: edit.blanks % len(ZEROS)])

"""GIF without its metadata: extensions are left out, and the frames stay as they are (GIF89a).

Pillow would write the frames anew with other colours, and need them all in memory at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.media.reading import Cursor, bounded
from twimbot.media.stripped import Header, Stripped
from twimbot.media.unfit import Damaged

SIGNATURES = (b"GIF87a", b"GIF89a")
EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
CONTROL, PLAIN_TEXT = 0xF9, 0x01
LOOP_HEADER = b"!\xff\x0bNETSCAPE2.0\x03\x01"
LOOP = re.compile(rb"!\xff\x0b(?:NETSCAPE2\.0|ANIMEXTS1\.0)[^\0]\x01(?P<times>..)", re.DOTALL)
"""The application's extension that says how often an animation is repeated, before what some say besides."""


@dataclass(frozen=True, slots=True)
class Block:
    """An image or extension, as `label` says; an image reaches to the column `right` and the row `bottom`."""

    label: int
    whole: memoryview
    right: int = 0
    bottom: int = 0


def stripped_gif(data: memoryview) -> Stripped:
    """Return a GIF without its metadata, still or animated. Raises UnfitFile.

    It is as large as its screen and all its images need, for Pillow shows those that reach out of the screen.
    """
    cursor = Cursor(data)
    cursor.expect(*SIGNATURES)
    width, height, flags = cursor.number(2, "little"), cursor.number(2, "little"), cursor.number(1, "little")
    cursor.take(2)
    _skip_colours(cursor, flags)
    beginning = data[: cursor.position]
    blocks = list(bounded(_blocks(cursor)))
    right = max([width, *(block.right for block in blocks)])
    bottom = max([height, *(block.bottom for block in blocks)])
    return Stripped((beginning, *_kept(blocks), bytes([TRAILER])), Header(right, bottom, is_lossless=True))


def _blocks(cursor: Cursor) -> Iterator[Block]:
    while (introducer := cursor.number(1, "little")) != TRAILER:
        if introducer == EXTENSION:
            yield _extension(cursor)
        elif introducer == IMAGE:
            yield _image(cursor)
        else:
            raise Damaged


def _extension(cursor: Cursor) -> Block:
    start = cursor.position - 1
    label = cursor.number(1, "little")
    _skip_sub_blocks(cursor)
    return Block(label, cursor.data[start : cursor.position])


def _image(cursor: Cursor) -> Block:
    start = cursor.position - 1
    left, top, width, height = (cursor.number(2, "little") for _ in range(4))
    _skip_colours(cursor, cursor.number(1, "little"))
    cursor.take(1)
    _skip_sub_blocks(cursor)
    return Block(IMAGE, cursor.data[start : cursor.position], left + width, top + height)


def _skip_colours(cursor: Cursor, flags: int) -> None:
    """Go past a colour table, where the flags say that one is there (18, 20)."""
    if flags & 0x80:
        cursor.take(3 << ((flags & 7) + 1))


def _skip_sub_blocks(cursor: Cursor) -> None:
    """Go past data in sub-blocks of at most 255 bytes (15), of which there may be tens of millions."""
    data, position = cursor.data, cursor.position
    try:
        while size := data[position]:
            position += size + 1
    except IndexError as error:
        raise Damaged from error
    cursor.position = position + 1


def _kept(blocks: list[Block]) -> Iterator[bytes | memoryview]:
    """Return what the frames are drawn from; a control belongs to the image or text behind it, and goes with a text."""
    control: bytes | memoryview = b""
    for block in blocks:
        if block.label == CONTROL:
            control = block.whole
        elif block.label == IMAGE:
            yield control
            yield block.whole
        elif loop := LOOP.match(block.whole):
            yield LOOP_HEADER + loop["times"] + b"\0"
        if block.label in {IMAGE, PLAIN_TEXT}:
            control = b""

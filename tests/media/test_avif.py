"""AVIF keeps what belongs to the picture, item by item and property by property."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.making import (
    KEEP,
    MARKER,
    XMP,
    box,
    drawing,
    exif,
    frames,
    marked_avif,
    opened,
    profile,
    published,
    saved,
)
from tests.media.test_refusals import DAMAGED, refusal
from twimbot.media.wanted import Wanted


def rewritten(avif: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return an AVIF whose table of items' places is another one of the same length."""
    start = avif.index(b"iloc") + 4
    end = start + int.from_bytes(avif[start - 8 : start - 4], "big") - 8
    changed = change(avif[start:end])
    assert len(changed) == end - start
    return avif[:start] + changed + avif[end:]


def test_a_thumbnail_is_no_part_of_the_picture(tmp_path: Path) -> None:
    """The EXIF data of a file made by Pillow stands for a second picture here."""
    plain = saved(drawing(), "AVIF", exif=exif())
    thumbnailed = plain.replace(b"Exif", b"av01", 1).replace(b"cdsc", b"thmb", 1)
    clean, _ = published(tmp_path, thumbnailed)
    assert MARKER in thumbnailed
    assert MARKER not in clean
    assert frames(clean) == frames(plain)


def test_items_have_no_names(tmp_path: Path) -> None:
    named = saved(drawing(), "AVIF").replace(b"Color\0", b"Anna's")
    assert b"Anna's" in named
    assert b"Anna's" not in published(tmp_path, named)[0]


def test_a_colour_profile_that_is_none_makes_room(tmp_path: Path) -> None:
    plain = saved(drawing(), "AVIF", icc_profile=profile())
    clean = opened(published(tmp_path, plain.replace(b"acsp", MARKER[:4]))[0])
    assert "icc_profile" not in clean.info
    assert clean.size == (48, 32)


@pytest.mark.parametrize(
    ("primaries", "transfer", "size"), [(1, 13, (20, 13)), (2, 2, (20, 13)), (12, 13, (48, 32)), (9, 16, (48, 32))]
)
def test_colours_that_pillow_does_not_know_are_not_touched(
    tmp_path: Path, primaries: int, transfer: int, size: tuple[int, int]
) -> None:
    plain = saved(drawing(), "AVIF")
    coloured = plain.replace(b"nclx" + struct.pack(">HH", 1, 13), b"nclx" + struct.pack(">HH", primaries, transfer))
    assert opened(published(tmp_path, coloured, Wanted(width=20))[0]).size == size


def test_an_animation_keeps_its_tracks_and_nothing_beside(tmp_path: Path) -> None:
    first, second = drawing(), drawing().rotate(180)
    moving = saved(first, "AVIF", save_all=True, append_images=[second], exif=exif(), xmp=XMP)
    clean, _ = published(tmp_path, moving, KEEP)
    assert moving.count(MARKER) > 1
    assert MARKER not in clean
    assert frames(clean) == frames(moving)


def relocated(avif: bytes, version: int) -> bytes:
    """Return an AVIF whose items are found by a table of a later version, which is longer."""
    start, layout = avif.index(b"iloc") - 4, {1: ">HHHHII", 2: ">IHHHII"}[version]
    length, count = int.from_bytes(avif[start : start + 4], "big"), int.from_bytes(avif[start + 14 : start + 16], "big")
    added = count * (struct.calcsize(layout) - 14) + (2 if version == 2 else 0)
    head = struct.pack(">I4sIH" + ("I" if version == 2 else "H"), length + added, b"iloc", version << 24, 0x4400, count)
    items = b"".join(
        struct.pack(layout, number, 0, 0, extents, offset + added, size)
        for number, _, extents, offset, size in struct.iter_unpack(">HHHII", avif[start + 16 : start + length])
    )
    meta = avif.index(b"meta") - 4
    enlarged = struct.pack(">I", int.from_bytes(avif[meta : meta + 4], "big") + added)
    return avif[:meta] + enlarged + avif[meta + 4 : start] + head + items + avif[start + length :]


@pytest.mark.parametrize("version", [1, 2])
def test_items_are_found_by_every_version_of_their_table(tmp_path: Path, version: int) -> None:
    other = relocated(marked_avif(), version)
    assert frames(other) == frames(marked_avif())
    clean, _ = published(tmp_path, other)
    assert MARKER not in clean
    assert frames(clean) == frames(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table[:-4] + b"\xff\xff\xff\xff",
        lambda table: table[:-8] + bytes(4) + table[-4:],
        lambda table: table[:4] + b"\xff" + table[5:],
        lambda table: table[:6] + b"\xff\xff" + table[8:],
        lambda table: b"\1" + table[1:],
        lambda table: b"\2" + table[1:],
    ],
    ids=["endless", "outside", "wide", "many", "version 1", "version 2"],
)
def test_an_item_that_lies_about_its_place(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert refusal(tmp_path, rewritten(marked_avif(), change)) == DAMAGED


def test_a_file_without_any_item_is_none(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, box(b"ftyp", b"avif\0\0\0\0avif") + box(b"meta", bytes(4), box(b"hdlr", bytes(24))))
        == DAMAGED
    )

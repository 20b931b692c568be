"""Colour profiles keep their colours and lose their texts, whatever bytes they are made of."""

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.media.making import MARKER, WIDE_MARKER, after_header, drawing, png_chunk, profile, saved
from twimbot.media.icc import cleaned
from twimbot.media.png import stripped_png

SRGB = ImageCms.createProfile("sRGB")
TAG = 128 + 4


def seen_through(colours: bytes) -> bytes:
    """Return the pixels of a picture in sRGB that has those colours."""
    converted = ImageCms.profileToProfile(drawing(), ImageCms.ImageCmsProfile(BytesIO(colours)), SRGB)
    assert isinstance(converted, Image.Image)
    return converted.tobytes()


def test_colours_are_seen_the_same() -> None:
    clean = cleaned(profile())
    assert clean
    assert seen_through(clean) == seen_through(profile()) != drawing().tobytes()


def test_texts_dates_and_devices_are_gone() -> None:
    marked = bytearray(profile())
    assert WIDE_MARKER in marked
    marked[24:36] = struct.pack(">6H", 2024, 1, 2, 3, 4, 5)
    marked[48:56] = MARKER[:8]
    clean = cleaned(bytes(marked))
    assert clean
    assert WIDE_MARKER not in clean
    assert clean[24:36] == bytes(12)
    assert clean[48:56] == bytes(8)


def test_a_text_that_must_be_there_is_there_and_empty() -> None:
    clean = cleaned(profile())
    assert clean
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(clean))).strip() == ""
    text = clean.index(b"mluc")
    assert clean[text : text + 28] == b"mluc" + struct.pack(">III", 0, 0, 12) + bytes(12)


def test_an_older_profiles_description_is_empty_too() -> None:
    description = b"desc\0\0\0\0" + struct.pack(">I", len(MARKER) + 1) + MARKER + bytes(80)
    beginning = profile()[:128] + struct.pack(">I4sII", 1, b"desc", TAG + 12, len(description))
    assert cleaned(beginning + description) == cleaned(beginning + description.replace(MARKER, bytes(len(MARKER))))


def test_tags_that_are_nobodys_business_are_gone() -> None:
    private = profile()[:128] + struct.pack(">I4sII", 1, b"mmod", TAG + 12, len(MARKER)) + MARKER
    clean = cleaned(private)
    assert clean
    assert len(clean) == len(private)
    assert clean[128:] == bytes(len(clean) - 128)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        profile()[:131],
        bytes(len(profile())),
        profile()[:128] + b"\xff\xff\xff\xff" + profile()[132:],
        profile()[:128] + struct.pack(">I", 101) + struct.pack(">4sII", b"wtpt", TAG + 101 * 12, 20) * 101 + bytes(20),
        profile()[:-200],
        profile()[:128] + struct.pack(">I4sII", 1, b"wtpt", 0, 20) + bytes(40),
        profile() + bytes(4 * 1024 * 1024),
    ],
)
def test_a_broken_or_endless_profile_is_none(broken: bytes) -> None:
    assert cleaned(broken) is None


def test_a_compressed_profile_is_not_decompressed_beyond_measure() -> None:
    bomb = after_header(saved(drawing(), "PNG"), png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000))))
    tracemalloc.start()
    stripped_png(memoryview(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


@given(st.data())
def test_whatever_a_profile_is_made_of_its_length_stays(data: st.DataObject) -> None:
    damaged = bytearray(profile())
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    clean = cleaned(bytes(damaged))
    assert clean is None or len(clean) == len(damaged)

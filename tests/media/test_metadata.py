"""What pictures tell of people is gone, and what is seen of them is the same."""

import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.media.making import (
    EXTENSIONS,
    FORMATS,
    MARKED,
    MARKER,
    WIDE_MARKER,
    after_header,
    animation,
    drawing,
    frames,
    marked_jpeg,
    marked_png,
    marked_webp,
    opened,
    png,
    png_chunk,
    png_chunks,
    profile,
    published,
    riff,
    riff_chunk,
    saved,
    segment,
    sub_blocks,
)
from twimbot.media.icc import cleaned

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


@pytest.mark.parametrize("image_format", FORMATS)
def test_nothing_is_left_of_the_metadata(tmp_path: Path, image_format: str) -> None:
    marked = MARKED[image_format]()
    assert MARKER in marked
    clean, extension = published(tmp_path, marked)
    assert extension == EXTENSIONS[image_format]
    assert MARKER not in clean
    assert WIDE_MARKER not in clean
    picture = opened(clean)
    assert picture.format == image_format
    assert dict(picture.getexif()) == {}
    assert not {"exif", "xmp", "comment", "photoshop", "dpi"} & picture.info.keys()


@pytest.mark.parametrize("image_format", FORMATS)
def test_what_is_seen_stays_the_same(tmp_path: Path, image_format: str) -> None:
    marked = MARKED[image_format]()
    clean, _ = published(tmp_path, marked)
    assert frames(clean) == frames(marked)


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_the_colour_profile_stays_without_its_texts(tmp_path: Path, image_format: str) -> None:
    marked = MARKED[image_format]()
    clean, _ = published(tmp_path, marked)
    before, after = opened(marked).info["icc_profile"], opened(clean).info["icc_profile"]
    assert WIDE_MARKER in before
    assert WIDE_MARKER not in after
    assert len(after) == len(before)


def test_a_png_keeps_no_chunk_but_what_is_seen_depends_on(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, marked_png())
    assert png_chunks(clean) == [b"IHDR", b"iCCP", b"IDAT", b"IEND"]


@pytest.mark.parametrize("kind", [b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT"])
def test_a_png_keeps_how_its_colours_are_meant(tmp_path: Path, kind: bytes) -> None:
    chunk = png_chunk(kind, bytes(32))
    clean, _ = published(tmp_path, after_header(saved(drawing(), "PNG"), chunk))
    assert chunk in clean


def test_a_jpeg_keeps_its_coded_data_to_the_byte(tmp_path: Path) -> None:
    marked = marked_jpeg()
    clean, _ = published(tmp_path, marked)
    tables = marked.index(b"\xff\xdb")
    assert clean.endswith(marked[tables : marked.index(b"\xff\xd9", tables) + 2])


def test_a_jpeg_keeps_nothing_between_its_scans(tmp_path: Path) -> None:
    plain = saved(drawing(), "JPEG", progressive=True)
    second = plain.index(b"\xff\xda", plain.index(b"\xff\xda") + 2)
    clean, _ = published(tmp_path, plain[:second] + segment(0xFE, MARKER) + plain[second:])
    assert clean == plain


def test_a_jpeg_in_rgb_keeps_its_colours(tmp_path: Path) -> None:
    """Only Adobe's segment says that it is; the components' usual numbers alone would stand for another space."""
    plain = saved(drawing(), "JPEG", keep_rgb=True)
    frame, scan = b"R\x11\0G\x11\0B\x11\0", b"R\0G\0B\0"
    numbered = plain.replace(frame, b"\1\x11\0\2\x11\0\3\x11\0").replace(scan, b"\1\0\2\0\3\0")
    assert frames(numbered) == frames(plain)
    assert frames(published(tmp_path, numbered)[0]) == frames(plain)


def test_a_jpegs_colour_profile_may_be_in_parts_of_any_order(tmp_path: Path) -> None:
    long = profile() + bytes(100_000)
    plain = saved(drawing(), "JPEG", icc_profile=long)
    first = plain.index(b"\xff\xe2")
    second = plain.index(b"\xff\xe2", first + 2)
    end = second + 2 + int.from_bytes(plain[second + 2 : second + 4], "big")
    mixed = plain[:first] + plain[second:end] + plain[first:second] + plain[end:]
    assert opened(published(tmp_path, mixed)[0]).info["icc_profile"] == cleaned(long)


def test_of_a_phones_several_pictures_the_first_stays(tmp_path: Path) -> None:
    several = saved(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32), "blue")])
    assert opened(several).format == "MPO"
    clean, extension = published(tmp_path, several)
    assert extension == "jpg"
    assert opened(clean).format == "JPEG"
    assert clean.count(b"\xff\xd8\xff") == 1
    assert frames(clean) == frames(several)[:1]


def test_a_gifs_text_goes_with_its_control(tmp_path: Path) -> None:
    plain = saved(drawing(), "GIF")
    image = plain.index(b",", 13 + 3 * 256)
    text = b"!\xf9\x04\0\x05\0\0\0" + b"!\x01\x0c" + bytes(12) + sub_blocks(MARKER)
    assert published(tmp_path, plain[:image] + text + plain[image:])[0] == plain


def test_a_webp_does_not_announce_what_is_gone(tmp_path: Path) -> None:
    announced, _ = published(tmp_path, marked_webp())
    assert announced[12:16] == b"VP8X"
    assert announced[20] & 0b1111_1111 == 0b0010_0000


@pytest.mark.parametrize("image_format", ANIMATED)
def test_an_animation_shows_the_same_frames_as_long(tmp_path: Path, image_format: str) -> None:
    moving = animation(image_format)
    clean, extension = published(tmp_path, moving)
    assert extension == EXTENSIONS[image_format]
    assert len(frames(clean)) == 4
    assert frames(clean) == frames(moving)
    assert opened(clean).info.get("loop") == opened(moving).info.get("loop")
    assert len(clean) <= len(moving)


def test_what_is_between_a_webps_frames_goes(tmp_path: Path) -> None:
    moving = animation("WEBP")
    first = moving.index(b"ANMF")
    length = int.from_bytes(moving[first + 4 : first + 8], "little")
    frame = riff_chunk(b"ANMF", moving[first + 8 : first + 8 + length] + riff_chunk(b"priv", MARKER))
    marked = riff(moving[12:first] + frame + moving[first + 8 + length :])
    assert published(tmp_path, marked)[0] == moving


def test_an_endless_gif_stays_endless_whatever_else_is_said_of_it(tmp_path: Path) -> None:
    moving = animation("GIF").replace(b"\3\1\3\0\0", b"\3\1\0\0\5\2" + MARKER[:4] + b"\0")
    clean, _ = published(tmp_path, moving)
    assert MARKER[:4] not in clean
    assert opened(clean).info["loop"] == 0


DEEP_ROWS = b"".join(b"\0" + bytes(range(row, row + 24)) for row in range(4))


def test_a_png_of_sixteen_bits_keeps_them(tmp_path: Path) -> None:
    deep = png(b"\0\0\0\4\0\0\0\4\x10\2\0\0\0", png_chunk(b"IDAT", zlib.compress(DEEP_ROWS)))
    assert published(tmp_path, deep)[0] == deep


@pytest.mark.parametrize("image_format", FORMATS)
def test_the_smallest_picture_is_one(tmp_path: Path, image_format: str) -> None:
    dot = saved(Image.new("RGB", (1, 1), "teal"), image_format)
    assert frames(published(tmp_path, dot)[0]) == frames(dot)


def test_a_picture_is_what_it_is_though_its_orientation_can_not_be_read(tmp_path: Path) -> None:
    plain = saved(drawing(), "JPEG")
    broken = plain[:20] + segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff") + plain[20:]
    assert published(tmp_path, broken)[0] == plain

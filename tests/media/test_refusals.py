"""What can't be published is refused, in the words that its contributor reads."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.media.making import (
    FORMATS,
    KEEP,
    after_header,
    animation,
    blinking,
    box,
    drawing,
    opened,
    png,
    png_chunk,
    refusal,
    riff,
    riff_chunk,
    saved,
    segment,
)
from twimbot.media.clean import publishable

SVG = "it is an SVG drawing, which can carry scripts; send it as a PNG"
WEB_PAGE = "it is a web page and no picture"
HEIC = "it is a HEIC picture, which most browsers don't show; send it as a JPEG or PNG"
DAMAGED = "it is cut off or damaged"
UNKNOWN = "it is no PNG, JPEG, GIF, WebP or AVIF picture"
TOO_MANY = "it is made of too many parts"
TOO_LONG = "it is too long for an animation; send it as a video"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", SVG),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- <html> --><!DOCTYPE svg PUBLIC "a" "b">\n<svg>', SVG),
        (b'<!DOCTYPE svg [<!ENTITY a "b"> <!ENTITY c "d">]><SVG >', SVG),
        (b"<!DOCTYPE html><html><svg/></html>", WEB_PAGE),
        (b"\n<HTML><body>", WEB_PAGE),
        (b"<!doctype html>\n<title>A picture</title>", WEB_PAGE),
        (b"<script>alert(1)</script>", WEB_PAGE),
        (b"%PDF-1.7\n", "it is a PDF document and no picture; send a PNG of the page"),
        (box(b"ftyp", b"heic\0\0\0\0mif1heic"), HEIC),
        (box(b"ftyp", b"mif1\0\0\0\0mif1heic") + b"avif", HEIC),
        (saved(drawing(), "TIFF"), "it is a TIFF picture, which browsers don't show; send it as a PNG"),
        (saved(drawing(), "BMP"), "it is a BMP picture, which is too large for a page; send it as a PNG"),
        (b"\xff\x0a\x00", "it is a JPEG XL picture, which many browsers don't show; send it as a JPEG"),
        (box(b"ftyp", b"isom\0\0\2\0isom"), "it is a video and no picture; send it as a video"),
        (b"just words", UNKNOWN),
        (b"RIFF\4\0\0\0WAVE", UNKNOWN),
        (b"<p>GIF89a</p>", UNKNOWN),
    ],
)
def test_no_picture(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert refusal(tmp_path, content) == sentence


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_picture_that_is_cut_off(tmp_path: Path, image_format: str) -> None:
    whole = saved(drawing(), image_format)
    for length in (len(whole) // 4, len(whole) // 2):
        assert refusal(tmp_path, whole[:length]) in {DAMAGED, UNKNOWN}


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_whose_last_frame_is_damaged(tmp_path: Path, image_format: str) -> None:
    moving = bytearray(animation(image_format))
    moving[-60:-20] = bytes(40)
    assert refusal(tmp_path, bytes(moving)) == DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        saved(drawing(), "JPEG").replace(b"\xff\xc0", b"\xff\xfe"),
        png(bytes(13)),
        png(b""),
        png(b"\0\0\0\1\0\0\0\1\x08\0\0\0\0", png_chunk(b"IDAT", zlib.compress(b"\0"))),
        after_header(saved(drawing(), "PNG"), png_chunk(b"acTL", struct.pack(">II", 3, 0))),
        saved(drawing(), "PNG").replace(b"IDAT", b"IDAT\0"),
        saved(drawing(), "GIF")[:13] + b";",
        riff(b""),
        riff(riff_chunk(b"VP8X", bytes(2))),
        riff(riff_chunk(b"VP8 ", b"")),
        box(b"ftyp", b"avif\0\0\0\0avif"),
        box(b"ftyp", b"avif\0\0\0\0avif") + box(b"meta", bytes(4), struct.pack(">I4s", 900, b"iprp")),
    ],
)
def test_a_picture_that_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == DAMAGED


def resized(content: bytes, size: tuple[int, int], layout: str) -> bytes:
    """Return a picture whose header has another size instead of 48 by 32 pixels."""
    before = struct.pack(layout, 48, 32)
    assert before in content
    return content.replace(before, struct.pack(layout, *size))


@pytest.mark.parametrize(
    "content",
    [
        resized(saved(drawing(), "AVIF"), (8000, 5001), ">II"),
        resized(saved(drawing(), "GIF"), (8000, 5001), "<HH"),
        riff(riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 7999 | 5000 << 14))),
        png(struct.pack(">II", 8000, 5001) + b"\x08\2\0\0\0"),
        saved(drawing(), "JPEG").replace(struct.pack(">HH", 32, 48), struct.pack(">HH", 5001, 8000)),
    ],
)
def test_a_picture_of_too_many_pixels_is_not_even_decoded(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == "it has more than 40 megapixels; send a smaller one"


def test_a_frame_that_reaches_far_out_of_its_gif_counts_as_well(tmp_path: Path) -> None:
    small = saved(drawing(), "GIF")
    far = small[:6] + small[6:].replace(struct.pack("<HHHH", 0, 0, 48, 32), struct.pack("<HHHH", 60000, 60000, 48, 32))
    assert refusal(tmp_path, far) == "it has more than 40 megapixels; send a smaller one"


@pytest.mark.parametrize(("size", "count"), [((1, 1), 2001), ((1000, 1000), 1001)])
def test_an_animation_that_is_too_long_is_not_even_decoded(tmp_path: Path, size: tuple[int, int], count: int) -> None:
    assert refusal(tmp_path, blinking(size, count)) == TOO_LONG


def test_a_jpeg_of_too_many_scans(tmp_path: Path) -> None:
    scans = saved(drawing(), "JPEG")[:-2] + segment(0xDA, bytes(10)) * 200 + b"\xff\xd9"
    assert refusal(tmp_path, scans) == "it is made of too many parts"


def test_a_fault_of_the_disk_is_none_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        publishable(tmp_path / "missing", tmp_path / "target", "m.image", KEEP)
    source = tmp_path / "source"
    source.write_bytes(saved(drawing(), "PNG"))
    with pytest.raises(FileNotFoundError):
        publishable(source, tmp_path / "missing" / "target", "m.image", KEEP)


def test_its_content_decides_what_a_file_is(tmp_path: Path) -> None:
    source = tmp_path / "picture.png"
    source.write_bytes(saved(drawing(), "JPEG"))
    assert publishable(source, tmp_path / "target.svg", "m.image", KEEP) == "jpg"
    assert opened((tmp_path / "target.svg").read_bytes()).format == "JPEG"
    assert source.read_bytes() == saved(drawing(), "JPEG")
    assert Image.open(BytesIO(source.read_bytes())).size == (48, 32)

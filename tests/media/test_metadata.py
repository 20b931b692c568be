"""What pictures tell of people is gone, and what is seen of them is the same."""

import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.media.making import (
    EXTENSIONS,
    FORMATS,
    MARKED,
    MARKER,
    WIDE_MARKER,
    after_header,
    animation,
    difference,
    drawing,
    frames,
    marked_png,
    opened,
    png,
    png_chunk,
    png_chunks,
    profile,
    published,
    saved,
    segment,
)

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
LOSSLESS = ("GIF", "PNG", "WEBP")
SRGB = ImageCms.createProfile("sRGB")


def in_srgb(content: bytes) -> Image.Image:
    """Return a picture as it is seen by somebody whose screen has the colours of sRGB."""
    picture = opened(content)
    if "icc_profile" not in picture.info:
        return picture.convert("RGB")
    embedded = ImageCms.ImageCmsProfile(BytesIO(picture.info["icc_profile"]))
    converted = ImageCms.profileToProfile(picture.convert("RGB"), embedded, SRGB)
    assert isinstance(converted, Image.Image)
    return converted


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
    assert not {"exif", "xmp", "comment", "photoshop", "dpi", "icc_profile"} & picture.info.keys()


@pytest.mark.parametrize("image_format", FORMATS)
def test_what_is_seen_stays_the_same(tmp_path: Path, image_format: str) -> None:
    """The colours are those of sRGB, whatever profile a picture brought; one here swaps red and green."""
    marked = MARKED[image_format]()
    clean, _ = published(tmp_path, marked)
    assert difference(opened(clean), in_srgb(marked)) < (0.01 if image_format in LOSSLESS else 3)
    if image_format != "GIF":
        assert difference(opened(clean), opened(marked)) > 20


def test_a_png_keeps_no_chunk_but_what_is_seen_depends_on(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, marked_png())
    assert set(png_chunks(clean)) == {b"IHDR", b"IDAT", b"IEND"}


def test_transparency_stays_where_a_profile_goes(tmp_path: Path) -> None:
    clear = drawing(mode="RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    clean, _ = published(tmp_path, saved(clear, "PNG", icc_profile=profile()))
    assert opened(clean).getchannel("A").tobytes() == clear.getchannel("A").tobytes()


@pytest.mark.parametrize("options", [{"transparency": 0}, {}])
def test_a_palette_has_its_profiles_colours(tmp_path: Path, options: dict[str, int]) -> None:
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    clean = opened(published(tmp_path, saved(palette, "PNG", icc_profile=profile(), **options))[0])
    assert clean.convert("RGB").getpixel((1, 1)) == in_srgb(saved(palette, "PNG", icc_profile=profile())).getpixel(
        (1, 1)
    )


def test_a_jpeg_keeps_nothing_between_its_scans(tmp_path: Path) -> None:
    plain = saved(drawing(), "JPEG", progressive=True)
    second = plain.index(b"\xff\xda", plain.index(b"\xff\xda") + 2)
    clean, _ = published(tmp_path, plain[:second] + segment(0xFE, MARKER) + plain[second:])
    assert MARKER not in clean
    assert difference(opened(clean), opened(plain)) < 2


def test_a_jpeg_in_rgb_keeps_its_colours(tmp_path: Path) -> None:
    """Only Adobe's segment says that it is; the components' usual numbers alone would stand for another space."""
    plain = saved(drawing(), "JPEG", keep_rgb=True)
    frame, scan = b"R\x11\0G\x11\0B\x11\0", b"R\0G\0B\0"
    numbered = plain.replace(frame, b"\1\x11\0\2\x11\0\3\x11\0").replace(scan, b"\1\0\2\0\3\0")
    assert frames(numbered) == frames(plain)
    assert difference(opened(published(tmp_path, numbered)[0]), opened(plain)) < 2


def test_of_a_phones_several_pictures_the_first_stays(tmp_path: Path) -> None:
    several = saved(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32), "blue")])
    assert opened(several).format == "MPO"
    clean, extension = published(tmp_path, several)
    assert extension == "jpg"
    assert opened(clean).format == "JPEG"
    assert clean.count(b"\xff\xd8\xff") == 1
    assert difference(opened(clean), opened(several)) < 3


@pytest.mark.parametrize("image_format", ANIMATED)
def test_an_animation_shows_the_same_frames_as_long(tmp_path: Path, image_format: str) -> None:
    moving = animation(image_format)
    clean, extension = published(tmp_path, moving)
    assert extension == ("avif" if image_format == "AVIF" else "webp")
    assert [duration for _, duration in frames(clean)] == [50, 60, 70, 80]
    assert opened(clean).info.get("loop") == (4 if image_format == "GIF" else opened(moving).info.get("loop"))
    if image_format in LOSSLESS:
        assert frames(clean) == frames(moving)
        assert len(clean) <= len(moving)


def test_a_picture_for_those_who_see_no_animation_is_no_frame_of_it(tmp_path: Path) -> None:
    pictures = [drawing((96, 64)).rotate(90 * turns) for turns in range(3)]
    moving = saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:], default_image=True, duration=50)
    clean, _ = published(tmp_path, moving)
    assert frames(clean) == frames(moving)[1:]


def test_a_png_of_sixteen_bits_is_seen_the_same(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + bytes(range(row, row + 24)) for row in range(4))
    deep = png(b"\0\0\0\4\0\0\0\4\x10\2\0\0\0", png_chunk(b"IDAT", zlib.compress(rows)))
    assert frames(published(tmp_path, deep)[0]) == frames(deep)


@pytest.mark.parametrize("image_format", FORMATS)
def test_the_smallest_picture_is_one(tmp_path: Path, image_format: str) -> None:
    options = {"lossless": True} if image_format == "WEBP" else {}
    dot = saved(Image.new("RGB", (1, 1), "teal"), image_format, **options)
    clean = published(tmp_path, dot)[0]
    assert difference(opened(clean), opened(dot)) < (0.01 if image_format in LOSSLESS else 3)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # Pillow says it, and reads the picture
def test_a_picture_is_what_it_is_though_its_orientation_can_not_be_read(tmp_path: Path) -> None:
    plain = saved(drawing(), "JPEG")
    broken = plain[:20] + segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff") + plain[20:]
    assert opened(published(tmp_path, broken)[0]).size == (48, 32)


@pytest.mark.parametrize(
    "broken", [b"", b"no profile", zlib.compress(b"no profile"), zlib.compress(bytes(900_000)), zlib.compress(b"acsp")]
)
def test_a_colour_profile_that_is_none_is_left_out(tmp_path: Path, broken: bytes) -> None:
    plain = saved(drawing(), "PNG")
    clean = published(tmp_path, after_header(plain, png_chunk(b"iCCP", b"a\0\0" + broken)))[0]
    assert frames(clean) == frames(plain)

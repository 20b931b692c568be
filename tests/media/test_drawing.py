"""Pictures are drawn anew where they must be: upright, for the web, as small as wanted, in the format wanted."""

import struct
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from tests.media.making import (
    FORMATS,
    animation,
    difference,
    drawing,
    exif,
    frames,
    opened,
    published,
    refusal,
    saved,
    visible,
)
from twimbot.media.picture import supported
from twimbot.media.wanted import Wanted

WEBP, AVIF = Wanted("webp"), Wanted("avif")


def upright(content: bytes) -> Image.Image:
    return ImageOps.exif_transpose(opened(content))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_picture_stands_upright(tmp_path: Path, image_format: str, orientation: int) -> None:
    options = {"lossless": True} if image_format == "WEBP" else {}
    turned = saved(drawing(), image_format, exif=exif(orientation), **options)
    clean, _ = published(tmp_path, turned)
    assert upright(clean).size == upright(turned).size
    assert difference(upright(clean), upright(turned)) < (0.001 if image_format in {"PNG", "WEBP"} else 3)
    assert dict(opened(clean).getexif()) == {}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_that_is_turned_keeps_its_mode_and_pixels(tmp_path: Path, mode: str) -> None:
    picture = drawing(mode="RGBA").convert("L").convert("I;16") if mode == "I;16" else drawing(mode=mode)
    turned = saved(picture, "PNG", exif=exif(6))
    clean = opened(published(tmp_path, turned)[0])
    assert clean.mode == mode
    assert clean.tobytes() == picture.transpose(Image.Transpose.ROTATE_270).tobytes()


def test_a_palette_that_is_turned_keeps_its_transparency(tmp_path: Path) -> None:
    turned = saved(drawing(mode="P"), "PNG", transparency=bytes(range(0, 250, 10)), exif=exif(6))
    assert visible(opened(published(tmp_path, turned)[0])) == visible(upright(turned))


@pytest.mark.parametrize("options", [{"subsampling": "4:4:4"}, {"subsampling": "4:2:0"}, {"progressive": True}])
def test_a_jpeg_is_coded_again_as_it_was(tmp_path: Path, options: dict[str, str | bool]) -> None:
    before = opened(saved(drawing(), "JPEG", quality=63, exif=exif(3), **options))
    after = opened(published(tmp_path, saved(drawing(), "JPEG", quality=63, exif=exif(3), **options))[0])
    assert isinstance(before, JpegImageFile)
    assert isinstance(after, JpegImageFile)
    assert after.quantization == before.quantization
    assert get_sampling(after) == get_sampling(before)
    assert ("progressive" in after.info) is ("progressive" in before.info)


def test_colours_for_print_become_those_of_the_web(tmp_path: Path) -> None:
    clean, extension = published(tmp_path, saved(drawing(mode="CMYK"), "JPEG", quality=95))
    assert extension == "jpg"
    assert opened(clean).mode == "RGB"
    assert difference(opened(clean), drawing()) < 3


def grey_profile(gamma: float) -> bytes:
    """Return a colour profile for greys (ICC.1:2001-04): a white point and a curve."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)}
    tags[b"kTRC"] = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, int(gamma * 256))
    offset = 128 + 4 + 12 * len(tags)
    table, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, offset + len(content), len(tag))
        content += tag
    size = offset + len(content)
    header = struct.pack(">II4s4s4s4s12x4s", size, 0, b"\2\x40\0\0", b"mntr", b"GRAY", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + table + content


def test_greys_look_the_same_in_a_format_that_knows_only_colours(tmp_path: Path) -> None:
    linear = grey_profile(1.0)
    grey = Image.new("L", (64, 64), 55)
    clean = opened(published(tmp_path, saved(grey, "PNG", icc_profile=linear), Wanted("webp", 32))[0])
    assert "icc_profile" not in clean.info
    assert clean.getpixel((5, 5)) == (128, 128, 128)


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_wide_picture_is_scaled_down(tmp_path: Path, image_format: str) -> None:
    clean, extension = published(tmp_path, saved(drawing((200, 100)), image_format), Wanted(width=50))
    assert opened(clean).size == (50, 25)
    assert extension == {"PNG": "png", "JPEG": "jpg", "GIF": "webp", "WEBP": "webp", "AVIF": "avif"}[image_format]
    assert difference(opened(clean), drawing((200, 100)).resize((50, 25), Image.Resampling.LANCZOS)) < 8


@pytest.mark.parametrize("width", [200, 201])
@pytest.mark.parametrize("image_format", FORMATS)
def test_a_picture_is_never_scaled_up(tmp_path: Path, image_format: str, width: int) -> None:
    plain = saved(drawing((200, 100)), image_format)
    clean = opened(published(tmp_path, plain, Wanted(width=width))[0])
    assert clean.size == (200, 100)
    assert difference(clean, opened(plain)) < 3


def test_the_width_is_that_of_the_upright_picture(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, saved(drawing((200, 100)), "JPEG", exif=exif(6)), Wanted(width=50))
    assert opened(clean).size == (50, 100)


def test_a_flat_picture_keeps_a_row(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, saved(drawing((200, 1)), "PNG"), Wanted(width=50))
    assert opened(clean).size == (50, 1)


@pytest.mark.parametrize("options", [{"transparency": bytes(5)}, {"transparency": 0}])
def test_a_palette_is_scaled_with_its_transparency(tmp_path: Path, options: dict[str, bytes | int]) -> None:
    palette = Image.new("P", (80, 80), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(0, (0, 0, 40, 80))
    clean = opened(published(tmp_path, saved(palette, "PNG", **options), Wanted(width=40))[0])
    assert clean.mode == "RGBA"
    assert clean.getpixel((2, 2))[3] == 0  # type: ignore[index]


def test_a_transparent_colour_is_scaled_as_transparency(tmp_path: Path) -> None:
    keyed = Image.new("RGB", (80, 80), "red")
    keyed.paste("blue", (0, 0, 40, 80))
    clean = opened(published(tmp_path, saved(keyed, "PNG", transparency=(0, 0, 255)), Wanted(width=40))[0])
    assert clean.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert clean.getpixel((30, 2)) == (255, 0, 0, 255)


@pytest.mark.parametrize("wanted", [Wanted(width=24), Wanted("webp", 24)])
def test_sixteen_bits_of_grey_are_scaled_as_bright_as_they_were(tmp_path: Path, wanted: Wanted) -> None:
    deep = Image.new("I;16", (48, 32), 65280)
    clean = opened(published(tmp_path, saved(deep, "PNG"), wanted)[0])
    assert clean.convert("L").getpixel((5, 5)) == 254


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_scaled_frame_by_frame(tmp_path: Path, image_format: str) -> None:
    moving = animation(image_format, (96, 64))
    clean, extension = published(tmp_path, moving, Wanted(width=48))
    assert extension == ("avif" if image_format == "AVIF" else "webp")
    assert opened(clean).size == (48, 32)
    before, after = frames(moving), frames(clean)
    assert [duration for _, duration in after] == [duration for _, duration in before]
    assert b"VP8L" not in clean
    for (old, _), (new, _) in zip(before, after, strict=True):
        small = Image.frombytes("RGBA", (96, 64), old).resize((48, 32), Image.Resampling.LANCZOS)
        assert difference(small.getchannel("A"), Image.frombytes("RGBA", (48, 32), new).getchannel("A")) < 3


@pytest.mark.parametrize(
    ("image_format", "loop", "plays"),
    [("GIF", {}, 1), ("GIF", {"loop": 0}, 0), ("GIF", {"loop": 2}, 3), ("PNG", {"loop": 2}, 2)],
)
def test_an_animation_in_another_format_is_played_as_often(
    tmp_path: Path, image_format: str, loop: dict[str, int], plays: int
) -> None:
    pictures = [drawing((96, 64)), drawing((96, 64)).rotate(180)]
    moving = saved(pictures[0], image_format, save_all=True, append_images=pictures[1:], duration=100, **loop)
    clean, _ = published(tmp_path, moving, Wanted(width=48))
    assert opened(clean).info["loop"] == plays


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_lossless_picture_loses_nothing_as_webp(tmp_path: Path, mode: str) -> None:
    plain = saved(drawing((96, 64), mode), "PNG", compress_level=0)
    clean, extension = published(tmp_path, plain, WEBP)
    assert extension == "webp"
    assert len(clean) < len(plain)
    assert frames(clean) == frames(plain)


@pytest.mark.parametrize("image_format", ["GIF", "PNG"])
def test_a_lossless_animation_loses_nothing_as_webp(tmp_path: Path, image_format: str) -> None:
    moving = animation(image_format, (160, 160))
    clean, extension = published(tmp_path, moving, WEBP)
    assert extension == "webp"
    assert len(clean) < len(moving)
    assert frames(clean) == frames(moving)


@pytest.mark.parametrize("wanted", [WEBP, AVIF])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_a_picture_becomes_what_is_wanted_where_that_is_smaller(
    tmp_path: Path, image_format: str, wanted: Wanted
) -> None:
    options = {"compress_level": 0} if image_format == "PNG" else {"quality": 100}
    plain = saved(drawing((400, 300)), image_format, **options)
    clean, extension = published(tmp_path, plain, wanted)
    assert extension == wanted.format
    assert opened(clean).format == wanted.format.upper()
    assert len(clean) < len(plain)
    assert difference(opened(clean), opened(plain)) < 3


def test_a_picture_stays_what_it_is_where_another_format_is_no_smaller(tmp_path: Path) -> None:
    plain = saved(Image.effect_noise((400, 300), 90), "JPEG", quality=20)
    assert published(tmp_path, plain, WEBP)[1] == "jpg"


def test_a_large_picture_stays_in_its_format(tmp_path: Path) -> None:
    large = saved(Image.new("1", (4001, 4000)), "PNG")
    assert published(tmp_path, large, WEBP)[1] == "png"


def test_a_long_page_stays_in_its_format(tmp_path: Path) -> None:
    page = saved(Image.new("L", (2, 16_384)), "PNG", compress_level=0)
    assert published(tmp_path, page, WEBP)[1] == "png"


@pytest.mark.parametrize("image_format", ["WEBP", "AVIF"])
def test_a_picture_too_large_to_be_coded_as_it_was_is_refused(tmp_path: Path, image_format: str) -> None:
    large = saved(Image.new("RGB", (4001, 4000)), image_format, quality=0)
    sentence = f"it has more than 16 megapixels for a {image_format}; send a smaller one"
    assert refusal(tmp_path, large) == sentence
    assert published(tmp_path, large, Wanted(width=100))[1] == image_format.lower()


def test_what_pillow_was_built_with_is_supported() -> None:
    assert supported("keep")
    for wanted_format in ("webp", "avif"):
        assert supported(wanted_format) is (wanted_format.upper() in Image.SAVE)

"""Whatever becomes of a file on its way: what is published is whole, and nothing but a refusal is said."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.media.films import listed, mp4, webm
from tests.media.making import FORMATS, KEEP, MARKED, animation, drawing, frames, opened, published, saved, visible
from twimbot.media.unfit import UnfitFile
from twimbot.media.wanted import Wanted

WHOLE = {
    **{
        image_format: [marked(), animation(image_format)]
        for image_format, marked in MARKED.items()
        if image_format != "JPEG"
    },
    "JPEG": [MARKED["JPEG"](), saved(drawing(), "JPEG", progressive=True)],
}
WANTED = st.sampled_from([KEEP, Wanted(width=20), Wanted("webp"), Wanted("avif", 30)])


@st.composite
def damaged(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """Return a file of which the end is missing or some bits are others."""
    content = bytearray(draw(st.sampled_from(files)))
    if draw(st.booleans()):
        return bytes(content[: draw(st.integers(0, len(content) - 1))])
    for _ in range(draw(st.integers(1, 6))):
        content[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(content)


@pytest.mark.parametrize("image_format", FORMATS)
@settings(max_examples=60)
@given(data=st.data(), wanted=WANTED)
def test_a_damaged_picture_is_refused_or_can_be_seen(image_format: str, data: st.DataObject, wanted: Wanted) -> None:
    content = data.draw(damaged(WHOLE[image_format]))
    with tempfile.TemporaryDirectory() as folder:
        try:
            clean, _ = published(Path(folder), content, wanted)
        except UnfitFile:
            assert not (Path(folder) / "target").exists()
        else:
            assert frames(clean)


@pytest.mark.parametrize("film", [mp4(), webm()], ids=["MP4", "WebM"])
@settings(max_examples=15)
@given(data=st.data())
def test_a_damaged_video_is_refused_or_can_be_played(film: bytes, data: st.DataObject) -> None:
    content = data.draw(damaged([film]))
    with tempfile.TemporaryDirectory() as folder:
        try:
            clean, _ = published(Path(folder), content, kind="m.video")
        except UnfitFile:
            assert not (Path(folder) / "target").exists()
        else:
            assert "Video: " in listed(clean)


MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]
BANDS = {"LA": 2, "RGB": 3, "RGBA": 4, "I;16": 2}


@st.composite
def pictures(draw: st.DrawFn, modes: list[str]) -> Image.Image:
    mode = draw(st.sampled_from(modes))
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    row = (width + 7) // 8 if mode == "1" else width * BANDS.get(mode, 1)
    picture = Image.frombytes(mode, (width, height), draw(st.binary(min_size=row * height, max_size=row * height)))
    if mode == "P":
        picture.putpalette(draw(st.binary(min_size=768, max_size=768)))
    return picture


@given(pictures(MODES))
def test_no_pixel_of_a_png_changes(picture: Image.Image) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clean = opened(published(Path(folder), saved(picture, "PNG"))[0])
    assert (clean.mode, clean.tobytes()) == (picture.mode, picture.tobytes())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(pictures(["1", "L", "LA", "P", "RGB", "RGBA"]), st.sampled_from(["GIF", "PNG"]))
def test_no_pixel_changes_on_the_way_to_webp(picture: Image.Image, image_format: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = saved(picture, image_format)
        clean = opened(published(Path(folder), plain, Wanted("webp"))[0])
    assert visible(clean) == visible(opened(plain))

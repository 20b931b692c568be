"""What a fetched file is, by its content and not by what its sender says."""

import io
from pathlib import Path

import pytest
from PIL import Image

from twimbot.matrix.media import UnfitFile, extension_of


def write(folder: Path, content: bytes) -> Path:
    file = folder / "file.png"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("kind", "extension"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif")]
)
def test_a_picture_has_the_extension_of_its_content(tmp_path: Path, kind: str, extension: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, kind)
    assert extension_of(write(tmp_path, file.getvalue()), "m.image") == extension


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', b"\x89PNG\r\n\x1a\n broken"],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnfitFile, match="no PNG, JPEG, GIF, WebP or AVIF picture"):
        extension_of(write(tmp_path, content), "m.image")


@pytest.mark.parametrize(
    ("start", "extension"), [(b"\0\0\0\x20ftypisom\0\0", "mp4"), (b"\x1aE\xdf\xa3 and so on", "webm")]
)
def test_a_video_has_the_extension_of_its_content(tmp_path: Path, start: bytes, extension: str) -> None:
    assert extension_of(write(tmp_path, start + b"\0" * 20), "m.video") == extension


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitFile, match="no MP4 or WebM video"):
        extension_of(write(tmp_path, b"<html></html>"), "m.video")

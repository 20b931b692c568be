"""What strangers' pictures tell of them is gone, and what is seen is the same."""

from pathlib import Path

import pytest

from tests.media.making import EXTENSIONS, FORMATS, MARKED, MARKERS, frames, opened, published


@pytest.mark.parametrize("image_format", FORMATS)
def test_nothing_is_left_of_the_metadata(tmp_path: Path, image_format: str) -> None:
    marked = MARKED[image_format]()
    assert any(marker in marked for marker in MARKERS)
    clean, extension = published(tmp_path, marked)
    assert extension == EXTENSIONS[image_format]
    assert not any(marker in clean for marker in MARKERS)
    picture = opened(clean)
    assert picture.format == image_format
    assert dict(picture.getexif()) == {}
    assert not {"exif", "xmp", "comment", "photoshop"} & picture.info.keys()


@pytest.mark.parametrize("image_format", FORMATS)
def test_what_is_seen_stays_the_same(tmp_path: Path, image_format: str) -> None:
    marked = MARKED[image_format]()
    clean, _ = published(tmp_path, marked)
    assert frames(opened(clean)) == frames(opened(marked))

"""A picture's file without its metadata, as the readers of all picture formats return it."""

from dataclasses import dataclass

from PIL import ExifTags, Image


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture's file says of it.

    `width` and `height` are in pixels, before `orientation` (EXIF tag 274: 1 upright, to 8) is applied.
    `is_recodable` tells whether Pillow reads all that the colours depend on; it knows ICC profiles and nothing else.
    """

    width: int
    height: int
    orientation: int = 1
    is_lossless: bool = False
    is_recodable: bool = True


@dataclass(frozen=True, slots=True)
class Stripped:
    """The bytes of a picture's file without its metadata, in order, and what it said of the picture."""

    pieces: tuple[bytes | memoryview, ...]
    header: Header


def orientation_in(exif: bytes | memoryview) -> int:
    """Return the orientation that EXIF data names, upright where it can't be read."""
    tags = Image.Exif()
    try:
        tags.load(bytes(exif))
        orientation = tags.get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - Pillow raises whatever it raises on broken EXIF data, which a picture survives
        return 1
    return orientation if orientation in range(1, 9) else 1

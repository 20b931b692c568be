"""Pictures: without their metadata, decoded to the end to see that they are sound, drawn anew only where need be.

Most keep every byte of what is shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import ExifTags, Image, features

from twimbot.media.avif import stripped_avif
from twimbot.media.drawing import Drawing, drawn, upright
from twimbot.media.gif import stripped_gif
from twimbot.media.jpeg import stripped_jpeg
from twimbot.media.png import stripped_png
from twimbot.media.recognise import FileType
from twimbot.media.stripped import Stripped
from twimbot.media.unfit import Damaged, UnfitFile
from twimbot.media.webp import stripped_webp

MOST_PIXELS = 40_000_000
MOST_FRAMES = 2_000
MOST_FRAMES_PIXELS = 1_000_000_000
"""How many pixels all frames of an animation may have; decoding them takes up to half a minute."""

MOST_DRAWN_PIXELS = 200_000_000
"""How many pixels an animation may have to be drawn anew, which takes up to a minute; larger ones stay as they are."""

MOST_SIDE = 16_383
"""How many pixels a picture may be wide and high to be brought into another format: no more fit into WebP."""

STRIPPED = {
    FileType.PNG: stripped_png,
    FileType.JPEG: stripped_jpeg,
    FileType.GIF: stripped_gif,
    FileType.WEBP: stripped_webp,
    FileType.AVIF: stripped_avif,
}

WantedFormat = Literal["keep", "webp", "avif"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format pictures are wanted, and how many pixels wide at most."""

    format: WantedFormat = "keep"
    width: int | None = None


def supported(wanted_format: WantedFormat) -> bool:
    """Tell whether the Pillow that is installed can write a format."""
    return wanted_format == "keep" or bool(features.check(wanted_format))


def publish_picture(source: Path, target: Path, found: FileType, wanted: Wanted) -> FileType:
    """Write a picture to `target` as it may be published, and return its format. Raises UnfitFile, and OSError."""
    stripped = STRIPPED[found](memoryview(source.read_bytes()))
    _refuse_large(stripped)
    with target.open("wb") as file:
        file.writelines(stripped.pieces)
    with _refusing_unreadable(), Image.open(target, formats=[found]) as opened:
        durations = _durations(opened)
        drawing = _drawing(opened, stripped, found, wanted)
        content = drawn(opened, drawing, durations) if drawing else b""
    if drawing is None or (drawing.is_optional and len(content) >= target.stat().st_size):
        return found
    target.write_bytes(content)
    return drawing.format


def _refuse_large(stripped: Stripped) -> None:
    pixels = stripped.width * stripped.height
    if pixels > MOST_PIXELS:
        raise UnfitFile(
            f"it has {pixels / 1_000_000:.0f} megapixels; more than {MOST_PIXELS // 1_000_000} are too many for a page"
        )
    if not pixels:
        raise Damaged


@contextmanager
def _refusing_unreadable() -> Iterator[None]:
    """Raise UnfitFile for whatever Pillow's readers raise, but for the disk's own errors, which have a number."""
    try:
        yield
    except UnfitFile:
        raise
    except MemoryError as error:
        raise UnfitFile("there is not enough memory to read it; send a smaller one") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Damaged from error


def _durations(opened: Image.Image) -> list[int]:
    """Decode all frames; return how long each is shown, in milliseconds."""
    frames = _frames(opened)
    if frames > MOST_FRAMES or frames * opened.width * opened.height > MOST_FRAMES_PIXELS:
        raise UnfitFile("it is too long for an animation; send it as a video")
    durations = []
    for frame in range(frames):
        opened.seek(frame)
        opened.load()
        durations.append(round(opened.info.get("duration", 0)))
    return durations


def _frames(opened: Image.Image) -> int:
    return int(getattr(opened, "n_frames", 1))


def _drawing(opened: Image.Image, stripped: Stripped, found: FileType, wanted: Wanted) -> Drawing | None:
    """Return how a picture is to be drawn anew; None where it stays as it is."""
    orientation = opened.getexif().get(ExifTags.Base.Orientation, stripped.orientation)
    full = upright(opened.size, orientation)
    size = _scaled(full, wanted.width)
    frames = _frames(opened)
    is_touched = size != full or stripped.orientation != 1 or opened.mode == "CMYK"
    is_growing = found is FileType.GIF or (found is FileType.PNG and frames > 1)
    chosen = _format(found, wanted, size, becomes_webp=is_touched and is_growing)
    if chosen is found and (is_growing or not is_touched):
        return None
    if not stripped.is_recodable or (frames > 1 and frames * opened.width * opened.height > MOST_DRAWN_PIXELS):
        return None
    is_lossless = stripped.is_lossless and (frames == 1 or size == full)
    return Drawing(orientation, chosen, size, is_lossless, is_optional=not is_touched)


def _scaled(size: tuple[int, int], width: int | None) -> tuple[int, int]:
    if width is None or size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))


def _format(found: FileType, wanted: Wanted, size: tuple[int, int], *, becomes_webp: bool) -> FileType:
    """Return the format to draw in; animations in GIF and PNG would grow when they are drawn anew."""
    if max(size) > MOST_SIDE:
        return found
    if wanted.format != "keep":
        return FileType(wanted.format.upper())
    return FileType.WEBP if becomes_webp else found

"""Pictures: without their metadata, decoded to the end to see that they are sound, drawn anew only where need be.

Most keep every byte of what is shown. One of MOST_PIXELS takes, beside its file, 60 (GIF) to 700 MB (WebP) of memory;
550 to 900 MB where it is drawn anew, and 1.4 GB for a WebP that has to be turned. Animations take 400 MB, for no more
than a few frames are in memory at once. (Measured with Pillow 13.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from PIL import ExifTags, Image, features

from twimbot.media.avif import stripped_avif
from twimbot.media.drawing import Drawing, drawn, upright
from twimbot.media.gif import stripped_gif
from twimbot.media.jpeg import stripped_jpeg
from twimbot.media.png import stripped_png
from twimbot.media.recognise import FileType
from twimbot.media.stripped import Header
from twimbot.media.unfit import Damaged, UnfitFile
from twimbot.media.wanted import Wanted, WantedFormat
from twimbot.media.webp import stripped_webp

MEGA = 1_000_000
MOST_PIXELS = 40 * MEGA
MOST_FRAMES = 2_000
MOST_FRAMES_PIXELS = 1_000 * MEGA
"""How many pixels all frames of an animation may have; decoding them takes up to half a minute."""

MOST_DRAWN_PIXELS = 100 * MEGA
"""How many pixels an animation may have to be drawn anew, which takes up to a minute; larger ones stay as they are."""

MOST_CODED_PIXELS, MOST_SIDE = 16 * MEGA, 16_383
"""How large a picture may be, all in all and to a side, to be brought into another format.

WebP holds no more to a side, and the coders take up to 40 bytes and ten microseconds for a pixel.
"""

STRIPPED = {
    FileType.PNG: stripped_png,
    FileType.JPEG: stripped_jpeg,
    FileType.GIF: stripped_gif,
    FileType.WEBP: stripped_webp,
    FileType.AVIF: stripped_avif,
}


def supported(wanted_format: WantedFormat) -> bool:
    """Tell whether the Pillow that is installed can write a format."""
    return wanted_format == "keep" or bool(features.check(wanted_format))


def publish_picture(source: Path, target: Path, found: FileType, wanted: Wanted) -> FileType:
    """Write a picture to `target` as it may be published; return its format. Raises UnfitFile, and OSError."""
    header = _strip(source, target, found)
    with _refusing_unreadable(), Image.open(target, formats=[found]) as opened:
        durations = _durations(opened)
        drawing = _drawing(opened, header, found, wanted)
        content = drawn(opened, drawing, durations) if drawing else b""
    if drawing is None or (drawing.is_optional and len(content) >= target.stat().st_size):
        return found
    target.write_bytes(content)
    return drawing.format


def _strip(source: Path, target: Path, found: FileType) -> Header:
    """Write a picture to `target` without its metadata, unless it is too large to be decoded."""
    stripped = STRIPPED[found](memoryview(source.read_bytes()))
    pixels = stripped.header.width * stripped.header.height
    if not pixels:
        raise Damaged
    if pixels > MOST_PIXELS:
        raise UnfitFile(f"it has {ceil(pixels / MEGA)} megapixels; more than {MOST_PIXELS // MEGA} are too many")
    with target.open("wb") as file:
        file.writelines(stripped.pieces)
    return stripped.header


@contextmanager
def _refusing_unreadable() -> Iterator[None]:
    """Raise UnfitFile for whatever Pillow raises, but for the disk's own errors, which have a number."""
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


def _drawing(opened: Image.Image, header: Header, found: FileType, wanted: Wanted) -> Drawing | None:
    """Return how a picture is to be drawn anew; None where it stays as it is."""
    orientation = opened.getexif().get(ExifTags.Base.Orientation, header.orientation)
    full = upright(opened.size, orientation)
    size = _scaled(full, wanted.width)
    is_animated = _frames(opened) > 1
    is_touched = size != full or header.orientation != 1 or opened.mode == "CMYK"
    would_grow = found is FileType.GIF or (found is FileType.PNG and is_animated)
    chosen = _format(found, wanted, size, becomes_webp=is_touched and would_grow)
    if (chosen is found and (would_grow or not is_touched)) or not _is_drawable(opened, header):
        return None
    is_lossless = header.is_lossless and (size == full or not is_animated)
    return Drawing(orientation, chosen, size, is_lossless, is_optional=not is_touched)


def _is_drawable(opened: Image.Image, header: Header) -> bool:
    """Tell whether a picture can be drawn anew; not so one for programs that don't play the animation behind it."""
    if _frames(opened) == 1:
        return header.is_recodable
    pixels = _frames(opened) * opened.width * opened.height
    return header.is_recodable and pixels <= MOST_DRAWN_PIXELS and not opened.info.get("default_image")


def _scaled(size: tuple[int, int], width: int | None) -> tuple[int, int]:
    if width is None or size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))


def _format(found: FileType, wanted: Wanted, size: tuple[int, int], *, becomes_webp: bool) -> FileType:
    """Return the format to draw in; animations in GIF and PNG would grow when they are drawn anew."""
    if max(size) > MOST_SIDE or size[0] * size[1] > MOST_CODED_PIXELS:
        return found
    if wanted.format != "keep":
        return FileType(wanted.format.upper())
    return FileType.WEBP if becomes_webp else found

"""Pictures: decoded to their end, which shows that they are sound, and written anew without what their file told.

One of MOST_PIXELS takes 500 to 600 MB of memory for up to eleven seconds, a WebP without loss of MOST_CODED_PIXELS
900 MB; an animation takes 100 to 400 MB, for no more than a few frames are in memory at once. (Measured with Pillow
13; the event loop goes on meanwhile.)
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import ExifTags, Image, features

from twimbot.media.drawing import Drawing, drawn, upright
from twimbot.media.recognise import FileType
from twimbot.media.unfit import Damaged, UnfitFile
from twimbot.media.wanted import Wanted, WantedFormat

MEGA = 1_000_000
MOST_PIXELS = 40 * MEGA
MOST_CODED_PIXELS, MOST_SIDE = 16 * MEGA, 16_383
"""How large a picture may be, all in all and to a side, to be coded as WebP or AVIF.

WebP holds no more to a side, and the coders take up to 40 bytes and ten microseconds for a pixel.
"""

MOST_FRAMES = 2_000
MOST_FRAMES_PIXELS = 300 * MEGA
"""How many pixels all frames of an animation may have; coding them takes up to a minute."""

MOST_SCANS = 200
"""How often a JPEG may be drawn over: each scan costs as much as a whole picture, and real ones have a dozen."""

START_OF_SCAN = b"\xff\xda"
"""The marker of a scan (ITU-T T.81, B.1.1.3), which coded data never holds (F.1.2.3)."""

LOSSY_WEBP = b"VP8 "
"""The name of the part of a WebP file whose pixels are coded with loss (RFC 9649, 2.5)."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)  # Pillow warns at its limit, and raises at twice of it


def supported(wanted_format: WantedFormat) -> bool:
    """Tell whether the Pillow that is installed can write a format."""
    return wanted_format == "keep" or bool(features.check(wanted_format))


def publish_picture(source: Path, target: Path, found: FileType, wanted: Wanted) -> FileType:
    """Write a picture to `target` as it may be published; return its format. Raises UnfitFile, and OSError."""
    content = source.read_bytes()
    if found is FileType.JPEG and content.count(START_OF_SCAN) > MOST_SCANS:
        raise UnfitFile("it is made of too many parts")
    is_lossless = found in {FileType.PNG, FileType.GIF} or (found is FileType.WEBP and LOSSY_WEBP not in content)
    with _refusing_unreadable(), Image.open(source, formats=_readers(found)) as opened:
        durations = _durations(opened, found)
        drawing = _drawing(opened, durations, wanted, is_lossless=is_lossless)
        files = {each: drawn(opened, drawing, each) for each in _formats(found, drawing, wanted)}
    smallest = min(files, key=lambda each: len(files[each]))
    target.write_bytes(files[smallest])
    return smallest


def _readers(found: FileType) -> list[str]:
    """Return Pillow's names for a format; MPO is a JPEG with further pictures behind it, as phones make them."""
    return ["JPEG", "MPO"] if found is FileType.JPEG else [found]


@contextmanager
def _refusing_unreadable() -> Iterator[None]:
    """Raise UnfitFile for whatever Pillow raises, but for the disk's own errors, which have a number."""
    try:
        yield
    except UnfitFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnfitFile(f"it has more than {MOST_PIXELS // MEGA} megapixels; send a smaller one") from error
    except MemoryError as error:
        raise UnfitFile("there is not enough memory to read it; send a smaller one") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Damaged from error


def _durations(opened: Image.Image, found: FileType) -> dict[int, int]:
    """Decode all frames that are shown; return for how many milliseconds each is.

    A picture for programs that show no animations may stand before the frames of an animated PNG, and other pictures
    behind a phone's JPEG.
    """
    count = 1 if found is FileType.JPEG else int(getattr(opened, "n_frames", 1))
    if count > MOST_FRAMES or (count > 1 and count * opened.width * opened.height > MOST_FRAMES_PIXELS):
        raise UnfitFile("it is too long for an animation; send it as a video")
    durations = {}
    for frame in range(1 if count > 1 and opened.info.get("default_image") else 0, count):
        opened.seek(frame)
        if opened.width * opened.height > MOST_PIXELS:  # later frames of a GIF may reach out of the first
            raise Image.DecompressionBombError
        opened.load()
        durations[frame] = round(opened.info.get("duration", 0))
    return durations


def _drawing(opened: Image.Image, durations: dict[int, int], wanted: Wanted, *, is_lossless: bool) -> Drawing:
    orientation = _orientation(opened)
    full = upright(opened.size, orientation)
    size = _scaled(full, wanted.width)
    is_scaled = size != full
    is_lossless = is_lossless and not (is_scaled and len(durations) > 1)
    return Drawing(durations, orientation, size, is_scaled=is_scaled, is_lossless=is_lossless)


def _orientation(opened: Image.Image) -> int:
    """Return how a picture is turned (EXIF tag 274: 1 upright, to 8); upright where its EXIF data can't be read."""
    try:
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow raises whatever it raises on broken EXIF data, which a picture survives
        return 1


def _scaled(size: tuple[int, int], width: int | None) -> tuple[int, int]:
    if width is None or size[0] <= width:
        return size
    return width, max(1, round(size[1] * width / size[0]))


def _formats(found: FileType, drawing: Drawing, wanted: Wanted) -> set[FileType]:
    """Return the formats of which the one with the smallest file is taken.

    Animations in GIF and PNG become WebP, since Pillow would write their frames with other colours or much larger;
    so does a GIF that is scaled, whose pixels get more colours than it can hold.
    """
    can_be_coded = max(drawing.size) <= MOST_SIDE and drawing.size[0] * drawing.size[1] <= MOST_CODED_PIXELS
    becomes_webp = drawing.is_animated or (drawing.is_scaled and found is FileType.GIF)
    own = FileType.WEBP if becomes_webp and found is not FileType.AVIF else found
    if own in {FileType.WEBP, FileType.AVIF} and not can_be_coded:
        raise UnfitFile(f"it has more than {MOST_CODED_PIXELS // MEGA} megapixels for a {own}; send a smaller one")
    return {own} | ({FileType(wanted.format.upper())} if wanted.format != "keep" and can_be_coded else set())

"""MP4 and QuickTime videos without their metadata."""

from collections.abc import Iterator

from twimbot.media.boxes import Box, BoxFile, container
from twimbot.media.editing import Data, Edit
from twimbot.media.movie import CODECS, codecs_of, film, handler_of
from twimbot.media.unfit import Damaged, UnfitFile


def mp4_edits(data: Data) -> Iterator[Edit]:
    """Yield what takes the metadata out of a video, and tracks that are neither picture nor sound. Raises UnfitFile."""
    file = BoxFile(data)
    _refuse_unplayable(file)
    return VIDEO(file, file.whole)


def _is_shown(file: BoxFile, track: Box) -> bool:
    return handler_of(file, track) == b"soun" or _is_picture(file, track)


def _is_picture(file: BoxFile, track: Box) -> bool:
    codecs = codecs_of(file, track)
    return handler_of(file, track) == b"vide" and bool(codecs) and codecs <= CODECS


VIDEO = container(film(_is_shown))


def _refuse_unplayable(file: BoxFile) -> None:
    if not any(file.within(file.whole, b"moov")):
        raise Damaged
    tracks = list(file.within(file.whole, b"moov", b"trak"))
    if any(_is_picture(file, track) for track in tracks):
        return
    if any(handler_of(file, track) == b"vide" for track in tracks):
        raise UnfitFile("it is coded in a way that browsers don't play; send it as H.264")
    raise UnfitFile("it has no picture")

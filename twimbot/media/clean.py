"""Turns a file that a stranger sent into one that may be published: what it claims to be, sound, and silent about them.

What it is decides its content alone. Metadata goes, be it where the picture was taken, by whom or when; what is shown
and heard stays.
"""

from pathlib import Path

from twimbot.media.recognise import BEGINNING, VIDEOS, FileType, recognised
from twimbot.media.video import publish_video
from twimbot.media.wanted import Wanted

EXTENSIONS = {
    FileType.PNG: "png",
    FileType.JPEG: "jpg",
    FileType.GIF: "gif",
    FileType.WEBP: "webp",
    FileType.AVIF: "avif",
    FileType.MP4: "mp4",
    FileType.WEBM: "webm",
}


def publishable(source: Path, target: Path, kind: str, wanted: Wanted) -> str:
    """Write a picture (`m.image`) or video (`m.video`) to `target` as it may be published; return its extension.

    Takes seconds, and memory in the measure of its pixels (see `picture`), so it is for a thread of its own, one file
    at a time. Raises UnfitFile where it can't be published, and OSError; then nothing is left at `target`.
    """
    try:
        with source.open("rb") as file:
            found = recognised(file.read(BEGINNING), as_video=kind == "m.video")
        if found in VIDEOS:
            found = publish_video(source, target, found)
        else:
            from twimbot.media.picture import publish_picture

            found = publish_picture(source, target, found, wanted)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return EXTENSIONS[found]

"""Videos: without their metadata, and never decoded, so that every sample stays as it is and where it is."""

from mmap import ACCESS_READ, mmap
from pathlib import Path
from shutil import copyfile

from twimbot.media.editing import apply
from twimbot.media.mp4 import mp4_edits
from twimbot.media.recognise import FileType
from twimbot.media.webm import webm_edits

EDITS = {FileType.MP4: mp4_edits, FileType.WEBM: webm_edits}


def publish_video(source: Path, target: Path, found: FileType) -> None:
    """Write a video to `target` as it may be published. Raises UnfitFile, and OSError."""
    copyfile(source, target)
    with source.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as data, target.open("r+b") as file:
        apply(EDITS[found](data), file)

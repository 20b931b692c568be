"""Videos: written anew by the program ffmpeg without their metadata, and never decoded: all samples stay as they are.

What an encoder wrote about itself into the coded pictures stays too: only coding them anew would take it out.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from twimbot.media.recognise import FileType
from twimbot.media.unfit import Damaged, UnfitFile

SECONDS = 300
"""How long ffmpeg may take for a file; the largest that is taken up needs a few seconds."""

READERS = {FileType.MP4: "mov", FileType.WEBM: "matroska"}
"""What ffmpeg calls the formats when it reads them: QuickTime is read as MP4 is, Matroska as WebM."""

PLAYED = {
    FileType.WEBM: (frozenset(["vp8", "vp9", "av1"]), frozenset(["vorbis", "opus"])),
    FileType.MP4: (frozenset(["h264", "hevc", "vp9", "av1"]), frozenset(["aac", "mp3", "opus", "flac"])),
}
"""How pictures and sound may be coded in a format, so that browsers play them, in ffmpeg's words."""

STREAM = re.compile(r"^ {2}Stream #0:\d+\S*: (?P<kind>Video|Audio): (?P<codec>\w+)(?P<more>.*)$", re.MULTILINE)
"""How ffmpeg lists what is in a file; metadata stands below it, further in, and each of its lines is marked."""

COVER = "(attached pic)"
ANY_STREAM = "  Stream #0"
"""What ffmpeg says of each stream that it finds, of data and subtitles too."""

CUT_OFF = ("File ended prematurely", "partial file")
"""What ffmpeg says of a WebM and an MP4 whose end is missing, which it may take all the same."""

MISSING = "this bot takes no videos yet; its operator has to install ffmpeg for that"


@dataclass(frozen=True, slots=True)
class Streams:
    """How the pictures and the sound of a video are coded, in ffmpeg's words, each in the order of the file."""

    video: tuple[str, ...]
    audio: tuple[str, ...]


def ffmpeg() -> str | None:
    """Return the path of ffmpeg: the one on the PATH, else that of the extra `video`; None where neither is there."""
    if found := which("ffmpeg"):
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def publish_video(source: Path, target: Path, found: FileType) -> FileType:
    """Write a video to `target` as it may be published; return its format. Raises UnfitFile, and OSError."""
    program = ffmpeg()
    if program is None:
        raise UnfitFile(MISSING)
    reading = [program, "-nostdin", "-hide_banner", "-protocol_whitelist", "file", "-f", READERS[found]]
    reading += ["-xerror", "-i", f"file:{source.absolute()}"]
    _, listed = _run(reading)
    if ANY_STREAM not in listed:
        raise Damaged
    published = _format(found, _streams(listed))
    keeping = ["-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"]
    silent = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart"]
    status, said = _run([*reading, *keeping, *silent, "-f", published.lower(), "-y", f"file:{target.absolute()}"])
    if status or any(each in said for each in CUT_OFF):
        raise Damaged
    return published


def _run(arguments: list[str]) -> tuple[int, str]:
    """Run ffmpeg with nothing of the bot's environment; return its exit status and what it says."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument is from outside but as a file's name
            arguments, stdin=subprocess.DEVNULL, capture_output=True, env={}, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnfitFile("it takes too long to be read; send a shorter one") from error
    return done.returncode, done.stderr.decode(errors="replace")


def _streams(listed: str) -> Streams:
    found = [match for match in STREAM.finditer(listed) if COVER not in match["more"]]
    return Streams(
        tuple(match["codec"] for match in found if match["kind"] == "Video"),
        tuple(match["codec"] for match in found if match["kind"] == "Audio"),
    )


def _format(found: FileType, streams: Streams) -> FileType:
    """Return the format to write, its own where browsers play it. Raises UnfitFile where they play it in none."""
    if not streams.video:
        raise UnfitFile("it has no picture")
    for published in sorted(PLAYED, key=lambda each: each is not found):
        videos, audios = PLAYED[published]
        if streams.video[0] in videos and audios.issuperset(streams.audio):
            return published
    if any(streams.video[0] in videos for videos, _ in PLAYED.values()):
        raise UnfitFile("its sound is coded in a way that browsers don't play; send it with AAC or Opus")
    raise UnfitFile("it is coded in a way that browsers don't play; send it as H.264")

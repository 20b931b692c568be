"""Videos of a second, made by ffmpeg, with a marker in every place that metadata has."""

import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.media.making import MARKER, XMP, box, drawing, saved
from twimbot.media.video import ffmpeg

SECRET = MARKER.decode()
PLACE = "+48.8577+002.2950/"
PICTURES = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=10")
SOUND = ("-f", "lavfi", "-i", "sine=duration=1")
H264, H265, VP9 = (
    ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
    ("-c:v", "libx265", "-tag:v:0", "hvc1", "-x265-params", "log-level=none"),
    ("-c:v", "libvpx-vp9", "-b:v", "50k", "-cpu-used", "8"),
)
TOLD = (
    *("-metadata", f"title={SECRET}", "-metadata", f"location={PLACE}", "-metadata", f"comment={SECRET}"),
    *("-metadata", "creation_time=2024-01-02T03:04:05Z"),
    *("-metadata:s:v", f"handler_name={SECRET}", "-metadata:s:v", f"title={SECRET}"),
)


def run(*arguments: str | Path) -> str:
    """Run ffmpeg; return what it says."""
    program = ffmpeg()
    assert program
    done = subprocess.run(  # noqa: S603 - the tests' own arguments
        [program, "-nostdin", "-hide_banner", "-y", *arguments], capture_output=True, text=True, check=False
    )
    return done.stderr


@cache
def made(extension: str, *arguments: str) -> bytes:
    """Return a video as ffmpeg writes it by those arguments, which come before the file's name.

    In them `{chapters}`, `{subtitles}` and `{cover}` stand for files: chapters and a subtitle with the marker, and a
    picture.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {each: folder / each for each in ("chapters", "subtitles", "cover")}
        chapter = f"[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle={SECRET}\n"
        files["chapters"].write_text(f";FFMETADATA1\n{chapter}", encoding="utf-8")
        files["subtitles"].write_text(f"1\n00:00:00,000 --> 00:00:00,900\n{SECRET}\n", encoding="utf-8")
        files["cover"].write_bytes(saved(drawing(), "PNG"))
        film = folder / f"film.{extension}"
        said = run(*(argument.format(**files) for argument in arguments), film)
        assert film.exists(), said
        assert film.stat().st_size, said
        return film.read_bytes()


def mp4(*coding: str, extension: str = "mp4") -> bytes:
    """Return an MP4 of pictures, sound, a cover, a subtitle, chapters and boxes that say who filmed it and where."""
    beside = ("-f", "srt", "-i", "{subtitles}", "-i", "{cover}", "-f", "ffmetadata", "-i", "{chapters}")
    maps = ("-map", "0:v", "-map", "1:a", "-map", "2:s", "-map", "3:v", "-map_chapters", "4")
    codecs = (*(coding or H264), "-c:a", "aac", "-c:s", "mov_text", "-c:v:1", "png", "-disposition:v:1", "attached_pic")
    film = made(extension, *PICTURES, *SOUND, *beside, *maps, *codecs, *TOLD)
    return film + box(b"uuid", bytes(16), XMP) + box(b"free", MARKER)


def webm(*coding: str) -> bytes:
    """Return a WebM of pictures, sound and chapters, with texts wherever they may be."""
    beside = ("-f", "ffmetadata", "-i", "{chapters}")
    maps = ("-map", "0:v", "-map", "1:a", "-map_chapters", "2")
    return made("webm", *PICTURES, *SOUND, *beside, *maps, *(coding or VP9), "-c:a", "libopus", *TOLD)


def samples(content: bytes) -> str:
    """Return the checksums of all samples of a video's pictures and sound, in order, without their times."""
    with tempfile.TemporaryDirectory() as name:
        film, sums = Path(name) / "film", Path(name) / "sums"
        film.write_bytes(content)
        run("-i", film, "-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-f", "framehash", sums)
        lines = [line for line in sums.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines
    return "\n".join(line.rpartition(",")[2] for line in sorted(lines, key=lambda line: line.partition(",")[0]))


def listed(content: bytes) -> str:
    """Return what ffmpeg tells of a video."""
    with tempfile.TemporaryDirectory() as name:
        film = Path(name) / "film"
        film.write_bytes(content)
        return run("-i", film)

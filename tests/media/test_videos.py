"""Videos lose what they tell of people, and keep every sample; real ones, made and read by ffmpeg."""

import sys
from pathlib import Path

import pytest

from tests.media.films import H264, H265, PICTURES, PLACE, SOUND, VP9, listed, made, mp4, samples, webm
from tests.media.making import MARKER, box, drawing, published, refusal, saved
from twimbot.media import video

DAMAGED = "it is cut off or damaged"
UNPLAYABLE = "it is coded in a way that browsers don't play; send it as H.264"


@pytest.mark.parametrize(
    ("film", "extension"),
    [
        (mp4(), "mp4"),
        (mp4(extension="mov"), "mp4"),
        (mp4(*H265), "mp4"),
        (mp4() + box(b"skip", MARKER), "mp4"),
        (webm(), "webm"),
        (webm("-c:v", "libvpx", "-b:v", "50k"), "webm"),
        (made("mkv", *PICTURES, *SOUND, *H264, "-c:a", "aac", "-metadata", f"title={MARKER.decode()}"), "mp4"),
    ],
    ids=["MP4", "QuickTime", "H.265", "space", "VP9", "VP8", "Matroska"],
)
def test_a_video_says_nothing_but_what_is_seen_and_heard(tmp_path: Path, film: bytes, extension: str) -> None:
    assert MARKER in film
    clean, found = published(tmp_path, film, kind="m.video")
    assert found == extension
    for secret in (MARKER, PLACE.encode(), b"\xa9xyz", b"uuid", b"PNG", b"2024-01"):
        assert secret not in clean
    assert samples(clean) == samples(film)
    told = listed(clean)
    assert told.count("Stream #") == 2
    assert not {"Chapter", "creation_time", "title", "Subtitle", "attached pic"} & set(told.split())


def test_a_video_without_sound_is_one(tmp_path: Path) -> None:
    film = made("mp4", *PICTURES, *H264)
    clean, _ = published(tmp_path, film, kind="m.video")
    assert samples(clean) == samples(film)


def test_a_video_that_was_held_sideways_is_shown_upright(tmp_path: Path) -> None:
    turned = made("mp4", "-display_rotation", "90", "-noautorotate", *PICTURES, *H264)
    assert "rotation of 90" in listed(turned)
    assert "rotation of 90" in listed(published(tmp_path, turned, kind="m.video")[0])


def test_a_fragmented_mp4_stays_whole(tmp_path: Path) -> None:
    film = made("mp4", *PICTURES, *H264, "-movflags", "frag_keyframe+empty_moov")
    assert b"moof" in film
    assert samples(published(tmp_path, film, kind="m.video")[0]) == samples(film)


def test_h265_is_named_as_safari_wants_it(tmp_path: Path) -> None:
    assert b"hvc1" in published(tmp_path, mp4(*H265), kind="m.video")[0]


def test_the_program_that_wrote_a_webm_is_not_named(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, webm(), kind="m.video")
    assert b"Lavf6" not in clean
    assert b"Lavc" not in clean


@pytest.mark.parametrize(
    ("film", "sentence"),
    [
        (b"", "it is empty"),
        (b"<html>", "it is a web page and no video"),
        (saved(drawing(), "GIF"), "it is a picture and no video; send it as a picture"),
        (b"RIFF\0\0\0\0AVI LIST", "it is an AVI video, which browsers don't play; send it as an MP4"),
        (b"OggS\0", "it is an Ogg file, which many browsers don't play; send it as an MP4"),
        (b"just words", "it is no MP4 or WebM video"),
        (made("mp4", *PICTURES, "-c:v", "mpeg4"), UNPLAYABLE),
        (made("mkv", *PICTURES, "-c:v", "mpeg4"), UNPLAYABLE),
        (made("mp4", *SOUND, "-c:a", "aac"), "it has no picture"),
        (made("webm", *SOUND, "-c:a", "libopus"), "it has no picture"),
        (made("mp4", *SOUND, "-i", "{cover}", "-c:v", "png", "-disposition:v", "attached_pic"), "it has no picture"),
        (
            made("mov", *PICTURES, *SOUND, *H264, "-c:a", "pcm_s16le"),
            "its sound is coded in a way that browsers don't play; send it with AAC or Opus",
        ),
    ],
)
def test_no_video_for_a_page(tmp_path: Path, film: bytes, sentence: str) -> None:
    assert refusal(tmp_path, film, "m.video") == sentence


@pytest.mark.parametrize("film", [mp4(), made("mp4", *PICTURES, *H264, "-movflags", "faststart"), webm()])
def test_a_video_that_is_cut_off(tmp_path: Path, film: bytes) -> None:
    for length in (40, len(film) // 3, len(film) // 2):
        assert refusal(tmp_path, film[:length], "m.video") == DAMAGED


@pytest.mark.parametrize("start", [box(b"ftyp", b"isom\0\0\0\0"), b"\x1a\x45\xdf\xa3"])
def test_a_video_that_is_nothing_but_its_beginning(tmp_path: Path, start: bytes) -> None:
    assert refusal(tmp_path, start + bytes(300), "m.video") == DAMAGED


def test_no_other_file_is_read_that_a_video_names(tmp_path: Path) -> None:
    """What looks like a list of other files, which ffmpeg would read by itself, is read as what its beginning says."""
    other = tmp_path / "other.mp4"
    other.write_bytes(made("mp4", *PICTURES, *H264))
    playlist = f"#EXTM3U\n#EXTINF:1\n{other}\n#EXT-X-ENDLIST\n".encode()
    assert refusal(tmp_path, box(b"ftyp", b"isom\0\0\0\0") + playlist, "m.video") == DAMAGED
    assert refusal(tmp_path, playlist, "m.video") == "it is no MP4 or WebM video"


def test_a_file_that_ffmpeg_takes_too_long_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "SECONDS", 0)
    assert refusal(tmp_path, webm(), "m.video") == "it takes too long to be read; send a shorter one"


def test_where_ffmpeg_is_missing_a_video_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = made("webm", *PICTURES, *VP9)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert refusal(tmp_path, film, "m.video") == video.MISSING

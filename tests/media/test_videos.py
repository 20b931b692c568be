"""Videos lose what they tell of people, and keep every sample where it is."""

import struct
from pathlib import Path

import pytest

from tests.media.films import BLOCK, PICTURES, PLACES, SOUND, element, mp4, numbers, track, webm
from tests.media.making import MARKER, box, drawing, published, saved
from tests.media.test_refusals import DAMAGED, TOO_MANY, refusal

BESIDE = "it carries data beside picture and sound that can't be taken out"
UNPLAYABLE = "it is coded in a way that browsers don't play"
MATROSKA = "it is a Matroska video, which browsers don't play; send it as an MP4 or WebM"


@pytest.mark.parametrize(
    "film",
    [
        mp4(),
        mp4(b"qt  "),
        mp4(codec=b"hvc1"),
        mp4(wide=True),
        mp4(extra=box(b"skip", MARKER)),
        mp4(extra=b"\0\0\0\0mdat" + PICTURES),
    ],
    ids=["MP4", "QuickTime", "H.265", "64 bits", "space", "open end"],
)
def test_an_mp4_says_nothing_but_what_is_seen_and_heard(tmp_path: Path, film: bytes) -> None:
    clean, extension = published(tmp_path, film, kind="m.video")
    assert extension == "mp4"
    assert len(clean) == len(film)
    for secret in (MARKER, PLACES[:16], b"\xa9xyz"):
        assert secret in film
        assert secret not in clean
    for sample in (PICTURES * 3, SOUND * 2):
        assert clean.index(sample) == film.index(sample)


def test_an_mp4_keeps_the_boxes_that_play_it_and_frees_the_others(tmp_path: Path) -> None:
    film = mp4()
    clean, _ = published(tmp_path, film, kind="m.video")
    for kept in (b"ftyp", b"moov", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"stts", b"stsc", b"stsz", b"stco"):
        first = film.index(kept)
        assert clean[first - 4 : first + 4] == film[first - 4 : first + 4]
    for freed in (b"uuid\0", b"udta\0", b"udta" + MARKER, b"meta\0\0\0\0" + MARKER):
        place = film.index(freed)
        assert clean[place : place + 5] == b"free\0"
    assert clean.count(b"trak") == 2


def test_nobody_learns_when_it_was_filmed(tmp_path: Path) -> None:
    clean, _ = published(tmp_path, mp4(), kind="m.video")
    for box_kind, length in ((b"mvhd", 8), (b"mdhd", 8), (b"tkhd", 16)):
        times = clean.index(box_kind) + 8
        assert clean[times : times + length] == bytes(length)
        assert any(mp4()[times : times + length])
    assert clean[clean.index(b"mvhd") + 16 :][:8] == numbers(1000, 1000)


def test_a_fragmented_mp4_stays_whole(tmp_path: Path) -> None:
    movie = box(b"moov", track(b"vide", b"avc1", [], []), box(b"mvex", box(b"trex", bytes(24))))
    fragment = box(b"moof", box(b"mfhd", bytes(8)), box(b"traf", box(b"tfhd", bytes(8)), box(b"udta", MARKER)))
    film = box(b"ftyp", b"isom\0\0\0\0") + movie + fragment + box(b"mdat", PICTURES)
    clean, _ = published(tmp_path, film, kind="m.video")
    assert MARKER not in clean
    assert clean[-len(PICTURES) - 8 :] == film[-len(PICTURES) - 8 :]
    assert clean[clean.index(b"moof") :][:24] == film[film.index(b"moof") :][:24]


def film_with(*boxes: bytes) -> bytes:
    """Return an MP4 whose film and other boxes are these."""
    return box(b"ftyp", b"isom\0\0\0\0") + b"".join(boxes)


SHOWN = track(b"vide", b"avc1", [], [])
ENDLESS = (
    track(b"meta", b"mett", [24], [1])
    .replace(numbers(2, 1, 2, 1, 1, 1, 1), numbers(2, 1, 0xFFFFFFFF, 1, 2, 1, 1))
    .replace(b"stsz" + numbers(0, 0, 1, 1), b"stsz" + numbers(0, 1, 0xFFFFFFFF, 0))
)
"""A track of four thousand million samples in one chunk."""


@pytest.mark.parametrize(
    ("film", "sentence"),
    [
        (b"", "it is empty"),
        (b"<html>", "it is a web page and no video"),
        (saved(drawing(), "GIF"), "it is a picture and no video; send it as a picture"),
        (b"RIFF\0\0\0\0AVI LIST", "it is an AVI video, which browsers don't play; send it as an MP4"),
        (b"OggS\0", "it is an Ogg file, which many browsers don't play; send it as an MP4"),
        (b"just words", "it is no MP4 or WebM video"),
        (webm(b"matroska"), MATROSKA),
        (webm(codec=b"V_MPEG4/ISO/AVC"), f"{UNPLAYABLE} in WebM; send it as an MP4"),
        (webm(track_types=(2,)), "it has no picture"),
        (
            webm(track_types=(1, 17)),
            f"{BESIDE}; convert it to an MP4",
        ),
        (mp4(codec=b"mp4v"), f"{UNPLAYABLE}; send it as H.264"),
        (film_with(box(b"moov", SHOWN.replace(b"stsd", b"free"))), f"{UNPLAYABLE}; send it as H.264"),
        (film_with(box(b"moov", track(b"soun", b"mp4a", [], []))), "it has no picture"),
        (
            film_with(box(b"moov", SHOWN, track(b"meta", b"mett", [], [])), box(b"moof")),
            f"{BESIDE}; convert it to a plain MP4",
        ),
        (mp4().replace(b"stsz", b"stz2"), f"{BESIDE}; convert it to a plain MP4"),
    ],
)
def test_no_video_for_a_page(tmp_path: Path, film: bytes, sentence: str) -> None:
    assert refusal(tmp_path, film, "m.video") == sentence


@pytest.mark.parametrize(
    "film",
    [
        mp4()[:-1],
        mp4()[:40],
        webm()[:-1],
        webm(live=True)[:-1],
        film_with(),
        film_with(box(b"mdat")),
        mp4(extra=b"\0\0\0\x07free"),
        mp4(extra=b"\0\0\0\1free" + bytes(8)),
        mp4(extra=b"\xff\xff\xff\xfffree"),
        mp4(extra=b"\0\0\0\1free" + b"\xff" * 8),
        mp4(extra=b"<html>"),
        webm() + b"\0",
        webm() + b"\xec",
        webm() + b"\xec\xff",
        film_with(box(b"moov", SHOWN, box(b"mvhd", bytes(7)))),
        film_with(box(b"moov", SHOWN, box(b"trak"))),
        film_with(box(b"moov", SHOWN, track(b"meta", b"mett", [0], [4])), box(b"mdat", bytes(99))),
        film_with(box(b"mdat", bytes(300)), box(b"moov", SHOWN, track(b"meta", b"mett", [24] * 9, [30] * 18))),
        film_with(box(b"mdat", bytes(300)), box(b"moov", SHOWN, track(b"meta", b"mett", [24], [301]))),
        film_with(box(b"mdat", bytes(300)), box(b"moov", SHOWN, ENDLESS)),
    ],
)
def test_a_video_that_is_damaged(tmp_path: Path, film: bytes) -> None:
    assert refusal(tmp_path, film, "m.video") == DAMAGED


@pytest.mark.parametrize(
    "film",
    [
        mp4(extra=box(b"free") * 500_000),
        mp4(extra=box(b"mdat") * 100),
        webm(live=True) + element(0xEC) * 500_000,
    ],
)
def test_a_video_of_too_many_parts(tmp_path: Path, film: bytes) -> None:
    assert refusal(tmp_path, film, "m.video") == TOO_MANY


@pytest.mark.parametrize("film", [webm(), webm(live=True), webm(codec=b"V_AV1"), webm(b"webm\0\0", b"V_VP8\0")])
def test_a_webm_says_nothing_but_what_is_seen_and_heard(tmp_path: Path, film: bytes) -> None:
    assert film.count(MARKER) > 100
    clean, extension = published(tmp_path, film, kind="m.video")
    assert extension == "webm"
    assert len(clean) == len(film)
    for secret in (MARKER, MARKER[:4], PLACES[:16]):
        assert secret not in clean
    first = film.index(BLOCK)
    assert clean[first : film.rindex(BLOCK) + len(BLOCK)] == film[first : film.rindex(BLOCK) + len(BLOCK)]
    assert clean.index(b"\x1c\x53\xbb\x6b") == film.index(b"\x1c\x53\xbb\x6b")


def test_what_is_void_in_a_webm_is_as_long_as_it_was(tmp_path: Path) -> None:
    film = webm()
    clean, _ = published(tmp_path, film, kind="m.video")
    attachments = film.index(b"\x19\x41\xa4\x69")
    length = 8 + struct.unpack(">Q", film[attachments + 4 : attachments + 12])[0] - (1 << 56) + 4
    assert clean[attachments : attachments + 9] == b"\xec" + struct.pack(">Q", (length - 9) | 1 << 56)
    assert clean[attachments + 9 : attachments + length] == bytes(length - 9)

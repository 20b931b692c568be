"""JPEG without its metadata: segments are left out, and the picture's data stays as it is (ITU-T T.81, annex B)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.media import icc
from twimbot.media.reading import Cursor, bounded
from twimbot.media.stripped import Header, Stripped, orientation_in
from twimbot.media.unfit import Damaged, UnfitFile

START = b"\xff\xd8"
END = b"\xff\xd9"
SCAN = 0xDA
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset([0xC0, 0xC1, 0xC2])
"""Baseline, extended and progressive: the kinds of JPEG that browsers show."""

OTHER_FRAMES = frozenset([0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF])
TABLES = frozenset([0xC4, 0xDB, 0xDC, 0xDD])
MARKER = re.compile(rb"\xff+[^\xff]")
AFTER_SCAN = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]")
"""The marker that ends a scan's data: zeros are stuffing there, and restarts belong to it (B.1.1.5, F.1.2.3)."""

MOST_SCANS = 200
"""How often a picture may be drawn over: each scan costs as much as a whole picture, and real ones have a dozen."""

JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
LENGTH = 2
"""How long a segment's length is, which it counts too (B.1.1.4)."""

EXIF, PROFILE, ADOBE = b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe"
ADOBE_LENGTH = 12
MOST_IN_SEGMENT = 65533


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker with its parameters, and the coded data behind it where it begins a scan."""

    marker: int
    body: memoryview
    scan: memoryview

    def begins(self, marker: int, start: bytes) -> bool:
        """Tell whether it is an application's segment of that name."""
        return self.marker == marker and self.body[: len(start)] == start


def stripped_jpeg(data: memoryview) -> Stripped:
    """Return a JPEG without its metadata, thumbnails and further pictures. Raises UnfitFile."""
    segments = list(bounded(_segments(data)))
    if any(segment.marker in OTHER_FRAMES for segment in segments):
        raise UnfitFile("it is a kind of JPEG that browsers don't show; send it as a PNG")
    if sum(segment.marker == SCAN for segment in segments) > MOST_SCANS:
        raise UnfitFile("it is made of too many parts")
    height, width = _size(segments)
    return Stripped((START, *_kept(segments), END), Header(width, height, _orientation(segments)))


def _segments(data: memoryview) -> Iterator[Segment]:
    cursor = Cursor(data)
    cursor.expect(START)
    while (marker := _marker(cursor)) != END[1]:
        length = cursor.number(LENGTH, "big")
        if length < LENGTH:
            raise Damaged
        body = cursor.take(length - LENGTH)
        yield Segment(marker, body, _scan(cursor) if marker == SCAN else body[:0])


def _marker(cursor: Cursor) -> int:
    """Return the next marker; it may have any number of bytes of ones before it (B.1.1.2)."""
    found = MARKER.match(cursor.data, cursor.position)
    if not found:
        raise Damaged
    cursor.position = found.end()
    return cursor.data[found.end() - 1]


def _scan(cursor: Cursor) -> memoryview:
    following = AFTER_SCAN.search(cursor.data, cursor.position)
    if not following:
        raise Damaged
    return cursor.take(following.start() - cursor.position)


def _size(segments: list[Segment]) -> tuple[int, int]:
    """Return height and width (B.2.2)."""
    for segment in segments:
        if segment.marker in FRAMES:
            frame = Cursor(segment.body[1:])
            return frame.number(2, "big"), frame.number(2, "big")
    raise Damaged


def _orientation(segments: list[Segment]) -> int:
    for segment in segments:
        if segment.begins(APP1, EXIF):
            return orientation_in(segment.body)
    return 1


def _kept(segments: list[Segment]) -> Iterator[bytes | memoryview]:
    """Return what the picture is drawn from; JFIF and Adobe say which colour space it is coded in."""
    if any(segment.begins(APP0, JFIF[:5]) for segment in segments):
        yield _written(APP0, JFIF)
    yield from _profile(segments)
    for segment in segments:
        if segment.begins(APP14, ADOBE):
            yield _written(APP14, segment.body[:ADOBE_LENGTH])
        elif segment.marker in TABLES | FRAMES | {SCAN}:
            yield _written(segment.marker, segment.body)
            yield segment.scan


def _profile(segments: list[Segment]) -> Iterator[bytes]:
    """Return the segments of the cleaned colour profile; each has its number and their count (ICC.1:2022, B.4)."""
    parts = [bytes(segment.body[len(PROFILE) :]) for segment in segments if segment.begins(APP2, PROFILE)]
    profile = icc.cleaned(b"".join(part[2:] for part in sorted(parts, key=lambda part: part[:1])))
    if profile is None:
        return
    room = MOST_IN_SEGMENT - len(PROFILE) - 2
    pieces = [profile[start : start + room] for start in range(0, len(profile), room)]
    for number, piece in enumerate(pieces, start=1):
        yield _written(APP2, PROFILE + bytes([number, len(pieces)]) + piece)


def _written(marker: int, body: bytes | memoryview) -> bytes:
    return bytes([START[0], marker]) + (len(body) + LENGTH).to_bytes(LENGTH, "big") + body

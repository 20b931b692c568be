"""WebP without its metadata: chunks are left out, and the picture's data stays as it is (RFC 9649)."""

from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.media import icc
from twimbot.media.reading import Cursor, bounded
from twimbot.media.stripped import Header, Stripped, orientation_in
from twimbot.media.unfit import Damaged

HEADER_LENGTH = 12
PICTURE = frozenset([b"ALPH", b"VP8 ", b"VP8L"])
FRAME_HEADER_LENGTH = 16
HAS_PROFILE, HAS_ALPHA, IS_ANIMATED = 0x20, 0x10, 0x02


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's type and data (2.3)."""

    kind: bytes
    body: bytes | memoryview


def stripped_webp(data: memoryview) -> Stripped:
    """Return a WebP without its metadata, still or animated. Raises UnfitFile."""
    cursor = Cursor(data)
    cursor.expect(b"RIFF")
    content = Cursor(cursor.take(cursor.number(4, "little")))
    content.expect(b"WEBP")
    chunks = list(bounded(_chunks(content)))
    kept = [clean for chunk in chunks for clean in _cleaned(chunk)]
    if not kept:
        raise Damaged
    kept[0] = _with_flags_of(kept)
    pieces = [_written(chunk) for chunk in kept]
    length = 4 + sum(len(piece) for piece in pieces)
    width, height = _size(kept[0])
    orientation = next((orientation_in(chunk.body) for chunk in chunks if chunk.kind == b"EXIF"), 1)
    is_lossless = not any(chunk.kind == b"VP8 " for chunk in _pictures(kept))
    return Stripped(
        (b"RIFF" + length.to_bytes(4, "little") + b"WEBP", *pieces),
        Header(width, height, orientation, is_lossless),
    )


def _chunks(cursor: Cursor) -> Iterator[Chunk]:
    while not cursor.is_at_end:
        kind = bytes(cursor.take(4))
        length = cursor.number(4, "little")
        yield Chunk(kind, cursor.take(length))
        cursor.take(length % 2)


def _cleaned(chunk: Chunk) -> Iterator[Chunk]:
    """Yield a chunk that the picture is drawn from without what else it holds, or nothing."""
    if chunk.kind in PICTURE | {b"VP8X", b"ANIM"}:
        yield chunk
    elif chunk.kind == b"ANMF":
        pieces = [_written(part) for part in bounded(_parts(chunk)) if part.kind in PICTURE]
        yield Chunk(chunk.kind, b"".join((chunk.body[:FRAME_HEADER_LENGTH], *pieces)))
    elif chunk.kind == b"ICCP" and (profile := icc.cleaned(bytes(chunk.body))):
        yield Chunk(chunk.kind, profile)


def _with_flags_of(chunks: list[Chunk]) -> Chunk:
    """Return the first chunk, which says what there is in an extended file, for what is left (2.7.1)."""
    first = chunks[0]
    if first.kind != b"VP8X":
        return first
    flags = Cursor(memoryview(first.body)).number(1, "little") & (HAS_ALPHA | IS_ANIMATED)
    if any(chunk.kind == b"ICCP" for chunk in chunks):
        flags |= HAS_PROFILE
    return Chunk(first.kind, bytes([flags]) + bytes(3) + first.body[4:10])


def _size(first: Chunk) -> tuple[int, int]:
    """Return width and height of the whole picture (2.5, 2.6, 2.7.1; RFC 6386, 9.1)."""
    cursor = Cursor(memoryview(first.body))
    match first.kind:
        case b"VP8X":
            cursor.take(4)
            return cursor.number(3, "little") + 1, cursor.number(3, "little") + 1
        case b"VP8L":
            cursor.take(1)
            bits = cursor.number(4, "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            cursor.take(6)
            return cursor.number(2, "little") & 0x3FFF, cursor.number(2, "little") & 0x3FFF
    raise Damaged


def _parts(frame: Chunk) -> Iterator[Chunk]:
    """Yield the chunks that a frame of an animation is made of (2.7.1.2)."""
    return _chunks(Cursor(memoryview(frame.body)[FRAME_HEADER_LENGTH:]))


def _pictures(chunks: list[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        yield chunk
        if chunk.kind == b"ANMF":
            yield from _parts(chunk)


def _written(chunk: Chunk) -> bytes:
    length = len(chunk.body)
    return chunk.kind + length.to_bytes(4, "little") + chunk.body + bytes(length % 2)

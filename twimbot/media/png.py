"""PNG without its metadata: chunks are left out, and the picture's data stays as it is (PNG, third edition)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.media import icc
from twimbot.media.reading import Cursor, bounded
from twimbot.media.stripped import Header, Stripped, orientation_in
from twimbot.media.unfit import Damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_LENGTH = 13
PICTURE = frozenset([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sBIT", b"bKGD"])
ANIMATION = frozenset([b"acTL", b"fcTL", b"fdAT"])
COLOURS = frozenset([b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi"])
STANDARD_GAMMA = (45455).to_bytes(4, "big")
"""The gamma of sRGB, in the unit of `gAMA` (11.3.2.2)."""

PROFILE_NAME = b"ICC\0\0"
"""A colour profile's name, which says nothing, and how it is compressed (11.3.2.3)."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's type and data, and as a whole in its file."""

    kind: bytes
    body: memoryview
    whole: memoryview


def stripped_png(data: memoryview) -> Stripped:
    """Return a PNG without its metadata, still or animated. Raises UnfitFile."""
    chunks = list(bounded(_chunks(data)))
    header = chunks[0]
    if header.kind != b"IHDR" or len(header.body) != HEADER_LENGTH:
        raise Damaged
    size = Cursor(header.body)
    facts = Header(
        width=size.number(4, "big"),
        height=size.number(4, "big"),
        orientation=next((orientation_in(chunk.body) for chunk in chunks if chunk.kind == b"eXIf"), 1),
        is_lossless=True,
        is_recodable=_is_recodable({chunk.kind: chunk.body for chunk in chunks}),
    )
    return Stripped((SIGNATURE, *_kept(chunks)), facts)


def _chunks(data: memoryview) -> Iterator[Chunk]:
    """Yield the chunks up to the last, whose checksums must be right where they belong to the picture (5.3)."""
    cursor = Cursor(data)
    cursor.expect(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        start = cursor.position
        length = cursor.number(4, "big")
        kind = bytes(cursor.take(4))
        body = cursor.take(length)
        checksum = cursor.number(4, "big")
        if kind in PICTURE | ANIMATION | COLOURS and zlib.crc32(data[start + 4 : cursor.position - 4]) != checksum:
            raise Damaged
        yield Chunk(kind, body, data[start : cursor.position])


def _kept(chunks: list[Chunk]) -> Iterator[bytes | memoryview]:
    for chunk in chunks:
        if chunk.kind == b"iCCP":
            yield _profile(chunk.body)
        elif chunk.kind in PICTURE | ANIMATION | COLOURS:
            yield chunk.whole


def _profile(body: memoryview) -> bytes:
    """Return the chunk of a cleaned colour profile, nothing where it is broken (11.3.2.3)."""
    _, _, compressed = bytes(body).partition(b"\0")
    try:
        profile = icc.cleaned(zlib.decompressobj().decompress(compressed[1:], icc.MOST_BYTES + 1))
    except zlib.error:
        return b""
    if profile is None:
        return b""
    content = b"iCCP" + PROFILE_NAME + zlib.compress(profile)
    return (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")


def _is_recodable(bodies: dict[bytes, memoryview]) -> bool:
    """Tell whether colours follow sRGB or a profile, in the order in which chunks count (11.3.2, "Colour space")."""
    if b"cICP" in bodies:
        return False
    return b"iCCP" in bodies or b"sRGB" in bodies or bodies.get(b"gAMA", STANDARD_GAMMA) == STANDARD_GAMMA

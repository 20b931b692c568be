"""Colour profiles without what they tell of people: names of displays, serial numbers, dates.

A profile is kept because colours look different without it (ICC.1:2022). Its length stays, so that it can be put back
into formats that count in offsets.
"""

from struct import iter_unpack, pack, unpack_from

MOST_BYTES = 4 * 1024 * 1024
MOST_TAGS = 100
HEADER = 128
ENTRY = 12

COLOUR_TAGS = frozenset(
    [
        b"wtpt",
        b"bkpt",
        b"chad",
        b"chrm",
        b"cicp",
        b"lumi",
        b"rXYZ",
        b"gXYZ",
        b"bXYZ",
        b"rTRC",
        b"gTRC",
        b"bTRC",
        b"kTRC",
    ]
    + [direction + digit for direction in (b"A2B", b"B2A", b"D2B", b"B2D") for digit in (b"0", b"1", b"2", b"3")]
)
"""What a profile's colours are computed from (ICC.1:2022, 9.2); every other tag is told apart as text or private."""

REQUIRED_TEXTS = frozenset([b"desc", b"cprt"])
"""What a profile must have though it says nothing about colours (ICC.1:2022, 8.2); left empty."""

ORIGIN_FIELDS = ((4, 8), (24, 36), (48, 56), (80, 84), (84, 128))
"""Who made a profile on which device and when, and its checksum, in the header (ICC.1:2022, 7.2)."""


def cleaned(profile: bytes) -> bytes | None:
    """Return a profile of the same length that holds nothing but colours; None if it is broken or out of measure."""
    if not HEADER + 4 <= len(profile) <= MOST_BYTES or profile[36:40] != b"acsp":
        return None
    (count,) = unpack_from(">I", profile, HEADER)
    table = profile[HEADER + 4 : HEADER + 4 + count * ENTRY]
    if count > MOST_TAGS or len(table) != count * ENTRY:
        return None
    kept = [tag for tag in iter_unpack(">4sII", table) if tag[0] in COLOUR_TAGS | REQUIRED_TEXTS]
    if any(offset < HEADER + 4 + len(table) or offset + size > len(profile) for _, offset, size in kept):
        return None
    clean = bytearray(len(profile))
    clean[:HEADER] = profile[:HEADER]
    for start, end in ORIGIN_FIELDS:
        clean[start:end] = bytes(end - start)
    entries = b"".join(pack(">4sII", *tag) for tag in kept)
    clean[HEADER : HEADER + 4 + len(entries)] = pack(">I", len(kept)) + entries
    for name, offset, size in kept:
        content = profile[offset : offset + size]
        clean[offset : offset + size] = content if name in COLOUR_TAGS else _emptied(content)
    return bytes(clean)


def _emptied(text: bytes) -> bytes:
    """Return a text tag of the same type and length without its text (ICC.1:2022, 10.15; ICC.1:2001-04, 6.5.17)."""
    beginning = {b"desc": b"desc" + pack(">II", 0, 1), b"mluc": b"mluc" + pack(">III", 0, 0, 12)}
    return beginning.get(text[:4], text[:4])[: len(text)].ljust(len(text), b"\0")

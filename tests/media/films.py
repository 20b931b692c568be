"""Videos in miniature, with a marker in every place that metadata has."""

import struct

from tests.media.making import MARKER, XMP, box

PICTURES = b"coded pictures, "
SOUND = b"coded sound, "
PLACES = b"48.8577+002.2950 " + MARKER


def full(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    """Return a box whose content begins with a version and flags."""
    return box(kind, bytes([version, 0, 0, 0]), *content)


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def track(handler: bytes, codec: bytes, chunks: list[int], sizes: list[int], *, wide: bool = False) -> bytes:
    """Return a track whose chunks of samples begin there, two samples in each but the last."""
    entry = box(codec, bytes(42), MARKER.ljust(32, b"\0") if handler == b"vide" else b"")
    offsets = struct.pack(f">I{len(chunks)}{'Q' if wide else 'I'}", len(chunks), *chunks)
    table = box(
        b"stbl",
        full(b"stsd", numbers(1), entry),
        full(b"stts", numbers(1, len(sizes), 1)),
        full(b"stsc", numbers(2, 1, 2, 1, len(chunks), len(sizes) - 2 * (len(chunks) - 1), 1)),
        full(b"stsz", numbers(0, len(sizes), *sizes)),
        full(b"co64" if wide else b"stco", offsets),
        box(b"udta", MARKER),
    )
    media = box(
        b"mdia",
        full(b"mdhd", numbers(1, 2, 1000, 1000, 0)),
        full(b"hdlr", bytes(4), handler, bytes(12), MARKER + b"\0"),
        box(b"minf", full(b"vmhd", bytes(8)), box(b"dinf", full(b"dref", numbers(1), full(b"url ", MARKER))), table),
    )
    return box(b"trak", full(b"tkhd", struct.pack(">QQ", 3, 4), bytes(76), version=1), media, box(b"meta", MARKER))


def mp4(brand: bytes = b"isom", codec: bytes = b"avc1", *, wide: bool = False, extra: bytes = b"") -> bytes:
    """Return an MP4 with a track of pictures, one of sound, and one that says where it was filmed."""
    kind = box(b"ftyp", brand, bytes(4), brand)
    content = (PICTURES * 3) + (SOUND * 2) + (PLACES * 3)
    data = struct.pack(">I4sQ", 1, b"mdat", len(content) + 16) + content if wide else box(b"mdat", content)
    start = len(kind) + len(data) - len(content)
    sound, places = start + 3 * len(PICTURES), start + 3 * len(PICTURES) + 2 * len(SOUND)
    return b"".join(
        [
            kind,
            data,
            box(
                b"moov",
                full(b"mvhd", numbers(1, 2, 1000, 1000), bytes(80)),
                track(b"vide", codec, [start, start + 2 * len(PICTURES)], [len(PICTURES)] * 3, wide=wide),
                track(b"soun", b"mp4a", [sound], [len(SOUND)] * 2, wide=wide),
                track(b"meta", b"mett", [places, places + 2 * len(PLACES)], [len(PLACES)] * 3, wide=wide),
                box(b"udta", box(b"\xa9xyz", PLACES)),
                full(b"meta", MARKER),
            ),
            box(b"uuid", bytes(16), XMP),
            box(b"free", MARKER),
            extra,
        ]
    )


def element(kind: int, *content: bytes) -> bytes:
    """Return an element of RFC 8794."""
    body = b"".join(content)
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + struct.pack(">Q", len(body) | 1 << 56) + body


def endless(kind: int, *content: bytes) -> bytes:
    """Return an element that does not say where it ends."""
    return kind.to_bytes(4, "big") + b"\x01" + b"\xff" * 7 + b"".join(content)


BLOCK = element(0xA3, b"\x81\0\0\x80" + PICTURES)


def webm(
    doc_type: bytes = b"webm", codec: bytes = b"V_VP9", track_types: tuple[int, ...] = (1,), *, live: bool = False
) -> bytes:
    """Return a WebM with tracks of those types, and texts wherever they may be."""
    entries = [
        element(0xAE, element(0xD7, b"\1"), element(0x83, bytes([kind])), element(0x86, codec), element(0x536E, MARKER))
        for kind in track_types
    ]
    group = endless if live else element
    return element(0x1A45DFA3, element(0x4286, b"\1"), element(0x4282, doc_type)) + group(
        0x18538067,
        element(0x114D9B74, element(0x4DBB, element(0x53AB, b"\x12\x54\xc3\x67"), element(0x53AC, b"\xff"))),
        element(
            0x1549A966,
            b"\xbf\x84" + MARKER[:4],
            element(0x2AD7B1, b"\x0f\x42\x40"),
            element(0x7BA9, MARKER),
            element(0x4461, bytes(8)),
            element(0x4D80, MARKER),
            element(0x5741, MARKER),
        ),
        element(0x1654AE6B, *entries),
        group(0x1F43B675, element(0xE7, b"\0"), BLOCK, BLOCK),
        group(0x1F43B675, element(0xE7, b"\1"), BLOCK),
        element(0x1C53BB6B, element(0xBB, element(0xB3, b"\0"))),
        element(0x1941A469, element(0x61A7, MARKER * 100)),
        element(0x1043A770, MARKER),
        element(0xEC, MARKER),
        element(0x1254C367, element(0x7373, MARKER + PLACES)),
    )

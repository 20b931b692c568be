"""AVIF without its metadata: it becomes free space, and the coded pictures stay as they are (ISO/IEC 23008-12).

Coding them anew would cost quality, colours of more than eight bits, and what Pillow does not know of colour spaces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from twimbot.media import icc
from twimbot.media.boxes import FULL, Box, BoxFile, Range, blanked, container, erased, kept
from twimbot.media.editing import Edit, apply
from twimbot.media.movie import all_kept, film, handler_of, picture_sizes, unnamed
from twimbot.media.reading import Cursor, bounded
from twimbot.media.stripped import Header, Stripped
from twimbot.media.unfit import Damaged

PICTURES = frozenset([b"av01", b"grid", b"iovl", b"iden", b"tmap"])
"""The types of items that are coded pictures or made of such; all others are metadata."""

NAMELESS = b"free"
"""A type of items that nobody knows, for those that are emptied."""

WIDE_ENTRIES, WIDE_LOCATIONS = 3, 2
"""The versions of items' entries and locations from which on their numbers have 32 bits (14496-12, 8.11.6, 8.11.3)."""

IN_FILE = 0
"""How items that are no part of a picture are found: from the beginning of the file on (14496-12, 8.11.3)."""

STANDARD_PRIMARIES, STANDARD_TRANSFERS = frozenset([1, 2]), frozenset([1, 2, 6, 13])
"""The code points of sRGB, and of what is shown as if it were (ITU-T H.273, 8.1 and 8.2)."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its number, and where its type stands in the file, before its name."""

    number: int
    kind: bytes
    kind_at: int
    end: int


def stripped_avif(data: memoryview) -> Stripped:
    """Return an AVIF without its metadata and thumbnails, still or animated. Raises UnfitFile.

    Its orientation is a property of the picture that browsers follow; EXIF's is to be ignored (AVIF, 4).
    """
    file = BoxFile(bytes(data))
    changed = BytesIO(data)
    apply(AVIF(file, file.whole), changed)
    sizes = [file.fields(">II", box.body + FULL, box.end) for box in _properties(file, b"ispe")]
    sizes += picture_sizes(file)
    if not sizes:
        raise Damaged
    width, height = max(width for width, _ in sizes), max(height for _, height in sizes)
    return Stripped((changed.getvalue(),), Header(width, height, is_recodable=_is_recodable(file)))


def _is_shown(file: BoxFile, track: Box) -> bool:
    return handler_of(file, track) in {b"pict", b"auxv"}


def _meta(file: BoxFile, meta: Box) -> Iterator[Edit]:
    """Erase what is none of the picture, and empty the items that are metadata or thumbnails."""
    yield from META(file, meta)
    parts = {box.kind: box for box in file.boxes(meta.body + FULL, meta.end)}
    items = list(_items(file, parts.get(b"iinf")))
    hidden = {item.number for item in items if item.kind not in PICTURES} | _thumbnails(file, parts.get(b"iref"))
    for item in items:
        if item.number in hidden:
            yield Edit(item.kind_at, NAMELESS)
        yield Edit(item.kind_at + 4, b"", item.end - item.kind_at - 4)
    yield from blanked(_places(file, parts.get(b"iloc"), hidden), list(file.within(file.whole, b"mdat")))


def _items(file: BoxFile, box: Box | None) -> Iterator[Item]:
    """Yield the items that a picture's file is made of (14496-12, 8.11.6)."""
    if box is None:
        return
    (version,) = file.fields("B", box.body, box.end)
    for entry in file.boxes(box.body + FULL + (4 if version else 2), box.end):
        (version,) = file.fields("B", entry.body, entry.end)
        number, _, kind = file.fields(">IH4s" if version >= WIDE_ENTRIES else ">HH4s", entry.body + FULL, entry.end)
        kind_at = entry.body + FULL + (6 if version >= WIDE_ENTRIES else 4)
        yield Item(number, kind, kind_at, entry.end)


def _thumbnails(file: BoxFile, box: Box | None) -> set[int]:
    """Return the items that refer to others as their thumbnails (14496-12, 8.11.12)."""
    if box is None:
        return set()
    (version,) = file.fields("B", box.body, box.end)
    references = file.boxes(box.body + FULL, box.end)
    layout = ">I" if version else ">H"
    return {file.fields(layout, entry.body, entry.end)[0] for entry in references if entry.kind == b"thmb"}


def _places(file: BoxFile, box: Box | None, items: set[int]) -> Iterator[Range]:
    """Yield where the data of some items is (14496-12, 8.11.3)."""
    if box is None:
        return
    cursor = Cursor(memoryview(file.data[box.body : box.end]))
    version = cursor.number(FULL, "big") >> 24
    sizes = cursor.number(2, "big")
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    wide = 4 if version >= WIDE_LOCATIONS else 2
    before = index_size if version else 0
    for _ in bounded(range(cursor.number(wide, "big"))):
        number = cursor.number(wide, "big")
        method = cursor.number(2, "big") & 15 if version else IN_FILE
        cursor.take(2)
        base = cursor.number(base_size, "big")
        count = cursor.number(2, "big")
        extents = Cursor(cursor.take(count * (before + offset_size + length_size)))
        if number in items and method != IN_FILE:
            raise Damaged
        for _ in range(count if number in items else 0):
            extents.take(before)
            yield Range(base + extents.number(offset_size, "big"), extents.number(length_size, "big"))


def _coloured(file: BoxFile, box: Box) -> Iterator[Edit]:
    """Clean a colour profile (14496-12, 12.1.5)."""
    if _colour_type(file, box) == b"nclx":
        return
    profile = icc.cleaned(file.data[box.body + 4 : box.end])
    if profile is None:
        yield from erased(file, box)
    else:
        yield Edit(box.body + 4, profile)


def _colour_type(file: BoxFile, box: Box) -> bytes:
    (kind,) = file.fields("4s", box.body, box.end)
    return bytes(kind)


def _is_recodable(file: BoxFile) -> bool:
    """Tell whether colours are those of sRGB or of a profile."""
    colours = list(_properties(file, b"colr"))
    if any(_colour_type(file, box) != b"nclx" for box in colours):
        return True
    codes = (file.fields(">HH", box.body + 4, box.end) for box in colours)
    return all(primaries in STANDARD_PRIMARIES and transfer in STANDARD_TRANSFERS for primaries, transfer in codes)


def _properties(file: BoxFile, kind: bytes) -> Iterator[Box]:
    """Yield the properties of that kind of all items (23008-12, 9.3)."""
    for meta in file.within(file.whole, b"meta"):
        inside = Box(meta.kind, meta.start, meta.body + FULL, meta.end)
        yield from file.within(inside, b"iprp", b"ipco", kind)


PROPERTIES = {
    **all_kept(b"ispe", b"pixi", b"av1C", b"auxC", b"irot", b"imir", b"clap", b"pasp", b"lsel", b"a1op", b"a1lx"),
    **all_kept(b"clli", b"mdcv", b"cclv", b"amve"),
    b"colr": _coloured,
}
META = container(
    {
        **all_kept(b"pitm", b"iloc", b"iinf", b"iref", b"idat", b"grpl"),
        b"hdlr": unnamed,
        b"iprp": container({b"ipco": container(PROPERTIES), b"ipma": kept}),
    },
    skipped=FULL,
)
AVIF = container({**film(_is_shown), b"meta": _meta})

"""Films in boxes, be they MP4, QuickTime or animated AVIF, without their metadata (ISO/IEC 14496-12).

What is metadata becomes free space, so samples stay where their offsets say. What an encoder wrote about itself into
the coded pictures stays too: only coding them anew would take it out.
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice, pairwise, repeat

from twimbot.media.boxes import FULL, Box, BoxFile, Range, Rule, blanked, container, erased, kept
from twimbot.media.editing import Edit
from twimbot.media.unfit import Damaged, UnfitFile

CODECS = frozenset([b"avc1", b"avc3", b"hvc1", b"hev1", b"vp08", b"vp09", b"av01"])
"""The codes of H.264, H.265, VP8, VP9 and AV1: pictures that browsers show."""

HANDLER_TYPE = 8
HANDLER_NAME = 24
"""Where the content of a track's handler says what the track is, and how the handler is called (8.4.3)."""

ENTRIES = FULL + 4
"""Where the content of a sample description has its entries (8.5.2)."""

SIZE, COMPRESSOR, COMPRESSOR_LENGTH = 32, 50, 32
"""Where an entry for pictures says how large they are and who coded them, from its start, in bytes (12.1.3)."""

BESIDE = "it carries data beside picture and sound that can't be taken out; convert it to a plain MP4"


def film(is_shown: Callable[[BoxFile, Box], bool]) -> dict[bytes, Rule]:
    """Return the rules for the boxes of a film, in which tracks that are not shown are erased with their samples."""

    def track(file: BoxFile, box: Box) -> Iterator[Edit]:
        return SHOWN_TRACK(file, box) if is_shown(file, box) else _erased_track(file, box)

    return {
        **all_kept(b"ftyp", b"styp", b"mdat", b"sidx", b"ssix", b"mfra"),
        b"moov": container(
            {
                b"mvhd": undated,
                b"trak": track,
                b"mvex": container(all_kept(b"mehd", b"trex")),
            }
        ),
        b"moof": container(
            {
                b"mfhd": kept,
                b"traf": container(
                    all_kept(b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"senc")
                ),
            }
        ),
    }


def handler_of(file: BoxFile, track: Box) -> bytes:
    """Return what a track holds, such as `vide` or `soun` (8.4.3)."""
    for handler in file.within(track, b"mdia", b"hdlr"):
        (kind,) = file.fields("4s", handler.body + HANDLER_TYPE, handler.end)
        return bytes(kind)
    raise Damaged


def codecs_of(file: BoxFile, track: Box) -> set[bytes]:
    """Return how a track's samples are coded (8.5.2)."""
    descriptions = file.within(track, b"mdia", b"minf", b"stbl", b"stsd")
    return {entry.kind for box in descriptions for entry in file.boxes(box.body + ENTRIES, box.end)}


def picture_sizes(file: BoxFile) -> list[tuple[int, int]]:
    """Return width and height of the pictures of each track, in pixels (12.1.3)."""
    descriptions = file.within(file.whole, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    entries = [entry for box in descriptions for entry in file.boxes(box.body + ENTRIES, box.end)]
    return [file.fields(">HH", entry.start + SIZE, entry.end) for entry in entries if entry.kind in CODECS]


def unnamed(_file: BoxFile, box: Box) -> Iterator[Edit]:
    """Take out a handler's name, by which makers call themselves (8.4.3)."""
    yield Edit(box.body + HANDLER_NAME, b"", max(box.end - box.body - HANDLER_NAME, 0))


def undated(file: BoxFile, box: Box) -> Iterator[Edit]:
    """Take out when a film, a track or its media was made and changed (8.2.2, 8.3.2, 8.4.2)."""
    (version,) = file.fields("B", box.body, box.end)
    length = 16 if version == 1 else 8
    file.fields(f"{length}s", box.body + FULL, box.end)
    yield Edit(box.body + FULL, b"", length)


def all_kept(*kinds: bytes) -> dict[bytes, Rule]:
    """Return the rules by which boxes of these kinds stay as they are."""
    return dict.fromkeys(kinds, kept)


def _described(file: BoxFile, box: Box) -> Iterator[Edit]:
    for entry in file.boxes(box.body + ENTRIES, box.end):
        if entry.kind in CODECS:
            file.fields(f"{COMPRESSOR_LENGTH}s", entry.start + COMPRESSOR, entry.end)
            yield Edit(entry.start + COMPRESSOR, b"", COMPRESSOR_LENGTH)


def _located(file: BoxFile, box: Box) -> Iterator[Edit]:
    """Take out where samples were found on somebody's disk (8.7.2)."""
    for entry in file.boxes(box.body + ENTRIES, box.end):
        yield Edit(entry.body + FULL, b"", max(entry.end - entry.body - FULL, 0))


SAMPLE_TABLE = {
    b"stsd": _described,
    **all_kept(b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stsh"),
    **all_kept(b"sdtp", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio"),
}
MEDIA_HEADERS = all_kept(b"vmhd", b"smhd", b"nmhd", b"hmhd", b"gmhd")
SHOWN_TRACK = container(
    {
        b"tkhd": undated,
        b"edts": container(all_kept(b"elst")),
        b"tref": kept,
        b"mdia": container(
            {
                b"mdhd": undated,
                b"hdlr": unnamed,
                b"elng": kept,
                b"minf": container(
                    {
                        **MEDIA_HEADERS,
                        b"hdlr": unnamed,
                        b"dinf": container({b"dref": _located}),
                        b"stbl": container(SAMPLE_TABLE),
                    }
                ),
            }
        ),
    }
)


def _erased_track(file: BoxFile, track: Box) -> Iterator[Edit]:
    """Erase a track and what its samples are; those in fragments are not looked for."""
    if any(file.within(file.whole, b"moof")):
        raise UnfitFile(BESIDE)
    yield from erased(file, track)
    yield from blanked(_chunks(file, track), list(file.within(file.whole, b"mdat")))


def _chunks(file: BoxFile, track: Box) -> Iterator[Range]:
    """Yield where the chunks of a track's samples are (8.7)."""
    for table in file.within(track, b"mdia", b"minf", b"stbl"):
        parts = {box.kind: box for box in file.boxes(table.body, table.end)}
        if not {b"stsc", b"stsz"} <= parts.keys():
            raise UnfitFile(BESIDE)
        sizes = _sizes(file, parts[b"stsz"])
        counts = _counts(file, parts[b"stsc"])
        for (start,), count in zip(_offsets(file, parts), counts, strict=False):
            yield Range(start, sum(islice(sizes, count)))


def _offsets(file: BoxFile, parts: dict[bytes, Box]) -> Iterator[tuple[int]]:
    """Yield where chunks start (8.7.5)."""
    if box := parts.get(b"stco"):
        return file.table(">I", box.body + FULL, box.end)
    if box := parts.get(b"co64"):
        return file.table(">Q", box.body + FULL, box.end)
    raise Damaged


def _sizes(file: BoxFile, box: Box) -> Iterator[int]:
    """Yield the lengths of samples, one after another (8.7.3.2)."""
    size, count = file.fields(">II", box.body + FULL, box.end)
    if size * count > len(file.data):
        raise Damaged
    if size:
        return repeat(size, count)
    return (length for (length,) in file.table(">I", box.body + FULL + 4, box.end))


def _counts(file: BoxFile, box: Box) -> Iterator[int]:
    """Yield how many samples there are in each chunk: one run of chunks after another, the last without end (8.7.4)."""
    runs = file.table(">III", box.body + FULL, box.end)
    for (first, count, _), (following, _, _) in pairwise(chain(runs, [(1 << 32, 0, 0)])):
        yield from repeat(count, max(following - first, 0))

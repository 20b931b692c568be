"""WebM videos without their metadata: it becomes void elements, so that all else stays where the cues say.

An EBML file is made of elements, each with an id and the size of its content (RFC 8794); which there are in a video
says RFC 9559.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from twimbot.media.editing import Data, Edit
from twimbot.media.reading import MOST_PASSED
from twimbot.media.unfit import Damaged, UnfitFile

EBML, DOC_TYPE = 0x1A45DFA3, 0x4282
SEGMENT, SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES = (
    *(0x18538067, 0x114D9B74, 0x1549A966),
    *(0x1654AE6B, 0x1F43B675, 0x1C53BB6B),
)
TIMESTAMP_SCALE, DURATION, MUXING_APP, WRITING_APP = 0x2AD7B1, 0x4489, 0x4D80, 0x5741
TRACK_ENTRY, TRACK_TYPE, CODEC_ID = 0xAE, 0x83, 0x86
VIDEO_TRACK, AUDIO_TRACK = 1, 2
CODECS = frozenset([b"V_VP8", b"V_VP9", b"V_AV1"])

IN_CLUSTERS = (0xE7, 0xA7, 0xAB, 0xA3, 0xA0, 0x5854)
"""Timestamp, position, previous size, blocks: met outside of a cluster where its size is unknown (RFC 9559, 23)."""

IN_TRACKS = (
    *(0xD7, 0x73C5, TRACK_TYPE, 0xB9, 0x88, 0x55AA, 0x9C, 0x6DE7, 0x6DF8, 0x23E383, 0x234E7A, 0x23314F, 0x55EE, 0x41E4),
    *(0x22B59C, 0x22B59D, CODEC_ID, 0x63A2, 0x56AA, 0x56BB, 0xAA, 0xE0, 0xE1, 0x6D80),
)
"""What of a track's entry playing it needs: all but the names of the track and its codec (RFC 9559, 5.1.4.1)."""

VOID = 0xEC
ONE_BYTE_SIZE, EIGHT_BYTES_SIZE = 0x80, 1 << 56
LARGEST_IN_ONE_BYTE = 126


@dataclass(frozen=True, slots=True)
class Element:
    """An element: its id with the length marker, where it starts, where its content does, and where it ends."""

    kind: int
    start: int
    body: int
    end: int


class ElementFile:
    """A file of elements, of which no more than MOST_PASSED are read."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.whole = Element(0, 0, 0, len(data))
        self._read = 0

    def inside(self, element: Element) -> Iterator[Element]:
        """Yield the elements that fill another. Raises UnfitFile.

        A cluster of unknown size is yielded without its content, which follows as if it stood beside it.
        """
        start = element.body
        while start < element.end:
            inner = self._element(start, element.end)
            yield inner
            start = inner.end

    def _element(self, start: int, end: int) -> Element:
        self._read += 1
        if self._read > MOST_PASSED:
            raise UnfitFile("it is made of too many parts")
        kind, behind_kind = self._number(start, end, longest=4)
        size, body = self._number(behind_kind, end, longest=8)
        largest = 1 << 7 * (body - behind_kind)
        if size == 2 * largest - 1:
            if kind not in {SEGMENT, CLUSTER}:
                raise Damaged
            return Element(kind, start, body, end if kind == SEGMENT else body)
        if body + size - largest > end:
            raise Damaged
        return Element(kind, start, body, body + size - largest)

    def _number(self, start: int, end: int, longest: int) -> tuple[int, int]:
        """Return a number of variable length with its length marker, and where it ends (RFC 8794, 4)."""
        if start >= end:
            raise Damaged
        length = 9 - self.data[start].bit_length()
        if length > longest or start + length > end:
            raise Damaged
        return int.from_bytes(self.data[start : start + length], "big"), start + length

    def within(self, element: Element, *path: int) -> Iterator[Element]:
        """Yield the elements that are reached through elements of these kinds, the last being their own."""
        for inner in self.inside(element):
            if inner.kind == path[0]:
                if path[1:]:
                    yield from self.within(inner, *path[1:])
                else:
                    yield inner

    def values(self, element: Element, *path: int) -> list[bytes]:
        """Return the contents of the elements reached so."""
        return [self.data[found.body : found.end] for found in self.within(element, *path)]


Rule = Callable[[ElementFile, Element], Iterator[Edit]]
"""What to change in an element."""


def webm_edits(data: Data) -> Iterator[Edit]:
    """Yield what takes the metadata out of a WebM video. Raises UnfitFile."""
    file = ElementFile(data)
    _refuse_unplayable(file)
    return VIDEO(file, file.whole)


def _refuse_unplayable(file: ElementFile) -> None:
    """Raise UnfitFile where browsers show no picture; texts may be filled up with zeros (RFC 8794, 7.4)."""
    if [value.rstrip(b"\0") for value in file.values(file.whole, EBML, DOC_TYPE)] != [b"webm"]:
        raise UnfitFile("it is a Matroska video, which browsers don't play; send it as an MP4 or WebM")
    tracks = list(file.within(file.whole, SEGMENT, TRACKS, TRACK_ENTRY))
    types = [int.from_bytes(value, "big") for track in tracks for value in file.values(track, TRACK_TYPE)]
    if VIDEO_TRACK not in types:
        raise UnfitFile("it has no picture")
    if not set(types) <= {VIDEO_TRACK, AUDIO_TRACK}:
        raise UnfitFile("it carries data beside picture and sound that can't be taken out; convert it to an MP4")
    codecs = {value.rstrip(b"\0") for track in tracks for value in file.values(track, CODEC_ID)}
    if not codecs & CODECS:
        raise UnfitFile("it is coded in a way that browsers don't play in WebM; send it as an MP4")


def _kept(_file: ElementFile, _element: Element) -> Iterator[Edit]:
    return iter(())


def _voided(_file: ElementFile, element: Element) -> Iterator[Edit]:
    """Make a void element of another (RFC 8794, 11.3.2)."""
    content = element.end - element.start - 2
    if content <= LARGEST_IN_ONE_BYTE:
        header = bytes([VOID, ONE_BYTE_SIZE | content])
    else:
        content -= 7
        header = bytes([VOID]) + (EIGHT_BYTES_SIZE | content).to_bytes(8, "big")
    yield Edit(element.start, header, content)


def _emptied(_file: ElementFile, element: Element) -> Iterator[Edit]:
    """Leave nothing of a text that has to be there."""
    yield Edit(element.body, b"", element.end - element.body)


def _master(rules: Mapping[int, Rule]) -> Rule:
    """Return the rule for an element that holds others: those without a rule of their own become void."""

    def clean(file: ElementFile, element: Element) -> Iterator[Edit]:
        for inner in file.inside(element):
            yield from rules.get(inner.kind, _voided)(file, inner)

    return clean


VIDEO = _master(
    {
        EBML: _kept,
        SEGMENT: _master(
            {
                **dict.fromkeys((SEEK_HEAD, CUES, CLUSTER, *IN_CLUSTERS), _kept),
                INFO: _master({TIMESTAMP_SCALE: _kept, DURATION: _kept, MUXING_APP: _emptied, WRITING_APP: _emptied}),
                TRACKS: _master({TRACK_ENTRY: _master(dict.fromkeys(IN_TRACKS, _kept))}),
            }
        ),
    }
)

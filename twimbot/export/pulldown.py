"""Reads a post as its site will: with pulldown-cmark, the parser of Zola (docs/decisions/0003-markdown.md).

Places are bytes of the text in UTF-8. Reading 250 KB takes some 30 ms.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyromark

ZOLA = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
)
"""What Zola reads beside CommonMark on every site (components/markdown/src/markdown.rs)."""

EVERYTHING = ZOLA | pyromark.Options.ENABLE_GFM | pyromark.Options.ENABLE_DEFINITION_LIST
"""The same with what a site may turn on: alerts and definition lists."""

ESCAPED_SHORTCODE = re.compile(r"\{\{/\*(.*?)\*/\}\}")

Found = tuple[int, int, Any]
"""From which byte to before which something is, and what it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The positions of those quotes of a post that are not read as they are by themselves.

    `defining` hold a definition by which a link elsewhere may lead somewhere, `differing` are read otherwise, `missing`
    are not in the post as they were given.
    """

    defining: frozenset[int]
    differing: frozenset[int]
    missing: frozenset[int]


def read_among_others(post: str, quotes: Sequence[str]) -> Reading:
    """Read a post, and each of its quotes by itself, and compare.

    `quotes` are the texts of its entries, each line with its `>`, in the order of the post.
    """
    body = _unescaped(post)
    places = dict(_places(body.encode(), [f"{_unescaped(quote)}\n".encode() for quote in quotes]))
    defining, differing = set(), set()
    for options in (ZOLA, EVERYTHING):
        events = _by_place(_events(body, options), places.values())
        definitions = _by_place(_definitions(body, options), places.values())
        for position, place in places.items():
            alone = body.encode()[place[0] : place[1]].decode()
            if definitions[place] or any(_definitions(alone, options)):
                defining.add(position)
            if events[place] != list(_events(alone, options)):
                differing.add(position)
    return Reading(frozenset(defining), frozenset(differing), frozenset(range(len(quotes))) - places.keys())


def _unescaped(markdown: str) -> str:
    """Return a text as Zola hands it to the parser: with its escaped shortcodes as they were."""
    return ESCAPED_SHORTCODE.sub(r"{{\1}}", markdown)


def _places(body: bytes, quotes: Iterable[bytes]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the position of each quote that is found, and from which byte to before which it stands."""
    end = 0
    for position, quote in enumerate(quotes):
        start = body.find(b"\n" + quote, max(end - 1, 0)) + 1
        if start:
            end = start + len(quote)
            yield position, (start, end)


def _events(markdown: str, options: pyromark.Options) -> Iterator[Found]:
    for event, place in pyromark.events_with_range(markdown, options=options):
        yield place["start"], place["end"], event


def _definitions(markdown: str, options: pyromark.Options) -> Iterator[Found]:
    for label, definition in pyromark.reference_definitions(markdown, options=options).items():
        yield definition["span"]["start"], definition["span"]["end"], label


def _by_place(found: Iterable[Found], places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Found]]:
    """Return what is found in each of some places, by where it is in them; what goes over an edge is in both.

    What is around a place as a whole is the template's, and in none.
    """
    ordered = sorted(places)
    starts = [start for start, _ in ordered]
    inside: dict[tuple[int, int], list[Found]] = {place: [] for place in ordered}
    for start, end, what in found:
        index = max(bisect_right(starts, start) - 1, 0)
        for place in ordered[index : index + 2]:
            is_around = start < place[0] and place[1] <= end
            is_empty_at_end = start == end == place[1]  # as a cell is that a table's last row lacks
            if (start < place[1] and place[0] < end and not is_around) or is_empty_at_end:
                inside[place].append((start - place[0], end - place[0], what))
    return inside

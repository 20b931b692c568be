"""The spacing that the site's linter, rumdl, wants around and within blocks."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from twimbot.export.syntax import Block, Document, Edit, apply, harmless, read, shape

TRIALS = 20
"""How often a text is read to find out which list marks can't be changed alone."""

MARK = re.compile(r"[ \t>]*(?P<mark>[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
WIDE_GAP = re.compile(r" {2,4}(?=[^ \t])")


@dataclass(frozen=True, slots=True)
class _Wide:
    """An item whose text is far from its mark, and where in its line mark, gap and text begin."""

    item: Block
    mark: int
    gap: int
    text: int


def spaced(source: str) -> str:
    """Return a source with blank lines around headings and code, and one space behind list marks.

    markdownlint MD022, MD031 and MD030.
    """
    return _with_blank_lines(_with_narrow_marks(_with_narrow_marks(source, _moved_text), _moved_mark))


def _with_blank_lines(source: str) -> str:
    document = read(source)
    quotes = Counter(block.first for block in document.blocks if block.token.type == "blockquote_open")
    edits: dict[int, Edit] = {}
    for block in document.blocks:
        if block.token.type in {"heading_open", "fence"}:
            edges = _edges(document, block, quotes[block.first])
            edits |= {number: document.blank_line(number, prefix) for number, prefix in edges}
    return apply(source, edits.values())


def _edges(document: Document, block: Block, new_quotes: int) -> Iterator[tuple[int, str]]:
    """Return the lines before which a heading or code needs a blank one, and what stands before it in its own line.

    Above it are none of the quotes that begin with its line. A heading in a list needs nothing towards other items.
    """
    first, last = block.first, block.last
    prefix = document.lines[first][: document.lines[first].index(block.token.markup)]
    is_strict = block.is_outermost or block.token.type == "fence"
    if _is_tight(document, first) and (is_strict or not MARK.match(prefix)):
        yield first, prefix.rsplit(">", new_quotes)[0]
    if _is_tight(document, last) and (is_strict or not MARK.match(document.lines[last])):
        yield last, prefix


def _is_tight(document: Document, number: int) -> bool:
    """Tell whether a line has no blank one between it and the one before it."""
    both = document.lines[number - 1 : number + 1] if number else []
    return len(both) > 1 and all(line.strip(" \t>") for line in both)


def _with_narrow_marks(source: str, moves: Callable[[Document, _Wide], Iterable[Edit]]) -> str:
    """Leave one space behind each list mark where those moves change nothing else."""
    document = read(source)
    changes = [tuple(moves(document, wide)) for wide in _wide_marks(document)]
    if not changes:
        return source
    wanted = shape(document)

    def is_harmless(tried: Sequence[tuple[Edit, ...]]) -> bool:
        return shape(read(apply(source, chain.from_iterable(tried)))) == wanted

    kept = harmless(changes, is_harmless, TRIALS)
    return apply(source, chain.from_iterable(kept))


def _wide_marks(document: Document) -> Iterator[_Wide]:
    read_up_to: dict[int, int] = {}
    for item in document.blocks:
        is_item = item.token.type == "list_item_open"
        mark = MARK.match(document.lines[item.first], read_up_to.get(item.first, 0)) if is_item else None
        if mark:
            read_up_to[item.first] = mark.end()
            if gap := WIDE_GAP.match(mark.string, mark.end()):
                yield _Wide(item, mark.start("mark"), mark.end(), gap.end())


def _moved_text(document: Document, wide: _Wide) -> Iterator[Edit]:
    """Return what moves an item's text to its mark, with all lines that stand under it."""
    for number in range(wide.item.first, wide.item.last):
        line, place = document.lines[number], document.starts[number]
        is_under = number == wide.item.first or re.match(rf"[ >]{{{wide.text}}}", line)
        if is_under and line[wide.gap + 1 : wide.text].isspace():
            yield Edit(place + wide.gap + 1, place + wide.text, "")


def _moved_mark(document: Document, wide: _Wide) -> Iterator[Edit]:
    """Return what moves an item's mark to its text, for where the text can't move."""
    place = document.starts[wide.item.first]
    yield Edit(place + wide.mark, place + wide.mark, " " * (wide.text - wide.gap - 1))
    yield Edit(place + wide.gap + 1, place + wide.text, "")

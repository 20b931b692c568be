"""The spacing that the site's linter, rumdl, wants around and within blocks."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from twimbot.export.syntax import Block, Document, Edit, UntrustedStructure, apply, harmless, read, shape

TRIALS = 20
"""How often a text is read to find out which list marks can't be changed alone."""

MARK = re.compile(r"[ \t>]*(?P<mark>[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
WIDE_GAP = re.compile(r" {2,4}(?=[^ \t])")

Move = Callable[[Document, Block, int, int, int], Iterable[Edit]]


def spaced(source: str) -> str:
    """Return a source with blank lines around headings and code, and one space behind list marks.

    markdownlint MD022, MD031 and MD030.
    """
    return _with_blank_lines(_with_narrow_marks(_with_narrow_marks(source, _move_text), _move_mark))


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


def _with_narrow_marks(source: str, move: Move) -> str:
    """Leave one space behind each list mark where that changes nothing else."""
    document = read(source)
    wanted = shape(document)

    def is_harmless(changes: Sequence[tuple[Edit, ...]]) -> bool:
        try:
            return shape(read(apply(source, chain.from_iterable(changes)))) == wanted
        except UntrustedStructure:
            return False

    changes = [tuple(move(document, *wide)) for wide in _wide_marks(document)]
    kept = harmless(changes, is_harmless, TRIALS) if changes else []
    return apply(source, chain.from_iterable(kept))


def _wide_marks(document: Document) -> Iterator[tuple[Block, int, int, int]]:
    """Return the items of lists whose text is far from their mark, and where in the line mark, gap and text begin."""
    read_up_to: dict[int, int] = {}
    for item in document.blocks:
        if item.token.type == "list_item_open":
            mark = MARK.match(document.lines[item.first], read_up_to.get(item.first, 0))
            gap = WIDE_GAP.match(mark.string, mark.end()) if mark else None
            if mark:
                read_up_to[item.first] = mark.end()
            if mark and gap:
                yield item, mark.start("mark"), mark.end(), gap.end()


def _move_text(document: Document, item: Block, _mark: int, gap: int, text: int) -> Iterator[Edit]:
    """Return what moves an item's text to its mark, with all lines that stand under it."""
    for number in range(item.first, item.last):
        line, place = document.lines[number], document.starts[number]
        is_indented = number == item.first or re.match(rf"[ >]{{{text}}}", line)
        if is_indented and line[gap + 1 : text].isspace():
            yield Edit(place + gap + 1, place + text, "")


def _move_mark(document: Document, item: Block, mark: int, gap: int, text: int) -> Iterator[Edit]:
    """Return what moves an item's mark to its text, for where the text can't move."""
    place = document.starts[item.first]
    yield Edit(place + mark, place + mark, " " * (text - gap - 1))
    yield Edit(place + gap + 1, place + text, "")

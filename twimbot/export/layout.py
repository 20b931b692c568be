"""The spacing that the site's linter, rumdl, wants around and within blocks, and line breaks that mean something."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from twimbot.export.syntax import Block, Document, Edit, Inline, apply, harmless, read, shape

TRIALS = 20
"""How often a text is read to find out which list marks can't be changed alone."""

MARK = re.compile(r"[ \t>]*(?P<mark>[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
ASCII_ITEM = re.compile(r"[ \t]*(?:[-+][A-Za-z0-9]|[0-9]{1,3}[.):-][ \t]|\(?[A-Za-z0-9]{1,3}\)[ \t])")
"""How people begin items by hand that are none to Markdown, at least not in the middle of a paragraph."""

BULLETS = frozenset("\u066d\u204e\u2055\u00b7\u2022\u2023\u203a\u203b\u2043\u2219\u22c6\u25e6\u30fb\uff0a")
"""What stands before items and counts as punctuation in Unicode; squares, stars and emoji count as symbols."""

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


def with_line_breaks(source: str) -> str:
    """Return a source in which lines stay below each other that begin with signs, as those of a list by hand do.

    Matrix clients show each line break of a message, and a web page shows none without a mark.
    """
    return apply(source, [edit for inline in read(source).inlines for edit in _break_edits(inline)])


def _break_edits(inline: Inline) -> Iterator[Edit]:
    """Return what keeps the breaks of a paragraph from the one before its second item on, or its only one.

    A sign at the beginning of the first line alone is no list's, and neither is one ASCII mark.
    """
    if "\n" not in inline.content:
        return
    lines = inline.content.split("\n")
    signed = [number for number, line in enumerate(lines) if _begins_with_sign(line)]
    marked = sorted({*signed, *(number for number, line in enumerate(lines) if ASCII_ITEM.match(line))})
    items = marked if len(marked) > 1 else [number for number in signed if number]
    line = 0
    for span in inline.spans if items else ():
        breaks = inline.content.count("\n", span.start, span.end) if span.outer < 0 else 0
        line += breaks
        if breaks and line >= items[0] and span.kind == "text" and not lines[line - 1].endswith("  "):
            place = inline.content.index("\n", span.start)
            yield inline.edit(place, place + 1, "  \n")


def _begins_with_sign(line: str) -> bool:
    begin = line.lstrip(" \t")
    if begin[:1].isascii():
        return KEYCAP.match(begin) is not None
    return begin[0] in BULLETS or unicodedata.category(begin[0]) in {"No", "Pd", "Sm", "So"}


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

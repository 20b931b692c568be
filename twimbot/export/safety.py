"""Makes a contributor's Markdown unable to reach out of its entry, or to do anything but show."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from twimbot.export.characters import DIRECTION_MARKS, ZERO_WIDTH, quoted
from twimbot.export.headings import underline_edits
from twimbot.export.html import fold_edits, html_edits
from twimbot.export.links import label_edits, reference_edits, target_edits
from twimbot.export.syntax import Block, Document, Edit, UntrustedStructure, apply, read, shape

ROUNDS = 12
"""How often Markdown is read again, for what one change brought to light; enough for anything but an attack."""

BEGINNING = re.compile(rf"\A(?:[ \t{ZERO_WIDTH}]*\n)*[{ZERO_WIDTH}]*")
INDENTATION = re.compile(r"[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*")
FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>.*)\Z")
FENCE_LIKE = re.compile(r"[ \t]*(?:`{3}|~{3})")
BLOCK_LIKE = re.compile(r"[ \t>*+.)\d-]*(?:#{1,6}[ \t]|`{3}|~{3})")
MARKUP = re.compile(r"[<\[`{]")
LANGUAGE = re.compile(r"[\w+#.-]*")
FOOTNOTE = re.compile(r"\[(?=\^)")
TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
UNESCAPED_TAG_LIKE = re.compile(rf"\\.|{TAG_LIKE.pattern}", re.DOTALL)
DEFINITION_LIKE = re.compile(r"\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
BLOCK_MARK = r"(?:#{1,6}[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t]|`{3}|~{3})"
ALERT = re.compile(r"\[!(?:note|tip|important|warning|caution)\][ \t]*(?:\n|\Z)", re.IGNORECASE)
HIDDEN_MARK = re.compile(rf"^[ \t]*(?P<hidden>[{ZERO_WIDTH}{DIRECTION_MARKS}]+)(?=[ \t]*{BLOCK_MARK})", re.MULTILINE)
LINE_WITH_COLON = re.compile("^:", re.MULTILINE)
BREAKING = re.compile(r"\n[ \t]*(?=:|\[\^)")


def made_safe(source: str) -> str:
    """Return a source without raw HTML but the harmless, dangerous links, references and footnotes, and trimmed.

    Nothing of that would change what is returned. Raises UntrustedStructure where that comes to no end. Shortcodes are
    left to the module `shortcodes`.
    """
    source = trimmed(source)
    for _ in range(ROUNDS):
        document = read(source)
        hidden = list(_hidden_mark_edits(document))
        safe = trimmed(apply(source, hidden or [edit for rule in RULES for edit in rule(document)]))
        if safe == source:
            return source
        source = safe
    raise UntrustedStructure("every change to it brings another to light")


def trimmed(text: str) -> str:
    """Return text without blank lines around it; the indentation of its first line may mean something."""
    return BEGINNING.sub("", text.rstrip())


def fenced(source: str) -> str:
    """Return a source as a block of code: what is left for Markdown that can't be trusted."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}text\n{source}\n{marks}"


def _tab_edits(document: Document) -> Iterator[Edit]:
    """Write indentation as spaces where the Markdown would be another behind the quote's `> `.

    A tab reaches to the next column that four divides (CommonMark 2.2), and so less far when it stands further right.
    """
    if "\t" not in document.source or shape(document) == shape(read(quoted(document.source)), 1):
        return
    kept = {
        number
        for block in document.blocks
        if block.token.type == "fence" and block.is_outermost
        for number in range(block.first, block.last)
        if not FENCE_LIKE.match(document.lines[number])
    }
    for number, line in enumerate(document.lines):
        match = INDENTATION.match(line)
        if match and "\t" in match[0] and number not in kept:
            start = document.starts[number]
            yield Edit(start, start + match.end(), match[0].expandtabs(4))


def _fence_edits(document: Document) -> Iterator[Edit]:
    """Leave of a fence's info the language, as Zola takes orders there, and close the fence that is open at the end."""
    end = len(document.source.rstrip())
    for block in document.blocks:
        if block.token.type != "fence":
            continue
        opening = FENCE.search(document.lines[block.first])
        language = LANGUAGE.match(opening["info"]) if opening else None
        if opening is None or language is None:
            continue
        if opening["info"].strip() != language[0]:
            end_of_line = document.span_of(block.first, block.first + 1)[1]
            yield Edit(end_of_line - len(opening["info"]), end_of_line, language[0])
        if end <= document.span_of(block.first, block.last)[1] and not _is_closed(document, block, opening["marks"]):
            prefix = re.sub(r"[^>]", " ", document.lines[block.first][: opening.start()])
            yield Edit(end, end, f"\n{prefix}{opening['marks']}")


def _is_closed(document: Document, fence: Block, marks: str) -> bool:
    before = " {0,3}" if fence.is_outermost else "[ \t>]*"
    closing = re.fullmatch(rf"{before}{marks[0]}{{{len(marks)},}}[ \t]*", document.lines[fence.last - 1])
    return fence.last - 1 > fence.first and closing is not None


def _heading_edits(document: Document) -> Iterator[Edit]:
    """Write braces at the end of a heading so that Zola does not take them for the heading's attributes."""
    for heading, block in pairwise(document.blocks):
        if heading.token.type == "heading_open" and block.inline and block.inline.content.endswith("}"):
            end = len(block.inline.content)
            start = end - 2 if block.inline.content.endswith(r"\}") else end - 1
            yield block.inline.edit(start, end, "&#125;")


def _footnote_edits(document: Document) -> Iterator[Edit]:
    """Escape what begins a footnote, which would be the whole post's.

    No Matrix client knows footnotes, so their authors saw the brackets too.
    """
    for match in FOOTNOTE.finditer(document.source):
        if not document.literal_kind(match.start()):
            yield Edit(match.start(), match.end(), "[\\")


def _definition_like_edits(document: Document) -> Iterator[Edit]:
    """Escape what is no link's definition here but might be one to another parser, and would then vanish."""
    for inline in document.inlines:
        match = DEFINITION_LIKE.match(inline.content)
        if match:
            yield inline.edit(match.end() - 1, match.end(), r"\:")


def _alert_edits(document: Document) -> Iterator[Edit]:
    """Escape what makes an alert of the quote that it begins: a site may have Zola read those of GitHub.

    No Matrix client knows them, so their authors saw the brackets in a quote.
    """
    for inline in document.inlines:
        if ALERT.match(inline.content) and inline.spans[0].kind != "link":
            yield inline.edit(0, 1, "\\[")


def _tag_like_edits(document: Document) -> Iterator[Edit]:
    """Escape what is no tag here but might be one to another parser, in text and in pictures' descriptions."""
    for inline in document.inlines:
        for span in inline.spans if "<" in inline.content else ():
            if span.kind == "text" and TAG_LIKE.match(inline.content, span.start):
                yield inline.edit(span.start, span.start + 1, r"\<")
            elif span.kind == "image":
                for match in UNESCAPED_TAG_LIKE.finditer(inline.content, *span.label):
                    if match[0] == "<":
                        yield inline.edit(match.start(), match.end(), r"\<")


def _colon_edits(document: Document) -> Iterator[Edit]:
    """Escape colons at the beginning of lines: a site may have Zola read definition lists, which begin so."""
    for inline in document.inlines:
        for span in inline.spans if LINE_WITH_COLON.search(inline.content) else ():
            is_first = span.start == 0 or inline.content[span.start - 1] == "\n"
            if span.kind == "text" and is_first and inline.content[span.start] == ":":
                yield inline.edit(span.start, span.start + 1, r"\:")


def _broken_span_edits(document: Document) -> Iterator[Edit]:
    """Join lines in code and in links' targets where the next begins as a block that Zola would break them for.

    Both show a line break as a space (CommonMark 6.1), so nothing is to be seen of it.
    """
    for inline in document.inlines:
        for span in inline.spans if "\n" in inline.content else ():
            start = {"code": span.start, "link": span.label[1], "image": span.start}.get(span.kind)
            if start is not None:
                for match in BREAKING.finditer(inline.content, start, span.end):
                    first = inline.edit(match.start(), match.end(), " ").start
                    last = inline.edit(match.end(), match.end() + 1, " ").start
                    yield Edit(first, last, " ")


def _table_edits(document: Document) -> Iterator[Edit]:
    """End tables by a blank line, and take from the doubtful ones what makes them tables.

    Parsers disagree about what ends a table, and whether one begins where its header could be another block; and cells
    beyond the header's are read by none that takes them for a table's.
    """
    for block in document.blocks:
        if block.token.type != "table_open":
            continue
        header = document.lines[block.first]
        if BLOCK_LIKE.match(header) or _has_unread_cells(document, block):
            pipe = document.source.index("|", document.starts[block.first + 1])
            yield Edit(pipe, pipe, "\\")
        elif block.last < len(document.lines):
            following = document.lines[block.last]
            if following.strip(" >"):
                prefix = "" if block.is_outermost else following[: len(following) - len(following.lstrip(" >"))]
                yield document.blank_line(block.last, prefix)


def _has_unread_cells(document: Document, table: Block) -> bool:
    for number in range(table.first, table.last):
        start, end = document.span_of(number, number + 1)
        if MARKUP.search(document.source, document.read_up_to.get(number, start), end):
            return number != table.first + 1
    return False


def _hidden_mark_edits(document: Document) -> Iterator[Edit]:
    """Take away what nobody sees before a mark at the beginning of a line, and what keeps it from being one."""
    for inline in document.inlines:
        for match in HIDDEN_MARK.finditer(inline.content):
            edit = inline.edit(*match.span("hidden"), "")
            if not document.literal_kind(edit.start):
                yield edit


RULES: tuple[Callable[[Document], Iterator[Edit]], ...] = (
    underline_edits,
    _tab_edits,
    _fence_edits,
    _heading_edits,
    _footnote_edits,
    _definition_like_edits,
    _alert_edits,
    _tag_like_edits,
    _colon_edits,
    _broken_span_edits,
    _table_edits,
    fold_edits,
    html_edits,
    reference_edits,
    label_edits,
    target_edits,
)

"""The links of an entry: references stand alone, dangerous targets don't link, and odd ones are told."""

import re
from collections.abc import Iterable, Iterator

from twimbot.export.reader import Span, read_inline
from twimbot.export.syntax import EMPTY_COMMENT, Block, Document, Edit, Inline

DANGEROUS = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "jscript", "livescript", "vbscript", "view-source"}
)
"""Schemes by which a link runs a script, or opens what isn't on the web."""

EXPECTED = re.compile(r"(?:https?|mailto|matrix|xmpp):|/|@/|#", re.IGNORECASE)
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
BARE_LABEL = re.compile(r"[^\W\d_][^\[\]\n]*|[*_`]+[^\W\d_][^\[\]\n]*")
BESIDE = re.compile(r"[\w\[\]!/@:#<\\`~]")
PLAIN_TARGET = re.compile(r"[^\s<>()\\&\x00-\x1f\x7f]+")


def is_dangerous(target: str) -> bool:
    """Tell whether a browser would run a link's target; it reads over white space in the scheme (URL standard)."""
    match = SCHEME.match(INVISIBLE.sub("", target))
    return match is not None and match[1].lower() in DANGEROUS


def leads_nowhere(target: str) -> bool:
    """Tell whether a link has no target, or names a place of its own page without saying which."""
    return INVISIBLE.sub("", target) in {"", "#"}


def target_edits(document: Document) -> Iterator[Edit]:
    """Return what makes links with dangerous targets, and those without any, plain text."""
    for inline, span in document.leading:
        if is_dangerous(span.href):
            yield from _unlinked(inline, span)
        elif leads_nowhere(span.href):
            yield from label_alone(inline, span)


def label_alone(inline: Inline, span: Span) -> Iterator[Edit]:
    """Return what leaves of a link or picture its text, or shows all of it where the text would be read otherwise."""
    if span.kind == "autolink" or not _can_stand_alone(inline, span):
        yield from _unlinked(inline, span)
        return
    yield inline.edit(span.start, span.label[0], "")
    yield inline.edit(span.label[1], span.end, "")


def _can_stand_alone(inline: Inline, span: Span) -> bool:
    """Tell whether a link's text is read in the same way without the link.

    It begins with a letter, has no brackets and no half pairs of marks, and nothing stands right beside it.
    """
    label = inline.content[slice(*span.label)]
    beside = inline.content[max(span.start - 1, 0) : span.start] + inline.content[span.end : span.end + 1]
    if not BARE_LABEL.fullmatch(label) or BESIDE.search(beside):
        return False
    spans, pairs = read_inline(label, {})
    paired = {place for pair in pairs for place in pair}
    return all(paired.issuperset(range(each.start, each.end)) for each in spans if each.kind == "delimiter")


def _unlinked(inline: Inline, span: Span) -> Iterator[Edit]:
    begin = inline.content[span.start : span.start + 1]
    yield inline.edit(span.start, span.start + 1, "\\" + begin)
    if span.kind == "image":
        yield inline.edit(span.start + 1, span.start + 2, "\\[")


def reference_edits(document: Document) -> Iterator[Edit]:
    """Return what puts the target of each reference beside its text, and takes the definitions away.

    Definitions hold for the whole post (CommonMark 4.7), so one entry's would make links in another's text.
    """
    for inline, span in document.leading:
        if span.kind != "autolink" and not _has_own_target(inline, span):
            title = f' "{_escaped_title(span.title)}"' if span.title else ""
            yield inline.edit(span.label[1], span.end, f"]({written_target(span.href)}{title})")
    for block in document.blocks:
        if block.token.type == "definition":
            yield from _undefined(document, block)


def _undefined(document: Document, definition: Block) -> Iterator[Edit]:
    """Return what empties the lines of a definition; an item of a list must not begin with a blank line."""
    for number in range(definition.first, definition.last):
        start, end = document.span_of(number, number + 1)
        start += len(document.lines[number]) - len(document.lines[number].lstrip(" \t>"))
        if number == definition.first:
            start = document.source.index("[", start)
        yield Edit(start, max(start, end), EMPTY_COMMENT if document.begins_item(start) else "")


def label_edits(document: Document) -> Iterator[Edit]:
    """Return what takes the spaces from the ends of links' and pictures' texts (markdownlint MD039)."""
    for inline, span in document.leading:
        label = inline.content[slice(*span.label)]
        if span.kind != "autolink" and label.strip() and label != label.strip():
            yield inline.edit(*span.label, label.strip())


def _has_own_target(inline: Inline, span: Span) -> bool:
    closing = span.label[1] + 1
    return span.end > closing and inline.content[closing] == "("


def written_target(target: str) -> str:
    """Return a target as it is written between the parentheses of a link."""
    if PLAIN_TARGET.fullmatch(target):
        return target
    escaped = re.sub(r"[\\<>]", r"\\\g<0>", target.replace("&", "&amp;"))
    return f"<{escaped}>"


def _escaped_title(title: str) -> str:
    one_line = " ".join(title.split())
    return re.sub(r'[\\"]', r"\\\g<0>", one_line.replace("&", "&amp;"))


def odd_targets(targets: Iterable[str]) -> list[str]:
    """Return the targets that lead nowhere from a web page: neither the web, nor mail or chat, nor a path of a site."""
    return [target for target in targets if not EXPECTED.match(target)]

"""The links of an entry: bare URLs become clickable, references stand alone, and dangerous targets don't link."""

import html
import re
from collections import Counter
from collections.abc import Iterator

from linkify_it import LinkifyIt

from twimbot.export.reader import Span
from twimbot.export.syntax import Document, Edit, Inline, apply, read

DANGEROUS = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "jscript", "livescript", "vbscript", "view-source"}
)
"""Schemes by which a link runs a script, or opens what isn't on the web."""

EXPECTED = re.compile(r"(?:https?|mailto|matrix):|/|@/|#", re.IGNORECASE)
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
PLAIN_TARGET = re.compile(r"[^\s<>()\\&\x00-\x1f\x7f]+")
PLAIN_KINDS = frozenset({"text", "delimiter", "escape", "entity"})

UNFIT_FOR_AUTOLINK = re.compile(r"[\s<>|\x00-\x1f\x7f]|&#?[A-Za-z0-9]+;")
"""What would end an autolink, or a table's cell, or be read as a character reference by some parsers."""

FINDER = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
for _schema in ("ftp:", "mailto:", "//"):
    FINDER.add(_schema, None)


def is_dangerous(target: str) -> bool:
    """Tell whether a browser would run a link's target; it reads over white space in the scheme (URL standard)."""
    match = SCHEME.match(INVISIBLE.sub("", target))
    return match is not None and match[1].lower() in DANGEROUS


def target_edits(document: Document) -> Iterator[Edit]:
    """Return what makes links with dangerous targets plain text."""
    for inline in document.inlines:
        for span in inline.spans:
            if span.kind in {"link", "autolink", "image"} and is_dangerous(span.href):
                yield from _unlinked(inline, span)


def _unlinked(inline: Inline, span: Span) -> Iterator[Edit]:
    begin = inline.content[span.start : span.start + 1]
    yield inline.edit(span.start, span.start + 1, "\\" + begin)
    if span.kind == "image":
        yield inline.edit(span.start + 1, span.start + 2, "\\[")


def reference_edits(document: Document) -> Iterator[Edit]:
    """Return what puts the target of each reference beside its text, and takes the definitions away.

    Definitions hold for the whole post (CommonMark 4.7), so one entry's would make links in another's text.
    """
    for inline in document.inlines:
        for span in inline.spans:
            if span.kind in {"link", "image"} and not _has_own_target(inline, span):
                title = f' "{_escaped_title(span.title)}"' if span.title else ""
                yield inline.edit(span.label[1], span.end, f"]({_written_target(span.href)}{title})")
    for block in document.blocks:
        if block.token.type == "definition":
            for number in range(block.first, block.last):
                start, end = document.span_of(number, number + 1)
                prefix = document.lines[number].find("[") if number == block.first else 0
                yield Edit(start + prefix, end, "")


def label_edits(document: Document) -> Iterator[Edit]:
    """Return what takes the spaces from the ends of links' texts (markdownlint MD039)."""
    for inline in document.inlines:
        for span in inline.spans:
            label = inline.content[slice(*span.label)]
            if span.kind == "link" and label.strip() and label != label.strip():
                yield inline.edit(*span.label, label.strip())


def _has_own_target(inline: Inline, span: Span) -> bool:
    closing = span.label[1] + 1
    return span.end > closing and inline.content[closing] == "("


def _written_target(target: str) -> str:
    if PLAIN_TARGET.fullmatch(target):
        return target
    escaped = re.sub(r"[\\<>]", r"\\\g<0>", target.replace("&", "&amp;"))
    return f"<{escaped}>"


def _escaped_title(title: str) -> str:
    one_line = " ".join(title.split())
    return re.sub(r'[\\"]', r"\\\g<0>", one_line.replace("&", "&amp;"))


def odd_targets(source: str) -> list[str]:
    """Return the targets that lead nowhere from a web page: neither the web, nor mail, nor a path of the site."""
    return [target for target in read(source).targets() if not EXPECTED.match(target)]


def linked(source: str) -> str | None:
    """Return a source in which every bare URL of the web in running text is a link.

    None where that would change any other link.
    """
    document = read(source)
    found = [edit for inline in document.inlines for edit in _url_edits(inline)]
    made = [edit.text[1:-1] for edit in found]
    mended = apply(source, found)
    return mended if Counter(read(mended).targets()) == Counter(document.targets()) + Counter(made) else None


def _url_edits(inline: Inline) -> Iterator[Edit]:
    """Return the edits for an inline content; code, HTML, and the text of links are no running text."""
    for start, end in _running_text(inline):
        text, places = _unescaped(inline, start, end)
        for match in FINDER.match(text) or ():
            first, last = match.index, match.last_index
            cut = _leaving_pair(inline, places[first], places[last])
            if cut < places[last]:
                again = FINDER.match_at_start(text[first : places.index(cut)])
                last = first + again.last_index if again else first
            url = text[first:last]
            if url and not UNFIT_FOR_AUTOLINK.search(url):
                yield inline.edit(places[first], places[last], f"<{url}>")


def _running_text(inline: Inline) -> Iterator[tuple[int, int]]:
    """Return the stretches of plain text outside of all links, each from its start to before its end."""
    start = 0
    for span in inline.spans:
        if span.outer < 0 and span.kind not in PLAIN_KINDS:
            yield start, span.start
            start = span.end
    yield start, len(inline.content)


def _unescaped(inline: Inline, start: int, end: int) -> tuple[str, list[int]]:
    """Return a stretch as it is read, and where in the content each of its characters is, and its end.

    Marks that strike out text are blanks in it, as no URL may begin behind a tilde.
    """
    text: list[str] = []
    places: list[int] = []
    for span in inline.spans:
        if span.outer < 0 and start <= span.start < end:
            raw = inline.content[span.start : span.end]
            shown = _shown(span.kind, raw)
            text.append(shown)
            places += range(span.start, span.end) if len(shown) == len(raw) else [span.start] * len(shown)
    return "".join(text), [*places, end]


def _shown(kind: str, raw: str) -> str:
    match kind:
        case "escape":
            return raw[1:]
        case "entity":
            return html.unescape(raw)
        case "delimiter":
            return raw.replace("~", " ")
        case _:
            return raw


def _leaving_pair(inline: Inline, start: int, end: int) -> int:
    """Return where a URL must end, so that no pair of emphasis marks has only one of its two in it."""
    cuts = [
        place
        for opening, closing in inline.pairs
        for place, other in ((opening, closing), (closing, opening))
        if start <= place < end and not start <= other < end
    ]
    return min(cuts, default=end)

"""What an editor should look at in entries, beyond what can be mended: pictures, links, length, changelogs, doubles."""

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from twimbot.export.alike import LONG, KnownTexts
from twimbot.export.anchors import lacks_anchor
from twimbot.export.changelog import is_changelog
from twimbot.export.characters import one_line
from twimbot.export.describing import is_description
from twimbot.export.prose import Paragraph, paragraphs
from twimbot.export.reader import Span
from twimbot.export.site import SPECIAL_ANCHORS, Site
from twimbot.export.syntax import Document, Inline, UntrustedStructure, read

LONGEST = 400
"""Words; of 395 entries of This Week in Matrix, in 32 editions from 2024-11 to 2026-06, 95 % have 371 or fewer."""

SHOWN = 100
"""How many characters of a link's target or a picture's text a sentence shows."""

HTML_PICTURE = re.compile(r"""<img\b(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(?<![\w:-])(?P<name>[\w:-]++)\s*+=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'<>]+)""")

LIST_PAGE = re.compile(
    r"(?:https?://[^/?#\s]+)?(?:/[a-z]{2}(?:-[A-Za-z]{2,4})?)?(?:/blog)?"
    r"/(?:author|category|categories|tag)s?/[^/?#\s]+/?(?:page/\d+/?)?(?:[?#]\S*)?\Z",
    re.IGNORECASE,
)
"""The address of a page that lists posts by what they are about, the latest first."""

ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Quoted:
    """An entry as it stands in a post: how a sentence calls it ("Entry 3"), and its Markdown without `> `, read.

    Without a document the Markdown can't be trusted.
    """

    name: str
    text: str
    document: Document | None

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        """Read an entry's Markdown."""
        try:
            return cls(name, text, read(text))
        except (UntrustedStructure, RecursionError):
            return cls(name, text, None)


class Remark(NamedTuple):
    """What is to be said: about which entry and at which line of it, both from 0, and the sentence without its name."""

    entry: int
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry, read; one that can't be trusted is a single paragraph without pictures and links."""

    number: int
    name: str
    text: str
    leading: Sequence[tuple[Inline, Span]]
    paragraphs: tuple[Paragraph, ...]
    html_pictures: tuple[tuple[int, str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        return [word for paragraph in self.paragraphs for word in paragraph.words]


def findings(entries: Sequence[Quoted], site: Site | None, described: Collection[str] = ()) -> tuple[str, ...]:
    """Return a sentence for everything that an editor should look at, in the order of the entries.

    Dead links need the site's checkout. `described` are the targets of pictures whose alternative texts the caller
    looks after.
    """
    parsed = _parsed(entries)
    remarks = sorted([*_on_places(parsed, site, described), *_on_entries(parsed)])
    return tuple(f"{entries[remark.entry].name}: {remark.sentence}" for remark in remarks)


def place_remarks(text: str, site: Site | None) -> list[Remark]:
    """Return what is to be said about single pictures and links of a text, such as a whole post."""
    parsed = _parsed([Quoted.read("", text)])
    return [*_on_places(parsed, site, ()), *_on_page(parsed[0], site)]


def entry_remarks(entries: Sequence[Quoted]) -> list[Remark]:
    """Return what is to be said about entries as a whole: too long, a changelog, the same twice."""
    return list(_on_entries(_parsed(entries)))


def _parsed(entries: Sequence[Quoted]) -> list[_Entry]:
    return [_parse(number, entry) for number, entry in enumerate(entries)]


def _parse(number: int, entry: Quoted) -> _Entry:
    if entry.document is None:
        return _Entry(number, entry.name, entry.text, (), (Paragraph.of(0, entry.text, entry.text),))
    document = entry.document
    pictures = tuple(_html_pictures(document))
    return _Entry(number, entry.name, entry.text, document.leading, tuple(paragraphs(document)), pictures)


def _on_places(entries: Iterable[_Entry], site: Site | None, described: Collection[str]) -> Iterator[Remark]:
    for entry in entries:
        for inline, span in entry.leading:
            alt = _alt(inline, span) if span.kind == "image" and span.href not in described else None
            for sentence in (*_on_alt(span.href, alt), *_on_target(span.href, site)):
                yield Remark(entry.number, entry.text.count("\n", 0, inline.places[span.start]), sentence)
        for line, target, html_alt in entry.html_pictures:
            said = _on_alt(target, None if target in described else html_alt)
            for sentence in (*said, *_on_target(target, site)):
                yield Remark(entry.number, line, sentence)


def _on_page(entry: _Entry, site: Site | None) -> Iterator[Remark]:
    for inline, span in entry.leading:
        for sentence in _on_page_target(span.href, site, entry.text) if span.kind == "link" else ():
            yield Remark(entry.number, entry.text.count("\n", 0, inline.places[span.start]), sentence)


def _alt(inline: Inline, span: Span) -> str:
    return one_line(html.unescape(ESCAPE.sub(r"\1", inline.content[slice(*span.label)])))


def _html_pictures(document: Document) -> Iterator[tuple[int, str, str]]:
    """Yield the pictures that a text shows by HTML: the line of each, its address, and its alternative text."""
    for line, tags in _html(document):
        for found in HTML_PICTURE.finditer(tags):
            attributes = {each["name"].lower(): each["value"] for each in ATTRIBUTE.finditer(found["attributes"])}
            src, alt = (html.unescape(attributes.get(name, "").strip("\"'")) for name in ("src", "alt"))
            yield line + tags.count("\n", 0, found.start()), src, one_line(alt)


def _html(document: Document) -> Iterator[tuple[int, str]]:
    """Yield a text's HTML without the marks of quotes, each piece with its first line."""
    for block in document.blocks:
        if block.token.type == "html_block":
            yield block.first, block.token.content
        for span in block.inline.spans if block.inline else ():
            if block.inline and span.kind == "html":
                line = document.source.count("\n", 0, block.inline.places[span.start])
                yield line, block.inline.content[span.start : span.end]


def _on_alt(target: str, alt: str | None) -> Iterator[str]:
    """Tell what is wrong with the alternative text of a picture; None is that of a link, or the caller's affair."""
    if alt is None:
        return
    if not alt:
        yield f"the picture {one_line(target)[:SHOWN]} has no alternative text; say what it shows."
    elif not is_description(alt):
        yield f"“{alt[:SHOWN]}” only names the file of a picture; say what it shows."


def _on_page_target(target: str, site: Site | None, text: str) -> Iterator[str]:
    """Tell of a link by which Zola builds no site, given the post that it stands in."""
    if not target:
        yield "a link has no target, and Zola builds no site with it; give it one or take it out."
    anchor = target[1:] if target.startswith("#") else ""
    strategy = site.anchor_strategy if site else "on"
    if anchor.lower() not in SPECIAL_ANCHORS and lacks_anchor(text, strategy, anchor):
        yield f"{one_line(target)[:SHOWN]} names no heading of the post; mend it or take it out."
    if site is None and target.startswith("@/"):
        yield f"whether {one_line(target)[:SHOWN]} is there can't be told without the site's checkout; --site names it."


def _on_target(target: str, site: Site | None) -> Iterator[str]:
    if LIST_PAGE.match(target):
        yield f"{one_line(target)[:SHOWN]} is a list that shows other posts by next week; link the post itself."
    if site and target and site.is_dead(target):
        yield f"{one_line(target)[:SHOWN]} leads to nothing on the site; mend it or take it out."


def _on_entries(entries: Sequence[_Entry]) -> Iterator[Remark]:
    for entry in entries:
        if len(entry.words) > LONGEST:
            long = f"it has {len(entry.words)} words, more than nearly all entries; ask for the news and a link."
            yield Remark(entry.number, 0, long)
        if is_changelog(entry.paragraphs):
            listed = "it looks like a changelog; ask for the news in some sentences and a link to the changes."
            yield Remark(entry.number, 0, listed)
    yield from _on_doubles(entries)


def _on_doubles(entries: Sequence[_Entry]) -> Iterator[Remark]:
    """Find entries that say almost the same, and in all others paragraphs of some length that do."""
    texts, passages = KnownTexts(), KnownTexts()
    places: list[_Entry] = []
    for entry in entries:
        first = texts.add(entry.words)
        if first is not None:
            yield Remark(entry.number, 0, f"it says almost the same as {entries[first].name}; drop one of them.")
            continue
        for paragraph in entry.paragraphs:
            if len(paragraph.words) >= LONG:
                places.append(entry)
                found = passages.add(paragraph.words)
                if found is not None:
                    yield Remark(entry.number, paragraph.line, _repeated(entry, places[found]))


def _repeated(entry: _Entry, first: _Entry) -> str:
    if entry is first:
        return "a paragraph stands in it twice; take one of them out."
    return f"a paragraph of it stands in {first.name} as well; take one of them out."

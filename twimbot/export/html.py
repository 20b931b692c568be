"""Raw HTML in contributors' Markdown: a few harmless tags stay, comments go, and all else shows as it was typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import nh3

from twimbot.export.syntax import EMPTY_COMMENT, Block, Document, Edit, Inline

ANYWHERE = frozenset(
    {"abbr", "b", "br", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "strong", "sub", "sup", "u"}
)
IN_BLOCKS = frozenset({"details", "summary"})
EMPTY = frozenset({"br"})
ATTRIBUTES = {"*": {"dir", "lang", "title"}, "details": {"open"}}

COMMENT_START, COMMENT_END = "<!--", "-->"
TAG = re.compile(r"</?(?P<name>[A-Za-z]+)(?:[ ][^<>\n]*)?/?>")
MARKUP = re.compile(rf"{COMMENT_START}|{TAG.pattern}|<")

FOLD_TAG = re.compile(r"(?:</(?:details|summary)>|<details(?: [^<>]*)?>)[ \t]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece of raw HTML; a tag closes only what was opened in the same scope, or it would reach out of it."""

    start: int
    end: int
    text: str
    scope: tuple[object, ...]
    is_inline: bool

    @property
    def name(self) -> str:
        match = TAG.fullmatch(self.text)
        return match["name"].lower() if match else ""

    @property
    def is_allowed(self) -> bool:
        return self.name in ANYWHERE or (self.name in IN_BLOCKS and not self.is_inline)

    @property
    def shown(self) -> Edit:
        """Show the tag as text."""
        return Edit(self.start, self.start + 1, "\\<" if self.is_inline else "&lt;")


def html_edits(document: Document) -> Iterator[Edit]:
    """Return what makes a document's raw HTML harmless; nothing where it is so already.

    A tag of the list without its counterpart is shown too: an open `<em>` would slant the rest of the page.
    """
    pending: list[_Found] = []
    for found in _raw(document):
        if found.text.startswith(COMMENT_START) and found.text.endswith(COMMENT_END):
            yield from _without_comment(document, found)
        elif not found.is_allowed:
            yield found.shown
        elif found.name in EMPTY:
            yield from _cleaned(found)
        elif not found.text.startswith("</"):
            pending.append(found)
        else:
            yield from _closed(found, pending)
    yield from (found.shown for found in pending)


def fold_edits(document: Document) -> Iterator[Edit]:
    """Return what lets a text be read as Markdown that stands right behind the tags of what can be folded away."""
    for block in document.blocks:
        if block.token.type == "html_block":
            for number, (tag, line) in enumerate(pairwise(document.lines[block.first : block.last]), block.first + 1):
                if FOLD_TAG.search(tag) and not line.strip(" >\t").startswith("<"):
                    yield document.blank_line(number, tag[: tag.index("<")])


def _without_comment(document: Document, comment: _Found) -> Iterator[Edit]:
    """Take away a comment; an empty one stays where an item of a list would begin with a blank line without it."""
    if comment.is_inline:
        yield Edit(comment.start, comment.end, "")
        return
    if comment.text == EMPTY_COMMENT:
        return
    end = comment.end
    while document.source[end : end + 1] in {" ", "\t"}:
        end += 1
    begins_item = document.begins_item(comment.start) and document.source[end : end + 1] in {"", "\n"}
    yield Edit(comment.start, end, EMPTY_COMMENT if begins_item else "")


def _closed(closing: _Found, pending: list[_Found]) -> Iterator[Edit]:
    """Return the edits for a closing tag and what was opened since its counterpart."""
    partner = next(
        (
            index
            for index in range(len(pending) - 1, -1, -1)
            if (pending[index].name, pending[index].scope) == (closing.name, closing.scope)
        ),
        None,
    )
    if partner is None:
        yield closing.shown
        return
    yield from (found.shown for found in pending[partner + 1 :])
    yield from _cleaned(pending[partner])
    yield from _cleaned(closing)
    del pending[partner:]


def _cleaned(found: _Found) -> Iterator[Edit]:
    """Return the edit that takes unknown attributes from a tag, if it has any."""
    if found.text.startswith("</"):
        clean = f"</{found.name}>"
    elif found.name in EMPTY and re.fullmatch(r"<[a-z]+ ?/?>", found.text):
        clean = found.text
    else:
        tags = set(ANYWHERE | IN_BLOCKS)
        clean = nh3.clean(found.text, tags=tags, attributes=ATTRIBUTES).removesuffix(f"</{found.name}>")
    if clean != found.text:
        yield Edit(found.start, found.end, clean)


def _raw(document: Document) -> Iterator[_Found]:
    """Return all raw HTML of a document, in order."""
    for index, block in enumerate(document.blocks):
        if block.token.type == "html_block":
            yield from _in_block(document, block, index)
        elif block.inline is not None:
            yield from _in_inline(block.inline, index)


def _in_block(document: Document, block: Block, index: int) -> Iterator[_Found]:
    place, end = document.span_of(block.first, block.last)
    last_comment = document.source.rfind(COMMENT_END, place, end)
    while match := MARKUP.search(document.source, place, end):
        place = match.end()
        if match[0] == COMMENT_START and place <= last_comment:
            place = document.source.index(COMMENT_END, place) + len(COMMENT_END)
        text = document.source[match.start() : place]
        spans_blocks = (match["name"] or "").lower() in IN_BLOCKS
        scope = ("blocks", block.container) if spans_blocks else ("block", index)
        yield _Found(match.start(), place, text, scope, is_inline=False)


def _in_inline(inline: Inline, index: int) -> Iterator[_Found]:
    for span in inline.spans:
        if span.kind == "html":
            place = inline.edit(span.start, span.end, "")
            text = inline.content[span.start : span.end]
            yield _Found(place.start, place.end, text, ("inline", index, span.outer), is_inline=True)

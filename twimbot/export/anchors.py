"""Which places of a page a link can lead to, its anchors, as far as its Markdown shows that.

Zola checks the anchors of links between pages and builds no site where one is missing. It makes them of headings
(documentation, content/linking) and takes those that are written in HTML (components/utils/src/anchors.rs).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count, pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from twimbot.export.slugs import slug

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

ATTRIBUTES = re.compile(r"(?<!\\)\{(?P<attributes>[^{}]*)\}\s*\Z")
WRITTEN_ID = re.compile(r"""\s(?:id|name)\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE)
SHORTCODE = re.compile(r"\{[{%]")
NO_ASCII = re.compile(r"[^\x00-\x7f]+")
EMOJI_NAME = re.compile(r":[\w+-]+:")


@dataclass(frozen=True, slots=True)
class Anchors:
    """The anchors that a page certainly has; `is_complete` tells that it has no others."""

    known: frozenset[str]
    is_complete: bool


def anchors(markdown: str, strategy: str) -> Anchors:
    """Return the anchors of a page's Markdown by the site's `slugify.anchors`: `on`, `safe` or `off`."""
    tokens = READER.parse(markdown)
    headings = list(_headings(tokens))
    named = [name for name, _ in headings if name]
    slugs = [slug(text) if strategy == "on" else None for name, text in headings if not name]
    taken = set(named)
    for text in filter(None, slugs):
        taken.add(_free(text, taken))
    is_complete = None not in slugs and not SHORTCODE.search(markdown)
    return Anchors(frozenset({*taken, *_written(tokens)}), is_complete)


def lacks_anchor(markdown: str, strategy: str, anchor: str) -> bool:
    """Tell whether a page has certainly no such anchor, unless a shortcode of its site makes one.

    What a heading's signs become only Zola knows; all else of its anchor is known.
    """
    found = anchors(markdown, strategy)
    if strategy != "on" or anchor in found.known:
        return False
    unsure = (text for name, text in _headings(READER.parse(markdown)) if not name and slug(text) is None)
    return not any(_may_be(anchor, text) for text in unsure)


def _may_be(anchor: str, text: str) -> bool:
    """Tell whether a heading that isn't all ASCII may have an anchor: what is ASCII in it must be there, in order."""
    place = 0
    for part in filter(None, (slug(piece) for piece in NO_ASCII.split(text))):
        found = anchor.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _headings(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Yield for each heading the anchor that is written behind it, or "", and its text."""
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            found = ATTRIBUTES.search(inline.content)
            written = found["attributes"].split() if found else []
            content = inline.content[: found.start()] if found else inline.content
            name = next((each[1:] for each in written if each.startswith("#")), "")
            yield name, _text(READER.parseInline(content))


def _text(tokens: Iterable[Token]) -> str:
    """Return the text that an anchor is made of; what a shortcode or an emoji's name becomes only Zola knows."""
    text = "".join(
        _text(token.children) if token.children else token.content
        for token in tokens
        if token.type in {"inline", "text", "code_inline", "image"}
    )
    return "\N{REPLACEMENT CHARACTER}" if SHORTCODE.search(text) or EMOJI_NAME.search(text) else text


def _written(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for each in (token, *(token.children or ())):
            if each.type in {"html_block", "html_inline"}:
                yield from WRITTEN_ID.findall(each.content)


def _free(name: str, taken: set[str]) -> str:
    names = chain([name], (f"{name}-{number}" for number in count(1)))
    return next(each for each in names if each not in taken)

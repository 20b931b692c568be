"""What a message's `body` has lost of what its HTML holds.

`body` is what the author typed, nearly always in Markdown, so it is the text to take; but some clients leave out of it
what was made with a toolbar, and some write HTML into it (docs/matrix-clients.md, section 2).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import unescape
from urllib.parse import unquote

from bs4 import Tag

from twimbot.intake.formatted import linked_user, target_of

LOOKED_AT = 300
"""How many elements of a message are looked at: a message that has lost something shows it early."""

OFTEN = 50
"""How often a text may stand in `body` to be looked for: one that is everywhere proves nothing."""

WINDOW = 200
"""How many characters before a text are searched for the sign that it stands under."""

PROOF = 80
"""How many characters of an element's text are looked for."""


SCHEME = re.compile(r"https://matrix\.to/#/|(?:https?|ftp)://|mailto:", re.IGNORECASE)
ADDRESS_END = re.compile(r"/?(?![\w%?#&=/-])")
ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")


class Loss(StrEnum):
    """What `body` lacks."""

    EVERYTHING = "body is empty"
    PLAIN_MENTION = "body holds a mention as an HTML tag"
    LINK = "body lacks a link's address"
    IMAGE = "body lacks an image"
    TABLE = "body lacks a table's signs"
    SPOILER = "body lacks a spoiler's text"
    STRONG = "body lacks the signs of strong text"
    EMPHASIS = "body lacks the signs of emphasis"
    STRUCK = "body lacks the signs of struck text"
    CODE = "body lacks the signs of code"
    HEADING = "body lacks a heading's signs"
    LIST = "body lacks a list's signs"
    QUOTE = "body lacks a quotation's signs"


@dataclass(frozen=True)
class _Body:
    """The `body` in which elements of the HTML are looked for."""

    text: str

    @cached_property
    def as_typed(self) -> str:
        """The text in small letters, in which an address can be looked for."""
        return self.text.lower()

    @cached_property
    def as_read(self) -> str:
        """The same with escapes of all kinds resolved."""
        return unquote(unescape(ESCAPE.sub("", self.text))).lower()

    @cached_property
    def has_table(self) -> bool:
        """Whether a table's tag is there, or the line that makes a table of the lines around it."""
        lines = (line for line in self.text.split("\n") if "|" in line and "-" in line)
        return "<table" in self.text or any(not line.strip("|:- \t>") for line in lines)


def loss(body: str, html: Tag) -> Loss | None:
    """Return the first thing that `body` has lost; None where it is the source to take.

    A text that doesn't stand in `body` as it stands in the HTML proves nothing: it may be escaped there, or hold
    further signs. The HTML must be within bounds.
    """
    if not body.strip():
        return Loss.EVERYTHING
    if "data-mention-type=" in body:
        return Loss.PLAIN_MENTION
    looked_in = _Body(body)
    elements = html.find_all(list(CHECKS), limit=LOOKED_AT)
    return next(filter(None, (CHECKS[element.name](element, looked_in) for element in elements)), None)


AFTER = "*_~`|[ "
MARKS: Mapping[Loss, re.Pattern[str]] = {
    Loss.STRONG: re.compile(r"\*\*|__|<(?:b|strong)\b[^<>]*>"),
    Loss.EMPHASIS: re.compile(r"[*_]|<(?:i|em)\b[^<>]*>"),
    Loss.STRUCK: re.compile(r"~|<(?:del|s|strike)\b[^<>]*>"),
    Loss.CODE: re.compile(r"`|<(?:code|kbd|samp|tt|pre)\b[^<>]*>"),
}
"""What stands right before a text where `body` has not lost the sign for it, with nothing between but AFTER."""

LINE_MARKS: Mapping[Loss, re.Pattern[str]] = {
    Loss.CODE: re.compile(r"^(?: {4}|\t)"),
    Loss.HEADING: re.compile(r"^[ \t>]*#{1,6}[ \t]|<h[1-6]\b"),
    Loss.LIST: re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]|<li\b"),
    Loss.QUOTE: re.compile(r"^\W*>|<blockquote\b"),
}
"""What stands anywhere before a text in its line where `body` has not lost the sign for it."""

SETEXT = re.compile(r"[^\n]*\n {0,3}(?:=+|-+)[ \t]*(?:\n|$)")


def _signs(kind: Loss) -> Callable[[Tag, _Body], Loss | None]:
    """Make the check for elements whose text has a sign before it."""

    def check(element: Tag, body: _Body) -> Loss | None:
        text = _proof(element)
        return kind if text and _stands_bare(body.text, text, kind) else None

    return check


def _stands_bare(body: str, text: str, kind: Loss) -> bool:
    """Tell whether a text stands in `body`, and nowhere under its sign."""
    seen, at = 0, body.find(text)
    while at >= 0 and seen < OFTEN:
        window = max(at - WINDOW, 0)
        line = max(body.rfind("\n", window, at) + 1, window)
        if _has_sign(body[line:at], kind) or (kind is Loss.HEADING and SETEXT.match(body, at + len(text))):
            return False
        seen, at = seen + 1, body.find(text, at + 1)
    return 0 < seen < OFTEN


def _has_sign(before: str, kind: Loss) -> bool:
    end = len(before.rstrip(AFTER))
    is_marked = kind in MARKS and any(mark.end() >= end for mark in MARKS[kind].finditer(before))
    return is_marked or (kind in LINE_MARKS and LINE_MARKS[kind].search(before) is not None)


def _proof(element: Tag) -> str:
    """Return the beginning of an element's first text, of one line: what to look for in `body`."""
    for string in map(str, element.strings):
        if string.strip():
            return string.strip().split("\n", 1)[0][:PROOF].strip()
    return ""


def _link(element: Tag, body: _Body) -> Loss | None:
    """Miss an address in `body`; mentions of people are there by name, as the specification asks."""
    target = target_of(element)
    if not target.startswith(("http://", "https://", "ftp://", "mailto:", "magnet:")) or linked_user(target):
        return None
    has_target = _holds(body.as_typed, target) or _holds(body.as_read, unquote(target))
    return None if has_target else Loss.LINK


def _holds(text: str, target: str) -> bool:
    """Tell whether a text in small letters has an address as people write it: with a scheme or without, but whole.

    One that stands everywhere as a part of others counts as there.
    """
    short = SCHEME.sub("", target).rstrip("/").lower()
    at = text.find(short)
    for _ in range(OFTEN):
        if at < 0 or ADDRESS_END.match(text, at + len(short)):
            return at >= 0
        at = text.find(short, at + 1)
    return at >= 0


def _image(element: Tag, body: _Body) -> Loss | None:
    """Miss an image's text: `body` has it as `:code:` or between brackets."""
    alternative = element.get("alt")
    is_missing = isinstance(alternative, str) and bool(alternative.strip()) and alternative.strip() not in body.text
    return Loss.IMAGE if is_missing else None


def _table(_element: Tag, body: _Body) -> Loss | None:
    return None if body.has_table else Loss.TABLE


def _span(element: Tag, body: _Body) -> Loss | None:
    """Miss what a spoiler hides: the specification keeps it out of `body`, some clients leave it in."""
    text = _proof(element)
    return Loss.SPOILER if element.has_attr("data-mx-spoiler") and text and text not in body.text else None


def _code(element: Tag, body: _Body) -> Loss | None:
    return None if element.find_parent("pre") else _signs(Loss.CODE)(element, body)


def _block_of_code(element: Tag, body: _Body) -> Loss | None:
    return None if "```" in body.text or "~~~" in body.text else _signs(Loss.CODE)(element, body)


CHECKS: Mapping[str, Callable[[Tag, _Body], Loss | None]] = {
    "a": _link,
    "img": _image,
    "table": _table,
    "span": _span,
    "pre": _block_of_code,
    "code": _code,
    "li": _signs(Loss.LIST),
    "blockquote": _signs(Loss.QUOTE),
} | {
    name: _signs(kind)
    for kind, names in {
        Loss.STRONG: ("b", "strong"),
        Loss.EMPHASIS: ("i", "em"),
        Loss.STRUCK: ("del", "s", "strike"),
        Loss.HEADING: ("h1", "h2", "h3", "h4", "h5", "h6"),
    }.items()
    for name in names
}
"""How each kind of element is looked for."""

"""Keeps Zola from finding shortcodes in what contributors write.

Zola looks for them before it reads the Markdown, in code too, and builds no site where one is called that it doesn't
know. What a shortcode is, and how one is escaped, is in its documentation (content/shortcodes) and its grammar
(components/markdown/src/content.pest). No call goes over a line's end, as each line of a quote begins with `>`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.export.characters import PLACEHOLDER, SHORTCODE
from twimbot.export.syntax import Document, Edit, apply, read

ZERO_WIDTH_SPACE = "\u200b"

BLANK = r"[ \t]*"
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
VALUE = r"""(?:true|false|"[^"\n]*"|'[^'\n]*'|`[^`\n]*`|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)"""
ARRAY = rf"\[{BLANK}(?:{VALUE}{BLANK},{BLANK})*(?:{VALUE}{BLANK})?\]"
ARGUMENT = rf"{NAME}{BLANK}={BLANK}(?:{VALUE}|{ARRAY})"

CALL = re.compile(
    rf"\{{\{{{BLANK}{NAME}{BLANK}\({BLANK}(?:{ARGUMENT}(?:{BLANK},{BLANK}{ARGUMENT})*)?{BLANK}\){BLANK}\}}\}}"
)
"""A call that is complete, and so can be escaped as Zola knows it."""

OPENING = re.compile(
    rf"\{{[{{%](?:/\*)?{BLANK}{NAME}{BLANK}\({BLANK}(?:\)|{NAME}{BLANK}=)"
    rf"|\{{%(?:{BLANK}end{BLANK}|/\*{BLANK}end{BLANK}\*/)%\}}"
)
"""How each call begins that Zola might find, wherever it ends; and the end of one around a text, which is an error to
it where nothing began."""

WRITTEN = {"autolink": {"{": "%7B", "@": "%40"}, "html": {"{": "&#123;", "@": "&#64;"}}
"""How a character is written where neither a backslash nor Zola's own escape does."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A text in which Zola finds no shortcode; `has_invisible` tells that its code holds a character for that."""

    text: str
    has_invisible: bool


def without_shortcodes(source: str) -> Guarded:
    """Return a source that shows on the site as it is, with all that looks like a shortcode.

    In text a backslash parts the braces, whatever follows. Code, HTML and URLs stay as they are unless Zola would find
    a call there; in code that is escaped, and has an invisible character between the braces where it is not complete.
    """
    document = read(source)
    edits = [*_placeholder_edits(document), *_shortcode_edits(document)]
    return Guarded(apply(source, edits), any(ZERO_WIDTH_SPACE in edit.text for edit in edits))


def _placeholder_edits(document: Document) -> Iterator[Edit]:
    for match in PLACEHOLDER.finditer(document.source):
        yield _parted(document, match)


def _shortcode_edits(document: Document) -> Iterator[Edit]:
    done = 0
    for match in SHORTCODE.finditer(document.source):
        kind = document.literal_kind(match.start())
        if match.start() < done or (kind and not OPENING.match(document.source, match.start())):
            continue
        call = CALL.match(document.source, match.start())
        if kind == "code" and call:
            done = call.end()
            yield Edit(call.start() + 2, call.start() + 2, "/*")
            yield Edit(done - 2, done - 2, "*/")
        else:
            yield _parted(document, match)


def _parted(document: Document, match: re.Match[str]) -> Edit:
    """Return the edit that parts a character from the one behind it, in the way of the place where it stands."""
    kind = document.literal_kind(match.start())
    guard = ZERO_WIDTH_SPACE if kind == "code" else "\\"
    written = WRITTEN.get(kind, {}).get(match[0], match[0] + guard)
    return Edit(match.start(), match.end(), written)

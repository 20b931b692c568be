"""Who a line above a quote names as its author."""

import re
from dataclasses import dataclass

from twimbot.config import USER_ID
from twimbot.export.parts import Part
from twimbot.export.prose import shown
from twimbot.export.reader import Span
from twimbot.export.syntax import Inline
from twimbot.intake.formatted import linked_user

VERB = 3
"""The most words behind the name in a line that says no more than who wrote what is below it."""

INTRODUCTION = 10
"""The most words of any line that says so, unless it ends with a colon."""

SAYS = re.compile(
    r"(?P<name>[^\s,:]+(?: [^\s,:]+){0,3}?|@[^\s,]+)"
    r" (?:also )?(?:adds|added|announce[sd]|offer(?:s|ed)|report(?:s|ed)|says|said|sends|sent|tells|told|writes|wrote)"
    r"(?: us| that){0,2}:?"
)
"""A line without a link that says so."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an entry: a Matrix ID, None where the post gives none, and the name, as it shows."""

    sender: str | None
    name: str


def author_named(part: Part, *, is_above_quote: bool) -> Author | None:
    """Return whom a part names as the author of what is below it; None where it says something else."""
    inline = part.inline
    if part.kind != "paragraph_open" or inline is None:
        return None
    text = shown(inline).strip()
    link = next((span for span in inline.spans if span.kind in {"link", "autolink"} and _user(span.href)), None)
    if link and link.start == 0 and len(shown(inline, link.end).split()) <= VERB:
        return _linked(inline, link)
    if not is_above_quote:
        return None
    if link and (text.endswith(":") or len(text.split()) <= INTRODUCTION):
        return _linked(inline, link)
    return _unlinked(text)


def _linked(inline: Inline, link: Span) -> Author:
    target = _user(link.href)
    sender = target if USER_ID.fullmatch(target) else None
    name = shown(inline, *link.label).strip() if link.kind == "link" else ""
    return Author(sender, name or target)


def _user(target: str) -> str:
    """Return the user whom a link stands for, also where somebody linked the mere Matrix ID; "" for no user."""
    return linked_user(target) or (target if USER_ID.fullmatch(target) else "")


def _unlinked(text: str) -> Author | None:
    """Return whom a short line names without a link: `Name says`, or a mere Matrix ID."""
    found = SAYS.fullmatch(text)
    name = found["name"] if found else text.rstrip(":")
    if USER_ID.fullmatch(name):
        return Author(name, name)
    return Author(None, name) if found else None

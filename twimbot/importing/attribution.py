"""Who a line above a quote names as its author."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from twimbot.config import USER_ID
from twimbot.export.characters import BIDI_CONTROLS, ZERO_WIDTH, one_line
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


BROKEN_LINK = re.compile(
    r"\[(?P<name>.+)\]\(<?(?P<target>(?:https?://matrix\.to/#/|matrix:(?:u|user)/)[^\s<>()]+)>?\)(?P<rest>[^\[\]()]*)"
)
"""A link to somebody that is none for Markdown: their name has brackets without a counterpart."""

PERMALINK = re.compile(r"https?://matrix\.to/#/[!#][^/\s]+/\$", re.IGNORECASE)
"""The address of an event: somebody's name may be a link to what they said."""

DIRECTION = re.compile(f"[{BIDI_CONTROLS}]")
INVISIBLE = re.compile(rf"[\s{BIDI_CONTROLS}{ZERO_WIDTH}]*")


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
    text = _plain(shown(inline))
    link = next((span for span in inline.spans if span.kind in {"link", "autolink"} and user_behind(span.href)), None)
    begins = link is not None and INVISIBLE.fullmatch(inline.content, 0, link.start) is not None
    if link and begins and (is_above_quote or len(shown(inline, link.end).split()) <= VERB):
        return _linked(inline, link)
    if broken := BROKEN_LINK.fullmatch(_plain(inline.content)):
        rest = len(broken["rest"].split())
        if rest <= (INTRODUCTION if is_above_quote else VERB):
            return _author(user_behind(broken["target"]), broken["name"])
    if not is_above_quote:
        return None
    if link and (text.endswith(":") or len(text.split()) <= INTRODUCTION):
        return _linked(inline, link)
    return _unlinked(text) or _with_permalink(inline, text)


def user_behind(target: str) -> str:
    """Return the user whom a link stands for, "" for none.

    Somebody linked the mere Matrix ID in former years, which became a path wherever that was resolved.
    """
    bare = target.rstrip("/")
    mere = (unquote(bare), unquote(bare.rpartition("/")[2]))
    return linked_user(bare) or next((each for each in mere if USER_ID.fullmatch(each)), "")


def _with_permalink(inline: Inline, text: str) -> Author | None:
    link = next((span for span in inline.spans if span.kind == "link"), None)
    if link is None or link.start or not text.endswith(":") or not PERMALINK.match(unquote(link.href)):
        return None
    return Author(None, _plain(shown(inline, *link.label)))


def _linked(inline: Inline, link: Span) -> Author:
    return _author(user_behind(link.href), shown(inline, *link.label) if link.kind == "link" else "")


def _author(target: str, name: str) -> Author:
    return Author(target if USER_ID.fullmatch(target) else None, _plain(name) or target)


def _plain(text: str) -> str:
    """Return a text on one line, without marks of direction, which names in a post have none of."""
    return one_line(DIRECTION.sub("", text))


def _unlinked(text: str) -> Author | None:
    """Return whom a short line names without a link: `Name says`, or a mere Matrix ID."""
    found = SAYS.fullmatch(text)
    name = found["name"] if found else text.rstrip(":")
    if USER_ID.fullmatch(name):
        return Author(name, name)
    return Author(None, name) if found else None

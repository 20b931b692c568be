"""Is a message addressed to the bot, and its text without the mention (docs/matrix-clients.md, section 1)."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from twimbot.intake.escaping import escaped
from twimbot.intake.fallbacks import Words, own_words
from twimbot.intake.formatted import COLONS, COMMAS, WIDE_COLONS, has_pill, leading_pills, linked_user
from twimbot.model.event import GALLERY_KINDS, MEDIA_KINDS, Content

TAKEN_KINDS = frozenset(("m.text", *MEDIA_KINDS, *GALLERY_KINDS))
AUTOMATIC_KINDS = frozenset(("m.notice", "m.server_notice"))
"""The kinds of messages that nobody writes by hand, and that must not be answered."""

MARKS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Invisible marks, as a regular expression's class: joiners, directions, isolates."""

GAP = re.compile(rf"[\s{MARKS}]*")
EMPHASIS = re.compile(rf"{GAP.pattern}(?P<marks>\*{{1,3}}|_{{1,3}})(?=[^\s*_])")
SEPARATOR = (
    rf"[{MARKS}]*+(?:[{COLONS}{COMMAS}]|[ \u00a0\u2009\u202f][{MARKS}]*+(?:[{WIDE_COLONS}]|:(?=[\s{MARKS}]|\Z)))"
)
"""The colon or comma between a name and what is said: French puts a space before the colon, Chinese, Japanese and
Arabic have their own signs. A space before a colon that a word or sign follows may be a smiley's or a short code's."""

SUFFIX = re.compile(rf"(?:{SEPARATOR}|[\u202c\u2069]*)\s*")
"""What goes with a mention: one colon or comma, or else the end of an isolate or embedding; and white space."""

MARK = re.compile(rf"[{MARKS}]")
LABEL_MARK = re.compile(r"\\.|[\[\]\n]")
"""What begins or ends a link's label, or keeps the character behind it from that."""

TARGET = re.compile(r"\(<?([^\s()<>]+)>?\)")
LINK_SIGNS = ("](", "<a", "<A")
ANCHOR = re.compile(r"<a\s([^<>]*)>([^<>]*)</a>", re.IGNORECASE)
HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)

WORD_ENDS = r"(?![\w-]|\.\w)"
NO_OTHER_SERVER = r"(?!:[\w-]+(?:\.\w|:\d))"
"""After `@name`: what follows doesn't make it the Matrix ID of somebody on another server."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the bot is to the people of a room: its Matrix ID, and its display names, current and former."""

    user_id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Link:
    start: int
    end: int
    label: str
    target: str


def is_addressed(content: Content, bot: Bot, *, is_reply: bool) -> bool:
    """Tell whether a message is addressed to the bot; `is_reply`: it is a genuine reply, or the edit of one.

    `m.mentions` counts for nothing in a reply: clients add the sender replied to.
    """
    return _can_be_taken(content) and _mentions(content, bot, is_reply=is_reply)


def is_addressed_in_vain(content: Content, bot: Bot, *, is_reply: bool) -> bool:
    """Tell whether a message is addressed to the bot that can't be taken for what it is, so that its sender is told."""
    if _can_be_taken(content) or content.kind in AUTOMATIC_KINDS:
        return False
    return _mentions(content, bot, is_reply=is_reply)


def _can_be_taken(content: Content) -> bool:
    return content.kind in TAKEN_KINDS and (content.kind == "m.text" or bool(content.body.strip()))


def _mentions(content: Content, bot: Bot, *, is_reply: bool) -> bool:
    words = own_words(content, is_reply=is_reply)
    return (
        (words.html is not None and has_pill(words.html, bot.user_id))
        or _without_mention(words.body, bot) is not None
        or (bot.user_id in content.mentions and not is_reply)
    )


def completed_names(words: Words, content: Content, bot: Bot, *, is_reply: bool) -> tuple[tuple[str, ...], ...]:
    """Return the bare names that may open the text as mentions without a sign, each with its possible spellings.

    A bare name is a mention where the client says so: with pills before all other text, whatever the name was when
    they were written, or with `m.mentions` and no pill at all (clients with Markdown switched off).
    """
    if words.html is not None and has_pill(words.html, bot.user_id):
        return tuple((text, html.escape(text)) for text in leading_pills(words.html, bot.user_id))
    return (bot.names,) if bot.user_id in content.mentions and not is_reply else ()


def without_mentions(text: str, bot: Bot, completed: Sequence[tuple[str, ...]]) -> str:
    """Return text without the mentions that open it."""
    waiting = list(completed)
    while (rest := _without_mention(text, bot, waiting[0] if waiting else ())) is not None:
        text = rest
        waiting = waiting[1:]
    return text


def _without_mention(text: str, bot: Bot, completed: Sequence[str] = ()) -> str | None:
    """Return the text behind the mention that it begins with, or None where it begins with none.

    Marks of emphasis around the mention alone go with it; those that go on behind it stay around the rest.
    """
    end = _mention_end(text, bot, completed)
    if end is not None:
        return text[end:]
    opening = EMPHASIS.match(text)
    marks, inner = (opening["marks"], text[opening.end() :]) if opening else ("", "")
    closing = inner.find(marks) if marks else -1
    bare = inner.replace(marks, "", 1) if closing >= 0 else ""
    end = _mention_end(bare, bot, completed)
    if end is None:
        return None
    return bare[end:] if closing <= end else marks + inner[end:]


def _mention_end(text: str, bot: Bot, completed: Sequence[str]) -> int | None:
    """Return where a text goes on after the mention that it begins with, or None where it begins with none."""
    start = _end(GAP.match(text)) or 0
    for end in (
        _linked_end(text, start, bot),
        _anchored(ANCHOR.match(text, start), bot),
        _end(_mention_pattern(bot).match(text, start)),
        _completed_end(text, start, completed),
    ):
        if end is not None:
            return _end(SUFFIX.match(text, end))
    return _end(_called_pattern(bot).match(text, start))


def _end(found: re.Match[str] | None) -> int | None:
    return found.end() if found else None


def _linked_end(text: str, start: int, bot: Bot) -> int | None:
    link = next(_links(text, start), None) if text.startswith("[", start) else None
    return link.end if link and link.start == start and linked_user(link.target) == bot.user_id else None


def _links(text: str, start: int = 0) -> Iterator[_Link]:
    """Yield Markdown's links from a place on, their labels on one line and without brackets; each mark is read once."""
    opened = -1
    for mark in LABEL_MARK.finditer(text, start):
        if mark[0] == "]" and opened >= 0 and (target := TARGET.match(text, mark.end())):
            yield _Link(opened, target.end(), text[opened + 1 : mark.start()], target[1])
        if len(mark[0]) == 1:
            opened = mark.start() if mark[0] == "[" else -1


def _anchored(anchor: re.Match[str] | None, bot: Bot) -> int | None:
    return anchor.end() if anchor and _is_anchor_of(anchor, bot) else None


def _is_anchor_of(anchor: re.Match[str], bot: Bot) -> bool:
    href = HREF.search(anchor[1])
    return href is not None and linked_user(html.unescape(href[1] or href[2] or "")) == bot.user_id


def _completed_end(text: str, start: int, completed: Sequence[str]) -> int | None:
    for name in sorted(completed, key=len, reverse=True):
        end = start + len(name)
        if name.strip() and text.startswith(name, start) and (end == len(text) or not text[end].isalnum()):
            return end
    return None


def unlinked(part: str, bot: Bot) -> str:
    """Replace links to the bot by their text: Markdown's, and HTML's as Element Web's rich-text mode writes them.

    There are none in a text without any of LINK_SIGNS.
    """
    pieces, done = [], 0
    for link in _links(part):
        if linked_user(link.target) == bot.user_id:
            pieces += [part[done : link.start], link.label]
            done = link.end
    plain = "".join([*pieces, part[done:]])
    return ANCHOR.sub(lambda anchor: anchor[2] if _is_anchor_of(anchor, bot) else anchor[0], plain)


@lru_cache(maxsize=64)
def _mention_pattern(bot: Bot) -> re.Pattern[str]:
    """Match what is a mention by itself: the Matrix ID (case matters), `@name`, `@[name]`, `@localpart`.

    FluffyChat puts brackets around names with spaces, and `#number` behind a name that two members share. Names in
    links are matched here where they hold brackets, which some clients don't escape.
    """
    names, localpart = _alternatives(bot), re.escape(bot.user_id.partition(":")[0].removeprefix("@"))
    user_id = rf"(?-i:{re.escape(bot.user_id)})(?![\w-]|\.\w|:\d)"
    handle = rf"@(?:\[(?:{names})\]|{names}|{localpart})(?:\#\d+)?{WORD_ENDS}{NO_OTHER_SERVER}"
    link = rf"\[(?:{names})\]\(<?https://matrix\.to/\#/(?-i:{re.escape(bot.user_id)})>?\)"
    return re.compile(f"{link}|{user_id}|{handle}", re.IGNORECASE)


@lru_cache(maxsize=64)
def _called_pattern(bot: Bot) -> re.Pattern[str]:
    """Match a bare name that becomes a mention only by the colon or comma behind it, and the space after that.

    The localpart is such a name, too, and the Matrix ID without its sign.
    """
    localpart, _, server = bot.user_id.removeprefix("@").partition(":")
    handle = rf"{re.escape(localpart)}(?:(?-i::{re.escape(server)})(?![\w-]|\.\w|:\d)|{NO_OTHER_SERVER})"
    return re.compile(rf"(?:{_alternatives(bot)}|{handle}){SEPARATOR}\s*", re.IGNORECASE)


def _alternatives(bot: Bot) -> str:
    """Return the bot's names in all spellings, longest first; something that never matches where it has none."""
    spellings = {spelling for name in bot.names for spelling in _spellings(name) if spelling.strip()}
    patterns = (r"\s+".join(map(re.escape, spelling.split())) for spelling in sorted(spellings, key=len, reverse=True))
    return "|".join(patterns) or r"(?!)"


def _spellings(name: str) -> Iterator[str]:
    """Yield a name as it is, and as clients write it: without marks, HTML-escaped, or escaped in our own Markdown."""
    for visible in (name, MARK.sub("", name)):
        yield visible
        yield html.escape(visible)
        yield escaped(visible)

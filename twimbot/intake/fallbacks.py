"""Taking away what clients put before a person's own words: quoted replies and per-message profile names."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from twimbot.intake.formatted import read_html, starts_with_reply
from twimbot.model.event import Content

MOST_REMEMBERED = 8
"""How many messages are kept as they were read: what is asked of a message is asked in one go."""

REPLY_LINE = re.compile(r"> (?:\* )?<@")
"""How the quotation of a reply begins in `body`; that of an emote has a star (docs/matrix-clients.md, section 4)."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person wrote, in the two forms that the client sent; `html` is None where there is none to read."""

    body: str
    html: BeautifulSoup | None


@lru_cache(maxsize=MOST_REMEMBERED)
def own_words(content: Content, *, is_reply: bool) -> Words:
    """Return a message's text without reply and profile fallbacks, with LF line ends.

    Kept for a while, so that a message is read once, whatever is asked of it.
    """
    source = content.formatted_body or ""
    body = content.body.replace("\r\n", "\n")
    html = read_html(source)
    if starts_with_reply(source):
        _remove(html and html.find("mx-reply"))
        # `> ` lines are somebody's own Markdown unless the HTML vouches for a quoted reply. Threads carry such a
        # quotation too (`is_falling_back`), though they are no replies: there its first line gives it away.
        if is_reply or REPLY_LINE.match(body):
            body = _without_quoted_lines(body)
    _remove(html and html.find(None, {"data-mx-profile-fallback": True}))
    if content.profile_name:
        body = body.removeprefix(f"{content.profile_name}: ")
    return Words(body, html)


def _remove(element: PageElement | None) -> None:
    if isinstance(element, Tag):
        element.decompose()


def _without_quoted_lines(body: str) -> str:
    lines = body.split("\n")
    quoted = 0
    while quoted < len(lines) and lines[quoted].startswith(">"):
        quoted += 1
    return "\n".join(lines[quoted:]).removeprefix("\n")

"""Reading `formatted_body`: a tree of what the client sent as HTML, within bounds."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from bs4.builder import HTMLParserTreeBuilder  # type: ignore[attr-defined] # it is made known at run time
from bs4.element import NavigableString
from bs4.exceptions import ParserRejectedMarkup

MAX_DEPTH = 100
"""How deep elements may stand in each other: what the specification asks of clients (m.room.message msgtypes)."""

MAX_PREFIXES = 16
"""How many quotes and lists may stand in each other: each writes its sign before every line within it."""

MAX_STEPS = 50_000
"""How many steps from elements up to the root there may be in all: looking at ancestors must stay cheap."""

MOST_TAGS, MOST_SIGNS = 2_000, 10_000
"""How many tags a message's HTML may have, and signs that might begin one: more would hold up all other messages. Its
body then has to do."""

DECLARATION = re.compile(r"<![^<>]*>")
STRAY = re.compile(r"""<(?!/?[A-Za-z](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}')*+>)""")
"""A `<` that opens no complete tag. Python's parser would search the whole rest of the text for each one's end."""

WIDE_COLONS = "\ufe55\uff1a"
COLONS, COMMAS = f":{WIDE_COLONS}", ",\u060c\u3001\ufe50\uff0c"
"""Colons and commas as people type them behind a name, as parts of a regular expression's class: also small,
full-width, Arabic and ideographic ones."""

BESIDE_PILLS = re.compile(rf"[\s{COLONS}{COMMAS}]*")
"""What may stand between mentions that belong together."""

REPLY = re.compile(r"\s*<mx-reply\b", re.IGNORECASE)
USER_LINK = re.compile(r"https?://(?:matrix\.to/#/|[^#\s]*/#/user/)((?:@|%40)[^?\s]+)", re.IGNORECASE)
USER_URI = re.compile(r"matrix:(?:u|user)/([^?#\s]+)", re.IGNORECASE)


def read_html(source: str) -> BeautifulSoup | None:
    """Return HTML as a tree; None where it holds no element, or too many, or the parser refuses it."""
    if source.count("<") > MOST_SIGNS:
        return None
    tidy = STRAY.sub("&lt;", DECLARATION.sub("", source))
    if not 0 < tidy.count("<") <= MOST_TAGS:
        return None
    try:
        return BeautifulSoup(tidy, builder=_builder())
    except (ParserRejectedMarkup, ValueError):
        return None  # ValueError: a character reference with thousands of digits


def _builder() -> HTMLParserTreeBuilder:
    """Return a builder that lets Python's parser resolve character references: ten times as fast as one by one."""
    builder = HTMLParserTreeBuilder()
    _, options = builder.parser_args
    options["convert_charrefs"] = True
    return builder


def is_within_bounds(html: BeautifulSoup) -> bool:
    """Tell whether a tree can be walked recursively and turned into Markdown at a bearable cost."""
    steps = 0
    waiting: list[tuple[Tag, int, int]] = [(html, 0, 0)]
    while waiting:
        element, depth, prefixes = waiting.pop()
        steps += depth
        if depth > MAX_DEPTH or prefixes > MAX_PREFIXES or steps > MAX_STEPS:
            return False
        inner = prefixes + (element.name in {"blockquote", "li"})
        waiting.extend((child, depth + 1, inner) for child in element.children if isinstance(child, Tag))
    return True


def starts_with_reply(source: str) -> bool:
    """Tell whether HTML begins with the quotation that clients put before a reply."""
    return REPLY.match(source) is not None


def linked_user(target: str) -> str | None:
    """Return the Matrix ID that a link stands for: matrix.to, `matrix:u/…` or a server's own `…/#/user/…`; or None."""
    if link := USER_LINK.match(target):
        return unquote(link[1])
    if uri := USER_URI.match(target):
        return "@" + unquote(uri[1])
    return None


def target_of(link: Tag) -> str:
    """Return where a link leads; empty where it leads nowhere."""
    href = link.get("href")
    return href.strip() if isinstance(href, str) else ""


def is_pill(element: Tag, user_id: str) -> bool:
    """Tell whether an element is a link that stands for this user."""
    return element.name == "a" and linked_user(target_of(element)) == user_id


def has_pill(html: BeautifulSoup, user_id: str) -> bool:
    """Tell whether a user is mentioned by a pill anywhere."""
    return any(is_pill(link, user_id) for link in html.find_all("a"))


def leading_pills(html: BeautifulSoup, user_id: str) -> Iterator[str]:
    """Yield the texts of the pills for this user that stand before all other text."""
    for string in html.find_all(string=True):
        pill = _pill_around(string, user_id)
        if pill is not None:
            yield pill.get_text()
        elif BESIDE_PILLS.fullmatch(string) is None:
            return


def _pill_around(string: NavigableString, user_id: str) -> Tag | None:
    link = string.find_parent("a")
    return link if isinstance(link, Tag) and is_pill(link, user_id) else None

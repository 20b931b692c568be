"""Addresses in running text become links: URLs, names of web sites, mail addresses, Matrix rooms and people.

What the site's linter would take for an address though it is none is escaped, and shows as before.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from linkify_it import LinkifyIt

from twimbot.export.characters import escaped_text, matrix_to
from twimbot.export.links import written_target
from twimbot.export.reader import Span
from twimbot.export.syntax import Edit, Inline, UntrustedStructure, apply, harmless, read

TRIALS = 24
"""How often a text is read to find which of its new links change another one."""

MOST_CHANGES = 1_000
"""How many addresses of a text are looked at: with thousands in one paragraph each costs a walk through all of it."""

LONGEST_IDENTIFIER = 255
"""How many bytes a Matrix identifier may have (Matrix specification, appendices, "Common Identifier Format")."""

LONGEST_URL = 4_000
"""How many characters a URL may have to be made a link: each place where one may begin is searched this far."""

LONGEST_SITE = 2_000
"""How many characters of a web site's name and path are looked at."""

PLAIN_KINDS = frozenset({"text", "delimiter", "escape", "entity"})

KEPT_ESCAPE = re.compile(r"\\[@#]|(?<=www)\\\.|(?<=:)\\/", re.IGNORECASE)
"""How what looks like an address is written that is to be none."""

UNFIT_FOR_AUTOLINK = re.compile(r"[\s<>|]|&#?[A-Za-z0-9]+;|\{[{%]")
"""What would end an autolink or a table's cell, be a character reference to some parsers, or a shortcode to Zola."""

HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:xn--[A-Za-z0-9-]{1,59}|[A-Za-z]{2,63})"
HOST_END = r"(?![A-Za-z0-9]|[-.]+[A-Za-z0-9])"
MAILBOX = rf"[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@{HOST}{HOST_END}"
SERVER = rf"{HOST}{HOST_END}(?::[0-9]{{1,5}}(?![0-9]))?(?!/[\w$])"
"""A server name of the Matrix specification's appendices; IP addresses are none that people write in a text."""

SCHEME = re.compile(r"(?:https?|ftps?):(?=//)", re.IGNORECASE)
QUOTES = "\u00ab\u00bb\u2018-\u201f"
SENTENCE_MARKS = (
    "\u060c\u061b\u061f\u06d4\u0964\u0965\u2026\u3000-\u3003\u3008-\u3011\u3014-\u301f"
    "\ufe10-\ufe19\ufe30-\ufe52\ufe59-\ufe5e"
    "\uff01\uff02\uff07-\uff09\uff0c\uff0e\uff1a\uff1b\uff1c\uff1e\uff1f\uff3b\uff3d\uff40\uff5b-\uff5d\uff5f-\uff64"
)
"""Quotation marks, and punctuation of other scripts (full-width, half-width and vertical forms included), as regular
expressions' classes: no URL that people write has any, but those that stand directly before or behind it do."""

URL_END = re.compile(f"[{QUOTES}{SENTENCE_MARKS}]")
PUNCTUATION = ".,:;!?"
PATH = rf"""[^\s<>"'`()\[\]{{}}|\\^{QUOTES}{SENTENCE_MARKS}]*[\w/-]"""
ALIAS = rf"""[^\s:()\[\]{{}}<>"'`,;!?|\\*~@{QUOTES}{SENTENCE_MARKS}]{{1,250}}"""
NO_WORD_BEFORE = r"(?<![^\W_])"
NO_PATH_BEFORE = r"(?<![/=&%?#@$+\\])"

ADDRESS = re.compile(
    rf"""
      \((?P<label>[^()\n]+)\)\[(?P<target>[^\]^\n][^\]\n]*)\](?!\()
    | (?P<url>(?:https?|ftps?):)(?=//)
    | {NO_WORD_BEFORE}(?<![-+.])(?P<uri>(?:mailto|xmpp):{MAILBOX}(?:[/?]{PATH})?|matrix:(?:r|u|roomid)/{PATH})
    | {NO_WORD_BEFORE}(?<![-@/.\\])(?P<site>www\.)(?=(?:[^\W_][\w-]{{0,62}}\.){{1,9}}[^\W\d_]{{2,}}(?![\w.-]*@))
    | {NO_WORD_BEFORE}{NO_PATH_BEFORE}
      (?P<matrix>(?:\#(?![0-9]+:){ALIAS}|@[A-Za-z0-9._=/+-]{{1,250}}):{SERVER})
    | (?<![A-Za-z0-9.%+=@/\\-])(?P<mail>{MAILBOX})(?![/:@]\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What may be an address, or a link with its brackets mixed up (markdownlint MD011).

Matrix IDs are those of the present grammar and their kin with capitals (appendices, "User Identifiers"), aliases those
without signs that end a word in a sentence, and `matrix:` URIs those of rooms, people and events (appendices, "URIs").
"""

SIGN = re.compile(r"[:@]|\)\[|www\.", re.IGNORECASE)
"""What every address has in it, to be looked for first."""

SIGN_OR_ESCAPE = re.compile(rf"{SIGN.pattern}|[&\\]", re.IGNORECASE)
"""What is in the Markdown of every address: one of its signs, or what may be written for it."""

NO_ADDRESS = re.compile(
    r"""
      (?:https?|ftps?):(?=//(?:\[|[^\s<>\[\]()\\'"`/]))
    | www(?=\.(?:[a-zA-Z0-9][-a-zA-Z0-9]{0,62}\.){1,9}?[a-zA-Z]{2,})
    | [A-Za-z0-9._%+-](?=@[A-Za-z0-9.-]{1,255}\.[a-zA-Z]{2,})
    | \([^()\n]+\)(?=\[[^\]^\n][^\]\n]*\](?!\())
    """,
    re.VERBOSE,
)
"""What rumdl takes for addresses and reversed links (MD034, MD011); a backslash behind it says that it is none."""

FINDER = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
FINDER.add("ftps:", "http:")


@dataclass(frozen=True, slots=True)
class Linked:
    """A text with its addresses as links: the targets of those, and the addresses that could be none."""

    text: str
    made: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """An edit for the characters of a text from `start` to before `end`; `target` is that of the link it makes."""

    start: int
    end: int
    edit: Edit
    target: str | None = None


def linked(source: str) -> Linked:
    """Return a source in which every address in running text is a link; code, HTML and links are no running text.

    No other link is changed by that: the few addresses that would are left as they are. Raises UntrustedStructure
    where there are too many.
    """
    document = read(source)
    targets = Counter(document.targets())
    changes = list(islice((change for inline in document.inlines for change in _changes(inline)), MOST_CHANGES + 1))
    if len(changes) > MOST_CHANGES:
        raise UntrustedStructure("it has too many addresses")

    def is_harmless(tried: Sequence[_Change]) -> bool:
        found = read(apply(source, [change.edit for change in tried])).targets()
        return Counter(found) == targets + Counter(change.target for change in tried if change.target)

    kept = set(harmless(changes, is_harmless, TRIALS))
    links = [change for change in changes if change.target]
    return Linked(
        text=apply(source, [change.edit for change in kept]),
        made=tuple(change.target for change in links if change.target and change in kept),
        left=tuple(source[change.edit.start : change.edit.end] for change in links if change not in kept),
    )


def _changes(inline: Inline) -> Iterator[_Change]:
    """Return the links to be made, and the escapes for what is left and would be taken for addresses."""
    if not SIGN_OR_ESCAPE.search(inline.content):
        return
    plain: set[int] = set()
    doubtful = list(NO_ADDRESS.finditer(inline.content))
    for before, spans in _running_text(inline):
        text, places = _unescaped(inline, spans)
        links = list(_links(inline, before + text, [places[0], *places])) if SIGN.search(text) else []
        yield from links
        if doubtful:
            plain.update(_unlinked(places[:-1], links))
    for match in doubtful:
        place, sign = match.end(), inline.content[match.end()]
        if match.start() in plain and place in plain:
            yield _Change(place, place + 1, inline.edit(place, place + 1, f"\\{sign}"))


def _unlinked(places: Sequence[int], links: Sequence[_Change]) -> Iterable[int]:
    """Return those places of a stretch of running text that are in none of its links."""
    linked_places = {place for link in links for place in range(link.start, link.end)}
    return (place for index, place in enumerate(places, start=1) if index not in linked_places) if links else places


def _links(inline: Inline, text: str, places: Sequence[int]) -> Iterator[_Change]:
    """Return the links to be made in a stretch of running text, from what it says and where each character is.

    The first character says what stands before the stretch, and is no part of it.
    """
    position = 1
    while match := ADDRESS.search(text, position):
        link = _link(inline, text, places, match)
        position = match.start() + 1
        if link is not None:
            position = link.end
            yield link


def _link(inline: Inline, text: str, places: Sequence[int], found: re.Match[str]) -> _Change | None:
    """Return the link that becomes of what was found; None where it is no address, or holds half a pair of marks."""
    start, kind = found.start(), found.lastgroup or ""
    end = _end(text, found, kind)
    cut = _leaving_pair(inline, places[start], places[end])
    if cut < places[end]:
        end = _end(text[: places.index(cut, start)], found, kind)
    written = _turned(inline, places, found) if kind == "target" else _written(text[start:end], kind)
    if end <= start or written is None:
        return None
    markdown, target = written
    return _Change(start, end, inline.edit(places[start], places[end], markdown), target)


def _end(text: str, found: re.Match[str], kind: str) -> int:
    """Return where in a text the address ends that begins there; where it begins if it does not end in the text."""
    start, end = found.span()
    if kind == "url":
        return _url_end(text, start)
    if kind == "site":
        return start + max(_url_end(f"https://{text[start : start + LONGEST_SITE]}", 0) - len("https://"), 0)
    return end if end <= len(text) else start


def _url_end(text: str, start: int) -> int:
    """Return where in a text the URL ends that begins at a place; the place itself where none does."""
    window = text[start : start + LONGEST_URL]
    scheme = SCHEME.match(window)
    length = FINDER.test_schema_at(window, scheme[0].lower(), scheme.end()) if scheme else 0
    if scheme is None or not length or scheme.end() + length == LONGEST_URL:
        return start
    url = window[: scheme.end() + length]
    return start + len(URL_END.split(url, maxsplit=1)[0].rstrip(PUNCTUATION))


def _written(address: str, kind: str) -> tuple[str, str] | None:
    """Return an address as a link, and the link's target; None for a Matrix identifier that is too long."""
    if kind == "site":
        return _labelled(address, f"https://{address}")
    if kind == "matrix":
        is_valid = len(address.encode()) <= LONGEST_IDENTIFIER
        return _labelled(address, matrix_to(address)) if is_valid else None
    if UNFIT_FOR_AUTOLINK.search(address):
        return _labelled(address, address)
    return f"<{address}>", f"mailto:{address}" if kind == "mail" else address


def _labelled(label: str, target: str) -> tuple[str, str]:
    return f"[{escaped_text(label)}]({written_target(target)})".replace("|", r"\|"), target


def _turned(inline: Inline, places: Sequence[int], found: re.Match[str]) -> tuple[str, str] | None:
    """Return a link whose brackets were mixed up as it was meant, and its target; None where it has no URL."""
    for label, target in (("label", "target"), ("target", "label")):
        if _url_end(found[target], 0) == len(found[target]):
            shown = inline.content[places[found.start(label)] : places[found.end(label)]]
            return f"[{shown}]({written_target(found[target])})", found[target]
    return None


def _running_text(inline: Inline) -> Iterator[tuple[str, list[Span]]]:
    """Return the spans of each stretch of plain text outside of all links.

    Before them stands what the stretch begins behind: `x` for a word, which code and links are, or else a blank.
    """
    outermost = (span for span in inline.spans if span.outer < 0)
    before = " "
    for is_plain, group in groupby(outermost, key=lambda span: span.kind in PLAIN_KINDS):
        spans = list(group)
        if is_plain:
            yield before, spans
        before = " " if spans[-1].kind == "html" else "x"


def _unescaped(inline: Inline, spans: Sequence[Span]) -> tuple[str, Sequence[int]]:
    """Return a stretch as it is read, and where in the content each of its characters is, and its end.

    Marks that strike out text are blanks in it, as no address may begin or end with a tilde.
    """
    start, end = spans[0].start, spans[-1].end
    if all(span.kind == "text" for span in spans):
        return inline.content[start:end], range(start, end + 1)
    text: list[str] = []
    places: list[int] = []
    for span in spans:
        raw = inline.content[span.start : span.end]
        shown = raw if KEPT_ESCAPE.match(inline.content, span.start) else _shown(span.kind, raw)
        text.append(shown)
        places += range(span.start, span.end) if len(shown) == len(raw) else [span.start] * len(shown)
    return "".join(text), [*places, end]


def _shown(kind: str, raw: str) -> str:
    match kind:
        case "escape":
            return raw[1:]
        case "entity":
            return html.unescape(raw)
        case "delimiter":
            return raw.replace("~", " ")
        case _:
            return raw


def _leaving_pair(inline: Inline, start: int, end: int) -> int:
    """Return where an address must end, so that no pair of emphasis marks has only one of its two in it."""
    cuts = [
        place
        for opening, closing in inline.pairs
        for place, other in ((opening, closing), (closing, opening))
        if start <= place < end and not start <= other < end
    ]
    return min(cuts, default=end)

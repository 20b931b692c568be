"""A contributor's Markdown made fit for its place in a post.

The source is read, and only what has to be different is changed; every other character stays as it was written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twimbot.export.characters import one_line, plain_lines
from twimbot.export.headings import names, relevelled, spaced, without_title
from twimbot.export.links import linked, odd_targets
from twimbot.export.safety import fenced, made_safe, without_shortcodes
from twimbot.export.syntax import UntrustedStructure

LONGEST = 100_000
MOST_LINES = 4_000
"""Of a text with more characters or lines than these nothing is read; no Matrix event is as long."""

SHOWN = 100
"""How many characters of a link's target a note shows."""

NESTING = re.compile(r"^(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])[ \t]+)){50}", re.MULTILINE)
BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: its project's names, the level that its headings begin at, whether it may have a title."""

    names: tuple[str, ...]
    level: int
    may_have_title: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """Our own Markdown for a picture or a video, which stands in an entry as it is, between blank lines."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Mended:
    """An entry's Markdown, its own title where it stands under no project, and what an editor should look at."""

    text: str
    title: str | None = None
    website: str | None = None
    notes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def mend(blocks: Sequence[str | Ready], place: Place) -> Mended:
    """Return an entry's text as it can stand in a quote; as a block of code where its Markdown can't be trusted."""
    first = _mend(next((block for block in blocks if isinstance(block, str)), ""), place)
    rest = [
        block.markdown if isinstance(block, Ready) else _mend(block, place).text
        for block in blocks[1 if blocks and isinstance(blocks[0], str) else 0 :]
    ]
    return Mended("\n\n".join(filter(None, [first.text, *rest])), first.title, first.website, first.notes)


def _mend(text: str, place: Place) -> Mended:
    plain = _trimmed(plain_lines(text))
    try:
        return _mended(plain, place)
    except (UntrustedStructure, RecursionError) as error:
        reason = str(error) if isinstance(error, UntrustedStructure) else "its quotes and lists nest too deep"
        return Mended(fenced(plain), notes=(f"its Markdown stands in the post as plain text, because {reason}.",))


def _trimmed(text: str) -> str:
    """Return text without blank lines around it; the indentation of its first line may mean something."""
    return BLANK_LINES.sub("", text.rstrip())


def _mended(plain: str, place: Place) -> Mended:
    if len(plain) > LONGEST or plain.count("\n") > MOST_LINES:
        raise UntrustedStructure("it is too long")
    if NESTING.search(plain):
        raise UntrustedStructure("its quotes and lists nest too deep")
    safe = _trimmed(made_safe(plain))
    titled = without_title(safe)
    title = None
    if titled.title is not None and (not titled.title or names(titled.title, place.names)):
        safe = titled.rest
    elif titled.title is not None and place.may_have_title:
        safe = titled.rest
        title = titled.title
    levelled = spaced(relevelled(safe, place.level + (title is not None)))
    clickable = linked(levelled)
    text = without_shortcodes(levelled if clickable is None else clickable)
    if title is not None:
        title = without_shortcodes(linked(title) or title)
    website = titled.website if title is not None else None
    return Mended(text, title, website, tuple(_notes(text, clickable is None)))


def _notes(text: str, has_bare_urls: bool) -> Iterator[str]:  # noqa: FBT001 - a fact, no switch
    if has_bare_urls:
        yield "its bare URLs are as they were written, because making them links would have changed other links."
    for target in odd_targets(text):
        yield f"a link leads to {one_line(target)[:SHOWN] or 'nowhere'}, which browsers can't follow from the site."

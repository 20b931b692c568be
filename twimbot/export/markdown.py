"""Contributors' Markdown made fit for its place in a post.

The source is read, and only what has to be different is changed; every other character stays as it was written.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from twimbot.export.addresses import linked
from twimbot.export.characters import ZERO_WIDTH, one_line, operator_text, plain_lines
from twimbot.export.headings import Taken, levels, names, relevelled, with_levels, without_bold_line, without_heading
from twimbot.export.layout import spaced
from twimbot.export.links import is_dangerous, odd_targets, written_target
from twimbot.export.safety import fenced, made_safe
from twimbot.export.shortcodes import without_shortcodes
from twimbot.export.syntax import EMPTY_COMMENT, UntrustedStructure, read, shape

LONGEST = 100_000
MOST_LINES = 4_000
"""Of a message with more characters or lines than these nothing is read; no Matrix event is as long."""

SHOWN = 100
"""How many characters of a link's target a note shows."""

MOST_NAMES = 4
"""How many lines in a row may say what an entry stands under; nobody writes more."""

NESTING = re.compile(r"^(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])[ \t]+)){50}", re.MULTILINE)
BEGINNING = re.compile(rf"\A(?:[ \t{ZERO_WIDTH}]*\n)*[{ZERO_WIDTH}]*")


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
    """An entry's Markdown, and what an editor should look at.

    An entry that stands under no project may have a `title`, in Markdown, and the `website` that the title was a link
    to, as it is written between the parentheses of a link. `targets` are those of all links and pictures in the text
    and in the title, but for the website.
    """

    text: str
    title: str | None = None
    website: str | None = None
    notes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A block on its way into the post: as it was read first, as it stands so far, and the targets it has to have.

    What is settled changes no more.
    """

    source: str
    text: str
    targets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_settled: bool = False


def mend(blocks: Sequence[str | Ready], place: Place) -> Mended:
    """Return an entry's messages, pictures and videos, in their order, as they can stand in one quote.

    Each message is made safe by itself, or stands as a block of code where its Markdown can't be trusted; title and
    levels of headings are worked out over all of them. A note tells of each link that was lost or changed.
    """
    parts = [_settled(block.markdown) if isinstance(block, Ready) else _safe(block) for block in blocks]
    first = next((index for index, block in enumerate(blocks) if isinstance(block, str) and parts[index].text), None)
    heading = None
    if first is not None and not parts[first].is_settled:
        parts[first], heading = _without_title(parts[first], place)
    wanted = relevelled([() if part.is_settled else levels(part.text) for part in parts], place.level + bool(heading))
    parts = [
        part if part.is_settled else _finished(part, new_levels)
        for part, new_levels in zip(parts, wanted, strict=True)
        if part.text
    ]
    return _whole(parts, _title(heading) if heading else None, heading.website if heading else None)


def _settled(markdown: str, *notes: str) -> _Part:
    return _Part(markdown, markdown, _targets(markdown), notes, is_settled=True)


def _safe(text: str) -> _Part:
    """Return a message that can do no harm; the links that would run a script are none any more."""
    plain = _trimmed(plain_lines(text))
    try:
        _check_size(plain)
        targets = tuple(target for target in read(plain).targets() if not is_dangerous(target))
        return _Part(plain, _trimmed(made_safe(plain)), targets)
    except UntrustedStructure as error:
        return _fenced(plain, error)


def _check_size(text: str) -> None:
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        raise UntrustedStructure("it is too long")
    if NESTING.search(text):
        raise UntrustedStructure("its quotes and lists nest too deep")


def _fenced(source: str, error: UntrustedStructure) -> _Part:
    note = f"its Markdown stands in the post as plain text, because {error}."
    return _settled(without_shortcodes(fenced(source)).text, note)


def _trimmed(text: str) -> str:
    """Return text without blank lines around it; the indentation of its first line may mean something."""
    return BEGINNING.sub("", text.rstrip())


def _without_title(part: _Part, place: Place) -> tuple[_Part, Taken | None]:
    """Take the lines off a message that only say what it stands under; and the heading that is to be its title."""
    for _ in range(MOST_NAMES):
        line = without_heading(part.text) or without_bold_line(part.text)
        if line is None or (line.name and not names(line.name, place.names)):
            break
        part = _rest(part, line)
    heading = without_heading(part.text) if place.may_have_title else None
    return (_rest(part, heading), heading) if heading else (part, None)


def _rest(part: _Part, taken: Taken) -> _Part:
    kept = Counter(part.targets) - Counter(taken.targets)
    return replace(part, text=_trimmed(taken.rest), targets=tuple(kept.elements()))


def _finished(part: _Part, new_levels: Sequence[int]) -> _Part:
    """Return a message with its headings on these levels, as it stands in the post."""
    try:
        return _clickable(replace(part, text=spaced(with_levels(part.text, new_levels))))
    except UntrustedStructure as error:
        return _fenced(part.source, error)


def _title(heading: Taken) -> _Part:
    """Return a heading's text as it can be the entry's title."""
    targets = Counter(heading.targets) - Counter([heading.website] if heading.website else [])
    title = _clickable(_Part(heading.title, f"# {heading.title}", tuple(targets.elements())))
    return replace(title, text=title.text.removeprefix("# "))


def _clickable(part: _Part) -> _Part:
    """Return a text with its addresses as links and nothing in it that Zola would run, its links compared."""
    clickable = linked(part.text)
    guarded = without_shortcodes(clickable.text)
    targets = _targets(guarded.text)
    notes = (
        *_notes_about_links(Counter([*part.targets, *clickable.made]), Counter(targets)),
        *_notes_about_text(clickable.left, has_invisible=guarded.has_invisible),
    )
    return _Part(part.source, guarded.text, targets, notes, is_settled=True)


def _targets(text: str) -> tuple[str, ...]:
    """Return the targets of a text's links and pictures; none where its structure can't be trusted."""
    try:
        return tuple(read(text).targets())
    except UntrustedStructure:
        return ()


def _notes_about_links(wanted: Counter[str], found: Counter[str]) -> Iterator[str]:
    for target in wanted - found:
        yield f"the link to {_shown(target)} was lost while mending."
    for target in found - wanted:
        yield f"a link to {_shown(target)} came about while mending."


def _notes_about_text(left: Sequence[str], *, has_invisible: bool) -> Iterator[str]:
    if left:
        several = f", and {len(left) - 1} more" if len(left) > 1 else ""
        yield f"{_shown(left[0])}{several}: no link, because making it one would have changed other links."
    if has_invisible:
        yield "an invisible character stands in its code behind a brace, so that Zola runs no shortcode there."


def _shown(target: str) -> str:
    return one_line(target)[:SHOWN] or "nowhere"


def _whole(parts: Sequence[_Part], title: _Part | None, website: str | None) -> Mended:
    everything = [*parts, *([title] if title else [])]
    targets = tuple(target for part in everything for target in part.targets)
    odd = odd_targets(filter(None, (*targets, website)))
    return Mended(
        text=_joined([part.text for part in parts]),
        title=title.text if title else None,
        website=operator_text(written_target(website)) if website else None,
        notes=(
            *(note for part in everything for note in part.notes),
            *(f"a link leads to {_shown(target)}, which browsers can't follow from the site." for target in odd),
        ),
        targets=targets,
    )


def _joined(texts: Sequence[str]) -> str:
    """Join texts by blank lines, and keep apart what would be one list."""
    pieces = [*texts[:1]]
    for before, after in pairwise(texts):
        pieces += [EMPTY_COMMENT, after] if _runs_on(before, after) else [after]
    return "\n\n".join(pieces)


def _runs_on(before: str, after: str) -> bool:
    """Tell whether the second text would be read otherwise behind the first than by itself."""
    try:
        return shape(read(f"{before}\n\n{after}")) != [*shape(read(before)), *shape(read(after))]
    except UntrustedStructure:
        return True

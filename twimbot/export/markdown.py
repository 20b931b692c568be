"""Contributors' Markdown made fit for its place in a post.

The source is read, and only what has to be different is changed; every other character stays as it was written.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise

from twimbot.export.addresses import linked
from twimbot.export.characters import one_line, operator_text, plain_lines
from twimbot.export.headings import Taken, levels, names, relevelled, with_levels, without_bold_line, without_heading
from twimbot.export.layout import spaced, with_line_breaks
from twimbot.export.links import is_dangerous, leads_nowhere, odd_targets, written_target
from twimbot.export.readable import unreadable
from twimbot.export.safety import fenced, made_safe, trimmed
from twimbot.export.shortcodes import without_shortcodes
from twimbot.export.syntax import EMPTY_COMMENT, Document, UntrustedStructure, read, shape

SHOWN = 100
"""How many characters of a link's target a note shows."""

MOST_REMEMBERED = 128
"""How many entries are kept as they were mended, those of two large editions; each takes some twenty kilobytes."""

MOST_NAMES = 4
"""How many lines in a row may say what an entry stands under; nobody writes more."""


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
    to, as it is written between the parentheses of a link. `targets` are those of all links and pictures in the text,
    `document` is the text as it was read, None where it can't be trusted.
    """

    text: str
    title: str | None = None
    website: str | None = None
    notes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class _Title:
    """An entry's own title, and the target that it was a link to."""

    line: "_Part"
    website: str | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A block on its way into the post: as it was read first, as it stands so far, and the targets it has to have.

    `title` is what was taken off it for the entry. What is settled changes no more.
    """

    source: str
    text: str
    targets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    title: _Title | None = None
    is_settled: bool = False


@lru_cache(maxsize=MOST_REMEMBERED)
def mend(blocks: tuple[str | Ready, ...], place: Place) -> Mended:
    """Return an entry's messages, pictures and videos, in their order, as they can stand in one quote.

    Each message is made safe by itself, or stands as a block of code where its Markdown can't be trusted; title and
    levels of headings are worked out over all of them. A note tells of each link that was lost or changed. Kept for a
    while, as an editor exports an edition again and again, with few entries changed.
    """
    parts = [_settled(block.markdown) if isinstance(block, Ready) else _safe(block) for block in blocks]
    first = next((index for index, block in enumerate(blocks) if isinstance(block, str) and parts[index].text), None)
    if first is not None:
        parts[first] = _done(parts[first], partial(_titled, place=place))
    title = parts[first].title if first is not None else None
    wanted = relevelled([() if part.is_settled else levels(part.text) for part in parts], place.level + bool(title))
    parts = [
        _done(part, partial(_finished, new_levels=new)) for part, new in zip(parts, wanted, strict=True) if part.text
    ]
    return _whole(parts, title)


def as_plain_text(mended: Mended, reason: str) -> Mended:
    """Return an entry whose text stands as a block of code, and is told to for that reason; its title stays."""
    text = without_shortcodes(fenced(mended.text)).text
    notes = (*mended.notes, f"its Markdown stands in the post as plain text, because {reason}.")
    return replace(mended, text=text, targets=(), notes=notes, document=_document(text))


def _done(part: _Part, step: Callable[[_Part], _Part]) -> _Part:
    """Return a message after a step, or as plain text where its Markdown can't be trusted."""
    if part.is_settled:
        return part
    try:
        return step(part)
    except UntrustedStructure as error:
        note = f"its Markdown stands in the post as plain text, because {error}."
        return _settled(without_shortcodes(fenced(part.source)).text, note)


def _settled(markdown: str, *notes: str) -> _Part:
    """Return a block that is as it has to be; the targets of one that can't be read are nobody's concern."""
    try:
        targets = tuple(read(markdown).targets())
    except UntrustedStructure:
        targets = ()
    return _Part(markdown, markdown, targets, notes, is_settled=True)


def _safe(text: str) -> _Part:
    plain = trimmed(plain_lines(text))
    return _done(_Part(plain, plain), _harmless)


def _harmless(part: _Part) -> _Part:
    """Return a message that can do no harm; the links that would run a script are none any more."""
    _check_size(part.source)
    document = read(part.source)
    targets = tuple(target for target in document.targets() if not is_dangerous(target) and not leads_nowhere(target))
    notes = tuple(_notes_about_unlinked(document, leads_nowhere, "leads to nothing"))
    return replace(part, text=made_safe(part.source), targets=targets, notes=notes)


def _notes_about_unlinked(document: Document, is_unlinked: Callable[[str], bool], lack: str) -> Iterator[str]:
    for inline, span in document.leading:
        if is_unlinked(span.href):
            what = "picture" if span.kind == "image" else "link"
            yield f"the {what} “{_shown(inline.content[span.start : span.end])}” {lack}, so it stands as text."


def _check_size(text: str) -> None:
    if reason := unreadable(text):
        raise UntrustedStructure(reason)


def _titled(part: _Part, place: Place) -> _Part:
    """Take the lines off a message that only say what it stands under, and then the heading that can be its title."""
    for _ in range(MOST_NAMES):
        line = without_heading(part.text) or without_bold_line(part.text)
        if line is None or (line.name and not names(line.name, place.names)):
            break
        part = _rest(part, line)
    heading = without_heading(part.text) if place.may_have_title else None
    title = _title(heading) if heading else None
    return replace(_rest(part, heading), title=title) if heading and title else part


def _rest(part: _Part, taken: Taken) -> _Part:
    """Return what is left of a message; without the line before them, others may be what they were not."""
    kept = Counter(part.targets) - Counter(taken.targets)
    return replace(part, text=made_safe(taken.rest), targets=tuple(kept.elements()))


def _finished(part: _Part, new_levels: Sequence[int]) -> _Part:
    """Return a message with its headings on these levels, as it stands in the post."""
    return _clickable(replace(part, text=with_line_breaks(spaced(with_levels(part.text, new_levels)))))


def _title(heading: Taken) -> _Title | None:
    """Return a heading as the entry's title; None where its Markdown can't be trusted."""
    targets = Counter(heading.targets) - Counter([heading.website] if heading.website else [])
    try:
        line = _clickable(_Part(heading.title, f"# {heading.title}", tuple(targets.elements())))
    except UntrustedStructure:
        return None
    website = None if (heading.website or "").startswith("#") else heading.website  # a heading leads nowhere else
    return _Title(replace(line, text=line.text.removeprefix("# ")), website)


def _clickable(part: _Part) -> _Part:
    """Return a text with its addresses as links and nothing in it that Zola would run, its links compared."""
    clickable = linked(part.text)
    guarded = without_shortcodes(clickable.text)
    targets = tuple(read(guarded.text).targets())
    notes = (
        *part.notes,
        *_notes_about_links(Counter([*part.targets, *clickable.made]), Counter(targets)),
        *_notes_about_text(clickable.left, has_invisible=guarded.has_invisible),
    )
    return _Part(part.source, guarded.text, targets, notes, is_settled=True)


def _notes_about_links(wanted: Counter[str], found: Counter[str]) -> Iterator[str]:
    for target in wanted - found:
        yield f"the link to {_shown(target)} was lost while mending."
    for target in found - wanted:
        yield f"a link to {_shown(target)} came about while mending."


def _notes_about_text(left: Sequence[str], *, has_invisible: bool) -> Iterator[str]:
    if left:
        several = f", and {len(left) - 1} more" if len(left) > 1 else ""
        yield f"{_shown(left[0])}{several}: no link, because other links or the whole text would be read otherwise."
    if has_invisible:
        yield "an invisible character stands in its code behind a brace, so that Zola runs no shortcode there."


def _shown(target: str) -> str:
    return one_line(target)[:SHOWN] or "nowhere"


def _whole(parts: Sequence[_Part], title: _Title | None) -> Mended:
    website = title.website if title else None
    everything = [*parts, *([title.line] if title else [])]
    odd = odd_targets(filter(None, (*(target for part in everything for target in part.targets), website)))
    text = _joined([part.text for part in parts])
    return Mended(
        text=text,
        title=title.line.text if title else None,
        website=operator_text(written_target(website)) if website else None,
        notes=(
            *(note for part in everything for note in part.notes),
            *(f"a link leads to {_shown(target)}, which browsers can't follow from the site." for target in odd),
        ),
        targets=tuple(target for part in parts for target in part.targets),
        document=_document(text),
    )


def _document(text: str) -> Document | None:
    try:
        return read(text)
    except UntrustedStructure:
        return None


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

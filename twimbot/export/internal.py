"""Links into the site itself, written as Zola's own: it checks them at each build, and they outlive a new address."""

from collections.abc import Collection, Iterator
from urllib.parse import unquote

from markdown_it.helpers import parseLinkDestination

from twimbot.export.characters import escaped_text
from twimbot.export.links import label_alone
from twimbot.export.reader import Span
from twimbot.export.site import Site
from twimbot.export.slugs import slug
from twimbot.export.syntax import Edit, Inline, UntrustedStructure, apply, read

MOST_ROUNDS = 60
"""How often a text is read again at most after links were taken out: each time one around another may be uncovered."""


def with_internal_links(source: str, site: Site) -> str:
    """Return Markdown whose links to pages of the site name their files, as in `[pears](@/blog/pears.md)`.

    An autolink can't be one (CommonMark 6.5), so it becomes a link whose text is its URL, if it isn't in a link's text
    already. Everything else stays to the byte: pictures, code, HTML, the definitions of references, and all of a
    source that can't be trusted.
    """
    try:
        document = read(source)
    except (UntrustedStructure, RecursionError):
        return source
    return apply(source, [edit for inline, span in document.leading for edit in _edits(inline, span, site)])


def without_broken_links(source: str, site: Site | None, rounds: int = MOST_ROUNDS) -> tuple[str, tuple[str, ...]]:
    """Return Markdown without the links written as Zola's own that it can't follow, and these as they were written.

    It builds no site that has one. Without a checkout nobody can tell which file is there: then all such links stay, as
    most are right, and all are returned.
    """
    if "@/" not in source:
        return source, ()
    try:
        document = read(source)
    except (UntrustedStructure, RecursionError):
        return source, ()
    broken = [
        (inline, span)
        for inline, span in document.leading
        if span.href.startswith("@/") and (site is None or site.is_dead(span.href))
    ]
    told = tuple(inline.content[span.start : span.end] for inline, span in broken)
    if site is None or not broken:
        return source, told
    edits = [edit for inline, span in broken for edit in label_alone(inline, span)]
    if not rounds:
        return apply(source, edits), told
    text, more = without_broken_links(apply(source, edits), site, rounds - 1)
    return text, (*told, *more)


def with_own_places(source: str, anchors: Collection[str], rounds: int = MOST_ROUNDS) -> tuple[str, tuple[str, ...]]:
    """Return Markdown whose links to places of its own page lead there, and those that are text since they can't.

    Zola builds no site with a link to an anchor that the page lacks. Who wrote the message knew other anchors, such as
    a forge's: where only the spelling differs from one that the page has, the link gets that.
    """
    if "(" not in source or "#" not in source:
        return source, ()
    try:
        document = read(source)
    except (UntrustedStructure, RecursionError):
        return source, ()
    edits: list[Edit] = []
    lost = []
    for inline, span in document.leading:
        if not span.href.startswith("#") or span.href[1:] in anchors:
            continue
        anchor = slug(unquote(span.href[1:]).removeprefix("user-content-"))
        place = _destination(inline.content, span) if span.kind == "link" else None
        if anchor in anchors and place:
            edits.append(inline.edit(*place, f"#{anchor}"))
        else:
            edits += label_alone(inline, span)
            lost.append(inline.content[span.start : span.end])
    if not lost:
        return apply(source, edits), ()
    if not rounds:
        return apply(source, edits), tuple(lost)
    # Without one link its target may be another's, as of a picture that stands in a link: it is read again.
    text, more = with_own_places(apply(source, edits), anchors, rounds - 1)
    return text, (*lost, *more)


def _edits(inline: Inline, span: Span, site: Site) -> Iterator[Edit]:
    target = site.internal(span.href) if span.kind != "image" else None
    if target is None:
        return
    if span.kind == "autolink" and span.outer < 0:
        url = escaped_text(inline.content[span.start + 1 : span.end - 1])
        yield inline.edit(span.start, span.end, f"[{url}]({target})")
    elif span.kind == "link" and (place := _destination(inline.content, span)):
        yield inline.edit(*place, target)


def _destination(content: str, span: Span) -> tuple[int, int] | None:
    """Return where a link's own target stands; None for a reference, whose target stands elsewhere."""
    start = span.label[1] + 2
    if not content.startswith("](", span.label[1]) or start >= span.end:
        return None
    start += len(content[start : span.end]) - len(content[start : span.end].lstrip(" \t\n"))
    return start, parseLinkDestination(content, start, span.end).pos

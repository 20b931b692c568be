"""A whole post from an edition: a pure function of its contents, but for reading the operator's templates."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import PurePosixPath

import tomli_w

from twimbot.export.anchors import anchors
from twimbot.export.characters import escaped_name, matrix_to, one_line
from twimbot.export.contents import EditionContents, Picture, RenderedPost
from twimbot.export.context import Context, Digest, Room
from twimbot.export.frontmatter import front_matter
from twimbot.export.live import live_section
from twimbot.export.notes import notes
from twimbot.export.paths import filled, index_files
from twimbot.export.pictures import Gallery, is_kept
from twimbot.export.pings import ping_rows
from twimbot.export.pulldown import read_among_others
from twimbot.export.sections import Layout, lay_out, with_own_anchors, with_plain_text
from twimbot.export.template import fill, fill_group
from twimbot.model.entry import Entry, Media

__all__ = ["EditionContents", "Picture", "RenderedPost", "render", "render_entry"]


def render(contents: EditionContents) -> RenderedPost:
    """Return the edition's post; equal contents give equal bytes, in whatever order the entries come.

    Raises ConfigurationError where the operator's templates can't be used.
    """
    entries = _in_order(contents)
    gallery = Gallery.of(entries, contents.settings)
    layout = lay_out(contents, entries, gallery)
    pictures = {gallery.picture(media).path: gallery.picture(media) for media in _kept(entries)}
    cover = _cover_url(contents, entries, gallery)
    text = fill(contents.settings.template, _context(contents, layout, cover))
    if any(target.startswith("#") for _, mended in layout.mended for target in mended.targets):
        layout = with_own_anchors(contents, layout, _anchors(contents, text))
        text = fill(contents.settings.template, _context(contents, layout, cover))
    layout, text, unchecked = _read_again(contents, layout, cover, text)
    return RenderedPost(
        path=PurePosixPath(filled(contents.settings.file, contents)),
        text=text,
        pictures=tuple(pictures[name] for name in sorted(pictures)),
        indexes=tuple(index_files(contents)),
        notes=(*unchecked, *notes(contents, layout, gallery, text, has_cover=cover is not None)),
        order=tuple(said.number for section in layout.sections for group in section.groups for said in group.entries),
    )


def render_entry(contents: EditionContents, entry: Entry) -> str:
    """Return one entry as it would stand in the post, with its project's heading, also where it is dropped.

    Raises ConfigurationError as `render` does.
    """
    gallery = Gallery.of(_in_order(contents), contents.settings)
    if any(is_kept(media) and media.mxc not in gallery.names for media in entry.media):
        gallery = Gallery.of([*_in_order(contents), entry], contents.settings)
    layout = lay_out(contents, [entry], gallery)
    group = layout.sections[0].groups[0]
    return fill_group(contents.settings.template, _context(contents, layout, None), group).strip("\n") + "\n"


def _read_again(
    contents: EditionContents, layout: Layout, cover: str | None, text: str
) -> tuple[Layout, str, tuple[str, ...]]:
    """Read the finished post as the site does; return it with those entries as plain text that need it.

    These are entries that say how others are read, and, once there are none, those that are read otherwise among the
    others than by themselves. The sentences are about entries of which nothing could be told, or for which that is no
    help, which can only be the template's doing.
    """
    plain: set[int] = set()
    while True:
        said = [each for section in layout.sections for group in section.groups for each in group.entries]
        reading = read_among_others(text, [each.quote for each in said])
        doubtful = {said[position].number for position in reading.defining or reading.differing}
        if doubtful <= plain:
            told = sorted(doubtful | {said[position].number for position in reading.missing})
            why = "the template makes something else of it; look at it in the post."
            return layout, text, tuple(f"Entry {number}: {why}" for number in told)
        plain |= doubtful
        layout = with_plain_text(contents, layout, doubtful)
        text = fill(contents.settings.template, _context(contents, layout, cover))


def _anchors(contents: EditionContents, text: str) -> frozenset[str]:
    """Return the anchors that the page of a post certainly has."""
    front = front_matter(text)
    strategy = contents.site.anchor_strategy if contents.site else "on"
    return anchors(text[front.end :] if front else text, strategy).known


def _in_order(contents: EditionContents) -> list[Entry]:
    taken = (entry for entry in contents.entries if not entry.is_dropped)
    return sorted(taken, key=lambda entry: (entry.sent_at, entry.event_id))


def _kept(entries: list[Entry]) -> Iterator[Media]:
    yield from (media for entry in entries for media in entry.media if is_kept(media))


def _context(contents: EditionContents, layout: Layout, cover: str | None) -> Context:
    return Context(
        front_matter=_front_matter(contents, cover),
        publication=Digest(contents.key, contents.title),
        edition=contents.edition,
        live=live_section(contents.live),
        sections=layout.sections,
        pings=ping_rows(contents.pongs) if contents.ping_room else (),
        ping_room=_room(contents.ping_room) if contents.ping_room else None,
        submissions_room=_room(contents.submissions_room),
    )


def _room(room: str) -> Room:
    return Room(escaped_name(room), matrix_to(room))


def _cover_url(contents: EditionContents, entries: list[Entry], gallery: Gallery) -> str | None:
    """Return the address of the edition's cover; absolute where the site's own is known, as link previews want it."""
    cover = contents.cover
    if cover is None:
        return None
    url = cover.url or next(
        (gallery.url(media) for media in _kept(entries) if (media.event_id, media.position) == cover.picture), None
    )
    if url and url.startswith("/") and contents.site:
        return contents.site.origin + url
    return url


def _front_matter(contents: EditionContents, cover: str | None) -> str:
    category = contents.settings.category or contents.title
    return tomli_w.dumps(
        {
            "date": contents.deadline.astimezone(UTC).isoformat(timespec="seconds"),
            "title": one_line(f"{contents.title} {contents.edition}"),
            "path": filled(contents.settings.path, contents),
            "taxonomies": {
                "author": [one_line(contents.settings.author or contents.author)],
                "category": [one_line(category)],
            },
            **({"extra": {"image": cover}} if cover else {}),
        }
    )

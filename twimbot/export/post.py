"""A whole post from an edition: a pure function of its contents, but for reading the operator's template."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC
from pathlib import PurePosixPath

import tomli_w

from twimbot.export.characters import escaped_name, matrix_to, one_line
from twimbot.export.contents import EditionContents, Picture, RenderedPost
from twimbot.export.live import live_section
from twimbot.export.notes import notes
from twimbot.export.pictures import Gallery, is_kept
from twimbot.export.pings import ping_rows
from twimbot.export.sections import Layout, Section, lay_out
from twimbot.export.template import fill
from twimbot.model.entry import Entry, Media

__all__ = ["EditionContents", "Picture", "RenderedPost", "render", "render_entry"]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def render(contents: EditionContents) -> RenderedPost:
    """Return the edition's post; equal contents give equal bytes, in whatever order the entries come.

    Raises ConfigurationError where the operator's template can't be used.
    """
    entries = _in_order(contents)
    gallery = Gallery.of(entries, contents.settings.images)
    layout = lay_out(contents, entries, gallery)
    pictures = {gallery.picture(media).path: gallery.picture(media) for media in _kept(entries)}
    return RenderedPost(
        path=PurePosixPath(_filled(contents.settings.file, contents)),
        text=fill(contents.settings.template, _context(contents, layout)),
        pictures=tuple(pictures[name] for name in sorted(pictures)),
        notes=notes(contents, entries, layout),
    )


def render_entry(contents: EditionContents, entry: Entry) -> str:
    """Return one entry as it would stand in the post, with its project's heading, also where it is dropped."""
    gallery = Gallery.of(_in_order(contents), contents.settings.images)
    if any(is_kept(media) and media.mxc not in gallery.names for media in entry.media):
        gallery = Gallery.of([*_in_order(contents), entry], contents.settings.images)
    layout = lay_out(contents, [entry], gallery)
    return "\n\n".join(_parts(layout.sections[0])) + "\n"


def _parts(section: Section) -> Iterator[str]:
    for group in section.groups:
        if group.heading:
            yield f"### {group.heading}"
        if group.description:
            yield group.description
        for said in group.entries:
            yield said.attribution
            yield said.quote


def _in_order(contents: EditionContents) -> list[Entry]:
    taken = (entry for entry in contents.entries if not entry.is_dropped)
    return sorted(taken, key=lambda entry: (entry.sent_at, entry.event_id))


def _kept(entries: list[Entry]) -> Iterator[Media]:
    yield from (media for entry in entries for media in entry.media if is_kept(media))


def _context(contents: EditionContents, layout: Layout) -> dict[str, object]:
    return {
        "front_matter": _front_matter(contents),
        "publication": {"key": contents.key, "title": contents.title},
        "edition": contents.edition,
        "live": live_section(contents.live),
        "sections": layout.sections,
        "pings": ping_rows(contents.pongs) if contents.ping_room else (),
        "ping_room": _room(contents.ping_room) if contents.ping_room else None,
        "submissions_room": _room(contents.submissions_room),
    }


def _room(room: str) -> dict[str, str]:
    return {"name": escaped_name(room), "url": matrix_to(room)}


def _front_matter(contents: EditionContents) -> str:
    category = contents.settings.category or contents.title
    return tomli_w.dumps(
        {
            "date": contents.deadline.astimezone(UTC).isoformat(timespec="seconds"),
            "title": one_line(f"{contents.title} {contents.edition}"),
            "path": _filled(contents.settings.path, contents),
            "taxonomies": {
                "author": [one_line(contents.settings.author or contents.author)],
                "category": [one_line(category)],
            },
        }
    )


def _filled(pattern: str, contents: EditionContents) -> str:
    """Return a path of the configuration with the edition's values in it; `config` knows the same names."""
    day = contents.edition
    values = {
        "date": day.isoformat(),
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "day": f"{day:%d}",
        "key": contents.key,
        "slug": _slug(contents.title) or contents.key,
    }
    return PLACEHOLDER.sub(lambda found: values[found[1]], pattern)


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")

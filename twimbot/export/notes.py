"""What an editor should look at before the post goes out, one sentence each."""

from collections import Counter
from collections.abc import Iterable, Iterator

from twimbot.export.characters import one_line
from twimbot.export.checks import Quoted, findings
from twimbot.export.contents import EditionContents
from twimbot.export.describing import is_description
from twimbot.export.frontmatter import front_matter
from twimbot.export.live import live_section
from twimbot.export.pictures import Gallery, is_kept
from twimbot.export.sections import Layout, department_of
from twimbot.export.syntax import UntrustedStructure, read
from twimbot.model.entry import Entry, Media, MediaState

SHOWN = 100
"""How many characters of a link's target a sentence shows."""


def notes(
    contents: EditionContents, layout: Layout, gallery: Gallery, text: str, *, has_cover: bool
) -> tuple[str, ...]:
    """Return the sentences about an edition and its post, what concerns all of it first, then entry by entry."""
    taken = [entry for entry, _ in layout.mended]
    kept = [media for entry in taken for media in entry.media if is_kept(media)]
    site = contents.site.with_files(gallery.picture(media).path for media in kept) if contents.site else None
    described = {gallery.url(media) for media in kept}
    return (
        *contents.problems,
        *_of_edition(contents, taken, has_cover=has_cover),
        *_lost_links(layout, text),
        *(f"Entry {entry.number}: {note}" for entry, mended in layout.mended for note in mended.notes),
        *(f"Entry {entry.number}: {note}" for entry in taken for note in _of_entry(contents, entry)),
        *findings(_quoted(layout), site, described),
    )


def _quoted(layout: Layout) -> list[Quoted]:
    return [Quoted(f"Entry {entry.number}", mended.text, mended.document) for entry, mended in layout.mended]


def _of_edition(contents: EditionContents, entries: list[Entry], *, has_cover: bool) -> Iterator[str]:
    unfiled = [str(entry.number) for entry in entries if department_of(contents, entry) is None]
    if unfiled:
        yield f"Not filed yet: {', '.join(unfiled)}."
    if contents.live is None:
        if contents.settings.live_video:
            yield "There is no live video."
    elif live_section(contents.live) is None:
        yield "The live video is left out: its URL is no web address."
    if contents.cover and not has_cover:
        yield f"The cover is left out: its picture is not in the post; {contents.command} cover sets another."
    undescribed = list(_undescribed(entries))
    if undescribed:
        yield (
            f"Without alternative text: {', '.join(undescribed)}; {contents.command} alt {contents.edition}/N K TEXT "
            "gives one to picture K of entry N."
        )


def _lost_links(layout: Layout, text: str) -> Iterator[str]:
    """Compare the links that the entries have with those of the whole post, which a template may have changed."""
    wanted = Counter(target for _, mended in layout.mended for target in mended.targets)
    try:
        front = front_matter(text)
        found = Counter(read(text[front.end :] if front else text).targets())
    except UntrustedStructure as reason:
        yield f"Whether the post has all links of its entries can't be said, because {reason}."
        return
    for target in wanted - found:
        yield f"A link to {one_line(target)[:SHOWN]} is lost or changed in the post; look at its template."


def _undescribed(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        for place, media in enumerate(entry.pictures, start=1):
            if is_kept(media) and not is_description(media.alt):
                yield f"picture {place} of entry {entry.number}"


def _of_entry(contents: EditionContents, entry: Entry) -> Iterator[str]:
    if entry.project is not None and contents.catalogue.project(entry.project) is None:
        yield f"the catalogue has no project {entry.project} any more."
    for media in entry.media:
        if not is_kept(media):
            yield f"a {'video' if media.kind == 'm.video' else 'picture'} is missing: {_reason(media)}."


def _reason(media: Media) -> str:
    if media.reason:
        return one_line(media.reason).rstrip(".")
    return "it is still being fetched" if media.state is MediaState.WANTED else "it could not be fetched"

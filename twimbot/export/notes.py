"""What an editor should look at before the post goes out, one sentence each."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from twimbot.export.characters import one_line
from twimbot.export.contents import EditionContents
from twimbot.export.live import live_section
from twimbot.export.pictures import is_kept
from twimbot.export.sections import Layout, department_of
from twimbot.model.entry import Entry, Media, MediaState

DAYS = 7


def notes(contents: EditionContents, entries: Iterable[Entry], layout: Layout) -> tuple[str, ...]:
    """Return the sentences about an edition, what concerns all of it first, then entry by entry."""
    taken = list(entries)
    return (
        *_of_edition(contents, taken),
        *layout.notes,
        *(f"Entry {entry.number}: {note}" for entry in taken for note in _of_entry(contents, entry)),
    )


def _of_edition(contents: EditionContents, entries: list[Entry]) -> Iterator[str]:
    unfiled = [str(entry.number) for entry in entries if department_of(contents, entry) is None]
    if unfiled:
        yield f"Not filed yet: {', '.join(unfiled)}."
    if contents.live is None:
        yield "There is no live video."
    elif live_section(contents.live) is None:
        yield "The live video is left out: its URL is no web address."
    if contents.edition.day <= DAYS and "{month}" in str(PurePosixPath(contents.settings.file).parent):
        yield (
            f"This is the first edition in {contents.edition:%B}: its folder needs an _index.md "
            "with transparent = true and render = false."
        )


def _of_entry(contents: EditionContents, entry: Entry) -> Iterator[str]:
    if entry.project is not None and contents.catalogue.project(entry.project) is None:
        yield f"the catalogue has no project {entry.project} any more."
    for media in entry.media:
        if not is_kept(media):
            yield f"a {'video' if media.kind == 'm.video' else 'picture'} is missing: {_reason(media)}."
    silent = sum(is_kept(media) and media.kind != "m.video" and not media.alt.strip() for media in entry.media)
    if silent:
        yield "a picture has no alternative text." if silent == 1 else f"{silent} pictures have no alternative text."


def _reason(media: Media) -> str:
    if media.reason:
        return one_line(media.reason).rstrip(".")
    return "it is still being fetched" if media.state is MediaState.WANTED else "it could not be fetched"

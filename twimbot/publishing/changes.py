"""Tells what has changed in an edition since its last export, and by whom."""

import difflib
from collections.abc import AsyncIterator, Sequence
from datetime import date

from twimbot import words
from twimbot.config import Publication
from twimbot.model.entry import Entry
from twimbot.model.filing import Choice
from twimbot.store.exports import ExportedEntry, pictures_of, text_of
from twimbot.store.records import Records
from twimbot.words import Code, Part


async def changes(
    records: Records, publication: Publication, edition: date, entries: Sequence[Entry]
) -> tuple[Part, ...] | None:
    """Return what is different in an edition with these entries from what was last exported of it, entry by entry.

    Differences of texts are lines that begin with - and +. None: the edition was never exported.
    """
    exported = await records.exports.of_edition(publication.key, edition)
    if not exported:
        return None
    present = {entry.id: entry for entry in entries}
    said: list[Part] = [words.is_new(entry) for entry in entries if entry.id not in exported]
    for former in sorted(exported.values(), key=lambda each: each.number):
        entry = present.get(former.entry_id)
        if entry is None:
            moved = await records.entries.by_id(former.entry_id)
            said.append(words.moved_away(former.number, moved) if moved else words.is_gone(former.number))
        else:
            said += [part async for part in _of_entry(records, publication, former, entry)]
    return tuple(said)


async def _of_entry(
    records: Records, publication: Publication, former: ExportedEntry, entry: Entry
) -> AsyncIterator[Part]:
    """Yield what is different about an entry that is still in its edition."""
    if former.is_dropped != entry.is_dropped:
        by = await records.entries.judged_by(entry.id)
        yield words.was_judged(entry, await _name(records, publication, by))
    if (former.department, former.project) != (entry.department, entry.project):
        standing = (await records.standings.of_entry(entry.id)).department
        by = await _name(records, publication, standing.sender if standing else None)
        yield words.was_filed(publication.catalogue, entry, _place(former), _place(entry), by)
    if former.text is None:
        yield words.was_partly_deleted(entry)
    elif former.text != text_of(entry):
        editors = await records.entries.rewriters(entry)
        yield words.was_edited(entry, [await _name(records, publication, editor) or editor for editor in editors])
        yield Code(difference(former.text, text_of(entry)))
    if former.pictures is None or former.pictures != pictures_of(entry):
        yield words.has_other_pictures(entry, former.pictures)


def difference(former: str, present: str) -> str:
    """Return the lines that are different in two texts: those that are gone behind a -, and those that are new a +."""
    lines = difflib.unified_diff(former.splitlines(), present.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _place(filed: ExportedEntry | Entry) -> Choice | None:
    return Choice(filed.department, filed.project) if filed.department else None


async def _name(records: Records, publication: Publication, user_id: str | None) -> str | None:
    """Return how somebody is called in the editors' room; None is the bot itself."""
    if user_id is None:
        return None
    room_id = (await records.rooms.editors_rooms()).get(publication.key)
    name = await records.rooms.member_name(room_id, user_id) if room_id else None
    return name or user_id

"""Learns from what people file and publish, and asks the archive what bears on an entry."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from twimbot.config import Publication
from twimbot.export.characters import one_line
from twimbot.filing.guide import Guide
from twimbot.filing.knowledge import Example, Knowledge
from twimbot.filing.subject import split_heading
from twimbot.filing.terms import terms, tokens, visible
from twimbot.model.archive import ArchivedEntry
from twimbot.model.entry import Entry
from twimbot.store.archive import ArchiveRow, PastEntry
from twimbot.store.records import Records

MOST_HISTORY = 30
"""How many of a contributor's entries are looked at, the latest ones."""

MOST_ALIKE = 5

KeyOf = Callable[[str | None], str | None]
"""Finds the key of a department by its title."""

LONGEST_TITLE = 60
"""How many characters of a past entry's title are kept for a reason."""


async def learn(records: Records, publication: Publication, entry: Entry) -> None:
    """Let an entry, as it stands now, be an example for those to come, or none any more.

    It is one while it counts and people have filed it, or once its edition is published. What an imported post says
    of that edition outranks it.
    """
    if not await _is_example(records, entry):
        await records.archive.forget(entry.id)
        return
    department = publication.catalogue.department(entry.department)
    project = publication.catalogue.project(entry.project)
    archived = ArchivedEntry(
        sender=entry.sender,
        name=entry.name,
        department=department.title if department else None,
        project=project.title if project else None,
        website=project.website if project else None,
        text="\n\n".join(entry.texts),
    )
    row = ArchiveRow(entry.publication, entry.edition, entry.number, archived, entry_id=entry.id)
    await records.archive.learn(row, terms)


async def relearn(records: Records, publication: Publication, entry_id: int) -> None:
    """Learn from an entry that has changed."""
    entry = await records.entries.by_id(entry_id)
    if entry is None:
        await records.archive.forget(entry_id)
    else:
        await learn(records, publication, entry)


async def unlearn(records: Records, entry_id: int) -> None:
    """Forget an entry that counts no more: what was thought of it, which quotes it, and what was learned from it."""
    await records.guesses.erase(entry_id)
    await records.archive.forget(entry_id)


async def learn_edition(records: Records, publication: Publication, edition: date) -> None:
    """Let the entries of an edition that was published, or opened again, be examples as they should be now."""
    for entry in await records.entries.of_edition(publication.key, edition):
        await learn(records, publication, entry)
        await asyncio.sleep(0)  # nothing else has waited: others go on beside a whole edition


async def knowledge(records: Records, entry: Entry, guide: Guide, present: frozenset[str]) -> Knowledge:
    """Return what the archive tells about an entry with these terms, in the catalogue's present keys."""
    archive, key_of = records.archive, cache(guide.department_titled)  # a long text has thousands of known terms
    uses = dict(await archive.uses(entry.publication, {*present, ""}, but=entry.id))
    entries = uses.pop("", {})
    history = await archive.of_contributor(entry.publication, entry.sender, entry.name, MOST_HISTORY, but=entry.id)
    alike = await archive.alike(entry.publication, uses, MOST_ALIKE, but=entry.id)
    return Knowledge(
        history=tuple(_example(past, guide, key_of) for past in history),
        alike=tuple((_example(past, guide, key_of), past.likeness) for past in alike),
        uses={term: _by_key(by_title, key_of) for term, by_title in uses.items()},
        entries=_by_key(entries, key_of),
    )


async def _is_example(records: Records, entry: Entry) -> bool:
    if entry.is_dropped or entry.department is None:
        return False
    if await records.archive.digest(entry.publication, entry.edition) is not None:
        return False
    standing = await records.standings.of_entry(entry.id)
    return standing.department is not None or await records.editions.is_published(entry.publication, entry.edition)


def _example(past: PastEntry, guide: Guide, key_of: KeyOf) -> Example:
    """Return a past entry as an example; one that may still be deleted is quoted nowhere."""
    heading, _ = split_heading(past.beginning.strip())
    title = one_line(visible(heading or past.beginning))[:LONGEST_TITLE] if past.is_published else ""
    return Example(
        key_of(past.department),
        guide.project_behind(past.project or heading, past.website),
        past.edition,
        title,
        tuple(tokens(past.project or visible(heading))),
        tuple(tokens(visible(past.beginning))),
    )


def _by_key(by_title: Mapping[str, int], key_of: KeyOf) -> Mapping[str, int]:
    """Sum up what was counted by departments as posts write them; '' stands for those that nobody knows now."""
    found: Counter[str] = Counter()
    for title, number in by_title.items():
        found[key_of(title) or ""] += number
    return found

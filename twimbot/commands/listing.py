"""Commands that show: status, list, show."""

import asyncio
from collections import Counter
from datetime import date

from twimbot import words
from twimbot.commands.filing import how_filed, names_of_editors
from twimbot.commands.request import Request
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Entry
from twimbot.publishing import press
from twimbot.publishing.gather import gather
from twimbot.words import Answer, Bullets, Code, Link, Table

MOST_FAILURES = 5
"""How many events that could not be handled are named at most, the latest ones."""

NOT_FILED = "not filed yet"


async def status(request: Request) -> Answer:
    """Show the due edition at a glance."""
    edition = request.due
    contents = await gather(request.records, request.publication, edition, await request.sender_name())
    taken = [entry for entry in contents.entries if not entry.is_dropped]
    counted = Counter(_department(request, entry) for entry in taken)
    places = [d.title for d in request.publication.catalogue.departments]
    ordered = sorted(counted.items(), key=lambda row: places.index(row[0]) if row[0] in places else len(places))
    closing = words.when(request.publication.calendar, edition)
    head = f"Edition of {edition}, closing {closing}: {_count(contents.entries)}."
    by_department = Bullets(tuple(f"{title}: {number}" for title, number in ordered))
    # Rendering takes a moment, in which the loop goes on: others wait for their acknowledgements.
    looked_at = (await asyncio.to_thread(press.render, contents)).notes if taken else ()
    notes = [*looked_at, *await _failures(request), *await _undecrypted(request, edition)]
    todo = ("Still to do:", Bullets(tuple(notes))) if notes else ()
    decide = (words.unfiled_at_hand(request.publication.command),) if NOT_FILED in counted else ()
    later = await _later(request, edition)
    return Answer((head, *((by_department,) if ordered else ()), *todo, *decide, *((later,) if later else ())))


async def list_entries(request: Request, edition: date) -> Answer:
    """List the entries of an edition, the dropped ones among them."""
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    if not entries:
        return Answer.of(f"The edition of {edition} has no entries yet.")
    standings = await request.records.standings.of_edition(request.publication.key, edition)
    names = await names_of_editors(request, (standing.department for standing in standings.values()))
    rows = tuple(
        _row(request, entry, request.name_of(entry), how_filed(request, entry, standings[entry.id], names))
        for entry in entries
    )
    header = ("N", "department", "project", "contributor", "first words", "filed", "message")
    return Answer.of(f"Edition of {edition}: {_count(entries)}.", Table(header, rows))


async def show(request: Request, entry: Entry) -> Answer:
    """Show one entry as it would stand in the post."""
    contents = await gather(request.records, request.publication, entry.edition, await request.sender_name())
    shown = await asyncio.to_thread(press.render_entry, contents, entry)
    return Answer.of(f"Entry {request.name_of(entry)}, {_place(request, entry)}:", Code(shown))


async def _failures(request: Request) -> list[str]:
    """Name the events that could not be handled: somebody may miss an entry."""
    failed = await request.records.journal.failures()
    return [f"The event {event_id} could not be handled; the log says why." for event_id in failed[-MOST_FAILURES:]]


async def _undecrypted(request: Request, edition: date) -> list[str]:
    """Tell of the messages since the edition's opening whose keys have not come: there may be entries among them."""
    opening = milliseconds(request.publication.calendar.opening(edition))
    by_sender = await request.records.undecrypted.by_sender(request.publication.key, opening)
    return [words.undecrypted(by_sender)] if by_sender else []


async def _later(request: Request, edition: date) -> str:
    """Say which later editions have entries already."""
    editions = await request.records.editions.with_entries(request.publication.key, edition)
    later = [day.isoformat() for day in reversed(editions)]
    return f"There are entries already for {', '.join(later)}." if later else ""


def _row(request: Request, entry: Entry, number: str, filed: str) -> tuple[str | Link, ...]:
    department = request.publication.catalogue.department(entry.department)
    project = request.publication.catalogue.project(entry.project)
    via = request.message.sender.partition(":")[2]
    return (
        f"{number} (dropped)" if entry.is_dropped else number,
        department.title if department else "not filed",
        project.title if project else "",
        words.called(entry.name),
        words.first_words(entry),
        filed,
        Link("message", words.event_link(entry.room_id, entry.event_id, via)),
    )


def _department(request: Request, entry: Entry) -> str:
    department = request.publication.catalogue.department(entry.department)
    return department.title if department else NOT_FILED


def _place(request: Request, entry: Entry) -> str:
    project = request.publication.catalogue.project(entry.project)
    place = _department(request, entry) + (f", {project.title}" if project else "")
    return f"{place}, dropped" if entry.is_dropped else place


def _count(entries: tuple[Entry, ...] | list[Entry]) -> str:
    dropped = sum(entry.is_dropped for entry in entries)
    taken = len(entries) - dropped
    number = "1 entry" if taken == 1 else f"{taken} entries"
    return f"{number}, {dropped} dropped" if dropped else number

"""Commands that show: status, list, show, find."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from twimbot import words
from twimbot.commands.arguments import PublishedEntry, Selection, Which, own_entries, published_before
from twimbot.commands.filing import confidence, how_filed, names_of_editors
from twimbot.commands.request import Request
from twimbot.errors import CommandError
from twimbot.filing.terms import terms
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Entry
from twimbot.publishing import press
from twimbot.publishing.gather import gather
from twimbot.store.archive import FoundEntry
from twimbot.store.standings import Standing
from twimbot.store.undecrypted import MOST_OF_SENDER
from twimbot.words import Answer, Bullets, Code, Link, Table

MOST_FAILURES = 5
"""How many events that could not be handled are named at most, the latest ones."""

MOST_FOUND = 20
"""How many past entries a search shows at most."""

MOST_SEARCHED = 200
"""How many characters may be searched for: each word is looked for in all that was published."""

NOT_FILED = "not filed yet"


async def status(request: Request) -> Answer:
    """Show the due edition at a glance; to who is no editor, what has become of their own entries in it."""
    edition = request.due
    if not request.is_by_editor:
        return await own_standing(request)
    contents = await gather(request.records, request.publication, edition, await request.sender_name())
    taken = [entry for entry in contents.entries if not entry.is_dropped]
    counted = Counter(_department(request, entry) for entry in taken)
    places = [d.title for d in request.publication.catalogue.departments]
    ordered = sorted(counted.items(), key=lambda row: places.index(row[0]) if row[0] in places else len(places))
    head = f"Edition of {edition}, {_open_or_closed(request, edition)}: {_count(contents.entries)}."
    by_department = Bullets(tuple(f"{title}: {number}" for title, number in ordered))
    # Rendering takes a moment, in which the loop goes on: others wait for their acknowledgements.
    looked_at = (await asyncio.to_thread(press.render, contents)).notes if taken else ()
    waiting = [*await _proposals(request), *await _failures(request), *await _undecrypted(request, edition)]
    notes = [*looked_at, *waiting]
    todo = ("Still to do:", Bullets(tuple(notes))) if notes else ()
    decide = (words.unfiled_at_hand(request.publication.command),) if NOT_FILED in counted else ()
    later = await _later(request, edition)
    return Answer((head, *((by_department,) if ordered else ()), *todo, *decide, *((later,) if later else ())))


async def list_entries(request: Request, selection: Selection) -> Answer:
    """List entries of an edition: all, the dropped ones among them; or those that people have not filed, or dropped."""
    edition = selection.edition
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    if not entries:
        return await _published(request, edition)
    standings = await request.records.standings.of_edition(request.publication.key, edition)
    chosen = _selected(entries, standings, selection.which)
    if not chosen:
        nothing = {"dropped": "dropped", "unsure": "left for people to file"}.get(selection.which, "")
        return Answer.of(f"In the edition of {edition} nothing is {nothing}.")
    names = await names_of_editors(request, (standing.department for standing in standings.values()))
    rows = tuple(_row(request, entry, how_filed(request, entry, standings[entry.id], names)) for entry in chosen)
    header = ("N", "department", "project", "contributor", "first words", "filed", "pictures", "message")
    head = f"Edition of {edition}, {_open_or_closed(request, edition)}: {_count(chosen)}."
    return Answer.of(head, Table(header, rows))


def _selected(entries: Sequence[Entry], standings: Mapping[int, Standing], which: Which) -> list[Entry]:
    """Return the entries that are to be listed; those that people have not filed with the least sure ones first."""
    if which == "dropped":
        return [entry for entry in entries if entry.is_dropped]
    if which == "unsure":
        own = [entry for entry in entries if not entry.is_dropped and standings[entry.id].department is None]
        return sorted(own, key=lambda entry: confidence(standings[entry.id]))
    return list(entries)


async def _published(request: Request, edition: date) -> Answer:
    """List what was published in an edition before the bot's time, or say that there is nothing."""
    post = await published_before(request, edition)
    if post is None:
        is_over = request.publication.calendar.deadline(edition) <= request.now
        return Answer.of(f"The edition of {edition} has no entries{'' if is_over else ' yet'}.")
    rows = tuple(
        (
            f"{edition}/{number}",
            entry.department or "",
            entry.project or "",
            words.called(entry.name),
            words.first_words(entry.text),
        )
        for number, entry in enumerate(post.entries, 1)
    )
    entries = words.counted(len(rows), "entry", "entries")
    header = ("N", "department", "project", "contributor", "first words")
    return Answer.of(f"Edition of {edition}, as it was published: {entries}.", Table(header, rows))


async def show(request: Request, entry: Entry | PublishedEntry | None) -> Answer:
    """Show an entry as it would stand in the post, or as it was published; None: all entries of who asks."""
    if isinstance(entry, PublishedEntry):
        return _as_published(entry)
    entries = [entry] if entry else await own_entries(request)
    if not entries:
        return Answer.of(words.no_own_entries(request.due, request.publication.command))
    parts: list[str | Code] = []
    for each in entries:
        contents = await gather(request.records, request.publication, each.edition, await request.sender_name())
        shown = await asyncio.to_thread(press.render_entry, contents, each)
        editors = await request.editors_of_text(each)
        edited = f", {words.edited_by(editors)}" if editors else ""
        parts += [f"Entry {request.name_of(each)}, {_place(request, each)}{edited}:", Code(shown)]
    return Answer.of(*parts)


async def own_standing(request: Request) -> Answer:
    """Say where the entries of who asks stand in the due edition, and when that closes."""
    entries = await own_entries(request)
    head = f"The edition of {request.due} is {_open_or_closed(request, request.due)}."
    if not entries:
        return Answer.of(head, words.no_own_entries(request.due, request.publication.command))
    rows = tuple(
        f"Entry {request.name_of(entry)}, “{words.first_words(entry.text)}”: {_place(request, entry)}"
        for entry in entries
    )
    return Answer.of(head, Bullets(rows))


def _as_published(published: PublishedEntry) -> Answer:
    entry = published.entry
    place = ", ".join(filter(None, (entry.department, entry.project)))
    head = f"Entry {published.edition}/{published.number} by {words.called(entry.name)}"
    return Answer.of(f"{head}, as it was published{f' under {place}' if place else ''}:", Code(entry.text))


async def find(request: Request, wanted: str) -> Answer:
    """Find entries that have all of some words: in the due edition, and among all that were published or filed."""
    if len(wanted) > MOST_SEARCHED:
        raise CommandError(f"Search for less: at most {MOST_SEARCHED} characters.")
    stems = terms(wanted)
    edition = await request.records.entries.of_edition(request.publication.key, request.due)
    present = [entry for entry in edition if stems and stems <= terms(_searched(request, entry))]
    past = [
        found
        for found in await request.records.archive.search(request.publication.key, stems, MOST_FOUND)
        if found.edition != request.due
    ]
    rows = [_found_row(request, entry) for entry in present]
    rows += [await _past_row(request, found) for found in past]
    if not rows:
        return Answer.of(f"No entry has “{words.first_line(wanted)}”, neither in this edition nor in those before it.")
    head = f"{words.counted(len(rows), 'entry has', 'entries have')} “{words.first_line(wanted)}”"
    more = f"; of those before this edition the {MOST_FOUND} that fit best" if len(past) == MOST_FOUND else ""
    header = ("N", "department", "project", "contributor", "first words", "message")
    return Answer.of(f"{head}{more}. {request.publication.command} show N has all of one.", Table(header, tuple(rows)))


def _searched(request: Request, entry: Entry) -> str:
    """Return what of an entry is searched: its project, who wrote it, and its texts."""
    project = request.publication.catalogue.project(entry.project)
    return "\n".join((project.title if project else "", entry.name, *entry.texts))


def _found_row(request: Request, entry: Entry) -> tuple[str | Link, ...]:
    number, department, project, contributor, beginning, _, _, link = _row(request, entry, "")
    return number, department, project, contributor, beginning, link


async def _past_row(request: Request, found: FoundEntry) -> tuple[str | Link, ...]:
    """Return the row of a past entry; one that the bot has taken up itself leads to its message."""
    own = await request.records.entries.by_id(found.entry_id) if found.entry_id is not None else None
    if own:
        return _found_row(request, own)
    return (
        f"{found.edition}/{found.number}",
        found.department or "",
        found.project or "",
        words.called(found.name),
        words.first_words(found.beginning),
        "",
    )


async def _failures(request: Request) -> list[str]:
    """Name the events that could not be handled: somebody may miss an entry."""
    failed = await request.records.journal.failures()
    return [f"The event {event_id} could not be handled; the log says why." for event_id in failed[-MOST_FAILURES:]]


async def _undecrypted(request: Request, edition: date) -> list[str]:
    """Tell of the messages since the edition's opening whose keys have not come: there may be entries among them."""
    opening = milliseconds(request.publication.calendar.opening(edition))
    by_sender = await request.records.undecrypted.by_sender(request.publication.key, opening)
    return [words.undecrypted(by_sender, MOST_OF_SENDER)] if by_sender else []


async def _later(request: Request, edition: date) -> str:
    """Say which later editions have entries already."""
    editions = await request.records.editions.with_entries(request.publication.key, edition)
    later = [day.isoformat() for day in reversed(editions)]
    return f"There are entries already for {', '.join(later)}." if later else ""


def _row(request: Request, entry: Entry, filed: str) -> tuple[str | Link, ...]:
    number = request.name_of(entry)
    department = request.publication.catalogue.department(entry.department)
    project = request.publication.catalogue.project(entry.project)
    via = request.message.sender.partition(":")[2]
    return (
        f"{number} (dropped)" if entry.is_dropped else number,
        department.title if department else "not filed",
        project.title if project else "",
        words.called(entry.name),
        words.first_words(entry.text),
        filed,
        _pictures(entry),
        Link("message", words.event_link(entry.room_id, entry.event_id, via)),
    )


def _pictures(entry: Entry) -> str:
    """Say how many pictures an entry has, and how many of them nobody has described."""
    bare = sum(not media.alt.strip() for media in entry.pictures)
    return f"{len(entry.pictures)}, {bare} without text" if bare else str(len(entry.pictures) or "")


def _open_or_closed(request: Request, edition: date) -> str:
    """Say when an edition closes, or that and when it has closed."""
    calendar = request.publication.calendar
    deed = "closing" if calendar.deadline(edition) > request.now else "closed since"
    return f"{deed} {words.when(calendar, edition)}"


async def _proposals(request: Request) -> list[str]:
    """Name the proposed projects that wait for a decision."""
    prefix = request.publication.command
    return [
        f"The project {each.project.title} is proposed by {each.sender}; {prefix} project accept {each.project.key} "
        f"takes it, {prefix} project decline {each.project.key} does not."
        for each in await request.records.catalogue.proposals(request.publication.key)
    ]


def _department(request: Request, entry: Entry) -> str:
    department = request.publication.catalogue.department(entry.department)
    return department.title if department else NOT_FILED


def _place(request: Request, entry: Entry) -> str:
    project = request.publication.catalogue.project(entry.project)
    place = _department(request, entry) + (f", {project.title}" if project else "")
    return f"{place}, dropped" if entry.is_dropped else place


def _count(entries: Sequence[Entry]) -> str:
    dropped = sum(entry.is_dropped for entry in entries)
    taken = len(entries) - dropped
    number = "1 entry" if taken == 1 else f"{taken} entries"
    return f"{number}, {dropped} dropped" if dropped else number

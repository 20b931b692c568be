"""Commands that decide about entries: file, drop, restore, move, alt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from twimbot import words
from twimbot.commands.arguments import Picture, Place, following
from twimbot.commands.request import Request
from twimbot.errors import CommandError
from twimbot.export.characters import one_line
from twimbot.filing.learning import relearn
from twimbot.filing.suggesting import renew_filing
from twimbot.model.entry import Entry
from twimbot.model.filing import Choice
from twimbot.store.captions import Said
from twimbot.store.entries import NewFiling
from twimbot.words import Answer


async def file(request: Request, entries: Sequence[Entry], place: Place) -> Answer:
    """File entries under a department and, where one is named, a project."""
    choice = Choice(place.department.key, place.project.key if place.project else None)
    filing = NewFiling(choice.department, choice.project, decides_project=True, how="command")
    said = []
    for entry in entries:
        await request.records.entries.file(entry.id, filing, request.decision)
        await renew_filing(request.records, request.publication, entry, request.message.event_id)
        catalogue = request.publication.catalogue
        said.append(words.stands_under(catalogue, entry, request.name_of(entry), choice))
    return Answer.of(*said)


async def drop(request: Request, entries: Sequence[Entry], is_told: bool) -> Answer:  # noqa: FBT001 - an argument
    """Leave entries out of their edition, and tell their authors where that is wanted."""
    said = []
    for entry in entries:
        name, called = request.name_of(entry), words.called(entry.name)
        if entry.is_dropped:
            said.append(f"Entry {name} by {called} is dropped already.")
            continue
        await request.records.entries.judge(entry.id, "command", request.decision, is_drop=True)
        await relearn(request.records, request.publication, entry.id)
        back = f"{request.publication.command} restore {name}"
        said.append(f"Entry {name} by {called} is left out; {back} brings it back.")
        if is_told:
            await _tell_author(request, entry, words.tell_dropped(entry))
    return Answer.of(*said)


async def restore(request: Request, entries: Sequence[Entry]) -> Answer:
    """Bring dropped entries back."""
    said = []
    for entry in entries:
        name, called = request.name_of(entry), words.called(entry.name)
        if not entry.is_dropped:
            said.append(f"Entry {name} by {called} is not dropped.")
            continue
        await request.records.entries.judge(entry.id, "command", request.decision, is_drop=False)
        await relearn(request.records, request.publication, entry.id)
        said.append(f"Entry {name} by {called} is back.")
    return Answer.of(*said)


async def move(
    request: Request,
    entries: Sequence[Entry],
    destination: date | None,
    is_told: bool,  # noqa: FBT001 - an argument
) -> Answer:
    """Move entries to an edition, and tell their authors where that is wanted; None: to the one after its own."""
    return Answer.of(*[await _moved(request, entry, destination, is_told=is_told) for entry in entries])


async def _tell_author(request: Request, entry: Entry, told: Answer) -> None:
    """Answer an entry's message, in the submissions room."""
    for content in words.contents(told, entry.event_id):
        await request.records.outbox.send_or_withhold(
            *(entry.room_id, content, request.message.event_id, f"tell {entry.event_id}"),
            is_withheld=request.is_history,
        )


async def _moved(request: Request, entry: Entry, destination: date | None, *, is_told: bool) -> str:
    """Move an entry, and say where it is; CommandError where that edition is out."""
    number, name = request.name_of(entry), words.called(entry.name)
    edition = destination or following(request, entry.edition)
    if edition == entry.edition:
        return f"Entry {number} by {name} is in the edition of {edition} already."
    if await request.records.editions.is_published(request.publication.key, edition):
        undo = f"{request.publication.command} unpublished {edition}"
        raise CommandError(f"The edition of {edition} is published; {undo} opens it again.")
    new = await request.records.entries.move(entry, edition, request.decision)
    await relearn(request.records, request.publication, entry.id)
    if is_told:
        await _tell_author(request, entry, words.tell_moved(entry, edition))
    now_called = request.name_of(replace(entry, edition=edition, number=new))
    return f"Entry {number} by {name} is in the edition of {edition} now, as {now_called}."


async def alt(request: Request, picture: Picture, text: str) -> Answer:
    """Describe a picture of an entry, for those who can't see it."""
    said = Said(request.message.event_id, request.message.sender, request.message.sent_at)
    await request.records.captions.describe(picture.media.id, said, text, answer=None, is_by_editor=True)
    which = f"picture {picture.number} of entry {request.name_of(picture.entry)}"
    former = one_line(picture.media.alt)
    before = f" Before, it was “{former}”." if former else ""
    return Answer.of(f"The alternative text of {which} by {words.called(picture.entry.name)} is “{text}” now.{before}")

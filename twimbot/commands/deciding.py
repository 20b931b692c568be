"""Commands that decide about an entry: file, drop, restore, move, alt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from twimbot import words
from twimbot.commands.request import Request, split_first
from twimbot.errors import CommandError
from twimbot.export.characters import one_line
from twimbot.filing.learning import relearn
from twimbot.filing.suggesting import renew_filing
from twimbot.model.catalogue import Catalogue, Department, Project
from twimbot.model.entry import Entry
from twimbot.model.filing import Choice
from twimbot.store.captions import Said
from twimbot.store.entries import NewFiling
from twimbot.words import Answer

A_YEAR = timedelta(days=366)


async def file(request: Request) -> Answer:
    """File an entry under a department and, where one is named, a project."""
    number, place = split_first(request.arguments)
    entry = await request.entry(number)
    department, project = _place(request.publication.catalogue, place, request.publication.command)
    filing = NewFiling(department.key, project.key if project else None, decides_project=True, how="command")
    await request.records.entries.file(entry.id, filing, request.decision)
    await renew_filing(request.records, request.publication, entry, request.message.event_id)
    choice = Choice(department.key, project.key if project else None)
    catalogue = request.publication.catalogue
    return Answer.of(words.stands_under(catalogue, entry, await request.name_of(entry), choice))


async def drop(request: Request) -> Answer:
    """Leave an entry out of its edition."""
    entry = await _entry(request)
    if entry.is_dropped:
        return Answer.of(f"Entry {await request.name_of(entry)} by {words.called(entry.name)} is dropped already.")
    await request.records.entries.judge(entry.id, "command", request.decision, is_drop=True)
    await relearn(request.records, request.publication, entry.id)
    back = f"{request.publication.command} restore {await request.name_of(entry)}"
    return Answer.of(
        f"Entry {await request.name_of(entry)} by {words.called(entry.name)} is left out; {back} brings it back."
    )


async def restore(request: Request) -> Answer:
    """Bring a dropped entry back."""
    entry = await _entry(request)
    if not entry.is_dropped:
        return Answer.of(f"Entry {await request.name_of(entry)} by {words.called(entry.name)} is not dropped.")
    await request.records.entries.judge(entry.id, "command", request.decision, is_drop=False)
    await relearn(request.records, request.publication, entry.id)
    return Answer.of(f"Entry {await request.name_of(entry)} by {words.called(entry.name)} is back.")


async def move(request: Request) -> Answer:
    """Move an entry to the next edition or to one named by its date."""
    number, where = split_first(request.arguments)
    entry = await request.entry(number)
    name = words.called(entry.name)
    if not where:
        raise CommandError(f"Where to? {request.publication.command} move {number} next, or a date.")
    edition = entry.edition + timedelta(days=7) if where.lower() == "next" else request.edition(where)
    if edition == entry.edition:
        return Answer.of(f"Entry {await request.name_of(entry)} by {name} is in the edition of {edition} already.")
    if edition > await request.due() + A_YEAR:
        raise CommandError(f"The edition of {edition} is too far away; name one within a year.")
    if await request.records.editions.is_published(request.publication.key, edition):
        undo = f"{request.publication.command} unpublished {edition}"
        raise CommandError(f"The edition of {edition} is published; {undo} opens it again.")
    new = await request.records.entries.move(entry, edition, request.decision)
    await relearn(request.records, request.publication, entry.id)
    now_called = words.entry_number(replace(entry, edition=edition, number=new), await request.due())
    return Answer.of(f"Entry {number} by {name} is in the edition of {edition} now, as {now_called}.")


async def alt(request: Request) -> Answer:
    """Describe a picture of an entry, for those who can't see it."""
    number, rest = split_first(request.arguments)
    entry = await request.entry(number)
    place, text = request.picture_of(entry, rest)
    if not text:
        raise CommandError(f"What does it show? {request.publication.command} alt {number} {place} TEXT")
    picture = entry.pictures[place - 1]
    said = Said(request.message.event_id, request.message.sender, request.message.sent_at)
    await request.records.captions.describe(picture.id, said, one_line(text), answer=None, is_by_editor=True)
    which = f"picture {place} of entry {await request.name_of(entry)}"
    before = f" Before, it was “{one_line(picture.alt)}”." if picture.alt.strip() else ""
    return Answer.of(
        f"The alternative text of {which} by {words.called(entry.name)} is “{one_line(text)}” now.{before}"
    )


async def _entry(request: Request) -> Entry:
    number, _ = split_first(request.arguments)
    return await request.entry(number)


def _place(catalogue: Catalogue, written: str, prefix: str) -> tuple[Department, Project | None]:
    """Return what an editor means by `DEPARTMENT [PROJECT]`, where either may have spaces in its name.

    The longest beginning that names a department counts; a project alone brings its own department.
    """
    if not written:
        raise CommandError(f"Where does it belong? {prefix} file N DEPARTMENT [PROJECT]")
    for name, rest in _splits(written):
        department = catalogue.department_named(name)
        project = catalogue.project_named(rest) if rest else None
        if department and (project or not rest):
            return department, project
    alone = catalogue.project_named(written)
    implied = catalogue.department(alone.department) if alone else None
    if implied:
        return implied, alone
    raise CommandError(_unknown(catalogue, written))


def _splits(written: str) -> Iterator[tuple[str, str]]:
    parts = written.split()
    for length in range(len(parts), 0, -1):
        yield " ".join(parts[:length]), " ".join(parts[length:])


def _unknown(catalogue: Catalogue, written: str) -> str:
    for name, rest in _splits(written):
        department = catalogue.department_named(name)
        if department:
            return f"{department.title} is a department, but there is no project “{rest}”."
    known = ", ".join(f"{department.emoji} {department.key}" for department in catalogue.departments)
    return f"There is no department or project “{written}”; the departments are {known}."

"""The arguments of commands: how each is written, and how its value is read from what somebody typed.

A command declares its arguments in the order in which they are written. Each is read from the rest of the line; what
is left over after the last one is an error that is said.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args
from urllib.parse import urlsplit

from twimbot import words
from twimbot.commands.request import MOST_DIGITS, Request
from twimbot.config import USER_ID, ProjectPart
from twimbot.errors import CommandError
from twimbot.export.characters import one_line
from twimbot.mistakes import nearest
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.catalogue import Catalogue, Department, Project, folded
from twimbot.model.entry import Entry, Media

Read = Callable[[Request, str], Awaitable[tuple[object, str]]]

A_YEAR = timedelta(days=366)

ENTRY_NUMBERS = re.compile(r"(?:(?:#?(?:\d{4}-\d\d-\d\d/#?)?\d+|\d{1,3}-\d{1,3})(?:,|\Z))++")
"""A word that names entries: `N`, `#N`, `DATE/N` or `N-N`, or several of these with commas."""

NUMBERS = re.compile(r"(\d{1,3})-(\d{1,3})")
"""All numbers from one to another."""

FIELDS = {
    "title": "title",
    "label": "label",
    "url": "website",
    "website": "website",
    "description": "description",
    "department": "department",
}
"""The fields of a project that can be set, as people write them, and as they stand in the catalogue."""

NONE = ("none", "-")
"""What empties a value that may be empty."""

PIECES = 4
"""How many pieces a project has at least, as it is written in a command: all but its description."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a command: how the help writes it, and how it is read.

    `read` takes the rest of the line and returns the value, and what is left of the line; it raises CommandError with
    the answer where the value is wrong. `question` is what is asked where nothing is left to read; without one `read`
    decides what that means.
    """

    usage: str
    read: Read
    question: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is to stand: a department, and perhaps one of the projects."""

    department: Department
    project: Project | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an entry; `number` counts the entry's pictures from 1."""

    entry: Entry
    number: int

    @property
    def media(self) -> Media:
        """The picture itself."""
        return self.entry.pictures[self.number - 1]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a project that is to be set: its name as it was written, its name in the catalogue, and the value."""

    project: ProjectPart
    written: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """An entry of a published post that was imported; `number` counts from 1 in the order of the post."""

    edition: date
    number: int
    entry: ArchivedEntry


Which = Literal["all", "unsure", "dropped"]
WHICH: tuple[Which, ...] = get_args(Which)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries are to be listed: of which edition, and whether all, those not filed by people, or the dropped."""

    edition: date
    which: Which


class WrongForm(CommandError):
    """What is written does not have the form that the command's usage shows; the text says more about that form."""


def split_first(written: str) -> tuple[str, str]:
    """Split the first word off."""
    first, *rest = written.split(maxsplit=1) or [""]
    return first, rest[0].strip() if rest else ""


async def entry_named(request: Request, written: str) -> Entry:
    """Return the entry that is written as a number, of the due edition, or as `DATE/N`; CommandError if none is."""
    found = await _entry_or_published(request, written)
    if isinstance(found, PublishedEntry):
        raise CommandError(_only_shown(found))
    return found


async def _entry_or_published(request: Request, written: str) -> Entry | PublishedEntry:
    day, _, number = written.removesuffix(",").removeprefix("#").rpartition("/")
    number = number.removeprefix("#")
    if not number.isdecimal():
        raise CommandError(words.no_number(written, request.publication.command))
    edition = await edition_named(request, day) if day else request.due
    asked = int(number[:MOST_DIGITS])
    entry = await request.records.entries.by_number(request.publication.key, edition, asked)
    if entry is not None:
        return entry
    post = await published_before(request, edition)
    if post and 0 < asked <= len(post.entries):
        return PublishedEntry(edition, asked, post.entries[asked - 1])
    raise CommandError(words.no_such_entry(asked, edition, request.publication.command))


async def published_before(request: Request, edition: date) -> ArchivedPost | None:
    """Return the imported post of an edition of which the bot has no entries of its own, or None."""
    if await request.records.entries.of_edition(request.publication.key, edition):
        return None
    return await request.records.archive.post(request.publication.key, edition)


async def edition_named(request: Request, written: str) -> date:
    """Return the edition that is written as a date.

    Raises CommandError where none comes out that day; the editions of former weekdays are known by their entries.
    """
    calendar = request.publication.calendar
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise CommandError(f"“{written}” is no date; write it as {calendar.edition_of(request.now)}.") from None
    if not calendar.is_edition(day) and not await request.records.editions.is_known(request.publication.key, day):
        near = calendar.edition_of(calendar.deadline(day))
        raise CommandError(f"No edition comes out on {day:%A}, {day}; the next one after it is {near}.")
    return day


async def _entry(request: Request, written: str) -> tuple[Entry, str]:
    first, rest = split_first(written)
    return await entry_named(request, first), rest


async def _optional_entry(request: Request, written: str) -> tuple[Entry | None, str]:
    return await _entry(request, written) if written else (None, "")


async def _entries(request: Request, written: str) -> tuple[tuple[Entry, ...], str]:
    """Read entries as long as words name some; the first has to. Where one is missing, none is read."""
    first, rest = split_first(written)
    named = _spread(first)
    while ENTRY_NUMBERS.fullmatch(split_first(rest)[0]):
        first, rest = split_first(rest)
        named += _spread(first)
    found: dict[int, Entry] = {}
    for each in named:
        try:
            entry = await entry_named(request, each)
        except CommandError as error:
            raise CommandError(f"{error} I have left the others as they are.") if found else error from None
        found[entry.id] = entry
    return tuple(found.values()), rest


def _spread(word: str) -> list[str]:
    """Return the numbers that a word names: `1,2` and `1-3` name several; a word of another form stays as it is."""
    numbers: list[str] = []
    for each in word.removesuffix(",").split(",") if ENTRY_NUMBERS.fullmatch(word) else [word]:
        between = NUMBERS.fullmatch(each)
        numbers += map(str, range(int(between[1]), int(between[2]) + 1)) if between else [each]
    return numbers or [word]


async def _edition(request: Request, written: str) -> tuple[date, str]:
    first, rest = split_first(written)
    return await edition_named(request, first), rest


async def _edition_or_due(request: Request, written: str) -> tuple[date, str]:
    return await _edition(request, written) if written else (request.due, "")


async def _selection(request: Request, written: str) -> tuple[Selection, str]:
    """Read `[DATE|next] [unsure|dropped]`; without a date the due edition is meant."""
    edition, rest = request.due, written
    first, behind = split_first(written)
    if first.lower() == "next":
        edition, rest = following(request, request.due), behind
    elif first and first.lower() not in WHICH:
        edition, rest = await edition_named(request, first), behind
    first, behind = split_first(rest)
    which = next((which for which in WHICH if which == first.lower()), None)
    return Selection(edition, which or "all"), behind if which else rest


async def _shown(request: Request, written: str) -> tuple[Entry | PublishedEntry | None, str]:
    """Read which entry is asked about; who is no editor may leave it out, and means all of their own in the edition."""
    first, rest = split_first(written)
    if not first and not request.is_by_editor:
        return None, ""
    entry = await _entry_or_published(request, first)
    if isinstance(entry, Entry) and not (request.is_by_editor or entry.sender == request.message.sender):
        raise CommandError(f"Entry {first} is not yours; {request.publication.command} show has your own.")
    return entry, rest


async def _asked_about(request: Request, written: str) -> tuple[Entry | None, str]:
    entry, rest = await _shown(request, written)
    if isinstance(entry, PublishedEntry):
        raise CommandError(_only_shown(entry))
    return entry, rest


def _only_shown(published: PublishedEntry) -> str:
    return f"Entry {published.edition}/{published.number} was published before my time; I can only show it."


async def _tell(request: Request, written: str) -> tuple[bool, str]:  # noqa: ARG001 - as the others are read
    """Read whether the authors are to be told."""
    first, rest = split_first(written)
    is_told = first.lower() == "tell"
    return is_told, rest if is_told else written


def following(request: Request, edition: date) -> date:
    """Return the edition that comes out after another one."""
    calendar = request.publication.calendar
    return calendar.edition_of(calendar.deadline(edition))


async def own_entries(request: Request) -> list[Entry]:
    """Return the entries of who asks in the due edition and the one after it, the dropped ones among them."""
    editions = (request.due, following(request, request.due))
    found = [await request.records.entries.of_edition(request.publication.key, edition) for edition in editions]
    return [entry for entries in found for entry in entries if entry.sender == request.message.sender]


async def _destination(request: Request, written: str) -> tuple[date | None, str]:
    """Read where entries are moved: None is the edition after their own."""
    first, rest = split_first(written)
    if first.lower() == "next":
        return None, rest
    edition = await edition_named(request, first)
    if edition > request.due + A_YEAR:
        raise CommandError(f"The edition of {edition} is too far away; name one within a year.")
    return edition, rest


async def _place(request: Request, written: str) -> tuple[Place, str]:
    place = place_named(request.publication.catalogue, written)
    if place is None:
        raise CommandError(_no_place(request.publication.catalogue, written, request.publication.command))
    return place, ""


def place_named(catalogue: Catalogue, written: str) -> Place | None:
    """Return what is written as `DEPARTMENT [PROJECT]`, where either may have spaces in its name; None: nothing is.

    The longest beginning that names a department counts; a project alone brings its own department.
    """
    for name, rest in _splits(written):
        department = catalogue.department_named(name)
        project = catalogue.project_named(rest) if rest else None
        if department and (project or not rest):
            return Place(department, project)
    alone = catalogue.project_named(written)
    implied = catalogue.department(alone.department) if alone else None
    return Place(implied, alone) if implied else None


async def _picture(request: Request, written: str) -> tuple[Picture, str]:
    """Read `N [K]`. A number behind the entry's is always the picture's, so that no text is taken for less than it is.

    Without it the entry's only picture is meant.
    """
    entry, rest = await _entry(request, written)
    first, behind = split_first(rest)
    most = len(entry.pictures)
    if most == 0:
        raise CommandError(words.no_picture(entry.name))
    if first.isdecimal():
        if not 0 < int(first[:MOST_DIGITS]) <= most:
            raise CommandError(words.which_picture(entry.name, most))
        return Picture(entry, int(first)), behind
    if most > 1:
        raise CommandError(words.which_picture(entry.name, most))
    return Picture(entry, 1), rest


async def _text(request: Request, written: str) -> tuple[str, str]:  # noqa: ARG001 - as the others are read
    return one_line(written), ""


async def _address(request: Request, written: str) -> tuple[str, str]:  # noqa: ARG001 - as the others are read
    """Read a web address, or “none”, which is an empty one."""
    first, rest = split_first(written)
    if first.lower() == "none":
        return "", rest
    if not is_web_address(first):
        raise CommandError(f"“{first}” is no web address; it starts with https://")
    return first, rest


async def _cover(request: Request, written: str) -> tuple[Picture | str, str]:
    """Read a picture of an entry, an address, or “none”, which is an empty address."""
    first, rest = split_first(written)
    if first.lower() == "none":
        return "", rest
    if (first.startswith("/") and not first.startswith("//")) or is_web_address(first):
        return first, rest
    return await _picture(request, written)


async def _key(request: Request, written: str) -> tuple[str, str]:  # noqa: ARG001 - as the others are read
    return written, ""


async def _project(request: Request, written: str) -> tuple[ProjectPart, str]:
    return project_named(request, written), ""


async def _project_row(request: Request, written: str) -> tuple[ProjectPart, str]:
    """Read `KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]`, unchecked but for the department."""
    pieces = [one_line(piece).strip() for piece in written.split("|", PIECES)]
    if len(pieces) < PIECES or not all((pieces[0], pieces[1], pieces[3])):
        raise WrongForm("; URL may be none.")
    key, title, url, department, *description = pieces
    row = ProjectPart.model_construct(
        key=key,
        title=title,
        website=None if url.lower() in ("", *NONE) else url,
        department=department_named(request, department).key,
        description=next(filter(None, description), None),
    )
    return row, ""


async def _field_change(request: Request, written: str) -> tuple[FieldChange, str]:
    name, rest = split_first(written)
    field, value = split_first(rest)
    if not value:
        raise WrongForm(f"; the fields are {', '.join(FIELDS)}.")
    project = project_named(request, name)
    known = FIELDS.get(field.lower())
    if known is None:
        meant = nearest(field.lower(), [*FIELDS])
        hint = f"did you mean “{meant}”?" if meant else f"there are {', '.join(FIELDS)}."
        raise CommandError(f"A project has no field “{field}”; {hint}")
    return FieldChange(project, field.lower(), known, one_line(value)), ""


async def _reporter(request: Request, written: str) -> tuple[tuple[Department | Project, str], str]:
    """Read whose reporter somebody is to be; clients write a name, and beside the text who is mentioned by it."""
    name, _, last = written.rpartition(" ")
    mentioned = request.message.content.mentions
    if name and USER_ID.fullmatch(last):
        return (holder_named(request, name), last), ""
    if len(mentioned) == 1:
        return (holder_named(request, split_first(written)[0]), mentioned[0]), ""
    raise WrongForm(", such as @name:example.org.")


async def _alias(request: Request, written: str) -> tuple[tuple[Department | Project, str], str]:
    name, alias = split_first(one_line(written))
    if not alias:
        raise WrongForm(".")
    return (holder_named(request, name), alias), ""


def holder_named(request: Request, name: str) -> Department | Project:
    """Return the department or project that is written; CommandError where the catalogue has none of that name."""
    catalogue = request.publication.catalogue
    found = catalogue.department_named(name.strip()) or catalogue.project_named(name.strip())
    if found is None:
        raise CommandError(no_project(request, name.strip(), "department or project"))
    return found


def project_named(request: Request, name: str) -> ProjectPart:
    """Return the project that is written; CommandError where the catalogue has none of that name."""
    found = request.publication.catalogue.project_named(name)
    if found is None:
        raise CommandError(no_project(request, name))
    return next(row for row in request.publication.catalogue_part.projects if row.key == found.key)


def no_project(request: Request, name: str, what: str = "project") -> str:
    """Say that the catalogue has no project of a name, and which one was probably meant."""
    catalogue = request.publication.catalogue
    names = {folded(name): name for project in catalogue.projects for name in (project.label, project.title)}
    names |= {folded(department.key): department.key for department in catalogue.departments}
    names |= {folded(project.key): project.key for project in catalogue.projects}
    meant = nearest(folded(name), [*names])
    hint = f" did you mean “{names[meant]}”?" if meant else ""
    prefix = request.publication.command
    propose = "" if request.is_by_editor else f" To propose one, say {prefix} project propose {PROJECT_ROW.usage}"
    return f"There is no {what} “{words.first_line(name or '…')}”;{hint} {prefix} projects lists all.{propose}"


def department_named(request: Request, name: str) -> Department:
    """Return the department that is written; CommandError where the catalogue has none of that name."""
    catalogue = request.publication.catalogue
    found = catalogue.department_named(name)
    if found is None:
        names = {folded(name): row.key for row in catalogue.departments for name in (row.title, row.key)}
        meant = nearest(folded(name), [*names])
        known = f"did you mean “{names[meant]}”?" if meant else f"there are {', '.join(names.values())}."
        raise CommandError(f"There is no department “{name}”; {known}")
    return found


def is_web_address(url: str) -> bool:
    """Tell whether a text is an address that a browser opens."""
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False


def _splits(written: str) -> Iterator[tuple[str, str]]:
    parts = written.split()
    for length in range(len(parts), 0, -1):
        yield " ".join(parts[:length]), " ".join(parts[length:])


def _no_place(catalogue: Catalogue, written: str, prefix: str) -> str:
    for name, rest in _splits(written):
        department = catalogue.department_named(name)
        if department:
            return f"{department.title} is a department, but there is no project “{rest}”; {_adding(prefix)}."
    meant = nearest_place(catalogue, written)
    hint = f"did you mean “{meant}”? Else " if meant else ""
    known = ", ".join(f"{department.emoji} {department.key}" for department in catalogue.departments)
    return f"There is no department or project “{written}”; {hint}the departments are {known}, and {_adding(prefix)}."


def nearest_place(catalogue: Catalogue, written: str) -> str | None:
    """Return the name of the department or project that was probably meant, or None."""
    keys = [*(row.key for row in catalogue.departments), *(row.key for row in catalogue.projects)]
    names = [*catalogue.names, *keys]
    meant = nearest(folded(written), [folded(name) for name in names])
    return next((name for name in names if meant and folded(name) == meant), None)


def _adding(prefix: str) -> str:
    return f"{prefix} project add makes a project"


ENTRY = Argument("N", _entry)
OPTIONAL_ENTRY = Argument("[N]", _optional_entry)
ENTRIES = Argument("N…", _entries)
EDITION = Argument("DATE", _edition, "Which edition?")
EDITION_OR_DUE = Argument("[DATE]", _edition_or_due)
SELECTION = Argument("[DATE|next] [unsure|dropped]", _selection)
SHOWN = Argument("N", _shown)
ASKED_ABOUT = Argument("N", _asked_about)
TELL = Argument("[tell]", _tell)
WORDS = Argument("WORDS", _text, "Which words?")
DESTINATION = Argument("next|DATE", _destination, "Where to?")
PLACE = Argument("DEPARTMENT [PROJECT]", _place, "Where does it belong?")
PICTURE = Argument("N [K]", _picture)
DESCRIPTION = Argument("TEXT", _text, "What does it show?")
HEADING = Argument("TEXT", _text, "Which heading?")
TITLE = Argument("[TITLE]", _text)
SEARCH = Argument("[SEARCH]", _text)
COMMAND = Argument("[command]", _text)
ADDRESS = Argument("URL", _address, "Which video?")
COVER = Argument("N [K]|URL", _cover, "Which picture?")
KEY = Argument("KEY", _key, "Which one?")
PROJECT = Argument("KEY", _project, "Which project?")
PROJECT_ROW = Argument("KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]", _project_row, "Which project?")
FIELD_CHANGE = Argument("KEY FIELD VALUE", _field_change, "Which project, and which of its fields?")
REPORTER = Argument("PROJECT-OR-DEPARTMENT @USER", _reporter, "Whose reporter?")
ALIAS = Argument("KEY NAME", _alias, "Whose name?")

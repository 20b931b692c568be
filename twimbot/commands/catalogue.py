"""Commands about the catalogue: departments, projects, project …, reporter …, alias …, reload."""

from twimbot import words
from twimbot.catalogue.changes import LISTS, Change, Kind, Value, changed, is_possible
from twimbot.commands.request import Request, split_first
from twimbot.config import USER_ID, DepartmentPart, ProjectPart, Publication, check_catalogue
from twimbot.errors import CommandError, ConfigurationError
from twimbot.export.characters import one_line
from twimbot.filing.suggesting import renew_unfiled
from twimbot.mistakes import nearest
from twimbot.model.calendar import moment
from twimbot.model.catalogue import Catalogue, Department, Project, folded
from twimbot.store.catalogue import ReloadJob
from twimbot.store.entries import Decision
from twimbot.store.records import Records
from twimbot.words import Answer, Bullets, Table

FIELDS = {
    "title": "title",
    "label": "label",
    "url": "website",
    "website": "website",
    "description": "description",
    "department": "department",
}
"""The fields of a project that can be set, as people write them, and as they stand in the catalogue."""

OPTIONAL = ("label", "website", "description")
NONE = ("none", "-")
"""What empties a field that may be empty."""

PIECES = 4
"""How many pieces a project has at least, as it is written in a command: all but its description."""


async def departments(request: Request) -> Answer:
    """List the departments."""
    catalogue = request.publication.catalogue
    rows = tuple(
        (
            department.emoji,
            department.title,
            department.key,
            str(sum(project.department == department.key for project in catalogue.projects)),
            ", ".join(department.reporters),
        )
        for department in catalogue.departments
    )
    return Answer.of(Table(("emoji", "department", "key", "projects", "usual reporters"), rows))


async def projects(request: Request) -> Answer:
    """List all projects by department, or show those that a word is found in."""
    catalogue, wanted = request.publication.catalogue, request.arguments
    if not catalogue.projects:
        return Answer.of("There are no projects yet.")
    if not wanted:
        return Answer.of(Bullets(tuple(_names(catalogue, department) for department in catalogue.departments)))
    found = [project for project in catalogue.projects if _is_found(project, wanted)]
    if not found:
        raise CommandError(_no_project(request, wanted))
    header = ("project", "key", "label", "department", "website", "description", "aliases", "usual reporters")
    return Answer.of(Table(header, tuple(_row(catalogue, project) for project in found)))


async def add(request: Request) -> Answer:
    """Add a project."""
    project = written_project(request)
    await change(request, "projects", project.key, None, None, project)
    return Answer.of(f"The catalogue has {_called(project)} now; {_undo(request, project.key)}")


async def set_field(request: Request) -> Answer:
    """Set a field of a project."""
    name, rest = split_first(request.arguments)
    written, value = split_first(rest)
    prefix = request.publication.command
    if not value:
        raise CommandError(f"Write it as {prefix} project set KEY FIELD VALUE; the fields are {', '.join(FIELDS)}.")
    project = _project(request, name)
    field = FIELDS.get(written.lower())
    if field is None:
        meant = nearest(written.lower(), [*FIELDS])
        hint = f"did you mean “{meant}”?" if meant else f"there are {', '.join(FIELDS)}."
        raise CommandError(f"A project has no field “{written}”; {hint}")
    former = getattr(project, field)
    new = _value(request, field, one_line(value))
    said = f"“{new}”" if new else "left out"
    if new == former:
        raise CommandError(f"The {written.lower()} of {_called(project)} is {said} already.")
    await change(request, "projects", project.key, field, former, new)
    before = f", and was “{former}”" if former else ""
    return Answer.of(
        f"The {written.lower()} of {_called(project)} is {said} now{before}; {_undo(request, project.key)}"
    )


async def remove(request: Request) -> Answer:
    """Take a project out."""
    project = _project(request, request.arguments)
    await change(request, "projects", project.key, None, project, None)
    return Answer.of(f"The catalogue no longer has {_called(project)}; {_undo(request, project.key)}")


async def undo(request: Request) -> Answer:
    """Set back the latest change of a project or department; doing so again brings it back."""
    key, catalogue = request.arguments.strip(), request.publication.catalogue
    last = await request.records.catalogue.last_of(request.publication.key, key)
    if last is None and (named := catalogue.department_named(key) or catalogue.project_named(key)):
        key = named.key
        last = await request.records.catalogue.last_of(request.publication.key, key)
    if last is None:
        raise CommandError(f"Nothing was changed here about “{key}”; {request.publication.command} projects lists all.")
    back = last.taken_back(request.message.event_id)
    if not is_possible(request.publication.catalogue_part, back):
        raise CommandError(f"That can't be taken back, since the file says something else about “{key}” by now.")
    await change(request, back.kind, back.key, back.field, back.former, back.value)
    return Answer.of(f"{_restored(back)}; {_undo(request, key)}")


async def add_reporter(request: Request) -> Answer:
    """Name somebody as a usual reporter of a project or department."""
    holder, user_id = _reporter(request, "add")
    return await _add_to(request, holder, "reporters", user_id)


async def remove_reporter(request: Request) -> Answer:
    """Name somebody as a usual reporter no more."""
    holder, user_id = _reporter(request, "remove")
    return await _remove_from(request, holder, "reporters", user_id)


async def add_alias(request: Request) -> Answer:
    """Give a project or department another name that it is known by."""
    holder, alias = _alias(request, "add")
    return await _add_to(request, holder, "aliases", alias)


async def remove_alias(request: Request) -> Answer:
    """Take such a name away."""
    holder, alias = _alias(request, "remove")
    return await _remove_from(request, holder, "aliases", alias)


async def reload(request: Request) -> None:
    """Ask for the configuration to be read again; the answer comes when it was."""
    message = request.message
    job = ReloadJob(message.event_id, request.publication.key, message.room_id)
    await request.records.catalogue.ask_for_reload(job, message.sent_at)


async def change(request: Request, kind: Kind, key: str, field: str | None, former: Value, value: Value) -> None:
    """Record a change; CommandError where the catalogue could not be as it says."""
    made = Change(request.message.event_id, kind, key, field, former, value)
    await carry_out(request.records, request.publication, made, request.decision)


async def carry_out(records: Records, publication: Publication, made: Change, decision: Decision) -> None:
    """Record a change, and suggest by it; CommandError where the catalogue could not be as it says."""
    check_change(publication, made)
    await records.catalogue.note(publication.key, made, decision)
    present = publication.with_catalogue(changed(publication.catalogue_part, made))
    await renew_unfiled(records, present, moment(decision.at), decision.event_id)


def check_change(publication: Publication, made: Change) -> None:
    """Raise CommandError with what would be wrong with a publication's catalogue after a change."""
    if made.field is None and isinstance(made.value, ProjectPart) and publication.catalogue.project(made.key):
        raise CommandError(f"There is a project {made.key} already; {publication.command} project set changes it.")
    try:
        check_catalogue(changed(publication.catalogue_part, made), publication.submissions)
    except ConfigurationError as error:
        raise CommandError(f"That is not possible: {error.mistakes[0]}.") from error


def written_project(request: Request) -> ProjectPart:
    """Return the project that is written as `KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]`, unchecked."""
    pieces = [one_line(piece).strip() for piece in request.arguments.split("|", PIECES)]
    if len(pieces) < PIECES or not all((pieces[0], pieces[1], pieces[3])):
        raise CommandError("Write it as KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]; URL may be none.")
    key, title, url, department, *description = pieces
    return ProjectPart.model_construct(
        key=key,
        title=title,
        website=None if url.lower() in ("", *NONE) else url,
        department=_department(request, department).key,
        description=next(filter(None, description), None),
    )


async def _add_to(request: Request, holder: Department | Project, field: str, value: str) -> Answer:
    if value in getattr(holder, field):
        raise CommandError(f"{_called(holder)} has {value} among its {field} already.")
    await change(request, _kind(holder), holder.key, field, None, value)
    return Answer.of(f"{_called(holder)} has {value} among its {field} now; {_undo(request, holder.key)}")


async def _remove_from(request: Request, holder: Department | Project, field: str, value: str) -> Answer:
    standing = getattr(holder, field)
    if value not in standing:
        known = ", ".join(standing)
        raise CommandError(f"{_called(holder)} has no {value} among its {field}; it has {known or 'none'}.")
    await change(request, _kind(holder), holder.key, field, value, None)
    return Answer.of(f"{_called(holder)} no longer has {value} among its {field}; {_undo(request, holder.key)}")


def _kind(holder: Department | Project) -> Kind:
    return "departments" if isinstance(holder, Department) else "projects"


def _reporter(request: Request, deed: str) -> tuple[Department | Project, str]:
    """Return whose reporter somebody is to be; clients write a name, and beside the text who is mentioned by it."""
    name, _, last = request.arguments.rpartition(" ")
    mentioned = request.message.content.mentions
    if name and USER_ID.fullmatch(last):
        return _holder(request, name), last
    if len(mentioned) == 1:
        return _holder(request, split_first(request.arguments)[0]), mentioned[0]
    raise CommandError(
        f"Write it as {request.publication.command} reporter {deed} PROJECT-OR-DEPARTMENT @name:example.org."
    )


def _alias(request: Request, deed: str) -> tuple[Department | Project, str]:
    name, alias = split_first(one_line(request.arguments))
    if not alias:
        raise CommandError(f"Write it as {request.publication.command} alias {deed} PROJECT-OR-DEPARTMENT NAME.")
    return _holder(request, name), alias


def _holder(request: Request, name: str) -> Department | Project:
    catalogue = request.publication.catalogue
    found = catalogue.department_named(name.strip()) or catalogue.project_named(name.strip())
    if found is None:
        raise CommandError(_no_project(request, name.strip(), "department or project"))
    return found


def _project(request: Request, name: str) -> ProjectPart:
    found = request.publication.catalogue.project_named(name)
    if found is None:
        raise CommandError(_no_project(request, name))
    return next(row for row in request.publication.catalogue_part.projects if row.key == found.key)


def _no_project(request: Request, name: str, what: str = "project") -> str:
    catalogue = request.publication.catalogue
    names = {folded(name): name for project in catalogue.projects for name in (project.label, project.title)}
    names |= {folded(department.key): department.key for department in catalogue.departments}
    names |= {folded(project.key): project.key for project in catalogue.projects}
    meant = nearest(folded(name), [*names])
    hint = f" did you mean “{names[meant]}”?" if meant else ""
    return (
        f"There is no {what} “{words.first_line(name or '…')}”;{hint} {request.publication.command} projects lists all."
    )


def _department(request: Request, name: str) -> Department:
    catalogue = request.publication.catalogue
    found = catalogue.department_named(name)
    if found is None:
        names = {folded(name): row.key for row in catalogue.departments for name in (row.title, row.key)}
        meant = nearest(folded(name), [*names])
        known = f"did you mean “{names[meant]}”?" if meant else f"there are {', '.join(names.values())}."
        raise CommandError(f"There is no department “{name}”; {known}")
    return found


def _value(request: Request, field: str, value: str) -> str | None:
    if value.lower() in NONE:
        if field not in OPTIONAL:
            raise CommandError(f"A project must have a {field}; write what it is to be.")
        return None
    return _department(request, value).key if field == "department" else value


def _names(catalogue: Catalogue, department: Department) -> str:
    names = [_called(project) for project in catalogue.projects if project.department == department.key]
    return f"{department.title}: {', '.join(names) or 'no project'}"


def _is_found(project: Project, wanted: str) -> bool:
    names = (project.key, project.label, project.title, *project.aliases, project.website or "")
    return any(folded(wanted) in folded(name) for name in names)


def _row(catalogue: Catalogue, project: Project) -> tuple[str, ...]:
    department = catalogue.department(project.department)
    return (
        project.title,
        project.key,
        project.label,
        department.title if department else "",
        project.website or "",
        project.description or "",
        ", ".join(project.aliases),
        ", ".join(project.reporters),
    )


def _called(row: Department | Project | DepartmentPart | ProjectPart) -> str:
    """Return a row's title, and its key where that says more."""
    return row.title if folded(row.title) == folded(row.key) else f"{row.title} ({row.key})"


def _restored(back: Change) -> str:
    """Say what holds again, after a change was taken back."""
    match back.field:
        case None:
            return f"The catalogue has {back.key} again" if back.value else f"The catalogue has {back.key} no longer"
        case field if field in LISTS:
            return (
                f"The {field} of {back.key} have {back.value or back.former} {'again' if back.value else 'no longer'}"
            )
        case field:
            return f"The {field} of {back.key} is {f'“{back.value}”' if back.value else 'left out'} again"


def _undo(request: Request, key: str) -> str:
    return f"{request.publication.command} project undo {key} takes that back."

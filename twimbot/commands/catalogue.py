"""Commands about the catalogue: departments, projects, project …, reporter …, alias …, reload."""

from twimbot.catalogue.changes import LISTS, Change, Kind, Value, changed, is_possible
from twimbot.commands.arguments import NONE, FieldChange, department_named, no_project
from twimbot.commands.request import Request
from twimbot.config import DepartmentPart, ProjectPart, Publication, check_catalogue
from twimbot.errors import CommandError, ConfigurationError
from twimbot.filing.suggesting import renew_unfiled
from twimbot.model.calendar import moment
from twimbot.model.catalogue import Catalogue, Department, Project, folded
from twimbot.store.catalogue import ReloadJob
from twimbot.store.entries import Decision
from twimbot.store.records import Records
from twimbot.words import Answer, Bullets, Table

OPTIONAL = ("label", "website", "description")
"""The fields of a project that may be empty."""


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


async def projects(request: Request, wanted: str) -> Answer:
    """List all projects by department, or show those that a text is found in."""
    catalogue = request.publication.catalogue
    if not catalogue.projects:
        return Answer.of("There are no projects yet.")
    if not wanted:
        return Answer.of(Bullets(tuple(_names(catalogue, department) for department in catalogue.departments)))
    found = [project for project in catalogue.projects if _is_found(project, wanted)]
    if not found:
        raise CommandError(no_project(request, wanted))
    header = ("project", "key", "label", "department", "website", "description", "aliases", "usual reporters")
    return Answer.of(Table(header, tuple(_row(catalogue, project) for project in found)))


async def add(request: Request, project: ProjectPart) -> Answer:
    """Add a project."""
    await change(request, "projects", project.key, None, None, project)
    return Answer.of(f"The catalogue has {_called(project)} now; {_undo(request, project.key)}")


async def set_field(request: Request, wanted: FieldChange) -> Answer:
    """Set a field of a project."""
    project, field = wanted.project, wanted.field
    former = getattr(project, field)
    new = _value(request, field, wanted.value)
    said = f"“{new}”" if new else "left out"
    if new == former:
        raise CommandError(f"The {wanted.written} of {_called(project)} is {said} already.")
    await change(request, "projects", project.key, field, former, new)
    before = f", and was “{former}”" if former else ""
    return Answer.of(f"The {wanted.written} of {_called(project)} is {said} now{before}; {_undo(request, project.key)}")


async def remove(request: Request, project: ProjectPart) -> Answer:
    """Take a project out."""
    await change(request, "projects", project.key, None, project, None)
    return Answer.of(f"The catalogue no longer has {_called(project)}; {_undo(request, project.key)}")


async def undo(request: Request, key: str) -> Answer:
    """Set back the latest change of a project or department; doing so again brings it back."""
    catalogue = request.publication.catalogue
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


async def add_reporter(request: Request, named: tuple[Department | Project, str]) -> Answer:
    """Name somebody as a usual reporter of a project or department."""
    return await _add_to(request, *named, "reporters")


async def remove_reporter(request: Request, named: tuple[Department | Project, str]) -> Answer:
    """Name somebody as a usual reporter no more."""
    return await _remove_from(request, *named, "reporters")


async def add_alias(request: Request, named: tuple[Department | Project, str]) -> Answer:
    """Give a project or department another name that it is known by."""
    return await _add_to(request, *named, "aliases")


async def remove_alias(request: Request, named: tuple[Department | Project, str]) -> Answer:
    """Take such a name away."""
    return await _remove_from(request, *named, "aliases")


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


async def _add_to(request: Request, holder: Department | Project, value: str, field: str) -> Answer:
    if value in getattr(holder, field):
        raise CommandError(f"{_called(holder)} has {value} among its {field} already.")
    await change(request, _kind(holder), holder.key, field, None, value)
    return Answer.of(f"{_called(holder)} has {value} among its {field} now; {_undo(request, holder.key)}")


async def _remove_from(request: Request, holder: Department | Project, value: str, field: str) -> Answer:
    standing = getattr(holder, field)
    if value not in standing:
        known = ", ".join(standing)
        raise CommandError(f"{_called(holder)} has no {value} among its {field}; it has {known or 'none'}.")
    await change(request, _kind(holder), holder.key, field, value, None)
    return Answer.of(f"{_called(holder)} no longer has {value} among its {field}; {_undo(request, holder.key)}")


def _kind(holder: Department | Project) -> Kind:
    return "departments" if isinstance(holder, Department) else "projects"


def _value(request: Request, field: str, value: str) -> str | None:
    if value.lower() in NONE:
        if field not in OPTIONAL:
            raise CommandError(f"A project must have a {field}; write what it is to be.")
        return None
    return department_named(request, value).key if field == "department" else value


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

"""The order of a post: departments, in them projects, in those entries, and how an entry stands there."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from twimbot.export.characters import escaped_name, matrix_to, one_line, operator_text, quoted
from twimbot.export.contents import EditionContents
from twimbot.export.markdown import Mended, Place, mend
from twimbot.export.pictures import Gallery
from twimbot.model.catalogue import Department, Project
from twimbot.model.entry import Entry

TODO_TITLE = "TODO: not filed yet"
UNDER_A_DEPARTMENT = 3
UNDER_A_PROJECT = 4


@dataclass(frozen=True, slots=True)
class Said:
    """An entry in its place: who said it, and the quoted text with its pictures."""

    number: int
    attribution: str
    quote: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading, or under none."""

    heading: str | None
    description: str | None
    entries: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A department with its entries; after the lead section comes the mark that ends the post's teaser."""

    title: str
    groups: tuple[Group, ...]
    is_todo: bool
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class _Mended:
    entry: Entry
    project: Project | None
    mended: Mended


@dataclass(frozen=True, slots=True)
class Layout:
    """The sections of a post, and sentences about what mending the entries' Markdown left to an editor."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...]


def lay_out(contents: EditionContents, entries: Iterable[Entry], gallery: Gallery) -> Layout:
    """Return the sections for entries that stand in the order of the edition."""
    mended = [_mend(contents, entry) for entry in entries]
    sections = list(_sections(contents, mended, gallery))
    lead = next((index for index, section in enumerate(sections) if not section.is_todo), 0)
    return Layout(
        tuple(replace(section, is_lead=index == lead) for index, section in enumerate(sections)),
        tuple(f"Entry {each.entry.number}: {note}" for each in mended for note in each.mended.notes),
    )


def department_of(contents: EditionContents, entry: Entry) -> Department | None:
    """Return the department that an entry is filed under, or None where it isn't or the catalogue has it no more."""
    return contents.catalogue.department(entry.department)


def _mend(contents: EditionContents, entry: Entry) -> _Mended:
    project = contents.catalogue.project(entry.project)
    place = Place(
        names=(project.title, project.label, project.key, *project.aliases) if project else (),
        level=UNDER_A_PROJECT if project else UNDER_A_DEPARTMENT,
        may_have_title=project is None,
    )
    return _Mended(entry, project, mend(entry.text, place))


def _sections(contents: EditionContents, mended: list[_Mended], gallery: Gallery) -> Iterator[Section]:
    unfiled = [each for each in mended if department_of(contents, each.entry) is None]
    if unfiled:
        yield Section(TODO_TITLE, tuple(_groups(contents, unfiled, gallery)), is_todo=True)
    for department in contents.catalogue.departments:
        filed = [each for each in mended if each.entry.department == department.key]
        if filed:
            title = operator_text(one_line(department.title))
            yield Section(title, tuple(_groups(contents, filed, gallery)), is_todo=False)


def _groups(contents: EditionContents, mended: list[_Mended], gallery: Gallery) -> Iterator[Group]:
    """Return the entries under no heading, then those with a title of their own, then the catalogue's projects."""
    plain = [each for each in mended if each.project is None and each.mended.title is None]
    if plain:
        yield Group(None, None, _said(contents, plain, gallery))
    titles = dict.fromkeys(each.mended.title for each in mended if each.project is None and each.mended.title)
    for title in titles:
        titled = [each for each in mended if each.project is None and each.mended.title == title]
        yield Group(title, None, _said(contents, titled, gallery))
    for project in contents.catalogue.projects:
        filed = [each for each in mended if each.project is project]
        if filed:
            yield Group(project_heading(project), project_description(project), _said(contents, filed, gallery))


def project_heading(project: Project) -> str:
    """Return a project's heading with its website, without the marks that make it a heading."""
    title = operator_text(one_line(project.title))
    website = one_line(project.website or "")
    return f"{title} ([website]({website}))" if website else title


def project_description(project: Project) -> str | None:
    """Return a project's description, or None."""
    return operator_text((project.description or "").strip()) or None


def _said(contents: EditionContents, mended: Iterable[_Mended], gallery: Gallery) -> tuple[Said, ...]:
    return tuple(
        Said(each.entry.number, attribution(contents, each.entry, is_repeated=position > 0), _quote(each, gallery))
        for _, run in groupby(mended, key=lambda each: each.entry.sender)
        for position, each in enumerate(run)
    )


def attribution(contents: EditionContents, entry: Entry, *, is_repeated: bool) -> str:
    """Return the line that names an entry's author; the verb depends on nothing but the event."""
    verbs = contents.settings.verbs
    digest = hashlib.sha256(entry.event_id.encode("utf-8", "replace")).digest()
    verb = "also says" if is_repeated else verbs[int.from_bytes(digest[:8], "big") % len(verbs)]
    name = escaped_name(entry.name) or escaped_name(entry.sender)
    return f"[{name}]({matrix_to(entry.sender)}) {verb}"


def _quote(each: _Mended, gallery: Gallery) -> str:
    return quoted("\n".join([each.mended.text, *gallery.lines(each.entry)]).lstrip("\n"))

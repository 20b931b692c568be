"""Departments and projects, and finding one by key, emoji, label, title or alias."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

Named = TypeVar("Named", "Department", "Project")

VARIATION_SELECTORS = "\ufe0e\ufe0f"

SUGGESTED = " ?"
"""What stands behind a reaction that the bot only suggests."""


def plain_key(reaction: str) -> str:
    """Return a reaction's key as it is compared: without variation selectors, outer spaces and a closing ` ?`.

    Clients disagree about U+FE0F (docs/matrix-clients.md, section 6); ` ?` marks the bot's own suggestions.
    """
    bare = reaction.translate(dict.fromkeys(map(ord, VARIATION_SELECTORS))).strip()
    return bare.removesuffix("?").strip() if bare.endswith(" ?") else bare


def folded(name: str) -> str:
    """Return a name as people's spellings of it are compared: plain, and without regard to case."""
    return plain_key(name).casefold()


@dataclass(frozen=True, slots=True)
class Department:
    """The upper level of a post; stood for by its emoji in reactions."""

    key: str
    emoji: str
    title: str
    reporters: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """The lower level of a post; stood for by its label in reactions. `department` is a department's key."""

    key: str
    label: str
    title: str
    department: str
    website: str | None = None
    description: str | None = None
    reporters: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormerTitles:
    """What departments and projects were called before, as pairs of a title and the key that it belonged to last."""

    departments: tuple[tuple[str, str], ...] = ()
    projects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All departments in the order of the post, and all projects in the order of their list.

    Keys, emoji and labels are unique in their comparable form; the configuration has seen to that.
    """

    departments: tuple[Department, ...] = ()
    projects: tuple[Project, ...] = ()

    @cached_property
    def _departments_by_key(self) -> dict[str, Department]:
        return {department.key: department for department in self.departments}

    @cached_property
    def _projects_by_key(self) -> dict[str, Project]:
        return {project.key: project for project in self.projects}

    @cached_property
    def _departments_by_name(self) -> dict[str, Department]:
        return _named((d, (d.key, d.emoji, d.title, *d.aliases)) for d in self.departments)

    @cached_property
    def _projects_by_name(self) -> dict[str, Project]:
        return _named((p, (p.key, p.label, p.title, *p.aliases)) for p in self.projects)

    @cached_property
    def _by_reaction(self) -> dict[str, Department | Project]:
        found: dict[str, Department | Project] = {}
        for project in self.projects:
            found.setdefault(folded(project.label), project)
        for department in self.departments:
            found[folded(department.emoji)] = department
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The titles and aliases of everything in it."""
        rows: tuple[Department | Project, ...] = (*self.departments, *self.projects)
        return tuple(name for row in rows for name in (row.title, *row.aliases))

    def department(self, key: str | None) -> Department | None:
        """Return the department with this key, or None."""
        return self._departments_by_key.get(key) if key is not None else None

    def project(self, key: str | None) -> Project | None:
        """Return the project with this key, or None."""
        return self._projects_by_key.get(key) if key is not None else None

    def by_reaction(self, key: str) -> Department | Project | None:
        """Return what a reaction stands for: a department (by emoji before other names), a project, or None."""
        return self._by_reaction.get(folded(key)) or self.department_named(key) or self.project_named(key)

    def department_named(self, name: str) -> Department | None:
        """Return the department that a person means by its key, emoji, title or alias, or None."""
        return self._departments_by_name.get(folded(name))

    def project_named(self, name: str) -> Project | None:
        """Return the project that a person means by its key, label, title or alias, or None."""
        return self._projects_by_name.get(folded(name))


def _named(rows: Iterable[tuple[Named, tuple[str, ...]]]) -> dict[str, Named]:
    """Index rows by all of their names; keys come before titles, and those before aliases."""
    listed = list(rows)
    found: dict[str, Named] = {}
    for position in range(max((len(names) for _, names in listed), default=0)):
        for row, names in listed:
            if position < len(names):
                found.setdefault(folded(names[position]), row)
    return found

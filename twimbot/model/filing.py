"""Where an entry may belong: candidates with their confidence and their reasons, as the bot weighed them."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonKind(StrEnum):
    """What speaks for a place."""

    HEADING = "heading"
    NAME = "name"
    LINK = "link"
    REPORTER = "reporter"
    HISTORY = "history"
    ALIKE = "alike"
    TERMS = "terms"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a place; `detail` says which: a name, an edition and title, or some words."""

    kind: ReasonKind
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A department or project by its key, how likely it is the right one (0 to 1), and why, the weightiest first."""

    key: str
    confidence: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """What the bot thinks of an entry: departments and projects, best first, and where it has filed it itself.

    `department` and `project` are None where it was not sure enough.
    """

    departments: tuple[Candidate, ...] = ()
    projects: tuple[Candidate, ...] = ()
    department: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A department, and a project where there is one, by their keys: what a person decides at once."""

    department: str
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice as it is offered: how likely it is the right one (0 to 1), and why, the weightiest first."""

    choice: Choice
    confidence: float
    reasons: tuple[Reason, ...] = ()

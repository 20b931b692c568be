"""What the bot does with a guess: files what it is sure of, suggests what it is less sure of, and else says nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from twimbot.config import Filing
from twimbot.model.catalogue import Catalogue
from twimbot.model.filing import Candidate, Choice, Guess, Offer

MOST_SUGGESTIONS = 3
"""How many reactions the bot offers at most: more hide the entry."""

MOST_CHOICES = 3
"""How many places an editor is offered at most, to choose by a number."""


def filed(guess: Guess, thresholds: Filing, catalogue: Catalogue) -> Guess:
    """Return the guess with where the entry is filed: a project with its department, or a department alone.

    A project stands in its own department unless the entry says otherwise: another department is as sure.
    """
    department = _sure(guess.departments, thresholds)
    project = catalogue.project(key) if (key := _sure(guess.projects, thresholds)) else None
    if project is None:
        return replace(guess, department=department)
    return replace(guess, department=department or project.department, project=project.key)


def suggestions(guess: Guess, thresholds: Filing, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the reactions to suggest, best first: labels and emoji of what is likely and not filed already.

    A project that makes up half of its department's likelihood comes before it, as it says both.
    """
    whole = {each.key: each.confidence for each in guess.departments}
    projects = (
        (each, catalogue.project(each.key)) for each in _likely(() if guess.project else guess.projects, thresholds)
    )
    departments = (
        (each, catalogue.department(each.key))
        for each in _likely(() if guess.department else guess.departments, thresholds)
    )
    offered = [
        (_rank(each.confidence, whole.get(project.department, 0)), project.label)
        for each, project in projects
        if project
    ]
    offered += [(each.confidence, department.emoji) for each, department in departments if department]
    offered.sort(key=lambda each: -each[0])
    return tuple(key for _, key in offered[:MOST_SUGGESTIONS])


def _rank(confidence: float, of_department: float) -> float:
    return of_department if confidence >= of_department / 2 else confidence


def _likely(candidates: Iterable[Candidate], thresholds: Filing) -> Iterator[Candidate]:
    """Yield what is likely enough to be suggested, and not only because there is little else."""
    return (each for each in candidates if each.confidence >= thresholds.suggest_from and each.reasons)


def choices(guess: Guess, catalogue: Catalogue) -> tuple[Offer, ...]:
    """Return what to choose from, best first: projects with their departments, and departments without a project."""
    offers = [
        Offer(Choice(project.department, project.key), candidate.confidence, candidate.reasons)
        for candidate in guess.projects
        if (project := catalogue.project(candidate.key))
    ]
    offers += [
        Offer(Choice(candidate.key), candidate.confidence, candidate.reasons)
        for candidate in guess.departments
        if catalogue.department(candidate.key)
    ]
    return tuple(sorted(offers, key=lambda offer: -offer.confidence)[:MOST_CHOICES])


def ground(guess: Guess) -> Candidate | None:
    """Return what the bot's own filing rests on: its project, else its department; None where it has filed nothing."""
    found = [each for each in guess.projects if each.key == guess.project]
    found += [each for each in guess.departments if each.key == guess.department]
    return found[0] if found else None


def _sure(candidates: tuple[Candidate, ...], thresholds: Filing) -> str | None:
    best = candidates[0] if candidates and thresholds.file_from < 1 else None
    return best.key if best and best.confidence >= thresholds.file_from and best.reasons else None

"""Suggests where an entry belongs, from its sender and the names in its text.

A project counts for being named in the first line (3), for the sender being its usual reporter (2), and for being
named anywhere (1). The best one is suggested with its department; without any, a department whose usual reporter
the sender is.
"""

import re
from functools import lru_cache

from twimbot.model.catalogue import Catalogue, Project, folded

MOST = 3
"""How many reactions the bot offers at most: more hide the entry."""

SHORTEST_NAME = 3
"""Names of fewer characters are found in too many texts, and are left out."""

LEAST_SCORE = 1


def suggestions(text: str, sender: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the reactions to suggest for an entry, best first: project labels and department emoji."""
    scores = _scores(text, sender, catalogue)
    best = max(scores.values(), default=0)
    found: list[str] = []
    if best >= LEAST_SCORE:
        projects = [project for project in catalogue.projects if scores.get(project.key) == best]
        departments = dict.fromkeys(project.department for project in projects)
        found += [project.label for project in projects[:2]]
        found += [department.emoji for key in departments if (department := catalogue.department(key))]
    else:
        found += [department.emoji for department in catalogue.departments if sender in department.reporters]
    return tuple(found[:MOST])


def _scores(text: str, sender: str, catalogue: Catalogue) -> dict[str, int]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    scores = {}
    for project in catalogue.projects:
        score = 3 * _is_named(project, first) or 1 * _is_named(project, text)
        score += 2 * (sender in project.reporters)
        if score:
            scores[project.key] = score
    return scores


def _is_named(project: Project, text: str) -> bool:
    haystack = text.casefold()
    names = {project.title, project.label, *project.aliases}
    return any(
        folded(name) in haystack and _pattern(folded(name)).search(haystack) is not None
        for name in names
        if len(name) >= SHORTEST_NAME
    )


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    """Match a name as a whole: "Element" is not named by "Element X" written together, nor by "elementary"."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")

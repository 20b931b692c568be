"""What a catalogue says about texts and people: its names, sites and reporters, ready to be looked up."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from twimbot.filing.terms import repository, site, tokens
from twimbot.filing.topics import title_terms, topic_terms
from twimbot.model.catalogue import Catalogue, Department, FormerTitles, Project

SHORTEST_NAME = 3
"""Names of fewer characters are found in too many texts, and are left out."""

SHORTEST_LOCALPART = 4
"""A first word of so many characters in two Matrix IDs is taken for the same person, who has moved."""

LEAST_TELLING = 5
"""A word of so many characters that a Matrix ID shares with a project's name or site is taken for a tie."""

COMMON_IN_IDS = frozenset(
    {"example", "matrix", "element", "localhost", "server", "email", "client", "github", "gitlab"}
)

GROUP = " working group"

NONE_FORMER = FormerTitles()


class Guide:
    """A catalogue's names and sites, former titles among them; everything is read from it once."""

    def __init__(self, catalogue: Catalogue, former: FormerTitles = NONE_FORMER) -> None:
        self.catalogue = catalogue
        self._names: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._sites: dict[str, list[str]] = defaultdict(list)
        self._repositories: dict[str, list[str]] = defaultdict(list)
        self.ties: dict[str, frozenset[str]] = {}
        for project in catalogue.projects:
            self._read(project)
        for title, key in former.projects:
            if catalogue.project(key):
                self._add_name(title, key)
        for names in self._names.values():
            names.sort(key=lambda name: -len(name[0]))
        self.title_terms = {each.key: title_terms(each.title) for each in catalogue.departments}
        self.topic_terms = {each.key: topic_terms(each.title) for each in catalogue.departments}
        self.projects_of: Mapping[str, list[Project]] = {
            department.key: [each for each in catalogue.projects if each.department == department.key]
            for department in catalogue.departments
        }
        self._moved = _by_person(catalogue.projects), _by_person(catalogue.departments)
        self._departments = _by_plain_name(catalogue.departments, former.departments)
        self._projects = _by_plain_name(catalogue.projects, former.projects)

    def _read(self, project: Project) -> None:
        address = site(project.website or "")
        name = repository(address)
        for each in {project.title, project.label, project.key, *project.aliases, *([name] if name else [])}:
            self._add_name(each, project.key)
            if each.casefold().endswith(GROUP):
                self._add_name(each[: -len(GROUP)] + " WG", project.key)
        if address:
            self._sites[address].append(project.key)
        if name:
            self._repositories[name].append(project.key)
        host = address.partition("/")[0]
        self.ties[project.key] = _telling(project.title) | _telling(host)

    def _add_name(self, name: str, key: str) -> None:
        words = tuple(tokens(name))
        if words and len("".join(words)) >= SHORTEST_NAME and (words, key) not in self._names[words[0]]:
            self._names[words[0]].append((words, key))

    def named(self, words: Sequence[str]) -> Iterator[tuple[range, list[str]]]:
        """Yield each name of projects in a text, in order: the places of its words, and the projects' keys.

        The longest name counts: "Element X Android" names no Element.
        """
        place = 0
        while place < len(words):
            length, keys = self._longest(words, place)
            if keys:
                yield range(place, place + length), keys
            place += max(length, 1)

    def _longest(self, words: Sequence[str], place: int) -> tuple[int, list[str]]:
        known = self._names.get(words[place], ())
        for name, _ in known:
            if tuple(words[place : place + len(name)]) == name:
                return len(name), [key for other, key in known if other == name]
        return 0, []

    def linked(self, addresses: Iterable[str]) -> Counter[str]:
        """Count the links that lead to projects: to their site or below it, or to a repository of the same name."""
        found: Counter[str] = Counter()
        for address in addresses:
            steps = address.split("/")
            below = {key for n in range(1, len(steps) + 1) for key in self._sites.get("/".join(steps[:n]), ())}
            found.update(below | set(self._repositories.get(repository(address) or "", ())))
        return found

    def moved_reporters(self, sender: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the projects and departments one of whose reporters seems to be this sender, by the Matrix ID."""
        projects, departments = self._moved
        return projects.get(person(sender), frozenset()), departments.get(person(sender), frozenset())

    def department_titled(self, title: str | None) -> str | None:
        """Return the key of the department that a post calls this, whatever its signs and case, or None."""
        return self._departments.get(_plain(title)) if title else None

    def project_titled(self, title: str | None) -> str | None:
        """Return the key of the project that a post calls this, whatever its signs and case, or None."""
        return self._projects.get(_plain(title)) if title else None

    def project_behind(self, title: str | None, website: str | None) -> str | None:
        """Return the key of the project that a post means: by its title, its site, or the one name in its title."""
        if key := self.project_titled(title):
            return key
        of_site = self._sites.get(site(website), []) if website else []
        if len(of_site) == 1:
            return of_site[0]
        named = [keys for _, keys in self.named(tokens(title))] if title else []
        return named[0][0] if len(named) == 1 and len(named[0]) == 1 else None


@lru_cache(maxsize=64)
def guide(catalogue: Catalogue, former: FormerTitles = NONE_FORMER) -> Guide:
    """Return what a catalogue says, read once."""
    return Guide(catalogue, former)


def person(user_id: str) -> str:
    """Return what two Matrix IDs of somebody have in common who has moved: the first word, where it is telling.

    Before a word with a digit it is rather a bridge's name than somebody's (`@_discord_1:…`): then the whole ID.
    """
    first, *others = tokens(user_id.partition(":")[0]) or ("",)
    is_numbered = any(character.isdigit() for word in others for character in word)
    return first if len(first) >= SHORTEST_LOCALPART and not is_numbered else user_id


def ties(user_id: str) -> frozenset[str]:
    """Return the words of a Matrix ID that may tie its owner to a project."""
    return _telling(user_id)


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in tokens(text) if len(word) >= LEAST_TELLING) - COMMON_IN_IDS


def _by_person(rows: Iterable[Department | Project]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for reporter in row.reporters:
            found[person(reporter)].add(row.key)
    return {name: frozenset(keys) for name, keys in found.items()}


def _by_plain_name(rows: Iterable[Department | Project], former: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    listed = list(rows)
    for row in listed:
        found.setdefault(_plain(row.title), row.key)
    for row in listed:
        for name in (*row.aliases, row.label if isinstance(row, Project) else row.key):
            found.setdefault(_plain(name), row.key)
    present = {row.key for row in listed}
    for title, key in former:
        if key in present:
            found.setdefault(_plain(title), key)
    found.pop("", None)
    return found


def _plain(title: str) -> str:
    """Return a title as posts of all years spell it: without emoji, markup, case and "Dept of"."""
    words = tokens(re.sub(r"(?i)^\W*dep(?:t|artment)\.? of\b", "", title))
    return "".join(words)

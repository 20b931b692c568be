"""Reads a published post: its edition, and who said what under which department and project.

Posts as the exporter writes them come back as they were; those that people wrote in earlier years as far as their
forms are known. What is no entry and no known part of a post is told by kind.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from twimbot.export.frontmatter import FrontMatter, UnreadableFrontMatter, front_matter
from twimbot.export.slugs import slug
from twimbot.importing.entries import Gap, NotUnderstood, read_entries
from twimbot.importing.old_forms import modern
from twimbot.model.archive import ArchivedPost

DAY = re.compile(r"(?<!\d)(\d{4})[-/](\d{2})[-/](\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class ReadPost:
    """What is in a post; `post` is None where nothing says of which edition it is."""

    post: ArchivedPost | None
    not_understood: tuple[NotUnderstood, ...]


def read_post(text: str, path: PurePath) -> ReadPost:
    """Read the text of a post's file; every text gives a result."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    front = front_matter(unified)
    values = _values(front)
    title = str(values.get("title") or "").strip()
    found = read_entries(modern(unified[front.end :] if front else unified))
    edition = _edition(values, title, path)
    lacks = (Gap.NO_DATE,) * (edition is None) + (Gap.NO_ENTRIES,) * (not found.entries)
    return ReadPost(
        ArchivedPost(edition, title, found.entries) if edition else None,
        (*(NotUnderstood.at(gap, title) for gap in lacks), *found.not_understood),
    )


def is_post_of(text: str, path: PurePath, title: str, key: str) -> bool:
    """Tell whether a file holds a post of a publication: it says so, or is named after the publication's title or key.

    What a page says is its title, and its category in TOML or, in former years, its categories in YAML.
    """
    values = _values(front_matter(text))
    taxonomies = values.get("taxonomies")
    categories = taxonomies.get("category") if isinstance(taxonomies, dict) else values.get("categories")
    said = [values.get("title"), *(categories if isinstance(categories, list) else [categories])]
    if any(str(each).casefold().startswith(title.casefold()) for each in said):
        return True
    name = (path.parent if path.stem == "index" else path).name.casefold()
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(called)}(?![a-z0-9])", name)
        for called in (key.casefold(), slug(title))
        if called
    )


def _values(front: FrontMatter | None) -> Mapping[str, Any]:
    try:
        return front.values() if front else {}
    except UnreadableFrontMatter:
        return {}


def _edition(values: Mapping[str, Any], title: str, path: PurePath) -> date | None:
    """Return the day that a post names; its title's comes first.

    `date` is a moment in UTC, which may be another day where the post came out; files are named by hand.
    """
    places = (title, str(values.get("date", "")), str(values.get("path", "")), path.name, path.as_posix())
    return next((day for place in places for day in _days(place)), None)


def _days(text: str) -> Iterator[date]:
    for found in DAY.finditer(text):
        try:
            yield date(*map(int, found.groups()))
        except ValueError:
            continue

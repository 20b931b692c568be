"""Telling a changelog from news: a list of changes as programs write them, or people do for other programmers."""

import re
from collections.abc import Sequence

from twimbot.export.prose import Paragraph

FEW, SEVERAL, MANY = 3, 5, 10
"""How many list items make a changelog: of those that a forge wrote, of those that look so, of short ones that begin
as changes do. Of 395 entries in 32 published weeks one is one, and 92 have six items or more."""

SHORT = 12
"""The most words that an item of a changelog has; people who tell news use more."""

CONVENTIONAL = re.compile(r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()]*\))?!?: ")
"""How a commit's message begins by the Conventional Commits."""

CREDIT = re.compile(r"\bby @\S+ in <?https?://")
COMPARISON = re.compile(r"\W*full changelog\W+https?://\S+/compare/", re.IGNORECASE)
"""The lines that a forge writes into a release's notes by itself."""

REFERENCE = re.compile(r"(?:^|[\s\[(])[#!]\d+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b")
"""The number of a pull request, or a commit's hash."""

VERB = re.compile(
    r"(?:add|allow|bump|change|correct|deprecate|disable|drop|enable|fix|implement|improve|introduce|move|refactor|remove"
    r"|rename|replace|rework|support|switch|update|upgrade|use)(?:e?s|e?d|ped|ing|ping)?\b",
    re.IGNORECASE,
)


def is_changelog(paragraphs: Sequence[Paragraph]) -> bool:
    """Tell whether an entry is mostly a list of changes; in doubt it is news."""
    items = [paragraph for paragraph in paragraphs if paragraph.is_item]
    if any(COMPARISON.match(paragraph.source) for paragraph in paragraphs):
        return len(items) >= FEW
    credited = sum(CREDIT.search(item.source) is not None for item in items)
    made = sum(map(_is_made_by_program, items))
    likely = sum(_is_made_by_program(item) or _is_change(item) for item in items)
    return likely * 2 > len(items) and (credited >= FEW or made >= SEVERAL or likely >= MANY)


def _is_made_by_program(item: Paragraph) -> bool:
    if CONVENTIONAL.match(item.prose) or CREDIT.search(item.source):
        return True
    return len(item.words) <= SHORT and REFERENCE.search(item.prose) is not None


def _is_change(item: Paragraph) -> bool:
    return len(item.words) <= SHORT and VERB.match(item.prose) is not None

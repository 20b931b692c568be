"""Every regular expression of the program takes a time that grows with the length of a text alone.

The texts are built against each of them: repeats of each character that it names, of each two that follow each other
in it, and of all of them, behind a beginning that it likes. A time that grows with the square of the length would let
one message hold up everything else for minutes.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined] # nothing public tells what a pattern is made of
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import twimbot
from twimbot.intake.mention import Bot, _called_pattern, _mention_pattern

ROOT = Path(twimbot.__file__).parent
SHORT, LONG = 1_000, 4_000
MOST_GROWTH = 8.0
"""A time that grows with the square grows 16-fold from the short text to the long one, one in proportion 4-fold."""

UNNOTICED = 0.004
"""How long a text of LONG characters may take, in seconds, before its growth is looked at."""

ATTEMPTS = 4
METHODS = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
SEARCHING = METHODS - {"match", "fullmatch"}

OF_TABLES = {
    "twimbot.export.describing.NAMES_OF_FILES": "fullmatch",
    "twimbot.export.describing.FILE_NAME": "fullmatch",
    "twimbot.export.describing.NAMED_BY_PROGRAM": "fullmatch",
    "twimbot.export.describing.IDENTIFIER": "fullmatch",
    "twimbot.media.recognise.REFUSALS": "match",
    "twimbot.media.recognise.SIGNATURES": "match",
}
"""How patterns are used that are taken from a table, where they do not search."""

BOT = Bot("@weekly:example.org", ("The Weekly [beta] News", "Weekly"))
"""A bot for whom patterns are made."""

COMMON = (" ", "\n", "a", "a ", "1", "\\")


def patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Yield each pattern with its name and how it is used."""
    seen = set()
    for name, pattern in _of_modules():
        for method in sorted(_methods(name)):
            if (pattern.pattern, pattern.flags, method) not in seen:
                seen.add((pattern.pattern, pattern.flags, method))
                yield name, pattern, method
    for where, written, method in _of_calls():
        yield where, re.compile(written), method
    yield "a mention", _mention_pattern(BOT), "finditer"
    yield "a call by name", _called_pattern(BOT), "match"


def _of_modules() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(twimbot.__path__, "twimbot."):
        if module.name != "twimbot.__main__":
            for name, value in vars(importlib.import_module(module.name)).items():
                yield from ((f"{module.name}.{name}", pattern) for pattern in _within(value))


def _within(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _within(tuple(value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _within(each)


def _methods(name: str) -> set[str]:
    """Return how a pattern is used, by the name that it has in some module: searching may be any of several methods."""
    found = _used().get(name, set()) or {OF_TABLES.get(name, "finditer")}
    return {"finditer" if method in SEARCHING else method for method in found}


@cache
def _used() -> dict[str, set[str]]:
    used: dict[str, set[str]] = {}
    for module, tree in _trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.attr in METHODS
            ):
                used.setdefault(f"{module}.{node.func.value.id}", set()).add(node.func.attr)
    return used


def _of_calls() -> Iterator[tuple[str, str, str]]:
    """Yield the patterns that are written where they are used, as `re.search("…", text)`."""
    for module, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                of_library = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
                if of_library and isinstance(node.args[0], ast.Constant):
                    method = "finditer" if node.func.attr in SEARCHING else node.func.attr
                    written = str(node.args[0].value)
                    yield f"{module}: {written}", written, method


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    return [
        (".".join(("twimbot", *file.relative_to(ROOT).with_suffix("").parts)), ast.parse(file.read_text("utf-8")))
        for file in sorted(ROOT.rglob("*.py"))
    ]


def _characters(tree: Any) -> Iterator[str]:  # noqa: ANN401, C901 - the library's own parser says no type, many kinds
    for kind, value in tree:
        match kind:
            case sre.LITERAL:
                yield chr(value)
            case sre.NOT_LITERAL | sre.ANY:
                yield "a"
            case sre.IN:
                yield from _of_class(value)
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                yield from _characters(value[2])
            case sre.SUBPATTERN:
                yield from _characters(value[3])
            case sre.ATOMIC_GROUP:
                yield from _characters(value)
            case sre.ASSERT | sre.ASSERT_NOT:
                yield from _characters(value[1])
            case sre.BRANCH:
                for branch in value[1]:
                    yield from _characters(branch)


def _of_class(members: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    for kind, value in members:
        if kind is sre.LITERAL:
            yield chr(value)
        elif kind is sre.RANGE:
            yield chr(value[0])
        elif kind is sre.CATEGORY:
            yield {sre.CATEGORY_SPACE: " ", sre.CATEGORY_DIGIT: "1", sre.CATEGORY_WORD: "a"}.get(value, "-")


def units(pattern: re.Pattern[Any]) -> list[str]:
    """Return what texts are made of that are built against a pattern."""
    written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found = list(_characters(parser.parse(written, pattern.flags & (re.VERBOSE | re.DOTALL))))
    single = list(dict.fromkeys(found))[:16]
    pairs = list(dict.fromkeys(map("".join, pairwise(found))))[:16]
    return [*single, *pairs, "".join(found)[:40] or "a", *COMMON]


def texts(pattern: re.Pattern[Any], unit: str, beginning: str) -> tuple[Any, Any]:
    """Return a short and a long text of a unit."""
    both = [beginning + unit * (length // len(unit)) for length in (SHORT, LONG)]
    if isinstance(pattern.pattern, bytes):
        return both[0].encode("latin-1"), both[1].encode("latin-1")
    return both[0], both[1]


def seconds(use: Callable[[Any], object], text: str | bytes) -> float:
    began = time.thread_time()
    use(text)
    return time.thread_time() - began


def grows(pattern: re.Pattern[Any], method: str, unit: str, beginning: str) -> bool:
    """Tell whether the time grows with more than the length, each time that it is tried."""

    def use(text: str | bytes) -> object:
        found = getattr(pattern, method)(text)
        return list(found) if method == "finditer" else found

    short, long = texts(pattern, unit, beginning)
    for _ in range(ATTEMPTS):
        took = seconds(use, long)
        if took < UNNOTICED or took < MOST_GROWTH * min(seconds(use, short) for _ in range(3)):
            return False
    return True


@pytest.mark.parametrize(("pattern", "method"), [pytest.param(p, m, id=f"{n} {m}") for n, p, m in patterns()])
def test_no_text_makes_a_pattern_slow(pattern: re.Pattern[Any], method: str) -> None:
    found = units(pattern)
    slow = [(unit, start) for unit in found for start in ("", found[0]) if grows(pattern, method, unit, start)]
    assert slow == []


@pytest.mark.parametrize(
    ("written", "method"), [(r"a+b", "finditer"), (r"(a+)+b", "match"), (r"\s*\[.*?\]x", "finditer")]
)
def test_a_slow_pattern_would_be_found(written: str, method: str) -> None:
    pattern = re.compile(written.replace("(a+)+", "(?:a|b)*a*c"))
    assert any(grows(pattern, method, unit, "") for unit in units(pattern))


def test_patterns_are_found() -> None:
    assert len(list(patterns())) > 200

"""Finding code in Markdown source, so that a change can leave it alone."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter

FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
BACKTICKS = re.compile(r"`+")


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply a change to everything but fenced code blocks and code spans, which keep every character.

    Indented code counts as text: what a client sends as indentation is mostly the spaces of a composer.
    """
    groups = ((is_code, "".join(part for part, _ in parts)) for is_code, parts in groupby(_parts(text), itemgetter(1)))
    return "".join(part if is_code else change(part) for is_code, part in groups)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Cut text into parts and say of each whether it is code."""
    prose: list[str] = []
    fence = ""
    for line in LINE.findall(text):
        found = FENCE.match(line)
        if fence:
            yield line, True
            fence = "" if found and _closes(line, fence) else fence
        elif found:
            yield from _code_spans("".join(prose))
            prose.clear()
            yield line, True
            fence = found["fence"]
        else:
            prose.append(line)
            if not line.strip():
                yield from _code_spans("".join(prose))
                prose.clear()
    yield from _code_spans("".join(prose))


def _closes(line: str, fence: str) -> bool:
    """Tell whether a line closes a fence: the same sign, at least as often, and nothing else."""
    signs = line.strip(" \t\r\n>")
    return set(signs) == {fence[0]} and len(signs) >= len(fence)


def _code_spans(paragraph: str) -> Iterator[tuple[str, bool]]:
    """Cut a paragraph at its code spans: from a run of backticks to the next run of the same length."""
    runs = [match.span() for match in BACKTICKS.finditer(paragraph)]
    done = run = 0
    closers = _closers(runs)
    while run < len(runs):
        start, closer = runs[run][0], closers[run]
        if closer is None or paragraph[max(start - 1, 0) : start] == "\\":
            run += 1
            continue
        end = runs[closer][1]
        yield paragraph[done:start], False
        yield paragraph[start:end], True
        done, run = end, closer + 1
    yield paragraph[done:], False


def _closers(runs: list[tuple[int, int]]) -> list[int | None]:
    """Return for each run of backticks the index of the next one of its length, or None."""
    closers: list[int | None] = [None] * len(runs)
    latest: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        length = runs[index][1] - runs[index][0]
        closers[index] = latest.get(length)
        latest[length] = index
    return closers

"""Reads the corpus: the cases in `cases/*.yaml`, each what somebody tries and what must stand afterwards.

A file holds scenes (`given`, by name) and cases. A case is a `name`, the scene that it begins in (default: the
file's `in`), `do` (batches: a list of lists of events, or one list for one batch), and `then`: what is different
afterwards from how the scene left it; without it nothing may be. A case with `for` is one for each row of that
table, its words put in the place of `{word}`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twimbot.config import read_yaml

FOLDER = Path(__file__).parent / "cases"
NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody tries: batches of short events before (`given`) and in it, and what is different `then`."""

    name: str
    given: tuple[tuple[Mapping[str, Any], ...], ...]
    batches: tuple[tuple[Mapping[str, Any], ...], ...]
    then: Mapping[str, Any]
    is_first_reading: bool


def cases() -> list[Case]:
    """Return all cases, in the order of their files."""
    scenes = read_yaml(FOLDER / "scenes.yaml")
    files = sorted(file for file in FOLDER.glob("*.yaml") if file.name != "scenes.yaml")
    return [case for file in files for case in _of_file(file.stem, read_yaml(file), scenes)]


def _of_file(topic: str, content: Mapping[str, Any], scenes: Mapping[str, Any]) -> Iterator[Case]:
    for written in content["cases"]:
        for row in written.get("for", [{}]):
            filled = _filled(written, row)
            given = scenes[filled.get("in", content.get("in", "nothing"))]
            yield Case(
                f"{topic}: {filled['name']}",
                _batches(given),
                _batches(filled.get("do", [])),
                filled.get("then", {}),
                filled.get("first reading", False),
            )


def _batches(written: list[Any]) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    batches = written if written and isinstance(written[0], list) else [written]
    return tuple(tuple(batch) for batch in batches)


def _filled(value: Any, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever stands in the file
    """Put a row's words in; a text that is nothing but a placeholder becomes the word as it is, of any type."""
    match value:
        case str():
            whole = NAME.fullmatch(value)
            if whole and whole[1] in row:
                return row[whole[1]]
            return NAME.sub(lambda found: str(row.get(found[1], found[0])), value)
        case list():
            return [_filled(each, row) for each in value]
        case dict():
            return {_filled(key, row): _filled(each, row) for key, each in value.items() if key != "for"}
        case _:
            return value

"""Says what is wrong in YAML files: in which file and line, at which key, and what to write there instead."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Location = tuple[int | str, ...]
"""Where a value stands in what was read: the keys and list positions that lead to it."""

SENTENCES = MappingProxyType(
    {
        "missing": "is missing",
        "value_error": "{error}",
        "literal_error": "{given} is not possible; write {expected}",
        "too_short": "must not be empty",
        "string_too_short": "must not be empty",
        "model_type": "must be a mapping of keys",
        "dict_type": "must be a mapping of keys",
        "tuple_type": "must be a list",
        "string_type": "{given} is no text; put it in quotes",
        "path_type": "{given} is no path; put it in quotes",
        "int_type": "{given} is no whole number",
        "int_parsing": "{given} is no whole number",
        "int_from_float": "{given} is no whole number",
        "float_type": "{given} is no number",
        "float_parsing": "{given} is no number",
        "greater_than_equal": "must be {ge} or more",
    }
)
"""What is said about each of pydantic's types of error; about any other one, what pydantic says itself."""


class Origins:
    """Which file each part of a configuration came from: the root file, and those that it names."""

    def __init__(self, root: Path) -> None:
        self._files: dict[Location, Path] = {(): root}
        self._unreadable: set[Location] = set()
        self._nodes: dict[Path, Node | None] = {}

    def add(self, location: Location, file: Path) -> None:
        """Remember that everything at this location and below stands in another file."""
        self._files[location] = file

    def mark_unreadable(self, location: Location) -> None:
        """Keep quiet about everything here: that the file can't be read has been said."""
        self._unreadable.add(location)

    def is_readable(self, location: Location) -> bool:
        """Tell whether a location stands in a file that could be read."""
        return not any(location[: len(prefix)] == prefix for prefix in self._unreadable)

    def sentence(self, location: Location, text: str) -> str:
        """Put the file, the line and the key before a text."""
        prefix = max((p for p in self._files if location[: len(p)] == p), key=len)
        rest = location[len(prefix) :]
        file = self._files[prefix]
        return f"{file}:{self._line(file, rest)}: {'.'.join(map(str, rest))}: {text}" if rest else f"{file}: {text}"

    def _line(self, file: Path, location: Location) -> int:
        """Return the line, from 1, of what stands at a location, or of the nearest thing around it that there is."""
        if file not in self._nodes:
            self._nodes[file] = YAML(typ="safe", pure=True).compose(file.read_text(encoding="utf-8"))
        node: Node | None = self._nodes[file]
        line = 0
        for part in location:
            below = _below(node, part)
            if below is None:
                break
            mark, node = below
            line = mark.start_mark.line
        return line + 1


def explain(error: ValidationError, root: type[BaseModel], origins: Origins) -> Iterator[str]:
    """Yield a sentence for each mistake that validation by the root model has found."""
    for location, text in reasons(error, root):
        if origins.is_readable(location):
            yield origins.sentence(location, text)


def reasons(error: ValidationError, root: type[BaseModel]) -> Iterator[tuple[Location, str]]:
    """Yield where each mistake is that validation by the root model has found, and what is wrong there."""
    for detail in error.errors():
        location = tuple(part for part in detail["loc"] if part != "[key]")
        if not _follows_from_others(detail):
            yield location, _text(detail, location, root)


def nearest(name: str, known: Sequence[str], likeness: float = 0.5) -> str | None:
    """Return the name that was probably meant, or None where none is that much like it (0 to 1)."""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=likeness)), None)


def _follows_from_others(detail: ErrorDetails) -> bool:
    """Tell whether a list is only too short because what is in it is wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _text(detail: ErrorDetails, location: Location, root: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        known = _known_keys(root, location[:-1])
        meant = nearest(str(location[-1]), known)
        hint = f"did you mean {meant!r}?" if meant else f"the keys here are {', '.join(known)}"
        return f"there is no such key; {hint}"
    if detail["input"] is None:
        return "is empty; give it a value or leave it out"
    if sentence := SENTENCES.get(detail["type"]):
        given = "this" if isinstance(detail["input"], dict | list) else repr(detail["input"])
        return sentence.format(given=given, **detail.get("ctx", {}))
    return detail["msg"][0].lower() + detail["msg"][1:]


def _known_keys(root: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that may be written at a location, by walking the annotations along it."""
    annotation: Any = root
    for part in location:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            inside = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}[
                str(part)
            ]
        else:
            kinds = get_args(annotation)
            inside = kinds[1] if get_origin(annotation) is dict else kinds[0]
        annotation = _bare(inside)
    return [field.alias or name for name, field in annotation.model_fields.items() if not field.exclude]


def _bare(annotation: Any) -> Any:  # noqa: ANN401 - an annotation may be anything
    """Return what an annotation is about, without `Annotated` and `| None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation


def _below(node: Node | None, part: int | str) -> tuple[Node, Node] | None:
    """Return the node that marks the place of a part, and the node of its value."""
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None

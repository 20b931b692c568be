"""Writes catalogues as tidy YAML: one key a line, what is default left out, and a file's own comments kept."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark, YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

from twimbot.config import CataloguePart, parse_yaml
from twimbot.errors import ConfigurationError, JobError

WIDEST = 10_000
"""Long descriptions stay in one line, up to this length: folded text is hard to edit and to compare."""

INDENT = 2
"""By how many spaces rows are indented."""


def catalogue_yaml(departments: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]], title: str) -> str:
    """Write rows without the keys that are empty, under a comment."""
    catalogue = CommentedMap(departments=_rows(departments), projects=_rows(projects))
    catalogue.yaml_set_start_comment(f"{title}\n")
    return _dumped(catalogue)


def written(part: CataloguePart, title: str, file: Path | None = None) -> str:
    """Write a catalogue; `file` has an earlier state of it, whose comments and order of keys stay where they can.

    Read again, the text is the same catalogue.
    """
    rows = part.model_dump(mode="json", exclude_defaults=True)
    edited = _edited(rows, file) if file else None
    if edited is not None and _is_same(edited, part):
        return edited
    return catalogue_yaml(rows["departments"], rows.get("projects", ()), title)


def write(target: Path, text: str, *, replaces: bool) -> None:
    """Write a text to a file at once, so that nobody ever reads half of it.

    Raises ConfigurationError where the file is not to be written, JobError where it can't be.
    """
    target = target.resolve()
    if target.is_dir():
        raise ConfigurationError(f"{target} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target}: there is no folder {target.parent}; make it first")
    if target.exists() and not replaces:
        raise ConfigurationError(f"{target} exists already; name another file, or say --force to replace it")
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if target.exists():
            part.chmod(target.stat().st_mode)
        part.replace(target)
    except OSError as error:
        raise JobError(f"{target} can't be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _edited(rows: Mapping[str, Any], file: Path) -> str | None:
    """Return the file's text with the rows as they are now, or None where it is not written row by row."""
    document = _yaml().load(file.read_text(encoding="utf-8"))
    if not isinstance(document, CommentedMap) or document.fa.flow_style():
        return None
    for kind in ("departments", "projects"):
        if not isinstance(document.setdefault(kind, CommentedSeq()), CommentedSeq):
            return None
        _edit(document[kind], rows.get(kind, ()))
    return _dumped(document)


def _edit(sequence: CommentedSeq, rows: Sequence[Mapping[str, Any]]) -> None:
    """Edit rows in place; ruamel.yaml keeps the comment on a row behind the one before it, so they are taken apart."""
    wanted = {row["key"]: row for row in rows}
    comments = [_take_comment_below(sequence, index) for index in range(len(sequence))]
    for index in reversed(range(len(sequence))):
        if sequence[index]["key"] not in wanted:
            del sequence[index]
            below = comments.pop(index)
            if index:
                comments[index - 1] += below
            elif below.strip() and sequence:
                sequence.yaml_set_comment_before_after_key(0, before=_uncommented(below), indent=INDENT)
    for row in sequence:
        _edit_row(row, wanted.pop(row["key"]))
    if comments:
        comments[-1:] = [""] * len(wanted) + comments[-1:]
    sequence.extend(_rows(list(wanted.values())))
    for index, comment in enumerate(comments):
        _put_comment_below(sequence, index, comment)


def _edit_row(row: CommentedMap, wanted: Mapping[str, Any]) -> None:
    for name in [name for name in row if name not in wanted and row[name]]:
        del row[name]
    for name, value in wanted.items():
        if row.get(name) != value:
            row[name] = _shown(value)


def _take_comment_below(sequence: CommentedSeq, index: int) -> str:
    """Take away what stands below a row, up to the next one; the comment behind its last value stays."""
    holder, key, place = _last_value(sequence, index)
    token = (holder.ca.items.get(key) or [None] * 4)[place]
    if token is None:
        return ""
    beside, _, below = token.value.partition("\n")
    if beside:
        token.value = f"{beside}\n"
    else:
        del holder.ca.items[key]
    return str(below)


def _put_comment_below(sequence: CommentedSeq, index: int, below: str) -> None:
    if not below:
        return
    holder, key, place = _last_value(sequence, index)
    items = holder.ca.items.setdefault(key, [None] * 4)
    beside = items[place].value if items[place] else "\n"
    items[place] = CommentToken(beside + below, CommentMark(items[place].column if items[place] else 0))


def _last_value(sequence: CommentedSeq, index: int) -> tuple[CommentedMap | CommentedSeq, Any, int]:
    """Return where ruamel.yaml keeps what stands behind a row: which node, which of its keys, and the place there."""
    row = sequence[index]
    if row.fa.flow_style():
        return sequence, index, 0
    last = next(reversed(row))
    if isinstance(row[last], CommentedSeq) and row[last] and not row[last].fa.flow_style():
        return row[last], len(row[last]) - 1, 0
    return row, last, 2


def _uncommented(comment: str) -> str:
    return "\n".join(line.strip().removeprefix("#").removeprefix(" ") for line in comment.strip().split("\n"))


def _is_same(text: str, part: CataloguePart) -> bool:
    """Tell whether a text reads as a catalogue: comments and anchors may stand where they make another one of it."""
    try:
        return CataloguePart.model_validate(parse_yaml(text)) == part
    except (YAMLError, ValidationError):
        return False


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[CommentedMap]:
    return [
        CommentedMap({key: _shown(value) for key, value in row.items() if value not in (None, "", [])}) for row in rows
    ]


def _shown(value: object) -> object:
    """Return a value as it is written: lists in one line, whole numbers without a fraction, the invisible quoted."""
    match value:
        case list():
            line = CommentedSeq(map(_shown, value))
            line.fa.set_flow_style()
            return line
        case str() if not value.isprintable():
            return DoubleQuotedScalarString(value)
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=INDENT)
    yaml.width = WIDEST
    yaml.preserve_quotes = True
    return yaml


def _dumped(document: CommentedMap) -> str:
    written = io.StringIO()
    _yaml().dump(document, written)
    return written.getvalue()

"""What was changed in the room, put on top of what the file says: a pure function of both.

A change knows what stood there when it was made. It counts while that still stands there; where something else does
by now, the file was edited later, and wins.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from twimbot.config import CataloguePart, DepartmentPart, ProjectPart, Publication, Submissions, check_catalogue
from twimbot.errors import ConfigurationError

Kind = Literal["departments", "projects"]
Row = DepartmentPart | ProjectPart
Value = str | ProjectPart | None

KINDS: tuple[Kind, ...] = ("departments", "projects")

LISTS = ("reporters", "aliases")
"""The fields that hold several values; a change of one of these adds or takes out one value."""

REMEMBERED = 16
"""How many catalogues are kept in memory: a few for each publication, as events of the past may bring older ones."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event did to one field of a row, or to a whole project (`field` None).

    `former` stood there before, `value` since then; None: nothing. Of a field with several values it is one of them.
    """

    event_id: str
    kind: Kind
    key: str
    field: str | None
    former: Value
    value: Value

    def taken_back(self, event_id: str) -> "Change":
        """Return the change that sets back what this one did."""
        return replace(self, event_id=event_id, former=self.value, value=self.former)


@dataclass(frozen=True, slots=True)
class Merged:
    """A publication with its present catalogue, and the changes that the file has neither taken over nor overridden."""

    publication: Publication
    pending: tuple[Change, ...]


def left_open(
    publication: Publication, former: CataloguePart | None, changes: tuple[Change, ...]
) -> tuple[Change, ...]:
    """Return the changes that still count, now that a publication's file is another one than the `former`.

    Where it is what the catalogue was after some of the changes, it was written out then, and the others count.
    """
    if former is not None:
        states = accumulate(changes, changed, initial=former)
        written_after = [number for number, part in enumerate(states) if part.read() == publication.catalogue]
        if written_after:
            return changes[written_after[-1] :]
    return merged(publication, changes).pending


@lru_cache(maxsize=REMEMBERED)
def merged(publication: Publication, changes: tuple[Change, ...]) -> Merged:
    """Put changes on top of a publication's catalogue as the file has it, in the order in which they were made."""
    part, pending = _merged(publication.catalogue_part, changes, lambda _part: True)
    if not _is_whole(part, publication.submissions):  # the file says meanwhile what can't stand beside all of them
        part, pending = _merged(
            publication.catalogue_part, changes, lambda tried: _is_whole(tried, publication.submissions)
        )
    return Merged(publication.with_catalogue(part) if pending else publication, pending)


def is_possible(part: CataloguePart, change: Change) -> bool:
    """Tell whether there stands now what stood there when a change was made."""
    row = next((row for row in _rows(part, change.kind) if row.key == change.key), None)
    if change.field is None:
        return row == change.former
    if row is None:
        return False
    if change.field in LISTS:
        standing = getattr(row, change.field)
        return change.value not in standing if change.former is None else change.former in standing
    return bool(getattr(row, change.field) == change.former)


def changed(part: CataloguePart, change: Change) -> CataloguePart:
    """Return a catalogue after a change, unchecked; a new project stands behind the others."""
    rows = _rows(part, change.kind)
    if change.field is not None:
        rows = [_changed_row(row, change.field, change) if row.key == change.key else row for row in rows]
    else:
        rows = [row for row in rows if row.key != change.key]
        rows += [change.value] if isinstance(change.value, ProjectPart) else []
    return part.model_copy(update={change.kind: tuple(rows)})


def differences(before: CataloguePart, after: CataloguePart) -> list[str]:
    """Say in a few words each what is different between two catalogues."""
    said = []
    for kind in KINDS:
        one, former, present = kind.removesuffix("s"), _by_key(before, kind), _by_key(after, kind)
        said += [f"{one} {key} is new" for key in present if key not in former]
        said += [f"{one} {key} is gone" for key in former if key not in present]
        both = [key for key in present if key in former]
        for key in both:
            fields = [name for name in type(present[key]).model_fields if _differs(former[key], present[key], name)]
            said += [f"{one} {key} has another {', '.join(fields)}"] if fields else []
        if both != [key for key in former if key in present]:
            said.append(f"the {kind} are in another order")
    return said


def _by_key(part: CataloguePart, kind: Kind) -> dict[str, Row]:
    return {row.key: row for row in _rows(part, kind)}


def _differs(one: Row, other: Row, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _merged(
    part: CataloguePart, changes: Iterable[Change], is_good: Callable[[CataloguePart], bool]
) -> tuple[CataloguePart, tuple[Change, ...]]:
    pending = []
    for change in changes:
        if is_possible(part, change) and is_good(after := changed(part, change)):
            part = after
            pending.append(change)
    return part, tuple(pending)


def _rows(part: CataloguePart, kind: Kind) -> list[Row]:
    return [*(part.departments if kind == "departments" else part.projects)]


def _changed_row(row: Row, field: str, change: Change) -> Row:
    value: object = change.value
    if field in LISTS:
        others = tuple(each for each in getattr(row, field) if each != change.former)
        value = others if change.value is None else (*others, change.value)
    return row.model_copy(update={field: value})


def _is_whole(part: CataloguePart, submissions: Submissions) -> bool:
    try:
        check_catalogue(part, submissions)
    except ConfigurationError:
        return False
    return True

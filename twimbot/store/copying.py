"""Copies a database, also one that is in use: whole, checked, private, and under its name only once it is complete."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from twimbot.store.faults import SIDE_FILES, damaged, disk_work, fault

STEP = 1000
"""How many pages are copied between two reports of the progress."""

BEFORE = "before-"
"""What the name of a copy has behind the database's, in front of the number of the first migration it has not seen."""

Progress = Callable[[int, int], None]
"""Hears how many pages are copied, and how many there are."""


def copy_database(source: Path, target: Path, progress: Progress = lambda _done, _all: None, step: int = STEP) -> None:
    """Copy a database as it stands at this moment; whatever is at the target is replaced at the end, at once.

    `progress` is called after each `step` of pages.
    Raises DatabaseError where the source can't be read or is damaged, Unwritable where the target can't be written.
    """
    part = target.with_name(f"{target.name}.part")
    with disk_work(target):
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _fill(source, part, progress, step)
        _check(source, part)
        with disk_work(target):
            _settle(part, target)
    finally:
        part.unlink(missing_ok=True)


def is_same_file(source: Path, target: Path) -> bool:
    """Tell whether a copy would be written over the database itself, or over what SQLite keeps beside it."""
    own = (source, *(source.with_name(source.name + ending) for ending in SIDE_FILES))
    return target.resolve() in {file.resolve() for file in own} or (target.exists() and target.samefile(source))


def _fill(source: Path, part: Path, progress: Progress, step: int) -> None:
    try:
        with closing(_existing(source)) as reader:
            # A transaction that stays open is one state of the file, whatever the bot writes meanwhile; without it
            # each of the bot's commits would make the copy begin anew.
            reader.execute("BEGIN")
            reader.execute("SELECT 1 FROM sqlite_schema").fetchone()
            with closing(_existing(part)) as writer:
                _fill_from(reader, writer, part, progress, step)
    except sqlite3.Error as error:
        raise fault(source, error) from error


def _fill_from(
    reader: sqlite3.Connection, writer: sqlite3.Connection, part: Path, progress: Progress, step: int
) -> None:
    try:
        reader.backup(writer, pages=step, progress=lambda _status, left, every: progress(every - left, every))
        writer.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.OperationalError as error:
        raise fault(part, error) from error


def _check(source: Path, part: Path) -> None:
    try:
        with closing(_existing(part)) as copy:
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise fault(source, error) from error
    if found != "ok":
        raise damaged(source, found)


def _settle(part: Path, target: Path) -> None:
    """Give a copy its name once it is on the disk, so that a power cut leaves the old file or the new one."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _existing(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


def copies_before(path: Path) -> list[Path]:
    """Return the copies of a database from before migrations, which are beside it."""
    return sorted(path.parent.glob(f"{path.name}.{BEFORE}*"))

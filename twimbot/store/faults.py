"""What is wrong where SQLite or the disk refuses to work, and what to do about it, in a sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twimbot.errors import DatabaseError, Unwritable

PRIMARY = 0xFF
"""The part of SQLite's error codes that says the kind; the rest says more of it."""

PASSING = {
    sqlite3.SQLITE_FULL: "no space is left on its disk; make room",
    sqlite3.SQLITE_BUSY: "another program keeps it locked; end that program",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked; end that program",
    sqlite3.SQLITE_READONLY: "it is read-only; check the owner of its folder, and how the disk is mounted",
    sqlite3.SQLITE_CANTOPEN: "a file beside it can't be opened; check the owner of its folder, and the disk's space",
    sqlite3.SQLITE_IOERR: "its disk fails; look at the disk, its space and its quota",
}
"""What may pass while the bot waits, by SQLite's primary error code (sqlite.org/rescode.html)."""

LASTING = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What stays until somebody puts another file in its place."""

SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, under its name and one of these endings."""


def fault(path: Path, error: sqlite3.Error) -> DatabaseError:
    """Return what a person is told about an error of SQLite's: an Unwritable where it may pass."""
    code = _code(error)
    if code in PASSING:
        return Unwritable(f"{path} can't be used: {PASSING[code]} ({error})")
    if code in LASTING:
        return damaged(path, str(error))
    return DatabaseError(f"{path} can't be used: {error}; that is a defect of twimbot, report it")


def damaged(path: Path, found: str) -> DatabaseError:
    """Return what a person is told about a damaged database: which copy to put in its place, or what else to do."""
    newest = next(iter(copies(path)), None)
    known = f"the newest beside it is {newest.name}" if newest else "none lies beside it"
    return DatabaseError(
        f"{path} is damaged, or no database ({' '.join(found.split())}); stop the bot, remove {path.name}, "
        f"{path.name}-wal and {path.name}-shm, and put a copy in their place ({known}), or call twimbot rebuild"
    )


def is_fault(error: sqlite3.Error) -> bool:
    """Tell whether the file or the disk is at fault, and not the statement."""
    return _code(error) in PASSING or _code(error) in LASTING


@contextmanager
def disk_work(path: Path) -> Iterator[None]:
    """Raise Unwritable where work on a file or folder of the bot's own fails for a reason of the disk."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{path} can't be used: {error.strerror or error}; look at the disk and the owner") from error


def copies(path: Path) -> list[Path]:
    """Return the copies that lie beside a database under its name, the newest first."""
    found = (file for file in path.parent.glob(f"{path.name}.*") if file.is_file() and file.suffix != ".part")
    return sorted(found, key=lambda file: file.stat().st_mtime, reverse=True)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY

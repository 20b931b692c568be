"""The SQLite file: opened, migrated, and entered through transactions.

One connection writes, behind a lock and with BEGIN IMMEDIATE; another one reads committed snapshots (WAL), so
that nobody ever sees half of a batch. Migrations are the numbered files in `migrations/`, which stands at the top of
the tree and, once installed, in the package; a file and the number that says it is done (`PRAGMA user_version`) are one
transaction.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

import structlog

from twimbot.errors import DatabaseError
from twimbot.store.connection import Connection
from twimbot.store.copying import BEFORE, copies_before, copy_database
from twimbot.store.faults import damaged, disk_work, fault
from twimbot.store.records import Records

log = structlog.get_logger(__name__)

BUSY_TIMEOUT = 5000
"""How long to wait for another process's lock, in milliseconds."""

CHECKED_AT_ONCE = 64 * 2**20
"""How large a file may be that is looked through before anything is written, in bytes: that takes a tenth of a second,
or half of one from a slow disk. A larger one is looked through while the bot is already running."""

APPLICATION = 1953982829
"""The number by which a file is known for one of twimbot's (`PRAGMA application_id`), set by the first migration."""

UNRELEASED = range(1, 27)
"""The formats of before the first release, of which there is no way to the present one."""

COPY_KEPT = timedelta(days=14)
"""How long such a copy is kept: by then the new version has shown that it works, and texts that people have deleted
since are still in the copy."""

PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT}",
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a lost last commit is only read again: the position is lost with it
    "foreign_keys = ON",
    "secure_delete = ON",  # a deleted text must not be left in the file's free pages
    "cache_size = -8000",  # KiB
)
"""How each connection is set up."""


def migrations() -> list[tuple[int, str]]:
    """Return the migrations that belong to this version, as numbers and SQL, in order."""
    packaged = files("twimbot") / "migrations"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[2] / "migrations"
    found = [(int(file.name.split("_")[0]), file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    return sorted(found)


class Database:
    """One open database file; use `open` and `close`."""

    def __init__(self, path: Path, writer: Connection, reader: Connection, *, is_checked: bool) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._is_checked = is_checked
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the file and bring it up to this version, with a copy of the file made before a change.

        Raises DatabaseError where it comes from a newer version or is damaged, Unwritable where it can't be written.
        A large file (CHECKED_AT_ONCE) may be damaged where `check` alone finds it.
        """
        with disk_work(path):
            size = await asyncio.to_thread(_make, path)
        try:
            writer = await _connect(path)
            try:
                if size <= CHECKED_AT_ONCE:
                    await _check(writer, path)
                await _migrate(writer, path)
                await _checkpoint(writer)  # what a killed process had erased
                reader = await _connect(path)
            except BaseException:
                await writer.close()
                raise
        except sqlite3.Error as error:
            raise fault(path, error) from error
        await asyncio.to_thread(_remove_old_copies, path)
        return cls(path, writer, reader, is_checked=size <= CHECKED_AT_ONCE)

    async def close(self) -> None:
        """Wait for what is being written, and close the file."""
        async with self._writing, self._reading:
            await self._reader.close()
            await self._writer.close()

    async def check(self) -> None:
        """Look through a file that was too large for that when it was opened, beside all other work.

        Meanwhile `checkpoint` returns False. Raises DatabaseError where the file is damaged; cancelling it ends it.
        """
        if self._is_checked:
            return
        try:
            connection = await _connect(self.path)
            try:
                await _check(connection, self.path)
            finally:
                await connection.interrupt()
                await connection.close()
        except sqlite3.Error as error:
            raise fault(self.path, error) from error
        self._is_checked = True

    async def checkpoint(self) -> bool:
        """Empty the write-ahead log into the file, so that what was erased stands in neither of them.

        Returns False where another program is reading just now: then it is to be tried again.
        """
        async with self._writing, self._reading:
            try:
                return await _checkpoint(self._writer)
            except sqlite3.Error as error:
                raise fault(self.path, error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Records]:
        """Enter the one transaction that may write; committed at its end, rolled back by an exception.

        Raises Unwritable where the file can't be written just now, DatabaseError where that will not pass.
        """
        async with self._writing:
            try:
                await self._writer.execute_beside("BEGIN IMMEDIATE")  # another process may be writing
                yield Records.of(self.path, self._writer)
                await self._writer.commit()
            except sqlite3.Error as error:
                await self._writer.rollback()
                raise fault(self.path, error) from error
            except BaseException:
                await self._writer.rollback()
                raise

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Records]:
        """Read what is committed, as it stands at the first statement; raises DatabaseError as `transaction` does."""
        async with self._reading:
            try:
                await self._reader.execute("BEGIN")
                yield Records.of(self.path, self._reader)
            except sqlite3.Error as error:
                raise fault(self.path, error) from error
            finally:
                self._reader.release()


def _make(path: Path) -> int:
    """Make the file, for its owner alone: it holds the log-in; return its size in bytes. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        path.chmod(0o600)
        return file.tell()


async def _connect(path: Path) -> Connection:
    connection = await Connection.open(path)
    try:
        for pragma in PRAGMAS:
            await connection.execute_beside(f"PRAGMA {pragma}")
    except BaseException:  # its thread would keep the process from ending
        await connection.close()
        raise
    return connection


async def _checkpoint(connection: Connection) -> bool:
    """Empty the write-ahead log; return False at once where somebody else reads: Litestream always does."""
    await connection.execute_beside("PRAGMA busy_timeout = 0")
    try:
        ((is_busy, *_),) = await connection.execute_beside("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await connection.execute_beside(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    return not is_busy


async def _check(connection: Connection, path: Path) -> None:
    """Raise DatabaseError where the file is damaged: better at the start than in the middle of a week."""
    ((found,),) = await connection.execute_beside("PRAGMA quick_check(1)")
    if found != "ok":
        raise damaged(path, found)


async def _migrate(connection: Connection, path: Path) -> None:
    version = await _number(connection, "user_version")
    steps = migrations()
    newest = steps[-1][0]
    if version in UNRELEASED and await _number(connection, "application_id") != APPLICATION:
        raise DatabaseError(
            f"{path}: is of no released twimbot (format {version}); 'twimbot rebuild' makes a new one from the rooms"
        )
    if version > newest:
        raise DatabaseError(
            f"{path}: comes from a newer twimbot (format {version}, this one knows {newest}); install that version"
        )
    if 0 < version < newest:
        # The name says what the copy holds: a start that fails again and again makes one copy.
        copy = path.with_name(f"{path.name}.{BEFORE}{version + 1}")
        await asyncio.to_thread(copy_database, path, copy)
        log.info("copied before migrating", copy=str(copy), format=version, to=newest)
    for number, statements in steps:
        if number > version:
            await connection.executescript(f"BEGIN IMMEDIATE;\n{statements}\nPRAGMA user_version = {number};\nCOMMIT;")


async def _number(connection: Connection, pragma: Literal["user_version", "application_id"]) -> int:
    """Return a number from the file's head."""
    ((number,),) = await connection.execute_fetchall(f"PRAGMA {pragma}")
    return int(number)


def _remove_old_copies(path: Path) -> None:
    """Remove copies from before a migration after which this version has opened the file for long enough."""
    for copy in copies_before(path):
        if time.time() - copy.stat().st_mtime > COPY_KEPT.total_seconds():
            copy.unlink()
            log.info("removed an old copy", copy=str(copy), days=COPY_KEPT.days)

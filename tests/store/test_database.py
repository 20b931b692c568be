"""The file: migrations, transactions and savepoints, on a real SQLite file."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from twimbot.errors import DatabaseError
from twimbot.model.event import Event
from twimbot.store.database import BUSY_TIMEOUT, Database, migrations
from twimbot.store.records import Records


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "twimbot.db")
    yield opened
    await opened.close()


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def position(database: Database) -> str | None:
    async with database.snapshot() as records:
        return await records.rooms.position()


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as records:
            await records.rooms.keep_position("token", 0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await position(database) is None


async def test_who_waits_for_another_program_stops_nobody_else(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.transaction() as records:
            await records.rooms.keep_position("token", 0)

    writing = asyncio.create_task(write())
    for _ in range(100):
        await asyncio.sleep(0)  # the loop goes round
    assert await position(database) is None
    assert not writing.done()
    other.close()
    await writing
    assert await position(database) == "token"


async def test_an_opening_that_is_cancelled_at_any_moment_leaves_no_thread(database: Database) -> None:
    """A thread of SQLite's that waits for work keeps the process from ending."""
    before = set(threading.enumerate())
    for turns in range(0, 900, 6):
        opening = asyncio.create_task(Database.open(database.path))
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await (await opening).close()
    left = [thread for thread in set(threading.enumerate()) - before if "_connection_worker_thread" in thread.name]
    for thread in left:
        thread.join(5)  # it may have been told to end just now
    assert not any(thread.is_alive() for thread in left)


async def test_a_savepoint_undoes_its_own_part_only(database: Database) -> None:
    async def fail(records: Records) -> None:
        async with records.savepoint():
            await records.rooms.keep_position("undone", 0)
            raise RuntimeError

    async with database.transaction() as records:
        await records.rooms.keep_position("kept", 0)
        with pytest.raises(RuntimeError):
            await fail(records)
    assert await position(database) == "kept"


async def test_a_snapshot_does_not_see_what_is_not_committed(database: Database) -> None:
    async with database.transaction() as records:
        await records.rooms.keep_position("token", 0)
        assert await position(database) is None
    assert await position(database) == "token"


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        database = await Database.open(tmp_path / "twimbot.db")
        await database.close()
    assert names_in(tmp_path) == ["twimbot.db"]


async def test_a_newer_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(DatabaseError, match=r"newer twimbot \(format 999"):
        await Database.open(path)


async def test_something_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    path.write_bytes(b"this is no database, but long enough to look at" * 100)
    with pytest.raises(DatabaseError, match=r"twimbot\.db is damaged, or no database \(file is not a database\)"):
        await Database.open(path)


async def test_deleted_text_is_gone_from_the_file(tmp_path: Path, database: Database) -> None:
    async with database.transaction() as records:
        await records.journal.note_failure(
            Event("$event", "!room", "@anna:example.org", 0), "a very secret sentence", 0
        )
    async with database.transaction() as records:
        await records.connection.execute("DELETE FROM failed_event")
    await database.checkpoint()
    assert b"a very secret sentence" not in bytes_in(tmp_path)


async def test_somebody_who_reads_all_the_time_is_not_waited_for(tmp_path: Path, database: Database) -> None:
    async with database.transaction() as records:
        await records.rooms.keep_position("token", 0)
    with closing(sqlite3.connect(tmp_path / "twimbot.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT token FROM position").fetchall()
        async with asyncio.timeout(BUSY_TIMEOUT / 2000):
            assert not await database.checkpoint()
    assert await database.checkpoint()


async def test_a_database_of_before_the_first_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE entry (id INTEGER) STRICT; PRAGMA user_version = 23;")
    with pytest.raises(DatabaseError, match=r"is of no released twimbot \(format 23\); 'twimbot rebuild'"):
        await Database.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("entry",)]


def test_migrations_are_numbered_without_a_hole() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))

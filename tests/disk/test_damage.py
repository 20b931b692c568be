"""Databases that can't be used: refused at the start in a sentence that names the newest copy, with exit 1."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.test_cli import call
from tests.test_config import GARDEN
from twimbot.errors import DatabaseError, Unwritable
from twimbot.store.database import CHECKED_AT_ONCE, Database
from twimbot.store.faults import fault

PAGE = 4096


async def fill(path: Path, size: int = 0) -> None:
    """Make a database of many pages, or fill one up to a size in bytes."""
    database = await Database.open(path)
    name = "A name " * max(50, size // 2000 // 7 + 1)
    async with database.transaction() as records:
        for number in range(2000):
            await records.rooms.name_member("!room", f"@somebody-{number}:example.org", name)
    await database.close()


async def read_all(database: Database) -> None:
    async with database.snapshot() as records:
        await records.connection.execute_fetchall("SELECT count(display_name) FROM member")


def overwrite_the_middle(path: Path) -> None:
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as file:
        file.seek(pages * 3 // 4 * PAGE)  # in the middle of the rows
        file.write(os.urandom(4 * PAGE))


def cut_off_the_end(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def write_something_else(path: Path) -> None:
    path.write_bytes(b"this is no database, but long enough to look at" * 100)


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")


DAMAGED = r"twimbot\.db is damaged, or no database \(.+\); stop the bot, .*the newest beside it is twimbot\.db\.copy"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (overwrite_the_middle, DAMAGED),
        (cut_off_the_end, DAMAGED),
        (write_something_else, DAMAGED),
        (make_newer, r"twimbot\.db: comes from a newer twimbot \(format 999, .*\); install that version"),
    ],
)
async def test_a_database_that_cannot_be_used_ends_the_start(
    tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "twimbot.db"
    await fill(path)
    older, newest = path.with_name("twimbot.db.before-2"), path.with_name("twimbot.db.copy")
    for copy in (older, newest):
        copy.touch()
    os.utime(older, (0, 0))
    damage(path)
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=sentence) as raised:
        await Database.open(path)
    assert not isinstance(raised.value, Unwritable)
    assert path.read_bytes() == before


async def test_a_damaged_database_ends_the_command_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
    path = tmp_path / "data" / "twimbot.db"
    await fill(path)
    cut_off_the_end(path)
    done = call(tmp_path, "run")
    assert done.returncode == 3
    assert done.stderr.startswith(f"twimbot: {path} is damaged")
    assert len(done.stderr.splitlines()) == 1


async def test_what_is_whole_is_found_whole(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    await fill(path, CHECKED_AT_ONCE)
    database = await Database.open(path)
    await database.check()
    await database.close()


async def test_a_missing_end_ends_the_start_however_large_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    await fill(path, 2 * CHECKED_AT_ONCE)
    cut_off_the_end(path)
    assert path.stat().st_size > CHECKED_AT_ONCE
    with pytest.raises(DatabaseError, match=r"twimbot\.db is damaged, or no database"):
        await Database.open(path)


async def test_damage_in_a_large_database_is_found_beside_the_work(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    await fill(path, CHECKED_AT_ONCE)
    path.with_name("twimbot.db.copy").touch()
    overwrite_the_middle(path)
    database = await Database.open(path)
    with pytest.raises(DatabaseError, match=DAMAGED):
        await database.check()
    await database.close()


async def test_damage_that_is_met_later_is_no_fault_that_passes(tmp_path: Path) -> None:
    path = tmp_path / "twimbot.db"
    await fill(path)
    database = await Database.open(path)
    overwrite_the_middle(path)
    with pytest.raises(DatabaseError, match=r"is damaged") as raised:
        await read_all(database)
    await database.close()
    assert not isinstance(raised.value, Unwritable)


async def test_a_database_without_room_says_so_and_goes_on_when_there_is_some(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "twimbot.db")

    async def write(limit: int) -> None:
        async with database.transaction() as records:
            await records.connection.execute(f"PRAGMA max_page_count = {limit}")
            await records.rooms.keep_position("token", 0)
            for number in range(200):
                await records.rooms.name_member("!room", f"@somebody-{number}:example.org", "A name " * 50)

    with pytest.raises(Unwritable, match="no space is left on its disk; make room"):
        await write(1)
    async with database.snapshot() as records:
        assert await records.rooms.position() is None
    await write(2**30)
    async with database.snapshot() as records:
        assert await records.rooms.position() == "token"
    await database.close()


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, True),
        (sqlite3.SQLITE_READONLY_DBMOVED, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_CANTOPEN, True),
        (sqlite3.SQLITE_CORRUPT, False),
        (sqlite3.SQLITE_NOTADB, False),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, False),
        (sqlite3.SQLITE_ERROR, False),
    ],
)
def test_what_passes_is_told_from_what_stays(tmp_path: Path, code: int, passes: bool) -> None:  # noqa: FBT001 - a table
    error = sqlite3.OperationalError("so it is")
    error.sqlite_errorcode = code
    said = fault(tmp_path / "twimbot.db", error)
    assert isinstance(said, Unwritable) is passes
    assert "so it is" in str(said)

"""`twimbot backup`: whole while the bot writes, private, checked, and never over anything by mistake."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.disk.running import fill as fill_disk
from tests.disk.running import small_disk
from tests.disk.test_damage import cut_off_the_end, fill
from tests.store.test_database import names_in
from tests.test_cli import call
from tests.test_config import GARDEN
from twimbot.app import back_up
from twimbot.config import Config, load
from twimbot.errors import ConfigurationError, DatabaseError, JobError, Unwritable
from twimbot.store.copying import copy_database
from twimbot.store.database import Database


@pytest.fixture
def garden(tmp_path: Path) -> Config:
    (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
    return load(tmp_path / "config.yaml")


@pytest.fixture
async def database(garden: Config) -> AsyncIterator[Database]:
    """Open a database of many pages, as the bot has it while it runs."""
    path = garden.data_dir / "twimbot.db"
    await fill(path)
    opened = await Database.open(path)
    yield opened
    await opened.close()


def quiet(_done: int, _all: int) -> None:
    """Say nothing about the progress."""


def pairs_in(path: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return connection.execute("SELECT token, at FROM position").fetchall()


async def test_the_command_copies_and_says_where_to(garden: Config, database: Database, tmp_path: Path) -> None:
    async with database.transaction() as records:
        await records.rooms.keep_position("token", 7)
    done = await asyncio.to_thread(call, tmp_path, "backup", "copy.db")
    assert (done.returncode, done.stdout, done.stderr) == (0, "copy.db\n", "")
    assert pairs_in(tmp_path / "copy.db") == [("token", 7)]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [name for name in names_in(tmp_path) if "copy" in name] == ["copy.db"]


async def test_a_copy_is_one_moment_of_a_database_that_is_written_to(database: Database, tmp_path: Path) -> None:
    """What one transaction writes in two places is in the copy in both or in neither, at each of many moments."""
    copied = asyncio.Event()
    written = 0

    async def write() -> None:
        nonlocal written
        written += 1
        async with database.transaction() as records:
            await records.rooms.keep_position(str(written), written)
            await records.rooms.name_member("!room", "@zoe:example.org", str(written))

    async def write_on() -> None:
        while not copied.is_set():
            await write()

    await write()
    writing = asyncio.create_task(write_on())
    for number in range(10):
        await asyncio.to_thread(copy_database, database.path, tmp_path / f"{number}.db")
    copied.set()
    await writing
    for number in range(10):
        copy = tmp_path / f"{number}.db"
        ((token, at),) = pairs_in(copy)
        with closing(sqlite3.connect(copy)) as connection:
            (name,) = connection.execute("SELECT display_name FROM member WHERE user_id LIKE '@zoe%'").fetchone()
        assert token == str(at) == name
    assert written > 10


async def test_a_copy_is_made_once_however_much_is_written_meanwhile(database: Database, tmp_path: Path) -> None:
    """A commit in the midst of copying neither makes it begin anew nor comes into the copy."""
    seen: list[int] = []

    def write(done: int, _all: int) -> None:
        seen.append(done)
        with closing(sqlite3.connect(database.path)) as other, other:
            other.execute("INSERT OR REPLACE INTO position (id, token, at) VALUES (1, 'later', 1)")

    copy_database(database.path, tmp_path / "copy.db", write, step=10)
    assert seen == sorted(set(seen))
    assert len(seen) > 5
    assert pairs_in(tmp_path / "copy.db") == []
    assert pairs_in(database.path) == [("later", 1)]


async def test_a_restored_copy_is_a_database(database: Database, tmp_path: Path) -> None:
    async with database.transaction() as records:
        await records.rooms.keep_position("token", 7)
    copy_database(database.path, tmp_path / "twimbot.db")
    restored = await Database.open(tmp_path / "twimbot.db")
    async with restored.snapshot() as records:
        assert await records.rooms.position() == "token"
    await restored.close()


@pytest.mark.usefixtures("database")
def test_nothing_is_replaced_unless_that_is_asked_for(garden: Config, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("something dear", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="exists already; name another file, or say --force"):
        back_up(garden, target, quiet, replaces=False)
    assert target.read_text(encoding="utf-8") == "something dear"
    back_up(garden, target, quiet, replaces=True)
    assert pairs_in(target) == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "name", ["twimbot.db", "twimbot.db-wal", "twimbot.db-shm", "../data/twimbot.db", "link", "hard"]
)
def test_the_database_itself_is_never_written_over(garden: Config, name: str) -> None:
    path = garden.data_dir / "twimbot.db"
    (garden.data_dir / "link").symlink_to(path)
    (garden.data_dir / "hard").hardlink_to(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is the database itself"):
        back_up(garden, garden.data_dir / name, quiet, replaces=True)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("name", "sentence"), [("", "is a folder; name a file in it"), ("nowhere/copy.db", "there is no folder")]
)
def test_a_file_that_cannot_be_made_is_a_wrong_call(garden: Config, tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        back_up(garden, tmp_path / name, quiet, replaces=True)


def test_without_a_database_there_is_nothing_to_copy(garden: Config, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="there is no database yet"):
        back_up(garden, tmp_path / "copy.db", quiet, replaces=False)


async def test_a_damaged_database_is_not_copied_over_a_good_copy(garden: Config, tmp_path: Path) -> None:
    path, target = garden.data_dir / "twimbot.db", tmp_path / "copy.db"
    await fill(path)
    back_up(garden, target, quiet, replaces=False)
    good = target.read_bytes()
    cut_off_the_end(path)
    with pytest.raises(DatabaseError, match="is damaged"):
        back_up(garden, target, quiet, replaces=True)
    assert target.read_bytes() == good
    assert [name for name in names_in(tmp_path) if "copy" in name] == ["copy.db"]


async def test_a_copy_that_finds_no_room_leaves_nothing(garden: Config, tmp_path: Path) -> None:
    await fill(garden.data_dir / "twimbot.db")
    with small_disk(tmp_path / "disk", "1m") as disk:
        filler = fill_disk(disk)
        os.truncate(filler, filler.stat().st_size - 100_000)
        with pytest.raises(Unwritable, match=r"copy\.db.* can't be used: no space is left"):
            back_up(garden, disk / "copy.db", quiet, replaces=False)
        assert names_in(disk) == ["filler"]

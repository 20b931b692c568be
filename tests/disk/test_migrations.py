"""Migrations that are killed, fail, or run out of room: the old database or the new one, and a copy that is whole."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.disk.running import fill as fill_disk
from tests.disk.running import small_disk
from tests.store.empty import empty_database
from tests.store.later import ROWS, with_later
from twimbot.errors import DatabaseError, Unwritable
from twimbot.store import database as module
from twimbot.store.database import COPY_KEPT, Database, migrations

RUNNER = Path(__file__).with_name("killed_migration.py")
KILLS = 8
PRESENT = migrations()[-1][0]
LATER = PRESENT + 1


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Make a database of this version's format, with an entry in it."""
    path = tmp_path / "old" / "twimbot.db"
    path.parent.mkdir()
    with closing(empty_database(path)) as connection:
        connection.executescript(ROWS)
    return path


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the version that opens it have one more migration."""
    steps = with_later()
    monkeypatch.setattr(module, "migrations", lambda: steps)


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def texts_in(path: Path) -> list[str]:
    database = await Database.open(path)
    async with database.snapshot() as records:
        entries = await records.entries.of_edition("news", date(2026, 2, 6))
    await database.close()
    return [entry.text for entry in entries]


def open_until(path: Path, step: int) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "KILL_AT": str(step)}
    return subprocess.run(  # noqa: S603 - our own runner
        [sys.executable, str(RUNNER), str(path)], env=environment, capture_output=True, check=False, timeout=60
    )


async def test_killed_at_any_step_of_a_migration(old: Path, tmp_path: Path) -> None:
    """Each start dies somewhere else between the first step and the last; the next one brings all to its end."""
    shutil.copytree(old.parent, tmp_path / "whole")
    steps = int(open_until(tmp_path / "whole" / old.name, 0).stdout.splitlines()[-1])
    assert steps > KILLS
    for kill in range(1, KILLS + 1):
        folder = tmp_path / f"killed-{kill}"
        shutil.copytree(old.parent, folder)
        path = folder / old.name
        assert open_until(path, kill * (steps - 1) // KILLS).returncode == -signal.SIGKILL
        assert PRESENT <= version_of(path) <= LATER
        assert await texts_in(path) == ["A text"]
        assert version_of(path) == LATER
        assert min(map(version_of, folder.glob("*.before-*"))) == PRESENT
        assert not list(folder.glob("*.part"))


async def test_a_migration_that_fails_changes_nothing(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript("CREATE TABLE later (what_is_in_the_way TEXT) STRICT")
    for _ in range(2):
        with pytest.raises(DatabaseError, match="table later already exists") as raised:
            await Database.open(old)
        assert not isinstance(raised.value, Unwritable)
    assert version_of(old) == PRESENT
    (copy,) = old.parent.glob("*.before-*")
    assert version_of(copy) == PRESENT
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT text FROM revision").fetchall() == [("A text",)]
        assert (
            connection.execute("SELECT 1 FROM pragma_table_info('revision') WHERE name = 'is_later'").fetchall() == []
        )


async def test_a_migration_without_room_waits_for_it(old: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / old.name
        shutil.copy(old, path)
        filler = fill_disk(disk)
        with pytest.raises(Unwritable):
            await Database.open(path)
        filler.unlink()
        assert [file.name for file in disk.iterdir() if "before" in file.name] == []
        assert await texts_in(path) == ["A text"]


async def test_a_copy_from_before_a_migration_goes_once_the_new_version_has_shown_that_it_works(old: Path) -> None:
    assert await texts_in(old) == ["A text"]
    (copy,) = old.parent.glob("*.before-*")
    almost = time.time() - COPY_KEPT.total_seconds() + 60
    os.utime(copy, (almost, almost))
    await texts_in(old)
    assert copy.exists()
    os.utime(copy, (almost - 120, almost - 120))
    await texts_in(old)
    assert not copy.exists()

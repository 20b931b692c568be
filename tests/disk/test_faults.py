"""Faults of the disk and the database under the real bot: said, waited out, and nothing lost or doubled."""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from tests.disk import test_damage
from tests.disk.running import RunningBot, fill, read_only, run, small_disk
from twimbot.app import open_database
from twimbot.demo.homeserver import Homeserver
from twimbot.store.database import CHECKED_AT_ONCE

CANNOT = "I can't store anything just now"
AGAIN = "I can store things again"


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    return await found_office(homeserver, newcomer, tmp_path)


@pytest.fixture
def disk(office: Office, tmp_path: Path) -> Iterator[Path]:
    """Put the bot's folder on a small disk of its own."""
    with small_disk(tmp_path / "disk") as folder:
        office.configure(data_dir=str(folder / "data"))
        yield folder


def database_of(office: Office) -> Path:
    return office.config.data_dir / "twimbot.db"


def position(office: Office) -> str:
    with closing(sqlite3.connect(database_of(office))) as connection:
        (token,) = connection.execute("SELECT token FROM position").fetchone()
    return str(token)


async def told(office: Office, sentence: str) -> str:
    """Wait until the bot has said something in the editors' room; return all of it."""
    event = await office.editor.sees(lambda event: sentence in event["content"].get("body", ""), 30)
    return str(event["content"]["body"])


async def told_in_all(office: Office) -> Counter[str]:
    """Count what the bot has said of itself in the editors' room."""
    await office.editor.timeline.catch_up()
    bodies = [event["content"].get("body", "") for event in office.editor.timeline.events if event["type"][0] == "m"]
    return Counter(start for body in bodies for start in (CANNOT, AGAIN) if body.startswith(start))


async def goes_on(office: Office, bot: RunningBot, *submissions: str) -> None:
    """Wait until the bot has caught up, and compare what it has stored and said."""
    await told(office, AGAIN)
    for each in submissions:
        await office.acknowledged(each)
    await bot.turns(200)
    assert bot.process.returncode is None
    assert await told_in_all(office) == {CANNOT: 1, AGAIN: 1}
    async with open_database(office.config) as database, database.snapshot() as records:
        (edition,) = await records.editions.with_entries("news")
        entries = await records.entries.of_edition("news", edition)
    assert [entry.event_id for entry in entries] == [*submissions]


async def test_a_full_disk_is_waited_out(office: Office, disk: Path, tmp_path: Path) -> None:
    async with run(office, tmp_path) as bot:
        first = await office.submit()
        await office.acknowledged(first)
        await bot.turns(200)
        filler = fill(disk)
        stored = position(office)
        second = await office.submit("Turm 2.0 is out as well, and just as much faster.")
        assert "no space is left on its disk; make room" in await told(office, CANNOT)
        await bot.turns(503)
        third = await office.submit("And the garden has its news, as it has every week.")
        assert "no space is left" in (await bot.logs("waiting for the disk"))["reason"]
        assert position(office) == stored
        filler.unlink()
        await goes_on(office, bot, first, second, third)


async def test_a_disk_that_is_full_at_the_start_is_waited_out(office: Office, disk: Path, tmp_path: Path) -> None:
    async with run(office, tmp_path) as bot:
        await bot.turns(200)
    filler = fill(disk)
    async with run(office, tmp_path) as bot:
        await bot.logs("waiting for the disk")
        assert await bot.status() == 503
        filler.unlink()
        await bot.turns(200)


async def test_a_lock_that_outlasts_the_busy_timeout_is_waited_out(office: Office, tmp_path: Path) -> None:
    async with run(office, tmp_path) as bot:
        first = await office.submit()
        await office.acknowledged(first)
        await bot.turns(200)
        with closing(sqlite3.connect(database_of(office), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            second = await office.submit("Turm 2.0 is out as well, and just as much faster.")
            assert "another program keeps it locked; end that program" in await told(office, CANNOT)
            await bot.turns(503)
        await goes_on(office, bot, first, second)


async def test_a_read_only_database_is_waited_out(office: Office, disk: Path, tmp_path: Path) -> None:
    async with run(office, tmp_path) as bot:
        await bot.turns(200)
    with ExitStack() as until_mended:
        until_mended.enter_context(read_only(database_of(office)))
        async with run(office, tmp_path) as bot:
            assert "Read-only file system" in (await bot.logs("waiting for the disk"))["reason"]
            assert await bot.status() == 503
            until_mended.close()
            await bot.turns(200)


async def test_damage_in_a_large_database_ends_the_bot_once_it_runs(office: Office, tmp_path: Path) -> None:
    path = database_of(office)
    await test_damage.fill(path, CHECKED_AT_ONCE)
    test_damage.overwrite_the_middle(path)
    async with run(office, tmp_path) as bot:
        assert f"{path} is damaged" in await told(office, "I have to stop")
        assert await asyncio.wait_for(bot.process.wait(), 30) == 3
        lines = bot.log.read_text(encoding="utf-8").splitlines()
    assert lines[-1].startswith(f"twimbot: {path} is damaged, or no database (")
    assert any(json.loads(line)["event"] == "listening" for line in lines if line.startswith("{"))


async def test_a_second_bot_on_the_same_folder_is_refused(office: Office, tmp_path: Path) -> None:
    async with run(office, tmp_path) as bot:
        await bot.turns(200)
        config = str(office.config_file)
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "twimbot", "run", "--config", config), stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(done.communicate(), 20)
        assert done.returncode == 1
        assert said.decode() == f"twimbot: {office.config.data_dir} is in use by another twimbot; stop that one first\n"
        assert await bot.status() == 200

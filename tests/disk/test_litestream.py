"""A warm copy as docs/scaling.md has it: the real Litestream follows the bot's database, and a bot goes on from it."""

import asyncio
import json
import shutil
import sqlite3
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from twimbot.app import DATABASE
from twimbot.demo.homeserver import Homeserver

PROGRAM = Path(sys.executable).with_name("litestream")

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="there is no Litestream for this system")


@dataclass(frozen=True)
class Litestream:
    """Litestream with its configuration file, which names one database."""

    settings: Path
    database: Path

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the database until the block ends."""
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "replicate", "-config", str(self.settings), stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            yield
        finally:
            process.terminate()
            await process.wait()

    async def has_begun(self) -> None:
        """Wait until it reads the database, which it does from then on."""
        await becomes(self.database.with_name(f".{self.database.name}-litestream").exists)

    def bytes_of_database(self) -> bytes:
        """Return what stands in the database and in the files beside it that SQLite keeps."""
        return b"".join(file.read_bytes() for file in self.database.parent.glob(f"{self.database.name}*"))

    async def restore(self, file: Path) -> bool:
        """Write the copy into a file; return False where there is none yet."""
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "restore", "-config", str(self.settings), "-o", str(file), str(self.database)),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        return await process.wait() == 0


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    return await found_office(homeserver, newcomer, tmp_path)


@pytest.fixture
def litestream(office: Office, tmp_path: Path) -> Litestream:
    """Write down which database is copied where."""
    database, settings = office.config.data_dir / DATABASE, tmp_path / "litestream.yml"
    replica = {"type": "file", "path": str(tmp_path / "copy"), "sync-interval": "100ms"}
    followed = {"path": str(database), "truncate-page-n": 1, "replica": replica}
    settings.write_text(json.dumps({"dbs": [followed]}), encoding="utf-8")
    return Litestream(settings, database)


async def test_a_bot_goes_on_from_the_copy_as_if_nothing_had_happened(
    office: Office, litestream: Litestream, tmp_path: Path
) -> None:
    async with office.open(), litestream.following():
        first, gone = await office.submit(), await office.submit("Turm 2 is out, and this is deleted meanwhile.")
        await office.acknowledged(gone)
        await office.anna.redact(office.submissions, gone)
        last = await office.submit("Fernglas 1.5 is out, with everything that was promised.")
        await office.acknowledged(last)
        await has_answered(litestream, last, tmp_path)
    missed = await office.submit("Fernglas 1.6 is out, while nobody was there to hear it.")
    shutil.rmtree(litestream.database.parent)
    litestream.database.parent.mkdir()
    assert await litestream.restore(litestream.database)
    async with office.open():
        await office.acknowledged(missed)
        assert "3 entries" in await office.ask("list")
    for event_id in (first, last, missed):
        assert len([each for each in office.anna.timeline.events if office.is_reaction(each, event_id, "✅")]) == 1


async def test_deleted_text_is_gone_from_the_disk_beside_litestream(office: Office, litestream: Litestream) -> None:
    async with office.open(), litestream.following():
        kept = await office.submit()
        await office.acknowledged(kept)
        gone = await office.submit("Turm 2 is out, and this is deleted meanwhile.")
        await office.acknowledged(gone)
        await litestream.has_begun()
        await office.anna.redact(office.submissions, gone)
        await becomes(lambda: b"this is deleted meanwhile" not in litestream.bytes_of_database())
        assert b"Fernglas" in litestream.bytes_of_database()


async def becomes(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(30):
        for _ in count():
            if is_so():
                return
            await asyncio.sleep(0.1)


async def has_answered(litestream: Litestream, event_id: str, folder: Path) -> None:
    """Wait until a bot that goes on from the copy would know that it has acknowledged an entry."""
    asked = "SELECT count(*) FROM outbox WHERE subject = ? AND state = 'sent'"
    async with asyncio.timeout(30):
        for number in count():
            file = folder / f"tried-{number}.db"
            if await litestream.restore(file):
                with sqlite3.connect(file) as connection:
                    ((sent,),) = connection.execute(asked, (event_id,))
                connection.close()
                if sent:
                    return
            await asyncio.sleep(0.2)

"""From the command to ready, with a database of a million entries, against nio's log-in and first sync."""

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp

from tests.bench.archive import make_archive
from tests.bench.figures import Figure
from tests.conftest import Newcomer, unique
from tests.dialogue.office import Office, found_office
from twimbot.demo.homeserver import Homeserver, free_port
from twimbot.demo.person import People
from twimbot.demo.processes import stop
from twimbot.publishing.exporter import media_folder

ENTRIES, FEW_ENTRIES = 1_000_000, 10_000
"""How many entries the database has, and how many in a quick run."""

STARTS, FEW_STARTS = 15, 3

OFTEN = 0.02
"""How long to wait between two questions whether the bot is ready, in seconds."""

NIO = """
import asyncio, sys
from nio import AsyncClient

async def main(homeserver, user_id, password):
    client = AsyncClient(homeserver, user_id)
    await client.login(password)
    await client.sync(timeout=0)
    print("ready", flush=True)
    await client.close()

asyncio.run(main(*sys.argv[1:]))
"""
"""The peer: a process of its own that does what every bot on nio does before it hears anything."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Start both again and again, in turns; the database is the same, and logged in and joined from a start before."""
    entries, starts = (FEW_ENTRIES, FEW_STARTS) if is_quick else (ENTRIES, STARTS)
    with tempfile.TemporaryDirectory(prefix="twimbot-starting-") as folder:
        async with _office(Path(folder)) as office:
            database = office.config.data_dir / "twimbot.db"
            await asyncio.to_thread(_make, database, entries)
            await _seconds_of_ours(office)  # logs in, joins, and reads the rooms' history
            pairs = [(await _seconds_of_ours(office), await _seconds_of_nio(office)) for _ in range(starts)]
    ours, theirs = zip(*pairs, strict=True)
    what = f"start to ready, {entries:,} entries"
    return [Figure(what, "nio's log-in and first sync", ours, theirs, "s", 1.3)]


@asynccontextmanager
async def _office(folder: Path) -> AsyncIterator[Office]:
    async with Homeserver(folder / "homeserver") as homeserver, People(homeserver.url) as people:
        newcomer: Newcomer = lambda name: people.register(unique(name), name)  # noqa: E731 - one line says it
        office = await found_office(homeserver, newcomer, folder)
        office.configure(health={"listen": f"127.0.0.1:{free_port()}"}, log={"format": "json", "level": "warning"})
        yield office


def _make(database: Path, entries: int) -> None:
    """Make the database, and an empty file for each picture that it says is kept."""
    database.parent.mkdir(mode=0o700)
    make_archive(database, entries)
    pictures = media_folder(database.parent)
    pictures.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as connection:
        for (name,) in connection.execute("SELECT file_name FROM media WHERE state = 'kept'"):
            (pictures / name).touch()


async def _seconds_of_ours(office: Office) -> float:
    """Return how long the command takes until /readyz says 200; it is stopped then."""
    command = (str(Path(sys.executable).with_name("twimbot")), "run", "--config", str(office.config_file))
    environment = {**os.environ, "TWIMBOT_PASSWORD": office.credentials.password or ""}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await _is_ready(office, process)
        return time.perf_counter() - began
    finally:
        await stop(process)


async def _is_ready(office: Office, process: Process) -> None:
    health = office.config.health
    assert health
    async with aiohttp.ClientSession() as session:
        while process.returncode is None:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://{health.listen}/readyz") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(OFTEN)
    raise RuntimeError(process.returncode)


async def _seconds_of_nio(office: Office) -> float:
    """Return how long a process takes that imports nio, logs in with the password, and syncs once."""
    account = (office.config.user_id, office.credentials.password or "")
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NIO, str(office.config.homeserver).rstrip("/"), *account),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    seconds = time.perf_counter() - began
    await process.wait()
    return seconds

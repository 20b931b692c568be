"""From a process's beginning to ready, with a database of a million entries, against nio's log-in and first sync."""

import asyncio
import sqlite3
import time
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

from tests.bench.archive import make_archive
from tests.bench.figures import Figure
from tests.bench.stage import Running, open_stage
from twimbot.app import DATABASE
from twimbot.publishing.exporter import media_folder

ENTRIES, FEW_ENTRIES = 1_000_000, 10_000
"""How many entries the database has, and how many in a quick run."""

STARTS, FEW_STARTS = 15, 3


async def measure(*, is_quick: bool) -> list[Figure]:
    """Start both again and again, in turns; the database is the same, and logged in and joined from a start before."""
    entries, starts = (FEW_ENTRIES, FEW_STARTS) if is_quick else (ENTRIES, STARTS)
    async with open_stage() as stage:
        await asyncio.to_thread(_make, stage.config_file.parent / "data", entries)
        await _seconds(stage.running())  # logs in, joins, and reads the rooms' history
        pairs = [(await _seconds(stage.running()), await _seconds(stage.nio())) for _ in range(starts)]
    ours, theirs = zip(*pairs, strict=True)
    what = f"start to ready, {entries:,} entries"
    return [Figure(what, "nio's log-in and first sync", ours, theirs, "s", 1.3)]


def _make(data_dir: Path, entries: int) -> None:
    """Make the database, and an empty file for each picture that it says is kept."""
    data_dir.mkdir(mode=0o700)
    database = data_dir / DATABASE
    make_archive(database, entries)
    pictures = media_folder(data_dir)
    pictures.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as connection:
        for (name,) in connection.execute("SELECT file_name FROM media WHERE state = 'kept'"):
            (pictures / name).touch()


async def _seconds(process: AbstractAsyncContextManager[Running]) -> float:
    """Return how long a process takes from its beginning until it is ready; it is stopped then."""
    began = time.perf_counter()
    async with process:
        return time.perf_counter() - began

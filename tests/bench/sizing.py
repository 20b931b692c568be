"""How large the database gets in ten years of a weekly with 20 entries a week, against the texts in it."""

import asyncio
import tempfile
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from tests.bench.archive import WEEKLY, make_archive
from tests.bench.figures import Figure
from twimbot.store.database import Database

WEEKS, WEEKS_QUICK = 520, 52
MEGABYTE = 1_000_000

PARTS = (
    ("the entries' texts", ("revision",)),
    ("what filing learned from", ("archive_entry", "archive_term", "archive_index_data")),
    ("what was said, which is never said again", ("outbox",)),
    ("the entries", ("entry",)),
    ("how fast servers answered", ("pong",)),
    ("what the bot thought", ("guess",)),
)
"""What takes the most space, by tables."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the size of the file after a checkpoint, and of what takes the most of it, with the tables' indexes."""
    weeks = WEEKS_QUICK if is_quick else WEEKS
    with tempfile.TemporaryDirectory(prefix="twimbot-bench-") as folder:
        path = Path(folder, "twimbot.db")
        make_archive(path, weeks * WEEKLY)
        database = await Database.open(path)
        await database.checkpoint()
        await database.close()
        return await asyncio.to_thread(_figures, path, weeks)


def _figures(path: Path, weeks: int) -> list[Figure]:
    with closing(connect(path)) as connection:
        ((texts,),) = connection.execute("SELECT sum(length(CAST(text AS BLOB))) FROM revision")
        sizes = dict(
            connection.execute(
                """SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master ON sqlite_master.name = dbstat.name
                   GROUP BY tbl_name"""
            )
        )
    against, theirs = "the texts alone", [texts / MEGABYTE]
    parts = [(what, sum(sizes.pop(name) for name in names)) for what, names in PARTS]
    parts.append(("the rest", sum(sizes.values())))
    years = f"the database after {weeks} weeks with {WEEKLY} entries"
    return [
        Figure(years, against, [path.stat().st_size / MEGABYTE], theirs, "MB", 3),
        *(Figure(f"of it {what}", against, [size / MEGABYTE], theirs, "MB") for what, size in parts),
    ]

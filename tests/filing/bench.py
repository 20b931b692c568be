"""Measures how long a decision takes with archives of growing size (`make bench`), against the smallest."""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

import click

from tests.soak.report import into_document
from twimbot.filing.guide import Guide, guide
from twimbot.filing.learning import knowledge
from twimbot.filing.subject import subject
from twimbot.filing.terms import terms
from twimbot.filing.weighing import weigh
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.catalogue import Catalogue, Department, Project
from twimbot.model.entry import Entry
from twimbot.store.database import Database

DEPARTMENTS, PROJECTS, PEOPLE, WORDS = 33, 132, 2000, 30_000
ENTRIES_IN_POST, WORDS_IN_ENTRY = 20, 120
DECISIONS = 60
START = date(2016, 1, 1)

CATALOGUE = Catalogue(
    tuple(Department(f"d{n}", chr(0x1F300 + n), f"Dept of Matter {n}") for n in range(DEPARTMENTS)),
    tuple(
        Project(f"p{n}", f"Project {n}", f"Project {n}", f"d{n % DEPARTMENTS}", f"https://p{n}.example.org")
        for n in range(PROJECTS)
    ),
)


@click.command
@click.option(
    "--size",
    "sizes",
    type=int,
    multiple=True,
    default=(200, 2000, 20_000),
    help="How many past entries, smallest first.",
)
@click.option("--document", type=click.Path(path_type=Path), help="Put the table into this document.")
def bench(sizes: Sequence[int], document: Path | None) -> None:
    """Print the table."""
    rows = asyncio.run(measure(sizes))
    least = rows[0][1]
    text = "\n".join(
        (
            "| past entries | median | 95th percentile | against the smallest | database |",
            "| --: | --: | --: | --: | --: |",
            *(
                f"| {size:,} | {middle * 1000:.1f} ms | {high * 1000:.1f} ms | {middle / least:.2f} | {disk} MiB |"
                for size, middle, high, disk in rows
            ),
        )
    )
    click.echo(text)
    if document:
        into_document(text, document, "filing-bench")


async def measure(sizes: Sequence[int]) -> list[tuple[int, float, float, int]]:
    """Return for each size of the archive the median and 95th percentile of a decision in seconds, and the MiB."""
    drawn = random.Random(1)  # noqa: S311 - invented entries, the same each time
    known = guide(CATALOGUE)
    rows = []
    with tempfile.TemporaryDirectory(prefix="twimbot-bench-") as folder:
        file = Path(folder) / "twimbot.db"
        database = await Database.open(file)
        try:
            done = 0
            for size in sizes:
                await fill(database, drawn, done, size)
                done = size
                for number in range(DECISIONS):  # so that no size is measured cold
                    await decide(database, known, drawn, number)
                seconds = [await decide(database, known, drawn, number) for number in range(DECISIONS)]
                await database.checkpoint()  # what is still in the log counts as well
                rows.append((size, median(seconds), quantiles(seconds, n=20)[-1], file.stat().st_size >> 20))
        finally:
            await database.close()
    return rows


async def fill(database: Database, drawn: random.Random, start: int, end: int) -> None:
    """Put past entries into the archive, a post at a time."""
    async with database.transaction() as records:
        for first in range(start, end, ENTRIES_IN_POST):
            entries = tuple(invented(drawn) for _ in range(ENTRIES_IN_POST))
            day = START + timedelta(days=first // ENTRIES_IN_POST)
            await records.archive.keep_post("news", ArchivedPost(day, f"News {day}", entries), terms)


def invented(drawn: random.Random) -> ArchivedEntry:
    """Return an entry of words that are as unequally frequent as people's, about a project by one of its people."""
    project = CATALOGUE.projects[drawn.randrange(PROJECTS)]
    department = CATALOGUE.department(project.department)
    assert department is not None
    text = f"{project.title} " + " ".join(f"word{int(drawn.paretovariate(1.1)) % WORDS}" for _ in range(WORDS_IN_ENTRY))
    person = drawn.randrange(PEOPLE)
    return ArchivedEntry(
        f"@person{person}:example.org", f"Person {person}", department.title, project.title, project.website, text
    )


async def decide(database: Database, known: Guide, drawn: random.Random, number: int) -> float:
    """Decide about a new entry; return how long that took, in seconds, with all reading from the database."""
    made = invented(drawn)
    entry = Entry(
        id=-number,
        publication="news",
        edition=START,
        number=1,
        room_id="!news",
        event_id="$news",
        sender=made.sender or "",
        display_name=made.name,
        sent_at=0,
        text=made.text,
    )
    began = time.perf_counter()
    async with database.snapshot() as records:
        read = subject(entry.text)
        weigh(read, entry.sender, known, await knowledge(records, entry, known, read.terms))
    return time.perf_counter() - began


if __name__ == "__main__":
    bench()

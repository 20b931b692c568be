"""How long an export takes: rendering against joining the stored texts, and all of it with ever larger archives."""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter

from structlog.testing import capture_logs

from tests.bench.archive import LAST, make_archive
from tests.bench.figures import Figure
from tests.bench.texts import texts
from tests.desk.scene import ANNA, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS
from twimbot.export.bundle import write_tree, zip_tree
from twimbot.export.post import render
from twimbot.lint.tools import tool_findings
from twimbot.model.calendar import milliseconds
from twimbot.publishing.exporter import Address, Exporter, media_folder
from twimbot.publishing.gather import gather
from twimbot.store.database import Database
from twimbot.store.entries import Decision, NewEntry, NewFiling
from twimbot.store.journal import ExportJob
from twimbot.store.media import NewMedia
from twimbot.store.records import Records

KEY = PUBLICATION.key
ENTRIES, PICTURES = 60, 20
PICTURE = 300_000
"""How many bytes a picture has."""

SMALL = 1_000
LARGE = (100_000, 1_000_000)
LARGE_QUICK = (10_000,)
"""How many entries the archives have."""

FILED = (("clients", "fernglas"), ("servers", "turm"), ("clients", None), (None, None))

WARM_UP = 2
"""How often something is done before it is measured."""

numbers = count(1)


@dataclass(frozen=True, slots=True)
class Bot:
    """A database, and the folder that it and the media lie in."""

    database: Database
    folder: Path


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the figures of an edition of 60 entries and 20 pictures, and of archives of up to a million entries."""
    with capture_logs(), tempfile.TemporaryDirectory(prefix="twimbot-bench-") as folder:
        async with _bot(Path(folder), SMALL) as small:
            figures = await _steps(small, 5 if is_quick else 25)
            for size in LARGE_QUICK if is_quick else LARGE:
                async with _bot(Path(folder), size) as large:
                    figures.append(await _growth(small, large, size, 5 if is_quick else 15))
    return figures


async def _steps(bot: Bot, repetitions: int) -> list[Figure]:
    """Measure the steps of an export, each time with texts that were never read before."""
    laps: dict[str, list[float]] = defaultdict(list)
    for week in range(1, repetitions + WARM_UP + 1):
        edition = LAST + timedelta(weeks=week)
        await _add_edition(bot, edition)
        if week <= WARM_UP:
            laps.clear()
        async with bot.database.snapshot() as records:
            with _lap(laps["joining"]):
                await _joined(records, edition)
            with _lap(laps["reading"]):
                contents = await gather(records, PUBLICATION, edition, "Edna")
        with _lap(laps["rendering"]):
            post = render(contents)
        with _lap(laps["packing"]):
            write_tree(post, media_folder(bot.folder), bot.folder / "tree")
            zip_tree(post, media_folder(bot.folder))
        with _lap(laps["linting"]):
            tool_findings(post.text, None, contents.catalogue.names)
    both = [reading + rendering for reading, rendering in zip(laps["reading"], laps["rendering"], strict=True)]
    return [
        Figure(f"rendering {ENTRIES} entries and {PICTURES} pictures", "", laps["rendering"], [], "ms", 150),
        Figure("reading and rendering them", "reading the texts and joining them", both, laps["joining"], "ms"),
        Figure("their tree and its zip, pictures from the local copy", "", laps["packing"], [], "ms"),
        Figure("what the site's linters say about the post", "", laps["linting"], [], "ms"),
    ]


async def _growth(small: Bot, large: Bot, size: int, repetitions: int) -> Figure:
    """Measure the same export with both archives, by turns, from being asked for until its answer is in the outbox."""
    edition = LAST + timedelta(weeks=1)
    await _add_edition(large, edition)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(repetitions + WARM_UP):
        for bot, laps in ((large, ours), (small, theirs)):
            with _lap(laps):
                await _export(bot, edition)
    return Figure(
        f"the whole export with an archive of {size:,} entries",
        f"of {SMALL:,}",
        ours[WARM_UP:],
        theirs[WARM_UP:],
        "ms",
        1.1,
    )


@contextmanager
def _lap(laps: list[float]) -> Iterator[None]:
    """Add how long something takes, in milliseconds."""
    start = perf_counter()
    yield
    laps.append((perf_counter() - start) * 1000)


@asynccontextmanager
async def _bot(folder: Path, entries: int) -> AsyncIterator[Bot]:
    """Make a database with an archive of so many entries; it is gone at the end, as the largest is of gigabytes."""
    with tempfile.TemporaryDirectory(prefix=f"{entries}-", dir=folder) as place:
        path = Path(place, "twimbot.db")
        make_archive(path, entries)
        media_folder(path.parent).mkdir()
        database = await Database.open(path)
        try:
            async with database.transaction() as records:
                await records.rooms.keep(KEY, "submissions", SUBMISSIONS, SUBMISSIONS)
                await records.rooms.keep(KEY, "editors", EDITORS, EDITORS)
            yield Bot(database, path.parent)
        finally:
            await database.close()


async def _add_edition(bot: Bot, edition: date) -> None:
    """Add an edition; the same one has the same texts wherever it is added."""
    random = Random(edition.toordinal())  # noqa: S311 - no secret
    sent_at = milliseconds(PUBLICATION.calendar.deadline(edition) - timedelta(days=2))
    async with bot.database.transaction() as records:
        for number, text in enumerate(texts(random, ENTRIES)):
            event_id = f"${edition}-{number}"
            entry_id = await records.entries.take_up(
                NewEntry(KEY, edition, SUBMISSIONS, event_id, ANNA, "Anna", sent_at + number, text, False, True)  # noqa: FBT003
            )
            department, project = random.choice(FILED)
            await records.entries.file(
                entry_id,
                NewFiling(department, project, decides_project=project is not None, how="command"),
                Decision(f"{event_id}-filed", EDITOR, sent_at + number),
            )
            if number < PICTURES:
                await _add_picture(bot, records, entry_id, f"{event_id}-picture", random.randbytes(PICTURE))


async def _add_picture(bot: Bot, records: Records, entry_id: int, event_id: str, content: bytes) -> None:
    mxc = f"mxc://example.org/Picture{next(numbers)}"
    await records.media.attach(
        entry_id,
        NewMedia(event_id, 0, mxc, "m.image", "A pot of tea", 0, None, is_related=True, is_history=False),
    )
    (media,) = await records.media.of_entry(entry_id)
    name = await records.media.keep(media, "png")
    assert name, mxc
    (media_folder(bot.folder) / name).write_bytes(content)


async def _joined(records: Records, edition: date) -> str:
    """Return what a post would be that took its texts as they are."""
    rows = await records.connection.execute_fetchall(
        """SELECT text FROM revision JOIN entry ON entry.id = revision.entry_id
           WHERE publication = ? AND edition = ? ORDER BY number""",
        (KEY, edition.isoformat()),
    )
    return "\n\n".join(row["text"] for row in rows)


async def _export(bot: Bot, edition: date) -> None:
    """Export an edition as the room's command does, with uploads that take no time."""
    answered = asyncio.Event()

    async def upload(data: bytes, mimetype: str, file_name: str, *, is_encrypted: bool) -> Address:
        return {"url": f"mxc://example.org/{mimetype}-{len(data)}-{file_name}-{is_encrypted}"}

    async def settle(_seconds: float) -> None:
        pass

    job = ExportJob(f"$export-{next(numbers)}", KEY, edition, EDITORS, "Edna")
    async with bot.database.transaction() as records:
        await records.journal.ask_for_export(job, 0)
    exporter = Exporter(bot.database, {KEY: PUBLICATION}, bot.folder, upload, settle, answered.set)
    running = asyncio.create_task(exporter.run())
    await answered.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

"""The database of many years is one that the bot can use."""

from datetime import timedelta
from pathlib import Path

from tests.bench.archive import LAST, make_archive
from tests.desk.scene import PUBLICATION
from twimbot.store.database import Database

KEY = PUBLICATION.key


async def test_a_made_archive_has_whole_editions_that_are_published_and_found_by_their_terms(tmp_path: Path) -> None:
    make_archive(tmp_path / "twimbot.db", 50)
    database = await Database.open(tmp_path / "twimbot.db")
    try:
        async with database.snapshot() as records:
            editions = await records.editions.with_entries(KEY)
            found = [await records.entries.of_edition(KEY, edition) for edition in editions]
            published = [await records.editions.is_published(KEY, edition) for edition in editions]
            (alike,) = await records.archive.alike(KEY, await records.archive.uses(KEY, ["word50"]), 2)
            counted = sum((await records.archive.uses(KEY, [""]))[""].values())
            waiting = await records.outbox.rooms_waiting()
    finally:
        await database.close()
    assert editions == [LAST - timedelta(weeks=ago) for ago in range(3)]
    assert [len(entries) for entries in found] == [20, 20, 10]
    assert all(entry.department and entry.project and entry.text for entries in found for entry in entries)
    assert (all(published), counted, alike.edition, waiting) == (True, 50, LAST, [])

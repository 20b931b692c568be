"""The archive in a real SQLite file: kept once, replaced whole, and apart by publication."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.store.test_database import bytes_in
from twimbot.filing.terms import terms
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.store.archive import BEGINNING, ArchiveRow
from twimbot.store.database import Database
from twimbot.store.entries import NewEntry

PEARS = ArchivedEntry(
    "@anna:example.org", "Anna", "Dept of Fruit 🍐", "Pears", "https://pears.example.org", "Ripe.\n\nAnd sweet."
)
WEEDS = ArchivedEntry(None, "Bea", None, None, None, "Out they go.")
POST = ArchivedPost(date(2026, 2, 6), "Garden News 2026-02-06", (PEARS, WEEDS))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "twimbot.db")
    yield opened
    await opened.close()


async def keep(database: Database, post: ArchivedPost, publication: str = "garden") -> bool:
    async with database.transaction() as records:
        return await records.archive.keep_post(publication, post, str.split)


async def kept(database: Database, publication: str = "garden") -> list[ArchivedPost]:
    async with database.snapshot() as records:
        return await records.archive.posts(publication)


async def test_a_post_comes_back_as_it_was_kept(database: Database) -> None:
    assert await keep(database, POST)
    assert await kept(database) == [POST]


async def test_the_same_post_again_changes_nothing(database: Database) -> None:
    await keep(database, POST)
    assert not await keep(database, POST)
    assert await kept(database) == [POST]


@pytest.mark.parametrize(
    "changed",
    [
        replace(POST, title="Garden News, the late one"),
        replace(POST, entries=(WEEDS, PEARS)),
        replace(POST, entries=(replace(PEARS, sender=None), WEEDS)),
        replace(POST, entries=(replace(PEARS, name="Ann"), WEEDS)),
        replace(POST, entries=(replace(PEARS, department=None), WEEDS)),
        replace(POST, entries=(replace(PEARS, project=None), WEEDS)),
        replace(POST, entries=(replace(PEARS, website=None), WEEDS)),
        replace(POST, entries=(replace(PEARS, text=""), WEEDS)),
        replace(POST, entries=()),
    ],
    ids=["title", "order", "sender", "name", "department", "project", "website", "text", "none"],
)
async def test_a_changed_post_takes_the_place_of_what_was_there(database: Database, changed: ArchivedPost) -> None:
    await keep(database, POST)
    assert await keep(database, changed)
    assert await kept(database) == [changed]


async def test_posts_come_in_the_order_of_their_editions(database: Database) -> None:
    later = replace(POST, edition=date(2026, 2, 13))
    await keep(database, later)
    await keep(database, POST)
    assert await kept(database) == [POST, later]


async def test_each_publication_has_an_archive_of_its_own(database: Database) -> None:
    await keep(database, POST)
    other = replace(POST, entries=(WEEDS,))
    assert await keep(database, other, "kitchen")
    assert (await kept(database), await kept(database, "kitchen")) == ([POST], [other])


async def test_what_is_learned_is_found_by_its_terms_and_forgotten_with_them(database: Database) -> None:
    async with database.transaction() as records:
        assert await records.archive.keep_post("garden", POST, str.split)
        uses = await records.archive.uses("garden", ["Ripe.", "Out", "nowhere"])
        assert uses == {"Ripe.": {"Dept of Fruit 🍐": 1}, "Out": {"": 1}}
        (alike,) = await records.archive.alike("garden", {"Ripe.": uses["Ripe."]}, 5)
        assert (alike.department, alike.edition, alike.beginning) == (PEARS.department, POST.edition, PEARS.text)
        assert alike.likeness > 0
        assert (await records.archive.uses("garden", [""]))[""] == {"Dept of Fruit 🍐": 1, "": 1}
        assert await records.archive.alike("elsewhere", uses, 5) == []
        (past,) = await records.archive.of_contributor("garden", "@anna:example.org", "Nobody", 5)
        assert past.project == "Pears"
        await records.archive.keep_post("garden", replace(POST, entries=(WEEDS,)), str.split)
        assert await records.archive.uses("garden", ["Ripe."]) == {}
        assert await records.archive.alike("garden", {"Ripe.": {"": 1}}, 5) == []


async def test_an_own_entry_s_text_is_told_from_its_revisions_and_all_of_it_learned(database: Database) -> None:
    text = f"Ripe. {'and ' * BEGINNING}"
    new = NewEntry(
        *("garden", POST.edition, "!garden:example.org", "$pears", "@anna:example.org", "Anna", 0, text),
        is_reply=False,
        is_addressed=True,
    )
    async with database.transaction() as records:
        entry_id = await records.entries.take_up(new)
        for end in ("sweet", "sour"):
            entry = replace(PEARS, text=f"{text}\n\n{end}")
            await records.archive.learn(ArchiveRow("garden", POST.edition, 1, entry, entry_id=entry_id), str.split)
            uses = await records.archive.uses("garden", ["sweet", "sour"])
            assert uses == {end: {"Dept of Fruit 🍐": 1}}
            (alike,) = await records.archive.alike("garden", uses, 5)
            assert (alike.beginning, alike.likeness > 0) == (text[:BEGINNING], True)
            assert await records.archive.uses("garden", ["sweet", "sour", ""], but=entry_id) == {}
            rows = await records.connection.execute_fetchall("SELECT text FROM archive_entry")
            assert [row["text"] for row in rows] == [None]
        await records.archive.forget(entry_id)
        assert await records.connection.execute_fetchall("SELECT term FROM archive_term") == []


async def test_what_is_learned_again_unchanged_is_not_written_again(database: Database) -> None:
    async with database.transaction() as records:
        new = NewEntry(
            *("garden", POST.edition, "!garden:example.org", "$pears", "@anna:example.org", "Anna", 0, PEARS.text),
            is_reply=False,
            is_addressed=True,
        )
        row = ArchiveRow("garden", POST.edition, 1, PEARS, entry_id=await records.entries.take_up(new))
        await records.archive.learn(row, str.split)
        before = records.connection.direct.total_changes
        await records.archive.learn(row, str.split)
        assert records.connection.direct.total_changes == before


async def test_the_words_of_what_is_forgotten_are_gone_from_the_file(tmp_path: Path, database: Database) -> None:
    await keep(database, replace(POST, entries=(WEEDS, replace(PEARS, text="An unmistakable word."))))
    await database.checkpoint()
    assert b"unmistakable" in bytes_in(tmp_path)
    await keep(database, replace(POST, entries=(WEEDS,)))
    async with database.transaction() as records:
        await records.archive.wipe()
    await database.checkpoint()
    assert b"unmistakable" not in bytes_in(tmp_path)


async def test_terms_that_everything_has_are_looked_up_by_none(database: Database) -> None:
    async with database.snapshot() as records:
        assert await records.archive.alike("garden", {"and": {"": 100_000}}, 5) == []
        assert await records.archive.alike("garden", {}, 5) == []


async def test_what_is_alike_costs_the_same_beside_a_larger_publication(database: Database) -> None:
    steps: list[int] = []

    async def look_up() -> int:
        steps.clear()
        async with database.snapshot() as records:
            records.connection.direct.set_progress_handler(lambda: steps.append(1), 1)
            (found,) = await records.archive.alike("garden", {"Ripe.": {"": 1}}, 5)
            records.connection.direct.set_progress_handler(lambda: None, 0)
        assert found.department == PEARS.department
        return len(steps)

    await keep(database, POST)
    alone = await look_up()
    await keep(database, replace(POST, entries=(PEARS,) * 300), "kitchen")
    assert await look_up() <= alone


LINKS = st.builds("http://{}/a".format, st.text(min_size=1, max_size=12))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.one_of(st.text(max_size=20), LINKS), min_size=1, max_size=4).map(" ".join))
@example(text="See http://a|b.example.org/x and http://under_score.example.org")
@example(text="\ua7d1\ua7d3 \U0001e030 \u0345")
async def test_whatever_is_kept_is_found_by_all_of_its_terms(database: Database, text: str) -> None:
    """What the index takes apart otherwise than the terms would end the bot, whoever writes it."""
    async with database.transaction() as records:
        await records.archive.keep_post("garden", replace(POST, entries=(replace(PEARS, text=text),)), terms)
        uses = await records.archive.uses("garden", terms(text))
        assert uses.keys() == terms(text)
        assert len(await records.archive.alike("garden", uses, 5)) == bool(uses)
        for term in uses:
            assert len(await records.archive.alike("garden", {term: uses[term]}, 5)) == 1, term

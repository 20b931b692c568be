"""Many events on one entry: what each costs does not grow with those before it."""

import asyncio
from datetime import datetime, timedelta
from itertools import groupby

import pytest

from tests.desk.scene import BOT, EDITOR, NOW, PUBLICATION, TEXT, Scene
from twimbot.desk.desk import Desk

SUBQUERIES = {"entry_now": "event_id = '$entry'", "passage_now": "entry_id = 1", "media_now": "entry_id = 1"}


@pytest.mark.parametrize(("view", "condition"), SUBQUERIES.items())
async def test_the_present_is_found_without_sorting_the_past(scene: Scene, view: str, condition: str) -> None:
    """A plan that sorts reads every edit and decision of an entry, for each further event on it."""
    async with scene.database.snapshot() as records:
        statement = f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE {condition}"  # noqa: S608 - constants
        plan = [row["detail"] for row in await records.connection.execute_fetchall(statement)]
    assert any("SEARCH" in step for step in plan)
    assert not [step for step in plan if "TEMP B-TREE" in step or step.startswith("SCAN")]


async def test_ten_thousand_reactions_of_strangers_leave_no_row(scene: Scene) -> None:
    target = await scene.submitted()
    before = await _rows(scene)
    scene.moment -= 10_000 * 1000
    reactions = [scene.reaction(f"@stranger-{n}:example.org", target, "❌") for n in range(10_000)]
    await scene.happen(*reactions)
    assert await _rows(scene) == before
    assert not (await scene.entry()).is_dropped


async def test_others_go_on_beside_a_long_batch(scene: Scene) -> None:
    course: list[str] = []

    def clock() -> datetime:  # every submission asks it
        course.append("desk")
        return NOW

    async def go_on() -> None:
        while True:
            course.append("others")
            await asyncio.sleep(0)

    scene.desk = Desk(scene.database, {"news": PUBLICATION}, BOT, clock)
    others = asyncio.create_task(go_on())
    await scene.happen(*(scene.message(EDITOR, f"News: {TEXT}") for _ in range(5)))
    others.cancel()
    assert [who for who, _ in groupby(course)].count("desk") >= 5


@pytest.mark.parametrize(("command", "after"), [("refile", timedelta()), ("published 2026-02-06", timedelta(days=4))])
async def test_others_go_on_beside_a_command_about_all_entries(scene: Scene, command: str, after: timedelta) -> None:
    course: list[str] = []

    async def go_on() -> None:
        while True:
            course.append("others")
            await asyncio.sleep(0)

    await scene.happen(*(scene.message(EDITOR, f"News: {TEXT}") for _ in range(20)))
    scene.now += after
    scene.moment += after // timedelta(milliseconds=1)
    async with scene.database.transaction() as records:
        records.connection.direct.set_trace_callback(lambda _: course.append("desk"))
    others = asyncio.create_task(go_on())
    await scene.happen(scene.command(EDITOR, command))
    others.cancel()
    assert [who for who, _ in groupby(course)].count("desk") >= 20


async def _rows(scene: Scene) -> dict[str, int]:
    """Return how many rows each table has."""
    async with scene.database.snapshot() as records:
        tables = await records.connection.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
        counts = {}
        for table in tables:
            statement = f"SELECT count(*) FROM {table['name']}"  # noqa: S608 - the schema's own name
            ((counts[table["name"]],),) = await records.connection.execute_fetchall(statement)
    return counts

"""Raw events of any shape: no exception leaves the desk, none fails, none blocks the next, nothing is half-recorded."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.desk.scene import ANNA, EDITORS, PINGS, SUBMISSIONS, TEXT, open_scene
from tests.fuzz.malforming import KNOWN, VALID, odd_events
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.event import Event, read_event

AFTER = "NEWS: What comes after an odd event is taken up like anything else."
HALVES = """
SELECT 'an entry without a text' FROM entry
WHERE NOT is_deleted AND NOT EXISTS (SELECT 1 FROM revision WHERE entry_id = entry.id AND is_original)
UNION ALL SELECT 'a passage without a text' FROM passage
WHERE NOT EXISTS (SELECT 1 FROM revision WHERE passage_id = passage.id AND is_original)
UNION ALL SELECT 'an entry without an acknowledgement' FROM entry
WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE subject = entry.event_id AND purpose = 'react ✅')
UNION ALL SELECT 'a row that belongs to nothing' FROM pragma_foreign_key_check
"""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """Run the desk's work beside hypothesis, which knows no coroutines."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def start(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database that holds an entry with a picture, to be copied."""
    folder = tmp_path_factory.mktemp("start")

    async def fill() -> None:
        async with open_scene(folder) as scene:
            entry = {**scene.message(ANNA, f"NEWS: {TEXT}"), "event_id": KNOWN}
            picture = scene.picture(ANNA, **{"m.relates_to": {"m.in_reply_to": {"event_id": KNOWN}}})
            await scene.happen(entry, picture)

    runner.run(fill())
    return folder / "twimbot.db"


async def meet(folder: Path, raw: object) -> None:
    """Let an odd event and then a good one come in one batch, and look at what is left behind."""
    async with open_scene(folder) as scene:
        room = raw.get("room_id") if isinstance(raw, dict) else None
        after = scene.message(ANNA, AFTER)
        rooms: dict[str, list[Event]] = {}
        for each, room_id in ((raw, room if room in (EDITORS, PINGS) else SUBMISSIONS), (after, SUBMISSIONS)):
            event = read_event(each, room_id)
            if event:
                rooms.setdefault(room_id, []).append(event)
        batch = Batch(tuple(RoomEvents(room_id, tuple(events)) for room_id, events in rooms.items()))
        await scene.desk.references(batch)
        await scene.desk.record(batch, {})
        async with scene.database.snapshot() as records:
            halves = [tuple(row) for row in await records.connection.execute_fetchall(HALVES)]
            taken_up = await records.entries.by_event(after["event_id"])
        assert await scene.failures() == []
        assert halves == []
        assert taken_up is not None
        assert not [said for said in (*await scene.said(), *await scene.said(EDITORS)) if "wrong" in said]


EXAMPLES = int(os.environ.get("TWIMBOT_FUZZ_EXAMPLES", "60"))


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd_events())
def test_an_event_of_any_shape_is_read_or_ignored(
    runner: asyncio.Runner, start: Path, tmp_path: Path, raw: object
) -> None:
    shutil.copy(start, tmp_path / "twimbot.db")
    runner.run(meet(tmp_path, raw))


@pytest.mark.parametrize("number", range(len(VALID)))
def test_the_events_that_are_made_odd_are_read_as_they_are(number: int) -> None:
    assert read_event(VALID[number], SUBMISSIONS) is not None

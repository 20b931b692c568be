"""Whose word for the time is taken, and what stands in its place where it can't be right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.desk.scene import ANNA, BEN, SUBMISSIONS, TEXT, Scene
from twimbot.desk.moments import Moments
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.event import Redaction

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
T = milliseconds(NOW)
DAY, HOUR = 24 * 3600 * 1000, 3600 * 1000
FAR = T + 1000 * DAY


@pytest.mark.parametrize(
    ("sent", "believed"),
    [
        ([T - 5, T - 4], [T - 5, T - 4]),
        ([T - HOUR, FAR, T - 4], [T - HOUR, T - HOUR + 1, T - 4]),
        ([FAR, 0, T - 4], [T - 4, T - 3, T - 4]),
        ([FAR], [T]),
        ([FAR, FAR], [T, T + 1]),
        ([T - DAY, 0, FAR], [T - DAY, T - DAY + 1, T - DAY + 2]),
        ([T + HOUR // 2], [T + HOUR // 2]),
    ],
)
def test_a_time_that_is_not_believed_is_that_of_its_place(sent: list[int], believed: list[int]) -> None:
    events = tuple(Redaction(f"${number}", "!a", "@a:example.org", time, "$x") for number, time in enumerate(sent))
    timed = Moments(NOW, T - DAY).of_batch(Batch((RoomEvents("!a", events),)))
    assert [event.sent_at for event in timed.rooms[0].events] == believed


def test_what_is_fetched_is_believed_as_what_is_heard() -> None:
    event = Redaction("$a", "!a", "@a:example.org", 0, "$x")
    moments = Moments(NOW, T - DAY)
    moments.of_batch(Batch((RoomEvents("!a", (replace(event, sent_at=T - 5),)),)))
    assert moments.of_fetched({"$a": event})["$a"].sent_at == T - 4


async def test_an_edit_from_the_far_future_gives_way_to_later_ones_in_one_batch(scene: Scene) -> None:
    target = await scene.submitted()
    scene.now += timedelta(minutes=1)
    for_ever = scene.edit(ANNA, target, f"NEWS: {TEXT} For ever.") | {"origin_server_ts": FAR}
    await scene.happen(for_ever, scene.edit(ANNA, target, f"NEWS: {TEXT} Mended."))
    assert (await scene.entry()).text == f"{TEXT} Mended."


async def test_a_room_that_was_lost_for_weeks_is_believed_when_it_is_read_again(scene: Scene) -> None:
    """The other rooms were heard meanwhile, so the reading position is fresh."""
    await scene.submitted(BEN)
    async with scene.database.transaction() as records:
        await records.connection.execute(
            "UPDATE room SET loss = 'out', lost_at = ? WHERE room_id = ?", (T - 21 * DAY, SUBMISSIONS)
        )
    await scene.happen(scene.message(ANNA, f"NEWS: {TEXT}") | {"origin_server_ts": T - 20 * DAY})
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT edition FROM entry WHERE sender = ?", (ANNA,))
    assert [row["edition"] for row in rows] == ["2026-01-16"]


@pytest.mark.parametrize(
    ("is_read_back", "heard", "believed"),
    [(False, T, T), (True, T, T - 10 * DAY), (False, T - 11 * DAY, T - 10 * DAY), (False, None, T - 10 * DAY)],
)
def test_a_late_date_is_believed_only_where_there_was_a_gap(
    *, is_read_back: bool, heard: int | None, believed: int
) -> None:
    event = Redaction("$a", "!a", "@a:example.org", T - 10 * DAY, "$x")
    timed = Moments(NOW, heard).of_batch(Batch((RoomEvents("!a", (event,), is_read_back=is_read_back),)))
    assert timed.rooms[0].events[0].sent_at == believed


def test_the_gap_of_a_room_is_no_other_rooms() -> None:
    event = Redaction("$a", "!a", "@a:example.org", T - 10 * DAY, "$x")
    rooms = tuple(RoomEvents(room, (replace(event, room_id=room),)) for room in ("!a", "!b"))
    timed = Moments(NOW, T, {"!b": T - 11 * DAY}).of_batch(Batch(rooms))
    assert [room.events[0].sent_at for room in timed.rooms] == [T, T - 10 * DAY]

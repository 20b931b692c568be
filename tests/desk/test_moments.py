"""Whose clock is believed, and what becomes of the times of others."""

from datetime import timedelta

import pytest

from tests.desk.scene import ANNA, NOW, SUBMISSIONS, TEXT, Scene
from twimbot.desk.moments import AHEAD, BEHIND, Moments
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.calendar import LATEST, milliseconds
from twimbot.model.event import Content, Edit, Message

PRESENT = milliseconds(NOW)
CONTENT = Content("m.text", TEXT)


def message(sent_at: int, replacement: Edit | None = None) -> Message:
    return Message("$message", SUBMISSIONS, ANNA, sent_at, CONTENT, replacement=replacement)


def in_milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("sent_at", "is_believed"),
    [
        (PRESENT, True),
        (PRESENT + in_milliseconds(AHEAD) - 1, True),
        (PRESENT + in_milliseconds(AHEAD), False),
        (LATEST, False),
        (PRESENT - in_milliseconds(BEHIND), True),
        (PRESENT - in_milliseconds(BEHIND) - 1, False),
        (0, False),
    ],
)
def test_a_time_is_believed_within_bounds(sent_at: int, *, is_believed: bool) -> None:
    batch = Batch((RoomEvents(SUBMISSIONS, (message(sent_at),)),))
    (room,) = Moments(NOW, PRESENT).of_batch(batch).rooms
    assert room.events[0].sent_at == (sent_at if is_believed else PRESENT)


def test_times_that_are_not_believed_keep_their_order() -> None:
    events = (message(LATEST), message(LATEST), message(PRESENT))
    (room,) = Moments(NOW, PRESENT).of_batch(Batch((RoomEvents(SUBMISSIONS, events),))).rooms
    assert [event.sent_at - PRESENT for event in room.events] == [0, 1, 0]


def test_the_edit_beside_a_message_is_no_more_believed() -> None:
    edit = Edit("$edit", SUBMISSIONS, ANNA, LATEST, "$message", CONTENT)
    fetched = Moments(NOW, None).of_fetched({"$message": message(0, edit)})["$message"]
    assert isinstance(fetched, Message)
    assert fetched.replacement is not None
    assert (fetched.sent_at, fetched.replacement.sent_at) == (0, PRESENT)


async def test_an_edit_from_the_far_future_gives_way_to_the_next_one(scene: Scene) -> None:
    target = await scene.submitted()
    edit = {**scene.edit(ANNA, target, f"NEWS: {TEXT} For ever."), "origin_server_ts": LATEST}
    await scene.happen(edit, scene.edit(ANNA, target, f"NEWS: {TEXT} Mended."))
    assert (await scene.entry()).text == f"{TEXT} Mended."


@pytest.mark.parametrize("sent_at", [0, -1, LATEST, 2**63])
async def test_a_submission_from_another_time_is_in_the_present_edition(scene: Scene, sent_at: int) -> None:
    await scene.submitted()
    await scene.happen({**scene.message(ANNA, f"NEWS: {TEXT} Again."), "origin_server_ts": sent_at})
    assert [entry.number for entry in await scene.entries()] == [1, 2]

"""Whose names are asked for, as neither the homeserver's state nor the store tells them."""

import pytest

from tests.desk.scene import ANNA, SUBMISSIONS, TEXT, Scene
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.event import Event, Membership, read_event

CLARA = "@clara:example.org"


def read(scene: Scene, sender: str, body: str) -> Event:
    event = read_event(scene.message(sender, body), SUBMISSIONS)
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("sender", "body", "expected"),
    [
        (CLARA, f"NEWS: {TEXT}", [(SUBMISSIONS, CLARA)]),
        (CLARA, TEXT, []),
        (ANNA, f"NEWS: {TEXT}", []),
    ],
)
async def test_who_addresses_the_bot_and_is_unknown_is_asked_for(
    scene: Scene, sender: str, body: str, expected: list[tuple[str, str]]
) -> None:
    batch = Batch((RoomEvents(SUBMISSIONS, (read(scene, sender, body),)),))
    assert await scene.desk.strangers(batch, {}) == expected


async def test_whose_message_was_fetched_is_asked_for(scene: Scene) -> None:
    message = read(scene, CLARA, TEXT)
    assert await scene.desk.strangers(Batch(()), {message.event_id: message}) == [(SUBMISSIONS, CLARA)]


async def test_whom_the_batch_or_the_store_tells_is_not_asked_for(scene: Scene) -> None:
    message = read(scene, CLARA, f"NEWS: {TEXT}")
    joined = Membership("$join", SUBMISSIONS, CLARA, 0, CLARA, "join", None)
    batch = Batch((RoomEvents(SUBMISSIONS, (message,), (joined,)),))
    assert await scene.desk.strangers(batch, {}) == []
    await scene.desk.record(batch, {})
    assert await scene.desk.strangers(Batch((RoomEvents(SUBMISSIONS, (message,)),)), {}) == []

"""Kicked or banned with their messages deleted (MSC4293): what they said in the room goes as if each were deleted."""

from collections.abc import Iterable

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, SUBMISSIONS, TEXT, Scene
from twimbot.model.event import read_event

TABLES = ("revision", "passage", "media", "caption", "take_up", "follower", "undecrypted", "proposal", "failed_event")


async def left(scene: Scene, tables: Iterable[str] = TABLES) -> dict[str, int]:
    """Return how many rows the tables have, without those that have none."""
    async with scene.database.snapshot() as records:
        counts = {
            table: len(list(await records.connection.execute_fetchall(f"SELECT 1 FROM {table}")))  # noqa: S608 - names above
            for table in tables
        }
    return {table: count for table, count in counts.items() if count}


@pytest.mark.parametrize(
    ("sender", "membership", "key", "erases", "is_deleted"),
    [
        (EDITOR, "ban", "redact_events", True, True),
        (EDITOR, "leave", "redact_events", True, True),
        (EDITOR, "ban", "org.matrix.msc4293.redact_events", True, True),
        (EDITOR, "leave", "org.matrix.msc4293.redact_events", True, True),
        (EDITOR, "ban", "redact_events", "true", False),
        (EDITOR, "ban", "redact_events", 1, False),
        (EDITOR, "ban", "redact_events", False, False),
        (EDITOR, "invite", "redact_events", True, False),
        (EDITOR, "knock", "redact_events", True, False),
        (ANNA, "leave", "redact_events", True, False),
        (ANNA, "join", "redact_events", True, False),
    ],
)
async def test_only_a_kick_or_ban_that_says_so_deletes(
    scene: Scene, sender: str, membership: str, key: str, erases: object, *, is_deleted: bool
) -> None:
    await scene.submitted()
    await scene.happen(scene.put_out(sender, ANNA, membership, key=key, erases=erases))
    assert (await scene.entries() == []) is is_deleted


async def test_nothing_that_was_said_is_left_in_the_store(scene: Scene) -> None:
    target = await scene.submitted()
    below = {"rel_type": "m.thread", "event_id": target}
    picture = scene.picture(ANNA, "AbCdEf", filename="a.png", body="My cat", **{"m.relates_to": below})
    lone = scene.message(ANNA, "A word below nothing", **{"m.relates_to": {**below, "event_id": "$nothing"}})
    secret = scene.event(ANNA, "m.room.encrypted", {"session_id": "S", "ciphertext": "x"})
    async with scene.database.transaction() as records:
        await records.rooms.note_encryption(SUBMISSIONS)
        broken = read_event(scene.message(ANNA, "broken"), SUBMISSIONS)
        assert broken is not None
        await records.journal.note_failure(broken, "a traceback", 0)
    await scene.happen(
        scene.edit(ANNA, target, f"NEWS: {TEXT} And so on."),
        scene.message(ANNA, "It is faster, too.", **{"m.relates_to": below}),
        picture,
        lone,
        secret,
        scene.message(ANNA, "NEWS: tiny"),
        scene.reaction(EDITOR, target, "🏢"),
    )
    assert set(await left(scene)) >= {"revision", "passage", "media", "follower", "undecrypted", "failed_event"}
    await scene.happen(scene.put_out(EDITOR, ANNA))
    assert await left(scene) == {}
    assert await scene.entries() == []
    assert await scene.said() == []


async def test_what_they_did_to_others_is_undone(scene: Scene) -> None:
    target = await scene.submitted(BEN)
    await scene.happen(scene.reaction(EDITOR, target, "📱"), scene.reaction(EDITOR, target, "❌"))
    assert (await scene.entry()).is_dropped
    await scene.happen(scene.put_out(ANNA, EDITOR))
    entry = await scene.entry()
    assert (entry.is_dropped, entry.department, entry.text) == (False, None, TEXT)


async def test_what_an_editor_has_taken_up_goes_with_their_sign(scene: Scene) -> None:
    message = scene.message(BEN, TEXT)
    await scene.hear(message)
    await scene.hear(scene.reaction(EDITOR, message["event_id"], "⭕"))
    assert len(await scene.entries()) == 1
    await scene.happen(scene.put_out(ANNA, EDITOR))
    assert await scene.entries() == []


async def test_others_and_other_rooms_keep_what_they_said(scene: Scene) -> None:
    await scene.submitted(BEN)
    await scene.submitted()
    await scene.happen(scene.put_out(EDITOR, BEN), scene.put_out(EDITOR, ANNA, "ban", EDITORS))
    assert [entry.sender for entry in await scene.entries()] == [ANNA]


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_what_they_say_after_coming_back_stays(scene: Scene, *, is_one_batch: bool) -> None:
    events = [
        scene.message(ANNA, f"NEWS: {TEXT}"),
        scene.put_out(EDITOR, ANNA, "leave"),
        scene.event(ANNA, "m.room.member", {"membership": "join", "displayname": "Anna"}, state_key=ANNA),
        scene.message(ANNA, "NEWS: Fernglas 1.5 is out, and I am back to tell it."),
    ]
    for batch in [events] if is_one_batch else [[event] for event in events]:
        await scene.happen(*batch)
    assert [entry.text for entry in await scene.entries()] == ["Fernglas 1.5 is out, and I am back to tell it."]


async def test_heard_again_it_changes_nothing(scene: Scene) -> None:
    kick = scene.put_out(EDITOR, ANNA, "leave")
    await scene.submitted()
    await scene.happen(kick)
    await scene.submitted(ANNA, "Fernglas 1.5 is out, and I am back to tell it.")
    before = (await scene.entries(), await left(scene, (*TABLES, "outbox", "entry", "carried_out")))
    await scene.happen(kick)
    assert (await scene.entries(), await left(scene, (*TABLES, "outbox", "entry", "carried_out"))) == before


async def test_a_message_at_hand_is_not_taken_up_afterwards(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    await scene.happen(message, scene.put_out(EDITOR, ANNA), scene.reaction(EDITOR, message["event_id"], "⭕"))
    assert await scene.entries() == []


async def test_history_that_the_homeserver_has_emptied_makes_no_entry(scene: Scene) -> None:
    emptied = {**scene.message(ANNA, ""), "content": {}, "unsigned": {"redacted_because": {"type": "m.room.member"}}}
    await scene.happen(
        emptied,
        scene.reaction(EDITOR, emptied["event_id"], "⭕"),
        scene.put_out(EDITOR, ANNA),
        first_reading=True,
    )
    assert await scene.entries() == []


async def test_an_answer_that_quotes_them_is_not_given_any_more(scene: Scene) -> None:
    await scene.submitted()
    await scene.happen(scene.command(EDITOR, "list"))
    assert len(await scene.said(EDITORS)) == 1
    await scene.happen(scene.put_out(EDITOR, ANNA))
    assert await scene.said(EDITORS) == []


async def test_the_bot_s_own_ban_deletes_nothing_of_others(scene: Scene) -> None:
    await scene.submitted()
    await scene.happen(scene.put_out(EDITOR, "@stranger:example.org"))
    assert len(await scene.entries()) == 1

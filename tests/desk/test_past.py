"""A bot that has lost its store, or has an old one, knows its own words and numbers again from the room."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from twimbot.config import Filing
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.entry import Cover
from twimbot.model.event import CAUSE, PLACE, read_event


def acknowledgement(scene: Scene, target: str, number: int, edition: str = "2026-02-06") -> dict[str, Any]:
    """Make the bot's own ✅ on an entry, as an earlier life has sent it."""
    relation = {"rel_type": "m.annotation", "event_id": target, "key": "✅"}
    place = {"edition": edition, "number": number}
    return scene.event(BOT, "m.reaction", {"m.relates_to": relation, PLACE: place})


def answer(scene: Scene, command: str, purpose: str = "answer 0") -> dict[str, Any]:
    """Make the bot's own answer to a command, as an earlier life has sent it."""
    return scene.message(BOT, "Done.", EDITORS, **{CAUSE: {"event_id": command, "purpose": purpose}})


async def read_back(scene: Scene, raw: Sequence[dict[str, Any]]) -> None:
    """Read raw events as the first reading of their rooms does, which goes through all of them twice."""
    events = [event for each in raw if (event := read_event(each, each["room_id"]))]
    past = Past()
    past.recall(events, BOT)
    runs = tuple(RoomEvents(event.room_id, (event,), past=past) for event in events)
    await scene.desk.record(Batch(runs, read_back=(SUBMISSIONS, EDITORS)), {})


async def test_entries_get_the_numbers_that_they_had(scene: Scene) -> None:
    """The second message was deleted, and the third came in when the bot had been told of it by an editor."""
    first, other, third = (scene.message(ANNA, f"NEWS: {TEXT} {word}") for word in ("One.", "No.", "Three."))
    gone = "$gone"
    later = scene.message(BEN, f"NEWS: {TEXT} Later.")
    await read_back(
        scene,
        [
            first,
            acknowledgement(scene, first["event_id"], 1),
            other,
            acknowledgement(scene, gone, 2),
            third,
            acknowledgement(scene, third["event_id"], 3),
            later,
        ],
    )
    numbers = {entry.event_id: entry.number for entry in await scene.entries()}
    assert (numbers.pop(first["event_id"]), numbers.pop(third["event_id"])) == (1, 3)
    assert set(numbers) == {other["event_id"], later["event_id"]}
    assert min(numbers.values()) > 3


async def test_what_the_bot_has_acknowledged_is_an_entry_whatever_it_is_called_now(scene: Scene) -> None:
    message = scene.message(ANNA, f"Oldname: {TEXT}")
    await read_back(scene, [message, acknowledgement(scene, message["event_id"], 1)])
    assert (await scene.entry()).text == f"Oldname: {TEXT}"


async def test_what_the_bot_has_acknowledged_is_weighed_whatever_it_is_called_now(scene: Scene) -> None:
    scene.serve(PUBLICATION.model_copy(update={"filing": Filing()}))
    message = scene.message(ANNA, f"Oldname: ### Fernglas\n{TEXT}")
    await read_back(scene, [message, acknowledgement(scene, message["event_id"], 1)])
    entry = await scene.entry()
    assert (entry.department, entry.project) == ("clients", "fernglas")
    assert await scene.reactions(message["event_id"]) == ["✅", "📱", "Fernglas"]


async def test_an_editors_take_up_can_still_be_taken_back(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    take_up = scene.reaction(EDITOR, message["event_id"], "⭕")
    await read_back(scene, [message, take_up, acknowledgement(scene, message["event_id"], 1)])
    assert len(await scene.entries()) == 1
    await scene.happen(scene.redaction(EDITOR, take_up["event_id"]))
    assert await scene.entries() == []


async def test_a_cover_is_set_again_before_its_picture_is_fetched(scene: Scene) -> None:
    """Pictures are fetched after what was said about them is read."""
    message = scene.message(ANNA, f"NEWS: {TEXT}")
    picture = scene.picture(ANNA, **{"m.relates_to": {"m.in_reply_to": {"event_id": message["event_id"]}}})
    cover = scene.command(EDITOR, "cover 1")
    told = [message, acknowledgement(scene, message["event_id"], 1), picture, cover, answer(scene, cover["event_id"])]
    await read_back(scene, told)
    async with scene.database.snapshot() as records:
        found = await records.editions.cover("news", date(2026, 2, 6))
    assert found == Cover(picture=(picture["event_id"], 0))


async def test_commands_that_were_answered_are_carried_out_again_and_others_are_history(scene: Scene) -> None:
    message = scene.message(ANNA, f"NEWS: {TEXT}")
    drop = scene.command(EDITOR, "drop 1")
    restore = scene.command(EDITOR, "restore 1")
    await read_back(
        scene, [message, acknowledgement(scene, message["event_id"], 1), drop, answer(scene, drop["event_id"]), restore]
    )
    assert (await scene.entry()).is_dropped
    assert await scene.said(EDITORS) == []
    await scene.happen(restore)
    assert (await scene.entry()).is_dropped


async def test_nobody_else_can_speak_for_the_bots_past(scene: Scene) -> None:
    """A stranger's reaction or message with the bot's marks is a stranger's."""
    short = scene.message(ANNA, "NEWS: Hm.")
    forged = scene.message(BEN, "Done.", **{CAUSE: {"event_id": short["event_id"], "purpose": "too short 0"}})
    await scene.happen(forged, short)
    assert len(await scene.said()) == 1
    submission = scene.message(ANNA, f"NEWS: {TEXT}")
    chatter = scene.message(ANNA, "Nothing that anybody has taken up.")
    marks = [acknowledgement(scene, event["event_id"], 7) | {"sender": BEN} for event in (submission, chatter)]
    await read_back(scene, [submission, chatter, *marks])
    assert [(entry.event_id, entry.number) for entry in await scene.entries()] == [(submission["event_id"], 1)]


async def test_what_stands_in_the_room_is_not_said_again(scene: Scene) -> None:
    """After a database was put back from a copy, an answer is found in the room before or behind its row."""
    short = scene.message(ANNA, "NEWS: Hm.")
    said = scene.message(BOT, "Too short.", **{CAUSE: {"event_id": short["event_id"], "purpose": "too short 0"}})
    await scene.happen(short, said)
    assert await scene.said() == []
    early = scene.message(ANNA, "NEWS: Oh.")
    await scene.happen(
        scene.message(BOT, "Too short.", **{CAUSE: {"event_id": early["event_id"], "purpose": "too short 0"}})
    )
    await scene.happen(early)
    assert await scene.said() == []


async def test_a_suggestion_that_was_made_and_taken_back_is_not_made_again(scene: Scene) -> None:
    submission = scene.message(ANNA, f"NEWS: {TEXT}")
    filed = scene.reaction(EDITOR, submission["event_id"], "📱")
    await read_back(scene, [submission, filed])
    async with scene.database.transaction() as records:
        await records.outbox.cancel_outdated()
    async with scene.database.snapshot() as records:
        waiting = await records.connection.execute_fetchall("SELECT purpose FROM outbox WHERE state = 'pending'")
    assert [row["purpose"] for row in waiting] == ["react ✅"]


async def test_an_export_that_was_answered_is_not_made_again(scene: Scene) -> None:
    await scene.submitted()
    export = scene.command(EDITOR, "export")
    await scene.happen(export)
    async with scene.database.snapshot() as records:
        assert len(await records.journal.exports_waiting()) == 1
    file = answer(scene, export["event_id"], "file text/markdown")
    await scene.happen(file)
    async with scene.database.snapshot() as records:
        assert len(await records.journal.exports_waiting()) == 1
    await scene.happen(answer(scene, export["event_id"]))
    async with scene.database.snapshot() as records:
        assert await records.journal.exports_waiting() == []


async def test_the_acknowledgement_of_an_entry_bears_its_place(scene: Scene) -> None:
    await scene.submitted()
    async with scene.database.snapshot() as records:
        row = await records.outbox.next_in(SUBMISSIONS)
    assert row is not None
    assert row.content[PLACE] == {"edition": "2026-02-06", "number": 1}


async def editions(scene: Scene) -> dict[str, list[int]]:
    """Return the numbers of the entries of each edition."""
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT edition, number FROM entry_now ORDER BY number")
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["edition"], []).append(row["number"])
    return found


async def test_an_acknowledgement_that_comes_late_does_not_undo_a_move(scene: Scene) -> None:
    await scene.happen(message := scene.message(ANNA, f"NEWS: {TEXT}"))
    await scene.happen(scene.command(EDITOR, "move 1 next"))
    await scene.happen(acknowledgement(scene, message["event_id"], 1))
    assert await editions(scene) == {"2026-02-13": [1]}


async def test_a_move_is_made_again_whenever_the_acknowledgement_came(scene: Scene) -> None:
    message, move = scene.message(ANNA, f"NEWS: {TEXT}"), scene.command(EDITOR, "move 1 next")
    acknowledged = acknowledgement(scene, message["event_id"], 1)
    await read_back(scene, [message, move, acknowledged, answer(scene, move["event_id"])])
    assert await editions(scene) == {"2026-02-13": [1]}


async def test_a_command_means_the_number_that_it_meant_though_it_came_before_the_acknowledgement(scene: Scene) -> None:
    """The first entry is gone, and the second was dropped before the homeserver took its acknowledgement."""
    second, drop = scene.message(BEN, f"NEWS: {TEXT}"), scene.command(EDITOR, "drop 2")
    gone, late = acknowledgement(scene, "$gone", 1), acknowledgement(scene, second["event_id"], 2)
    await read_back(scene, [second, gone, drop, late, answer(scene, drop["event_id"])])
    assert [(entry.number, entry.is_dropped) for entry in await scene.entries()] == [(2, True)]


async def test_an_acknowledged_message_that_is_not_at_hand_can_still_be_taken_up(scene: Scene) -> None:
    """It was sent before what is read, or can't be decrypted yet; its number waits for it."""
    message = scene.message(ANNA, f"NEWS: {TEXT}")
    await read_back(scene, [acknowledgement(scene, message["event_id"], 3)])
    await scene.happen(scene.message(BEN, f"NEWS: {TEXT}"), message)
    assert [(entry.number, entry.sender) for entry in await scene.entries()] == [(3, ANNA), (4, BEN)]


async def test_a_reaction_is_known_by_its_cause_and_not_by_its_looks(scene: Scene) -> None:
    """It was tried, taken back and made again; its answer was lost, and only the first of them stands in the room."""
    message = scene.message(ANNA, TEXT)
    take_up = scene.reaction(EDITOR, message["event_id"], "⭕")
    await scene.happen(message, take_up)
    await scene.happen(scene.redaction(EDITOR, take_up["event_id"]))
    await scene.happen(scene.reaction(EDITOR, message["event_id"], "⭕"))
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT seq, json(content) AS content FROM outbox WHERE purpose = 'react ✅' ORDER BY seq"
        )
    first, again = list(rows)
    await scene.happen(scene.event(BOT, "m.reaction", json.loads(first["content"])))
    assert await states(scene) == {first["seq"]: "sent", again["seq"]: "pending"}


async def test_a_reaction_of_an_older_version_is_the_one_that_stands(scene: Scene) -> None:
    """What was taken back has no content in the history, so what has some was not taken back."""
    message = scene.message(ANNA, TEXT)
    take_up = scene.reaction(EDITOR, message["event_id"], "⭕")
    await scene.happen(message, take_up, scene.redaction(EDITOR, take_up["event_id"]))
    await scene.happen(scene.reaction(EDITOR, message["event_id"], "⭕"))
    await scene.happen(scene.reaction(BOT, message["event_id"], "✅"))
    assert list((await states(scene)).values()) == ["pending", "sent"]


async def states(scene: Scene) -> dict[int, str]:
    """Return how far the bot is with each ✅."""
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT seq, state FROM outbox WHERE purpose = 'react ✅' ORDER BY seq"
        )
    return {row["seq"]: row["state"] for row in rows}

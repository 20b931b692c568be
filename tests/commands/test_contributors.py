"""What contributors ask the bot about their own entries, and what they are told."""

import json
from datetime import timedelta

import pytest

from tests.commands.test_commands import ask
from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, NOW, SUBMISSIONS, Scene
from twimbot.model.calendar import milliseconds

NOTHING = "You have no entries in the edition of 2026-02-06 or the one after it; !news help says how to submit."


async def test_who_has_entries_is_shown_all_of_them(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.submitted(BEN, "Another one, which Anna has not written.")
    await scene.happen(scene.reaction(EDITOR, target, "Fernglas"))
    said = await ask(scene, "show", ANNA, SUBMISSIONS)
    assert said.startswith("Entry 1, Clients 📱, Fernglas:")
    assert "> Fernglas 1.4 is out" in said
    assert "Another one" not in said


@pytest.mark.parametrize("command", ["show 2", "why 2", "show 2026-02-06/2"])
async def test_those_of_others_are_not_told(scene: Scene, command: str) -> None:
    await scene.submitted()
    await scene.submitted(BEN, "Another one, which Anna has not written.")
    said = await ask(scene, command, ANNA, SUBMISSIONS)
    assert said == f"Entry {command.split()[1]} is not yours; !news show has your own."


async def test_status_says_when_the_edition_closes_and_where_own_entries_stand(scene: Scene) -> None:
    await scene.submitted()
    await ask(scene, "drop 1")
    said = await ask(scene, "status", ANNA, SUBMISSIONS)
    assert said == (
        "The edition of 2026-02-06 is closing Friday 2026-02-06 at 17:00 (Europe/Paris).\n\n"
        "- Entry 1, “Fernglas 1.4 is out, with faster search and fewer crashes.”: not filed yet, dropped"
    )


@pytest.mark.parametrize("command", ["show", "why", "status"])
async def test_who_has_none_is_told_how_to_submit(scene: Scene, command: str) -> None:
    await scene.submitted(BEN)
    assert (await ask(scene, command, ANNA, SUBMISSIONS)).endswith(NOTHING)


async def test_why_says_who_has_filed_it(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    said = await ask(scene, "why", ANNA, SUBMISSIONS)
    assert said.startswith("Entry 1 by Anna A. stands under Servers 🏢.")


async def test_help_explains_what_the_bots_reactions_mean(scene: Scene) -> None:
    said = await ask(scene, "help", ANNA, SUBMISSIONS)
    assert "✅ on your message says that it is an entry" in said
    assert "question mark behind it (📱 ?)" in said


async def test_help_explains_a_command_that_anybody_may_give(scene: Scene) -> None:
    assert (await ask(scene, "help show", ANNA, SUBMISSIONS)).startswith("!news show N: ")
    assert "To submit yours" in await ask(scene, "help drop", ANNA, SUBMISSIONS)


async def test_an_unknown_project_leads_to_proposing_it(scene: Scene) -> None:
    said = await ask(scene, "projects leiter", ANNA, SUBMISSIONS)
    assert "To propose one, say !news project propose KEY | TITLE" in said
    assert "propose" not in await ask(scene, "projects leiter", EDITOR, EDITORS)


async def test_the_author_is_told_where_the_editor_wants_that(scene: Scene) -> None:
    targets = [await scene.submitted(), await scene.submitted(BEN, "Another one, for the next edition.")]
    await ask(scene, "drop 1 tell")
    await ask(scene, "move 2 next tell")
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT content FROM outbox WHERE room_id = ? AND type = 'm.room.message' ORDER BY seq", (SUBMISSIONS,)
        )
    dropped, moved = [row["content"] for row in rows]
    assert "The editors have decided to leave this out of the edition of 2026-02-06." in dropped
    assert targets[0] in dropped
    assert "The editors have moved this from the edition of 2026-02-06 to that of 2026-02-13." in moved
    assert targets[1] in moved


async def test_else_the_author_is_not_told(scene: Scene) -> None:
    await scene.submitted()
    await ask(scene, "drop 1")
    assert await scene.said(SUBMISSIONS) == []


async def relation(scene: Scene, room: str) -> dict[str, str]:
    """Return how the last message in a room is related to others."""
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT content FROM outbox WHERE room_id = ? AND type = 'm.room.message' ORDER BY seq DESC LIMIT 1",
            (room,),
        )
    content: dict[str, dict[str, str]] = json.loads(next(iter(rows))["content"])
    return content["m.relates_to"]


async def test_a_long_answer_in_the_public_room_stands_in_a_thread(scene: Scene) -> None:
    await ask(scene, "departments", ANNA, SUBMISSIONS)
    assert "rel_type" not in await relation(scene, SUBMISSIONS)
    command = scene.command(ANNA, "help", SUBMISSIONS)
    await scene.happen(command)
    in_thread = await relation(scene, SUBMISSIONS)
    assert (in_thread["rel_type"], in_thread["event_id"]) == ("m.thread", command["event_id"])
    await ask(scene, "help", EDITOR, EDITORS)
    assert "rel_type" not in await relation(scene, EDITORS)


class TestQuestions:
    @pytest.mark.parametrize(
        "text",
        [
            "is my entry in?",
            "Is it in yet, and when does this close?",
            "收到了吗\N{FULLWIDTH QUESTION MARK}",
            "هل وصل خبري؟",
        ],
    )
    async def test_one_is_answered_and_no_entry(self, scene: Scene, text: str) -> None:
        await scene.submitted()
        await scene.happen(scene.message(ANNA, f"NEWS: {text}"))
        assert len(await scene.entries()) == 1
        (said,) = await scene.said()
        assert said.startswith("That reads as a question to me, so I have taken nothing up.")
        assert "The edition of 2026-02-06 is closing Friday" in said
        assert "- Entry 1, “Fernglas 1.4 is out" in said

    @pytest.mark.parametrize(
        "text",
        [
            "Fernglas 1.4 is out. Have you tried it?\n\nIt is faster.",
            "Who wants to help with Fernglas? See https://fernglas.example.org/help?",
            "Who wants to help with [Fernglas](https://fernglas.example.org)?",
            "Fernglas is looking for help. " * 8 + "Who is with us?",
        ],
    )
    async def test_what_tells_something_is_an_entry(self, scene: Scene, text: str) -> None:
        await scene.happen(scene.message(ANNA, f"NEWS: {text}"))
        assert len(await scene.entries()) == 1

    async def test_an_edit_makes_it_an_entry_and_an_entry_stays_one(self, scene: Scene) -> None:
        message = scene.message(ANNA, "NEWS: is my entry in the edition of this week?")
        await scene.happen(message)
        assert await scene.entries() == []
        edit = scene.edit(ANNA, message["event_id"], "Fernglas 1.4 is out, and it is faster.")
        await scene.happen(message, edit)
        assert (await scene.entry()).text == "Fernglas 1.4 is out, and it is faster."
        await scene.happen(scene.edit(ANNA, message["event_id"], "NEWS: or is Fernglas 1.4 out, and faster?"))
        assert (await scene.entry()).text == "or is Fernglas 1.4 out, and faster?"

    async def test_an_editor_takes_one_up_all_the_same(self, scene: Scene) -> None:
        message = scene.message(ANNA, "NEWS: who would like to meet in Berlin this spring?")
        await scene.happen(message, scene.reaction(EDITOR, message["event_id"], "⭕"))
        assert (await scene.entry()).text == "who would like to meet in Berlin this spring?"


class TestLateEntries:
    async def test_the_first_of_a_sender_is_told_that_it_is_for_the_next_edition(self, scene: Scene) -> None:
        await scene.submitted()
        scene.now = NOW + timedelta(days=3)
        scene.moment = milliseconds(scene.now)
        await scene.submitted(BEN, "Turm 2 keeps what people said in fewer bytes.")
        await scene.submitted(BEN, "Another one of the same sender, as late as the first.")
        assert await scene.said() == [
            "The edition of 2026-02-06 has closed, so this is for the next one, of 2026-02-13."
        ]

    async def test_nobody_is_told_once_the_edition_is_out(self, scene: Scene) -> None:
        await scene.submitted()
        scene.now = NOW + timedelta(days=3)
        scene.moment = milliseconds(scene.now)
        await ask(scene, "published")
        await scene.submitted(BEN, "Turm 2 keeps what people said in fewer bytes.")
        assert await scene.said() == []

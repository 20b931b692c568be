"""What contributors ask the bot about their own entries, and what they are told."""

import json

import pytest

from tests.commands.test_commands import ask
from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, SUBMISSIONS, Scene

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

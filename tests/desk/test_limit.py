"""The limit per sender and hour: what counts, who is told, and what doesn't get around it."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from tests.desk.test_parts import reply, thread
from twimbot.desk.descriptions import Pictures
from twimbot.filing.suggesting import MOST
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.event import read_event

LIMIT = PUBLICATION.submissions.per_hour
MINUTE = 60_000
TOO_MANY = "more than I take from one person"
TOLD = "Anna A. (@anna:example.org) has sent more than 30 messages within an hour."


def submissions(scene: Scene, number: int, sender: str = ANNA) -> list[dict[str, Any]]:
    return [scene.message(sender, f"NEWS: {TEXT} Number {n}.") for n in range(number)]


async def test_what_is_too_much_is_left_and_told_once_to_the_sender_and_the_editors(scene: Scene) -> None:
    sent = submissions(scene, 500)
    scene.moment -= 499_000
    await scene.happen(*sent)
    assert len(await scene.entries()) == LIMIT
    (said,) = await scene.said()
    assert TOO_MANY in said
    (told,) = await scene.said(EDITORS)
    assert told.startswith(TOLD)
    assert "react to it with ⭕" in told


async def test_it_is_the_same_however_the_batches_are_cut_and_replayed(scene: Scene) -> None:
    sent = submissions(scene, LIMIT + 5)
    for each in sent:
        await scene.happen(each)
    await scene.happen(*sent)
    assert [entry.event_id for entry in await scene.entries()] == [each["event_id"] for each in sent[:LIMIT]]
    assert [len(await scene.said(room)) for room in (SUBMISSIONS, EDITORS)] == [1, 1]


async def test_others_and_editors_are_not_held_up_by_it(scene: Scene) -> None:
    await scene.happen(*submissions(scene, LIMIT + 1), *submissions(scene, 1, BEN))
    await scene.happen(*submissions(scene, LIMIT + 1, EDITOR))
    assert len(await scene.entries()) == LIMIT + 1 + LIMIT + 1


async def test_after_the_hour_it_begins_anew(scene: Scene) -> None:
    await scene.happen(*submissions(scene, LIMIT + 1))
    scene.moment += 30 * MINUTE
    await scene.happen(*submissions(scene, 1))
    assert len(await scene.entries()) == LIMIT
    assert len(await scene.said()) == 1
    scene.moment += 31 * MINUTE
    scene.now += timedelta(hours=2)
    await scene.happen(*submissions(scene, 1))
    assert len(await scene.entries()) == LIMIT + 1


@pytest.mark.parametrize("clock", [0, -5, 2**60])
async def test_a_clock_of_another_time_does_not_get_around_it(scene: Scene, clock: int) -> None:
    await scene.submitted(EDITOR)
    await scene.happen(*({**each, "origin_server_ts": clock} for each in submissions(scene, LIMIT + 3)))
    assert len(await scene.entries()) == 1 + LIMIT


@pytest.mark.parametrize("size", [1, 20, 340])
async def test_dates_of_the_past_weeks_do_not_get_around_it_and_make_no_entry_of_a_closed_edition(
    scene: Scene, size: int
) -> None:
    await scene.submitted(EDITOR)
    dated = submissions(scene, 340)
    for number, each in enumerate(dated):
        each["origin_server_ts"] = scene.moment - (340 - number) * 60 * MINUTE
    for start in range(0, 340, size):
        await scene.happen(*dated[start : start + size])
    await scene.happen(*dated)
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT edition, count(*) AS number FROM entry WHERE sender = ? GROUP BY edition", (ANNA,)
        )
    assert [tuple(row) for row in rows] == [("2026-02-06", LIMIT)]


async def test_dates_of_the_next_hour_do_not_get_around_it(scene: Scene) -> None:
    await scene.submitted(EDITOR)
    sent = submissions(scene, 3 * LIMIT)
    for number, each in enumerate(sent):
        each["origin_server_ts"] = milliseconds(scene.now) + (-9, 25, 59)[number % 3] * MINUTE
    for each in sent:
        await scene.happen(each)
    await scene.happen(*sent)
    assert len(await scene.entries()) == 1 + LIMIT


async def test_an_editor_takes_up_a_picture_that_was_one_too_many(scene: Scene) -> None:
    await scene.happen(*submissions(scene, LIMIT))
    picture = scene.picture(ANNA, body=f"NEWS: {TEXT}", filename="a.png")
    await scene.happen(picture)
    await scene.happen(picture, scene.reaction(EDITOR, picture["event_id"], "⭕"))
    assert sum(len(entry.media) for entry in await scene.entries()) == 1


async def test_what_an_editor_marks_is_not_addressed_to_the_bot_by_that(scene: Scene) -> None:
    picture = scene.picture(BEN)
    await scene.happen(picture, scene.reaction(EDITOR, picture["event_id"], "⭕"))
    await scene.happen(picture, scene.edit(BEN, picture["event_id"], TEXT))
    assert await scene.entries() == []


async def test_an_editor_takes_up_what_was_too_much_and_may_take_that_back(scene: Scene) -> None:
    *_, late = submissions(scene, LIMIT + 1)
    await scene.happen(*_, late)
    taken = scene.reaction(EDITOR, late["event_id"], "⭕")
    await scene.happen(late, taken)
    assert len(await scene.entries()) == LIMIT + 1
    edit = scene.edit(ANNA, late["event_id"], f"NEWS: {TEXT} By an edit.")
    await scene.happen(edit, scene.redaction(EDITOR, taken["event_id"]))
    assert len(await scene.entries()) == LIMIT


async def test_an_edit_does_not_get_around_it(scene: Scene) -> None:
    *_, refused = submissions(scene, LIMIT + 1)
    plain = scene.message(ANNA, TEXT)
    await scene.happen(*_, refused, plain)
    edits = [scene.edit(ANNA, each["event_id"], f"NEWS: {TEXT} By an edit.") for each in (refused, plain)]
    await scene.happen(refused, plain, *edits)
    assert len(await scene.entries()) == LIMIT
    assert len(await scene.said()) == 1


async def test_history_counts_and_is_not_told(scene: Scene) -> None:
    await scene.happen(*submissions(scene, LIMIT + 1), first_reading=True)
    assert len(await scene.entries()) == LIMIT
    assert await scene.said() == await scene.said(EDITORS) == []
    await scene.happen(*submissions(scene, 2))
    assert len(await scene.entries()) == LIMIT
    assert [len(await scene.said(room)) for room in (SUBMISSIONS, EDITORS)] == [1, 1]


async def test_whatever_calls_for_an_answer_counts(scene: Scene) -> None:
    target = await scene.submitted()
    short = scene.message(ANNA, "NEWS: tiny")
    picture = scene.picture(ANNA, "Mine")
    counted = [
        short,
        scene.message(ANNA, "And one more.", **thread(target)),
        scene.picture(ANNA, **reply(target)),
        scene.message(ANNA, "!news help", SUBMISSIONS),
        scene.edit(ANNA, target, "NEWS: "),
        scene.edit(ANNA, target, "NEWS: Short."),
    ]
    marked = scene.reaction(ANNA, picture["event_id"], "⭕")
    await scene.happen(*counted, picture, marked)
    await scene.happen(*submissions(scene, LIMIT))
    assert len(await scene.entries()) == LIMIT - len(counted) - 1
    said = len(await scene.said())
    longer = scene.edit(ANNA, short["event_id"], f"NEWS: {TEXT}")
    refused = [
        scene.message(ANNA, "And another one.", **thread(target)),
        scene.picture(ANNA, "Second", **reply(target)),
        scene.message(ANNA, "!news help", SUBMISSIONS),
        scene.edit(ANNA, target, "NEWS: "),
        scene.edit(ANNA, target, "NEWS: Cut."),
    ]
    other = scene.picture(ANNA, "Third")
    await scene.happen(short, longer, *refused, other, scene.reaction(ANNA, other["event_id"], "⭕"))
    entries = await scene.entries()
    assert (len(entries), [len(entry.parts) for entry in entries if entry.event_id == target]) == (
        LIMIT - len(counted),
        [3],
    )
    assert entries[0].text == "Cut.", "an edit is followed all the same"
    assert len(await scene.said()) == said


async def test_what_is_refused_in_a_thread_is_said_there(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(*submissions(scene, LIMIT - 1), scene.message(ANNA, "More.", **thread(target)))
    assert TOO_MANY in (await scene.said())[0]


async def test_what_was_refused_is_refused_again_when_the_store_is_made_anew(scene: Scene) -> None:
    events = tuple(event for each in submissions(scene, LIMIT + 1) if (event := read_event(each, SUBMISSIONS)))
    past = Past({event.event_id: (date(2026, 2, 6), number) for number, event in enumerate(events[:LIMIT], 1)})
    await scene.desk.record(Batch((RoomEvents(SUBMISSIONS, events, past=past),)), {})
    assert len(await scene.entries()) == LIMIT


async def test_what_the_bot_has_asked_for_is_no_demand(scene: Scene) -> None:
    """Each picture is asked about; the answers come on top of the pictures."""
    target = await scene.submitted()
    pictures = [scene.picture(ANNA, f"P{number}", **reply(target)) for number in range(LIMIT - 1)]
    await scene.happen(*pictures)
    async with scene.database.transaction() as records:
        for _, media in await records.media.wanted():
            await records.media.keep(media, "png")
            await Pictures({"news": PUBLICATION}).hear_kept(records, media)
        await records.connection.execute("UPDATE outbox SET state = 'sent', event_id = '$q' || seq")
        rows = await records.connection.execute_fetchall("SELECT event_id FROM outbox WHERE purpose = 'describe'")
    questions = [row["event_id"] for row in rows]
    await scene.happen(*(scene.message(ANNA, "A telescope on a tripod", **reply(each)) for each in questions))
    assert [media.alt for media in (await scene.entry()).media] == ["A telescope on a tripod"] * len(pictures)


async def test_an_editor_adds_what_was_refused_below_an_entry_to_it(scene: Scene) -> None:
    target = await scene.submitted()
    more = scene.message(ANNA, "And this is what else there is to say of it.", **reply(target))
    await scene.hear(*submissions(scene, LIMIT - 1), more)
    assert (entry := (await scene.entries())[0]).passages == ()
    await scene.hear(scene.reaction(EDITOR, more["event_id"], "⭕"))
    entry = (await scene.entries())[0]
    assert [passage.event_id for passage in entry.passages] == [more["event_id"]]
    assert len(await scene.entries()) == LIMIT


async def test_what_an_editor_takes_up_is_not_refused_for_its_markdown(scene: Scene) -> None:
    deep = scene.message(ANNA, "> " * 500 + TEXT)
    await scene.hear(deep, *submissions(scene, LIMIT))
    await scene.hear(scene.reaction(EDITOR, deep["event_id"], "⭕"))
    said = await scene.said()
    assert not any(TOO_MANY in each for each in said)
    assert any("plain text" in each for each in said)


async def test_nobody_remembers_for_long_who_has_asked(scene: Scene) -> None:
    await scene.submitted()
    scene.now += timedelta(days=31)
    await scene.happen(scene.message(BEN, "Hello!"))
    async with scene.database.snapshot() as records:
        assert list(await records.connection.execute_fetchall("SELECT * FROM demand")) == []


async def test_edits_without_end_get_no_suggestions_without_end(scene: Scene) -> None:
    target = await scene.submitted()
    names = ("Fernglas", "Turm Server")
    for number in range(60):
        await scene.happen(scene.edit(ANNA, target, f"NEWS: {names[number % 2]} has news of some length, {number}."))
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT type FROM outbox WHERE lane = 1")
    assert len(list(rows)) <= 2 * MOST

"""The outbox's rows: written once, in lanes, and taken back."""

from contextlib import closing
from pathlib import Path

from tests.desk.scene import SUBMISSIONS, Scene
from tests.store.empty import empty_database
from twimbot.store.database import Database
from twimbot.store.outbox import ACKNOWLEDGEMENTS, REDACTION, SUGGESTIONS, transaction_id

SMALLER = 15
"""The migration since which the outbox keeps less of what was sent."""


async def test_the_same_cause_and_purpose_are_one_row(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        for _ in range(2):
            await records.outbox.react(SUBMISSIONS, "$target", "✅", "$cause")
        rows = await records.connection.execute_fetchall("SELECT transaction_id FROM outbox")
    assert [row["transaction_id"] for row in rows] == [transaction_id("$cause", "react ✅ on $target")]


async def test_what_is_urgent_goes_before_suggestions(scene: Scene) -> None:
    order = []
    async with scene.database.transaction() as records:
        await records.outbox.react(SUBMISSIONS, "$one", "📱 ?", "$one", lane=SUGGESTIONS)
        await records.outbox.react(SUBMISSIONS, "$two", "✅", "$two")
        await records.outbox.react(SUBMISSIONS, "$three", "✅", "$three")
        while row := await records.outbox.next_in(SUBMISSIONS):
            order.append(row.cause)
            await records.outbox.mark_sent(row.seq, f"$as-{row.cause}")
    assert order == ["$two", "$three", "$one"]


async def test_acknowledgements_go_before_answers(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.send(SUBMISSIONS, {"body": "a long list"}, "$command", "answer 0")
        await records.outbox.react(SUBMISSIONS, "$entry", "✅", "$entry", lane=ACKNOWLEDGEMENTS)
        row = await records.outbox.next_in(SUBMISSIONS)
        assert row is not None
        assert row.cause == "$entry"


async def test_what_is_put_off_holds_nothing_up_until_it_is_outdated(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.react(SUBMISSIONS, "$one", "✅", "$one")
        (seq,) = await records.outbox.reactions_on(SUBMISSIONS, "$one")
        assert await records.outbox.next_in(SUBMISSIONS, [seq]) is None
        await records.outbox.react(SUBMISSIONS, "$two", "✅", "$two")
        row = await records.outbox.next_in(SUBMISSIONS, [seq])
        assert row is not None
        assert row.cause == "$two"
        await records.outbox.take_back(seq, "$deletion")
        row = await records.outbox.next_in(SUBMISSIONS, [seq])
        assert row is not None
        assert (row.seq, row.is_outdated) == (seq, True)


async def test_a_reaction_that_stands_in_the_room_is_taken_back_by_its_event(scene: Scene) -> None:
    """The room took the first one and refused to take it back; so the second is a duplicate of it."""
    async with scene.database.transaction() as records:
        outbox = records.outbox
        await outbox.react(SUBMISSIONS, "$entry", "📱 ?", "$entry")
        (first,) = await outbox.reactions_on(SUBMISSIONS, "$entry")
        await outbox.mark_sent(first, "$reaction")
        await outbox.take_back(first, "$filing")
        refused = await outbox.next_in(SUBMISSIONS)
        assert refused is not None
        await outbox.mark_refused(refused.seq, "M_FORBIDDEN")
        await outbox.react(SUBMISSIONS, "$entry", "📱 ?", "$edit")
        (second,) = await outbox.reactions_on(SUBMISSIONS, "$entry")
        await outbox.mark_made_before(second)
        await outbox.take_back(second, "$later")
        row = await outbox.next_in(SUBMISSIONS)
        assert row is not None
        assert row.redacts == "$reaction"


async def test_a_reaction_that_is_taken_back_is_outdated_and_does_not_stand(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.react(SUBMISSIONS, "$target", "📱 ?", "$cause", lane=SUGGESTIONS)
        (seq,) = await records.outbox.reactions_on(SUBMISSIONS, "$target")
        await records.outbox.take_back(seq, "$filing")
        assert await records.outbox.reactions_on(SUBMISSIONS, "$target") == {}
        row = await records.outbox.next_in(SUBMISSIONS)
        assert row is not None
        assert (row.seq, row.is_outdated) == (seq, True)


async def test_what_was_sent_is_kept_without_its_content(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.send(SUBMISSIONS, {"body": "a text that may be deleted some day"}, "$cause", "answer")
        row = await records.outbox.next_in(SUBMISSIONS)
        assert row is not None
        await records.outbox.mark_sent(row.seq, "$sent")
        (kept,) = await records.connection.execute_fetchall("SELECT content, event_id FROM outbox")
    assert tuple(kept) == (None, "$sent")


async def test_what_caused_a_reaction_is_kept_until_it_is_made(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.react(SUBMISSIONS, "$target", "✅", "$cause")
        row = await records.outbox.next_in(SUBMISSIONS)
        assert row is not None
        assert row.cause == "$cause"
        await records.outbox.mark_sent(row.seq, "$sent")
        (kept,) = await records.connection.execute_fetchall("SELECT cause, event_id FROM outbox")
    assert tuple(kept) == (None, "$sent")


OLD_ROWS = """
INSERT INTO outbox (seq, transaction_id, room_id, type, content, cause, purpose, subject, redacts, state, event_id)
VALUES (3, :made, '!room', 'm.reaction', NULL, '$cause', 'react ✅', '$target', NULL, 'sent', '$ack'),
       (4, :taken_back, '!room', 'm.room.redaction', '{}', '$gone', 'take back', NULL, 3, 'pending', NULL),
       (5, :answered, '!room', 'm.room.message', NULL, '$command', 'answer 0', NULL, NULL, 'sent', '$answer');
"""


async def test_what_an_older_outbox_holds_is_still_the_same_send(tmp_path: Path) -> None:
    made = {
        "made": transaction_id("$cause", "react ✅ on $target"),
        "taken_back": transaction_id("$gone", "take back react ✅ on $target"),
        "answered": transaction_id("$command", "answer 0"),
    }
    with closing(empty_database(tmp_path / "twimbot.db", SMALLER)) as old:
        old.execute(OLD_ROWS, made)
    database = await Database.open(tmp_path / "twimbot.db")
    try:
        async with database.transaction() as records:
            await records.outbox.react("!room", "$target", "✅", "$cause")
            await records.outbox.send("!room", {"body": "Hm."}, "$command", "answer 0")
            rows = await records.connection.execute_fetchall("SELECT transaction_id, cause FROM outbox ORDER BY seq")
            waiting = await records.outbox.next_in("!room")
            assert await records.outbox.cause_of("$answer", "answer 0") == "$command"
            await records.outbox.send("!room", {"body": "Hm."}, "$command", "answer 1")
            assert await records.outbox.last() > 5
    finally:
        await database.close()
    assert [tuple(row) for row in rows] == list(zip(made.values(), (None, "$gone", "$command"), strict=True))
    assert waiting is not None
    assert (waiting.transaction_id, waiting.type, waiting.redacts) == (made["taken_back"], REDACTION, "$ack")

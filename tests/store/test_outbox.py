"""The outbox's rows: written once, in lanes, and taken back."""

from tests.desk.scene import SUBMISSIONS, Scene
from twimbot.store.outbox import ACKNOWLEDGEMENTS, SUGGESTIONS, transaction_id


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

"""The outbox's rows: written once, in lanes, and taken back."""

from tests.desk.scene import SUBMISSIONS, Scene
from twimbot.store.outbox import SUGGESTIONS, transaction_id


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


async def test_a_reaction_that_is_taken_back_is_outdated_and_does_not_stand(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.outbox.react(SUBMISSIONS, "$target", "📱 ?", "$cause", lane=SUGGESTIONS)
        (seq,) = await records.outbox.reactions_on("$target")
        await records.outbox.take_back(seq, "$filing")
        assert await records.outbox.reactions_on("$target") == {}
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

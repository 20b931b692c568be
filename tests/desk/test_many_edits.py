"""What is kept of a message that is edited again and again."""

import pytest

from tests.commands.test_editing import held
from tests.desk.scene import ANNA, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from tests.desk.test_parts import thread
from twimbot.publishing.changes import changes
from twimbot.store.revisions import MOST_SUPERSEDED_BYTES

LONG = 60_000
"""How long a text may be, as an event has at most 65,536 bytes."""

KIB = 1024


def long_text(number: int, length: int = LONG) -> str:
    return f"Edit {number}: ".ljust(length, "x")


async def kept(scene: Scene) -> tuple[int, int]:
    """Return how many revisions there are, and how many bytes of text in them."""
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT count(*), sum(length(CAST(text AS BLOB))) FROM revision"
        )
    ((number, size),) = rows
    return number, size


async def edited(scene: Scene, target: str, number: int, length: int = LONG) -> list[str]:
    """Have Anna edit a message of hers; return the event IDs of the edits."""
    edits = [scene.edit(ANNA, target, f"NEWS: {long_text(each, length)}") for each in range(number)]
    for edit in edits:
        await scene.happen(edit)
    return [edit["event_id"] for edit in edits]


@pytest.mark.parametrize("is_passage", [False, True])
async def test_many_edits_of_a_message_are_kept_in_a_bounded_number_of_bytes(scene: Scene, *, is_passage: bool) -> None:
    target = await scene.submitted()
    if is_passage:
        more = scene.message(ANNA, "It also has a manual now.", **thread(target))
        await scene.happen(more)
        target = more["event_id"]
    edits = await edited(scene, target, 40)
    number, size = await kept(scene)
    assert size <= 2 * LONG + MOST_SUPERSEDED_BYTES + 2 * KIB
    assert number == 1 + is_passage + len(edits), "whose edit each of them was is known"
    assert (await scene.entry()).texts[-1] == long_text(39)


async def test_short_edits_are_kept(scene: Scene) -> None:
    edits = await edited(scene, await scene.submitted(), 40, 1000)
    for number in reversed(range(40)):
        assert (await scene.entry()).text == long_text(number, 1000)
        await scene.happen(scene.redaction(ANNA, edits[number]))
    assert (await scene.entry()).text == TEXT


async def test_taking_back_the_latest_edit_goes_back_to_the_one_before_and_at_last_to_the_original(
    scene: Scene,
) -> None:
    edits = await edited(scene, await scene.submitted(), 6)
    shown = []
    for edit in reversed(edits):
        await scene.happen(scene.redaction(ANNA, edit))
        shown.append((await scene.entry()).text)
    assert shown == [long_text(4), long_text(3), TEXT, TEXT, TEXT, TEXT]


async def test_heard_again_in_other_batches_they_come_to_the_same(scene: Scene) -> None:
    target = await scene.submitted()
    edits = [scene.edit(ANNA, target, f"NEWS: {long_text(each)}") for each in range(10)]
    await scene.happen(*edits)
    before = await kept(scene)
    for edit in edits:
        await scene.happen(edit)
    await scene.happen(*edits)
    assert await kept(scene) == before
    assert (await scene.entry()).text == long_text(9)


async def test_changes_since_an_export_are_told_after_many_edits(scene: Scene) -> None:
    target = await scene.submitted()
    entry = await scene.entry()
    async with scene.database.transaction() as records:
        await records.exports.keep("news", entry.edition, [entry])
    await edited(scene, target, 10)
    async with scene.database.snapshot() as records:
        entries = await records.entries.of_edition("news", entry.edition)
        (_, difference) = await changes(records, PUBLICATION, entry.edition, entries) or ()
    assert str(difference).count(TEXT) == 1


async def test_of_edits_that_are_held_the_latest_can_be_taken(scene: Scene) -> None:
    target, question = await held(scene)
    await scene.happen(*(scene.edit(ANNA, target, f"NEWS: {long_text(each)}") for each in range(10)))
    assert (await kept(scene))[1] <= 2 * LONG + MOST_SUPERSEDED_BYTES + 2 * KIB
    await scene.happen(scene.reaction(EDITOR, question, "👍", EDITORS))
    assert "only the latest are kept" in (await scene.said(EDITORS))[-1]
    assert (await scene.said(SUBMISSIONS)) == []

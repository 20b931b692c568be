"""Filing by contributors: their own entries, above the bot's guesses and below the editors' decisions."""

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, PINGS, PUBLICATION, Scene

LIMIT = PUBLICATION.submissions.per_hour


@pytest.mark.parametrize(
    ("key", "department", "project"),
    [("🏢\ufe0f", "servers", None), ("turm", "servers", "turm"), ("Fernglas ?", "clients", "fernglas")],
)
async def test_contributors_file_their_own_entries(
    scene: Scene, key: str, department: str, project: str | None
) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(ANNA, target, key))
    entry = await scene.entry()
    assert (entry.department, entry.project) == (department, project)
    assert await scene.reactions(target) == ["✅"]


@pytest.mark.parametrize("key", ["🏢", "Turm", "Fernglas ?", "❌"])
async def test_nobody_files_or_drops_what_others_wrote(scene: Scene, key: str) -> None:
    target = await scene.submitted()
    before = (await scene.entry(), await scene.reactions(target))
    await scene.happen(scene.reaction(BEN, target, key))
    assert (await scene.entry(), await scene.reactions(target)) == before


@pytest.mark.parametrize("key", ["❌", "⭕"])
async def test_contributors_do_nothing_else_by_a_reaction_on_their_entries(scene: Scene, key: str) -> None:
    target = await scene.submitted()
    before = await scene.entry()
    await scene.happen(scene.reaction(ANNA, target, key))
    assert await scene.entry() == before


@pytest.mark.parametrize("is_editor_first", [True, False])
async def test_an_editor_outranks_a_contributor_before_and_after(scene: Scene, *, is_editor_first: bool) -> None:
    target = await scene.submitted()
    deeds = [scene.reaction(EDITOR, target, "🏢"), scene.reaction(ANNA, target, "Fernglas")]
    await scene.happen(*(deeds if is_editor_first else reversed(deeds)))
    assert (await scene.entry()).department == "servers"


async def test_without_the_editor_s_decision_the_contributor_s_is_back(scene: Scene) -> None:
    target = await scene.submitted()
    decision = scene.reaction(EDITOR, target, "🏢")
    await scene.happen(scene.reaction(ANNA, target, "Fernglas"), decision)
    await scene.happen(scene.redaction(EDITOR, decision["event_id"]))
    assert (await scene.entry()).department == "clients"


async def test_taking_it_back_undoes_it_and_brings_the_guess_back(scene: Scene) -> None:
    target = await scene.submitted()
    before = (await scene.entry(), sorted(await scene.reactions(target)))
    reaction = scene.reaction(ANNA, target, "Turm")
    await scene.happen(reaction)
    await scene.happen(scene.redaction(ANNA, reaction["event_id"]))
    assert (await scene.entry(), sorted(await scene.reactions(target))) == before


async def test_an_edit_afterwards_keeps_it(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(ANNA, target, "🏢"))
    await scene.happen(scene.edit(ANNA, target, "NEWS: Fernglas 1.5 is out, and it is a good one."))
    assert (await scene.entry()).department == "servers"


async def test_a_reaction_on_one_s_further_message_files_the_entry(scene: Scene) -> None:
    target = await scene.submitted()
    relation = {"m.in_reply_to": {"event_id": target}}
    passage = scene.message(ANNA, "It is on all mirrors by now.", **{"m.relates_to": relation})
    await scene.happen(passage, scene.reaction(ANNA, passage["event_id"], "🏢"))
    assert (await scene.entry()).department == "servers"


async def test_reactions_count_among_what_one_may_ask_within_an_hour(scene: Scene) -> None:
    target = await scene.submitted()
    for number in range(LIMIT + 5):
        await scene.happen(scene.reaction(ANNA, target, "📱" if number % 2 else "🏢"))
    rows = await _filings(scene)
    assert rows == LIMIT - 1  # the entry itself was the first
    assert len(await scene.said()) == len(await scene.said(EDITORS)) == 1


async def test_what_is_no_filing_does_not_count(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(*(scene.reaction(ANNA, target, "🎉") for _ in range(LIMIT + 5)))
    await scene.happen(scene.reaction(ANNA, target, "🏢"))
    assert (await scene.entry()).department == "servers"


async def _filings(scene: Scene) -> int:
    async with scene.database.snapshot() as records:
        (row,) = await records.connection.execute_fetchall("SELECT count(*) AS number FROM filing")
    return int(row["number"])


async def test_the_bots_reactions_leave_a_message_that_was_deleted(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.redaction(ANNA, target, PINGS))
    assert "✅" in await scene.reactions(target)  # a deletion in another room is none
    await scene.happen(scene.redaction(ANNA, target))
    assert await scene.reactions(target) == []


@pytest.mark.parametrize("text", ["NEWS: help", "NEWS, Help!", "@news:example.org help"])
async def test_who_says_nothing_but_help_is_helped(scene: Scene, text: str) -> None:
    await scene.happen(scene.message(ANNA, text))
    (said,) = await scene.said()
    assert said.startswith("I collect news for Weekly News.")


async def test_help_further_on_is_an_entry(scene: Scene) -> None:
    await scene.submitted(ANNA, "help is wanted with the garden of the town, on each Saturday")
    assert len(await scene.entries()) == 1


class TestMistypedReactions:
    async def test_an_editor_is_told_which_name_was_meant(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.reaction(EDITOR, target, "fernglass"))
        (said,) = await scene.said(EDITORS)
        assert said.startswith("Your reaction “fernglass” to entry 1 by Anna A. names no department or project")
        assert said.endswith("did you mean “Fernglas”?")

    @pytest.mark.parametrize(("who", "key"), [(ANNA, "fernglass"), (EDITOR, "❤️"), (EDITOR, "wow"), (EDITOR, "+1")])
    async def test_others_and_other_reactions_are_met_with_silence(self, scene: Scene, who: str, key: str) -> None:
        target = await scene.submitted()
        await scene.happen(scene.reaction(who, target, key))
        assert await scene.said(EDITORS) == []

"""Filing, dropping and taking up by editors' reactions, and what taking them back does."""

from tests.desk.scene import ANNA, BEN, EDITOR, TEXT, Scene


async def test_a_department_s_emoji_files_with_or_without_its_variation_selector(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "🏢\ufe0f"))
    assert (await scene.entry()).department == "servers"


async def test_a_project_s_label_files_under_the_project_and_its_department(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "Turm"))
    entry = await scene.entry()
    assert (entry.department, entry.project) == ("servers", "turm")


async def test_a_click_on_a_suggestion_files_and_the_suggestions_disappear(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "Fernglas ?"))
    entry = await scene.entry()
    assert (entry.department, entry.project) == ("clients", "fernglas")
    assert await scene.reactions(target) == ["✅"]


async def test_taking_the_reaction_back_undoes_the_filing_and_suggests_again(scene: Scene) -> None:
    target = await scene.submitted()
    reaction = scene.reaction(EDITOR, target, "🏢")
    await scene.happen(reaction)
    await scene.happen(scene.redaction(EDITOR, reaction["event_id"]))
    assert (await scene.entry()).department is None
    assert await scene.reactions(target) == ["✅", "Fernglas ?", "📱 ?"]


async def test_the_latest_decision_counts_and_an_earlier_one_comes_back(scene: Scene) -> None:
    target = await scene.submitted()
    first, second = scene.reaction(EDITOR, target, "🏢"), scene.reaction(EDITOR, target, "📱")
    await scene.happen(first, second)
    assert (await scene.entry()).department == "clients"
    await scene.happen(scene.redaction(EDITOR, second["event_id"]))
    assert (await scene.entry()).department == "servers"


async def test_drop_leaves_out_and_taking_it_back_restores(scene: Scene) -> None:
    target = await scene.submitted()
    reaction = scene.reaction(EDITOR, target, "❌")
    await scene.happen(reaction)
    assert (await scene.entry()).is_dropped
    await scene.happen(scene.redaction(EDITOR, reaction["event_id"]))
    assert not (await scene.entry()).is_dropped


async def test_an_editor_takes_up_a_message_that_forgot_the_mention(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    reaction = scene.reaction(EDITOR, message["event_id"], "⭕")
    await scene.happen(message, reaction)
    assert (await scene.entry()).sender == ANNA
    assert (await scene.reactions(message["event_id"]))[0] == "✅"
    await scene.happen(scene.redaction(EDITOR, reaction["event_id"]))
    assert await scene.entries() == []
    assert await scene.reactions(message["event_id"]) == []
    await scene.happen(scene.reaction(EDITOR, message["event_id"], "⭕"))
    assert (await scene.entry()).number == 1
    assert await scene.reactions(message["event_id"]) == ["✅", "Fernglas ?", "📱 ?"]


async def test_a_reaction_on_an_edit_means_the_message(scene: Scene) -> None:
    target = await scene.submitted()
    edit = scene.edit(ANNA, target, "NEWS: Fernglas 1.5 is out, and it is a good one.")
    await scene.happen(edit, scene.reaction(EDITOR, edit["event_id"], "🏢"))
    assert (await scene.entry()).department == "servers"


async def test_an_unknown_reaction_is_nothing(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "🎉"), scene.reaction(BEN, target, "x" * 5000))
    assert (await scene.entry()).department is None
    assert await scene.failures() == []


async def test_suggestions_follow_an_edit(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.edit(ANNA, target, "NEWS: Turm Server 3 is there, with a new database."))
    assert await scene.reactions(target) == ["✅", "Turm ?", "🏢 ?"]

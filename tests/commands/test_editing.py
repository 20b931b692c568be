"""An editor's hand: `edit`, the reply that gives the text, `title`, and the author's edits that are held against it."""

import pytest

from tests.commands.test_commands import ask
from tests.commands.test_filing import reply, sent
from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, SUBMISSIONS, TEXT, Scene
from twimbot.commands.editing import titled

MENDED = "Fernglas 1.4 is out: faster search, fewer crashes."


async def given(scene: Scene, command: str = "edit 1", room: str = EDITORS) -> list[str]:
    """Give `edit`; return the event IDs of the messages with the texts."""
    await sent(scene)
    await ask(scene, command, room=room)
    _, *texts = await sent(scene)
    return texts


async def mended(scene: Scene, text: str = MENDED) -> str:
    """Have an entry mended by the editor; return its event ID."""
    target = await scene.submitted()
    (message,) = await given(scene)
    await scene.happen(reply(scene, message, text))
    return target


async def test_edit_gives_each_text_of_an_entry_in_a_message_of_its_own(scene: Scene) -> None:
    target = await scene.submitted()
    thread = {"rel_type": "m.thread", "event_id": target, "is_falling_back": True}
    await scene.happen(scene.message(ANNA, "It also has a manual now.", **{"m.relates_to": thread}))
    await ask(scene, "edit 1")
    head, first, second = await scene.said(EDITORS)
    assert head == (
        "Entry 1 by Anna A.: reply to one of the messages below with the whole text as it should be. "
        "Deleting your reply takes that back."
    )
    assert first == f"```\n{TEXT}\n```"
    assert second == "```\nIt also has a manual now.\n```"


@pytest.mark.parametrize("room", [EDITORS, SUBMISSIONS])
@pytest.mark.parametrize("form", ["{}", "```\n{}\n```", "> <@news:example.org> Before\n\n{}", "News: {}"])
async def test_an_editor_s_reply_is_the_text(scene: Scene, room: str, form: str) -> None:
    await scene.submitted()
    (message,) = await given(scene, room=room)
    answer = reply(scene, message, form.format(MENDED), room=room)
    if ">" in form:
        html = f"<mx-reply>Before</mx-reply>{MENDED}"
        answer["content"] |= {"format": "org.matrix.custom.html", "formatted_body": html}
    await scene.happen(answer)
    await scene.happen(answer)
    assert (await scene.entry()).text == MENDED
    head = "Entry 1 by Anna A. has your text now; deleting your message takes that back. The difference:"
    assert await scene.said(room) == [f"{head}\n\n```\n-{TEXT}\n+{MENDED}\n```"]


async def test_a_further_message_is_edited_by_a_reply_to_its_text(scene: Scene) -> None:
    target = await scene.submitted()
    thread = {"rel_type": "m.thread", "event_id": target, "is_falling_back": True}
    more = scene.message(ANNA, "It also has a manual now.", **{"m.relates_to": thread})
    await scene.happen(more)
    _, second = await given(scene)
    await scene.happen(reply(scene, second, "There is a manual, too."))
    assert (await scene.entry()).texts == (TEXT, "There is a manual, too.")
    await scene.happen(scene.edit(ANNA, more["event_id"], "It also has a map now."))
    assert (await scene.entry()).texts == (TEXT, "There is a manual, too.")
    await scene.happen(scene.redaction(ANNA, more["event_id"]))
    assert (await scene.entry()).texts == (TEXT,)


async def test_only_an_editor_s_reply_counts(scene: Scene) -> None:
    await scene.submitted()
    (message,) = await given(scene, room=SUBMISSIONS)
    await scene.happen(
        reply(scene, message, MENDED, ANNA, SUBMISSIONS), reply(scene, message, MENDED, BEN, SUBMISSIONS)
    )
    await scene.happen(scene.message(EDITOR, MENDED, SUBMISSIONS))
    assert [entry.text for entry in await scene.entries()] == [TEXT]


async def test_whose_text_it_is_is_said(scene: Scene) -> None:
    await scene.submitted()
    async with scene.database.transaction() as records:
        entries = await records.entries.of_edition("news", (await scene.entry()).edition)
        await records.exports.keep("news", entries[0].edition, entries)
    (message,) = await given(scene)
    await scene.happen(reply(scene, message, MENDED))
    assert (await ask(scene, "show 1")).startswith("Entry 1, not filed yet, edited by Edna:")
    assert (await ask(scene, "why 1")).endswith("Its text is edited by Edna.")
    assert f"Entry 1 by Anna A. has another text, edited by Edna:\n\n```\n-{TEXT}\n+{MENDED}\n```" in await ask(
        scene, "changes"
    )


async def test_the_author_s_later_edit_is_held_and_told(scene: Scene) -> None:
    target = await mended(scene)
    await sent(scene)
    edit = scene.edit(ANNA, target, f"NEWS: {TEXT} And more.")
    await scene.happen(edit)
    await scene.happen(edit)
    assert (await scene.entry()).text == MENDED
    assert await scene.said() == []
    (said,) = await scene.said(EDITORS)
    assert said == (
        "Anna A. has changed the text of entry 1, which Edna has edited; it stays as it was edited. React to this "
        "message with 👍 to take the text by Anna A., or with 👎 to keep the one that stands. The difference (- what "
        f"stands, + what the author wrote):\n\n```\n-{MENDED}\n+{TEXT} And more.\n```"
    )


async def held(scene: Scene) -> tuple[str, str]:
    """Have an author's edit held; return the event IDs of the entry, and of the question about it."""
    target = await mended(scene)
    await sent(scene)
    await scene.happen(scene.edit(ANNA, target, f"NEWS: {TEXT} And more."))
    (question,) = await sent(scene)
    return target, question


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("👍", f"{TEXT} And more.", "Entry 1 has the text by Anna A."),
        ("👍🏽", f"{TEXT} And more.", "Entry 1 has the text by Anna A."),
        ("👎", MENDED, "Entry 1 has the text that stood."),
    ],
)
async def test_an_editor_decides_about_what_is_held(scene: Scene, key: str, text: str, said: str) -> None:
    _, question = await held(scene)
    by_anna = scene.reaction(ANNA, question, key, EDITORS)
    decision = scene.reaction(EDITOR, question, key, EDITORS)
    await scene.happen(by_anna)
    assert (await scene.entry()).text == MENDED
    await scene.happen(decision)
    await scene.happen(decision)
    assert (await scene.entry()).text == text
    assert [each.rstrip(".") for each in await scene.said(EDITORS)] == [said.rstrip(".")]


async def test_once_the_author_s_text_is_taken_their_edits_count_again(scene: Scene) -> None:
    target, question = await held(scene)
    await scene.happen(scene.reaction(EDITOR, question, "👍", EDITORS))
    await scene.happen(scene.edit(ANNA, target, f"NEWS: {TEXT} And more still."))
    assert (await scene.entry()).text == f"{TEXT} And more still."


async def test_deleting_the_reply_takes_the_editor_s_text_back_and_the_author_s_counts(scene: Scene) -> None:
    target = await scene.submitted()
    (message,) = await given(scene)
    answer = reply(scene, message, MENDED)
    await scene.happen(answer, scene.edit(ANNA, target, f"NEWS: {TEXT} And more."))
    await scene.happen(scene.redaction(EDITOR, answer["event_id"], EDITORS))
    assert (await scene.entry()).text == f"{TEXT} And more."
    await scene.happen(answer)
    assert (await scene.entry()).text == f"{TEXT} And more."


async def test_deleting_the_author_s_message_erases_the_editor_s_text_and_what_was_held(scene: Scene) -> None:
    target = await mended(scene)
    await sent(scene)
    await scene.happen(scene.edit(ANNA, target, f"NEWS: {TEXT} And more."))
    await scene.happen(scene.redaction(ANNA, target))
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT * FROM revision")
    assert list(rows) == []
    assert await scene.said(EDITORS) == []


async def test_an_editor_who_is_put_out_with_what_they_said_takes_their_texts_along(scene: Scene) -> None:
    await mended(scene)
    await scene.happen(scene.put_out(BEN, EDITOR, "ban", EDITORS))
    assert (await scene.entry()).text == TEXT


async def test_a_text_that_is_gone_or_the_same_is_answered(scene: Scene) -> None:
    target = await scene.submitted()
    (message,) = await given(scene)
    await scene.happen(reply(scene, message, TEXT))
    await scene.happen(scene.redaction(ANNA, target), reply(scene, message, MENDED))
    assert await scene.said(EDITORS) == [
        "Something that I may have quoted here was deleted before I could answer. Ask me again.",
        "That text is gone, and there is nothing to change.",
    ]


async def test_a_text_that_no_message_holds_is_not_given(scene: Scene) -> None:
    await scene.submitted(ANNA, "Fernglas is out. " * 1500)
    assert await ask(scene, "edit 1") == "Entry 1 by Anna A. is too long for a message, so I can't give its text."


@pytest.mark.parametrize(
    ("text", "title", "result"),
    [
        ("It is out.", "Fernglas 1.4", "# Fernglas 1.4\n\nIt is out."),
        ("# Old\n\nIt is out.", "New", "# New\n\nIt is out."),
        ("### Old\nIt is out.", "New", "### New\n\nIt is out."),
        ("Old\n===\nIt is out.", "New", "# New\n\nIt is out."),
        ("# Old\n\nIt is out.", "", "It is out."),
        ("It is out.\n\n# Later", "New", "# New\n\nIt is out.\n\n# Later"),
        ("> # Quoted\n\nIt is out.", "New", "# New\n\n> # Quoted\n\nIt is out."),
        ("#hashtag is out.", "New", "# New\n\n#hashtag is out."),
        ("    indented", "New", "# New\n\n    indented"),
    ],
)
def test_a_heading_stands_first_in_the_place_of_the_one_there(text: str, title: str, result: str) -> None:
    assert titled(text, title) == result


async def test_title_gives_an_entry_a_heading_and_takes_it_away(scene: Scene) -> None:
    target = await scene.submitted()
    head = "Entry 1 by Anna A. has your text now; deleting your message takes that back. The difference:"
    assert (await ask(scene, "title 1 A new telescope")).startswith(head)
    assert (await scene.entry()).text == f"# A new telescope\n\n{TEXT}"
    await scene.happen(scene.edit(ANNA, target, "NEWS: Something else altogether, as it happens."))
    assert (await scene.entry()).text == f"# A new telescope\n\n{TEXT}"
    await ask(scene, "title 1 none")
    assert (await scene.entry()).text == TEXT
    assert await ask(scene, "title 1 none") == "Entry 1 by Anna A. has that heading, or none, already."
    assert await ask(scene, "title 1") == "Which heading? !news title N TEXT"

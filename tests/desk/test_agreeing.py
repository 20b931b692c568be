"""What was published changes only once an editor has said yes; what is deleted goes at once, and is told."""

from datetime import date, timedelta

import pytest

from tests.commands.test_filing import reply, sent
from tests.desk.scene import ANNA, EDITOR, EDITORS, SUBMISSIONS, TEXT, Scene
from twimbot.desk.descriptions import QUESTION
from twimbot.filing.terms import terms
from twimbot.model.archive import ArchivedPost
from twimbot.model.event import Cause

OUT = date(2026, 2, 6)
ASKED = (
    "Entry 2026-02-06/1 by Anna A. is of an edition that is out. React to this message with 👍 to do it all the same."
)


async def published(scene: Scene, *, is_imported: bool = False) -> str:
    """Have an entry in an edition that is out; return its event ID."""
    target = await scene.submitted()
    picture = scene.picture(ANNA, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})
    await scene.happen(picture)
    scene.moment += 4 * 24 * 3600 * 1000
    scene.now += timedelta(days=4)
    if is_imported:
        async with scene.database.transaction() as records:
            await records.archive.keep_post("news", ArchivedPost(OUT, "Last week", ()), terms)
    await scene.happen(scene.command(EDITOR, "published 2026-02-06" if not is_imported else "help"))
    await sent(scene)
    return target


async def state(scene: Scene) -> tuple[object, ...]:
    """Return what stands of the entry."""
    async with scene.database.snapshot() as records:
        (entry,) = [*await records.entries.of_edition("news", OUT), *await records.entries.of_edition("news", NEXT)]
    return entry.edition, entry.text, entry.department, entry.is_dropped, [media.alt for media in entry.media]


NEXT = date(2026, 2, 13)
BEFORE = (OUT, TEXT, None, False, [""])


@pytest.mark.parametrize("is_imported", [False, True])
@pytest.mark.parametrize(
    ("command", "after"),
    [
        ("drop 2026-02-06/1", (OUT, TEXT, None, True, [""])),
        ("file 2026-02-06/1 servers", (OUT, TEXT, "servers", False, [""])),
        ("alt 2026-02-06/1 A tree", (OUT, TEXT, None, False, ["A tree"])),
        ("move 2026-02-06/1 next", (NEXT, TEXT, None, False, [""])),
        ("title 2026-02-06/1 Out", (OUT, f"# Out\n\n{TEXT}", None, False, [""])),
    ],
)
async def test_a_command_about_what_is_out_asks_for_a_yes_and_is_carried_out_once(
    scene: Scene, command: str, after: tuple[object, ...], *, is_imported: bool
) -> None:
    await published(scene, is_imported=is_imported)
    given = scene.command(EDITOR, command)
    await scene.hear(given)
    await scene.hear(given)
    said = (await scene.said(EDITORS))[-1]
    assert said.endswith("is of an edition that is out. React to this message with 👍 to do it all the same.")
    (question,) = await sent(scene)
    await scene.hear(scene.reaction(ANNA, question, "👍", EDITORS), scene.reaction(EDITOR, question, "🎉", EDITORS))
    assert await state(scene) == BEFORE
    yes = scene.reaction(EDITOR, question, "👍", EDITORS)
    await scene.hear(yes)
    assert await state(scene) == after
    assert len(await scene.said(EDITORS)) == 1
    await scene.hear(yes)
    await scene.hear(scene.reaction(EDITOR, question, "👍", EDITORS))
    await scene.hear(given)
    assert await state(scene) == after
    assert len(await scene.said(EDITORS)) == 1


async def test_a_no_leaves_it_and_a_command_that_was_deleted_is_not_carried_out(scene: Scene) -> None:
    await published(scene)
    given = scene.command(EDITOR, "drop 2026-02-06/1")
    await scene.hear(given)
    assert await scene.said(EDITORS) == [ASKED]
    (question,) = await sent(scene)
    await scene.hear(scene.reaction(EDITOR, question, "👎", EDITORS))
    await scene.hear(scene.redaction(EDITOR, given["event_id"], EDITORS))
    await scene.hear(scene.reaction(EDITOR, question, "👍", EDITORS))
    assert await state(scene) == BEFORE
    assert await scene.said(EDITORS) == [
        "It stays as it is.",
        "That message is gone or can't be read, so nothing is done.",
    ]


async def test_editing_what_is_out_asks_before_it_gives_the_text(scene: Scene) -> None:
    await published(scene)
    await scene.hear(scene.command(EDITOR, "edit 2026-02-06/1"))
    (question,) = await sent(scene)
    await scene.hear(scene.reaction(EDITOR, question, "👍", EDITORS))
    _, text = await sent(scene)
    await scene.hear(reply(scene, text, "Another text."))
    assert (await state(scene))[1] == "Another text."


@pytest.mark.parametrize(
    ("deed", "after", "asked"),
    [
        ("edit", (OUT, "Another text, long enough to be one.", None, False, [""]), "Anna A. wants to edit entry"),
        ("file", (OUT, TEXT, "servers", False, [""]), "Anna A. wants to file anew entry"),
        ("drop", (OUT, TEXT, None, True, [""]), "Edna wants to drop entry"),
        ("picture", (OUT, TEXT, None, False, ["", "A bush"]), "Anna A. wants to add a picture to entry"),
    ],
)
async def test_what_people_change_of_what_is_out_waits_for_a_yes(
    scene: Scene, deed: str, after: tuple[object, ...], asked: str
) -> None:
    target = await published(scene)
    answers = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    change = {
        "edit": scene.edit(ANNA, target, "NEWS: Another text, long enough to be one."),
        "file": scene.reaction(ANNA, target, "🏢"),
        "drop": scene.reaction(EDITOR, target, "❌"),
        "picture": scene.picture(ANNA, "Bush", body="A bush", filename="a.png", **answers),
    }[deed]
    await scene.hear(change)
    await scene.hear(change)
    assert await state(scene) == BEFORE
    (said,) = await scene.said(EDITORS)
    assert said.startswith(f"{asked} 2026-02-06/1 by Anna A., whose edition is out.")
    assert (f"-{TEXT}\n+Another text" in said) is (deed == "edit")
    (question,) = await sent(scene)
    await scene.hear(scene.command(EDITOR, "unpublished 2026-02-06"))
    await scene.hear(change)
    assert await state(scene) == BEFORE
    await sent(scene)
    yes = scene.reaction(EDITOR, question, "👍", EDITORS)
    await scene.hear(yes)
    await scene.hear(yes, change)
    assert await state(scene) == after
    assert await scene.said(EDITORS) == ["That is done."]


async def test_what_was_changed_before_it_came_out_is_not_asked_about_when_it_is_read_again(scene: Scene) -> None:
    target = await scene.submitted()
    answers = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    edit = scene.edit(ANNA, target, f"NEWS: {TEXT} And more.")
    picture = scene.picture(ANNA, **answers)
    deeds = [edit, picture, scene.reaction(ANNA, target, "🏢")]
    await scene.hear(*deeds)
    scene.moment += 4 * 24 * 3600 * 1000
    scene.now += timedelta(days=4)
    await scene.hear(scene.command(EDITOR, "published 2026-02-06"))
    await sent(scene)
    await scene.hear(*deeds)
    assert await scene.said(EDITORS) == []


async def test_a_deletion_is_done_at_once_and_told(scene: Scene) -> None:
    target = await published(scene)
    deletion = scene.redaction(ANNA, target)
    await scene.hear(deletion)
    await scene.hear(deletion)
    async with scene.database.snapshot() as records:
        assert await records.entries.of_edition("news", OUT) == []
    (said,) = await scene.said(EDITORS)
    assert said.startswith("Entry 2026-02-06/1 was deleted, and its edition is out. I have nothing of it any more;")


async def test_an_alternative_text_of_what_is_out_waits_for_a_yes(scene: Scene) -> None:
    await published(scene)
    async with scene.database.transaction() as records:
        ((_, media),) = await records.media.wanted()
        await records.media.keep(media, "png")
        await records.outbox.recognise_message(SUBMISSIONS, Cause(media.event_id, QUESTION), "$describe")
    answer = reply(scene, "$describe", "A tree in bloom", ANNA, SUBMISSIONS)
    await scene.hear(answer)
    await scene.hear(answer)
    assert await state(scene) == BEFORE
    (said,) = await scene.said(EDITORS)
    assert said.startswith("Anna A. describes a picture of entry 2026-02-06/1 by Anna A., whose edition is out.")
    assert "A tree in bloom" in said
    *_, question = await sent(scene)
    await scene.hear(scene.reaction(EDITOR, question, "👍", EDITORS))
    assert await state(scene) == (OUT, TEXT, None, False, ["A tree in bloom"])


async def test_a_decision_that_is_taken_back_is_told(scene: Scene) -> None:
    target = await scene.submitted()
    filed = scene.reaction(ANNA, target, "Turm")
    await scene.happen(filed)
    scene.moment += 4 * 24 * 3600 * 1000
    scene.now += timedelta(days=4)
    await scene.happen(scene.command(EDITOR, "published 2026-02-06"), scene.redaction(ANNA, filed["event_id"]))
    assert (await scene.said(EDITORS))[-1] == (
        "A decision about entry 2026-02-06/1 by Anna A. was taken back, and its edition is out. The published post may "
        "stand as it was."
    )

"""Taking up: submissions, edits, deletions, pictures, and what strangers try."""

from datetime import date
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, NOW, PUBLICATION, SUBMISSIONS, TEXT, Scene
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.calendar import milliseconds
from twimbot.model.event import Event, read_event


async def test_a_submission_becomes_an_entry_with_one_acknowledgement(scene: Scene) -> None:
    target = await scene.submitted()
    entry = await scene.entry()
    assert (entry.text, entry.sender, entry.display_name, entry.number) == (TEXT, ANNA, "Anna A.", 1)
    assert (await scene.reactions(target))[0] == "✅"


async def test_the_project_named_in_the_text_is_suggested_with_its_department(scene: Scene) -> None:
    target = await scene.submitted()
    assert await scene.reactions(target) == ["✅", "Fernglas ?", "📱 ?"]


async def test_a_usual_reporter_without_a_project_has_their_department_suggested(scene: Scene) -> None:
    target = await scene.submitted(BEN, "Our machines moved to a new building this week.")
    assert await scene.reactions(target) == ["✅", "🏢 ?"]


async def test_the_same_event_twice_is_one_entry(scene: Scene) -> None:
    message = scene.message(ANNA, f"NEWS: {TEXT}")
    await scene.happen(message, message)
    await scene.happen(message)
    target = message["event_id"]
    assert len(await scene.entries()) == 1
    assert (await scene.reactions(target)).count("✅") == 1


async def test_a_short_submission_is_answered_once_and_not_taken(scene: Scene) -> None:
    message = scene.message(ANNA, "NEWS: tiny")
    await scene.happen(message)
    await scene.happen(message, scene.edit(ANNA, message["event_id"], "NEWS: still tiny"))
    assert await scene.entries() == []
    (said,) = await scene.said()
    assert "too short" in said


async def test_a_short_submission_made_longer_by_an_edit_is_taken(scene: Scene) -> None:
    message = scene.message(ANNA, "NEWS: tiny")
    await scene.happen(message, scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT}"))
    assert (await scene.entry()).text == TEXT


async def test_an_edit_is_followed_and_the_filing_stays(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    await scene.happen(scene.edit(ANNA, target, "NEWS: Fernglas 1.5 is out, and it is a good one."))
    entry = await scene.entry()
    assert entry.text == "Fernglas 1.5 is out, and it is a good one."
    assert entry.department == "servers"


async def test_the_latest_edit_counts_in_whatever_order_they_come(scene: Scene) -> None:
    target = await scene.submitted()
    first, second = (scene.edit(ANNA, target, f"NEWS: Fernglas is at its edit number {n} now.") for n in (1, 2))
    await scene.happen(second)
    await scene.happen(first)
    assert (await scene.entry()).text == "Fernglas is at its edit number 2 now."


async def test_a_deleted_edit_gives_way_to_the_text_before(scene: Scene) -> None:
    target = await scene.submitted()
    edit = scene.edit(ANNA, target, "NEWS: Fernglas was renamed to something else.")
    await scene.happen(edit, scene.redaction(ANNA, edit["event_id"]))
    assert (await scene.entry()).text == TEXT


async def test_an_edit_that_adds_the_mention_takes_the_message_up(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    await scene.happen(message, scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT}"))
    entry = await scene.entry()
    assert (entry.event_id, entry.text) == (message["event_id"], TEXT)


async def test_the_mention_goes_with_the_edit_that_brought_it(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    edit = scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT}")
    await scene.happen(message, edit)
    assert await scene.reactions(message["event_id"]) == ["✅", "Fernglas ?", "📱 ?"]
    await scene.happen(scene.redaction(ANNA, edit["event_id"]))
    assert await scene.entries() == []
    assert await scene.reactions(message["event_id"]) == []
    await scene.happen(scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT} Again."))
    assert (await scene.entry()).text == f"{TEXT} Again."
    assert await scene.reactions(message["event_id"]) == ["✅", "Fernglas ?", "📱 ?"]


async def test_what_an_editor_took_up_stays_without_the_edit_that_brought_the_mention(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    edit = scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT} Again.")
    await scene.happen(message, edit, scene.reaction(EDITOR, message["event_id"], "⭕"))
    await scene.happen(scene.redaction(ANNA, edit["event_id"]))
    assert (await scene.entry()).text == TEXT
    assert "✅" in await scene.reactions(message["event_id"])


PROFILE = "com.beeper.per_message_profile"


@pytest.mark.parametrize("key", [PROFILE, "m.per_message_profile"])
async def test_a_message_with_a_profile_of_its_own_is_by_whom_that_names(scene: Scene, key: str) -> None:
    profile = {"id": "meow", "displayname": "Cat", "has_fallback": True}
    body = f"Cat: NEWS: {TEXT}"
    html = f"<strong data-mx-profile-fallback>Cat: </strong>NEWS: {TEXT}"
    message = scene.message(ANNA, body, format="org.matrix.custom.html", formatted_body=html, **{key: profile})
    await scene.happen(message)
    entry = await scene.entry()
    assert (entry.name, entry.sender, entry.text) == ("Cat", ANNA, TEXT)


@pytest.mark.parametrize(
    "profile",
    [
        {"displayname": "Cat"},
        {"id": "meow"},
        {"id": "meow", "displayname": ""},
        {"id": "meow", "displayname": None},
        {"id": "meow", "displayname": " "},
        {"id": "meow", "displayname": "C" * 256},
        {"id": "meow", "displayname": "C\0t"},
        {"id": 1, "displayname": "Cat"},
        "Cat",
    ],
)
async def test_a_profile_that_names_nobody_is_none(scene: Scene, profile: object) -> None:
    await scene.happen(scene.message(ANNA, f"NEWS: {TEXT}", **{PROFILE: profile}))
    assert (await scene.entry()).name == "Anna A."


async def test_an_edit_says_who_speaks_from_then_on(scene: Scene) -> None:
    message = scene.message(ANNA, f"NEWS: {TEXT}", **{PROFILE: {"id": "meow", "displayname": "Cat"}})
    new = {"msgtype": "m.text", "body": f"NEWS: {TEXT}", PROFILE: {"id": "woof", "displayname": "Dog"}}
    await scene.happen(message)
    await scene.happen(scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT} Again."))
    assert (await scene.entry()).name == "Cat"
    await scene.happen(scene.edit_into(ANNA, message["event_id"], new))
    assert (await scene.entry()).name == "Dog"


async def test_an_edit_without_text_keeps_the_entry_and_says_so(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.edit(ANNA, target, "NEWS: "))
    assert (await scene.entry()).text == TEXT
    assert "keep what stood there" in (await scene.said())[0]


async def test_an_edit_that_leaves_little_is_followed_and_said_to_be_short(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.edit(ANNA, target, "NEWS: Out!"))
    assert (await scene.entry()).text == "Out!"
    assert "very short now: it has 4 characters, and a new one needs at least 30" in (await scene.said())[0]


async def test_what_is_deleted_is_gone_from_the_failures_too(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        await records.journal.note_failure(
            Event("$failed", SUBMISSIONS, "@anna:example.org", 0), "with the text of a message", 0
        )
    await scene.happen(scene.redaction(ANNA, "$failed", EDITORS))
    assert await scene.failures() == ["$failed"]
    await scene.happen(scene.redaction(ANNA, "$failed"))
    assert await scene.failures() == []


async def test_a_deletion_erases_the_text_and_leaves_the_number_taken(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.redaction(ANNA, target))
    assert await scene.entries() == []
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT sender, display_name FROM entry")
        texts = await records.connection.execute_fetchall("SELECT text FROM revision")
    assert [tuple(row) for row in rows] == [(None, None)]
    assert list(texts) == []
    await scene.submitted(BEN)
    assert (await scene.entry()).number == 2


async def test_an_edit_after_the_deletion_brings_nothing_back(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.redaction(ANNA, target), scene.edit(ANNA, target, f"NEWS: {TEXT}"))
    assert await scene.entries() == []


async def test_the_bot_does_not_take_up_itself(scene: Scene) -> None:
    await scene.happen(scene.message("@news:example.org", f"NEWS: {TEXT}"))
    assert await scene.entries() == []


@pytest.mark.parametrize(("seconds", "edition"), [(-2, date(2026, 1, 30)), (2, date(2026, 2, 6))])
async def test_a_message_after_the_deadline_belongs_to_the_next_edition(
    scene: Scene, seconds: int, edition: date
) -> None:
    scene.moment = milliseconds(PUBLICATION.calendar.deadline(date(2026, 1, 30))) + seconds * 1000 - 1000
    await scene.submitted()
    async with scene.database.snapshot() as records:
        assert [entry.edition for entry in await records.entries.of_edition("news", edition)] == [edition]


async def test_a_clock_that_is_far_ahead_is_not_believed(scene: Scene) -> None:
    scene.moment = milliseconds(NOW) + 400 * 24 * 3600 * 1000
    await scene.submitted()
    assert str((await scene.entry()).edition) == "2026-02-06"


class TestPictures:
    async def test_a_reply_to_the_entry_adds_the_picture(self, scene: Scene) -> None:
        target = await scene.submitted()
        relation = {"m.in_reply_to": {"event_id": target}}
        await scene.happen(scene.picture(ANNA, **{"m.relates_to": relation}))
        assert [media.mxc for media in (await scene.entry()).media] == ["mxc://example.org/AbCdEf"]

    async def test_a_picture_in_the_thread_of_the_entry_is_added(self, scene: Scene) -> None:
        target = await scene.submitted()
        relation = {"rel_type": "m.thread", "event_id": target, "is_falling_back": True}
        await scene.happen(scene.picture(ANNA, **{"m.relates_to": relation}))
        assert len((await scene.entry()).media) == 1

    async def test_a_reply_to_an_earlier_picture_of_the_entry_is_added(self, scene: Scene) -> None:
        target = await scene.submitted()
        first = scene.picture(ANNA, "First", **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        second = scene.picture(ANNA, "Second", **{"m.relates_to": {"m.in_reply_to": {"event_id": first["event_id"]}}})
        await scene.happen(first, second)
        assert [media.mxc[-5:] for media in (await scene.entry()).media] == ["First", "econd"]

    async def test_take_up_by_its_sender_adds_it_to_their_latest_entry_before(self, scene: Scene) -> None:
        await scene.submitted(ANNA)
        await scene.submitted(BEN, "Turm Server 3 is there, with a new database.")
        picture = scene.picture(ANNA)
        await scene.happen(picture, scene.reaction(ANNA, picture["event_id"], "⭕\ufe0f"))
        anna, ben = await scene.entries()
        assert (len(anna.media), len(ben.media)) == (1, 0)

    async def test_taking_the_reaction_back_takes_the_picture_out(self, scene: Scene) -> None:
        await scene.submitted()
        picture = scene.picture(ANNA)
        reaction = scene.reaction(ANNA, picture["event_id"], "⭕")
        await scene.happen(picture, reaction)
        assert await scene.reactions(picture["event_id"]) == ["✅"]
        await scene.happen(scene.redaction(ANNA, reaction["event_id"]))
        assert (await scene.entry()).media == ()
        assert await scene.reactions(picture["event_id"]) == []
        await scene.happen(picture, scene.reaction(ANNA, picture["event_id"], "⭕"))
        assert len((await scene.entry()).media) == 1
        assert await scene.reactions(picture["event_id"]) == ["✅"]

    async def test_an_edited_caption_becomes_the_alternative_text(self, scene: Scene) -> None:
        target = await scene.submitted()
        relation = {"m.in_reply_to": {"event_id": target}}
        picture = scene.picture(ANNA, body="A tree", filename="a.png", **{"m.relates_to": relation})
        await scene.happen(picture)
        new = {**picture["content"], "body": "A tree in bloom"}
        replaces = {"rel_type": "m.replace", "event_id": picture["event_id"]}
        content = {**new, "m.new_content": new, "m.relates_to": replaces}
        await scene.happen(scene.event(BEN, "m.room.message", content))
        assert [media.alt for media in (await scene.entry()).media] == ["A tree"]
        await scene.happen(scene.event(ANNA, "m.room.message", content))
        assert [media.alt for media in (await scene.entry()).media] == ["A tree in bloom"]

    async def test_a_deleted_edit_of_a_caption_gives_way_to_the_caption_before(self, scene: Scene) -> None:
        target = await scene.submitted()
        relation = {"m.in_reply_to": {"event_id": target}}
        picture = scene.picture(ANNA, body="A tree", filename="a.png", **{"m.relates_to": relation})
        new = {**picture["content"], "body": "Something private"}
        replaces = {"rel_type": "m.replace", "event_id": picture["event_id"]}
        edit = scene.event(ANNA, "m.room.message", {**new, "m.new_content": new, "m.relates_to": replaces})
        await scene.happen(picture, edit, scene.redaction(ANNA, edit["event_id"]))
        assert [media.alt for media in (await scene.entry()).media] == ["A tree"]
        async with scene.database.snapshot() as records:
            assert not list(await records.connection.execute_fetchall("SELECT text FROM caption"))

    async def test_a_picture_is_not_added_to_an_entry_of_long_ago_or_to_a_dropped_one(self, scene: Scene) -> None:
        scene.moment -= 14 * 24 * 3600 * 1000
        await scene.submitted()
        scene.moment = milliseconds(NOW)
        await scene.submitted()
        await scene.happen(scene.command(EDITOR, "drop 1"))
        picture = scene.picture(ANNA, body="News: a new fountain in the middle of the garden", filename="a.png")
        picture["content"]["body"] = "This week we release a fountain for the garden."
        await scene.happen(picture, scene.reaction(EDITOR, picture["event_id"], "⭕"))
        entries = await scene.entries()
        assert [(len(entry.media), entry.text) for entry in entries] == [
            (0, TEXT),
            (1, "This week we release a fountain for the garden."),
        ]

    async def test_a_deleted_picture_leaves_the_entry_and_its_file_is_named(self, scene: Scene) -> None:
        target = await scene.submitted()
        picture = scene.picture(ANNA, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        await scene.happen(picture)
        async with scene.database.transaction() as records:
            ((_, wanted),) = await records.media.wanted()
            await records.media.keep(wanted, "png")
        assert await scene.happen(scene.redaction(ANNA, picture["event_id"])) == ["AbCdEf.png"]
        assert (await scene.entry()).media == ()

    async def test_a_picture_of_nobody_known_is_answered(self, scene: Scene) -> None:
        picture = scene.picture(ANNA)
        await scene.happen(picture, scene.reaction(ANNA, picture["event_id"], "⭕"))
        assert "no entry" in (await scene.said())[0]

    async def test_a_captioned_picture_addressed_to_the_bot_is_an_entry(self, scene: Scene) -> None:
        await scene.happen(scene.picture(ANNA, body="NEWS: our booth", filename="booth.jpg"))
        entry = await scene.entry()
        assert (entry.text, len(entry.media)) == ("our booth", 1)


class TestStrangers:
    @pytest.mark.parametrize("room", [SUBMISSIONS, EDITORS])
    async def test_an_edit_by_somebody_else_changes_nothing(self, scene: Scene, room: str) -> None:
        target = await scene.submitted()
        await scene.happen(scene.edit(BEN, target, "NEWS: This is what Ben would like to read.", room))
        assert (await scene.entry()).text == TEXT

    async def test_an_edit_from_another_room_changes_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.edit(ANNA, target, "NEWS: Said in quite another room than before.", EDITORS))
        assert (await scene.entry()).text == TEXT

    async def test_an_edit_into_a_notice_changes_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.edit(ANNA, target, "NEWS: This pretends to be automatic.", kind="m.notice"))
        assert (await scene.entry()).text == TEXT

    async def test_a_forged_edit_beside_a_message_is_not_believed(self, scene: Scene) -> None:
        message = scene.message(ANNA, f"NEWS: {TEXT}")
        forged = scene.edit(BEN, message["event_id"], "NEWS: Ben has put this beside the message.")
        await scene.happen({**message, "unsigned": {"m.relations": {"m.replace": forged}}})
        assert (await scene.entry()).text == TEXT

    async def test_an_edit_by_somebody_else_does_not_take_a_message_up(self, scene: Scene) -> None:
        message = scene.message(ANNA, TEXT)
        await scene.happen(message, scene.edit(BEN, message["event_id"], f"NEWS: {TEXT}"))
        assert await scene.entries() == []

    @pytest.mark.parametrize("key", ["🏢", "Turm", "❌", "⭕"])
    async def test_a_reaction_by_somebody_else_changes_nothing(self, scene: Scene, key: str) -> None:
        target = await scene.submitted()
        before = await scene.entry()
        await scene.happen(scene.reaction(BEN, target, key), scene.reaction("@carl:example.org", target, key))
        assert await scene.entry() == before

    async def test_a_redaction_from_another_room_changes_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        reaction = scene.reaction(EDITOR, target, "🏢")
        await scene.happen(reaction)
        await scene.happen(scene.redaction(BEN, target, EDITORS), scene.redaction(BEN, reaction["event_id"], EDITORS))
        assert (await scene.entry()).department == "servers"

    async def test_nobody_adds_a_picture_to_the_entry_of_another(self, scene: Scene) -> None:
        target = await scene.submitted(ANNA)
        await scene.happen(scene.picture(BEN, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}}))
        assert (await scene.entry()).media == ()

    async def test_nobody_but_an_editor_takes_up_the_message_of_another(self, scene: Scene) -> None:
        message = scene.message(ANNA, TEXT)
        await scene.happen(message, scene.reaction(BEN, message["event_id"], "⭕"))
        assert await scene.entries() == []

    @pytest.mark.parametrize("text", ["drop 1", "file 1 servers", "export", "live https://example.org", "nonsense"])
    async def test_a_command_by_somebody_else_is_met_with_silence(self, scene: Scene, text: str) -> None:
        await scene.submitted()
        before = await scene.entry()
        await scene.happen(scene.command(ANNA, text), scene.command(ANNA, text, SUBMISSIONS))
        assert await scene.entry() == before
        assert await scene.said() == await scene.said(EDITORS) == []

    async def test_a_reaction_from_the_room_that_came_after_changes_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        async with scene.database.transaction() as records:
            await records.rooms.keep("news", "submissions", "!successor", SUBMISSIONS)
        before = await scene.entry()
        await scene.happen(*(scene.reaction(EDITOR, target, key, "!successor") for key in ("❌", "🏢")))
        assert await scene.entry() == before


async def test_a_message_is_taken_up_as_its_edit_in_the_same_batch_left_it(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    target = message["event_id"]
    await scene.happen(message, scene.edit(ANNA, target, f"{TEXT} Really."), scene.reaction(EDITOR, target, "⭕"))
    assert (await scene.entry()).text == f"{TEXT} Really."


async def test_an_edit_that_was_taken_back_in_the_same_batch_is_not_taken_up(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    target = message["event_id"]
    edits = [scene.edit(ANNA, target, f"{TEXT} {word}.") for word in ("Really", "Regrettably")]
    back = scene.redaction(ANNA, edits[1]["event_id"])
    await scene.happen(message, *edits, back, scene.reaction(EDITOR, target, "⭕"))
    assert (await scene.entry()).text == f"{TEXT} Really."


async def test_a_message_that_was_deleted_in_the_same_batch_is_not_taken_up(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    target = message["event_id"]
    await scene.happen(message, scene.redaction(ANNA, target), scene.reaction(EDITOR, target, "⭕"))
    assert await scene.entries() == []


async def test_a_short_submission_is_mended_by_an_edit_without_the_mention(scene: Scene) -> None:
    short = scene.message(ANNA, "NEWS: tiny")
    await scene.happen(short, scene.edit(ANNA, short["event_id"], TEXT))
    assert (await scene.entry()).text == TEXT


@pytest.mark.parametrize("sender", [ANNA, EDITOR])
async def test_what_an_edit_addressed_is_mended_by_the_next_without_the_mention(scene: Scene, sender: str) -> None:
    message = scene.message(sender, "Hello")
    await scene.happen(message, scene.edit(sender, message["event_id"], "NEWS: tiny"))
    await scene.happen(message, scene.edit(sender, message["event_id"], TEXT))
    assert (await scene.entry()).text == TEXT


async def test_a_picture_that_was_edited_into_a_submission_is_none_any_more(scene: Scene) -> None:
    picture = scene.picture(ANNA)
    await scene.happen(picture, scene.edit(ANNA, picture["event_id"], f"NEWS: {TEXT}"))
    assert (await scene.entry()).media == ()


async def test_the_edit_that_made_an_entry_says_nothing_when_it_is_read_again(scene: Scene) -> None:
    picture = scene.picture(ANNA, filename="a.png", body="A telescope")
    edit = scene.edit(ANNA, picture["event_id"], "NEWS:")
    await scene.happen(picture, edit)
    await scene.happen(edit)
    assert await scene.said() == []


@pytest.mark.parametrize("text", [">" * 5000 + " red roses", "> " * 60 + "red", "- " * 10_000 + "red", "red\n" * 5000])
async def test_who_writes_too_much_for_markdown_is_told_and_loses_no_word(scene: Scene, text: str) -> None:
    await scene.submitted(text=f"{TEXT}\n\n{text}")
    (said,) = await scene.said()
    assert "will stand in the post as plain text" in said
    assert (await scene.entry()).text == f"{TEXT}\n\n{text}".strip()


async def test_who_edits_or_adds_too_much_for_markdown_is_told(scene: Scene) -> None:
    target, deep = await scene.submitted(), "> " * 60 + "red"
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    await scene.happen(scene.edit(ANNA, target, f"{TEXT}\n\n{deep}"), scene.message(ANNA, deep, **reply))
    assert len(await scene.said()) == 2


async def test_a_deleted_mention_takes_the_exported_text_with_it(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    edit = scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT} Private.")
    await scene.happen(message, edit)
    redaction = read_event(scene.redaction(ANNA, edit["event_id"]), SUBMISSIONS)
    assert redaction
    erased = await scene.desk.record(Batch((RoomEvents(SUBMISSIONS, (redaction,)),)), {})
    assert erased.editions == {("news", date(2026, 2, 6))}


def stand_beside(scene: Scene, message: dict[str, Any], edit: dict[str, Any]) -> None:
    """Let the homeserver tell an edit with its message, as it does from the edit on, also before that is heard."""
    scene.told[message["event_id"]] = message | {"unsigned": {"m.relations": {"m.replace": edit}}}


async def test_a_mention_counts_though_it_stood_beside_the_message_when_that_was_taken_up(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    await scene.hear(message)
    take_up = scene.reaction(EDITOR, message["event_id"], "⭕")
    edit = scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT} Now for you.")
    stand_beside(scene, message, edit)
    await scene.hear(take_up)
    await scene.hear(edit)
    await scene.hear(scene.redaction(EDITOR, take_up["event_id"]))
    assert (await scene.entry()).text == f"{TEXT} Now for you."


async def test_an_edit_makes_an_entry_though_one_behind_it_in_the_batch_leaves_no_text(scene: Scene) -> None:
    message = scene.message(BEN, "NEWS:")
    await scene.hear(message)
    mended, emptied = (scene.edit(BEN, message["event_id"], text) for text in (TEXT, "NEWS:"))
    stand_beside(scene, message, emptied)
    await scene.hear(mended, emptied)
    assert (await scene.entry()).text == TEXT
    assert "left no text" in (await scene.said())[-1]


async def test_a_take_up_counts_though_an_edit_behind_it_in_the_batch_leaves_no_text(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    await scene.hear(message)
    emptied = scene.edit(ANNA, message["event_id"], "NEWS:")
    stand_beside(scene, message, emptied)
    await scene.hear(scene.reaction(EDITOR, message["event_id"], "⭕"), emptied)
    assert (await scene.entry()).text == TEXT


async def test_a_new_mention_is_too_short_for_an_entry_as_the_first_one_would_be(scene: Scene) -> None:
    message = scene.message(ANNA, TEXT)
    edit = scene.edit(ANNA, message["event_id"], f"NEWS: {TEXT}")
    await scene.happen(message, edit, scene.redaction(ANNA, edit["event_id"]))
    await scene.happen(scene.edit(ANNA, message["event_id"], "NEWS: x"))
    assert await scene.entries() == []


async def test_a_short_mention_that_came_by_an_edit_is_mended_by_an_edit_without_it(scene: Scene) -> None:
    message = scene.message(ANNA, "hi")
    await scene.hear(message)
    await scene.hear(scene.edit(ANNA, message["event_id"], "NEWS: tiny"))
    await scene.hear(scene.edit(ANNA, message["event_id"], TEXT))
    assert (await scene.entry()).text == TEXT


async def test_a_deletion_heard_again_leaves_alone_what_was_answered_since_in_its_thread(scene: Scene) -> None:
    entry = await scene.submitted()
    deletion = scene.redaction(ANNA, entry)
    await scene.happen(deletion)
    await scene.happen(
        scene.message(ANNA, "NEWS: tiny", **{"m.relates_to": {"rel_type": "m.thread", "event_id": entry}})
    )
    said = await scene.said()
    assert len(said) == 1
    await scene.happen(deletion)
    assert await scene.said() == said

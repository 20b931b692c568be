"""Several messages, one entry: what its author says and shows below it, and what is conversation."""

from datetime import timedelta
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, SUBMISSIONS, TEXT, Scene
from twimbot.model.entry import Entry, Media

DAY = 24 * 3600 * 1000


def reply(target: str) -> dict[str, Any]:
    """Return the relation of a reply."""
    return {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}


async def followers(scene: Scene) -> list[tuple[str, str]]:
    """Return what was said below what, as it is noted."""
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT event_id, target FROM follower")
    return [(row["event_id"], row["target"]) for row in rows]


def thread(root: str, latest: str | None = None, *, is_reply: bool = False) -> dict[str, Any]:
    """Return the relation of a message in a thread, after the latest one in it or as a reply to that."""
    relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": not is_reply}
    return {"m.relates_to": {**relation, "m.in_reply_to": {"event_id": latest or root}}}


def shape(entry: Entry) -> list[str]:
    """Return what stands in an entry, in order: texts, and the ids of pictures."""
    shown = (part.mxc.rpartition("/")[2] if isinstance(part, Media) else part.text for part in entry.parts)
    return [entry.text, *shown]


class TestFurtherMessages:
    @pytest.mark.parametrize("relation", [reply, thread])
    async def test_text_picture_text_picture_is_one_entry_in_that_order(self, scene: Scene, relation: Any) -> None:  # noqa: ANN401 - one of two functions
        target = await scene.submitted()
        first = scene.picture(ANNA, "First", **relation(target))
        more = scene.message(ANNA, "And this is how it looks at night:", **relation(target))
        second = scene.picture(ANNA, "Second", **relation(target))
        await scene.happen(first, more, second)
        assert shape(await scene.entry()) == [TEXT, "First", "And this is how it looks at night:", "Second"]
        assert await scene.reactions(more["event_id"]) == ["✅"]

    async def test_a_reply_to_ones_own_further_message_or_picture_goes_on_too(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **reply(target))
        picture = scene.picture(ANNA, "First", **reply(more["event_id"]))
        last = scene.message(ANNA, "Two.", **reply(picture["event_id"]))
        await scene.happen(more, picture, last)
        assert shape(await scene.entry()) == [TEXT, "One.", "First", "Two."]

    async def test_recording_it_again_changes_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        await scene.happen(more)
        await scene.happen(more)
        assert shape(await scene.entry()) == [TEXT, "One."]
        assert await scene.reactions(more["event_id"]) == ["✅"]

    async def test_it_follows_edits_and_a_deleted_edit_gives_way(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        edit = scene.edit(ANNA, more["event_id"], "Two.")
        await scene.happen(more, edit, scene.edit(BEN, more["event_id"], "Three."))
        assert shape(await scene.entry()) == [TEXT, "Two."]
        await scene.happen(scene.redaction(ANNA, edit["event_id"]))
        assert shape(await scene.entry()) == [TEXT, "One."]

    async def test_an_edit_beside_it_counts(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        edit = scene.edit(ANNA, more["event_id"], "Two.")
        await scene.happen({**more, "unsigned": {"m.relations": {"m.replace": edit}}})
        assert shape(await scene.entry()) == [TEXT, "Two."]

    async def test_an_edit_that_empties_it_is_answered(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        await scene.happen(more, scene.edit(ANNA, more["event_id"], " "))
        assert shape(await scene.entry()) == [TEXT, "One."]
        assert "left no text" in (await scene.said())[0]
        assert "Delete the message to take it out of your entry." in (await scene.said())[0]

    async def test_deleted_it_is_gone_from_the_store(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "Something private.", **thread(target))
        edit = scene.edit(ANNA, more["event_id"], "Something even more private.")
        await scene.happen(more, edit, scene.redaction(BEN, more["event_id"], EDITORS))
        assert len(shape(await scene.entry())) == 2
        await scene.happen(scene.redaction(ANNA, more["event_id"]))
        assert shape(await scene.entry()) == [TEXT]
        async with scene.database.snapshot() as records:
            rows = await records.connection.execute_fetchall("SELECT text FROM revision")
        assert [row["text"] for row in rows] == [TEXT]

    async def test_it_goes_with_its_entry(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.message(ANNA, "One.", **thread(target)), scene.redaction(ANNA, target))
        async with scene.database.snapshot() as records:
            for table in ("revision", "passage"):
                assert not list(await records.connection.execute_fetchall(f"SELECT * FROM {table}"))  # noqa: S608 - a constant

    async def test_an_editor_drops_it_alone_and_brings_it_back(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        edit = scene.edit(ANNA, more["event_id"], "Two.")
        drop = scene.reaction(EDITOR, edit["event_id"], "❌")
        await scene.happen(more, edit, scene.reaction(BEN, more["event_id"], "❌"), drop)
        entry = await scene.entry()
        assert (shape(entry), entry.is_dropped) == ([TEXT], False)
        await scene.happen(scene.redaction(EDITOR, drop["event_id"]))
        assert shape(await scene.entry()) == [TEXT, "Two."]

    async def test_an_editors_filing_of_it_files_the_entry(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One.", **thread(target))
        await scene.happen(more, scene.reaction(EDITOR, more["event_id"], "🏢"))
        assert (await scene.entry()).department == "servers"

    async def test_addressed_to_the_bot_it_is_an_entry_of_its_own(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.message(ANNA, "NEWS: Turm 3 is out, with a new database.", **thread(target)))
        assert [len(entry.parts) for entry in await scene.entries()] == [0, 0]

    async def test_taking_up_what_is_a_part_already_makes_no_entry(self, scene: Scene) -> None:
        target = await scene.submitted()
        more = scene.message(ANNA, "One more thing, long enough.", **thread(target))
        await scene.happen(more, scene.reaction(EDITOR, more["event_id"], "⭕"))
        assert [shape(entry) for entry in await scene.entries()] == [[TEXT, "One more thing, long enough."]]

    async def test_it_makes_a_difference_for_suggestions(self, scene: Scene) -> None:
        target = await scene.submitted(ANNA, "Something came out, at long last, and here it is.")
        await scene.happen(scene.message(ANNA, "It is Fernglas 1.4.", **thread(target)))
        assert "Fernglas ?" in await scene.reactions(target)

    async def test_a_first_reading_takes_it_too(self, scene: Scene) -> None:
        submission = scene.message(ANNA, f"NEWS: {TEXT}")
        more = scene.message(ANNA, "One.", **thread(submission["event_id"]))
        await scene.happen(submission, more, first_reading=True)
        assert shape(await scene.entry()) == [TEXT, "One."]


class TestConversation:
    async def test_somebody_elses_words_are_no_part(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(
            scene.message(BEN, "Well done!", **thread(target)), scene.message(BEN, "Indeed!", **reply(target))
        )
        assert shape(await scene.entry()) == [TEXT]

    async def test_once_somebody_else_has_spoken_in_the_thread_it_is_conversation(self, scene: Scene) -> None:
        target = await scene.submitted()
        before = scene.message(ANNA, "One.", **thread(target))
        after = scene.message(ANNA, "Thank you!", **thread(target))
        await scene.happen(before, scene.message(BEN, "Well done!", **thread(target)), after)
        assert shape(await scene.entry()) == [TEXT, "One."]
        assert await scene.reactions(after["event_id"]) == []

    async def test_a_reply_to_somebody_else_is_conversation(self, scene: Scene) -> None:
        target = await scene.submitted()
        question = scene.message(BEN, "Does it fly?", **reply(target))
        answer = scene.message(ANNA, "It does.", **thread(target, question["event_id"], is_reply=True))
        await scene.happen(question, answer, scene.message(ANNA, "It does.", **reply(question["event_id"])))
        assert shape(await scene.entry()) == [TEXT]

    async def test_a_reply_to_a_picture_that_was_taken_back_is_conversation(self, scene: Scene) -> None:
        await scene.submitted()
        picture = scene.picture(ANNA, "First")
        taken = scene.reaction(ANNA, picture["event_id"], "⭕")
        await scene.happen(picture, taken, scene.redaction(ANNA, taken["event_id"]))
        await scene.happen(scene.message(ANNA, "That was the wrong one.", **reply(picture["event_id"])))
        assert shape(await scene.entry()) == [TEXT]

    async def test_what_other_bots_say_by_themselves_makes_no_conversation(self, scene: Scene) -> None:
        target = await scene.submitted()
        preview = scene.event(BEN, "m.room.message", {"msgtype": "m.notice", "body": "A preview", **thread(target)})
        await scene.happen(preview, scene.message(ANNA, "One.", **thread(target)))
        assert shape(await scene.entry()) == [TEXT, "One."]

    async def test_a_discussion_before_the_message_was_taken_up_is_one(self, scene: Scene) -> None:
        message = scene.message(ANNA, TEXT)
        spoken = scene.message(BEN, "Well done!", **thread(message["event_id"]))
        taken = scene.reaction(EDITOR, message["event_id"], "⭕")
        await scene.happen(message, spoken, taken, scene.message(ANNA, "Thanks!", **thread(message["event_id"])))
        assert shape(await scene.entry()) == [TEXT]

    async def test_a_command_that_was_edited_is_no_part_when_it_is_read_again(self, scene: Scene) -> None:
        target = await scene.submitted()
        command = scene.message(ANNA, "!news drop 1", **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        edit = scene.edit(ANNA, command["event_id"], "NEWS: tiny")
        await scene.happen(command, edit)
        await scene.happen({**command, "unsigned": {"m.relations": {"m.replace": edit}}}, edit)
        assert shape(await scene.entry()) == [TEXT]

    async def test_a_command_below_an_entry_is_no_part(self, scene: Scene) -> None:
        target = await scene.submitted(EDITOR)
        await scene.happen(scene.message(EDITOR, "!news show 1", **reply(target)))
        assert shape(await scene.entry()) == [TEXT]

    async def test_the_bots_words_make_no_conversation(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(
            scene.message(BOT, "Something.", **thread(target)), scene.message(ANNA, "One.", **thread(target))
        )
        assert shape(await scene.entry()) == [TEXT, "One."]

    async def test_what_comes_after_the_edition_is_made_is_conversation(self, scene: Scene) -> None:
        target = await scene.submitted()
        scene.moment += 4 * DAY
        scene.now += timedelta(days=6)
        await scene.happen(scene.message(ANNA, "Just in time.", **thread(target)))
        scene.moment += 2 * DAY
        await scene.happen(scene.message(ANNA, "Too late.", **thread(target)))
        assert shape(await scene.entry()) == [TEXT, "Just in time."]

    @pytest.mark.parametrize("kind", ["m.notice", "m.emote", "m.file"])
    async def test_other_kinds_of_messages_are_no_part(self, scene: Scene, kind: str) -> None:
        target = await scene.submitted()
        content = {"msgtype": kind, "body": "One.", **thread(target)}
        await scene.happen(scene.event(ANNA, "m.room.message", content))
        assert shape(await scene.entry()) == [TEXT]

    async def test_a_reply_from_another_room_is_no_part(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.message(ANNA, "One.", EDITORS, **thread(target)))
        assert shape(await scene.entry()) == [TEXT]


async def test_a_part_that_an_edit_made_an_entry_is_gone_from_both_when_deleted(scene: Scene) -> None:
    target = await scene.submitted()
    picture = scene.picture(ANNA, "Private", body="Turm 3 is out", filename="a.png", **reply(target))
    new = {**picture["content"], "body": "NEWS: Turm 3 is out, with a caption of some length."}
    relation = {"rel_type": "m.replace", "event_id": picture["event_id"]}
    content = {**new, "m.new_content": new, "m.relates_to": relation}
    drop = scene.reaction(EDITOR, picture["event_id"], "❌")
    await scene.happen(picture, drop, scene.event(ANNA, "m.room.message", content))
    await scene.happen(scene.redaction(ANNA, picture["event_id"]))
    async with scene.database.snapshot() as records:
        assert not list(await records.connection.execute_fetchall("SELECT * FROM media"))
    assert shape(await scene.entry()) == [TEXT]


async def test_an_editor_drops_a_picture_alone_and_brings_it_back(scene: Scene) -> None:
    target = await scene.submitted()
    picture = scene.picture(ANNA, "First", **reply(target))
    drop = scene.reaction(EDITOR, picture["event_id"], "❌")
    await scene.happen(picture, drop)
    assert shape(await scene.entry()) == [TEXT]
    await scene.happen(scene.redaction(EDITOR, drop["event_id"], SUBMISSIONS))
    assert shape(await scene.entry()) == [TEXT, "First"]


async def test_what_was_fetched_for_a_deleted_picture_is_kept_for_no_other(scene: Scene) -> None:
    """SQLite gives the number of a deleted row to the next one."""
    target = await scene.submitted()
    private = scene.picture(ANNA, "Private", **reply(target))
    await scene.happen(private)
    async with scene.database.snapshot() as records:
        ((_, fetched),) = await records.media.wanted()
    await scene.happen(scene.redaction(ANNA, private["event_id"]), scene.picture(ANNA, "Right", **reply(target)))
    async with scene.database.transaction() as records:
        assert await records.media.keep(fetched, "png") is None
        await records.media.fail(fetched, "it is cut off")
        ((_, wanted),) = await records.media.wanted()
    assert (wanted.id, wanted.mxc) == (fetched.id, "mxc://example.org/Right")


class TestBeforeTheEntry:
    """What somebody says below their own message belongs to the entry that it becomes later."""

    async def told(self, scene: Scene) -> tuple[str, str, str]:
        """Have Anna send a message without a mention, and a picture and a text below it; return their event IDs."""
        message = scene.message(ANNA, TEXT)
        picture = scene.picture(ANNA, **reply(message["event_id"]))
        more = scene.message(ANNA, "And there is more to come.", **reply(picture["event_id"]))
        chatter = scene.message(BEN, "How lovely!", **reply(message["event_id"]))
        await scene.hear(message)
        await scene.hear(picture, more, chatter)
        assert await scene.entries() == []
        return message["event_id"], picture["event_id"], more["event_id"]

    @pytest.mark.parametrize("way", ["edit", "take-up"])
    async def test_it_belongs_to_the_entry(self, scene: Scene, way: str) -> None:
        target, picture, more = await self.told(scene)
        edit, take_up = scene.edit(ANNA, target, f"NEWS: {TEXT}"), scene.reaction(EDITOR, target, "⭕")
        await scene.hear(edit if way == "edit" else take_up)
        entry = await scene.entry()
        assert [media.event_id for media in entry.media] == [picture]
        assert [passage.event_id for passage in entry.passages] == [more]
        assert [await scene.reactions(each) for each in (picture, more)] == [["✅"], ["✅"]]

    async def test_what_was_deleted_meanwhile_does_not(self, scene: Scene) -> None:
        target, picture, more = await self.told(scene)
        await scene.hear(scene.redaction(ANNA, picture))
        await scene.hear(scene.reaction(EDITOR, target, "⭕"))
        entry = await scene.entry()
        assert (entry.media, entry.passages) == ((), ())
        async with scene.database.snapshot() as records:
            assert picture not in await records.followers.below(target, SUBMISSIONS)
        assert await scene.reactions(more) == []

    async def test_what_came_while_it_was_none_belongs_to_it_again(self, scene: Scene) -> None:
        message = scene.message(ANNA, TEXT)
        target, first = message["event_id"], scene.reaction(EDITOR, message["event_id"], "⭕")
        await scene.hear(message, first)
        await scene.hear(scene.redaction(EDITOR, first["event_id"]))
        more = scene.message(ANNA, "And there is more to come.", **reply(target))
        await scene.hear(more)
        await scene.hear(scene.reaction(EDITOR, target, "⭕"))
        assert [passage.event_id for passage in (await scene.entry()).passages] == [more["event_id"]]

    async def test_messages_that_answer_each_other_end(self, scene: Scene) -> None:
        """No honest server tells of such; they must not keep the bot busy."""
        one, other = (
            scene.message(ANNA, "One of two.", **reply("$other")),
            scene.message(ANNA, "Another.", **reply("$one")),
        )
        await scene.hear(one | {"event_id": "$one"}, other | {"event_id": "$other"})
        await scene.hear(scene.reaction(EDITOR, "$one", "⭕"))
        assert [passage.event_id for passage in (await scene.entry()).passages] == ["$other"]

    @pytest.mark.parametrize("is_picture", [True, False])
    async def test_what_was_below_a_deleted_entry_is_no_news_when_it_is_read_again(
        self,
        scene: Scene,
        is_picture: bool,  # noqa: FBT001 - given by pytest
    ) -> None:
        target = await scene.submitted()
        more = scene.picture(ANNA, **reply(target)) if is_picture else scene.message(ANNA, "And more.", **reply(target))
        await scene.happen(more, scene.redaction(ANNA, target))
        before = await followers(scene)
        await scene.happen(more)
        assert await followers(scene) == before

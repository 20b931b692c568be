"""Alternative texts: who is asked for them, and whose word counts."""

import json
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PINGS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from tests.desk.test_parts import reply, thread
from twimbot.desk.descriptions import QUESTION, Pictures
from twimbot.model.event import CAUSE

PICTURES = Pictures({"news": PUBLICATION})


async def fetch(scene: Scene, reason: str | None = None) -> None:
    """Fetch all wanted pictures, or find them unfit for a reason; as MediaKeeper does."""
    async with scene.database.snapshot() as records:
        wanted = await records.media.wanted()
    for _, media in wanted:
        async with scene.database.transaction() as records:
            if reason is None:
                await records.media.keep(media, "png")
                await PICTURES.hear_kept(records, media)
            else:
                await records.media.fail(media, reason)
                await PICTURES.hear_refused(records, media, reason)


async def questions(scene: Scene) -> list[dict[str, Any]]:
    """Return the contents of the questions that wait to be asked, after the homeserver has given them event IDs."""
    async with scene.database.transaction() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT seq, json(content) AS content FROM outbox WHERE purpose = 'describe' ORDER BY seq"
        )
        await records.connection.execute(
            "UPDATE outbox SET state = 'sent', event_id = '$question-' || cause WHERE purpose = 'describe'"
        )
    return [json.loads(row["content"]) for row in rows]


async def alts(scene: Scene) -> list[str]:
    """Return the alternative texts of the only entry's pictures."""
    return [media.alt for media in (await scene.entry()).media]


def gallery(scene: Scene, *names: str, **content: object) -> dict[str, Any]:
    """Make a message with several pictures."""
    items = [{"itemtype": "m.image", "body": f"{name}.png", "url": f"mxc://example.org/{name}"} for name in names]
    whole = {"msgtype": "dm.filament.gallery", "body": "", "itemtypes": items, **content}
    return scene.event(ANNA, "m.room.message", whole)


async def shown(scene: Scene, **content: object) -> str:
    """Have Anna submit a text with a picture that is fetched; return the picture's event ID."""
    target = await scene.submitted()
    picture = scene.picture(ANNA, **{**reply(target), **content})
    await scene.happen(picture)
    await fetch(scene)
    return str(picture["event_id"])


class TestTheQuestion:
    async def test_it_is_asked_once_in_a_thread_on_the_picture_and_mentions_the_sender(self, scene: Scene) -> None:
        picture = await shown(scene)
        await fetch(scene)
        (question,) = await questions(scene)
        assert question["body"].startswith("Anna A.: what does this picture show?")
        assert question["m.mentions"] == {"user_ids": [ANNA]}
        assert question["m.relates_to"] == thread(picture)["m.relates_to"]

    async def test_in_a_thread_it_is_a_reply_to_the_picture(self, scene: Scene) -> None:
        target = await scene.submitted()
        picture = scene.picture(ANNA, **thread(target))
        await scene.happen(picture)
        await fetch(scene)
        (question,) = await questions(scene)
        assert question["m.relates_to"] == thread(target, picture["event_id"], is_reply=True)["m.relates_to"]

    async def test_about_several_pictures_of_a_message_it_is_asked_when_all_are_there(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(gallery(scene, "One", "Two", **reply(target)))
        await fetch(scene)
        (question,) = await questions(scene)
        assert "what do these 2 pictures show?" in question["body"]

    @pytest.mark.parametrize("content", [{"body": "A tree", "filename": "a.png"}, {"msgtype": "m.video"}])
    async def test_described_pictures_and_videos_are_not_asked_about(self, scene: Scene, content: Any) -> None:  # noqa: ANN401 - a content
        await shown(scene, **content)
        assert await questions(scene) == []

    async def test_what_came_before_the_bots_time_is_not_asked_about(self, scene: Scene) -> None:
        submission = scene.message(ANNA, f"NEWS: {TEXT}")
        picture = scene.picture(ANNA, **reply(submission["event_id"]))
        await scene.happen(submission, picture, first_reading=True)
        await fetch(scene)
        assert (await scene.entry()).media
        assert await questions(scene) == []

    async def test_it_is_not_asked_once_the_edition_is_out(self, scene: Scene) -> None:
        scene.moment -= 7 * 24 * 3600 * 1000
        target = await scene.submitted()
        scene.moment += 7 * 24 * 3600 * 1000
        await scene.happen(scene.command(EDITOR, "published 2026-01-30"))
        await scene.happen(scene.picture(ANNA, **reply(target)))
        await fetch(scene)
        assert await questions(scene) == []

    async def test_a_deletion_in_another_room_leaves_it_to_be_asked(self, scene: Scene) -> None:
        picture = await shown(scene)
        await scene.happen(scene.redaction(ANNA, picture, EDITORS))
        assert len(await scene.said()) == 1
        await scene.happen(scene.redaction(ANNA, picture))
        assert await scene.said() == []

    async def test_a_picture_that_can_not_be_used_is_told_in_its_thread_and_not_asked_about(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.picture(ANNA, **thread(target)))
        await fetch(scene, "it is cut off")
        (said,) = await scene.said()
        assert said.startswith("I can't use this picture: it is cut off. Send a better one")
        assert await questions(scene) == []


class TestTheAnswer:
    @pytest.mark.parametrize("way", ["reply to the question", "reply to the picture", "thread", "after the question"])
    async def test_it_becomes_the_alternative_text(self, scene: Scene, way: str) -> None:
        picture = await shown(scene)
        await questions(scene)
        question = f"$question-{picture}"
        relation = {
            "reply to the question": thread(picture, question, is_reply=True),
            "reply to the picture": reply(picture),
            "thread": thread(picture),
            "after the question": thread(picture, question),
        }[way]
        answer = scene.message(ANNA, "A tree\nin  bloom", **relation)
        await scene.happen(answer)
        assert await alts(scene) == ["A tree in bloom"]
        assert await scene.reactions(answer["event_id"]) == ["✅"]
        assert (await scene.entry()).passages == ()

    async def test_in_the_thread_of_the_entry_only_a_reply_to_the_question_is_one(self, scene: Scene) -> None:
        target = await scene.submitted()
        picture = scene.picture(ANNA, **thread(target))
        await scene.happen(picture)
        await fetch(scene)
        await questions(scene)
        question = f"$question-{picture['event_id']}"
        more = scene.message(ANNA, "And this is how it looks at night:", **thread(target, question))
        await scene.happen(more, scene.message(ANNA, "A tree", **thread(target, question, is_reply=True)))
        entry = await scene.entry()
        assert [media.alt for media in entry.media] == ["A tree"]
        assert [passage.text for passage in entry.passages] == ["And this is how it looks at night:"]

    async def test_of_an_entry_that_is_a_picture_only_a_reply_to_the_question_is_one(self, scene: Scene) -> None:
        picture = scene.picture(ANNA, body=f"NEWS: {TEXT}", filename="a.png")
        await scene.happen(picture)
        await fetch(scene)
        await questions(scene)
        target = str(picture["event_id"])
        await scene.happen(scene.message(ANNA, "It has a new icon, too.", **thread(target)))
        await scene.happen(scene.message(ANNA, "A tree", **thread(target, f"$question-{target}", is_reply=True)))
        assert await alts(scene) == ["A tree"]
        assert [passage.text for passage in (await scene.entry()).passages] == ["It has a new icon, too."]

    async def test_once_somebody_else_has_spoken_in_its_thread_it_is_conversation(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.message(BEN, "Is that the new one?", **thread(picture)))
        await scene.happen(scene.message(ANNA, "Yes, thank you!", **thread(picture)))
        assert await alts(scene) == [""]
        await scene.happen(scene.message(ANNA, "A tree", **thread(picture, f"$question-{picture}", is_reply=True)))
        assert await alts(scene) == ["A tree"]

    async def test_before_the_question_there_is_no_answer(self, scene: Scene) -> None:
        picture = await shown(scene)
        await scene.happen(scene.message(ANNA, "Look!", **thread(picture)))
        assert await alts(scene) == [""]

    async def test_reading_it_again_changes_nothing(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        answer = scene.message(ANNA, "A tree", **reply(picture))
        await scene.happen(answer)
        await scene.happen(answer)
        assert (await alts(scene), (await scene.entry()).passages) == (["A tree"], ())

    async def test_a_further_text_below_a_picture_stays_one_when_read_again(self, scene: Scene) -> None:
        picture = await shown(scene)
        more = scene.message(ANNA, "More.", **reply(picture))
        await scene.happen(more)
        await questions(scene)
        await scene.happen(more)
        assert (await alts(scene), len((await scene.entry()).passages)) == ([""], 1)

    async def test_a_question_is_recognised_that_was_sent_as_the_bot_was_killed(self, scene: Scene) -> None:
        target = await scene.submitted()
        picture = scene.picture(ANNA, **thread(target))
        await scene.happen(picture)
        await fetch(scene)
        cause = {CAUSE: {"event_id": picture["event_id"], "purpose": QUESTION}}
        question = scene.message(BOT, "what?", **thread(target, picture["event_id"], is_reply=True), **cause)
        answer = scene.message(ANNA, "A tree", **thread(target, question["event_id"], is_reply=True))
        await scene.happen(question, answer)
        assert await alts(scene) == ["A tree"]

    async def test_a_question_about_a_deleted_picture_is_not_asked(self, scene: Scene) -> None:
        picture = await shown(scene)
        await scene.happen(scene.redaction(ANNA, picture))
        assert await scene.said() == []

    async def test_a_line_each_describes_several_pictures(self, scene: Scene) -> None:
        target = await scene.submitted()
        pictures = gallery(scene, "One", "Two", "Three", **reply(target))
        await scene.happen(pictures)
        await fetch(scene)
        await questions(scene)
        answer = scene.message(ANNA, "Here you go:\n1. A tree\n\n2. A bush", **thread(pictures["event_id"]))
        await scene.happen(answer)
        assert await alts(scene) == ["A tree", "A bush", ""]
        await scene.happen(scene.message(ANNA, "A hedge", **thread(pictures["event_id"])))
        assert await alts(scene) == ["A tree", "A bush", "A hedge"]

    async def test_the_first_in_the_thread_counts_and_a_reply_to_the_question_corrects_it(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.message(ANNA, "A tree", **thread(picture)))
        await scene.happen(scene.message(ANNA, "Isn't it nice?", **thread(picture)))
        assert await alts(scene) == ["A tree"]
        await scene.happen(scene.message(ANNA, "A bush", **thread(picture, f"$question-{picture}", is_reply=True)))
        assert await alts(scene) == ["A bush"]

    async def test_a_poor_answer_is_one(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.message(ANNA, "Screenshot", **thread(picture)))
        await scene.happen(scene.message(ANNA, "Isn't it nice?", **thread(picture)))
        assert await alts(scene) == ["Screenshot"]

    async def test_numbers_are_those_of_the_pictures(self, scene: Scene) -> None:
        target = await scene.submitted()
        pictures = gallery(scene, "One", "Two", "Three", **reply(target))
        await scene.happen(pictures)
        await fetch(scene)
        await questions(scene)
        answer = scene.message(ANNA, "3. A hedge\n1) A tree\n9. A cat", **thread(pictures["event_id"]))
        await scene.happen(answer)
        assert await alts(scene) == ["A tree", "", "A hedge"]
        await scene.happen(scene.edit(ANNA, answer["event_id"], "1. A bush\n2. A pond"))
        assert await alts(scene) == ["A bush", "A pond", ""]

    async def test_a_word_about_a_picture_that_is_gone_is_nothing(self, scene: Scene) -> None:
        target = await scene.submitted()
        picture = scene.picture(ANNA, **thread(target))
        await scene.happen(picture)
        await fetch(scene)
        await questions(scene)
        asked = f"$question-{picture['event_id']}"
        deleted = scene.redaction(ANNA, picture["event_id"])
        await scene.happen(deleted, scene.message(ANNA, "It is gone.", **thread(target, asked, is_reply=True)))
        assert (await scene.entry()).parts == ()

    async def test_an_answer_that_becomes_an_entry_goes_with_it(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        answer = scene.message(ANNA, "Something private", **thread(picture))
        await scene.happen(answer, scene.redaction(ANNA, answer["event_id"]))
        assert await alts(scene) == [""]
        async with scene.database.snapshot() as records:
            assert not list(await records.connection.execute_fetchall("SELECT text FROM caption"))

    async def test_strangers_do_not_answer_and_editors_do(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.message(BEN, "A cat", **thread(picture)))
        assert await alts(scene) == [""]
        await scene.happen(scene.message(EDITOR, "Could you send that larger?", **thread(picture)))
        await scene.happen(scene.message(EDITOR, "And larger?", **reply(picture)))
        assert await alts(scene) == [""]
        await scene.happen(scene.message(EDITOR, "A tree", **thread(picture, f"$question-{picture}", is_reply=True)))
        assert await alts(scene) == ["A tree"]
        await scene.happen(scene.message(ANNA, "A bush", **thread(picture, f"$question-{picture}", is_reply=True)))
        assert await alts(scene) == ["A bush"]

    async def test_it_follows_its_sender_edits_and_gives_way_when_deleted(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        answer = scene.message(ANNA, "A tree", **thread(picture))
        edit = scene.edit(ANNA, answer["event_id"], "A bush")
        await scene.happen(answer, edit, scene.edit(BEN, answer["event_id"], "A cat"))
        assert await alts(scene) == ["A bush"]
        await scene.happen(scene.redaction(ANNA, edit["event_id"]))
        assert await alts(scene) == ["A tree"]
        await scene.happen(scene.edit(ANNA, answer["event_id"], "A hedge"), scene.redaction(ANNA, answer["event_id"]))
        assert await alts(scene) == [""]

    async def test_an_entry_in_the_thread_of_a_picture_is_an_entry(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.message(ANNA, "NEWS: Turm 3 is out, with a new database.", **thread(picture)))
        assert len(await scene.entries()) == 2

    async def test_an_editors_word_outranks_a_later_answer(self, scene: Scene) -> None:
        picture = await shown(scene)
        await questions(scene)
        await scene.happen(scene.command(EDITOR, "alt 1 A tall tree"))
        await scene.happen(scene.message(ANNA, "A tree", **thread(picture, f"$question-{picture}", is_reply=True)))
        assert await alts(scene) == ["A tall tree"]

    @pytest.mark.parametrize("room", [EDITORS, SUBMISSIONS])
    async def test_a_deleted_command_describes_no_more(self, scene: Scene, room: str) -> None:
        await shown(scene)
        command = scene.command(EDITOR, "alt 1 A tall tree", room)
        await scene.happen(command, scene.redaction(EDITOR, command["event_id"], PINGS))
        assert await alts(scene) == ["A tall tree"]
        await scene.happen(scene.redaction(EDITOR, command["event_id"], room))
        assert await alts(scene) == [""]


async def test_a_question_shows_a_name_as_it_is_and_waits_behind_answers(scene: Scene) -> None:
    named = {"membership": "join", "displayname": '<b>Anna</b> & "Co"\nEdna\u202e'}
    await scene.happen(scene.event(ANNA, "m.room.member", named, state_key=ANNA))
    target = await scene.submitted()
    await scene.happen(scene.picture(ANNA, **reply(target)))
    await fetch(scene)
    await scene.happen(scene.message(ANNA, "NEWS: tiny"))
    async with scene.database.transaction() as records:
        waiting = []
        while row := await records.outbox.next_in(SUBMISSIONS):
            waiting.append(row)
            await records.outbox.mark_sent(row.seq, None)
    messages = [row.content for row in waiting if row.type == "m.room.message"]
    assert [content["msgtype"] for content in messages] == ["m.notice", "m.text"]
    assert messages[-1]["body"].startswith('<b>Anna</b> & "Co" Edna: what does')
    link = '<a href="https://matrix.to/#/@anna:example.org">&lt;b&gt;Anna&lt;/b&gt; &amp; &quot;Co&quot; Edna</a>'
    assert messages[-1]["formatted_body"].startswith(f"{link}: what does")

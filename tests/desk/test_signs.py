"""Nothing that is for the bot passes without a sign: what can't be taken is told to its sender, once."""

from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, TEXT, Scene
from tests.desk.test_parts import reply, shape, thread

MENTIONED = {"m.mentions": {"user_ids": [BOT]}}
FILE = {"msgtype": "m.file", "body": "notes.pdf", "url": "mxc://example.org/Notes"}
VOICE = {
    "msgtype": "m.audio",
    "body": "Voice message",
    "url": "mxc://example.org/Voice",
    "org.matrix.msc3245.voice": {},
}
PLACE = {"msgtype": "m.location", "body": "Berlin", "geo_uri": "geo:52.5,13.4"}
STICKER = {"body": "a waving rose", "url": "mxc://example.org/Sticker", "info": {}}
POLL = {"m.poll": {"question": {"m.text": [{"body": "NEWS: which release do you like best of all?"}]}, "answers": []}}
OLD_POLL = {"org.matrix.msc3381.poll.start": {"question": {"org.matrix.msc1767.text": "NEWS, which release?"}}}


@pytest.mark.parametrize(
    ("kind", "content", "named"),
    [
        ("m.room.message", {"msgtype": "m.emote", "body": f"NEWS: {TEXT}"}, "messages that begin with /me"),
        ("m.room.message", {"msgtype": "m.emote", "body": TEXT, **MENTIONED}, "messages that begin with /me"),
        ("m.room.message", {**PLACE, **MENTIONED}, "locations"),
        ("m.room.message", {**VOICE, **MENTIONED}, "sound files"),
        ("m.room.message", {**FILE, **MENTIONED}, "files that are neither"),
        ("m.room.message", {"msgtype": "m.image", "body": "a.png", **MENTIONED}, "pictures without a text"),
        ("m.room.message", {"msgtype": "x.confetti", "body": f"NEWS: {TEXT}"}, "messages of this kind"),
        ("m.sticker", {**STICKER, **MENTIONED}, "stickers"),
        ("m.poll.start", POLL, "polls"),
        ("org.matrix.msc3381.poll.start", OLD_POLL, "polls"),
    ],
)
async def test_what_is_addressed_and_no_entry_is_told_once(
    scene: Scene, kind: str, content: dict[str, Any], named: str
) -> None:
    sent = scene.event(ANNA, kind, content)
    await scene.happen(sent)
    await scene.happen(sent)
    (said,) = await scene.said()
    assert said.startswith(f"I can't take up {named}")
    assert await scene.entries() == []


@pytest.mark.parametrize("relation", [reply, thread])
@pytest.mark.parametrize(
    ("kind", "content"),
    [("m.room.message", FILE), ("m.room.message", VOICE), ("m.sticker", STICKER)],
)
async def test_what_a_post_can_not_show_is_told_below_an_entry_and_where_it_is_marked(
    scene: Scene,
    kind: str,
    content: dict[str, Any],
    relation: Any,  # noqa: ANN401 - one of two functions
) -> None:
    target = await scene.submitted()
    await scene.happen(scene.event(ANNA, kind, {**content, **relation(target)}))
    marked = scene.event(ANNA, kind, content)
    await scene.hear(marked)
    assert len(await scene.said()) == 1
    await scene.hear(scene.reaction(ANNA, marked["event_id"], "⭕"))
    await scene.hear(scene.reaction(EDITOR, marked["event_id"], "⭕"))
    said = await scene.said()
    assert len(said) == 2
    assert all(each.startswith("A post can't show ") for each in said)
    assert shape(await scene.entry()) == [TEXT]


@pytest.mark.parametrize("content", [FILE, VOICE])
async def test_the_text_of_a_file_for_the_bot_is_taken_and_its_sender_told_what_is_not(
    scene: Scene, content: dict[str, Any]
) -> None:
    sent = scene.event(ANNA, "m.room.message", {**content, "filename": content["body"], "body": f"NEWS: {TEXT}"})
    await scene.happen(sent)
    assert shape(await scene.entry()) == [TEXT]
    assert "✅" in await scene.reactions(sent["event_id"])
    (said,) = await scene.said()
    assert said.startswith("A post can't show ")


async def test_a_picture_that_is_sent_as_a_file_is_a_picture(scene: Scene) -> None:
    target = await scene.submitted()
    file = {**FILE, "body": "night", "info": {"mimetype": "image/png"}}
    relation = {"rel_type": "io.element.thread", "event_id": target}
    await scene.happen(
        scene.event(ANNA, "m.room.message", {**file, **reply(target)}),
        scene.message(ANNA, "And by day.", **{"m.relates_to": relation}),
        scene.event(ANNA, "m.room.message", {**FILE, "body": "day.mp4", "m.relates_to": relation}),
    )
    assert [media.kind for media in (await scene.entry()).media] == ["m.image", "m.video"]
    assert shape(await scene.entry()) == [TEXT, "Notes", "And by day.", "Notes"]
    assert await scene.said() == []


async def test_an_emote_is_taken_once_it_is_a_text_or_an_editor_wants_it(scene: Scene) -> None:
    told = scene.event(ANNA, "m.room.message", {"msgtype": "m.emote", "body": f"NEWS: {TEXT}"})
    await scene.hear(told)
    await scene.hear(scene.edit(ANNA, told["event_id"], f"NEWS: {TEXT} Twice.", kind="m.emote"))
    assert await scene.entries() == []
    await scene.hear(scene.edit(ANNA, told["event_id"], f"{TEXT} Thrice."))
    assert shape(await scene.entry()) == [f"{TEXT} Thrice."]
    wanted = scene.event(BEN, "m.room.message", {"msgtype": "m.emote", "body": f"says that {TEXT}"})
    await scene.hear(wanted)
    await scene.hear(scene.reaction(EDITOR, wanted["event_id"], "⭕"))
    await scene.hear(scene.edit(BEN, wanted["event_id"], f"says again that {TEXT}", kind="m.emote"))
    assert [entry.text for entry in await scene.entries()] == [f"{TEXT} Thrice.", f"says again that {TEXT}"]
    assert len(await scene.said()) == 1


async def test_conversation_in_such_kinds_and_notices_get_no_answer(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(
        scene.event(BEN, "m.sticker", {**STICKER, **thread(target)}),
        scene.event(ANNA, "m.sticker", {**STICKER, **thread(target)}),
        scene.event(BEN, "m.room.message", {**FILE, **reply(target)}),
        scene.event(ANNA, "m.room.message", {"msgtype": "m.emote", "body": "is glad", **reply(target)}),
        scene.event(ANNA, "m.room.message", {"msgtype": "m.notice", "body": f"NEWS: {TEXT}", **MENTIONED}),
        scene.event(BEN, "m.poll.start", {"m.poll": {"question": {"m.text": [{"body": "Tea?"}]}}}),
        scene.event(BEN, "m.sticker", STICKER),
    )
    assert await scene.said() == []

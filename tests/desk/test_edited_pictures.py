"""Edits that put other pictures in the place of those that were sent."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, PUBLICATION, SUBMISSIONS, TEXT, Scene
from twimbot.desk.descriptions import Pictures
from twimbot.model.entry import Media

PICTURES = Pictures({"news": PUBLICATION})


def picture(name: str, caption: str | None = None, kind: str = "m.image") -> dict[str, Any]:
    named = {"filename": f"{name}.png", "body": caption} if caption else {"body": f"{name}.png"}
    return {"msgtype": kind, "url": f"mxc://example.org/{name}", **named}


def encrypted(name: str, secret: str) -> dict[str, Any]:
    file = {"url": f"mxc://example.org/{name}", "key": {"k": secret}, "iv": "iv", "hashes": {"sha256": "sum"}}
    return {"msgtype": "m.image", "body": "a.png", "file": file}


def gallery(*names: str) -> dict[str, Any]:
    items = [{"itemtype": "m.image", "body": f"{name}.png", "url": f"mxc://example.org/{name}"} for name in names]
    return {"msgtype": "dm.filament.gallery", "body": "", "itemtypes": items}


def text(words: str) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": words}


async def shown(scene: Scene) -> list[tuple[str, str]]:
    """Return the pictures of the only entry, each with its alternative text."""
    return [(media.mxc.rpartition("/")[2], media.alt) for media in (await scene.entry()).media]


async def fetch(scene: Scene) -> list[str]:
    """Keep every picture that is to be fetched, as the fetching does; return their names."""
    names = []
    async with scene.database.transaction() as records:
        for _, media in await records.media.wanted():
            names.append(await records.media.keep(media, "png"))
            await PICTURES.hear_kept(records, media)
    return [name for name in names if name]


async def sent_below(scene: Scene, content: Mapping[str, Any], how: str) -> str:
    """Have Anna send a picture that belongs to her entry, in one of the ways there are; return its event ID."""
    target = await scene.submitted()
    relations: Mapping[str, Mapping[str, Any]] = {
        "reply": {"m.relates_to": {"m.in_reply_to": {"event_id": target}}},
        "thread": {"m.relates_to": {"rel_type": "m.thread", "event_id": target}},
        "sign": {},
    }
    event = scene.event(ANNA, "m.room.message", {**content, **relations[how]})
    await scene.hear(event)
    if how == "sign":
        await scene.hear(scene.reaction(ANNA, event["event_id"], "⭕"))
    return str(event["event_id"])


@pytest.mark.parametrize("how", ["reply", "thread", "sign"])
async def test_the_new_picture_stands_in_the_place_of_the_old_one(scene: Scene, how: str) -> None:
    target = await sent_below(scene, picture("Old", "A telescope on a hill"), how)
    assert await fetch(scene) == ["Old.png"]
    removed = await scene.happen(scene.edit_into(ANNA, target, picture("New")))
    assert await shown(scene) == [("New", "")]
    assert removed == ["Old.png"]
    assert await fetch(scene) == ["New.png"]


@pytest.mark.parametrize("how", ["reply", "sign"])
async def test_its_alternative_text_is_what_the_edit_says(scene: Scene, how: str) -> None:
    target = await sent_below(scene, picture("Old", "A telescope on a hill"), how)
    await scene.happen(scene.edit_into(ANNA, target, picture("New", "A bell in a tower")))
    assert await shown(scene) == [("New", "A bell in a tower")]
    await scene.happen(scene.edit_into(ANNA, target, picture("New", "A bell in a high tower")))
    assert await shown(scene) == [("New", "A bell in a high tower")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (gallery("A", "B"), gallery("B", "A"), ["B", "A"]),
        (gallery("A", "B"), gallery("A"), ["A"]),
        (gallery("A"), gallery("A", "B"), ["A", "B"]),
        (gallery("A", "B", "C"), gallery("A", "D", "C"), ["A", "D", "C"]),
        (gallery("A"), gallery("A", "A"), ["A", "A"]),
        (gallery("A", "B"), picture("B"), ["B"]),
        (picture("A"), gallery("B", "A"), ["B", "A"]),
        (picture("A"), picture("B", kind="m.video"), ["B"]),
        (picture("A"), picture("A", kind="m.video"), ["A"]),
        (picture("A"), picture("B", kind="m.audio"), []),
        (encrypted("A", "k"), encrypted("B", "k"), ["B"]),
        (encrypted("A", "k"), picture("B"), ["B"]),
        (picture("A"), text("Words in the place of a picture"), ["A"]),
    ],
)
async def test_what_the_edit_shows_is_shown(
    scene: Scene, before: Mapping[str, Any], after: Mapping[str, Any], expected: list[str]
) -> None:
    target = await sent_below(scene, before, "reply")
    await scene.happen(scene.edit_into(ANNA, target, after))
    assert [name for name, _ in await shown(scene)] == expected


async def test_what_stays_in_a_gallery_keeps_its_alternative_text_and_file(scene: Scene) -> None:
    target = await sent_below(scene, gallery("A", "B"), "reply")
    await fetch(scene)
    await scene.happen(scene.command(EDITOR, "alt 1 1 A bell"), scene.command(EDITOR, "alt 1 2 A telescope"))
    removed = await scene.happen(scene.edit_into(ANNA, target, gallery("B", "C", "A")))
    assert (await shown(scene), removed) == ([("B", "A telescope"), ("C", ""), ("A", "A bell")], [])
    assert await fetch(scene) == ["C.png"]


async def test_a_text_that_becomes_a_captioned_picture_and_a_text_again(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.edit_into(ANNA, target, picture("New", f"NEWS: {TEXT}")))
    assert (await shown(scene), (await scene.entry()).text) == ([("New", "")], TEXT)
    assert await fetch(scene) == ["New.png"]
    removed = await scene.happen(scene.edit(ANNA, target, f"NEWS: {TEXT} Again."))
    assert (await shown(scene), (await scene.entry()).text, removed) == ([], f"{TEXT} Again.", ["New.png"])


async def test_a_captioned_entry_shows_its_new_picture(scene: Scene) -> None:
    message = scene.event(ANNA, "m.room.message", picture("Old", f"NEWS: {TEXT}"))
    await scene.happen(message)
    await scene.happen(scene.edit_into(ANNA, message["event_id"], picture("New", f"NEWS: {TEXT} Again.")))
    assert (await shown(scene), (await scene.entry()).text) == ([("New", "")], f"{TEXT} Again.")


async def test_a_further_text_that_becomes_a_captioned_picture(scene: Scene) -> None:
    target = await scene.submitted()
    below = scene.message(ANNA, "It is faster, too.", **{"m.relates_to": {"rel_type": "m.thread", "event_id": target}})
    await scene.happen(below)
    await scene.happen(scene.edit_into(ANNA, below["event_id"], picture("New", "It is much faster, too.")))
    (passage,) = (await scene.entry()).passages
    assert (await shown(scene), passage.text) == ([("New", "")], "It is much faster, too.")


async def test_a_file_that_others_use_stays(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    other = scene.event(
        ANNA, "m.room.message", {**picture("Old"), "m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    )
    await scene.hear(other)
    await fetch(scene)
    assert await scene.happen(scene.edit_into(ANNA, target, picture("New"))) == []
    assert [name for name, _ in await shown(scene)] == ["New", "Old"]


async def test_an_edit_that_is_taken_back_brings_the_old_picture_back(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old", "A telescope on a hill"), "reply")
    edit = scene.edit_into(ANNA, target, picture("New", "A bell in a tower"))
    await scene.happen(edit)
    await fetch(scene)
    assert await scene.happen(scene.redaction(ANNA, edit["event_id"])) == ["New.png"]
    assert await shown(scene) == [("Old", "A telescope on a hill")]
    assert await fetch(scene) == ["Old.png"]
    async with scene.database.snapshot() as records:
        assert "bell" not in str(
            [tuple(row) for row in await records.connection.execute_fetchall("SELECT * FROM caption")]
        )


async def test_an_old_edit_that_comes_late_changes_nothing(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    early = scene.edit_into(ANNA, target, picture("Early"))
    late = scene.edit_into(ANNA, target, picture("Late"))
    await scene.happen(late)
    await scene.happen(early)
    await scene.happen(late, early)
    assert [name for name, _ in await shown(scene)] == ["Late"]


@pytest.mark.parametrize("sender", [BEN, EDITOR])
async def test_nobody_else_replaces_it(scene: Scene, sender: str) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    await scene.happen(scene.edit_into(sender, target, picture("New")))
    assert [name for name, _ in await shown(scene)] == ["Old"]


async def test_a_picture_that_was_edited_before_it_is_taken_up(scene: Scene) -> None:
    await scene.submitted()
    event = scene.event(ANNA, "m.room.message", picture("Old", "A telescope on a hill"))
    edit = scene.edit_into(ANNA, event["event_id"], picture("New", "A bell in a tower"))
    beside = {**event, "unsigned": {"m.relations": {"m.replace": edit}}}
    await scene.hear(beside)
    await scene.hear(scene.reaction(ANNA, event["event_id"], "⭕"))
    assert await shown(scene) == [("New", "A bell in a tower")]
    await scene.happen(scene.redaction(ANNA, edit["event_id"]))
    assert await shown(scene) == [("Old", "A telescope on a hill")]


async def test_a_file_that_is_on_its_way_is_not_kept_any_more(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    async with scene.database.snapshot() as records:
        ((_, media),) = await records.media.wanted()
    await scene.happen(scene.edit_into(ANNA, target, picture("New")))
    async with scene.database.transaction() as records:
        assert await records.media.keep(media, "png") is None


async def asked(scene: Scene) -> int:
    """Have the homeserver take what is to be said; return how often a description was asked for so far."""
    async with scene.database.transaction() as records:
        while row := await records.outbox.next_in(SUBMISSIONS):
            await records.outbox.mark_sent(row.seq, f"$sent-{row.seq}")
        rows = await records.connection.execute_fetchall(
            "SELECT event_id FROM outbox WHERE purpose GLOB 'describe*' AND state = 'sent' ORDER BY seq"
        )
    scene_questions = [row["event_id"] for row in rows]
    scene.told["questions"] = {"event_id": scene_questions[-1]} if scene_questions else {}
    return len(scene_questions)


async def test_a_description_is_asked_for_anew_once(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    await fetch(scene)
    assert await asked(scene) == 1
    await scene.happen(scene.edit_into(ANNA, target, picture("New")))
    await fetch(scene)
    assert await asked(scene) == 2
    question = scene.told["questions"]["event_id"]
    await scene.happen(
        scene.message(ANNA, "A bell in a high tower", **{"m.relates_to": {"m.in_reply_to": {"event_id": question}}})
    )
    assert await shown(scene) == [("New", "A bell in a high tower")]
    await scene.happen(scene.edit_into(ANNA, target, picture("Newer")))
    await fetch(scene)
    assert (await asked(scene), await shown(scene)) == (2, [("Newer", "")])


async def test_no_description_is_asked_for_where_the_edit_gives_one(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    await fetch(scene)
    await scene.happen(scene.edit_into(ANNA, target, picture("New", "A bell in a high tower")))
    await fetch(scene)
    assert await asked(scene) == 0


async def test_what_is_deleted_leaves_nothing_of_its_edits(scene: Scene) -> None:
    target = await sent_below(scene, picture("Old"), "reply")
    await scene.happen(scene.edit_into(ANNA, target, picture("New", "A bell")))
    await fetch(scene)
    assert await scene.happen(scene.redaction(ANNA, target)) == ["New.png"]
    async with scene.database.snapshot() as records:
        for table in ("media", "media_edit", "caption"):
            assert list(await records.connection.execute_fetchall(f"SELECT * FROM {table}")) == []  # noqa: S608 - named above


async def test_the_pictures_of_an_entry_stand_in_the_order_sent(scene: Scene) -> None:
    first = await sent_below(scene, picture("A"), "reply")
    second = scene.event(
        ANNA, "m.room.message", {**picture("B"), "m.relates_to": {"m.in_reply_to": {"event_id": first}}}
    )
    await scene.hear(second)
    await scene.happen(scene.edit_into(ANNA, first, picture("C")))
    found: list[Media] = list((await scene.entry()).media)
    assert [media.mxc.rpartition("/")[2] for media in found] == ["C", "B"]


async def test_of_many_edits_the_latest_are_kept_and_of_the_others_nothing(scene: Scene) -> None:
    """Whoever deletes them goes back by three, and then to what was sent."""
    target = await sent_below(scene, picture("Sent"), "reply")
    edits = [
        scene.edit_into(ANNA, target, gallery(*(f"P{number}-{each}" for each in range(20)))) for number in range(9)
    ]
    for edit in edits:
        await scene.hear(edit)
        await fetch(scene)
    await scene.happen(*edits)
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT (SELECT count(*) FROM media), (SELECT count(*) FROM media_edit)"
        )
    assert [tuple(row) for row in rows] == [(1 + 3 * 20, 3 * 20)]
    firsts = []
    for edit in reversed(edits):
        firsts.append((await shown(scene))[0][0])
        await scene.hear(scene.redaction(ANNA, edit["event_id"]))
    assert firsts == ["P8-0", "P7-0", "P6-0", *["Sent"] * 6]


async def test_long_descriptions_that_were_edited_since_are_not_kept(scene: Scene) -> None:
    target = await sent_below(scene, picture("Sent", "A tower"), "reply")
    edits = [scene.edit_into(ANNA, target, picture("Sent", f"{number} ".ljust(60_000, "x"))) for number in range(9)]
    for edit in edits:
        await scene.hear(edit)
    async with scene.database.snapshot() as records:
        ((size,),) = await records.connection.execute_fetchall("SELECT sum(length(text)) FROM caption")
    assert size <= 2 * 60_000
    assert (await shown(scene))[0][1].startswith("8 ")
    await scene.hear(scene.redaction(ANNA, edits[-1]["event_id"]))
    assert (await shown(scene))[0][1].startswith("7 ")

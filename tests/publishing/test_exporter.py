"""Exports that are asked for, and faults that are the bot's own and pass with them."""

import json
from pathlib import Path

import pytest

from tests.commands.test_commands import picture
from tests.desk.scene import ANNA, BEN, EDITOR, EDITORS, PUBLICATION, Scene
from twimbot.errors import DatabaseError, HomeserverError, LoggedOut, TwimbotError, Unwritable
from twimbot.publishing.exporter import Address, Exporter


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Answered(Exception):
    """An export was answered."""


def answered() -> None:
    raise Answered


def exporter(scene: Scene, folder: Path, *faults: TwimbotError | None) -> Exporter:
    """Return an exporter whose uploads meet these faults, one after another; None is none."""
    coming = iter(faults)

    async def upload(data: bytes, mimetype: str, file_name: str, *, is_encrypted: bool) -> Address:
        assert data, (mimetype, file_name, is_encrypted)
        if fault := next(coming):
            raise fault
        return {"url": "mxc://example.org/a"}

    async def settle(_seconds: float) -> None:
        pass

    return Exporter(scene.database, {"news": PUBLICATION}, folder, upload, settle, answered)


@pytest.mark.parametrize("fault", [LoggedOut("ended"), Unwritable("full"), DatabaseError("damaged")])
@pytest.mark.parametrize("uploaded", [0, 1])
async def test_what_ends_the_bot_leaves_the_export_for_the_next_start(
    scene: Scene, tmp_path: Path, fault: TwimbotError, uploaded: int
) -> None:
    await scene.submitted()
    await scene.happen(scene.command(EDITOR, "export"))
    said = await scene.said(EDITORS)
    with pytest.raises(type(fault)):
        await exporter(scene, tmp_path, *[None] * uploaded, fault).run()
    assert await scene.said(EDITORS) == said
    with pytest.raises(Answered):
        await exporter(scene, tmp_path, None, None).run()
    assert "can't" not in (await scene.said(EDITORS))[-1]


async def test_what_keeps_the_export_from_being_made_is_said(scene: Scene, tmp_path: Path) -> None:
    await scene.submitted()
    await scene.happen(scene.command(EDITOR, "export"))
    with pytest.raises(Answered):
        await exporter(scene, tmp_path, HomeserverError("the file is too large")).run()
    assert "the file is too large" in (await scene.said(EDITORS))[-1]


async def export(scene: Scene, folder: Path) -> str:
    """Export the due edition, and return what is said about that."""
    await scene.happen(scene.command(EDITOR, "export"))
    with pytest.raises(Answered):
        await exporter(scene, folder, None, None).run()
    return (await scene.said(EDITORS))[-1]


async def changes(scene: Scene) -> list[str]:
    """Return the paragraphs of what is said to have changed."""
    await scene.happen(scene.command(EDITOR, "changes"))
    return (await scene.said(EDITORS))[-1].split("\n\n")


async def test_what_has_changed_since_the_last_export_is_told_with_who_did_it(scene: Scene, tmp_path: Path) -> None:
    targets = [await scene.submitted(ANNA, f"Number {number} of the news of this week.") for number in range(1, 6)]
    assert await changes(scene) == ["The edition of 2026-02-06 has not been exported yet."]
    assert "Since the last export" not in await export(scene, tmp_path)
    assert await changes(scene) == ["Nothing has changed in the edition of 2026-02-06 since its last export."]
    await scene.happen(
        scene.edit(ANNA, targets[0], "NEWS: Number 1 of the news of this week.\nAnd a second line."),
        scene.command(EDITOR, "drop 2"),
        scene.command(EDITOR, "file 3 servers turm"),
        scene.command(EDITOR, "move 4 next"),
        scene.redaction(ANNA, targets[4]),
        scene.message(BEN, "NEWS: Another one, which is new since then."),
    )
    expected = [
        "Since the last export of the edition of 2026-02-06:",
        "Entry 6 by Ben is new.",
        "Entry 1 by Anna A. has another text:",
        "```\n+And a second line.\n```",
        "Entry 2 by Anna A. is left out by Edna.",
        "Entry 3 by Anna A. stands under Servers 🏢, Turm Server now, by Edna; it was not filed.",
        "Entry 4 by Anna A. is in the edition of 2026-02-13 now.",
        "Entry 5 is gone: its message was deleted, or an editor has taken back what took it up.",
    ]
    assert await changes(scene) == expected
    assert (await export(scene, tmp_path)).endswith("\n\n".join(expected))
    assert await changes(scene) == ["Nothing has changed in the edition of 2026-02-06 since its last export."]


async def test_pictures_and_their_texts_are_compared_too(scene: Scene, tmp_path: Path) -> None:
    target = await scene.submitted()
    await export(scene, tmp_path)
    await scene.happen(picture(scene, target, "One"))
    assert "Entry 1 by Anna A. has other pictures: 1 picture now." in await changes(scene)
    await export(scene, tmp_path)
    await scene.happen(scene.command(EDITOR, "alt 1 A tree"))
    assert "Entry 1 by Anna A. has other alternative texts: “A tree”." in await changes(scene)


async def test_deleted_words_are_not_quoted_as_a_difference(scene: Scene, tmp_path: Path) -> None:
    target = await scene.submitted()
    edit = scene.edit(ANNA, target, "NEWS: Fernglas 1.4 is out, and this was said by mistake.")
    await scene.happen(edit)
    await export(scene, tmp_path)
    await scene.happen(scene.redaction(ANNA, edit["event_id"]))
    said = await changes(scene)
    assert "Entry 1 by Anna A. has another text, since something of it was deleted." in said
    assert "by mistake" not in "".join(said)
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT * FROM exported_entry WHERE text LIKE '%mistake%'")
        assert list(rows) == []


async def test_what_is_deleted_while_it_is_uploaded_is_in_no_export(scene: Scene, tmp_path: Path) -> None:
    """The export is made again, without it."""
    target = await scene.submitted(ANNA, "Fernglas 1.4 has a secret that was said by mistake.")
    await scene.submitted(BEN, "Turm 2 keeps what people said in fewer bytes.")
    uploaded: list[bytes] = []

    async def upload(data: bytes, mimetype: str, file_name: str, *, is_encrypted: bool) -> Address:
        assert mimetype
        assert file_name
        assert not is_encrypted
        uploaded.append(data)
        if len(uploaded) == 1:
            await scene.happen(scene.redaction(ANNA, target))
        return {"url": f"mxc://example.org/{len(uploaded)}"}

    async def settle(_seconds: float) -> None:
        pass

    await scene.happen(scene.command(EDITOR, "export"))
    with pytest.raises(Answered):
        await Exporter(scene.database, {"news": PUBLICATION}, tmp_path, upload, settle, answered).run()
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT content FROM outbox WHERE content LIKE '%mxc:%'")
    sent = [json.loads(row["content"])["url"] for row in rows]
    assert b"by mistake" in uploaded[0]
    assert "mxc://example.org/1" not in sent
    assert not any(b"by mistake" in uploaded[int(url.rpartition("/")[2]) - 1] for url in sent)
    assert "by mistake" not in "".join(map(read_text, sorted(tmp_path.rglob("*.md"))))  # noqa: ASYNC240 - nobody waits


@pytest.mark.parametrize("command", ["list", "show 1", "find mistake", "why 1", "status", "changes", "unfiled"])
@pytest.mark.parametrize("is_part", [False, True])
async def test_an_answer_that_waits_quotes_nothing_that_was_deleted(
    scene: Scene, tmp_path: Path, command: str, *, is_part: bool
) -> None:
    target = await scene.submitted(
        ANNA, "Fernglas 1.4 is out, and faster." if is_part else "Fernglas was said by mistake, I fear."
    )
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    part = scene.message(ANNA, "It [x](nowhere.invalid) was said by mistake, I am afraid.", **reply)
    await scene.happen(part)
    await export(scene, tmp_path)
    await scene.happen(scene.command(EDITOR, command))
    await scene.happen(scene.redaction(ANNA, part["event_id"] if is_part else target))
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT content FROM outbox WHERE state = 'pending'")
    waiting = [row["content"] for row in rows]
    assert any("Ask me again." in content for content in waiting)
    assert not any("mistake" in content or "mxc:" in content for content in waiting)

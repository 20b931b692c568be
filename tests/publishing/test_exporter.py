"""Exports that are asked for, and faults that are the bot's own and pass with them."""

from pathlib import Path

import pytest

from tests.desk.scene import EDITOR, EDITORS, PUBLICATION, Scene
from twimbot.errors import DatabaseError, HomeserverError, LoggedOut, TwimbotError, Unwritable
from twimbot.publishing.exporter import Address, Exporter


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

"""A database that was put back from a backup, and a disk that has no room for pictures and posts."""

import asyncio
import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from tests.disk.running import fill, small_disk
from tests.disk.test_faults import told
from twimbot.app import back_up
from twimbot.demo.homeserver import Homeserver

SIDE = 580
ROOM = 800_000
"""How many bytes are left on a disk that is too small for a picture, and large enough for what the database writes."""


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    return await found_office(homeserver, newcomer, tmp_path)


def noise() -> bytes:
    """Return a picture of some 1 MB, which can't be packed."""
    drawn = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3)).save(drawn, "PNG")
    return drawn.getvalue()


async def submit_with_picture(office: Office) -> str:
    """Submit an entry with a picture; return the picture's event ID."""
    entry = await office.submit()
    content = await office.anna.image_content(noise(), file_name="a.png")
    return await office.anna.reply(office.submissions, entry, content)


def pictures_in(folder: Path) -> list[Path]:
    return [file for file in folder.glob("*.png") if not file.name.startswith(".")]


async def kept(folder: Path) -> Path:
    """Wait for the only picture that is kept in a folder."""
    async with asyncio.timeout(30):
        while True:
            for file in pictures_in(folder):
                return file
            await asyncio.sleep(0.05)


async def test_pictures_that_are_missing_beside_a_restored_database_are_fetched_again(
    office: Office, tmp_path: Path
) -> None:
    data = office.config.data_dir
    async with office.open():
        await office.acknowledged(await submit_with_picture(office))
        picture = (await kept(data / "media")).read_bytes()
        back_up(office.config, tmp_path / "copy.db", lambda _done, _all: None, replaces=False)
    shutil.rmtree(data)
    data.mkdir()
    shutil.copy(tmp_path / "copy.db", data / "twimbot.db")
    async with office.open():
        assert (await kept(data / "media")).read_bytes() == picture
        files = await office.exported()
    assert any(name.endswith(".zip") for name in files)


async def test_a_disk_without_room_for_a_picture_or_a_post_is_told_and_the_bot_goes_on(
    office: Office, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "12m") as disk:
        office.configure(data_dir=str(disk / "data"))
        async with office.open():
            filler = fill(disk)
            os.truncate(filler, filler.stat().st_size - ROOM)
            picture = await submit_with_picture(office)
            await office.acknowledged(picture)
            assert "No space left on device" in await told(office, "I can't keep the pictures of entries just now")
            filler.unlink()
            await kept(disk / "data" / "media")
            filler = fill(disk)
            os.truncate(filler, filler.stat().st_size - ROOM)
            await office.editor.text(office.editors_room, "!news export")
            assert "No space left on device" in await told(office, "can't be exported")
            filler.unlink()
            assert any(name.endswith(".zip") for name in await office.exported())

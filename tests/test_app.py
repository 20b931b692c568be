"""How the parts are stopped, and what the running bot does where it can't go on as always."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.desk.scene import ANNA, BOT, EDITORS, NOW, PUBLICATION, SUBMISSIONS, TEXT, Scene
from twimbot import words
from twimbot.app import Bot, alone, open_client, open_database
from twimbot.config import Config, Credentials
from twimbot.demo.homeserver import LOOPBACK, free_port
from twimbot.errors import ConfigurationError
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.event import read_event
from twimbot.publishing.exporter import export_folder

OTHER_EDITORS = "!elsewhere:example.org"
ROOMS = [EDITORS, OTHER_EDITORS]
NOWHERE = "http://127.0.0.1:1"


@asynccontextmanager
async def bot_of(scene: Scene, folder: Path, homeserver: str = NOWHERE) -> AsyncIterator[Bot]:
    """Build the bot on the scene's database, without running it."""
    written = {
        "homeserver": homeserver,
        "user_id": BOT,
        "data_dir": folder / "data",
        "publications": {"news": PUBLICATION},
    }
    config = Config.model_validate(written)
    async with open_client(config) as client:
        yield Bot(config, Credentials(), client, scene.database)


@asynccontextmanager
async def homeserver_that_refuses(room_id: str, told: list[str]) -> AsyncIterator[str]:
    """Start a homeserver that lets nobody speak in one room; return its address, and note where was spoken."""

    async def answer(request: web.Request) -> web.Response:
        if room_id in request.path:
            return web.json_response({"errcode": "M_FORBIDDEN", "error": "no"}, status=403)
        told.extend(room for room in ROOMS if room in request.path)
        return web.json_response({"event_id": "$told"})

    application = web.Application()
    application.router.add_put("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        await runner.cleanup()


async def test_a_stop_finishes_a_deletion_in_hand(scene: Scene, tmp_path: Path) -> None:
    entry = await scene.submitted()
    deletion = read_event(scene.redaction(ANNA, entry), SUBMISSIONS)
    assert deletion
    async with bot_of(scene, tmp_path) as bot:
        tree = export_folder(bot.config.data_dir, "news", PUBLICATION.calendar.edition_of(NOW))
        tree.mkdir(parents=True)
        (tree / "post.md").write_text(TEXT, encoding="utf-8")
        async with scene.database.transaction():  # so that the deletion is not stored before the stop
            recording = asyncio.ensure_future(bot._record(Batch((RoomEvents(SUBMISSIONS, (deletion,)),))))  # noqa: SLF001
            while bot._recording is None:  # noqa: SLF001, ASYNC110 - the only sign that it is in hand
                await asyncio.sleep(0)
            recording.cancel()
            await asyncio.wait([recording])
        await bot.stop()
    assert await scene.entries() == []
    assert not tree.exists()


@pytest.mark.parametrize(
    ("refusing", "speaking"), [(EDITORS, [OTHER_EDITORS]), (OTHER_EDITORS, [EDITORS]), ("!", []), ("?", ROOMS)]
)
async def test_an_editors_room_that_refuses_does_not_keep_the_others_untold(
    scene: Scene, tmp_path: Path, refusing: str, speaking: list[str]
) -> None:
    async with scene.database.transaction() as records:
        await records.rooms.keep("other", "editors", OTHER_EDITORS, OTHER_EDITORS)
    told: list[str] = []
    async with homeserver_that_refuses(refusing, told) as url, bot_of(scene, tmp_path, url) as bot:
        assert await bot.tell_editors(words.stores_again(), "a fault") == bool(speaking)
    assert told == speaking


OURS = ("lock", "media", "export", "crypto.db", "twimbot.db", "twimbot.db-wal", "twimbot.db.before-12", "lost+found")


def folder_of(place: Path, mode: int, names: Iterable[str]) -> Path:
    """Make a folder of this mode with files of these names."""
    place.mkdir()
    for name in names:
        (place / name).touch()
    place.chmod(mode)
    return place


class TestTheFolder:
    @pytest.mark.parametrize("names", [(), ("lost+found",), ("twimbot.db",), ("before-rebuild",), OURS])
    def test_is_closed_to_others_where_nothing_else_is_in_it(self, tmp_path: Path, names: tuple[str, ...]) -> None:
        folder = folder_of(tmp_path / "data", 0o755, names)
        with alone(folder):
            assert folder.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize(
        ("mode", "names"),
        [
            (0o755, ("theirs",)),
            (0o1777, ("theirs",)),
            (0o755, ("media",)),  # such as /srv
            (0o755, ("theirs", *OURS)),  # into which an earlier version's `check --online` has written
            (0o700, ("theirs",)),  # such as a home
            (0o700, (".bashrc", "media")),
        ],
    )
    async def test_is_refused_where_something_else_is_in_it(
        self, tmp_path: Path, mode: int, names: tuple[str, ...]
    ) -> None:
        folder = folder_of(tmp_path / "data", mode, names)
        with pytest.raises(ConfigurationError, match="holds what is not the bot's"), alone(folder):
            pass
        config = Config.model_validate(
            {"homeserver": NOWHERE, "user_id": BOT, "data_dir": folder, "publications": {"news": PUBLICATION}}
        )
        with pytest.raises(ConfigurationError, match="holds what is not the bot's"):
            async with open_database(config):
                pass
        assert {file.name for file in folder.iterdir()} == set(names)
        assert folder.stat().st_mode & 0o7777 == mode

    @pytest.mark.parametrize("home", ["twimbot.db", "crypto.db"])
    def test_may_hold_what_its_owner_puts_beside_the_database(self, tmp_path: Path, home: str) -> None:
        with alone(folder_of(tmp_path / "data", 0o700, ("notes.txt", home))):
            pass

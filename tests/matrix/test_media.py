"""Fetching pictures: from servers that are away, and from homeservers that have them at the older address."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.desk.scene import ANNA, BEN, BOT, PUBLICATION, Scene
from tests.desk.test_parts import reply
from tests.media.making import drawing, saved
from twimbot.config import Publication
from twimbot.demo.homeserver import LOOPBACK, free_port
from twimbot.desk.descriptions import Pictures
from twimbot.matrix.client import Client, NotMatrix, Refused
from twimbot.matrix.media import AWAY, MediaKeeper
from twimbot.model.entry import Media, MediaState
from twimbot.store.records import Records

NEW, OLD, VERSIONS = "/_matrix/client/v1/media/download/", "/_matrix/media/v3/download/", "/_matrix/client/versions"
AT_ONCE = {"Retry-After": "0"}
TOKEN = "a-log-in"  # noqa: S105 - of nobody
FILE = saved(drawing(), "PNG")
UNKNOWN = 404, "M_UNRECOGNIZED"
NOT_FOUND = 404, "M_NOT_FOUND"
Refusal = tuple[int, str | None]


@dataclass
class Homeserver:
    """A homeserver that gives files, or refuses them as said for each beginning of a path."""

    refused: dict[str, Refusal] = field(default_factory=dict)
    versions: Mapping[str, object] = field(default_factory=lambda: {"versions": ["r0.6.1", "v1.1", "v1.10"]})
    asked: list[str] = field(default_factory=list)
    on_request: Callable[[str], None] = lambda _path: None

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as a homeserver does."""
        self.asked.append(request.path)
        self.on_request(request.path)
        for beginning, (status, code) in self.refused.items():
            if request.path.startswith(beginning):
                if code is None:
                    return web.Response(status=status, headers=AT_ONCE)
                return web.json_response({"errcode": code, "error": "no"}, status=status, headers=AT_ONCE)
        if request.path == VERSIONS:
            return web.json_response(self.versions)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        return web.Response(body=FILE)


@asynccontextmanager
async def serving(homeserver: Homeserver) -> AsyncIterator[Client]:
    """Serve on this machine; yield a client that is logged in there."""
    application = web.Application()
    application.router.add_get("/{path:.*}", homeserver.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    client = Client(f"http://{LOOPBACK}:{port}", BOT)
    client.access_token = TOKEN
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def downloaded(client: Client) -> bytes:
    """Download a file whole."""
    return b"".join([piece async for piece in client.download("mxc://remote.example/Rose")])


class TestAddresses:
    async def test_the_authenticated_address_is_asked_first_and_alone(self) -> None:
        homeserver = Homeserver()
        async with serving(homeserver) as client:
            assert await downloaded(client) == FILE
        assert homeserver.asked == [f"{NEW}remote.example/Rose"]

    @pytest.mark.parametrize("refusal", [UNKNOWN, (404, None), (400, "M_UNRECOGNIZED"), (405, "M_UNRECOGNIZED")])
    async def test_a_homeserver_without_it_is_asked_at_the_older_one(self, refusal: Refusal) -> None:
        homeserver = Homeserver({NEW: refusal})
        async with serving(homeserver) as client:
            assert await downloaded(client) == FILE
        assert homeserver.asked == [f"{NEW}remote.example/Rose", VERSIONS, f"{OLD}remote.example/Rose"]

    @pytest.mark.parametrize(
        "versions",
        [
            {"versions": ["v1.10", "v1.11"]},
            {"versions": ["v2.0"]},
            {"versions": ["v1.10"], "unstable_features": {"org.matrix.msc3916.stable": True}},
        ],
    )
    async def test_a_homeserver_that_promises_it_is_not(self, versions: dict[str, object]) -> None:
        homeserver = Homeserver({NEW: UNKNOWN}, versions)
        async with serving(homeserver) as client:
            with pytest.raises(Refused, match="M_UNRECOGNIZED"):
                await downloaded(client)
        assert not any(path.startswith(OLD) for path in homeserver.asked)

    @pytest.mark.parametrize("versions", [{}, {"versions": "v1.11"}, {"versions": [None, "v1.x"]}])
    async def test_versions_of_any_shape_promise_nothing(self, versions: dict[str, object]) -> None:
        async with serving(Homeserver({NEW: UNKNOWN}, versions)) as client:
            assert await downloaded(client) == FILE

    async def test_what_the_older_one_refuses_is_refused(self) -> None:
        async with serving(Homeserver({NEW: UNKNOWN, OLD: NOT_FOUND})) as client:
            with pytest.raises(Refused, match="M_NOT_FOUND"):
                await downloaded(client)

    async def test_a_proxy_whose_homeserver_is_away_is_none_without_it(self) -> None:
        async with serving(Homeserver({"/": (404, None)})) as client:
            with pytest.raises(NotMatrix):
                await downloaded(client)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@asynccontextmanager
async def keeping(
    scene: Scene, client: Client, folder: Path, clock: Clock, publication: Publication = PUBLICATION
) -> AsyncIterator[asyncio.Event]:
    """Keep the scene's pictures; the event is set each time that one was kept or given up."""
    ended = asyncio.Event()
    keeper = MediaKeeper(client, scene.database, folder, {}, Pictures({"news": publication}), ended.set, clock)
    running = asyncio.create_task(keeper.run())
    try:
        yield ended
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def shown(scene: Scene, target: str, url: str) -> None:
    """Have Anna send a picture as a reply to her entry."""
    await scene.happen(scene.picture(ANNA, **{**reply(target), "url": url}))


async def state(scene: Scene) -> list[tuple[str, str]]:
    """Return the entry's pictures: each one's media id, and how far it is."""
    return [(media.mxc.rpartition("/")[2], str(media.state)) for media in (await scene.entry()).media]


class TestAway:
    @pytest.mark.parametrize(
        ("refusal", "reason"),
        [
            (NOT_FOUND, "its server, remote.example, has not given it for an hour"),
            ((502, "M_UNKNOWN"), "its server, remote.example, has not answered for an hour"),
            ((504, "M_UNKNOWN"), "its server, remote.example, has not answered for an hour"),
            ((504, None), "its server, remote.example, has not answered for an hour"),
            ((504, "M_NOT_YET_UPLOADED"), "its upload has not ended within an hour"),
        ],
    )
    async def test_another_server_has_an_hour_to_come_back(
        self, scene: Scene, tmp_path: Path, refusal: Refusal, reason: str
    ) -> None:
        clock = Clock()
        homeserver = Homeserver({NEW: refusal})

        def go_on(path: str) -> None:
            clock.now += AWAY / 10 if path.startswith(NEW) else timedelta()

        homeserver.on_request = go_on
        await shown(scene, await scene.submitted(), "mxc://remote.example/Rose")
        async with serving(homeserver) as client, keeping(scene, client, tmp_path / "media", clock) as ended:
            await ended.wait()
        assert sum(path.startswith(NEW) for path in homeserver.asked) == 11
        (said,) = await scene.said()
        assert said.startswith(f"I can't get this picture: {reason}")
        assert "Send it again" in said

    async def test_what_the_homeserver_itself_does_not_have_is_lost_at_once(self, scene: Scene, tmp_path: Path) -> None:
        homeserver = Homeserver({NEW: NOT_FOUND})
        await shown(scene, await scene.submitted(), "mxc://example.org/Rose")
        async with serving(homeserver) as client, keeping(scene, client, tmp_path / "media", Clock()) as ended:
            await ended.wait()
        assert len(homeserver.asked) == 1
        (said,) = await scene.said()
        assert said.startswith("I can't get this picture: the homeserver does not have it any more.")

    async def test_another_picture_does_not_wait_and_the_one_is_kept_once_its_server_is_back(
        self, scene: Scene, tmp_path: Path
    ) -> None:
        clock = Clock()
        homeserver = Homeserver({f"{NEW}remote.example": NOT_FOUND})
        target = await scene.submitted()
        for number in range(6):
            await shown(scene, target, f"mxc://remote.example/Rose{number}")
        await shown(scene, target, "mxc://example.org/Tulip")
        async with serving(homeserver) as client, keeping(scene, client, tmp_path / "media", clock) as ended:
            await ended.wait()
            assert ("Tulip", "kept") in await state(scene)
            assert {kept for name, kept in await state(scene) if name != "Tulip"} == {"wanted"}
            homeserver.refused.clear()
            while {kept for _, kept in await state(scene)} != {"kept"}:
                ended.clear()
                await ended.wait()

    async def test_a_restart_goes_on_with_the_same_hour(self, scene: Scene, tmp_path: Path) -> None:
        clock, asked = Clock(), asyncio.Event()
        homeserver = Homeserver({NEW: NOT_FOUND}, on_request=lambda _path: asked.set())
        await shown(scene, await scene.submitted(), "mxc://remote.example/Rose")
        async with serving(homeserver) as client:
            async with keeping(scene, client, tmp_path / "media", clock):
                for _ in range(2):  # the second request comes after the first answer has been noted
                    await asked.wait()
                    asked.clear()
            assert await state(scene) == [("Rose", "wanted")]
            clock.now += AWAY
            async with keeping(scene, client, tmp_path / "media", clock) as ended:
                await ended.wait()
        assert await state(scene) == [("Rose", "failed")]

    async def test_a_homeserver_that_is_away_itself_is_waited_for(self, scene: Scene, tmp_path: Path) -> None:
        """A proxy says the same for both, without an error code."""
        clock, ends = Clock(), asyncio.Event()
        homeserver = Homeserver({"/": (502, None)})

        def go_on(path: str) -> None:
            clock.now += AWAY
            if sum(each.startswith(NEW) for each in homeserver.asked) > 3:
                homeserver.refused.clear()
                ends.set()

        homeserver.on_request = go_on
        await shown(scene, await scene.submitted(), "mxc://remote.example/Rose")
        async with serving(homeserver) as client, keeping(scene, client, tmp_path / "media", clock) as ended:
            await ends.wait()
            await ended.wait()
        assert await state(scene) == [("Rose", "kept")]


async def test_another_sender_s_picture_does_not_wait_behind_all_of_one(scene: Scene, tmp_path: Path) -> None:
    homeserver = Homeserver()
    target, other = await scene.submitted(), await scene.submitted(BEN)
    for number in range(40):
        await shown(scene, target, f"mxc://example.org/Rose{number}")
    await scene.happen(scene.picture(BEN, **{**reply(other), "url": "mxc://example.org/Tulip"}))
    async with serving(homeserver) as client, keeping(scene, client, tmp_path / "media", Clock()) as ended:
        while len(homeserver.asked) < 28:
            ended.clear()
            await ended.wait()
    assert f"{NEW}example.org/Tulip" in homeserver.asked[:4]


async def test_a_file_that_is_asked_for_anew_has_its_hour_again(scene: Scene) -> None:
    await shown(scene, await scene.submitted(), "mxc://remote.example/Rose")
    async with scene.database.transaction() as records:
        media = await only(records)
        assert await records.media.miss(media, 1000) == 1000
        assert await records.media.miss(media, 2000) == 1000
        name = await records.media.keep(media, "png")
        await records.media.want_again(str(name))
        assert await records.media.miss(media, 3000) == 3000


async def test_no_media_ids_give_two_files_one_name(scene: Scene) -> None:
    """The second of two files with one media ID is named by its row too, which no other's media ID says."""
    await shown(scene, await scene.submitted(), "mxc://a.example/AbC")
    await shown(scene, await scene.submitted(), "mxc://b.example/AbC-3")
    await shown(scene, await scene.submitted(), "mxc://c.example/AbC")
    async with scene.database.transaction() as records:
        names = [await records.media.keep(media, "png") for _, media in await records.media.wanted()]
    assert names == ["AbC.png", "AbC-3.png", "AbC.3.png"]


async def only(records: Records) -> Media:
    """Return the only file that is wanted."""
    ((_, media),) = await records.media.wanted()
    assert media.state is MediaState.WANTED
    return media

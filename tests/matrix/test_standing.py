"""Put out and invited, by a homeserver that takes its time: the bot stays where an editor wants it, and knows that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.desk.scene import ANNA, BOT, EDITOR, EDITORS, PINGS, PUBLICATION, SUBMISSIONS, Scene
from twimbot.demo.homeserver import LOOPBACK, free_port
from twimbot.matrix.client import Client
from twimbot.matrix.encryption import Encryption
from twimbot.matrix.standing import Standing
from twimbot.matrix.sync import Sync
from twimbot.store.rooms import Invitation

STRANGER = "@stranger:example.com"


@dataclass
class SlowHomeserver:
    """Notes what it is asked to do, and does it once `may_go_on` is set; `rooms` are those that the bot is in."""

    rooms: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    has_asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer any request."""
        if request.path.endswith("/sync"):
            return web.json_response({"next_batch": "later"})
        if request.method == "GET":
            return web.json_response({"joined_rooms": self.rooms})
        deed = "join" if "join" in request.path.split("/") else "leave"
        self.asked.append(deed)
        self.has_asked.set()
        await self.may_go_on.wait()
        if deed == "join":
            self.rooms.append(SUBMISSIONS)
        return web.json_response({})


@asynccontextmanager
async def client_of(homeserver: SlowHomeserver) -> AsyncIterator[Client]:
    """Start a homeserver, and open a line to it."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", homeserver.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    client = Client(f"http://{LOOPBACK}:{port}", BOT)
    try:
        yield client
    finally:
        homeserver.may_go_on.set()
        await client.close()
        await runner.cleanup()


@asynccontextmanager
async def standing_at(scene: Scene, homeserver: SlowHomeserver) -> AsyncIterator[Standing]:
    """Keep the bot's standing at a homeserver."""
    async with client_of(homeserver) as client:
        standing = Standing(client, scene.database, {"news": PUBLICATION}, lambda: None)
        standing.wake()
        running = asyncio.ensure_future(standing.run())
        try:
            yield standing
        finally:
            running.cancel()
            await asyncio.wait([running])


def invitation(inviter: str) -> dict[str, Any]:
    """Return a sync answer that brings an invitation."""
    member = {"type": "m.room.member", "state_key": BOT, "sender": inviter, "content": {"membership": "invite"}}
    return {"rooms": {"invite": {SUBMISSIONS: {"invite_state": {"events": [member]}}}}}


async def all_answered(scene: Scene) -> None:
    """Wait until no invitation is left."""
    async with asyncio.timeout(10):
        while True:
            async with scene.database.snapshot() as records:
                if not await records.rooms.inviting():
                    return
            await asyncio.sleep(0.01)


async def test_another_invitation_does_not_undo_that_an_editors_is_followed(scene: Scene) -> None:
    homeserver = SlowHomeserver()
    async with standing_at(scene, homeserver) as standing:
        await standing.lose(SUBMISSIONS, "out", "removed")
        await standing.hear(invitation(EDITOR))
        standing.wake()
        await homeserver.has_asked.wait()
        await standing.hear(invitation(STRANGER))
        standing.wake()
        homeserver.may_go_on.set()
        await all_answered(scene)
    assert "leave" not in homeserver.asked


@pytest.mark.parametrize("inviters", [(EDITOR, STRANGER), (STRANGER, EDITOR), (STRANGER, EDITOR, ANNA)])
async def test_an_editors_invitation_counts_whoever_else_invites(scene: Scene, inviters: tuple[str, ...]) -> None:
    async with scene.database.transaction() as records:
        await records.rooms.lose(SUBMISSIONS, "out", scene.moment)
        for inviter in inviters:
            await records.rooms.invite(Invitation(SUBMISSIONS, inviter))
    homeserver = SlowHomeserver()
    homeserver.may_go_on.set()
    async with standing_at(scene, homeserver):
        await all_answered(scene)
    assert homeserver.asked == ["join"]


@pytest.mark.parametrize(("rooms", "asked"), [([], ["leave"]), ([SUBMISSIONS], [])])
async def test_a_strangers_invitation_is_declined_but_not_from_inside(
    scene: Scene, rooms: list[str], asked: list[str]
) -> None:
    async with scene.database.transaction() as records:
        await records.rooms.invite(Invitation(SUBMISSIONS, STRANGER))
    homeserver = SlowHomeserver(rooms)
    homeserver.may_go_on.set()
    async with standing_at(scene, homeserver):
        await all_answered(scene)
    assert homeserver.asked == asked


async def test_a_room_that_was_never_read_is_not_read_from_outside(scene: Scene, tmp_path: Path) -> None:
    async with scene.database.transaction() as records:
        await records.rooms.keep_position("before", scene.moment)
        await records.rooms.lose(SUBMISSIONS, "out", scene.moment)
    async with client_of(SlowHomeserver()) as client:
        standing = Standing(client, scene.database, {"news": PUBLICATION}, lambda: None)
        encryption = Encryption(client, tmp_path / "crypto.db")
        sync = Sync(client, scene.database, standing, encryption, {"news": PUBLICATION.calendar}, lambda: None)
        batch = await anext(sync.batches(wait=0))
    assert set(batch.read_back) == {EDITORS, PINGS}
    await scene.desk.record(batch, {})
    async with scene.database.snapshot() as records:
        assert [room.room_id for room in await records.rooms.lost()] == [SUBMISSIONS]
    assert await scene.said(EDITORS) == []

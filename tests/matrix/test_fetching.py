"""Fetching single events from a homeserver that is away, or that fails at one of them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from twimbot.demo.homeserver import LOOPBACK, free_port
from twimbot.matrix.asking import FAILURES
from twimbot.matrix.client import Client
from twimbot.matrix.encryption import Encryption
from twimbot.matrix.standing import Standing
from twimbot.matrix.sync import Sync
from twimbot.model.event import Message
from twimbot.store.database import Database

AT_ONCE = {"Retry-After": "0"}
WELL, LIMITED, AWAY = 200, 429, 502
EVENT = {
    "event_id": "$a",
    "sender": "@anna:example.org",
    "type": "m.room.message",
    "origin_server_ts": 1,
    "content": {"msgtype": "m.text", "body": "a"},
}


@asynccontextmanager
async def ear(folder: Path, events: Iterable[int], versions: Iterable[int]) -> AsyncIterator[tuple[Sync, list[str]]]:
    """Open an ear at a homeserver that answers as often as said, with these statuses; the list is what it was asked."""
    asked: list[str] = []
    answers = {"event": iter(events), "versions": iter(versions)}

    async def answer(request: web.Request) -> web.Response:
        name = "event" if "event" in request.path.split("/") else "versions"
        asked.append(name)
        status = next(answers[name])
        return web.json_response(EVENT) if status == WELL else web.Response(status=status, headers=AT_ONCE)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    client = Client(f"http://{LOOPBACK}:{port}", "@news:example.org")
    database = await Database.open(folder / "twimbot.db")
    try:
        standing = Standing(client, database, {}, lambda: None)
        encryption = Encryption(client, folder / "crypto.db")
        yield Sync(client, database, standing, encryption, {}, lambda: None), asked
    finally:
        await database.close()
        await client.close()
        await runner.cleanup()


async def test_a_homeserver_that_is_away_is_waited_for_however_long_it_takes(tmp_path: Path) -> None:
    away = [AWAY] * 3 * FAILURES
    async with ear(tmp_path, [*away, WELL], [*away[1:], WELL]) as (sync, asked):
        assert isinstance(await sync.fetch("!a:example.org", "$a"), Message)
    assert asked.count("event") == len(away) + 1


async def test_an_event_that_a_homeserver_fails_to_give_while_it_gives_others_is_left(tmp_path: Path) -> None:
    async with ear(tmp_path, [AWAY] * FAILURES, [WELL] * FAILURES) as (sync, asked):
        assert await sync.fetch("!a:example.org", "$a") is None
    assert asked.count("event") == FAILURES


async def test_a_limit_is_waited_out_however_often_it_is_met(tmp_path: Path) -> None:
    limited = [LIMITED] * 3 * FAILURES
    async with ear(tmp_path, [*limited, WELL], [WELL] * len(limited)) as (sync, _):
        assert isinstance(await sync.fetch("!a:example.org", "$a"), Message)

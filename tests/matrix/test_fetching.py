"""Fetching single events from a homeserver that is away, or that fails at one of them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from twimbot.demo.homeserver import LOOPBACK, free_port
from twimbot.matrix.client import Client
from twimbot.matrix.sync import FETCHES, Sync
from twimbot.model.event import Message
from twimbot.store.database import Database

AT_ONCE = {"Retry-After": "0"}
EVENT = {
    "event_id": "$a",
    "sender": "@anna:example.org",
    "type": "m.room.message",
    "origin_server_ts": 1,
    "content": {"msgtype": "m.text", "body": "a"},
}


@asynccontextmanager
async def ear(folder: Path, events: Iterable[bool], versions: Iterable[bool]) -> AsyncIterator[tuple[Sync, list[str]]]:
    """Open an ear at a homeserver that answers as often as said, each True well; the list is what it was asked."""
    asked: list[str] = []
    answers = {"event": iter(events), "versions": iter(versions)}

    async def answer(request: web.Request) -> web.Response:
        name = "event" if "event" in request.path.split("/") else "versions"
        asked.append(name)
        return web.json_response(EVENT) if next(answers[name]) else web.Response(status=502, headers=AT_ONCE)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    client = Client(f"http://{LOOPBACK}:{port}", "@news:example.org")
    database = await Database.open(folder / "twimbot.db")
    try:
        yield Sync(client, database, {}), asked
    finally:
        await database.close()
        await client.close()
        await runner.cleanup()


async def test_a_homeserver_that_is_away_is_waited_for_however_long_it_takes(tmp_path: Path) -> None:
    away = [False] * 3 * FETCHES
    async with ear(tmp_path, [*away, True], [*away[1:], True]) as (sync, asked):
        assert isinstance(await sync.fetch("!a:example.org", "$a"), Message)
    assert asked.count("event") == len(away) + 1


async def test_an_event_that_a_homeserver_fails_to_give_while_it_gives_others_is_left(tmp_path: Path) -> None:
    async with ear(tmp_path, [False] * FETCHES, [True] * FETCHES) as (sync, asked):
        assert await sync.fetch("!a:example.org", "$a") is None
    assert asked.count("event") == FETCHES

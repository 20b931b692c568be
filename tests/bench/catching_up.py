"""Measures how long a bot that was away takes to read and record what it missed, against only paging that history."""

import asyncio
import json
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from structlog.testing import capture_logs

from tests.bench.figures import Figure
from tests.bench.stage import KEY, NEWS, Stage, open_stage, tell
from twimbot.app import DATABASE, Bot, open_client, open_database
from twimbot.config import Credentials, load
from twimbot.demo.person import password_of
from twimbot.matrix.history import NO_EVENTS, PAGE, TIMELINE

CHATTER = "I have read number {number} of all this, and I still wonder what becomes of the garden in the winter."
WRITERS = 4
"""How many write at the same time."""

TELL_EVERY = 500


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the whole time of catching up."""
    events, submissions, times = (200, 10, 3) if is_quick else (10_000, 500, 3)
    async with open_stage() as stage:
        async with stage.running():
            pass  # it has logged in and heard everything; from here on it is away
        away = stage.config_file.parent / "data"
        await write_history(stage, events, submissions)
        ours, theirs = [], []
        for number in range(times):
            with capture_logs():
                ours.append(await _catch_up(stage, away, away.with_name(f"data-{number}"), submissions))
            theirs.append(await _page(stage, _position(away)))
    what = f"catching up on {events:,} events with {submissions} submissions"
    # A single page comes sooner than a log-in, which is the bot's alone: that says nothing of a long absence.
    return [Figure(what, "paging the same history", ours, theirs, "s", None if is_quick else 1.3)]


async def write_history(stage: Stage, events: int, submissions: int) -> None:
    """Write so many messages into the room, and submit some of them."""
    numbers = iter(range(events))

    async def write() -> None:
        for number in numbers:
            if number % (events // submissions):
                content = {"msgtype": "m.text", "body": CHATTER.format(number=number)}
                await stage.editor.say(stage.submissions[0], content)
            else:
                await stage.submit(NEWS.format(number=number))
            if number % TELL_EVERY == 0:
                tell(f"{number:,} of {events:,} events are written")

    await asyncio.gather(*(write() for _ in range(WRITERS)))


async def _catch_up(stage: Stage, away: Path, folder: Path, submissions: int) -> float:
    """Return how long it takes from a log-in to the present, in seconds; nothing is said."""
    shutil.copytree(away, folder)
    config = load(stage.config_file).model_copy(update={"data_dir": folder})
    credentials = Credentials(password=password_of("news"))
    async with open_database(config) as database, open_client(config) as client:
        bot = Bot(config, credentials, client, database)
        began = time.perf_counter()
        try:
            await bot.read_up(lambda _: None)
        finally:
            await bot.stop()
        taken = time.perf_counter() - began
        async with database.snapshot() as records:
            (edition,) = await records.editions.with_entries(KEY)
            found = len(await records.entries.of_edition(KEY, edition))
    if found != submissions:
        raise RuntimeError(f"{found} entries of {submissions} were recorded")
    return taken


def _position(folder: Path) -> str:
    with sqlite3.connect(folder / DATABASE) as connection:
        ((token,),) = connection.execute("SELECT token FROM position")
    connection.close()
    return str(token)


async def _page(stage: Stage, since: str) -> float:
    """Return how long the homeserver takes to tell the same, in seconds."""
    room = stage.submissions[0]
    headers = {"Authorization": f"Bearer {stage.bot.access_token}"}
    client = f"{stage.homeserver.url}/_matrix/client/v3"
    room_filter = {"rooms": [room], "timeline": TIMELINE, "state": NO_EVENTS, "ephemeral": NO_EVENTS}
    began = time.perf_counter()
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask(path: str, query: dict[str, str]) -> dict[str, Any]:
            async with session.get(f"{client}/{path}", params=query) as response:
                answer: dict[str, Any] = json.loads(await response.read())
                return answer

        query = {"filter": json.dumps({"presence": NO_EVENTS, "room": room_filter}), "since": since}
        answer = await ask("sync", query)
        end, at = answer["rooms"]["join"][room]["timeline"]["prev_batch"], since
        while at:
            page = {"dir": "f", "from": at, "to": end, "limit": str(PAGE), "filter": json.dumps(TIMELINE)}
            at = (await ask(f"rooms/{quote(room, safe='')}/messages", page)).get("end", "")
    return time.perf_counter() - began

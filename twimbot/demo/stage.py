"""Sets the stage: a homeserver with people and rooms on it, and the bot, all of it gone when the play is over."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from twimbot.demo.homeserver import LOOPBACK, Homeserver, free_port
from twimbot.demo.person import NotSeen, People, Person, password_of
from twimbot.demo.processes import stop
from twimbot.demo.telling import Telling
from twimbot.errors import JobError
from twimbot.model.calendar import WEEKDAYS, Calendar

PUBLICATION = "twim"
COMMAND = "!twim"
ALIAS = "twim"
PING_ALIAS = "ping"
DEADLINE = time(17)
FOLDER_PREFIX = "twimbot-demo-"
SECONDS_TO_BE_READY = 60
LINES_OF_LOG = 10


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: display names by localpart, and which of the localparts are the bot and the editor."""

    names: Mapping[str, str]
    bot: str
    editor: str


@dataclass(frozen=True, slots=True)
class Rooms:
    """The IDs of the rooms; the public ones have aliases too, which the bot is told."""

    submissions: str
    editors: str
    pings: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What a play needs: people by localpart, rooms, and the folder into which the bot exports editions."""

    people: Mapping[str, Person]
    names: Mapping[str, str]
    bot: Person
    editor: str
    rooms: Rooms
    exports: Path


@asynccontextmanager
async def set_up(telling: Telling, cast: Cast, catalogue: Mapping[str, Any]) -> AsyncIterator[Stage]:
    """Start everything, and end and remove all of it after the block, however that is left.

    Raises JobError where Synapse is missing, or where one of the two does not come up.
    """
    with TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        async with AsyncExitStack() as opened:
            async with telling.waiting("starting the homeserver"):
                homeserver = await opened.enter_async_context(Homeserver(folder / "homeserver"))
            everybody = await opened.enter_async_context(People(homeserver.url))
            async with telling.waiting("making accounts and rooms"):
                people = await _registered(everybody, cast)
                rooms = await _furnished(people, cast)
            port = free_port()
            config = folder / "config.yaml"
            data = folder / "data"
            # JSON is YAML, but for its escapes: YAML 1.2 knows no surrogate pairs, so emoji stay as they are.
            settings = _configuration(homeserver, data, port, people, cast, rooms, catalogue)
            config.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
            async with telling.waiting("starting the bot"):
                await opened.enter_async_context(_running_bot(config, cast.bot, port, folder / "bot.log"))
            yield Stage(people, cast.names, people[cast.bot], cast.editor, rooms, data / "export" / PUBLICATION)


def closing_day(now: datetime) -> str:
    """Return the weekday on which editions close: Friday, or Saturday where Friday's deadline is about to pass."""
    friday = Calendar(WEEKDAYS.index("friday"), DEADLINE, ZoneInfo("UTC"))
    until = friday.deadline(friday.edition_of(now)) - now
    return "friday" if until > timedelta(hours=1) else "saturday"


async def _registered(everybody: People, cast: Cast) -> dict[str, Person]:
    return {localpart: await everybody.register(localpart, name) for localpart, name in cast.names.items()}


async def _furnished(people: Mapping[str, Person], cast: Cast) -> Rooms:
    """Make the rooms, and let everybody into the public ones; the bot joins its rooms by itself."""
    bot, editor = people[cast.bot], people[cast.editor]
    submissions = await editor.create_room("News for the week", alias=ALIAS)
    pings = await editor.create_room("Ping", alias=PING_ALIAS)
    editors = await editor.create_room("The editors' desk", invite=[bot], is_public=False)
    for person in people.values():
        if person not in (bot, editor):
            await person.join(submissions)
            await person.join(pings)
    return Rooms(submissions, editors, pings)


def _configuration(
    homeserver: Homeserver,
    data: Path,
    port: int,
    people: Mapping[str, Person],
    cast: Cast,
    rooms: Rooms,
    catalogue: Mapping[str, Any],
) -> dict[str, Any]:
    server = homeserver.server_name
    return {
        "homeserver": homeserver.url,
        "user_id": people[cast.bot].user_id,
        "data_dir": str(data),
        "health": {"listen": f"{LOOPBACK}:{port}"},
        "publications": {
            PUBLICATION: {
                "title": "This Week in Matrix",
                "command": COMMAND,
                "rooms": {
                    "submissions": f"#{ALIAS}:{server}",
                    "editors": rooms.editors,
                    "pings": f"#{PING_ALIAS}:{server}",
                },
                "editors": [people[cast.editor].user_id],
                "schedule": {
                    "weekday": closing_day(datetime.now(UTC)),
                    "deadline": f"{DEADLINE:%H:%M}",
                    "timezone": "UTC",
                },
                "catalogue": catalogue,
            }
        },
    }


@asynccontextmanager
async def _running_bot(config: Path, localpart: str, port: int, log: Path) -> AsyncIterator[None]:
    """Run the bot as its users do, from when it is ready to the end of the block."""
    # What the bot of whoever calls this is told in the environment does not concern ours.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TWIMBOT_")}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "twimbot.demo.stage_bot", "run", "--config", str(config)),
            env=environment | {"TWIMBOT_PASSWORD": password_of(localpart), "no_proxy": "*"},
            stdin=asyncio.subprocess.PIPE,
            stdout=file,
            stderr=file,
            # As with the homeserver: Ctrl-C reaches us alone, and we decide in which order things stop.
            start_new_session=True,
        )
    try:
        await _ready(process, port, log)
        yield
    except NotSeen as error:
        raise JobError("\n".join([str(error), "the end of the bot's log:", *_last_lines(log)])) from error
    finally:
        await stop(process)


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    """Return once the bot says that it is ready; JobError with the end of its log where it does not."""
    try:
        async with asyncio.timeout(SECONDS_TO_BE_READY), aiohttp.ClientSession() as session:
            while process.returncode is None:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"http://{LOOPBACK}:{port}/readyz") as answer:
                        if answer.ok:
                            return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise _failure(f"was not ready within {SECONDS_TO_BE_READY} s", log) from None
    raise _failure(f"ended with status {process.returncode}", log)


def _failure(what: str, log: Path) -> JobError:
    return JobError("\n".join([f"the bot {what}; the end of its log:", *_last_lines(log)]))


def _last_lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_LOG:]

"""Where measurements take place: a real homeserver, publications and rooms, the bot and its peers as processes."""

import asyncio
import json
import os
import re
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import click

from tests.desk.scene import PUBLICATION
from twimbot.demo.homeserver import Homeserver, free_port
from twimbot.demo.person import NotSeen, People, Person, password_of

BOT_NAME = "News"
KEY = PUBLICATION.key
"""The first publication's; a made archive is its."""

CATALOGUE: Mapping[str, Any] = {
    "departments": [
        {"key": "clients", "emoji": "📱", "title": "Clients 📱"},
        {"key": "servers", "emoji": "🏢", "title": "Servers 🏢"},
    ],
    "projects": [{"key": "fernglas", "title": "Fernglas", "department": "clients"}],
}
NEWS = "Fernglas {number} is out, with faster search, fewer crashes and a better view of all that is far away."
"""What is submitted."""

DEPLOYED = Path(__file__).parents[2] / ".bench" / "deployed" / "bin" / "python"
"""The Python with the project's own dependencies alone, as the container image has them; the Makefile makes it."""

SECONDS_TO_START = 120
SECONDS_TO_STOP = 30
OFTEN = 0.01
"""How long to wait between two questions whether a process is ready, in seconds."""

SECONDS_TO_CATCH_UP = 3600
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Stage:
    """A homeserver, an editor, a contributor, the bot's account, and the rooms of each publication.

    `submissions` are the rooms in which entries are written, one for each publication; `config_file` is that of all.
    """

    homeserver: Homeserver
    people: People
    editor: Person
    anna: Person
    bot: Person
    submissions: Sequence[str]
    config_file: Path
    health: str

    @property
    def password(self) -> str:
        """The password of the bot's account."""
        return password_of(self.bot.user_id[1:].partition(":")[0])

    async def submit(self, text: str, room_id: str = "", sender: Person | None = None) -> str:
        """Submit a text, to the first publication unless a room is given; return its event ID."""
        content = {"msgtype": "m.text", "body": f"{BOT_NAME}: {text}", "m.mentions": {"user_ids": [self.bot.user_id]}}
        return await (sender or self.anna).say(room_id or self.submissions[0], content)

    @asynccontextmanager
    async def floor(self) -> AsyncIterator["Floor"]:
        """Run the bare loop in a room of its own until the block ends."""
        person = await self.people.register("floor", "Floor")
        room_id = await self.editor.create_room("Floor")
        for each in (person, self.anna):
            await each.join(room_id)
        arguments = ("tests.bench.floor", self.homeserver.url, room_id, person.user_id)
        log = self.config_file.with_name("floor.log")
        async with started(arguments, {"ACCESS_TOKEN": person.access_token}, log):
            await self._answers(person, room_id)
            yield Floor(person, room_id)

    async def _answers(self, person: Person, room_id: str) -> None:
        """Wait until the bare loop listens: it hears nothing of what was said before."""
        async with asyncio.timeout(SECONDS_TO_START):
            while True:
                await self.submit("Is anybody there?", room_id)
                with suppress(NotSeen):
                    await self.anna.sees(lambda event: event["sender"] == person.user_id and is_reaction(event), 1)
                    return

    @asynccontextmanager
    async def running(
        self,
        module: str = "twimbot.demo.stage_bot",
        environment: Mapping[str, str] | None = None,
        config_file: Path | None = None,
        patience: float = SECONDS_TO_START,
    ) -> AsyncIterator["Running"]:
        """Run the bot as a process until the block ends, ready at its beginning; `module` is what runs it.

        Raises TimeoutError where it is not ready within `patience` seconds: it is once it has heard all that it missed.
        """
        arguments = (module, "run", "--config", str(config_file or self.config_file))
        password = {"TWIMBOT_PASSWORD": self.password}
        log = self.config_file.with_name("bot.log")
        async with started(arguments, {**password, **(environment or {})}, log) as running:
            await self._ready(running, patience)
            yield running

    @asynccontextmanager
    async def nio(self) -> AsyncIterator["Running"]:
        """Run nio by itself until the block ends, logged in and synced at its beginning."""
        ready = self.config_file.with_name("ready")
        ready.unlink(missing_ok=True)
        environment = {"PASSWORD": self.password, "READY": str(ready)}
        arguments = ("tests.bench.nio_client", self.homeserver.url, self.bot.user_id)
        async with started(arguments, environment, self.config_file.with_name("nio.log")) as running:
            while not ready.exists():
                running.check()
                await asyncio.sleep(OFTEN)
            yield running

    async def _ready(self, running: "Running", patience: float) -> None:
        async with aiohttp.ClientSession() as session, asyncio.timeout(patience):
            while True:
                running.check()
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.health}/readyz") as response:
                        if response.ok:
                            return
                await asyncio.sleep(OFTEN)


@dataclass(frozen=True)
class Floor:
    """The bare loop's account, and the room in which it reacts."""

    person: Person
    room_id: str


@dataclass(frozen=True)
class Running:
    """A process; sizes are in MiB."""

    process: Process
    log: Path

    def memory(self) -> float:
        """Return how much memory is resident now."""
        return self._status("VmRSS")

    def most_memory(self) -> float:
        """Return how much memory was resident at most."""
        return self._status("VmHWM")

    def check(self) -> None:
        """Raise RuntimeError where it has ended."""
        if self.process.returncode is not None:
            end = self.log.read_text(encoding="utf-8")[-2000:]
            raise RuntimeError(f"ended with status {self.process.returncode}: {end}")

    def _status(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found[1]) * 1024 / MEBIBYTE if found else 0.0


@asynccontextmanager
async def started(module: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Running]:
    """Run `python -m MODULE …` as it is deployed until the block ends."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(str(DEPLOYED), "-m", *module),
            env={**os.environ, **environment},
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=output,
        )
    try:
        yield Running(process, log)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), SECONDS_TO_STOP)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def open_stage(publications: int = 1) -> AsyncIterator[Stage]:
    """Set up a homeserver with so many publications, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="twimbot-bench-") as name:
        folder = Path(name)
        async with Homeserver(folder / "homeserver") as homeserver, People(homeserver.url) as people:
            editor = await people.register("edna", "Edna")
            anna = await people.register("anna", "Anna")
            bot = await people.register("news", BOT_NAME)
            rooms = [await _rooms(editor, anna, number) for number in range(publications)]
            port = free_port()
            config = {
                "homeserver": homeserver.url,
                "user_id": bot.user_id,
                "data_dir": str(folder / "data"),
                "health": {"listen": f"127.0.0.1:{port}"},
                "publications": {
                    f"{KEY}{number or ''}": _publication(number, editor, *each) for number, each in enumerate(rooms)
                },
            }
            config_file = folder / "config.yaml"
            config_file.write_text(json.dumps(config), encoding="utf-8")
            submissions = [room for room, _ in rooms]
            health = f"http://127.0.0.1:{port}"
            yield Stage(homeserver, people, editor, anna, bot, submissions, config_file, health)


async def _rooms(editor: Person, anna: Person, number: int) -> tuple[str, str]:
    """Make rooms that a bot with other data may join again: an invitation counts once."""
    submissions = await editor.create_room(f"News {number}")
    await anna.join(submissions)
    return submissions, await editor.create_room(f"Editors {number}")


def _publication(number: int, editor: Person, submissions: str, editors_room: str) -> dict[str, Any]:
    return {
        "title": f"Weekly News {number}",
        "command": f"!news{number}",
        "rooms": {"submissions": submissions, "editors": editors_room},
        "editors": [editor.user_id],
        "schedule": {"timezone": "UTC"},
        "submissions": {"per_hour": 1_000_000, "files_per_day": 1_000_000, "mib_per_day": 1_000_000},
        "catalogue": CATALOGUE,
    }


class Watcher:
    """A second client that is in rooms and waits for what a bot says there."""

    def __init__(self, person: Person, room_id: str, bot_id: str) -> None:
        self._person = person
        self.room_id = room_id
        self._bot_id = bot_id

    async def acknowledged(self, submit: Callable[[], Awaitable[str]]) -> float:
        """Return the time from sending a submission to seeing the reaction on it, in milliseconds."""
        await self._person.timeline.catch_up()
        known = len(self._person.timeline.events)
        loop = asyncio.get_running_loop()
        looking = asyncio.create_task(self._next(known))
        await asyncio.sleep(0.05)  # its long poll stands before anything is sent
        began = loop.time()
        event_id = await submit()
        seen, at = await looking
        if seen != event_id:
            raise RuntimeError(f"{seen} was acknowledged before {event_id}")
        return (at - began) * 1000

    async def has_acknowledged(self, event_id: str) -> None:
        """Wait until a submission is acknowledged, however long that takes."""
        await self._person.sees(
            lambda event: self._is_acknowledgement(event) and event["content"]["m.relates_to"]["event_id"] == event_id,
            SECONDS_TO_CATCH_UP,
        )

    async def _next(self, known: int) -> tuple[str, float]:
        """Return what the bot's next acknowledgement is for, and when it was seen."""
        seen = await self._person.sees(
            lambda event: self._is_acknowledgement(event) and event not in self._person.timeline.events[:known], 30
        )
        return str(seen["content"]["m.relates_to"]["event_id"]), asyncio.get_running_loop().time()

    def _is_acknowledgement(self, event: Mapping[str, Any]) -> bool:
        relation = event["content"].get("m.relates_to", {})
        is_its = event["room_id"] == self.room_id and event["sender"] == self._bot_id
        return is_its and is_reaction(event) and relation.get("key") == "✅"


def tell(progress: str) -> None:
    """Say on stderr how far a long measurement is."""
    click.echo(progress, err=True)


def is_reaction(event: Mapping[str, Any]) -> bool:
    """Whether an event is a reaction."""
    return bool(event["type"] == "m.reaction")

"""The soak: a crowd writes for many minutes while everything around the bot fails, and nothing may be lost or doubled.

`python -m tests.soak.soak` starts a Synapse, the real bot behind a faulty proxy, and the crowd; kills the bot, kills
and restarts the homeserver, and cuts connections; lets all of it settle; and compares. Exits with 1 where anything
differs from what the room's history says.
"""

import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import click

from tests.dialogue.office import CATALOGUE, Office, found_office
from tests.soak.bot import BotProcess
from tests.soak.comparing import Differences, Found, compare
from tests.soak.crowd import Crowd, Progress, Room, gather_people, register
from tests.soak.plain_reading import People, Reading, given_answers, history, read_plainly
from tests.soak.proxy import Proxy
from tests.soak.report import SOAK, Figures, into_document, tables
from twimbot.app import open_database
from twimbot.config import Config
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import Person
from twimbot.errors import JobError
from twimbot.model.entry import Entry

PUBLICATION = "news"
COMMAND = "!news"
BOT_NAME = "News"
ERASING = {"experimental_features": {"msc4293_enabled": True}}
"""What Synapse needs to empty all that somebody had said who is put out with it."""

QUIET = {"push": {"enabled": False}, "stats": {"enabled": False}}
"""What Synapse need not do for the crowd: reckon for each event whom of hundreds it would notify."""

MARKER = "This tells that the newsroom is open at {}, and all of its machines are running."

REQUESTS_TO_START = 15
REQUESTS_A_SUBMISSION = 1.5
"""How many requests the bot makes, more or less."""

LONGEST_WORK = 0.1
"""How long the bot has something to do with an answer, in seconds."""

SUBMISSIONS_A_REFUSAL = 40
"""How many submissions pass while the bot may not take its reactions back."""

SECONDS_BETWEEN_LINES = 10
SHARE_OF_THE_END = 0.2
"""How much of the time is left for the bot to catch up, and for the comparison."""

MOST_DIFFERENCES = 50
"""How many differences are written out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen; `longest_life` is that of the bot between kills, in seconds."""

    submissions: int
    kills: int
    restarts: int
    cuts: int
    seed: int
    minutes: float
    put_outs: int = 0
    refusals: int = 0
    longest_life: float = 15.0

    @property
    def command(self) -> str:
        """The command line of this plan."""
        names = ("submissions", "kills", "restarts", "cuts", "put_outs", "refusals", "seed", "minutes")
        named = (f"--{name.replace('_', '-')} {getattr(self, name):g}" for name in names)
        return f"python -m tests.soak.soak {' '.join(named)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out: the figures, what must be, what was found, and how they differ."""

    figures: Figures
    reading: Reading
    found: Found
    differences: Differences


class Soak:
    """One run, in a folder of its own; `say` is called with a line about how far it is."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._folder = folder
        self._say = say
        self._began = time.monotonic()
        self._chance = random.Random(plan.seed)  # noqa: S311 - no secret
        self._progress = Progress()
        self._restarts = 0
        self._cuts = 0
        self._refusals = 0

    async def run(self) -> Outcome:
        """Do everything; raises JobError where it does not come to its end in time."""
        async with (
            Homeserver(self._folder / "homeserver", settings=QUIET | ERASING) as homeserver,
            Proxy(homeserver.url, self._chance) as proxy,
            aiohttp.ClientSession() as session,
        ):
            office = await found_publication(homeserver, session, self._folder, proxy.url)
            bot = BotProcess(office.config_file, office.credentials.password or "", self._folder / "bot.log")
            await bot.start()
            await self._mark(office, "first")
            people = await gather_people(session, homeserver.url, office.submissions, self._plan.submissions)
            self._say(f"{len(people)} people have come; it begins")
            room = Room(office.submissions, office.bot.user_id, BOT_NAME, COMMAND, office.editor, people)
            crowd = Crowd(room, self._plan.submissions, self._plan.seed, self._progress)
            is_whole = await self._go_wild(homeserver, proxy, bot, crowd, office)
            self._say("the faults are over; the bot catches up")
            proxy.is_faulty = False
            memory = await self._settle(office, bot)
            self._say("it has; now its work is compared with the room's history")
            events = await history(office.editor, office.submissions)
        known = {event["event_id"] for event in events}
        if unread := [event_id for event_id in crowd.sent if event_id not in known]:
            raise JobError(f"the homeserver's history lacks {len(unread)} events of the crowd: {unread[:5]}")
        who = People(office.bot.user_id, BOT_NAME, office.editor.user_id, COMMAND)
        reading = read_plainly(events, who)
        found = await collected(office, self._folder / "site", given_answers(events, who.bot_id))
        differences = compare(reading, found)
        figures = self._figures(proxy, bot, crowd, reading, differences, memory, is_whole=is_whole)
        return Outcome(figures, reading, found, differences)

    async def _go_wild(
        self, homeserver: Homeserver, proxy: Proxy, bot: BotProcess, crowd: Crowd, office: Office
    ) -> bool:
        """Let the crowd write and everything fail; return whether all of it was done before the time was up."""
        proxy.is_faulty = True
        telling = asyncio.create_task(self._tell(proxy, bot, crowd))
        try:
            async with (
                asyncio.timeout(self._seconds_left() - SHARE_OF_THE_END * self._plan.minutes * 60),
                asyncio.TaskGroup() as group,
            ):
                group.create_task(crowd.act())
                group.create_task(self._faults("kills", self._plan.kills, lambda: self._kill(bot, proxy)))
                group.create_task(self._faults("restarts", self._plan.restarts, lambda: self._restart(homeserver)))
                group.create_task(self._faults("cuts", self._plan.cuts, lambda: self._cut(proxy)))
                group.create_task(self._faults("put outs", self._plan.put_outs, lambda: crowd.put_out(self._chance)))
                group.create_task(self._faults("refusals", self._plan.refusals, lambda: self._refuse(office)))
        except TimeoutError:
            return False
        finally:
            telling.cancel()
        return True

    async def _faults(self, name: str, count: int, inject: Callable[[], Awaitable[None]]) -> None:
        """Inject a kind of fault when so many submissions have begun as chance says; the crowd does not run ahead."""
        chance = random.Random(f"{self._plan.seed} {name}")  # noqa: S311 - no secret
        submissions = self._plan.submissions
        slack = max(5, 2 * submissions // max(count, 1))
        for moment in sorted(chance.randrange(submissions) for _ in range(count)):
            await self._progress.bound(name, moment + slack)
            await self._progress.reached(moment)
            await inject()
        await self._progress.bound(name, None)

    async def _kill(self, bot: BotProcess, proxy: Proxy) -> None:
        """Kill the bot at one of its requests, of which a life has so many that all lives together do all the work."""
        share = round(REQUESTS_TO_START + REQUESTS_A_SUBMISSION * self._plan.submissions / self._plan.kills)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._plan.longest_life):
                await proxy.requests(self._chance.randint(1, 2 * share))
        await asyncio.sleep(self._chance.uniform(0, LONGEST_WORK))
        await bot.kill()
        await bot.start()

    async def _restart(self, homeserver: Homeserver) -> None:
        """End the homeserver, every other time without asking, and start it again."""
        self._restarts += 1
        await (homeserver.kill() if self._restarts % 2 else homeserver.stop())
        await asyncio.sleep(self._chance.uniform(0, 3))
        await homeserver.start()

    async def _cut(self, proxy: Proxy) -> None:
        """Cut all connections at once, as soon as there are any."""
        while True:
            if proxy.sever():
                self._cuts += 1
                return
            await asyncio.sleep(self._chance.uniform(0.01, 0.1))

    async def _refuse(self, office: Office) -> None:
        """Let everybody but the bot take back what they have sent, while some submissions pass.

        The editor created the room, and has all power there in any case (room version 12).
        """
        self._refusals += 1
        refusing = {"users": {office.bot.user_id: 0}, "users_default": 1, "events": {"m.room.redaction": 1}}
        path = ("rooms", office.submissions, "state", "m.room.power_levels")
        await office.editor.call("PUT", *path, body=refusing)
        await self._progress.reached(min(self._plan.submissions, self._progress.begun + SUBMISSIONS_A_REFUSAL))
        await office.editor.call("PUT", *path, body={})

    async def _settle(self, office: Office, bot: BotProcess) -> int | None:
        """Wait until the bot has done everything, and stop it; return how much memory it used by then, in bytes."""
        try:
            async with asyncio.timeout(self._seconds_left()):
                await self._mark(office, "last")
                await quiet(office)
        except TimeoutError:
            raise JobError(f"the bot did not catch up in time; see {bot.log}") from None
        memory = bot.memory()
        if status := await bot.stop():
            raise JobError(f"the bot ended with status {status} when asked to stop; see {bot.log}")
        return memory

    async def _mark(self, office: Office, place: str) -> None:
        """Submit something, and wait until the bot has acknowledged it."""
        marker = await office.submit(MARKER.format(place), office.anna)
        await office.anna.sees(lambda event: office.is_reaction(event, marker, "✅"), self._seconds_left())

    async def _tell(self, proxy: Proxy, bot: BotProcess, crowd: Crowd) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LINES)
            self._say(
                f"{crowd.done['submission']} of {self._plan.submissions} submissions, {len(crowd.sent)} events; "
                f"{bot.kills} kills, {self._restarts} restarts, {self._cuts} times all connections cut, "
                f"{sum(proxy.counts.values())} requests met a fault"
            )

    def _seconds_left(self) -> float:
        return max(0.0, self._began + self._plan.minutes * 60 - time.monotonic())

    def _figures(
        self,
        proxy: Proxy,
        bot: BotProcess,
        crowd: Crowd,
        reading: Reading,
        differences: Differences,
        memory: int | None,
        *,
        is_whole: bool,
    ) -> Figures:
        return Figures(
            command=self._plan.command,
            is_whole=is_whole,
            began=datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._began),
            seconds=time.monotonic() - self._began,
            cores=os.cpu_count() or 1,
            kills=bot.kills,
            exits=bot.exits,
            restarts=self._restarts,
            severings=self._cuts,
            put_outs=crowd.done["put out"],
            refusals=self._refusals,
            requests=dict(proxy.counts),
            submissions=crowd.done["submission"],
            events=len(crowd.sent),
            entries=len(reading.entries),
            answers=len(reading.answers),
            memory=memory,
            wrong=(
                len(differences.lost),
                len(differences.doubled),
                len(differences.missing),
                len(differences.answered_twice),
            ),
        )


async def found_publication(
    homeserver: Homeserver, session: aiohttp.ClientSession, folder: Path, address: str
) -> Office:
    """Found the publication, whose bot finds its homeserver at an address.

    The deadline is days away, so that all is in one edition.
    """
    numbers = iter(range(10))

    async def newcomer(name: str) -> Person:
        return await register(session, homeserver.url, f"office-{next(numbers)}", name)

    office = await found_office(homeserver, newcomer, folder)
    written = json.loads(office.config_file.read_text(encoding="utf-8"))["publications"]
    weekday = f"{datetime.now(UTC) + timedelta(days=3):%A}".lower()
    # A project that a text names is suggested, however the entries of its author were filed before.
    written[PUBLICATION]["filing"] = {"file_from": 1, "suggest_from": 1e-9}
    written[PUBLICATION]["schedule"] = {"weekday": weekday, "timezone": "UTC"}
    office.configure(homeserver=address, publications=written)
    return office


async def stored(config: Config) -> tuple[list[Entry], list[str]]:
    """Return the entries of all editions in a store, and the events that could not be recorded."""
    async with open_database(config) as database, database.snapshot() as records:
        editions = await records.editions.with_entries(PUBLICATION)
        entries = [each for edition in editions for each in await records.entries.of_edition(PUBLICATION, edition)]
        return entries, await records.journal.failures()


async def collected(office: Office, site: Path, answers: list[tuple[str, str]]) -> Found:
    """Return what the store holds and the exported post says, beside the answers in the room."""
    entries, failures = await stored(office.config)
    titles = {department["key"]: department["title"] for department in CATALOGUE["departments"]}
    return Found(entries, failures, answers, await _exported(office, site), titles)


async def _exported(office: Office, site: Path) -> str:
    """Return the post that the command line writes from the store."""
    command = ("export", PUBLICATION, "--config", str(office.config_file), "--output", str(site))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "twimbot", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise JobError(f"twimbot export ended with status {process.returncode}")
    post = Path(said.decode().strip().splitlines()[-1])
    return await asyncio.to_thread(post.read_text, encoding="utf-8")


async def quiet(office: Office) -> None:
    """Wait until nothing waits to be said or fetched."""
    async with open_database(office.config) as database:
        while True:
            async with database.snapshot() as records:
                if not await records.outbox.rooms_waiting() and not await records.media.wanted():
                    return
            await asyncio.sleep(0.5)


@click.command
@click.option("--submissions", default=10_000, help="How many submissions are sent.")
@click.option("--kills", default=200, help="How often the bot is killed.")
@click.option("--restarts", default=20, help="How often the homeserver is restarted.")
@click.option("--cuts", default=50, help="How often all connections are cut at once.")
@click.option("--put-outs", default=20, help="How often somebody is put out of the room with all that they had said.")
@click.option("--refusals", default=5, help="How often the bot may not take its reactions back for a while.")
@click.option("--seed", default=1, help="The same seed makes the same plan.")
@click.option("--minutes", default=75.0, help="How long it may take.")
@click.option("--document", type=click.Path(path_type=Path), help="Where the tables are written, between their marks.")
def main(document: Path | None, **plan: Any) -> None:  # noqa: ANN401 - what the options say, each of its type
    """Try to make the bot lose or double something."""
    folder = Path(tempfile.mkdtemp(prefix="twimbot-soak-"))
    click.echo(f"Everything is kept in {folder} unless all is well")
    try:
        outcome = asyncio.run(Soak(Plan(**plan), folder, click.echo).run())
    except JobError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    text = tables(outcome.figures)
    click.echo(text)
    if document:
        into_document(text, document, SOAK)
    for difference in outcome.differences.all[:MOST_DIFFERENCES]:
        click.echo(difference, err=True)
    if outcome.differences.all or not outcome.figures.is_whole:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

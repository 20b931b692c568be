"""The bot is away while a crowd goes on, and comes back in every way that it can; nothing may be lost or doubled.

`python -m tests.soak.absence` starts a Synapse and the real bot, and stops the bot while a few and while many events
pass. It comes back with its database, with a sync token that the homeserver refuses, with a database from before the
absence and as a new device, and with none at all. Exits with 1 where anything differs from the room's history.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import click

from tests.dialogue.office import Office
from tests.soak.bot import BotProcess
from tests.soak.comparing import compare
from tests.soak.crowd import Crowd, Patient, Progress, Room, gather_people
from tests.soak.plain_reading import People, given_answers, history, read_plainly
from tests.soak.report import into_document
from tests.soak.soak import BOT_NAME, COMMAND, MARKER, QUIET, collected, found_publication, quiet
from twimbot.app import KEYS, open_database
from twimbot.demo.homeserver import Homeserver
from twimbot.errors import JobError
from twimbot.rebuilding import rebuild

MARKS = "absence"
"""The name of the marks between which the table stands in the document."""

EVENTS_A_SUBMISSION = 2.1
"""How many events a submission of the crowd brings with it, about."""

SECONDS_TO_CATCH_UP = 900


@dataclass(frozen=True, slots=True)
class Return:
    """One way of coming back: how many events the bot had to read, how long that took, and what came of it.

    `memory` is the most that was resident, in bytes; `wrong` the numbers of lost, doubled, missing and twice answered.
    """

    way: str
    events: int
    seconds: float
    memory: int | None
    wrong: tuple[int, int, int, int]


class Absence:
    """One run, in a folder of its own; `say` is called with a line about how far it is."""

    def __init__(self, few: int, many: int, seed: int, folder: Path, say: Callable[[str], None]) -> None:
        self._few = few
        self._many = many
        self._seed = seed
        self._folder = folder
        self._say = say
        self._returns: list[Return] = []

    async def run(self) -> tuple[Return, ...]:
        """Do everything; raises JobError where the bot does not come back in time."""
        async with (
            Homeserver(self._folder / "homeserver", settings=QUIET) as homeserver,
            aiohttp.ClientSession() as web,
        ):
            office = await found_publication(homeserver, web, self._folder, homeserver.url)
            people = await gather_people(web, homeserver.url, office.submissions, self._many // 2)
            data, copy = office.config.data_dir, self._folder / "copy.db"
            await self._come_back(office, "for the first time", 0, None)
            few = await self._pass(office, people, self._few)
            await self._come_back(office, "after a short absence", few, None)
            shutil.copy(data / "twimbot.db", copy)
            many = await self._pass(office, people, self._many)
            await self._come_back(office, "after a long absence", many, None)
            await self._come_back(
                office, "with a sync token that is refused", few + many, lambda: _lose_position(office)
            )
            await self._come_back(
                office,
                "with a database from before, as a new device",
                many,
                lambda: _put_back(office, copy),
            )
            await self._come_back(
                office, "without a database, after `twimbot rebuild`", few + many, lambda: _rebuild(office)
            )
        return tuple(self._returns)

    async def _pass(self, office: Office, people: list[Patient], events: int) -> int:
        """Let the crowd do about so many things while nobody listens; return how many it has done."""
        room = Room(office.submissions, office.bot.user_id, BOT_NAME, COMMAND, office.editor, people)
        crowd = Crowd(room, round(events / EVENTS_A_SUBMISSION), self._seed + events, Progress())
        acting = asyncio.create_task(crowd.act())
        while not (await asyncio.wait([acting], timeout=10))[0]:
            self._say(f"{len(crowd.sent)} of about {events} events have passed")
        await acting
        return len(crowd.sent)

    async def _come_back(
        self, office: Office, way: str, events: int, before: Callable[[], Awaitable[None]] | None
    ) -> None:
        """Start the bot in some way, wait until it has caught up, stop it, and compare."""
        if before:
            await before()
        marker = await office.submit(MARKER.format(len(self._returns)), office.anna)
        bot = BotProcess(office.config_file, office.credentials.password or "", self._folder / "bot.log")
        began = time.monotonic()
        await bot.start()
        try:
            async with asyncio.timeout(SECONDS_TO_CATCH_UP):
                await office.anna.sees(lambda event: office.is_reaction(event, marker, "✅"), SECONDS_TO_CATCH_UP)
                await quiet(office)
        except TimeoutError:
            raise JobError(f"the bot did not catch up in time; see {bot.log}") from None
        seconds, memory = time.monotonic() - began, bot.memory()
        await bot.stop()
        self._returns.append(Return(way, events, seconds, memory, await self._wrong(office)))
        self._say(_row(self._returns[-1]))

    async def _wrong(self, office: Office) -> tuple[int, int, int, int]:
        happened = await history(office.editor, office.submissions)
        who = People(office.bot.user_id, BOT_NAME, office.editor.user_id, COMMAND)
        found = await collected(office, self._folder / "site", given_answers(happened, who.bot_id))
        differences = compare(read_plainly(happened, who), found)
        for difference in differences.all[:20]:
            self._say(difference)
        kinds = (differences.lost, differences.doubled, differences.missing, differences.answered_twice)
        return (len(kinds[0]), len(kinds[1]), len(kinds[2]), len(kinds[3]))


async def _lose_position(office: Office) -> None:
    """Have the homeserver refuse the sync token, as after a restore of its own."""
    async with open_database(office.config) as database, database.transaction() as records:
        last = await records.rooms.position_time()
        await records.rooms.keep_position("s999999999_not_a_token", last or 0)


async def _put_back(office: Office, copy: Path) -> None:
    """Put a copy back in place of the database, and have the bot log in as a device that has sent nothing yet."""
    shutil.copy(copy, office.config.data_dir / "twimbot.db")
    async with open_database(office.config) as database, database.transaction() as records:
        await records.connection.execute("DELETE FROM session")
    (office.config.data_dir / KEYS).unlink()


async def _rebuild(office: Office) -> None:
    await asyncio.to_thread(shutil.rmtree, office.config.data_dir)
    await rebuild(office.config, office.credentials, None)


def table(returns: tuple[Return, ...], command: str) -> str:
    """Return what was found in Markdown."""
    head = (
        f"`{command}`, on {datetime.now(UTC):%Y-%m-%d}:",
        "",
        "| the bot comes back | events to read | seconds | MiB | lost | doubled | answers missing | answers doubled |",
        "| :-- | --: | --: | --: | --: | --: | --: | --: |",
    )
    return "\n".join((*head, *map(_row, returns)))


def _row(each: Return) -> str:
    memory = f"{each.memory / 1024 / 1024:.0f}" if each.memory else "?"
    wrong = " | ".join(map(str, each.wrong))
    return f"| {each.way} | {each.events} | {each.seconds:.0f} | {memory} | {wrong} |"


@click.command
@click.option("--few", default=500, help="How many events pass in the short absence, about.")
@click.option("--many", default=5000, help="How many events pass in the long one, about.")
@click.option("--seed", default=1, help="The same seed makes the same crowd.")
@click.option("--document", type=click.Path(path_type=Path), help="Where the table is written, between its marks.")
def main(few: int, many: int, seed: int, document: Path | None) -> None:
    """Try to make the bot lose or double something by being away."""
    folder = Path(tempfile.mkdtemp(prefix="twimbot-absence-"))
    click.echo(f"Everything is kept in {folder} unless all is well")
    returns = asyncio.run(Absence(few, many, seed, folder, click.echo).run())
    text = table(returns, f"python -m tests.soak.absence --few {few} --many {many} --seed {seed}")
    click.echo(text)
    if document:
        into_document(text, document, MARKS)
    if any(number for each in returns for number in each.wrong):
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

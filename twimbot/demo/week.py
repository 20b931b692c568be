"""`twimbot demo`: people post a week of news, the bot and an editor file it, all of it on this machine."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from twimbot.demo import week_entries as entries
from twimbot.demo.stage import COMMAND, Cast, Stage, set_up
from twimbot.demo.telling import Telling
from twimbot.demo.week_conversation import Conversation
from twimbot.demo.week_messages import BOT_LOCALPART, BOT_NAME
from twimbot.demo.week_pictures import lanternfish, postcard
from twimbot.errors import JobError

DEFAULT_OUTPUT = Path("demo-output")
LINES_OF_POST = 30
ACK, TAKE_UP, DROP = "✅", "⭕", "❌"
TODO = "TODO: not filed yet"
ENDING = (signal.SIGTERM, signal.SIGHUP)


async def show(output: Path | None) -> None:
    """Play the week and leave the exported tree in a folder, by default `demo-output` in the current one.

    Files that are there already are kept, but for those of the same name. Raises JobError where something is
    missing or does not come up, and where the demo is told to stop by a signal.
    """
    telling = Telling(sys.stdout)
    folder = output or DEFAULT_OUTPUT
    _check_writable(folder)
    telling.paragraph(entries.INTRODUCTION)
    cast = Cast({**entries.CAST, BOT_LOCALPART: BOT_NAME}, BOT_LOCALPART, entries.EDITOR)
    with _ended_by_signals():
        try:
            async with set_up(telling, cast, entries.CATALOGUE) as stage:
                name = await Week(stage, telling).play()
                post = _copied(stage.exports / name[: len("2026-02-06")], folder, name)
        except aiohttp.ClientError as error:
            raise JobError(f"the homeserver of the demo does not answer any more: {error}") from error
    telling.headline("The post")
    telling.excerpt(post.read_text(encoding="utf-8").splitlines()[:LINES_OF_POST])
    telling.paragraph("")
    telling.paragraph(f"The tree for the site is in {folder.absolute()}, and the post in it is")
    telling.path(post)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave the block in good order on SIGTERM and SIGHUP, then raise JobError; Ctrl-C is asyncio's own."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    received: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        if task and not received:
            received.append(number)
            task.cancel()

    for number in ENDING:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    except asyncio.CancelledError:
        if task and received:
            task.uncancel()
            raise JobError(f"the demo was stopped by {received[0].name} before its end") from None
        raise
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)


def _check_writable(folder: Path) -> None:
    """Say before the work, rather than after it, that its result can't be left where it is wanted."""
    nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise JobError(f"{nearest} can't be written to; name another folder with --output")


def _copied(tree: Path, folder: Path, name: str) -> Path:
    """Copy an exported tree, and return where the post of this file name stands in the copy."""
    post = next(tree.rglob(name)).relative_to(tree)
    try:
        shutil.copytree(tree, folder, dirs_exist_ok=True)
    except OSError as error:
        raise JobError(f"{folder} can't be written to: {error}; name another folder with --output") from error
    return folder / post


class Week:
    """The days of the week, in order; entries that come up again are kept by a word for each: event IDs and numbers."""

    def __init__(self, stage: Stage, telling: Telling) -> None:
        self._telling = telling
        self._room = Conversation(stage, telling)
        self._entries: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    async def play(self) -> str:
        """Play from Monday to the deadline; return the file name of the post."""
        await self._monday()
        await self._tuesday()
        await self._wednesday()
        await self._thursday()
        await self._friday()
        await self._the_editors_round()
        return await self._the_deadline()

    async def _monday(self) -> None:
        self._telling.headline("Monday: the first news")
        room = self._room
        chat = await room.say("bela", entries.CHAT)
        entry = await room.submit("tove", entries.LANTERNFISH, (ACK, "📱", "Lantern"))
        room.notes_silence(chat, "about the first message: it was not for the bot")
        await room.reply_with_picture("tove", entry, lanternfish(), "lanternfish.png", entries.LANTERNFISH_ALT)
        await room.go_on("tove", entry, entries.LANTERNFISH_MORE, (ACK,))
        await room.echo(entries.PINGER, ((server, ms) for server, times in entries.PINGS.items() for ms in times))

    async def _tuesday(self) -> None:
        self._telling.headline("Tuesday: plain text, and not enough of it")
        room = self._room
        await room.submit("kwame", entries.PUDDLE, (ACK, "🗄️", "Puddle"))
        backup = await room.submit_too_short("kwame", entries.PUDDLE_TOO_SHORT)
        await room.edit("kwame", backup, entries.PUDDLE_LONG_ENOUGH, (ACK, "🗄️", "Puddle"))

    async def _wednesday(self) -> None:
        self._telling.headline("Wednesday: a picture that comes later, and a slip of the pen")
        room = self._room
        postcards = await room.submit("lucia", entries.PIGEONHOLE, (ACK, "🌉", "Pigeonhole"))
        picture = await room.send_picture("lucia", postcard(), "postcard.png")
        await room.react("lucia", picture, TAKE_UP, "the picture: it belongs to the entry before it", (ACK,))
        await room.describe("lucia", picture, entries.PIGEONHOLE_ALT, (ACK,))
        await room.edit("lucia", postcards, entries.PIGEONHOLE_CORRECTED)
        self._entries["marginalia"] = await room.submit("oskar", entries.MARGINALIA, (ACK, "🤖", "MRG ?"))

    async def _thursday(self) -> None:
        self._telling.headline("Thursday: HTML, headings, and a secret")
        room = self._room
        await room.submit("yuki", entries.LOOM, (ACK, "🧰", "Loom"))
        suggested = ("🎪 ?", "🧰 ?")
        spool = await room.submit("yuki", entries.SPOOL, (ACK, *suggested))
        await room.file(spool, "🧰 ?", "it: a click on what the bot suggests, and this is no part of Loom", suggested)
        secret = await room.submit("noor", entries.DRIFTWOOD_SECRET, (ACK,))
        await room.delete("noor", secret)
        self._entries["driftwood"] = await room.submit("noor", entries.DRIFTWOOD, (ACK, "📱 ?"))
        await room.file(self._entries["driftwood"], "📱 ?", "the entry", ("📱 ?",))

    async def _friday(self) -> None:
        self._telling.headline("Friday morning: who forgot to mention the bot?")
        room = self._room
        meetup = await room.say("bela", entries.MEETUP_UNADDRESSED)
        await room.edit("bela", meetup, entries.MEETUP, (ACK, "🎪"))
        kettle = await room.say("rosa", entries.KETTLE)
        await room.react(entries.EDITOR, kettle, TAKE_UP, "what Rosa wrote", (ACK,))
        flat = await room.submit("oskar", entries.FLAT, (ACK,))
        await room.react(entries.EDITOR, flat, DROP, "it: that is no news")
        self._entries["kettle"] = kettle
        self._entries["sundial"] = await room.submit("rosa", entries.SUNDIAL, (ACK,))
        self._entries["library"] = await room.submit("noor", entries.LIBRARY, (ACK,))

    async def _the_editors_round(self) -> None:
        self._telling.headline("Friday noon: the editor's round")
        room = self._room
        await room.command(f"{COMMAND} status")
        numbers = await room.listing(f"{COMMAND} list")
        number = self._numbers = {word: numbers[event_id] for word, event_id in self._entries.items()}
        await room.command(f"{COMMAND} why {number['kettle']}")
        await room.command(f"{COMMAND} file {number['kettle']} bots")
        await room.command(f"{COMMAND} file {number['marginalia']} bots Marginalia")
        await room.command(f"{COMMAND} file {number['sundial']} 📱")
        await room.command(f"{COMMAND} drop {number['driftwood']}")
        await room.command(f"{COMMAND} restore {number['driftwood']}")
        await room.command(f"{COMMAND} live {entries.LIVE_VIDEO} {entries.LIVE_TITLE}")

    async def _the_deadline(self) -> str:
        """Export twice, as the first time shows what was forgotten; return the file name of the post."""
        self._telling.headline("The deadline: the export")
        room = self._room
        _, draft = await room.export(f"{COMMAND} export")
        self._telling.excerpt(_section(draft, TODO))
        await room.command(f"{COMMAND} file {self._numbers['library']} talks")
        name, _ = await room.export(f"{COMMAND} export")
        return name


def _section(post: str, title: str) -> list[str]:
    """Return the lines of a post's section; JobError where it has none of this title."""
    lines = post.splitlines()
    heading = f"## {title}"
    if heading not in lines:
        raise JobError(f"the draft has no section {title!r}")
    start = lines.index(heading)
    following = (n for n, line in enumerate(lines) if n > start and line.startswith("## "))
    return lines[start : next(following, len(lines))]

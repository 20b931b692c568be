"""Measures how long others wait for ✅ while ten people send all that their limits allow, and what is kept of that.

The homeserver and those who flood it share the machine with the bot. What they cost by themselves is told by a bare
loop, which reacts to whatever is said in a room without the flood.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from tests.bench.figures import Figure
from tests.bench.stage import BOT_NAME, KEY, MEBIBYTE, NEWS, Floor, Running, Stage, is_reaction, open_stage
from tests.media.making import saved
from twimbot.config import Submissions
from twimbot.demo.person import Person

NUMBER = 10
"""How many people flood, and how many others wait: by turns, so that none of them sends too much."""

LIMITS = Submissions()
KIB = 1024
LENGTH = 50 * KIB
"""How many characters a text of a flooder's has: with the markup around it an event holds hardly more."""

WHOLE = 600
"""Within how many seconds they send all that they may."""

AS_SYNAPSE_TAKES_IT = 5
"""After how many seconds Synapse takes the next event of a sender, as it comes (`rc_message`, after a burst of ten)."""

EACH = 3
"""Each third message is a gallery."""

PICTURES = LIMITS.files_per_day * EACH // LIMITS.per_hour
"""How many pictures a gallery has."""

SIDE = 320
"""How wide and high pictures are, in pixels: of noise, they have some 300 KiB."""

OF_A_MESSAGE, OF_AN_EVENT = 4 * 64 * KIB, KIB
"""How many bytes are kept of a message with its edits, and of any other event, at most (SECURITY.md)."""

SETTLED = 3
"""How long the bot rests before it is measured, in seconds."""

PATIENCE = 120
"""How long an acknowledgement is waited for, in seconds."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return what others wait, and how much memory and disk are needed for what the flooders have sent."""
    seconds, seconds_of_more, times = (40, 20, 8) if is_quick else (WHOLE, 120, 60)
    async with open_stage() as stage:
        room_id = stage.submissions[0]
        flooders, others = await _people(stage, room_id, "flooder"), await _people(stage, room_id, "other")
        async with stage.running(config_file=_with_limits(stage)) as running, stage.floor() as floor:
            apart = await _people(stage, floor.room_id, "apart")
            await _waits(stage, others, 4, 1)
            ordinary = await _waits(stage, others, times, 1)
            bare = await _waits(stage, apart, times, 1, floor)
            await asyncio.sleep(SETTLED)
            rest, before = running.memory(), _kept(stage)
            flood = await _flood(stage, floor, (flooders, others, apart), seconds, AS_SYNAPSE_TAKES_IT)
            more = await _flood(stage, floor, (flooders, others, apart), seconds_of_more, 1)
            await _fetched(stage, running)
            written = _written_down(stage, flood.events + more.events)
            kept, most = _kept(stage) - before, running.most_memory()
    loop, usual = "a bare loop's reaction meanwhile, in a room without the flood", "an ordinary one"
    return [
        Figure(f"another's ✅ while {flood.what}, median", usual, flood.ours, ordinary, "ms", 2),
        Figure("the same, 95th percentile", usual, [_late(flood.ours)], [_late(ordinary)], "ms", 2),
        Figure("the same, median", loop, flood.ours, flood.bare, "ms", 2),
        Figure(f"another's ✅ while {more.what}, median", loop, more.ours, more.bare, "ms", 2),
        Figure("that bare loop's reaction", usual, more.bare, bare, "ms"),
        Figure("memory at most", "at rest before", [most], [rest], "MiB", 1.5),
        Figure("database and pictures, more by", "what is written down", [kept], [written], "MiB", 1),
    ]


@dataclass(frozen=True)
class _Flood:
    """What was sent, and how long others waited for ✅ and for the bare loop, in milliseconds."""

    events: int
    seconds: int
    ours: list[float]
    bare: list[float]

    @property
    def what(self) -> str:
        """What it was, in words."""
        return f"{NUMBER} send {self.events:,} events within {self.seconds} s"


async def _flood(stage: Stage, floor: Floor, people: tuple[list[Person], ...], seconds: int, pause: float) -> _Flood:
    """Have the first of the people flood, an event each so many seconds; return what the others wait meanwhile."""
    flooders, others, apart = people
    ready = asyncio.Barrier(len(flooders) + 1)
    flood = asyncio.gather(*(_Flooder(stage, person, seconds, pause, ready).run() for person in flooders))
    await ready.wait()  # their pictures are uploaded
    times = seconds // 6
    ours, bare = await asyncio.gather(
        _waits(stage, others, times, seconds / times),
        _waits(stage, apart, times, seconds / times, floor),
    )
    events = sum(await flood)
    await _waits(stage, others, 1, 1)
    return _Flood(events, seconds, ours, bare)


class _Flooder:
    """Somebody who sends events: as many messages for the bot as are taken, and else what is not counted.

    The messages are galleries and long texts; between them come edits of them, reactions, replies, and their deletion.
    """

    def __init__(self, stage: Stage, person: Person, seconds: int, pause: float, all_ready: asyncio.Barrier) -> None:
        self._stage = stage
        self._person = person
        self._room = stage.submissions[0]
        self._seconds = seconds
        self._pause = pause
        self._all_ready = all_ready
        self._chance = Random(person.user_id)  # noqa: S311 - no secret
        self._sent: list[str] = []

    async def run(self) -> int:
        """Send for so many seconds; return how many events that were."""
        loop = asyncio.get_running_loop()
        pictures = [await self._picture() for _ in range(PICTURES)]
        await self._all_ready.wait()
        began = loop.time() + self._chance.uniform(
            0, self._pause
        )  # all at once they would be a burst, and then silence
        others = cycle((self._edit, self._react, self._edit, self._talk))
        for number in range(int(self._seconds / self._pause)):
            due = number * self._pause
            await asyncio.sleep(began + due - loop.time())
            if len(self._sent) <= LIMITS.per_hour * due / WHOLE:
                await self._submit(pictures)
            else:
                await next(others)()
        return int(self._seconds / self._pause)

    async def _submit(self, pictures: Sequence[dict[str, object]]) -> None:
        text = f"{BOT_NAME}: {NEWS.format(number=len(self._sent))} "
        content: dict[str, object] = {"msgtype": "m.text", "body": text + self._words()}
        if len(self._sent) % EACH == 0:
            content = {"msgtype": "dm.filament.gallery", "body": text, "itemtypes": list(pictures)}
        mentions = {"m.mentions": {"user_ids": [self._stage.bot.user_id]}}
        self._sent.append(await self._person.say(self._room, {**content, **mentions}))

    async def _edit(self) -> None:
        relation = {"rel_type": "m.replace", "event_id": self._chance.choice(self._sent)}
        new = {"msgtype": "m.text", "body": f"{BOT_NAME}: {self._words()}"}
        content = {"msgtype": "m.text", "body": "* edited", "m.new_content": new, "m.relates_to": relation}
        await self._person.say(self._room, content)

    async def _react(self) -> None:
        target = self._chance.choice(self._sent)
        reaction = await self._person.react(self._room, target, self._chance.choice("⭕📱🏢❌🎉"))
        await self._person.redact(self._room, reaction)

    async def _talk(self) -> None:
        await self._person.reply_in_thread(self._room, self._chance.choice(self._sent), self._words()[:200])

    async def _picture(self) -> dict[str, object]:
        from PIL import Image  # noqa: PLC0415 - needed by this measurement alone

        noise = Image.frombytes("RGB", (SIDE, SIDE), self._chance.randbytes(3 * SIDE * SIDE))
        content = await self._person.image_content(saved(noise, "PNG"))
        return {**content, "itemtype": "m.image"}

    def _words(self) -> str:
        return self._chance.randbytes(LENGTH // 2).hex(" ", 4)


async def _people(stage: Stage, room_id: str, name: str) -> list[Person]:
    people = [await stage.people.register(f"{name}-{each}", f"{name} {each}") for each in range(NUMBER)]
    for person in people:
        await person.join(room_id)
    return people


def _with_limits(stage: Stage) -> Path:
    """Return a configuration with the limits that there are by default."""
    config = json.loads(stage.config_file.read_text(encoding="utf-8"))
    del config["publications"][KEY]["submissions"]
    path = stage.config_file.with_name("limits.yaml")
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


async def _waits(
    stage: Stage, others: Sequence[Person], times: int, pause: float, floor: Floor | None = None
) -> list[float]:
    """Let people submit by turns, one at each pause (in seconds); return how long they wait for ✅, in milliseconds.

    With `floor` they do so in the room of the bare loop.
    """
    loop = asyncio.get_running_loop()
    began, found = loop.time(), []
    room_id, bot_id = (floor.room_id, floor.person.user_id) if floor else (stage.submissions[0], stage.bot.user_id)
    for number, person in zip(range(times), cycle(others), strict=False):
        await asyncio.sleep(max(began + number * pause - loop.time(), 0))
        await person.timeline.catch_up()
        sent: list[str] = []
        looking = asyncio.create_task(person.sees(partial(_is_reaction_to, sent, bot_id), PATIENCE))
        await asyncio.sleep(0.05)  # its long poll stands before anything is sent
        at = loop.time()
        sent.append(await stage.submit(NEWS.format(number=number), room_id, person))
        await looking
        found.append((loop.time() - at) * 1000)
    return found


def _is_reaction_to(sent: Sequence[str], bot_id: str, event: Mapping[str, Any]) -> bool:
    is_its = is_reaction(event) and event["sender"] == bot_id
    return is_its and event["content"].get("m.relates_to", {}).get("event_id") in sent


async def _fetched(stage: Stage, running: Running) -> None:
    """Wait until the pictures are there that may be."""
    folder, before = stage.config_file.with_name("data") / "media", -1
    while (now := len(list(folder.iterdir()))) > before:
        running.check()
        before = now
        await asyncio.sleep(SETTLED)


def _kept(stage: Stage) -> float:
    """Return how much is on the disk, in MiB."""
    files = stage.config_file.with_name("data").rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file()) / MEBIBYTE


def _written_down(stage: Stage, events: int) -> float:
    """Return what may be on the disk for what the flooders have sent (SECURITY.md), in MiB."""
    messages = NUMBER * LIMITS.per_hour
    pictures = sum(file.stat().st_size for file in (stage.config_file.with_name("data") / "media").iterdir())
    return (messages * OF_A_MESSAGE + (events - messages) * OF_AN_EVENT + pictures) / MEBIBYTE


def _late(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else median(times)

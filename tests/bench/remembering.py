"""Measures how much memory the bot needs: at rest, in an hour of load, catching up; against nio, synced."""

import asyncio
from random import Random
from statistics import median

from tests.bench.catching_up import write_history
from tests.bench.figures import Curve, Figure
from tests.bench.stage import NEWS, SECONDS_TO_CATCH_UP, Running, Stage, Watcher, open_stage, tell
from tests.bench.texts import texts

SETTLED = 3
"""How long a process rests before it is measured, in seconds."""

WRITERS = 4
"""How many submissions may be on their way to the homeserver at the same time."""

SAMPLES = 60
"""How often memory is looked at in the course of the load, at most after every tenth submission."""


async def measure(*, is_quick: bool) -> list[Figure | Curve]:
    """Return what is resident, in MiB; the hour of load is as steady as the homeserver lets it be."""
    submissions, seconds, events = (40, 5, 60) if is_quick else (10_000, 3600, 10_000)
    async with open_stage() as stage:
        async with stage.nio() as nio:
            theirs = [await _settled(nio)]
        async with stage.running() as running:
            at_rest = await _settled(running)
            course = await _load(stage, running, submissions, seconds)
            after = await _settled(running)
        await write_history(stage, events, max(events // 20, 1))
        async with stage.running(patience=SECONDS_TO_CATCH_UP) as running:
            await _caught_up(stage)
            catching_up = running.most_memory()
    nio_ = "nio, logged in and synced"
    memory = [size for _, size in course]
    end = course[-1][0]
    return [
        Figure("memory at rest", nio_, [at_rest], theirs, "MiB", 1.6),
        Figure(f"after {submissions:,} submissions", nio_, [after], theirs, "MiB"),
        Figure("in their last tenth", "about half of them", _tenth(memory, 0.9), _tenth(memory, 0.45), "MiB", 1.02),
        Figure(f"at most while catching up on {events:,} events", nio_, [catching_up], theirs, "MiB"),
        Curve({"twimbot": course, "nio, at rest": [(0, theirs[0]), (end, theirs[0])]}, ("minutes", "MiB")),
    ]


async def _settled(running: Running) -> float:
    await asyncio.sleep(SETTLED)
    return median([running.memory() for _ in range(5)])


async def _load(stage: Stage, running: Running, submissions: int, seconds: float) -> list[tuple[float, float]]:
    """Submit so many entries, each at its moment in that time; return after which minutes how much was resident.

    A homeserver that can't bear so many is given them as fast as it takes them.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    written = enumerate(texts(Random(submissions), submissions))  # noqa: S311 - no secret
    course: list[tuple[float, float]] = []

    async def write() -> None:
        for number, text in written:
            await asyncio.sleep(began + number * seconds / submissions - loop.time())
            await stage.submit(text)
            if number % max(submissions // SAMPLES, 10) == 0:
                minutes, memory = (loop.time() - began) / 60, running.memory()
                course.append((minutes, memory))
                tell(f"{number:,} of {submissions:,} submissions in {minutes:.1f} minutes: {memory:.1f} MiB")

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    await _caught_up(stage)
    return course


def _tenth(course: list[float], begin: float) -> list[float]:
    """Return a tenth of the course."""
    first = int(begin * len(course))
    return course[first : first + max(len(course) // 10, 1)]


async def _caught_up(stage: Stage) -> None:
    """Wait until the bot has heard and answered everything before this."""
    watcher = Watcher(stage.editor, stage.submissions[0], stage.bot.user_id)
    last = await stage.submit(NEWS.format(number="last"))
    await watcher.has_acknowledged(last)

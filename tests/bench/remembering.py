"""Measures how much memory the bot needs: at rest, after many submissions, catching up; against nio, synced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.bench.catching_up import write_history
from tests.bench.figures import Figure
from tests.bench.stage import NEWS, Running, Stage, Watcher, open_stage, started
from twimbot.demo.person import password_of

SETTLED = 3
"""How long a process rests before it is measured, in seconds."""
WRITERS = 4
SAMPLES = 40


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return what is resident, in MiB."""
    submissions, events = (40, 60) if is_quick else (10_000, 10_000)
    async with open_stage() as stage:
        async with _nio(stage) as nio:
            theirs = [nio.memory()]
        async with stage.running() as running:
            await asyncio.sleep(SETTLED)
            at_rest = running.memory()
            course = await _load(stage, running, submissions)
        await write_history(stage, events, max(events // 20, 1))
        async with stage.running() as running:
            await _caught_up(stage)
            catching_up = running.most_memory()
    middle = course[len(course) // 2 :]
    nio_ = "nio, logged in and synced"
    return [
        Figure("memory at rest", nio_, [at_rest], theirs, "MiB", 1.6),
        Figure(f"after {submissions:,} submissions", nio_, [course[-1]], theirs, "MiB"),
        Figure("at their end", "at half of them", [course[-1]], [middle[0]], "MiB", 1.02),
        Figure(f"at most while catching up on {events:,} events", nio_, [catching_up], theirs, "MiB"),
    ]


@asynccontextmanager
async def _nio(stage: Stage) -> AsyncIterator[Running]:
    ready = stage.config_file.with_name("ready")
    environment = {"PASSWORD": password_of("news"), "READY": str(ready)}
    arguments = ("tests.bench.nio_client", stage.homeserver.url, stage.bot.user_id)
    async with started(arguments, environment, stage.config_file.with_name("nio.log")) as running:
        while not ready.exists():
            running.check()
            await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLED)
        yield running


async def _load(stage: Stage, running: Running, submissions: int) -> list[float]:
    """Submit so many entries as fast as they are taken; return what was resident in the course of that."""
    numbers = iter(range(submissions))
    course: list[float] = []

    async def write() -> None:
        for number in numbers:
            await stage.submit(NEWS.format(number=number))
            if number % max(submissions // SAMPLES, 1) == 0:
                course.append(running.memory())

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    await _caught_up(stage)
    course.append(running.memory())
    return course


async def _caught_up(stage: Stage) -> None:
    """Wait until the bot has heard and answered everything before this."""
    watcher = Watcher(stage.editor, stage.submissions[0], stage.bot.user_id)
    last = await stage.submit(NEWS.format(number="last"))
    await watcher.has_acknowledged(last)

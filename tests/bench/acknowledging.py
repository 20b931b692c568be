"""Measures how long a contributor waits for ✅, against a bare loop that keeps nothing, and what the bot does then."""

import asyncio
import json
from functools import partial
from statistics import quantiles

from tests.bench.figures import Figure
from tests.bench.stage import NEWS, Floor, Stage, Watcher, open_stage
from tests.bench.timed_bot import PARTS

WARMING_UP = 3
PAUSE = 0.25
"""How long the bot has for what it does after an acknowledgement, in seconds."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the median and the 95th percentile."""
    times = 8 if is_quick else 120
    async with open_stage() as stage:
        async with stage.running(), stage.floor() as floor:
            ours, theirs = await _alternate(stage, floor, times)
        shares = await _shares(stage, times)
    against = "a loop that syncs and reacts"
    return [
        Figure("from a submission to its ✅, median", against, ours, theirs, "ms", 1.15),
        Figure("the same, 95th percentile", against, [_late(ours)], [_late(theirs)], "ms", 1.3),
        Figure("the bot's own share of that", "", [sum(each.values()) for each in shares], [], "ms", 8),
        *(Figure(f"of that: {part}", "", [each[part] for each in shares], [], "ms") for part in PARTS),
    ]


async def _shares(stage: Stage, times: int) -> list[dict[str, float]]:
    """Return what the parts of the bot's own share took, in milliseconds, for each submission."""
    file = stage.config_file.with_name("times.jsonl")
    async with stage.running("tests.bench.timed_bot", {"TIMES": str(file)}):
        watcher = Watcher(stage.editor, stage.submissions[0], stage.bot.user_id)
        for number in range(times + WARMING_UP):
            await watcher.acknowledged(partial(stage.submit, NEWS.format(number=number)))
            await asyncio.sleep(PAUSE)
    answers = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    # Others lead to the reactions that follow an acknowledgement, and hold no submission.
    return [answer for answer in answers if answer["filing"]][WARMING_UP:]


async def _alternate(stage: Stage, floor: Floor, times: int) -> tuple[list[float], list[float]]:
    """Measure both in turns, in milliseconds; the first ones, for which everything is set up, don't count."""
    watchers = (
        Watcher(stage.editor, stage.submissions[0], stage.bot.user_id),
        Watcher(stage.editor, floor.room_id, floor.person.user_id),
    )
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(times + WARMING_UP):
        for watcher, taken in zip(watchers, found, strict=True):
            submit = partial(stage.submit, NEWS.format(number=number), watcher.room_id)
            taken.append(await watcher.acknowledged(submit))
            await asyncio.sleep(PAUSE)
    return found[0][WARMING_UP:], found[1][WARMING_UP:]


def _late(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]

"""Measures how long a contributor waits for ✅, against a bare loop that reacts without keeping anything."""

import asyncio
from functools import partial
from statistics import quantiles

from tests.bench.figures import Figure
from tests.bench.stage import Floor, Stage, Watcher, open_stage

TEXT = "Fernglas {number} is out, with faster search, fewer crashes and a better view of all that is far away."
WARMING_UP = 3
PAUSE = 0.25
"""How long the bot has for what it does after an acknowledgement, in seconds."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the median and the 95th percentile."""
    async with open_stage() as stage, stage.running(), stage.floor() as floor:
        ours, theirs = await _alternate(stage, floor, 20 if is_quick else 150)
    against = "a loop that syncs and reacts"
    return [
        Figure("from a submission to its ✅, median", against, ours, theirs, "ms", 1.15),
        Figure("the same, 95th percentile", against, [_late(ours)], [_late(theirs)], "ms", 1.3),
    ]


async def _alternate(stage: Stage, floor: Floor, times: int) -> tuple[list[float], list[float]]:
    """Measure both in turns, in milliseconds; the first ones, for which everything is set up, don't count."""
    watchers = (
        Watcher(stage.editor, stage.submissions[0], stage.bot.user_id),
        Watcher(stage.editor, floor.room_id, floor.person.user_id),
    )
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(times + WARMING_UP):
        for watcher, taken in zip(watchers, found, strict=True):
            submit = partial(stage.submit, TEXT.format(number=number), watcher.room_id)
            taken.append(await watcher.acknowledged(submit))
            await asyncio.sleep(PAUSE)
    return found[0][WARMING_UP:], found[1][WARMING_UP:]


def _late(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]

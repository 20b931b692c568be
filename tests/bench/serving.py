"""Measures what more publications in one process cost: how long an acknowledgement takes, and how much memory."""

import asyncio
import json
from functools import partial
from statistics import median

from tests.bench.acknowledging import PAUSE, WARMING_UP
from tests.bench.figures import Figure
from tests.bench.stage import NEWS, Stage, Watcher, open_stage


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return acknowledgements and memory for the numbers of publications, by turns, against one."""
    numbers, rounds, times = ((1, 5), 1, 5) if is_quick else ((1, 10, 100), 3, 15)
    acknowledged: dict[int, list[float]] = {number: [] for number in numbers}
    at_rest: dict[int, list[float]] = {number: [] for number in numbers}
    async with open_stage(numbers[-1]) as stage:
        for _ in range(rounds):
            for number in numbers:
                found, memory = await _serve(stage, number, times)
                acknowledged[number] += found
                at_rest[number].append(memory)
    figures = []
    for number in numbers[1:]:
        what = f"from a submission to its ✅, with {number} publications"
        each = [(many - one) / (number - 1) for many, one in zip(at_rest[number], at_rest[1], strict=True)]
        figures += [
            Figure(what, "one", acknowledged[number], acknowledged[1], "ms", 1.2),
            Figure(f"memory of each publication more, with {number}", "", each, [], "MiB", 1.0),
        ]
    return figures


async def _serve(stage: Stage, number: int, times: int) -> tuple[list[float], float]:
    """Return how long acknowledgements take in the last of so many publications, and the memory at rest."""
    written = json.loads(stage.config_file.read_text(encoding="utf-8"))
    publications = dict(list(written["publications"].items())[:number])
    file = stage.config_file.with_name(f"config-{number}.yaml")
    data = str(stage.config_file.parent / f"data-{number}")
    file.write_text(json.dumps({**written, "publications": publications, "data_dir": data}), encoding="utf-8")
    async with stage.running(config_file=file) as running:
        await asyncio.sleep(2)
        memory = median([running.memory() for _ in range(5)])
        watcher = Watcher(stage.editor, stage.submissions[number - 1], stage.bot.user_id)
        found = []
        for turn in range(times + WARMING_UP):
            submit = partial(stage.submit, NEWS.format(number=turn), watcher.room_id)
            found.append(await watcher.acknowledged(submit))
            await asyncio.sleep(PAUSE)
    return found[WARMING_UP:], memory

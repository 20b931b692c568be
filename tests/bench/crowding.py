"""Measures when the last of many who submit at once is acknowledged, against a bare loop under the same load."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.figures import Figure
from tests.bench.stage import NEWS, Stage, is_reaction, open_stage
from twimbot.demo.person import Person

SEED = 6
SILENCE = 3
PATIENCE = 120
"""How long the last acknowledgement is waited for, in seconds."""


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return when the last was acknowledged, since the first began to write."""
    number, within, times = (20, 1.0, 1) if is_quick else (200, 10.0, 3)
    ours, theirs = [], []
    async with open_stage() as stage, stage.running(), stage.floor() as floor:
        crowd = [await stage.people.register(f"person-{each}", f"Person {each}") for each in range(number)]
        for person in crowd:
            for room_id in (stage.submissions[0], floor.room_id):
                await person.join(room_id)
        for _ in range(times):
            ours.append(await _submit(stage, crowd, within, stage.submissions[0], stage.bot.user_id))
            await _quiet(stage)  # after its acknowledgements the bot says where it has filed each entry
            theirs.append(await _submit(stage, crowd, within, floor.room_id, floor.person.user_id))
    what = f"{number} people within {within:g} s, until the last ✅"
    return [Figure(what, "a loop that syncs and reacts", ours, theirs, "s", 1.5)]


async def _quiet(stage: Stage) -> None:
    """Wait until nobody says anything any more."""
    seen = -1
    while len(await stage.editor.timeline.catch_up()) > seen:
        seen = len(stage.editor.timeline.events)
        await asyncio.sleep(SILENCE)


async def _submit(stage: Stage, crowd: Sequence[Person], within: float, room_id: str, bot_id: str) -> float:
    """Let everybody submit; return how long it takes until all are acknowledged, in seconds."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    await stage.editor.timeline.catch_up()
    acknowledged: set[str] = set()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def submit(number: int, person: Person, pause: float) -> str:
        await asyncio.sleep(pause)
        return await stage.submit(NEWS.format(number=number), room_id, person)

    def is_last(event: Mapping[str, Any]) -> bool:
        relation = event["content"].get("m.relates_to", {})
        if is_reaction(event) and event["sender"] == bot_id and relation.get("key") == "✅":
            acknowledged.add(relation["event_id"])
        return sent is not None and acknowledged.issuperset(sent)

    sent: list[str] | None = None
    pauses = [chance.uniform(0, within) for _ in crowd]
    submitting = asyncio.gather(*(submit(n, *each) for n, each in enumerate(zip(crowd, pauses, strict=True))))
    watching = asyncio.create_task(stage.editor.sees(is_last, PATIENCE))
    sent = await submitting
    if not acknowledged.issuperset(sent):
        await watching
    else:
        watching.cancel()
    return loop.time() - began

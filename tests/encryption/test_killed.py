"""Killed with SIGKILL between any two steps, the bot misses nothing in encrypted rooms and says everything once."""

import asyncio
import signal
from collections import Counter

from tests.crash.test_crashes import reactions, start
from tests.dialogue.office import Office, answers
from tests.encryption.friend import Friend
from tests.encryption.test_encrypted_rooms import ask, stored, submit

STEPS = range(1, 11, 3)


async def test_killed_at_every_third_step(office: Office, anna: Friend, edna: Friend) -> None:
    """Each life is longer than the one before, and each finds a submission and a command waiting."""
    submissions, commands = [], []
    async with office.open():
        await ask(office, edna, "list")
    for step in STEPS:
        submissions.append(await submit(office, anna, f"The garden has its news number {step}, worth a sentence."))
        commands.append(await edna.text(office.editors_room, "!news list"))
        process = await start(office, step)
        assert await asyncio.wait_for(process.wait(), 20) == -signal.SIGKILL
    async with office.open():
        submissions.append(await submit(office, anna, "And the last news for today, to be sure."))
        await office.acknowledged(submissions[-1])
        await ask(office, edna, "status")
    assert [entry.event_id for entry in await stored(office)] == submissions
    acknowledged = {key: number for key, number in (await reactions(office)).items() if key[1] == "✅"}
    assert acknowledged == {(event_id, "✅"): 1 for event_id in submissions}
    said = [event for event in edna.seen if event["sender"] == office.bot.user_id]
    assert Counter(asked for asked in commands for event in said if answers(event, asked)) == dict.fromkeys(commands, 1)
    assert {event["was_encrypted"] for event in said if event["type"] == "m.room.message"} == {True}
    assert [event for event in said if event["type"] == "m.room.encrypted"] == []

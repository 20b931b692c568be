"""Killed with SIGKILL anywhere, the bot loses nothing, doubles nothing, and acknowledges everything once."""

import asyncio
import os
import random
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from tests.dialogue.test_dialogues import picture
from twimbot.app import open_database
from twimbot.demo.homeserver import Homeserver
from twimbot.model.entry import Entry, MediaState

RUNNER = Path(__file__).with_name("killed_bot.py")
MOST_STEPS = 120
RANDOM_KILLS = 6


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    return await found_office(homeserver, newcomer, tmp_path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def start(office: Office, kill_at: int) -> Process:
    """Start the bot as a process that dies at a step; 0: never."""
    environment = {**os.environ, "KILL_AT": str(kill_at), "TWIMBOT_PASSWORD": office.credentials.password or ""}
    return await asyncio.create_subprocess_exec(
        sys.executable, str(RUNNER), str(office.config_file), env=environment, stdout=DEVNULL, stderr=DEVNULL
    )


async def settle(office: Office, marker: str) -> None:
    """Run the bot unharmed until it has acknowledged a last submission, and everything before it."""
    process = await start(office, 0)
    try:
        await office.acknowledged(marker)
        await office.ask("status")
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def stored(office: Office) -> list[Entry]:
    async with open_database(office.config) as database, database.snapshot() as records:
        assert await records.journal.failures() == []
        (edition,) = await records.editions.with_entries("news")
        return await records.entries.of_edition("news", edition)


async def reactions(office: Office) -> Mapping[tuple[str, str], int]:
    """Count the bot's standing reactions in the room by target and key, as its history has them."""
    await office.anna.timeline.catch_up()
    taken_back = {e["content"].get("redacts", e.get("redacts")) for e in office.anna.timeline.events}
    return Counter(
        (event["content"]["m.relates_to"]["event_id"], event["content"]["m.relates_to"]["key"])
        for event in office.anna.timeline.events
        if event["type"] == "m.reaction"
        and event["sender"] == office.bot.user_id
        and event["event_id"] not in taken_back
        and event["content"].get("m.relates_to")
    )


async def test_killed_at_each_step(office: Office) -> None:
    """Each start dies one step later, with a submission, a picture and a filing waiting for it each time."""
    submissions: dict[str, str] = {}
    steps = 0
    while steps < MOST_STEPS:
        steps += 1
        text = f"Fernglas has its news number {steps}, and it is worth a sentence."
        target = await office.submit(text)
        submissions[target] = text
        content = await office.anna.image_content(picture(), file_name="a.png")
        await office.anna.reply(office.submissions, target, content)
        await office.editor.react(office.submissions, target, "Fernglas")
        process = await start(office, steps)
        try:
            status = await asyncio.wait_for(process.wait(), 6)
        except TimeoutError:
            process.kill()
            await process.wait()
            break
        assert status == -signal.SIGKILL
    last = await office.submit("And this is the last of them, for today at least.")
    await settle(office, last)
    entries = await stored(office)
    assert [e.event_id for e in entries] == [*submissions, last]
    assert [e.text for e in entries[:-1]] == list(submissions.values())
    assert {(e.department, e.project) for e in entries[:-1]} == {("clients", "fernglas")}
    assert [[media.state for media in e.media] for e in entries[:-1]] == [[MediaState.KEPT]] * len(submissions)
    standing = await reactions(office)
    assert {key: standing[key] for key in standing if key[1] == "✅"} == {(e.event_id, "✅"): 1 for e in entries}
    assert {key for key in standing if key[1] != "✅"} <= {(last, "Fernglas ?"), (last, "📱 ?")}
    assert steps > 20, "the bot did less than it should have"


async def test_killed_at_random_while_people_write(office: Office) -> None:
    """People write while the bot is killed and started again at random moments."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)  # noqa: S311 - no secret; the seed is shown when the test fails
    sent: list[str] = []
    over = asyncio.Event()

    async def write() -> None:
        while not over.is_set():
            sent.append(await office.submit(f"There is news number {len(sent)}, as there was before and will be."))
            await asyncio.sleep(chance.uniform(0.05, 0.3))

    writing = asyncio.create_task(write())
    for _ in range(RANDOM_KILLS):
        process = await start(office, 0)
        await asyncio.sleep(chance.uniform(0.8, 3))
        process.kill()
        await process.wait()
    over.set()
    await writing
    await settle(office, sent[-1])
    entries = await stored(office)
    assert [e.event_id for e in entries] == sent, f"seed {seed}"
    acknowledged = {key: n for key, n in (await reactions(office)).items() if key[1] == "✅"}
    assert acknowledged == {(event_id, "✅"): 1 for event_id in sent}, f"seed {seed}"


async def test_sigterm_is_a_clean_stop_within_five_seconds(office: Office) -> None:
    """SIGTERM ends the real command with status 0, and readiness is told over HTTP before."""
    port = free_port()
    office.configure(health={"listen": f"127.0.0.1:{port}"})
    environment = {**os.environ, "TWIMBOT_PASSWORD": office.credentials.password or ""}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "twimbot", "run", "--config", str(office.config_file)), env=environment, stderr=DEVNULL
    )
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as ready:
                    if ready.status == 200:
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
        async with session.get(f"http://127.0.0.1:{port}/healthz") as alive:
            assert alive.status == 200
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0

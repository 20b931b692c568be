"""Killed with SIGKILL anywhere, the bot loses nothing, doubles nothing, and acknowledges everything once."""

import asyncio
import json
import os
import random
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import TEXT, Office, found_office
from tests.dialogue.test_dialogues import picture
from twimbot.app import open_database
from twimbot.demo.homeserver import Homeserver, free_port
from twimbot.model.entry import Entry, MediaState

RUNNER = Path(__file__).with_name("killed_bot.py")
MOST_STEPS = 120
RANDOM_KILLS = 6


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    return await found_office(homeserver, newcomer, tmp_path)


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
        await office.anna.sees(lambda event: office.is_reaction(event, marker, "✅"), 60)
        await asyncio.wait_for(said_everything(office), 60)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def said_everything(office: Office) -> None:
    """Wait until nothing waits to be fetched or said."""
    await office.ask("status")
    async with open_database(office.config) as database:
        while True:
            async with database.snapshot() as records:
                if not await records.outbox.rooms_waiting() and not await records.media.wanted():
                    return
            await asyncio.sleep(0.1)


async def stored(office: Office) -> list[Entry]:
    async with open_database(office.config) as database, database.snapshot() as records:
        assert await records.journal.failures() == []
        (edition,) = await records.editions.with_entries("news")
        return await records.entries.of_edition("news", edition)


async def history(office: Office) -> set[str]:
    """Return the pictures that were sent before the bot's first reading was recorded: nobody is asked about those."""
    async with open_database(office.config) as database, database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT event_id FROM media WHERE is_history")
    return {row["event_id"] for row in rows}


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


async def questions(office: Office) -> Mapping[str, int]:
    """Count the bot's questions in the room by the picture that they are about, as its history has them."""
    await office.anna.timeline.catch_up()
    return Counter(
        event["content"]["m.relates_to"]["event_id"]
        for event in office.anna.timeline.events
        if event["sender"] == office.bot.user_id and "what does this picture show" in event["content"].get("body", "")
    )


async def test_killed_at_each_step(office: Office) -> None:
    """Each start dies three steps later than the one before, the first within three; every other one has new work."""
    submissions: list[str] = []
    pictures: list[str] = []
    texts: list[str] = []
    kill_at = secrets.randbelow(3) - 2
    while kill_at < MOST_STEPS:
        kill_at += 3
        if kill_at % 2:
            submissions.append(await office.submit(f"The garden has its news number {kill_at}, worth a sentence."))
            content = await office.anna.image_content(picture(), file_name="a.png")
            pictures.append(await office.anna.reply(office.submissions, submissions[-1], content))
            texts.append(await office.anna.reply_in_thread(office.submissions, submissions[-1], "And that is all."))
            await office.editor.react(office.submissions, submissions[-1], "Fernglas")
        process = await start(office, kill_at)
        try:
            status = await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()
            break
        assert status == -signal.SIGKILL
    last = await office.submit("And this is the last of them, for today at least.")
    await settle(office, last)
    entries = await stored(office)
    assert [entry.event_id for entry in entries] == [*submissions, last]
    assert {(entry.department, entry.project) for entry in entries[:-1]} == {("clients", "fernglas")}
    assert [[media.event_id for media in entry.media] for entry in entries[:-1]] == [[each] for each in pictures]
    assert [[passage.event_id for passage in entry.passages] for entry in entries[:-1]] == [[each] for each in texts]
    assert {media.state for entry in entries for media in entry.media} == {MediaState.KEPT}
    acknowledged = {(event_id, "✅"): 1 for event_id in (*submissions, *pictures, *texts, last)}
    learned = {(last, "Fernglas ?"): 1, (last, "📱 ?"): 1}  # where the editor has put all of Anna's entries
    assert await reactions(office) == acknowledged | learned
    asked = await questions(office)
    assert set(asked.values()) == {1}
    assert set(asked) == set(pictures) - await history(office)
    assert 20 < kill_at < MOST_STEPS, "the bot did less than it should have, or never came to an end"


async def test_killed_at_random_while_people_write(office: Office) -> None:
    """People write while the bot is killed and started again at random moments."""
    seed = secrets.randbits(32)
    chance = random.Random(seed)  # noqa: S311 - no secret; the seed is shown when the test fails
    sent: list[str] = []
    over = asyncio.Event()

    async def write() -> None:
        while not over.is_set():
            sent.append(await office.submit(f"Fernglas has news number {len(sent)}, as it had before and will have."))
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
    """The real command tells its readiness over HTTP, logs no texts, and ends with status 0 on SIGTERM."""
    port = free_port()
    office.configure(health={"listen": f"127.0.0.1:{port}"}, log={"format": "json"})
    environment = {**os.environ, "TWIMBOT_PASSWORD": office.credentials.password or ""}
    command = (sys.executable, "-m", "twimbot", "run", "--config", str(office.config_file))
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=PIPE)
    assert await answer(f"http://127.0.0.1:{port}/readyz") == 200
    assert await answer(f"http://127.0.0.1:{port}/healthz") == 200
    target = await office.submit()
    await office.acknowledged(target)
    await office.ask("status")
    process.send_signal(signal.SIGTERM)
    _, logged = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 0
    lines = [json.loads(line) for line in logged.decode().splitlines()]
    assert [line["event"] for line in lines if line.get("event_id") == target][:2] == ["taken up", "sent"]
    assert lines[-1]["event"] == "stopped"
    assert TEXT not in logged.decode()


async def answer(url: str) -> int:
    """Return the status with which an address answers, once it is 200 or the patience is over."""
    status = 0
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            with suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    status = response.status
            if status == 200:
                break
            await asyncio.sleep(0.1)
    return status

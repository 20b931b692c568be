"""Without the extra twimbot[e2e], encrypted rooms are refused at the start, and told of when they come later."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.dialogue.office import TEXT, Office
from tests.encryption.friend import ALGORITHM, encrypt

RUNNER = Path(__file__).with_name("without_extra.py")


async def start(office: Office) -> Process:
    office.configure(log={"format": "json"})
    environment = {**os.environ, "TWIMBOT_PASSWORD": office.credentials.password or ""}
    command = (sys.executable, str(RUNNER), "run", "--config", str(office.config_file))
    return await asyncio.create_subprocess_exec(*command, env=environment, stderr=PIPE)


async def test_an_encrypted_room_is_refused_in_a_sentence_that_names_the_extra(plain_office: Office) -> None:
    office = plain_office
    await encrypt(office.editor, office.editors_room)
    process = await start(office)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert f"room {office.editors_room} is encrypted; install twimbot[e2e]" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_room_that_is_encrypted_while_the_bot_runs_is_told_of(plain_office: Office) -> None:
    office = plain_office
    process = await start(office)
    await office.acknowledged(await office.submit())
    await encrypt(office.editor, office.submissions)
    told = await office.editor.sees(lambda event: "has been encrypted" in str(event["content"].get("body")))
    assert told["room_id"] == office.editors_room
    await office.anna.send(office.submissions, "m.room.encrypted", {**ALGORITHM, "session_id": "s", "ciphertext": "x"})
    assert f"1 message can't be decrypted yet, from {office.anna.user_id}." in await office.ask("status")
    await encrypt(office.editor, office.editors_room)
    await office.editor.text(office.editors_room, "!news status")
    await office.acknowledged(await office.submit(f"{TEXT} Again."))
    process.send_signal(signal.SIGTERM)
    _, logged = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    events = [json.loads(line) for line in logged.decode().splitlines()]
    warned = [event for event in events if event["event"] == "room is encrypted now; install twimbot[e2e] and restart"]
    assert [event["room_id"] for event in warned] == [office.submissions, office.editors_room]
    assert [event["reason"] for event in events if event["event"] == "refused"] == [
        "the room is encrypted; install twimbot[e2e] and restart"
    ]
    await office.editor.timeline.catch_up()
    (answer,) = [
        event
        for event in office.editor.timeline.events
        if event["sender"] == office.bot.user_id and "Edition of" in str(event["content"].get("body"))
    ]
    assert answer["room_id"] == office.editors_room

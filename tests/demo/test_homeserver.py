"""The homeserver of the demo and the tests, and the people on it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Newcomer, unique
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import NotSeen, People, Person, RawEvent
from twimbot.errors import HomeserverError, JobError

PARENT = """
import asyncio, signal, sys
from collections.abc import Callable
from pathlib import Path
from twimbot.demo.homeserver import Homeserver

async def main():
    async with Homeserver(Path(sys.argv[1])) as homeserver:
        print(homeserver.process_id, flush=True)
        await asyncio.sleep(600)

signal.signal(signal.SIGINT, signal.default_int_handler)  # what the tests run in may ignore Ctrl-C
asyncio.run(main())
"""
"""A program that starts a homeserver, names its process and then does nothing."""


@pytest.fixture
async def ben(newcomer: Newcomer, room: str) -> Person:
    """Somebody else, in Ada's room."""
    person = await newcomer("Ben Example")
    await person.join(room)
    return person


def is_from(event_id: str) -> Callable[[RawEvent], bool]:
    """Want the event of this ID."""
    return lambda event: event["event_id"] == event_id


class TestPeople:
    async def test_see_what_others_say(self, ada: Person, ben: Person, room: str) -> None:
        said = await ada.text(room, "Hello, Ben", mentions=[ben])
        seen = await ben.sees(is_from(said))
        assert seen["sender"] == ada.user_id
        assert seen["room_id"] == room
        assert seen["content"] == {"msgtype": "m.text", "body": "Hello, Ben", "m.mentions": {"user_ids": [ben.user_id]}}

    async def test_see_what_comes_while_they_wait(self, ada: Person, ben: Person, room: str) -> None:
        async with asyncio.TaskGroup() as waiting:
            first = waiting.create_task(ben.sees(lambda event: event["content"].get("body") == "one"))
            second = waiting.create_task(ben.sees(lambda event: event["content"].get("body") == "two"))
            await asyncio.sleep(0.2)
            await ada.text(room, "one")
            await ada.text(room, "two")
        assert first.result()["content"]["body"] == "one"
        assert second.result()["content"]["body"] == "two"

    async def test_are_told_what_came_instead_of_what_they_waited_for(self, ada: Person, room: str) -> None:
        said = await ada.text(room, "something else")
        with pytest.raises(NotSeen, match=rf"(?s){ada.user_id} did not see it within 0.3 s.*\{said}"):
            await ada.sees(lambda _event: False, 0.3)

    async def test_wear_their_display_name(self, ada: Person, room: str) -> None:
        joined = await ada.sees(lambda event: event["type"] == "m.room.member" and event["room_id"] == room)
        assert joined["content"]["displayname"] == "Ada Example"

    async def test_edit_as_clients_do(self, ada: Person, room: str) -> None:
        said = await ada.text(room, "the old words")
        edited = (await ada.sees(is_from(await ada.edit(room, said, "the new words"))))["content"]
        assert (edited["body"], edited["m.new_content"]["body"]) == ("* the new words", "the new words")
        assert edited["m.relates_to"] == {"rel_type": "m.replace", "event_id": said}

    async def test_reply_react_and_redact(self, ada: Person, ben: Person, room: str) -> None:
        said = await ada.text(room, "What do you think?")
        reply = await ben.reply(room, said, "Good")
        reaction = await ben.react(room, said, "🎉")
        redaction = await ada.redact(room, said)
        assert (await ada.sees(is_from(reply)))["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": said}}
        assert (await ada.sees(is_from(reaction)))["content"]["m.relates_to"]["key"] == "🎉"
        assert (await ben.sees(is_from(redaction)))["type"] == "m.room.redaction"

    async def test_answer_in_threads(self, ada: Person, room: str) -> None:
        root = await ada.text(room, "A long story")
        answer = await ada.sees(is_from(await ada.reply_in_thread(room, root, "Go on")))
        assert answer["content"]["m.relates_to"]["rel_type"] == "m.thread"

    async def test_share_pictures(self, ada: Person, ben: Person, room: str) -> None:
        shared = await ada.send_image(room, b"not really a picture", file_name="cat.png", caption="A cat")
        content = (await ben.sees(is_from(shared)))["content"]
        assert (content["body"], content["filename"]) == ("A cat", "cat.png")
        assert await ben.download(content["url"]) == b"not really a picture"

    async def test_use_rooms_whose_id_names_no_server(self, ada: Person) -> None:
        room_id = await ada.create_room("the newest kind", version="12")
        assert ":" not in room_id
        assert await ada.sees(is_from(await ada.text(room_id, "Hello")))

    async def test_find_rooms_by_alias_and_follow_upgrades(self, ada: Person, ben: Person) -> None:
        alias = unique("office")
        old = await ada.create_room("office", alias=alias, is_public=False, invite=[ben], version="10")
        await ben.join(f"#{alias}:example.org")
        replacement = await ada.upgrade(old, "11")
        tombstone = await ben.sees(lambda event: event["type"] == "m.room.tombstone")
        assert (tombstone["room_id"], tombstone["content"]["replacement_room"]) == (old, replacement)

    async def test_hear_why_the_homeserver_refuses(self, ben: Person, newcomer: Newcomer) -> None:
        stranger = await newcomer("Cleo Example")
        private = await stranger.create_room("private", is_public=False)
        with pytest.raises(HomeserverError, match=r"403.*M_FORBIDDEN"):
            await ben.text(private, "Hello?")


class TestHomeserver:
    async def test_remembers_everything_when_it_is_started_again(self, tmp_path: Path) -> None:
        homeserver = Homeserver(tmp_path, server_name="elsewhere.example.org")
        async with People(homeserver.url) as people:
            async with homeserver:
                dora = await people.register("dora")
                room_id = await dora.create_room("before and after")
            assert homeserver.process_id is None
            async with homeserver:
                assert await dora.sees(is_from(await dora.text(room_id, "still here")))
        assert dora.user_id == "@dora:elsewhere.example.org"

    async def test_says_why_it_does_not_start(self, tmp_path: Path) -> None:
        homeserver = Homeserver(tmp_path, settings={"database": {"name": "papyrus"}})
        with pytest.raises(HomeserverError, match=r"(?s)ended with status 1.*papyrus"):
            await homeserver.start()
        assert homeserver.process_id is None

    async def test_asks_for_synapse_where_it_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "synapse", None)
        with pytest.raises(JobError, match=r"pip install 'twimbot\[demo\]'"):
            await Homeserver(tmp_path).start()

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "Ctrl-C"])
    def test_ends_with_its_parent(self, tmp_path: Path, end: signal.Signals) -> None:
        command = [sys.executable, "-c", PARENT, str(tmp_path)]
        with subprocess.Popen(  # noqa: S603 - our own Python runs the program above
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        ) as parent:
            assert parent.stdout
            synapse = int(parent.stdout.readline())
            assert runs(synapse)
            # A terminal sends Ctrl-C to every process of the group.
            os.killpg(parent.pid, end)
        assert ended_within(10, synapse)


def ended_within(seconds: float, process_id: int) -> bool:
    """Tell whether a process that is no child of ours ends in time."""
    deadline = time.monotonic() + seconds
    while runs(process_id) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not runs(process_id)


def runs(process_id: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected by its new parent does not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    return True

"""The log-in ends, the homeserver is away: the bot goes on, waits, or stops with a sentence."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import unique
from tests.dialogue.front import Front
from tests.dialogue.office import Office, answers, found_office
from twimbot.app import KEYS, Bot, check_online, open_client, open_database
from twimbot.config import Credentials
from twimbot.demo.homeserver import Homeserver, free_port
from twimbot.demo.person import People, Person, password_of, text_content
from twimbot.errors import HomeserverError, LoggedOut
from twimbot.matrix.client import Client, Unreachable
from twimbot.matrix.patience import waits
from twimbot.matrix.session import Session
from twimbot.rebuilding import rebuild
from twimbot.store.database import Database
from twimbot.store.rooms import StoredSession

BRIEF = 1.5
"""How long an access token lives on a homeserver that ends them soon, in seconds."""


async def session_of(database: Database) -> StoredSession:
    async with database.snapshot() as records:
        session = await records.rooms.session()
    assert session
    return session


async def log_out(office: Office, token: str) -> None:
    """End a log-in for good, as its owner does in a client's list of devices."""
    person = Person(office.bot._session, office.bot._homeserver)  # noqa: SLF001 - the same account's other device
    person.access_token = token
    await person.call("POST", "logout", body={})


async def change_password(office: Office) -> None:
    """Take another password, which ends all other log-ins."""
    name = office.bot.user_id[1:].partition(":")[0]
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": name},
        "password": password_of(name),
    }
    await office.bot.call("POST", "account", "password", body={"auth": auth, "new_password": "quite another one"})


@asynccontextmanager
async def opened(office: Office, credentials: Credentials | None = None) -> AsyncIterator[tuple[Client, Database]]:
    """Open a line to the homeserver and log in, without the rest of the bot."""
    config = office.config
    async with open_database(config) as database, open_client(config) as client:
        await Session(client, credentials or office.credentials, database, config.data_dir / KEYS).begin()
        yield client, database


@asynccontextmanager
async def process_of(office: Office, environment: dict[str, str]) -> AsyncIterator[Process]:
    """Run the real command, with its log as JSON on stderr."""
    office.configure(log={"format": "json"})
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TWIMBOT_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "twimbot", "run", "--config", str(office.config_file)),
        env=clean | environment,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def logged(process: Process, event: str, count: int = 1) -> list[dict[str, object]]:
    """Return what a process has logged once an event stands there so often."""
    lines: list[dict[str, object]] = []
    assert process.stderr
    async with asyncio.timeout(20):
        while sum(line["event"] == event for line in lines) < count:
            line = await process.stderr.readline()
            assert line, "it ended"
            lines.append(json.loads(line))
    return lines


async def status_of(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


def replies(office: Office, asked: str) -> int:
    return sum(answers(event, asked) for event in office.editor.timeline.events)


@pytest.fixture(scope="module")
async def brief(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Homeserver]:
    """Start a homeserver that can be stopped, on which access tokens live for a moment only."""
    settings = {"refreshable_access_token_lifetime": int(BRIEF * 1000)}
    async with Homeserver(tmp_path_factory.mktemp("brief"), settings=settings) as homeserver:
        yield homeserver


@pytest.fixture
async def brief_office(brief: Homeserver, tmp_path: Path) -> AsyncIterator[Office]:
    """Found an office on that homeserver."""
    async with People(brief.url) as people:

        async def newcomer(name: str) -> Person:
            return await people.register(unique(name), name)

        yield await found_office(brief, newcomer, tmp_path)


class TestALogInThatEnds:
    async def test_is_followed_by_another_of_the_same_device(self, office: Office) -> None:
        async with office.open() as bot:
            before = await session_of(bot.database)
            await office.acknowledged(await office.submit())
            await log_out(office, before.access_token)
            target = await office.submit("Something that is said after the device was logged out.")
            await office.acknowledged(target)
            after = await session_of(bot.database)
        assert (before.device_id, before.access_token == after.access_token) == (after.device_id, False)
        assert sum(office.is_reaction(event, target, "✅") for event in office.anna.timeline.events) == 1

    async def test_is_followed_by_another_at_the_start(self, office: Office) -> None:
        async with office.open() as bot:
            before = await session_of(bot.database)
        await log_out(office, before.access_token)
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            after = await session_of(bot.database)
        assert (before.device_id, before.access_token == after.access_token) == (after.device_id, False)

    async def test_is_followed_by_another_at_any_request(self, office: Office) -> None:
        room, said = office.submissions, await office.submit()
        picture = await office.anna.upload(b"a picture", "image/png", "a.png")
        async with opened(office) as (client, database):
            await client.post("join", room)
            place = ("rooms", room, "send", "m.room.message")
            mine = (await client.put(*place, "first", content=text_content("mine")))["event_id"]
            requests: Mapping[str, Callable[[], Awaitable[object]]] = {
                "sync": lambda: client.get("sync", query={"timeout": "0"}),
                "messages": lambda: client.get("rooms", room, "messages", query={"dir": "b"}),
                "event": lambda: client.get("rooms", room, "event", said),
                "state": lambda: client.get("rooms", room, "state", "m.room.create"),
                "send": lambda: client.put(*place, "second", content=text_content("more")),
                "redact": lambda: client.put("rooms", room, "redact", mine, "third"),
                "upload": lambda: client.upload(b"data", "text/plain", "a.txt"),
                "download": lambda: anext(client.download(picture)),
            }
            for number, (name, request) in enumerate(requests.items(), 2):
                await log_out(office, (await session_of(database)).access_token)
                assert await request(), name
                assert client.log_ins == number, name

    async def test_is_not_followed_by_another_for_what_is_sent_with_one_log_in_only(self, office: Office) -> None:
        async with opened(office) as (client, database):
            await client.post("join", office.submissions)
            place = ("rooms", office.submissions, "send", "m.room.message")
            first = client.log_ins
            await log_out(office, (await session_of(database)).access_token)
            for _ in range(2):
                with pytest.raises(Unreachable, match="has to be heard first"):
                    await client.put(*place, "once", content=text_content("once"), log_in=first)
            assert client.log_ins == first + 1
            assert await client.put(*place, "once", content=text_content("once"), log_in=client.log_ins)

    async def test_is_followed_by_one_other_where_many_requests_fail(self, office: Office) -> None:
        async with opened(office) as (client, database):
            await log_out(office, (await session_of(database)).access_token)
            await asyncio.gather(*(client.get("account", "whoami") for _ in range(10)))
            assert client.log_ins == 2

    async def test_ends_the_bot_with_a_sentence_where_there_is_only_a_token(self, office: Office) -> None:
        token = office.bot.access_token
        async with process_of(office, {"TWIMBOT_ACCESS_TOKEN": token}) as process:
            await logged(process, "listening")
            await log_out(office, token)
            await office.submit()
            _, errors = await asyncio.wait_for(process.communicate(), 40)
        said = errors.decode()
        assert process.returncode == LoggedOut.exit_status
        assert said.splitlines()[-1] == (
            f"twimbot: {office.config.homeserver}"[:-1] + f" ended the log-in of {office.bot.user_id}; "
            "run 'twimbot login', or set TWIMBOT_PASSWORD or a new TWIMBOT_ACCESS_TOKEN, and restart"
        )
        assert token not in said
        assert "Traceback" not in said

    async def test_ends_the_bot_with_a_sentence_where_the_password_is_another_one(self, office: Office) -> None:
        async with opened(office) as (client, _):
            await change_password(office)
            with pytest.raises(LoggedOut, match=rf"refuses the password of {office.bot.user_id} .*check TWIMBOT_PASS"):
                await client.get("account", "whoami")

    async def test_goes_on_with_the_password_where_the_token_is_refused(self, office: Office) -> None:
        both = Credentials(office.credentials.password, "syt_this_is_no_token")
        async with opened(office, both) as (client, _):
            assert (await client.get("account", "whoami"))["user_id"] == office.bot.user_id


class TestATokenThatIsRefreshed:
    async def test_goes_on_as_the_same_log_in(self, brief_office: Office) -> None:
        office = brief_office
        async with office.open() as bot:
            before = await session_of(bot.database)
            await asyncio.sleep(BRIEF)
            await office.acknowledged(await office.submit())
            after = await session_of(bot.database)
            assert bot._client.log_ins == 1  # noqa: SLF001 - nothing else tells how often it logged in
        assert before.device_id == after.device_id
        assert before.access_token != after.access_token

    async def test_needs_no_password_at_the_next_start(self, brief_office: Office) -> None:
        async with brief_office.open():
            pass
        await asyncio.sleep(BRIEF)
        async with brief_office.open(Credentials()):
            await brief_office.acknowledged(await brief_office.submit())

    async def test_is_the_present_databases_too_where_a_rebuilding_fails(self, brief_office: Office) -> None:
        office = brief_office
        async with office.open():
            pass
        written = office.config_file.read_text(encoding="utf-8")
        closed = await office.editor.create_room("Closed", is_public=False)
        office.config_file.write_text(written.replace(office.pings, closed), encoding="utf-8")
        await asyncio.sleep(BRIEF)
        with pytest.raises(HomeserverError, match="can't be joined"):
            await rebuild(office.config, Credentials(), None)
        office.config_file.write_text(written, encoding="utf-8")
        await asyncio.sleep(BRIEF)
        async with office.open(Credentials()):
            await office.acknowledged(await office.submit())

    async def test_is_refreshed_again_where_the_answer_was_lost(self, brief_office: Office) -> None:
        async with opened(brief_office) as (client, database):
            stored = await session_of(database)
            await client.enter("refresh", {"refresh_token": stored.refresh_token})
        await asyncio.sleep(BRIEF)
        async with opened(brief_office, Credentials()) as (client, database):
            assert (await session_of(database)).access_token != stored.access_token
            assert client.log_ins == 0

    async def test_is_followed_by_the_password_where_it_is_not_refreshed(self, brief_office: Office) -> None:
        async with opened(brief_office) as (client, database):
            stored = await session_of(database)
            first = await client.enter("refresh", {"refresh_token": stored.refresh_token})
            await client.owner_of(first["access_token"])  # whose use ends what it was made from
            await asyncio.sleep(BRIEF)
            await client.get("account", "whoami")
            after = await session_of(database)
            assert client.log_ins == 2
        assert after.device_id == stored.device_id


async def _gives_up_sending(bot: Bot) -> None:
    """Wait until the bot has logged in again and tries no more to send what it had to say."""
    async with asyncio.timeout(120):
        while bot._client.log_ins == 1 or bot._sender._busy:  # noqa: SLF001, ASYNC110 - nothing else tells
            await asyncio.sleep(0.02)


async def test_what_was_sent_before_a_new_log_in_is_not_sent_again(
    brief: Homeserver, brief_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a send is lost, the device is logged out, and the homeserver's memory is gone with a restart."""
    office = brief_office
    for module in ("asking", "outbox"):  # while the homeserver starts again they would grow to half a minute
        monkeypatch.setattr(f"twimbot.matrix.{module}.waits", partial(waits, 0.1, 0.5))
    async with Front(brief.url) as front:
        await front.pass_on()
        office.configure(homeserver=front.url)
        async with office.open() as bot:
            await front.pass_on(but_answers_to="/send/", and_all_after=True)
            asked = await office.editor.text(office.editors_room, "!news list")
            await office.editor.sees(lambda event: answers(event, asked), 120)
            await asyncio.wait_for(front.has_cut.wait(), 120)
            await front.be_away()
            await office.bot.call("POST", "logout", "all", body={})
            await brief.stop()
            await brief.start()
            await front.pass_on(but_answers_to="/sync")  # so that the sender finds out before anything is heard
            await _gives_up_sending(bot)
            await front.pass_on()
            later = await office.editor.text(office.editors_room, "!news status")
            await office.editor.sees(lambda event: answers(event, later), 120)
            assert replies(office, asked) == 1


class TestAHomeserverThatIsAway:
    async def test_is_waited_for_without_end(self, office: Office, homeserver: Homeserver) -> None:
        port = free_port()
        async with Front(homeserver.url) as front:
            office.configure(homeserver=front.url, health={"listen": f"127.0.0.1:{port}"})
            async with process_of(office, {"TWIMBOT_PASSWORD": office.credentials.password or ""}) as process:
                lines = await logged(process, "waiting for the homeserver", 2)
                assert lines[-1]["homeserver"] == front.url
                assert await status_of(f"http://127.0.0.1:{port}/healthz") == 200
                assert await status_of(f"http://127.0.0.1:{port}/readyz") == 503
                await front.pass_on()
                await office.acknowledged(await office.submit())
                assert await status_of(f"http://127.0.0.1:{port}/readyz") == 200

    async def test_lets_the_bot_stop_meanwhile(self, office: Office) -> None:
        office.configure(homeserver=f"http://127.0.0.1:{free_port()}")
        async with process_of(office, {"TWIMBOT_PASSWORD": "x"}) as process:
            await logged(process, "waiting for the homeserver")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 5) == 0

    @pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
    async def test_is_no_homeserver_where_it_never_was_one(
        self, office: Office, homeserver: Homeserver, status: str
    ) -> None:
        async with Front(homeserver.url) as front:
            await front.answer(status)
            office.configure(homeserver=front.url)
            with pytest.raises(HomeserverError, match=rf"{front.url} is no Matrix homeserver .*check 'homeserver'"):
                async with office.open():
                    pass

    @pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "502 Bad Gateway"])
    async def test_is_one_where_it_let_the_bot_in_before(
        self, office: Office, homeserver: Homeserver, status: str
    ) -> None:
        async with Front(homeserver.url) as front:
            await front.pass_on()
            office.configure(homeserver=front.url)
            async with opened(office):
                pass
            await front.answer(status)
            starting = asyncio.ensure_future(_acknowledge(office))
            await front.has_answered.wait()
            await front.pass_on()
            await starting

    async def test_is_one_where_it_is_only_failing(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.answer("503 Service Unavailable")
            office.configure(homeserver=front.url)
            starting = asyncio.ensure_future(_acknowledge(office))
            await front.has_answered.wait()
            await front.pass_on()
            await starting

    async def test_is_not_waited_for_by_a_check(self, office: Office) -> None:
        office.configure(homeserver=f"http://127.0.0.1:{free_port()}")
        with pytest.raises(HomeserverError, match="can't be reached"):
            await asyncio.wait_for(check_online(office.config, office.credentials), 5)


async def _acknowledge(office: Office) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())

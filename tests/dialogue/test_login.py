"""`twimbot login` on a real Synapse: with a password at a prompt, and through a browser."""

import asyncio
import fcntl
import os
import pty
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from tests.conftest import unique
from tests.dialogue.browser import browse
from tests.dialogue.front import Front
from tests.dialogue.office import Office, found_office
from tests.dialogue.test_session import log_out, session_of
from tests.encryption.test_encrypted_rooms import SIGNING, vouched
from twimbot.app import open_database
from twimbot.config import Credentials
from twimbot.demo.homeserver import LOOPBACK, Homeserver, free_port
from twimbot.demo.person import People, Person
from twimbot.errors import HomeserverError, JobError, LoggedOut
from twimbot.logging_in import by_browser, by_password, offered
from twimbot.matrix.client import Client
from twimbot.matrix.login import waiting
from twimbot.store.rooms import StoredSession

NOBODY = Credentials()

VALID = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
<cas:authenticationSuccess><cas:user>{user}</cas:user></cas:authenticationSuccess></cas:serviceResponse>"""


class CasServer:
    """A server of the CAS protocol 2.0 at which `user` is logged in: what single sign-on is to Synapse here."""

    def __init__(self) -> None:
        self.user = ""
        self.port = free_port()

    async def log_in(self, request: web.Request) -> web.Response:
        """Send the browser back with a ticket."""
        raise web.HTTPFound(request.query["service"] + "&ticket=ST-1")

    async def validate(self, request: web.Request) -> web.Response:
        """Tell the homeserver whose ticket that is."""
        assert request.query["ticket"] == "ST-1"
        return web.Response(text=VALID.replace("{user}", self.user), content_type="application/xml")


@pytest.fixture(scope="module")
async def cas() -> AsyncIterator[CasServer]:
    server = CasServer()
    application = web.Application()
    application.router.add_get("/login", server.log_in)
    application.router.add_get("/proxyValidate", server.validate)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, server.port).start()
    yield server
    await runner.cleanup()


@asynccontextmanager
async def with_cas(folder: Path, cas: CasServer, **settings: object) -> AsyncIterator[Homeserver]:
    given = {"cas_config": {"server_url": f"http://{LOOPBACK}:{cas.port}"}, **settings}
    async with Homeserver(folder, settings=given) as homeserver:
        yield homeserver


@pytest.fixture(scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory, cas: CasServer) -> AsyncIterator[Homeserver]:
    """Start a homeserver that takes passwords, and sends browsers to the CAS server."""
    async with with_cas(tmp_path_factory.mktemp("both"), cas) as homeserver:
        yield homeserver


@pytest.fixture(scope="module")
async def browser_only(tmp_path_factory: pytest.TempPathFactory, cas: CasServer) -> AsyncIterator[Homeserver]:
    """Start a homeserver that takes no passwords."""
    folder = tmp_path_factory.mktemp("browser_only")
    async with with_cas(folder, cas, password_config={"enabled": False}) as homeserver:
        yield homeserver


@asynccontextmanager
async def office_on(homeserver: Homeserver, folder: Path) -> AsyncIterator[Office]:
    async with People(homeserver.url) as people:

        async def newcomer(name: str) -> Person:
            return await people.register(unique(name), name)

        yield await found_office(homeserver, newcomer, folder)


@pytest.fixture
async def cas_office(both: Homeserver, cas: CasServer, tmp_path: Path) -> AsyncIterator[Office]:
    """Found an office whose bot is logged in at the CAS server."""
    async with office_on(both, tmp_path) as office:
        cas.user = office.bot.user_id[1:].partition(":")[0]
        yield office


async def stored_session(office: Office) -> StoredSession:
    async with open_database(office.config) as database:
        return await session_of(database)


async def through_browser(office: Office) -> StoredSession:
    """Log in through a browser; the page that ends there says where to go on."""
    pages: list[asyncio.Task[str]] = []
    session = await by_browser(office.config, lambda address: pages.append(asyncio.create_task(browse(address))))
    assert "go back to the terminal" in await pages[0]
    return session


async def devices(office: Office) -> list[str]:
    answer = await office.bot.call("GET", "devices")
    return [device["device_id"] for device in answer["devices"]]


class Terminal:
    """A terminal in which the command runs, as a person sees it."""

    def __init__(self, office: Office, *arguments: str, **environment: str) -> None:
        self.screen = ""
        self._mine, theirs = pty.openpty()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TWIMBOT_")}
        command = (sys.executable, "-m", "twimbot", "login", "--config", str(office.config_file), *arguments)
        self.process = subprocess.Popen(  # noqa: S603 - our own arguments
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=clean | environment
        )
        os.close(theirs)

    def type(self, line: str) -> None:
        os.write(self._mine, f"{line}\n".encode())

    async def shows(self, pattern: str) -> str:
        """Wait until something stands on the screen."""
        async with asyncio.timeout(60):
            while not (match := re.search(pattern, self.screen)):
                self.screen += await asyncio.to_thread(self._read)
        return match[0]

    async def ends(self) -> int:
        """Wait until the command has ended; return its exit status."""
        while piece := await asyncio.to_thread(self._read):
            self.screen += piece
        os.close(self._mine)
        return await asyncio.to_thread(self.process.wait, 20)

    def _read(self) -> str:
        try:
            return os.read(self._mine, 65536).decode()
        except OSError:  # what Linux says at the end of a terminal
            return ""


class TestThePassword:
    async def test_is_asked_for_without_showing_it_and_run_needs_it_no_more(self, office: Office) -> None:
        password = office.credentials.password or ""
        terminal = Terminal(office)
        await terminal.shows(f"Password of {office.bot.user_id}: ")
        terminal.type(password)
        assert await terminal.ends() == 0
        assert f"logged in as {office.bot.user_id} (device " in terminal.screen
        assert password not in terminal.screen
        for file in office.config.data_dir.rglob("*"):
            assert not file.is_file() or password.encode() not in file.read_bytes(), file
        async with office.open(NOBODY):
            await office.acknowledged(await office.submit())

    async def test_keeps_the_device(self, office: Office) -> None:
        async with office.open():
            pass
        before = await stored_session(office)
        after = await by_password(office.config, office.credentials.password or "")
        assert (before.device_id, before.access_token == after.access_token) == (after.device_id, False)
        assert await stored_session(office) == after

    async def test_that_is_wrong_is_one_sentence(self, office: Office) -> None:
        terminal = Terminal(office)
        await terminal.shows("Password of")
        terminal.type("wrong")
        assert await terminal.ends() == 1
        (said,) = re.findall(r"twimbot: .*", terminal.screen)
        assert said.strip() == (
            f"twimbot: {office.config.homeserver.rstrip('/')} does not let {office.bot.user_id} in "
            "(M_FORBIDDEN: Invalid username or password); try again"
        )

    async def test_has_the_account_vouch_for_the_device(self, office: Office, homeserver: Homeserver) -> None:
        """Of a homeserver that asks for it: there is none when the bot runs."""
        async with Front(homeserver.url) as front:
            await front.confirm(SIGNING, office.bot.user_id, office.credentials.password or "")
            office.configure(homeserver=front.url)
            await by_password(office.config, office.credentials.password or "")
            assert await vouched(office)

    async def test_is_not_asked_for_while_the_bot_runs(self, office: Office) -> None:
        async with office.open():
            with (office.config.data_dir / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with pytest.raises(JobError, match="is in use by another twimbot; stop that one first"):
                    await offered(office.config)

    async def test_is_asked_for_again_where_that_log_in_ended(self, office: Office) -> None:
        session = await by_password(office.config, office.credentials.password or "")
        await log_out(office, session.access_token)
        with pytest.raises(LoggedOut, match=r"ended the log-in of .*; run 'twimbot login', or set TWIMBOT_PASSWORD"):
            async with office.open(NOBODY):
                pass
        assert (await by_password(office.config, office.credentials.password or "")).device_id == session.device_id


class TestTheBrowser:
    async def test_leads_to_a_log_in(self, cas_office: Office) -> None:
        session = await through_browser(cas_office)
        assert session.user_id == cas_office.bot.user_id
        async with cas_office.open(NOBODY):
            await cas_office.acknowledged(await cas_office.submit())

    async def test_keeps_the_device(self, cas_office: Office) -> None:
        before = await by_password(cas_office.config, cas_office.credentials.password or "")
        after = await through_browser(cas_office)
        assert (before.device_id, before.access_token == after.access_token) == (after.device_id, False)

    async def test_is_opened_where_no_password_is_typed(self, cas_office: Office) -> None:
        terminal = Terminal(cas_office, BROWSER=f"{sys.executable} -m tests.dialogue.browser %s")
        await terminal.shows(r"Password of \S+ \(empty: log in in the browser\): ")
        terminal.type("")
        assert await terminal.ends() == 0
        assert f"logged in as {cas_office.bot.user_id} (device " in terminal.screen

    async def test_is_not_opened_where_its_address_is_wanted(self, cas_office: Office) -> None:
        terminal = Terminal(cas_office, "--no-browser", BROWSER="false %s")
        address = await terminal.shows(r"http://\S+redirectUrl=\S+")
        assert "Password" not in terminal.screen
        assert "go back to the terminal" in await browse(address)
        assert await terminal.ends() == 0

    async def test_of_somebody_else_is_refused_and_logged_out(self, cas_office: Office, cas: CasServer) -> None:
        cas.user = cas_office.anna.user_id[1:].partition(":")[0]
        before = await cas_office.anna.call("GET", "devices")
        with pytest.raises(LoggedOut) as caught:
            await through_browser(cas_office)
        assert str(caught.value) == (
            f"that was the log-in of {cas_office.anna.user_id}, but user_id is {cas_office.bot.user_id}; log in as that"
        )
        assert await cas_office.anna.call("GET", "devices") == before
        async with open_database(cas_office.config) as database, database.snapshot() as records:
            assert await records.rooms.session() is None

    async def test_that_nobody_uses_is_given_up(self, cas_office: Office) -> None:
        addresses: list[str] = []
        with pytest.raises(HomeserverError, match=r"nobody has logged in in the browser within 0.1 s; try again"):
            await by_browser(cas_office.config, addresses.append, 0.1)
        (back,) = parse_qs(urlsplit(addresses[0]).query)["redirectUrl"]
        with pytest.raises(aiohttp.ClientError):
            await browse(back)

    async def test_that_brings_what_is_no_token_is_one_sentence(self, cas_office: Office) -> None:
        def go(address: str) -> None:
            (back,) = parse_qs(urlsplit(address).query)["redirectUrl"]
            going.append(asyncio.create_task(browse(f"{back}?loginToken=made-up")))

        going: list[asyncio.Task[str]] = []
        with pytest.raises(
            HomeserverError, match=r"does not let .* in \(M_FORBIDDEN: Invalid login token\); try again"
        ):
            await by_browser(cas_office.config, go)
        await going[0]


class TestTheWayBack:
    """From the browser to the terminal."""

    @pytest.mark.parametrize(
        ("path", "query", "status"),
        [
            ("guessed", "?loginToken=a", 404),
            ("", "", 400),
            ("", "?loginToken=", 400),
            ("", "?loginToken=a&loginToken=b", 400),
        ],
    )
    async def test_takes_nothing_but_one_token_at_its_own_address(self, path: str, query: str, status: int) -> None:
        async with self.asked(path, query) as (answer, token):
            assert answer.status == status
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert not token.done()

    async def test_takes_the_first_token_alone(self) -> None:
        async with self.asked("", "?loginToken=first") as (answer, token):
            assert await token == "first"
            again = answer.url.with_query(loginToken="second")
            async with aiohttp.ClientSession() as session, session.get(again) as second:
                assert second.status == 410

    async def test_is_told_of_a_denial(self) -> None:
        async with self.asked("", "?error=access_denied") as (answer, token):
            assert answer.status == 403
            with pytest.raises(HomeserverError, match=r"denied in the browser \('access_denied'\); try again"):
                await token

    async def test_is_open_to_this_machine_alone(self) -> None:
        async with self.asked("", "") as (answer, _):
            assert answer.url.host == "127.0.0.1"

    @staticmethod
    @asynccontextmanager
    async def asked(path: str, query: str) -> AsyncIterator[tuple[aiohttp.ClientResponse, "asyncio.Task[str]"]]:
        """Ask at the way back, at another path if one is given."""
        client = Client("http://127.0.0.1:1", "@news:example.org")
        async with waiting(client) as browser, aiohttp.ClientSession() as session:
            token = asyncio.create_task(browser.token())
            (back,) = parse_qs(urlsplit(browser.address).query)["redirectUrl"]
            place = back.rpartition("/")[0] + f"/{path}" if path else back
            async with session.get(place + query) as answer:
                yield answer, token
            token.cancel()
            await asyncio.wait([token])


class TestAHomeserverWithoutPasswords:
    async def test_says_that_when_the_bot_runs(self, browser_only: Homeserver, tmp_path: Path, cas: CasServer) -> None:
        (tmp_path / "config.yaml").write_text("", encoding="utf-8")
        async with office_on(browser_only, tmp_path) as office:
            with pytest.raises(LoggedOut) as caught:
                async with office.open():
                    pass
            assert str(caught.value) == (
                f"{browser_only.url} takes no passwords; run 'twimbot login', which opens the browser"
            )
            cas.user = office.bot.user_id[1:].partition(":")[0]
            terminal = Terminal(office, "--no-browser")
            await browse(await terminal.shows(r"http://\S+redirectUrl=\S+"))
            assert await terminal.ends() == 0

    @pytest.mark.parametrize(
        ("answers", "sentence"),
        [
            (
                {"/_matrix/client/v1/auth_metadata": {"issuer": "https://account.example.org/"}},
                "it offers OAuth 2.0 at https://account.example.org/; make an access token there, and set TWIMBOT_ACC",
            ),
            ({"/_matrix/client/v3/login": {"flows": [{"type": "org.example.x"}]}}, "it offers org.example.x; make"),
            ({"/_matrix/client/v3/login": {"flows": []}}, "it offers nothing; make an access token there"),
            ({"/_matrix/client/v3/login": {"flows": 7}}, "it offers nothing; make an access token there"),
        ],
    )
    async def test_and_without_a_browser_is_one_sentence(
        self, office: Office, answers: Mapping[str, object], sentence: str
    ) -> None:
        async def answer(request: web.Request) -> web.Response:
            given = {"/_matrix/client/versions": {"versions": ["v1.11"]}, **answers}.get(request.path)
            if given is None:
                return web.json_response({"errcode": "M_UNRECOGNIZED", "error": "no"}, status=404)
            return web.json_response(given)

        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, LOOPBACK, port).start()
        office.configure(homeserver=f"http://{LOOPBACK}:{port}")
        try:
            with pytest.raises(HomeserverError) as caught:
                await offered(office.config)
        finally:
            await runner.cleanup()
        assert f"http://{LOOPBACK}:{port} takes no passwords and opens no browser; {sentence}" in str(caught.value)

"""The proxy does what it says: each fault as the bot meets it, and whether the homeserver has been asked by then."""

import random
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.soak.proxy import AWAY, SEVERED, Chances, Proxy, endpoint
from twimbot.demo.homeserver import LOOPBACK, free_port

NEVER = dict.fromkeys(Chances.__dataclass_fields__, 0.0)
CHANCE = random.Random(1)  # noqa: S311 - no secret
PATH = "/_matrix/client/v3/rooms/%21a%3Ab/send/m.room.message/1?x=%2F"


class Backend:
    """A server that says what it was asked, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.raw_path} {(await request.read()).decode()}")
        return web.json_response({"text": "x" * 5000}, headers={"X-Own": "kept"})


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    backend = Backend()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", backend.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    backend.url = f"http://{LOOPBACK}:{port}"
    yield backend
    await runner.cleanup()


def always(kind: str) -> Chances:
    return Chances(**{**NEVER, kind: 1.0})


async def ask(proxy: Proxy) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.put(URL(proxy.url + PATH, encoded=True), data=b"body") as answer,
    ):
        return answer.status, await answer.read()


async def test_passes_everything_on(backend: Backend) -> None:
    async with (
        Proxy(backend.url, CHANCE, always("answered_500")) as proxy,
        aiohttp.ClientSession() as session,
        session.put(URL(proxy.url + PATH, encoded=True), data=b"body") as answer,
    ):
        assert (answer.status, answer.headers["X-Own"]) == (200, "kept")
        assert await answer.json() == {"text": "x" * 5000}
    assert backend.asked == [f"PUT {PATH} body"]
    assert not proxy.counts


@pytest.mark.parametrize(
    ("kind", "is_asked"),
    [("cut_before_the_request", False), ("cut_before_the_answer", True), ("cut_in_the_answer", True)],
)
async def test_cuts_leave_no_answer(backend: Backend, kind: str, *, is_asked: bool) -> None:
    async with Proxy(backend.url, CHANCE, always(kind)) as proxy:
        proxy.is_faulty = True
        with pytest.raises(aiohttp.ClientError):
            await ask(proxy)
        assert proxy.counts[kind, "send"] > 0
    assert bool(backend.asked) == is_asked


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("answered_429", {429}),
        ("answered_500", {500}),
        ("answered_502", {502}),
        ("answered_503", {503}),
        ("answered_with_a_page", {200, 404, 502, 504}),
    ],
)
async def test_errors_come_in_the_homeservers_place(backend: Backend, kind: str, statuses: set[int]) -> None:
    async with Proxy(backend.url, CHANCE, always(kind)) as proxy:
        proxy.is_faulty = True
        assert {(await ask(proxy))[0] for _ in range(20)} == statuses
        assert proxy.counts == {(kind, "send"): 20}
    assert backend.asked == []


async def test_a_homeserver_that_is_away_is_a_502() -> None:
    async with Proxy(f"http://{LOOPBACK}:{free_port()}", CHANCE, Chances(**NEVER)) as proxy:
        proxy.is_faulty = True
        assert (await ask(proxy))[0] == 502
        assert proxy.counts == {(AWAY, "send"): 1}
        assert proxy.sever() == 0
        assert proxy.counts[SEVERED, "send"] == 0


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/_matrix/client/v3/sync", "sync"),
        ("/_matrix/client/v3/rooms/!a:b/redact/$c/1", "redact"),
        ("/_matrix/client/v1/media/download/a/b", "media"),
        ("/_matrix/client/v3/account/whoami", "other"),
    ],
)
def test_faults_are_counted_by_endpoint(path: str, name: str) -> None:
    assert endpoint(path) == name

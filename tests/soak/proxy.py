"""A proxy between the bot and its homeserver, on loopback, that does by chance what networks and servers do.

It passes everything on, and now and then delays an answer, cuts the connection, or answers an error in the
homeserver's place. Every fault is counted by its kind and the endpoint that it met.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from twimbot.demo.homeserver import LOOPBACK, free_port

LARGEST_REQUEST = 64 * 1024 * 1024
"""In bytes: the bot uploads whole exports."""

PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10)
"""A long poll takes as long as the homeserver wants."""

HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"))
"""Headers about one connection only (RFC 9110, section 7.6.1); lengths are written anew for each."""

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"

ENDPOINTS = ("sync", "messages", "send", "redact", "event", "media", "login", "join")
"""The parts of the API that faults are counted by, each named by a part of its paths; everything else is `other`."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely each kind of fault is to meet a request, from 0 to 1; together at most 1.

    A cut before the request lets nothing reach the homeserver; one before or in the answer comes after it has done
    what was asked.
    """

    delayed: float = 0.03
    cut_before_the_request: float = 0.007
    cut_before_the_answer: float = 0.01
    cut_in_the_answer: float = 0.01
    answered_429: float = 0.008
    answered_500: float = 0.004
    answered_502: float = 0.004
    answered_503: float = 0.004
    answered_with_a_page: float = 0.004

    def draw(self, chance: random.Random) -> str | None:
        """Return the kind of fault that meets a request, or None."""
        drawn = chance.random()
        for field in fields(self):
            drawn -= getattr(self, field.name)
            if drawn < 0:
                return field.name
        return None


CUTS = frozenset(("cut_before_the_request", "cut_before_the_answer", "cut_in_the_answer"))
SEVERED = "all_cut_at_once"
AWAY = "homeserver_away"
"""What is counted besides: connections that `sever` has cut, and requests that found no homeserver."""


class Proxy:
    """Stands at `url` for the homeserver at another one: `async with Proxy(homeserver.url, chance) as proxy:`.

    Faults happen only while `is_faulty`. `counts` are those of kinds and endpoints so far.
    """

    def __init__(self, homeserver: str, chance: random.Random, chances: Chances | None = None) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.is_faulty = False
        self._homeserver = URL(homeserver)
        self._chance = chance
        self._chances = chances or Chances()
        self._port = free_port()
        self._open: dict[int, web.Request] = {}  # by id: they have no hash
        self._ended = 0
        self._one_ended = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)

    @property
    def url(self) -> str:
        """The address that the bot takes for its homeserver's."""
        return f"http://{LOOPBACK}:{self._port}"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=False, timeout=PATIENCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        if self._session:
            await self._session.close()

    def sever(self) -> int:
        """Cut every connection that waits for an answer; return how many there were."""
        for request in self._open.values():
            self._cut(request, SEVERED)
        return len(self._open)

    async def requests(self, number: int) -> None:
        """Wait until so many more requests have ended, with an answer or without."""
        last = self._ended + number
        while self._ended < last:
            self._one_ended.clear()
            await self._one_ended.wait()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        fault = self._chances.draw(self._chance) if self.is_faulty else None
        if fault:
            self.counts[fault, endpoint(request.path)] += 1
        self._open[id(request)] = request
        try:
            return await self._meet(request, fault)
        except ConnectionResetError:  # the bot was killed, or its connection cut with all others
            return web.Response()
        finally:
            del self._open[id(request)]
            self._ended += 1
            self._one_ended.set()

    async def _meet(self, request: web.Request, fault: str | None) -> web.StreamResponse:
        """Answer a request as its fault would have it."""
        body = await request.read()
        if fault and fault in ERRORS:
            return ERRORS[fault](self._chance)
        if fault == "cut_before_the_request":
            return self._cut(request)
        if fault == "delayed":
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))
        answer = await self._homeservers(request, body)
        if fault == "cut_before_the_answer":
            return self._cut(request)
        if fault == "cut_in_the_answer":
            await self._begin(request, answer)
            return self._cut(request)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _homeservers(self, request: web.Request, body: bytes) -> "_Answer":
        """Return the homeserver's own answer; what a reverse proxy says where it is away."""
        if self._session is None:
            raise RuntimeError("Proxy is used as a context manager")
        url = self._homeserver.join(URL(request.raw_path, encoded=True))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            async with self._session.request(request.method, url, data=body or None, headers=headers) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
                return _Answer(answer.status, await answer.read(), kept)
        except aiohttp.ClientError:
            self.counts[AWAY, endpoint(request.path)] += self.is_faulty
            return _Answer(502, PAGE.format("502 Bad Gateway").encode(), {"Content-Type": "text/html"})

    async def _begin(self, request: web.Request, answer: "_Answer") -> None:
        """Send the first half of an answer that says how long the whole is."""
        begun = web.StreamResponse(status=answer.status, headers=answer.headers)
        begun.content_length = len(answer.body)
        await begun.prepare(request)
        await begun.write(answer.body[: len(answer.body) // 2])

    def _cut(self, request: web.Request, kind: str | None = None) -> web.Response:
        """End a connection without a word; return what nobody will read."""
        if kind:
            self.counts[kind, endpoint(request.path)] += 1
        if request.transport:
            request.transport.abort()
        return web.Response()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the homeserver has answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def endpoint(path: str) -> str:
    """Return the name by which faults at a path are counted."""
    parts = path.split("/")
    return next((name for name in ENDPOINTS if name in parts), "other")


def _too_many(chance: random.Random) -> web.Response:
    wait = chance.randint(50, 500)
    refusal = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": wait}
    return web.json_response(refusal, status=429)


def _broken(_: random.Random) -> web.Response:
    return web.json_response({"errcode": "M_UNKNOWN", "error": "Internal server error"}, status=500)


def _page(chance: random.Random) -> web.Response:
    """Return what is no Matrix at all: a proxy's own page, with any status."""
    status = chance.choice((200, 404, 502, 504))
    return web.Response(status=status, text=PAGE.format(status), content_type="text/html")


ERRORS: Mapping[str, Callable[[random.Random], web.Response]] = MappingProxyType(
    {
        "answered_429": _too_many,
        "answered_500": _broken,
        "answered_502": lambda _: web.Response(status=502, text="Bad Gateway"),
        "answered_503": lambda _: web.Response(status=503, text="Service Unavailable", headers={"Retry-After": "1"}),
        "answered_with_a_page": _page,
    }
)
"""The answers in the homeserver's place, by kind of fault."""

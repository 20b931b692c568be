"""Runs the real bot and writes down where the time between a sync answer and the first reaction to it goes.

Run as `python -m tests.bench.timed_bot run --config FILE`. Each sync answer that leads to a reaction becomes a line of
JSON in the file TIMES: how long each part took, in milliseconds, by name and in order.
"""

import functools
import json
import os
import runpy
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from aiohttp import ClientRequest, ClientResponse

from twimbot import app
from twimbot.commands import deciding, filing
from twimbot.demo.processes import end_with_parent
from twimbot.desk import parts
from twimbot.desk.desk import Desk
from twimbot.filing.suggesting import renew_filing
from twimbot.matrix.client import Client
from twimbot.store.connection import Connection

P = ParamSpec("P")
T = TypeVar("T")

PARTS = ("parse", "look up", "desk", "filing", "commit", "hand over", "request")
"""The parts in their order; `desk` is without `filing` and `commit`, which lie in it."""


class Watch:
    """Takes the time of the parts of the answer in hand."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._at: float | None = None
        self._parts: dict[str, float] = {}

    def begin(self) -> None:
        """Begin with a sync answer in hand, unless one with a submission still waits for its reaction."""
        if self._at is None or "filing" not in self._parts:
            self._at, self._parts = time.perf_counter(), {}

    def end_of(self, part: str) -> None:
        """Count the time since the end of the part before."""
        now = time.perf_counter()
        if self._at is not None:
            self._parts[part] = self._parts.get(part, 0.0) + (now - self._at) * 1000
            self._at = now

    def write(self) -> None:
        """Write down the parts where a reaction goes out, the first after each answer."""
        if self._at is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({part: self._parts.get(part, 0.0) for part in PARTS}) + "\n")
        self._at = None


def take_times(watch: Watch) -> None:
    """Put the watch at the borders of the parts."""

    def between(work: Callable[P, Awaitable[T]], before: str, inside: str) -> Callable[P, Awaitable[T]]:
        """Return work that ends one part where it begins, and another one where it ends."""

        @functools.wraps(work)
        async def timed(*arguments: P.args, **named: P.kwargs) -> T:
            watch.end_of(before)
            try:
                return await work(*arguments, **named)
            finally:
                watch.end_of(inside)

        return timed

    read, send, put = ClientResponse.read, ClientRequest.send, Client.put

    @functools.wraps(read)
    async def timed_read(response: ClientResponse) -> bytes:
        body = await read(response)
        if response.url.path.endswith("/sync"):
            watch.begin()
        return body

    @functools.wraps(put)
    async def timed_put(client: Client, *path: str, **named: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
        watch.end_of("hand over")
        return await put(client, *path, **named)

    @functools.wraps(send)
    async def timed_send(request: ClientRequest, connection: Any) -> ClientResponse:  # noqa: ANN401 - handed on
        if "/send/m.reaction/" in request.url.path:
            watch.end_of("request")
            watch.write()
        return await send(request, connection)

    renew = between(renew_filing, "desk", "filing")
    for owner, name, replacement in (
        (ClientResponse, "read", timed_read),
        (ClientRequest, "send", timed_send),
        (Client, "put", timed_put),
        (Connection, "commit", between(Connection.commit, "desk", "commit")),
        (Desk, "record", between(Desk.record, "look up", "desk")),
        (app.Bot, "_record", between(app.Bot._record, "parse", "hand over")),  # noqa: SLF001 - where an answer is parsed
        *((module, "renew_filing", renew) for module in (parts, deciding, filing)),
    ):
        setattr(owner, name, replacement)


if __name__ == "__main__":
    end_with_parent()
    take_times(Watch(Path(os.environ["TIMES"])))
    sys.argv[0] = "twimbot"
    runpy.run_module("twimbot", run_name="__main__")

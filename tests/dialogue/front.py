"""What stands before a homeserver, as a reverse proxy does: passes everything on, is away, or answers by itself."""

import asyncio
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from twimbot.demo.homeserver import LOOPBACK, free_port

PIECE = 64 * 1024


class Front:
    """A door on loopback before the homeserver at a port; nobody answers there before it is told what to do.

    `has_answered` is set once it has answered by itself, `has_cut` once it has kept back an answer. `asked` are the
    first lines of the requests that it has passed on, in order.
    """

    def __init__(self, homeserver: str) -> None:
        self._behind = int(homeserver.rpartition(":")[2])
        self._port = free_port()
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._says: bytes | None = None
        self._cut: bytes | None = None
        self._refused: bytes | None = None
        self._refusals_left = 0.0
        self._refusal = b""
        self._guarded: bytes | None = None
        self._owner: tuple[Mapping[str, str], str] = ({}, "")
        self._session = 0
        self._cuts_all_after = self._cuts_all = False
        self.asked: list[str] = []
        self.has_answered = asyncio.Event()
        self.has_cut = asyncio.Event()

    @property
    def url(self) -> str:
        """The address that clients use."""
        return f"http://{LOOPBACK}:{self._port}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.be_away()

    async def be_away(self) -> None:
        """Let nobody in, and cut every connection."""
        if self._server:
            self._server.close()
        for line in list(self._lines):
            line.close()
        self._server = None

    async def answer(self, status: str, body: str = "<html>not here</html>") -> None:
        """Answer everything by itself, with this status and a page for people."""
        self._says = _page(status, body, "text/html")
        await self._open()

    async def pass_on(self, *, but_answers_to: str | None = None, and_all_after: bool = False) -> None:
        """Pass everything on; answers to requests whose path holds these letters are lost on the way.

        With `and_all_after`, whatever is answered once such a request has come in is lost as well.
        """
        self._refused = None
        self._says, self._cut = None, but_answers_to.encode() if but_answers_to else None
        self._cuts_all_after, self._cuts_all = and_all_after, False
        await self._open()

    async def refuse(self, letters: str, refusal: str, *, times: float = math.inf) -> None:
        """Pass everything on but the first requests whose path holds these letters: they are refused (403, JSON)."""
        await self.pass_on()
        self._refused, self._refusals_left = letters.encode(), times
        self._refusal = _page("403 Forbidden", refusal, "application/json")

    async def fail_at(self, letters: str, status: str, body: str = "{}") -> None:
        """Pass everything on but requests whose path holds these letters: they are answered with this (JSON).

        Who asks is told to ask again at once.
        """
        await self.pass_on()
        self._refused, self._refusals_left = letters.encode(), math.inf
        self._refusal = _page(status, body, "application/json")

    async def confirm(self, letters: str, user_id: str, password: str) -> None:
        """Pass everything on, requests whose path holds these letters only once their sender has given a password.

        As Dendrite does (User-Interactive Authentication): no `errcode` at the first time, and each session is good
        for one request. `has_answered` is set once it has asked.
        """
        await self.pass_on()
        self._guarded = letters.encode()
        self._owner = {"type": "m.id.user", "user": user_id}, password

    def _own_answer(self, first_line: bytes, request: bytes) -> bytes | None:
        """Return the answer to what is not passed on, None to what is."""
        if self._refused and self._refused in first_line and self._refusals_left:
            self._refusals_left -= 1
            return self._refusal
        return self._challenge(request) if self._guarded and self._guarded in first_line else None

    def _challenge(self, request: bytes) -> bytes | None:
        """Return what asks for the password, None where it was given as it should be."""
        auth = json.loads(request.partition(b"\r\n\r\n")[2]).get("auth")
        self._session, asked = self._session + 1, f"session {self._session}"
        challenge = {"session": f"session {self._session}", "flows": [{"stages": ["m.login.password"]}], "params": {}}
        if auth is not None:
            proof = {"type": "m.login.password", "session": asked, "identifier": self._owner[0]}
            if auth == {**proof, "password": self._owner[1]}:
                return None
            challenge |= {"errcode": "M_FORBIDDEN", "error": "The password was incorrect or the account is not known."}
        return _page("401 Unauthorized", json.dumps(challenge), "application/json")

    async def _open(self) -> None:
        await self.be_away()
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self._port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                if self._says is None:
                    await self._relay(reader, writer)
                else:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._says)
                    await writer.drain()
                    self.has_answered.set()
        finally:
            self._lines.discard(writer)
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(LOOPBACK, self._behind)
        is_cut = False

        async def forth() -> None:
            nonlocal is_cut
            while piece := await reader.read(PIECE):
                first_line = piece.split(b"\r\n", 1)[0]
                if first_line.endswith(b" HTTP/1.1"):
                    self.asked.append(first_line.decode())
                if self._guarded and self._guarded in first_line:
                    piece += await _rest(piece, reader)
                if (answer := self._own_answer(first_line, piece)) is not None:
                    writer.write(answer)
                    await writer.drain()
                    self.has_answered.set()
                    return
                is_cut = is_cut or (self._cut is not None and self._cut in first_line)
                self._cuts_all = self._cuts_all or (is_cut and self._cuts_all_after)
                back_writer.write(piece)
                await back_writer.drain()

        async def back() -> None:
            while piece := await back_reader.read(PIECE):
                if is_cut or self._cuts_all:
                    self.has_cut.set()
                    return
                writer.write(piece)
                await writer.drain()

        tasks = asyncio.ensure_future(forth()), asyncio.ensure_future(back())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            with suppress(OSError):
                await asyncio.gather(*tasks, return_exceptions=True)
            back_writer.close()


async def _rest(start: bytes, reader: asyncio.StreamReader) -> bytes:
    """Read what is left of a request."""
    rest = b"" if b"\r\n\r\n" in start else await reader.readuntil(b"\r\n\r\n")
    head, _, body = (start + rest).partition(b"\r\n\r\n")
    (length,) = re.findall(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return rest + await reader.readexactly(int(length) - len(body))


def _page(status: str, body: str, kind: str) -> bytes:
    kind_and_length = f"Content-Type: {kind}", f"Content-Length: {len(body)}"
    head = (f"HTTP/1.1 {status}", *kind_and_length, "Retry-After: 0", "Connection: close")
    return "\r\n".join((*head, "", body)).encode()

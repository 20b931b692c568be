"""Ways to log in: which of them a homeserver offers, and the one that leads through a browser.

Client-Server API v1.19, "Login" and "Client login via SSO": the browser comes back to an address on this machine with
a token that is good for one log-in. Homeservers whose accounts are kept by another service (OAuth 2.0) offer that
too, for programs such as this.
"""

import asyncio
import hmac
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, NotMatrix, Refused

PASSWORD, BROWSER, TOKEN = "m.login.password", "m.login.sso", "m.login.token"

LOOPBACK = "127.0.0.1"

PATIENCE = 300.0
"""How long the browser may take, in seconds."""

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>twimbot</title>
<body><p>{sentence}</p></body></html>
"""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
}
"""What is sent with each page: its address has the token in it."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Which ways a homeserver offers to log in by; `others` are those that nobody can go here."""

    by_password: bool
    by_browser: bool
    others: tuple[str, ...] = ()

    @property
    def advice(self) -> str:
        """What is to be done where there is no password to be used."""
        if self.by_browser:
            return "run 'twimbot login', which opens the browser"
        offered = " and ".join(self.others) or "nothing"
        return f"it offers {offered}; make an access token there, and set TWIMBOT_ACCESS_TOKEN"


async def ways(client: Client) -> Ways:
    """Ask which ways there are. Raises Unreachable, or Refused for what passes."""
    try:
        answer = await client.get("login")
    except Refused as error:
        if error.is_passing:
            raise
        answer = {}
    except NotMatrix:
        answer = {}
    flows = answer.get("flows")
    types = [str(flow.get("type")) for flow in flows if isinstance(flow, dict)] if isinstance(flows, list) else []
    issuer = None if {PASSWORD, BROWSER} & set(types) else await _issuer(client)
    others = (f"OAuth 2.0 at {issuer}",) if issuer else tuple(types)
    return Ways(PASSWORD in types, BROWSER in types and TOKEN in types, others)


async def _issuer(client: Client) -> str | None:
    """Return which service keeps the homeserver's accounts, None where it does itself."""
    try:
        issuer = (await client.get("auth_metadata", base="client/v1")).get("issuer")
    except Refused as error:
        if error.is_passing:
            raise
        return None
    except NotMatrix:
        return None
    return issuer if isinstance(issuer, str) else None


class Browser:
    """Waits on this machine for a browser that has logged in: `address` is where it has to go.

    Use `waiting`. Only a request to an address that cannot be guessed counts, and only the first with a token.
    """

    def __init__(self, client: Client, port: int, path: str) -> None:
        back = urlencode({"redirectUrl": f"http://{LOOPBACK}:{port}/{path}"})
        self.address = f"{client.homeserver}/_matrix/client/v3/login/sso/redirect?{back}"
        self._path = path
        self._token: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def token(self, patience: float = PATIENCE) -> str:
        """Return the token that the browser brings. Raises HomeserverError where it brings none in that time."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._token), patience)
        except TimeoutError:
            raise HomeserverError(
                f"nobody has logged in in the browser within {patience:g} s; try again, "
                "and open the address on this machine"
            ) from None

    async def answer(self, request: web.Request) -> web.Response:
        """Take the token from the browser, and tell its user to go back."""
        if not hmac.compare_digest(request.match_info["path"].encode(), self._path.encode()):
            raise web.HTTPNotFound(headers=HEADERS)
        tokens = request.query.getall("loginToken", [])
        reason = request.query.get("error_description") or request.query.get("error")
        if self._token.done():
            return _page("This was used before; go back to the terminal.", 410)
        if len(tokens) == 1 and tokens[0]:
            self._token.set_result(tokens[0])
            return _page("Thank you. Close this page and go back to the terminal.")
        if reason:
            self._token.set_exception(HomeserverError(f"the log-in was denied in the browser ({reason!r}); try again"))
            return _page("The log-in was denied; go back to the terminal.", 403)
        return _page("There is no log-in in this address; try again from the terminal.", 400)


@asynccontextmanager
async def waiting(client: Client) -> AsyncIterator[Browser]:
    """Listen on a free port of this machine alone until the block ends."""
    with socket.socket() as place:
        place.bind((LOOPBACK, 0))
        browser = Browser(client, place.getsockname()[1], secrets.token_urlsafe(32))
        application = web.Application()
        application.router.add_get("/{path}", browser.answer, allow_head=False)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, place).start()
            yield browser
        finally:
            await runner.cleanup()


def _page(sentence: str, status: int = 200) -> web.Response:
    text = PAGE.replace("{sentence}", sentence)
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def password_proof(user_id: str, password: str) -> Mapping[str, Any]:
    """Return what proves with a password who somebody is."""
    return {"type": PASSWORD, "identifier": {"type": "m.id.user", "user": user_id}, "password": password}

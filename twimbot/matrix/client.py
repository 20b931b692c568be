"""Requests to the homeserver, one attempt each, with errors raised and never hidden.

aiohttp carries the requests, and the answers are read raw: nio's models drop or refuse events that are valid
(docs/decisions/0001-raw-events.md). Paths: Client-Server API v1.19.
"""

import json
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from twimbot.errors import ConfigurationError, HomeserverError

REQUEST_TIMEOUT = 60.0
"""How long a request may take, in seconds; a long poll adds its own waiting to that."""

FILE_TIMEOUT = REQUEST_TIMEOUT * 5
"""How long a file may take, up or down, in seconds."""

VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})")
"""A version of the specification; those of before v1.1 are written with an r."""

CONNECT_TIMEOUT = 5.0
"""How long an address that is asked for the first time may take to connect, TLS included, in seconds."""

AUTHORITIES = "SSL_CERT_FILE"
"""The environment's name for a file of certificate authorities (PEM) that are trusted, as OpenSSL has it."""

UNAUTHORISED, TOO_MANY = 401, 429
PASSING = (408, 425, TOO_MANY)
SERVER_ERRORS = 500
"""HTTP's status codes of errors that pass: time-outs, too many requests, and all that are the server's own."""

LOGGED_OUT = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN")
"""The homeserver's words for a log-in that has ended, whether softly or for good."""

LOCKED = "M_USER_LOCKED"
"""Its word for an account that is locked: the log-in stays, and works again when that is over (v1.12)."""

FROM_A_PROXY = (UNAUTHORISED, 404)
"""What a proxy says whose homeserver is away or not set up yet, and a homeserver only with an `errcode` beside it."""

UNKNOWN_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
"""The resolver's words for a name that nobody has; all others are for one that it can't look up now."""

SECRETS = ("password", "refresh_token", "token")
"""Which keys of what is sent hold secrets, beside the access token in the header."""

TRANSPORT_ERRORS = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""What aiohttp raises where there is no answer."""

PLAIN: Mapping[type[Exception], str] = MappingProxyType(
    {
        aiohttp.TooManyRedirects: "it leads in a circle",
        aiohttp.ServerDisconnectedError: "it ended the connection",
        aiohttp.ConnectionTimeoutError: "no connection in time",
        TimeoutError: "no answer in time",
    }
)
"""What is said of errors whose own words say little."""

NOTHING: Mapping[str, Any] = MappingProxyType({})

Query = Mapping[str, str | list[str]]


class Unreachable(HomeserverError):
    """The homeserver did not answer, or not in Matrix: worth another attempt later."""


class WrongAddress(Unreachable):
    """There is no host of this name, or its certificate is not to be trusted: a wrong address, if it never worked."""


class NotMatrix(Unreachable):
    """Something answered that is no homeserver: a wrong address, or a proxy whose homeserver is away."""


class Refused(HomeserverError):
    """The homeserver answered with an error; `retry_after` is in seconds, where it says so.

    `is_soft` says of a log-in that has ended that it can go on with fresh tokens ("Soft logout").
    """

    def __init__(
        self, status: int, code: str, text: str, retry_after: float | None = None, *, is_soft: bool = False
    ) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.is_soft = is_soft

    @property
    def is_limit(self) -> bool:
        """Whether the homeserver only asks to wait."""
        return self.status == TOO_MANY

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed later: rate limits, locks, and faults of the server or a proxy."""
        return self.status in PASSING or self.status >= SERVER_ERRORS or self.code == LOCKED


class Unconfirmed(Refused):
    """The account's owner has to confirm a request (Client-Server API, "User-Interactive Authentication API").

    `session` names the attempt, each of `flows` is a way of stages that end it, and `done` are those that are behind.
    The code is empty, but where an attempt at a stage failed.
    """

    def __init__(self, details: Mapping[str, Any], text: str) -> None:
        code = details.get("errcode")
        super().__init__(UNAUTHORISED, code if isinstance(code, str) else "", text)
        self.session = details.get("session")
        flows = [flow.get("stages") for flow in details["flows"] if isinstance(flow, dict)]
        self.flows = [[str(stage) for stage in stages] for stages in flows if isinstance(stages, list)]
        done = details.get("completed")
        self.done = done if isinstance(done, list) else []


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered to anybody; `url` is where redirects have led."""

    status: int
    url: URL
    body: bytes


class Client:
    """One account on one homeserver; `access_token` is empty before the log-in.

    `configured` is what the operator wrote, and `homeserver` the base of all requests: the same, until the homeserver
    is found elsewhere (`matrix.discovery`). Proxies are those that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, and
    SSL_CERT_FILE adds authorities; the first request raises ConfigurationError where that file can't be used.

    A request that is refused because the log-in has ended is sent once more after `renew`, which gets the token that
    was refused and raises where there is no other. `log_ins` counts those that the homeserver may not see as the
    continuation of the one before.
    """

    def __init__(self, homeserver: str, user_id: str) -> None:
        self.configured = self.homeserver = homeserver.rstrip("/")
        self.user_id = user_id
        self.access_token = ""
        self.log_ins = 0
        self.renew: Callable[[str], Awaitable[None]] | None = None
        self._connections: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def close(self) -> None:
        """End all connections."""
        if self._connections:
            await self._connections.close()

    async def get(self, *path: str, query: Query = NOTHING, wait: float = 0, base: str = "client/v3") -> dict[str, Any]:
        """Ask for something; `wait` (seconds) is how long the server may hold the answer back."""
        return await self._ask("GET", _path(base, path, query), None, REQUEST_TIMEOUT + wait)

    async def post(self, *path: str, content: Mapping[str, Any] = NOTHING, query: Query = NOTHING) -> dict[str, Any]:
        """Have something done that is not repeatable by a transaction id."""
        return await self._ask("POST", _path("client/v3", path, query), content)

    async def versions(self) -> dict[str, Any]:
        """Ask which versions of the protocol are spoken: what every homeserver answers, to everybody."""
        return await self._ask("GET", _path("client", ("versions",), NOTHING), None, token="")

    async def fetch(self, base: str, path: str) -> Answer:
        """Get what an address answers to everybody, after redirects. Raises Unreachable or WrongAddress."""
        try:
            async with await self._request("GET", base + path, {}, None, _first_timeout()) as response:
                return Answer(response.status, response.url, await response.read())
        except TRANSPORT_ERRORS as error:
            raise _failure(base, error) from error

    async def is_answered(self, url: str) -> bool:
        """Tell whether something answers at an address in its protocol, whoever it is."""
        try:
            async with await self._request("GET", url, {}, None, _first_timeout(), is_trusted=False):
                return True
        except TRANSPORT_ERRORS:
            return False

    async def owner_of(self, token: str) -> dict[str, Any]:
        """Ask whose log-in an access token is, whatever the present log-in."""
        return await self._ask("GET", _path("client/v3", ("account", "whoami"), NOTHING), None, token=token)

    async def enter(self, step: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Take a step towards a log-in, `login` or `refresh`, for which none is needed."""
        return await self._ask("POST", _path("client/v3", (step,), NOTHING), content, token="")

    async def log_out(self, token: str) -> None:
        """End the log-in that an access token is of, whatever the present log-in."""
        await self._ask("POST", _path("client/v3", ("logout",), NOTHING), {}, token=token)

    async def put(self, *path: str, content: Mapping[str, Any] = NOTHING, log_in: int | None = None) -> dict[str, Any]:
        """Have something done that doing twice with one log-in does not change.

        Where `log_in` is given it is done with that one only, as `log_ins` counts them: raises Unreachable where there
        is another by now.
        """
        return await self._ask("PUT", _path("client/v3", path, {}), content, log_in=log_in)

    async def upload(self, data: bytes, mimetype: str, file_name: str) -> str:
        """Upload a file; return its mxc URI."""
        path = _path("media/v3", ("upload",), {"filename": file_name})
        answer = await self._ask("POST", path, data, FILE_TIMEOUT, mimetype)
        return str(answer.get("content_uri", ""))

    async def download(self, mxc: str) -> AsyncIterator[bytes]:
        """Yield a file's bytes in pieces, from the authenticated endpoint (v1.11) or that of before."""
        async with await self._file(mxc) as response:
            try:
                async for piece in response.content.iter_chunked(64 * 1024):
                    yield piece
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                said = _hidden(_said(error), response.request_info.headers, None)
                raise Unreachable(
                    f"{self.homeserver} broke off a download: {said}"
                ) from None  # it may quote the request

    async def _file(self, mxc: str) -> aiohttp.ClientResponse:
        """Return the answer that holds a file.

        A homeserver without the authenticated endpoint doesn't know the request, or answers as a proxy would; what its
        versions say decides. The earlier endpoint asks for no token, but some homeservers behind it do.
        """
        parts = "download", *mxc.removeprefix("mxc://").split("/", 1)
        response = await self._send("GET", _path("client/v1/media", parts, NOTHING), None, FILE_TIMEOUT)
        if response.ok:
            return response
        try:
            await _read(response)
        except (Refused, NotMatrix) as error:
            is_unknown = isinstance(error, NotMatrix) or error.code == "M_UNRECOGNIZED"
            if not is_unknown or _has_authenticated_media(await self.versions()):
                raise
        response = await self._send("GET", _path("media/v3", parts, NOTHING), None, FILE_TIMEOUT)
        if not response.ok:
            await _read(response)
        return response

    async def _ask(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | bytes | None,
        timeout: float = REQUEST_TIMEOUT,  # noqa: ASYNC109 - handed on to the transport
        mimetype: str = "application/json",
        *,
        token: str | None = None,
        log_in: int | None = None,
    ) -> dict[str, Any]:
        data = content if content is None or isinstance(content, bytes) else json.dumps(dict(content)).encode()
        request = method, path, data, timeout, mimetype
        sent = self._send(*request, log_in=log_in) if token is None else self._attempt(token, *request)
        async with await sent as response:
            return await _read(response, data)

    async def _send(
        self,
        method: str,
        path: str,
        data: bytes | None,
        timeout: float,  # noqa: ASYNC109 - handed on to the transport
        mimetype: str = "application/json",
        *,
        log_in: int | None = None,
    ) -> aiohttp.ClientResponse:
        """Send a request as who is logged in, and once more where that log-in has ended and is renewed."""
        self._expect(log_in)
        token = self.access_token
        response = await self._attempt(token, method, path, data, timeout, mimetype)
        if self.renew is None or not await _is_logged_out(response):
            return response
        await self.renew(token)
        self._expect(log_in)
        response = await self._attempt(self.access_token, method, path, data, timeout, mimetype)
        if await _is_logged_out(response):
            raise Unreachable(f"{self.homeserver} ended a log-in that it had just given")
        return response

    def _expect(self, log_in: int | None) -> None:
        if log_in not in (None, self.log_ins):
            raise Unreachable(f"{self.homeserver} ended the log-in; what was sent with it has to be heard first")

    async def _attempt(
        self,
        token: str,
        method: str,
        path: str,
        data: bytes | None,
        timeout: float,  # noqa: ASYNC109 - handed on to the transport
        mimetype: str,
    ) -> aiohttp.ClientResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if data is not None:
            headers["Content-Type"] = mimetype
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            return await self._request(method, self.homeserver + path, headers, data, limit)
        except TRANSPORT_ERRORS as error:
            failure = _failure(self.homeserver, error)
            raise type(failure)(_hidden(str(failure), headers, data)) from None  # it may quote the request

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None,
        limit: aiohttp.ClientTimeout,
        *,
        is_trusted: bool = True,
    ) -> aiohttp.ClientResponse:
        """Send a request by the proxy that the environment names for its address; aiohttp's own way reads ~/.netrc."""
        if self._connections is None:
            self._connections = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_trusted()))
        scheme, _, rest = url.partition("://")
        place = scheme, rest.partition("/")[0]
        if place not in self._proxies:
            self._proxies[place] = _proxy(*place)
        proxy = self._proxies[place]
        return await self._connections.request(
            method, url, headers=headers, data=data, timeout=limit, proxy=proxy, ssl=is_trusted
        )


def _has_authenticated_media(versions: Mapping[str, Any]) -> bool:
    """Tell whether a homeserver's versions promise the authenticated endpoints for media (v1.11, MSC3916)."""
    features, spoken = versions.get("unstable_features"), versions.get("versions")
    if isinstance(features, dict) and features.get("org.matrix.msc3916.stable") is True:
        return True
    numbers = [VERSION.fullmatch(each) for each in spoken if isinstance(each, str)] if isinstance(spoken, list) else []
    return any((int(number[1]), int(number[2])) >= (1, 11) for number in numbers if number)


async def _is_logged_out(response: aiohttp.ClientResponse) -> bool:
    """Tell whether a request was refused because its log-in has ended; its answer can still be read."""
    if response.status != UNAUTHORISED:
        return False
    try:
        await _read(response)
    except Refused as error:
        return error.code in LOGGED_OUT
    except Unreachable:
        return False
    return False


async def _read(response: aiohttp.ClientResponse, sent: bytes | None = None) -> dict[str, Any]:
    """Return the JSON object that answers what was sent; raise what it says went wrong."""
    headers = response.request_info.headers
    try:
        answer = json.loads(await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        said = _hidden(_said(error), headers, sent)
        raise Unreachable(f"{response.url.origin()} broke off its answer: {said}") from None  # it may quote the request
    except ValueError:
        answer = None
    if response.ok and isinstance(answer, dict):
        return answer
    details = answer if isinstance(answer, dict) else {}
    code, text = details.get("errcode"), _hidden(str(details.get("error", response.reason)), headers, sent)
    if response.status == UNAUTHORISED and isinstance(details.get("flows"), list):
        raise Unconfirmed(details, text)
    if isinstance(code, str):
        is_soft = details.get("soft_logout") is True
        raise Refused(
            response.status, _hidden(code, headers, sent), text, _retry_after(details, response), is_soft=is_soft
        )
    said = f"{response.url.origin()} answered HTTP {response.status}"
    if response.ok or response.status in FROM_A_PROXY:
        raise NotMatrix(f"{said}, and not in Matrix; is it the address of a homeserver?")
    raise Refused(response.status, f"HTTP {response.status}", text, _retry_after(details, response))


def _hidden(text: str, headers: Mapping[str, str], sent: bytes | None) -> str:
    """Return what somebody answered without the secrets of the request: there are proxies that quote it."""
    for secret in filter(None, _secrets(headers, sent)):
        quoted = repr(secret.encode())[2:-1]
        for written in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quoted):
            text = text.replace(written, "…")
    return text


def _secrets(headers: Mapping[str, str], sent: bytes | None) -> list[str]:
    token = headers.get("Authorization", "").removeprefix("Bearer ")
    if sent is None or not any(f'"{key}"'.encode() in sent for key in SECRETS):
        return [token]
    try:
        content = json.loads(sent)
    except ValueError:  # a file that happens to hold the word
        return [token]
    parts = (content, content.get("auth")) if isinstance(content, dict) else ()
    return [token, *(str(part[key]) for part in parts if isinstance(part, dict) for key in SECRETS if key in part)]


def _retry_after(details: Mapping[str, Any], response: aiohttp.ClientResponse) -> float | None:
    given = details.get("retry_after_ms")
    if isinstance(given, int | float):
        return max(0.0, given / 1000)
    header = response.headers.get("Retry-After", "")
    return float(header) if header.isdecimal() else None


def _path(base: str, parts: tuple[str, ...], query: Query) -> str:
    path = "/".join(("/_matrix", base, *(quote(part, safe="") for part in parts)))
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _first_timeout() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=REQUEST_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=REQUEST_TIMEOUT / 3)


def _proxy(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment names for a host, as most programs read it. Raises ConfigurationError."""
    proxy = None if proxy_bypass(host) else getproxies().get(scheme)
    if not proxy:
        return None
    kind, is_whole, _ = proxy.partition("://")
    if is_whole and kind not in ("http", "https"):
        raise ConfigurationError(f"{scheme.upper()}_PROXY: {kind} proxies can't be used; name one as http://host:port")
    return proxy if is_whole else f"http://{proxy}"


def _trusted() -> ssl.SSLContext | bool:
    """Return which certificates are trusted; True: those of the system. Raises ConfigurationError."""
    file = os.environ.get(AUTHORITIES)
    if not file:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(file)
    except OSError as error:  # as SSLError is
        said = "there are no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigurationError(f"{AUTHORITIES}: {file} can't be used: {said}") from error
    return context


def _failure(address: str, error: Exception) -> Unreachable:
    """Return what stands for an error of the transport, as one sentence."""
    if wrong := _wrong(error):
        return WrongAddress(f"{address} can't be reached: {wrong}")
    return Unreachable(f"{address} can't be reached: {_said(error)}")


def _wrong(error: BaseException) -> str | None:
    """Say what is wrong with an address or its certificate, None where neither is at fault."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _distrust(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        code = error.os_error.errno
        return f"there is no host {error.host}" if code in UNKNOWN_HOST else None
    return None


def _distrust(error: Exception) -> str:
    """Say why a certificate is not trusted (codes: X509_verify_cert_error_string)."""
    match getattr(error, "verify_code", None):
        case 9:
            return "its certificate is not valid yet; look at the clocks"
        case 10:
            return "its certificate has expired"
        case 62 | 64:
            return "its certificate is for another name"
        case _:
            said = getattr(error, "verify_message", None) or error
            return f"its certificate is not trusted ({said}); {AUTHORITIES} can name a file with its authority"


def _said(error: BaseException) -> str:
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"its proxy {error.host}:{error.port} can't be reached: {_system_error(error.os_error)}"
        case aiohttp.ClientHttpProxyError():
            return f"its proxy answered {error.status} {error.message}"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS does not work there ({error.os_error.args[-1]})"
        case aiohttp.ClientConnectorError():
            return _system_error(error.os_error)
        case _:
            plain = next((said for kind, said in PLAIN.items() if isinstance(error, kind)), None)
            return plain or str(error) or type(error).__name__


def _system_error(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)

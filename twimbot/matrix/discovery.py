"""Finding the homeserver: at the address that is configured, or where its domain says that it is.

Client-Server API v1.19, "Well-known URI": a file that is missing (404) is ignored; one that can't be used is told and
never guessed around. An address (https://example.org) is used as it is where a homeserver answers there, and its file
is asked for only where none does; the name of a server (example.org) means the file first.
"""

import json
from collections.abc import Mapping
from typing import Any

from yarl import URL

from twimbot.errors import WrongHomeserver
from twimbot.matrix.client import PASSING, SERVER_ERRORS, Answer, Client, NotMatrix, Unreachable, WrongAddress

VERSIONS = "/_matrix/client/versions"
WELL_KNOWN = "/.well-known/matrix/client"

OTHER = {"http": "https", "https": "http"}

BAD_REQUEST, OK, NOT_FOUND = 400, 200, 404
"""HTTP's status codes; the first is what most web servers say to plain HTTP at a port for TLS."""


async def find(client: Client, *, is_known: bool) -> None:
    """Point a client at the homeserver that its configuration means.

    Raises Unreachable for what may pass, and WrongHomeserver for what has to be corrected. Where the homeserver let
    the bot in before (`is_known`) everything may pass: a proxy before it may say anything while it restarts.
    """
    is_address = "://" in client.configured
    try:
        client.homeserver = await (_at_address if is_address else _at_name)(client, client.configured)
    except WrongHomeserver as error:
        if is_known:
            raise Unreachable(str(error)) from error
        advice = "check 'homeserver'" if is_address else "correct that, or write an address as 'homeserver'"
        raise WrongHomeserver(f"{error}; {advice}") from error


async def _at_address(client: Client, address: str) -> str:
    try:
        await _check(client, address)
    except NotMatrix as error:
        try:
            named = await _named(client, str(URL(address).origin()))
        except WrongHomeserver as other:
            raise WrongHomeserver(f"{error}, and {other}") from error
        if named is None:
            raise _nothing(error) from error
        return named
    return address


async def _at_name(client: Client, name: str) -> str:
    """Find the homeserver of a server's name, which may have a port that its file does not have."""
    site = URL(f"https://{name}")
    failure = None
    try:
        named = await _named(client, str(site.with_port(None)))
    except Unreachable as error:
        if site.explicit_port is None:
            raise
        named, failure = None, error
    if named is not None:
        return named
    address = str(site.origin())
    try:
        await _check(client, address)
    except NotMatrix as error:
        raise failure or _nothing(error) from error
    return address


async def _named(client: Client, site: str) -> str | None:
    """Return the homeserver that a site's file names, None where there is no file.

    Raises WrongHomeserver where the file can't be used, or names no homeserver.
    """
    address = site + WELL_KNOWN
    answer = await _fetch(client, site, WELL_KNOWN)
    if answer.status == NOT_FOUND:
        return None
    if answer.status != OK:
        raise WrongHomeserver(f"{address} answers HTTP {answer.status}")
    if not answer.body.strip():
        raise WrongHomeserver(f"{address} is empty")
    content = _object(answer.body)
    if content is None:
        raise WrongHomeserver(f"{address} is no JSON object")
    part = content.get("m.homeserver")
    base = part.get("base_url") if isinstance(part, dict) else None
    if base is None:
        raise WrongHomeserver(f"{address} has no base_url of an m.homeserver")
    named = _base(base)
    if named is None:
        raise WrongHomeserver(f"{address} names {base!r} as the homeserver, which is no address")
    try:
        await _check(client, named)
    except (NotMatrix, WrongHomeserver) as error:
        raise WrongHomeserver(f"{address} names {named} as the homeserver, but {error}") from error
    return named


async def _check(client: Client, base: str) -> None:
    """Raise NotMatrix where something else than a homeserver answers at an address."""
    answer = await _fetch(client, base, VERSIONS)
    content = _object(answer.body)
    if answer.status == OK and content is not None and isinstance(content.get("versions"), list):
        if answer.url.origin() == URL(base).origin():
            return
        led = str(answer.url).partition(VERSIONS)[0]
        raise WrongHomeserver(f"{base} only leads to {led}")
    kind = "not in Matrix" if content is None or not content.get("errcode") else f"{content['errcode']}"
    raise NotMatrix(f"{base} is no Matrix homeserver (HTTP {answer.status}, {kind})")


async def _fetch(client: Client, base: str, path: str) -> Answer:
    """Get a file of an address; where nothing answers there in its protocol, look whether something does in the other.

    Raises Unreachable for what may pass, WrongHomeserver for what will not.
    """
    scheme = URL(base).scheme
    other = OTHER[scheme] + base[len(scheme) :]
    try:
        answer = await client.fetch(base, path)
    except WrongAddress as error:
        raise WrongHomeserver(str(error)) from error
    except Unreachable as error:
        if await client.is_answered(other + path):
            raise _other_protocol(base, other) from error
        raise
    if answer.status == BAD_REQUEST and scheme == "http" and await client.is_answered(other + path):
        raise _other_protocol(base, other)
    if answer.status in PASSING or answer.status >= SERVER_ERRORS:
        raise Unreachable(f"{base} answers HTTP {answer.status}")
    return answer


def _other_protocol(base: str, other: str) -> WrongHomeserver:
    return WrongHomeserver(f"{base} can't be reached: {URL(other).scheme} is spoken there, at {other}")


def _nothing(error: NotMatrix) -> WrongHomeserver:
    return WrongHomeserver(f"{error}, and has no {WELL_KNOWN} that names one")


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _base(written: object) -> str | None:
    """Return a base URL without the slash that it may end with, None where it is none."""
    try:
        url = URL(str(written))
    except ValueError:
        return None
    return str(url).rstrip("/") if url.scheme in OTHER and url.host and not url.query_string else None

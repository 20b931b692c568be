"""Logs the bot in once and for all, with a password or in a browser, and keeps nothing of that but the session."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from twimbot.app import KEYS, alone, open_client, open_database
from twimbot.config import Config, Credentials
from twimbot.errors import HomeserverError
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.encryption import Encryption
from twimbot.matrix.login import PATIENCE, TOKEN, Ways, password_proof, waiting, ways
from twimbot.matrix.session import Session
from twimbot.store.rooms import StoredSession


async def offered(config: Config) -> Ways:
    """Ask which ways the homeserver offers. Raises HomeserverError where it has none that can be gone here."""
    async with _opened(config) as (client, _):
        found = await ways(client)
        if not (found.by_password or found.by_browser):
            raise HomeserverError(f"{client.homeserver} takes no passwords and opens no browser; {found.advice}")
        return found


async def by_password(config: Config, password: str) -> StoredSession:
    """Log in with the password, which also has the account vouch for the device. Raises JobError."""
    async with _opened(config) as (client, session):
        return await _enter(config, client, session, password_proof(client.user_id, password), password)


async def by_browser(config: Config, show: Callable[[str], None], patience: float = PATIENCE) -> StoredSession:
    """Log in by way of a browser: `show` is given the address that it has to open. Raises JobError.

    `patience` is how long that may take, in seconds.
    """
    async with _opened(config) as (client, session):
        async with waiting(client) as browser:
            show(browser.address)
            token = await browser.token(patience)
        return await _enter(config, client, session, {"type": TOKEN, "token": token}, None)


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[tuple[Client, Session]]:
    with alone(config.data_dir):
        async with open_database(config) as database, open_client(config) as client:
            session = Session(client, Credentials(), database, config.data_dir / KEYS)
            await session.find()
            yield client, session


async def _enter(
    config: Config, client: Client, session: Session, proof: Mapping[str, Any], password: str | None
) -> StoredSession:
    try:
        entered = await session.enter(proof)
    except Refused as error:
        raise HomeserverError(f"{client.homeserver} does not let {client.user_id} in ({error}); try again") from error
    encryption = Encryption(client, config.data_dir / KEYS, password)
    try:
        encryption.open(entered.device_id)
        await encryption.prepare()
    finally:
        encryption.close()
    return entered

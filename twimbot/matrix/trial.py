"""Tries the secrets that are set and the stored log-in, and leaves everything as it was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from twimbot.config import Credentials
from twimbot.errors import HomeserverError, LoggedOut
from twimbot.matrix.client import Client, Refused, Unreachable
from twimbot.matrix.session import check_owner, ended, none_yet, session_by_password, session_by_token
from twimbot.store.rooms import StoredSession


@dataclass(slots=True)
class Trial:
    """What came of it, as sentences: what has to be mended, and what is worth knowing."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@asynccontextmanager
async def trying(client: Client, credentials: Credentials, stored: StoredSession | None) -> AsyncIterator[Trial]:
    """Log the client in with what works until the block ends; without anything that does it has no `access_token`.

    A log-in with the password is made for this alone, as a device that goes with it. Raises Unreachable, or Refused
    for what passes.
    """
    trial = Trial()
    made = None
    try:
        if credentials.password:
            try:
                made = (await session_by_password(client, credentials.password, None)).access_token
            except LoggedOut as error:
                trial.problems.append(str(error))
        given = await _given(client, credentials.access_token, trial) if credentials.access_token else None
        kept = await _kept(client, stored, trial, has_other=bool(made or given)) if stored else None
        if not (stored or credentials.password or credentials.access_token):
            trial.problems.append(none_yet(client))
        client.access_token = made or given or kept or ""
        yield trial
    finally:
        client.access_token = ""
        if made:
            await client.log_out(made)


async def _given(client: Client, token: str, trial: Trial) -> str | None:
    try:
        return (await session_by_token(client, token)).access_token
    except LoggedOut as error:
        trial.problems.append(str(error))
        return None


async def _kept(client: Client, stored: StoredSession, trial: Trial, *, has_other: bool) -> str | None:
    """Return the stored token where it works; it is not renewed, as that would end the log-in that the bot has."""
    try:
        check_owner(client, stored)
        await client.owner_of(stored.access_token)
    except Refused as error:
        if error.is_passing:
            raise
        if stored.refresh_token and error.is_soft:
            trial.notes.append("the stored log-in is due to be renewed, which 'twimbot run' does")
        elif has_other:
            trial.notes.append("the stored log-in has ended; the next start makes another one")
        else:
            trial.problems.append(ended(client))
        return None
    except HomeserverError as error:
        if isinstance(error, Unreachable):
            raise
        trial.problems.append(str(error))
        return None
    return stored.access_token

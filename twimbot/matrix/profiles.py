"""How people are called of whom a homeserver tells nothing in a room: their profiles are asked for, within bounds."""

import asyncio
import time
from collections.abc import Iterable

import structlog

from twimbot.matrix.client import Client, Refused

log = structlog.get_logger(__name__)

MOST = 20
"""How many people are asked about for a batch."""

PATIENCE = 5.0
"""How long a batch waits for them all, in seconds: a server that is away must hold nothing up."""

PAUSE = 3600.0
"""How long nobody is asked about again whose profile could not be had, in seconds."""


class Profiles:
    """Asks for display names (Client-Server API, "Profiles")."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._failed: dict[str, float] = {}

    async def names(self, users: Iterable[str]) -> dict[str, str | None]:
        """Return the display names of those whose profiles can be had, None for who has none."""
        now = time.monotonic()
        self._failed = {user: at for user, at in self._failed.items() if now - at < PAUSE}
        asked = [user for user in dict.fromkeys(users) if user not in self._failed][:MOST]
        works = {user: asyncio.ensure_future(self._name(user)) for user in asked}
        if not works:
            return {}
        try:
            await asyncio.wait(works.values(), timeout=PATIENCE)
            found = {}
            for user, work in works.items():
                if work.done() and work.exception() is None:
                    found[user] = work.result()
                else:
                    self._failed[user] = now
                    log.warning("profile can't be had", user=user)
            return found
        finally:
            for work in works.values():
                work.cancel()
            await asyncio.gather(*works.values(), return_exceptions=True)

    async def _name(self, user: str) -> str | None:
        try:
            answer = await self._client.get("profile", user)
        except Refused as error:
            if error.is_passing:
                raise
            return None
        name = answer.get("displayname")
        return name.encode("utf-8", "replace").decode() if isinstance(name, str) else None

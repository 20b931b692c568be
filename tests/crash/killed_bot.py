"""Runs the real bot and kills it with SIGKILL at the step whose number is in KILL_AT.

Steps are counted around each transaction (before it, before its commit, after its commit) and each request that
changes something on the homeserver (before it, and after its answer). Run as `python killed_bot.py CONFIG`; ends
by SIGKILL at that step, or with status 0 after SIGTERM where the step is never reached.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from twimbot import app
from twimbot.config import Credentials, load
from twimbot.matrix.client import NOTHING, Client
from twimbot.store.database import Database
from twimbot.store.records import Records


class Steps:
    """Counts the steps, once the bot listens, and dies at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def take(self) -> None:
        """Take a step; the last one is not survived."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    """Count the steps of every transaction and of every request that changes something."""
    transaction: Callable[[Database], Any] = Database.transaction

    @asynccontextmanager
    async def counted(database: Database) -> AsyncIterator[Records]:
        steps.take()
        async with transaction(database) as records:
            yield records
            steps.take()
        steps.take()

    put, upload = Client.put, Client.upload

    async def counted_put(
        client: Client, *path: str, content: Mapping[str, Any] = NOTHING, log_in: int | None = None
    ) -> dict[str, Any]:
        steps.take()
        answer = await put(client, *path, content=content, log_in=log_in)
        steps.take()
        return answer

    async def counted_upload(client: Client, data: bytes, mimetype: str, file_name: str) -> str:
        steps.take()
        mxc = await upload(client, data, mimetype, file_name)
        steps.take()
        return mxc

    for owner, name, replacement in (
        (Database, "transaction", counted),
        (Client, "put", counted_put),
        (Client, "upload", counted_upload),
    ):
        setattr(owner, name, replacement)


def main() -> None:
    """Run until killed or stopped."""
    watch(Steps(int(os.environ["KILL_AT"])))
    config = load(Path(sys.argv[1]))
    asyncio.run(app.run(config, Credentials.from_environment(), lambda: config))


if __name__ == "__main__":
    main()

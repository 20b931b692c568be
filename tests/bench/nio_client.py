"""nio alone: logs in, syncs once, says so, and rests (`python -m tests.bench.nio_client`).

It takes the homeserver's address and a Matrix ID as arguments, the password from PASSWORD, and makes the file READY.
"""

import asyncio
import os
import sys
from pathlib import Path

from nio import AsyncClient

from twimbot.demo.processes import end_with_parent


async def rest(homeserver: str, user_id: str, password: str, ready: Path) -> None:
    """Log in, sync, and wait without end."""
    client = AsyncClient(homeserver, user_id)
    await client.login(password)
    await client.sync(timeout=0, full_state=False)
    await asyncio.to_thread(ready.touch)
    await client.sync_forever(timeout=30_000)


if __name__ == "__main__":
    end_with_parent()
    address, account = sys.argv[1:]
    asyncio.run(rest(address, account, os.environ["PASSWORD"], Path(os.environ["READY"])))

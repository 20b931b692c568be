"""Opens a database, and dies by SIGKILL after as many of SQLite's own steps as KILL_AT says; 0: never.

Run as `python killed_migration.py DATABASE`.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from twimbot.store.database import Database

STEP = 20
"""How many instructions of SQLite's virtual machine one step has."""


def main() -> None:
    """Open and close it."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    last, steps = int(os.environ["KILL_AT"]), count(1)

    def step() -> int:
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - as SQLite has them
        connection = connect(*arguments, **options)
        connection.set_progress_handler(step, STEP)
        return connection

    setattr(sqlite3, "connect", counted)  # noqa: B010 - what every connection goes through
    asyncio.run(open_and_close(Path(sys.argv[1])))
    sys.stdout.write(str(next(steps)))


async def open_and_close(path: Path) -> None:
    """Bring a database up to date."""
    database = await Database.open(path)
    await database.close()


if __name__ == "__main__":
    main()

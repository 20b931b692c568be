"""Opens a database with a version that has one more migration, and dies by SIGKILL at one of SQLite's own steps.

KILL_AT says at which; 0: at none.

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

from tests.store.later import with_later
from twimbot.store import database
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
    later = with_later()
    setattr(database, "migrations", lambda: later)  # noqa: B010 - what a later version has
    asyncio.run(open_and_close(Path(sys.argv[1])))
    sys.stdout.write(str(next(steps)))


async def open_and_close(path: Path) -> None:
    """Bring a database up to date."""
    opened = await Database.open(path)
    await opened.close()


if __name__ == "__main__":
    main()

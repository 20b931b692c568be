"""A connection to the file: what finds its rows at once is executed at once, what may take long in a thread of its own.

A turn of a thread takes ten times what SQLite takes for a statement that finds its rows by an index, and taking up a
submission needs forty of those (docs/performance.md).
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import aiosqlite

KEPT_STATEMENTS = 512
"""How many compiled statements are kept: more than the bot has; the larger ones take longer to compile than to run."""


class Connection:
    """One connection; use `open` and `close`. Every method raises sqlite3.Error where SQLite refuses.

    It serves one task at a time, which is what lets two threads share it: a task waits for what it has asked for.
    `direct` is Python's own connection beneath.
    """

    def __init__(self, direct: sqlite3.Connection, turns: aiosqlite.Connection) -> None:
        self.direct = direct
        self._turns = turns

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file; every statement is a transaction of its own until one is begun."""
        direct = await asyncio.to_thread(
            sqlite3.connect, path, isolation_level=None, check_same_thread=False, cached_statements=KEPT_STATEMENTS
        )
        direct.row_factory = sqlite3.Row
        return cls(direct, await aiosqlite.Connection(lambda: direct, iter_chunk_size=64))

    async def execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Execute a short statement; the loop stands still for some hundredths of a millisecond."""
        return self.direct.execute(statement, values)

    async def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a short statement for each of some rows."""
        self.direct.executemany(statement, rows)

    async def execute_fetchall(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Execute a short statement and return its rows."""
        return self.direct.execute(statement, values).fetchall()

    async def execute_beside(self, statement: str) -> list[sqlite3.Row]:
        """Execute a statement that takes long or waits for another process, beside all other work; return its rows."""
        return list(await self._turns.execute_fetchall(statement))

    async def executescript(self, script: str) -> None:
        """Execute several statements beside all other work."""
        await self._turns.executescript(script)

    async def commit(self) -> None:
        """Commit, beside all other work: the disk may be slow."""
        await self._turns.commit()

    async def rollback(self) -> None:
        """Roll back what was written, after whatever is still under way."""
        await self._turns.rollback()

    def release(self) -> None:
        """End a transaction that has only read."""
        self.direct.rollback()

    async def interrupt(self) -> None:
        """End what is being executed beside other work; that raises there."""
        await self._turns.interrupt()

    async def close(self) -> None:
        """Wait for what is under way, and close."""
        await self._turns.close()

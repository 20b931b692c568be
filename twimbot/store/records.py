"""All records of one transaction or snapshot, as one argument."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiosqlite

from twimbot.errors import DatabaseError
from twimbot.store.captions import Captions
from twimbot.store.editions import Editions
from twimbot.store.entries import Entries
from twimbot.store.journal import Journal
from twimbot.store.media import Medias
from twimbot.store.outbox import Outbox
from twimbot.store.passages import Passages
from twimbot.store.rooms import Rooms

PRIMARY = 0xFF
"""The part of SQLite's error codes that says the kind; the rest says more of it."""

FAULTS_OF_THE_FILE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    )
)


@dataclass(frozen=True, slots=True)
class Records:
    """What the store holds, seen from inside one transaction or snapshot."""

    connection: aiosqlite.Connection
    entries: Entries
    passages: Passages
    media: Medias
    captions: Captions
    editions: Editions
    outbox: Outbox
    rooms: Rooms
    journal: Journal

    @classmethod
    def of(cls, connection: aiosqlite.Connection) -> "Records":
        """Open all records on a connection."""
        return cls(
            connection,
            Entries(connection),
            Passages(connection),
            Medias(connection),
            Captions(connection),
            Editions(connection),
            Outbox(connection),
            Rooms(connection),
            Journal(connection),
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what is done inside when it raises, and only that; the exception goes on.

        Raises DatabaseError where the disk or the file is at fault, and not what is done inside.
        """
        await self.connection.execute("SAVEPOINT inside")
        try:
            yield
        except DatabaseError:
            raise  # from a savepoint inside this one, which is gone with it
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & PRIMARY in FAULTS_OF_THE_FILE:
                # SQLite may have rolled back the whole transaction by itself, and the savepoint with it.
                raise DatabaseError(f"the database can't be used: {error}") from error
            await self._roll_back()
            raise
        except BaseException:
            await self._roll_back()
            raise
        else:
            await self.connection.execute("RELEASE inside")

    async def _roll_back(self) -> None:
        await self.connection.execute("ROLLBACK TO inside")
        await self.connection.execute("RELEASE inside")

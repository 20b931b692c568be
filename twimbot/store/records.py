"""All records of one transaction or snapshot, as one argument."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiosqlite

from twimbot.store.editions import Editions
from twimbot.store.entries import Entries
from twimbot.store.journal import Journal
from twimbot.store.media import Medias
from twimbot.store.outbox import Outbox
from twimbot.store.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Records:
    """What the store holds, seen from inside one transaction or snapshot."""

    connection: aiosqlite.Connection
    entries: Entries
    editions: Editions
    media: Medias
    outbox: Outbox
    rooms: Rooms
    journal: Journal

    @classmethod
    def of(cls, connection: aiosqlite.Connection) -> "Records":
        """Open all records on a connection."""
        return cls(
            connection,
            Entries(connection),
            Editions(connection),
            Medias(connection),
            Outbox(connection),
            Rooms(connection),
            Journal(connection),
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what is done inside when it raises, and only that; the exception goes on."""
        await self.connection.execute("SAVEPOINT inside")
        try:
            yield
        except BaseException:
            await self.connection.execute("ROLLBACK TO inside")
            raise
        finally:
            await self.connection.execute("RELEASE inside")

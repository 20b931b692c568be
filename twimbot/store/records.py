"""All records of one transaction or snapshot, as one argument."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from twimbot.errors import DatabaseError
from twimbot.store.archive import Archive
from twimbot.store.captions import Captions
from twimbot.store.catalogue import Catalogues
from twimbot.store.choices import Choices
from twimbot.store.connection import Connection
from twimbot.store.demands import Demands
from twimbot.store.editions import Editions
from twimbot.store.entries import Entries
from twimbot.store.exports import Exports
from twimbot.store.faults import fault, is_fault
from twimbot.store.followers import Followers
from twimbot.store.guesses import Guesses
from twimbot.store.journal import Journal
from twimbot.store.media import Medias
from twimbot.store.outbox import Outbox
from twimbot.store.passages import Passages
from twimbot.store.people import People
from twimbot.store.rooms import Rooms
from twimbot.store.standings import Standings
from twimbot.store.undecrypted import Undecrypteds


@dataclass(frozen=True, slots=True)
class Records:
    """What the store holds, seen from inside one transaction or snapshot."""

    path: Path
    connection: Connection
    entries: Entries
    passages: Passages
    followers: Followers
    guesses: Guesses
    standings: Standings
    choices: Choices
    media: Medias
    captions: Captions
    demands: Demands
    editions: Editions
    catalogue: Catalogues
    outbox: Outbox
    rooms: Rooms
    journal: Journal
    undecrypted: Undecrypteds
    archive: Archive
    exports: Exports
    people: People

    @classmethod
    def of(cls, path: Path, connection: Connection) -> "Records":
        """Open all records on a connection to a file."""
        return cls(
            path,
            connection,
            Entries(connection),
            Passages(connection),
            Followers(connection),
            Guesses(connection),
            Standings(connection),
            Choices(connection),
            Medias(connection),
            Captions(connection),
            Demands(connection),
            Editions(connection),
            Catalogues(connection),
            Outbox(connection),
            Rooms(connection),
            Journal(connection),
            Undecrypteds(connection),
            Archive(connection),
            Exports(connection),
            People(connection),
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
            if is_fault(error):
                # SQLite may have rolled back the whole transaction by itself, and the savepoint with it.
                raise fault(self.path, error) from error
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

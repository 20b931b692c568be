"""Encrypted events whose key has not come yet: noted by their IDs, until it comes or they are deleted.

The homeserver has the events themselves, however large they are, and is asked for each once its key has come.
"""

from dataclasses import dataclass

from twimbot.model.event import Unreadable
from twimbot.store.connection import Connection

MOST_OF_SENDER = 1000
"""How many events of one sender are waited for, the latest ones."""

MOST = 10_000
"""How many events are waited for in all. Beyond that the oldest of the sender who has most of them is let go."""


@dataclass(frozen=True, slots=True)
class Undecrypted:
    """An event that waits for the key of a Megolm session; `is_history`: it is from before the bot's time.

    `sent_at`, in milliseconds since 1970, is the date that was believed when it came.
    """

    event_id: str
    room_id: str
    session_id: str
    sent_at: int
    is_history: bool


class Undecrypteds:
    """The events that wait for keys, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, event: Unreadable, *, is_history: bool) -> bool:
        """Note an event until it can be decrypted; return whether others had to be let go for it."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO undecrypted (event_id, room_id, session_id, sender, sent_at, is_history)
               VALUES (?, ?, ?, ?, ?, ?)""",
            (event.event_id, event.room_id, event.session_id, event.sender, event.sent_at, is_history),
        )
        of_sender = await self._connection.execute(
            """DELETE FROM undecrypted WHERE seq IN (
                   SELECT seq FROM undecrypted WHERE sender = ?
                   ORDER BY sent_at DESC, seq DESC LIMIT -1 OFFSET ?)""",
            (event.sender, MOST_OF_SENDER),
        )
        of_all = await self._connection.execute(
            """DELETE FROM undecrypted WHERE (SELECT count(*) FROM undecrypted) > ? AND seq = (
                   SELECT seq FROM (SELECT seq, min(sent_at), count(*) AS number FROM undecrypted
                       GROUP BY sender ORDER BY number DESC LIMIT 1))""",
            (MOST,),
        )
        return of_sender.rowcount + of_all.rowcount > 0

    async def remove(self, event_id: str, room_id: str) -> bool:
        """Forget an event: it was decrypted or deleted; return whether it was there."""
        cursor = await self._connection.execute(
            "DELETE FROM undecrypted WHERE event_id = ? AND room_id = ?", (event_id, room_id)
        )
        return cursor.rowcount > 0

    async def waiting(self) -> list[Undecrypted]:
        """Return all events that wait, in the order in which they came."""
        rows = await self._connection.execute_fetchall(
            "SELECT event_id, room_id, session_id, sent_at, is_history FROM undecrypted ORDER BY seq"
        )
        return [
            Undecrypted(row["event_id"], row["room_id"], row["session_id"], row["sent_at"], bool(row["is_history"]))
            for row in rows
        ]

    async def waits(self, event_id: str) -> bool:
        """Tell whether an event waits for its key."""
        rows = await self._connection.execute_fetchall("SELECT 1 FROM undecrypted WHERE event_id = ?", (event_id,))
        return bool(list(rows))

    async def by_sender(self, publication: str, since: int) -> dict[str, int]:
        """Return how many events wait by sender, in a publication's rooms, sent since then (milliseconds)."""
        rows = await self._connection.execute_fetchall(
            """SELECT sender, count(*) AS number FROM undecrypted
               WHERE sent_at >= ?2 AND room_id IN (
                   SELECT room_id FROM room WHERE publication = ?1 AND state = 'joined')
               GROUP BY sender ORDER BY sender""",
            (publication, since),
        )
        return {row["sender"]: row["number"] for row in rows}

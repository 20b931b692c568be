"""What was carried out, what is to be exported, what failed, and the ping room's pongs."""

from dataclasses import dataclass
from datetime import date

from twimbot.model.entry import Pong
from twimbot.model.event import Event
from twimbot.store.connection import Connection

MOST_PONGS = 5000
"""How many pongs of one sender are kept in a room: as many as a bot gives that answers every second minute for a week.
"""


@dataclass(frozen=True, slots=True)
class ExportJob:
    """An export that an editor asked for; `room_id` is where the answer goes."""

    event_id: str
    publication: str
    edition: date
    room_id: str
    author: str


class Journal:
    """The journal, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self, event_id: str, room_id: str, at: int) -> bool:
        """Note that an event of a room is obeyed in this transaction; return False where it has been before."""
        cursor = await self._connection.execute(
            "INSERT OR IGNORE INTO carried_out (event_id, room_id, at) VALUES (?, ?, ?)", (event_id, room_id, at)
        )
        return cursor.rowcount > 0

    async def ask_for_export(self, job: ExportJob, at: int) -> None:
        """Record an export to be made."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO export_job (event_id, publication, edition, room_id, author, at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            (job.event_id, job.publication, job.edition.isoformat(), job.room_id, job.author, at),
        )

    async def exports_waiting(self) -> list[ExportJob]:
        """Return the exports that are still to be made, the oldest first."""
        rows = await self._connection.execute_fetchall(
            """SELECT event_id, publication, edition, room_id, author FROM export_job
               WHERE NOT is_done ORDER BY at, event_id"""
        )
        return [
            ExportJob(row["event_id"], row["publication"], date.fromisoformat(row["edition"]), *row[3:]) for row in rows
        ]

    async def end_export(self, event_id: str) -> None:
        """Note that an export was made and its answer is in the outbox."""
        await self._connection.execute("UPDATE export_job SET is_done = 1 WHERE event_id = ?", (event_id,))

    async def last_author(self, publication: str, edition: date) -> str | None:
        """Return who last exported an edition from the room, or None."""
        rows = list(
            await self._connection.execute_fetchall(
                """SELECT author FROM export_job WHERE publication = ? AND edition = ?
                   ORDER BY at DESC, event_id DESC LIMIT 1""",
                (publication, edition.isoformat()),
            )
        )
        return str(rows[0]["author"]) if rows else None

    async def note_failure(self, event: Event, error: str, at: int) -> None:
        """Record an event that could not be handled, with its traceback; `at` in milliseconds since 1970."""
        await self._connection.execute(
            "INSERT OR REPLACE INTO failed_event (event_id, room_id, sender, error, at) VALUES (?, ?, ?, ?, ?)",
            (event.event_id, event.room_id, event.sender, error, at),
        )

    async def forget_failure(self, event_id: str, room_id: str) -> None:
        """Erase what was recorded about an event that was deleted from its room."""
        await self._connection.execute(
            "DELETE FROM failed_event WHERE event_id = ? AND room_id = ?", (event_id, room_id)
        )

    async def failures(self) -> list[str]:
        """Return the IDs of the events that could not be handled, the oldest first."""
        rows = await self._connection.execute_fetchall("SELECT event_id FROM failed_event ORDER BY at, event_id")
        return [row["event_id"] for row in rows]

    async def note_pong(self, event: Event, pong: Pong) -> None:
        """Record a pong; of its sender's the latest are kept."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO pong (event_id, room_id, sender, server, milliseconds, sent_at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            (event.event_id, event.room_id, event.sender, pong.server, pong.milliseconds, event.sent_at),
        )
        await self._connection.execute(
            """DELETE FROM pong WHERE event_id IN (
                   SELECT event_id FROM pong WHERE room_id = ? AND sender = ?
                   ORDER BY sent_at DESC, event_id DESC LIMIT -1 OFFSET ?)""",
            (event.room_id, event.sender, MOST_PONGS),
        )

    async def erase_pong(self, event_id: str, room_id: str) -> None:
        """Erase a pong that was deleted from its room."""
        await self._connection.execute("DELETE FROM pong WHERE event_id = ? AND room_id = ?", (event_id, room_id))

    async def pongs(self, publication: str, since: int, until: int) -> tuple[Pong, ...]:
        """Return the pongs of a publication's ping rooms sent in a time (milliseconds, its end excluded)."""
        rows = await self._connection.execute_fetchall(
            """SELECT server, milliseconds FROM pong
               WHERE room_id IN (SELECT room_id FROM room WHERE publication = ? AND purpose = 'pings')
                 AND sent_at >= ? AND sent_at < ?
               ORDER BY sent_at, event_id""",
            (publication, since, until),
        )
        return tuple(Pong(row["server"], row["milliseconds"]) for row in rows)

"""What was offered to people to decide by a number: what was shown is what is chosen, whatever came since."""

from collections.abc import Sequence
from dataclasses import dataclass

from twimbot.model.event import Cause
from twimbot.model.filing import Choice
from twimbot.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices that a message of the bot's shows for an entry, numbered from 1."""

    entry_id: int
    choices: tuple[Choice, ...]


class Choices:
    """The choices, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def offer(self, shown_by: Cause, entry_id: int, choices: Sequence[Choice]) -> None:
        """Note what a message shows, by what it answers."""
        await self._connection.executemany(
            """INSERT OR IGNORE INTO choice (cause, purpose, number, entry_id, department, project)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [
                (shown_by.event_id, shown_by.purpose, number, entry_id, choice.department, choice.project)
                for number, choice in enumerate(choices, 1)
            ],
        )

    async def forget(self, shown_by: Cause) -> None:
        """Forget what was noted of a message."""
        await self._connection.execute(
            "DELETE FROM choice WHERE cause = ? AND purpose = ?", (shown_by.event_id, shown_by.purpose)
        )

    async def offered_by(self, event_id: str, room_id: str) -> Offered | None:
        """Return what one of the bot's messages in a room offers, or None where it offers nothing."""
        rows = list(
            await self._connection.execute_fetchall(
                """SELECT choice.entry_id, choice.department, choice.project
                   FROM outbox JOIN choice ON choice.cause = outbox.cause AND choice.purpose = outbox.purpose
                   WHERE outbox.event_id = ? AND outbox.type = 'm.room.message' AND outbox.room_id = ?
                   ORDER BY choice.number""",
                (event_id, room_id),
            )
        )
        if not rows:
            return None
        return Offered(rows[0]["entry_id"], tuple(Choice(row["department"], row["project"]) for row in rows))

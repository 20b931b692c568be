"""Demands: how much each sender has asked of the bot, and what was refused for being too much."""

from dataclasses import dataclass

from twimbot.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Demand:
    """A message that somebody wants taken or answered; `at` is in milliseconds since 1970."""

    event_id: str
    publication: str
    sender: str
    at: int


class Demands:
    """The demands, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_refused(self, event_id: str) -> bool | None:
        """Tell whether a message was refused; None where it was never counted."""
        rows = await self._connection.execute_fetchall("SELECT is_refused FROM demand WHERE event_id = ?", (event_id,))
        return next((bool(row["is_refused"]) for row in rows), None)

    async def between(self, demand: Demand, after: int, before: int) -> tuple[int, bool]:
        """Return what the same sender asked between two moments (milliseconds since 1970).

        That is how much of it was met, and whether any of it was refused, and not in history: that is told.
        """
        rows = await self._connection.execute_fetchall(
            """SELECT coalesce(sum(NOT is_refused), 0) AS met,
                   coalesce(max(is_refused AND NOT is_history), 0) AS is_told
               FROM demand WHERE publication = ? AND sender = ? AND at > ? AND at < ?""",
            (demand.publication, demand.sender, after, before),
        )
        ((met, is_told),) = rows
        return int(met), bool(is_told)

    async def forget(self, before: int) -> None:
        """Forget the demands of before a moment (milliseconds since 1970)."""
        await self._connection.execute("DELETE FROM demand WHERE at < ?", (before,))

    async def note(self, demand: Demand, *, is_refused: bool, is_history: bool) -> None:
        """Record a demand with what became of it."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO demand (event_id, publication, sender, at, is_refused, is_history)
               VALUES (?, ?, ?, ?, ?, ?)""",
            (demand.event_id, demand.publication, demand.sender, demand.at, is_refused, is_history),
        )

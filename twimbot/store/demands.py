"""Demands: how much each sender has asked of the bot, and what was refused for being too much."""

from dataclasses import dataclass

import aiosqlite


@dataclass(frozen=True, slots=True)
class Demand:
    """A message that somebody wants taken or answered; `at` is in milliseconds since 1970."""

    event_id: str
    publication: str
    sender: str
    at: int


class Demands:
    """The demands, in one transaction or snapshot."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def is_refused(self, event_id: str) -> bool | None:
        """Tell whether a message was refused; None where it was never counted."""
        rows = await self._connection.execute_fetchall("SELECT is_refused FROM demand WHERE event_id = ?", (event_id,))
        return next((bool(row["is_refused"]) for row in rows), None)

    async def met_around(self, demand: Demand, within: int) -> int:
        """Count what was met of the same sender within so many milliseconds before or after."""
        return await self._count(demand, within, "NOT is_refused")

    async def is_told_around(self, demand: Demand, within: int) -> bool:
        """Tell whether the same sender was refused within so many milliseconds before or after, and not in history."""
        return bool(await self._count(demand, within, "is_refused AND NOT is_history"))

    async def note(self, demand: Demand, *, is_refused: bool, is_history: bool) -> None:
        """Record a demand with what became of it."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO demand (event_id, publication, sender, at, is_refused, is_history)
               VALUES (?, ?, ?, ?, ?, ?)""",
            (demand.event_id, demand.publication, demand.sender, demand.at, is_refused, is_history),
        )

    async def _count(self, demand: Demand, within: int, condition: str) -> int:
        rows = list(
            await self._connection.execute_fetchall(
                f"""SELECT count(*) AS number FROM demand
                    WHERE publication = ? AND sender = ? AND at > ? AND at < ? AND {condition}""",  # noqa: S608 - constants
                (demand.publication, demand.sender, demand.at - within, demand.at + within),
            )
        )
        return int(rows[0]["number"])

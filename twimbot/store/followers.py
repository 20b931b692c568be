"""Followers: messages below others that were no entries then, by their IDs; what they say is not kept."""

from twimbot.store.connection import Connection

MOST, MOST_OF_SENDER = 200, 50
"""How many followers of a message are looked at, of all and of one sender: the homeserver is asked for each of them,
and hundreds of messages to oneself are no entry."""


class Followers:
    """The followers, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, event_id: str, room_id: str, target: str, sender: str) -> None:
        """Note that somebody has said something below a message."""
        await self._connection.execute(
            "INSERT OR IGNORE INTO follower (event_id, room_id, target, sender) VALUES (?, ?, ?, ?)",
            (event_id, room_id, target, sender),
        )

    async def below(self, target: str, room_id: str, sender: str | None = None) -> list[str]:
        """Return what people have said below a message and went on with below that, each in the order heard.

        With `sender` that is what this one has said.
        """
        rows = await self._connection.execute_fetchall(
            """WITH RECURSIVE below (id, event_id, sender) AS (
                   SELECT id, event_id, sender FROM follower
                   WHERE target = ?1 AND room_id = ?2 AND (?4 IS NULL OR sender = ?4)
                   UNION
                   SELECT follower.id, follower.event_id, follower.sender FROM follower
                   JOIN below ON follower.target = below.event_id AND follower.sender = below.sender
                   WHERE follower.room_id = ?2)
               SELECT event_id FROM below GROUP BY event_id ORDER BY min(id) LIMIT ?3""",
            (target, room_id, MOST_OF_SENDER if sender else MOST, sender),
        )
        return [row["event_id"] for row in rows]

    async def erase(self, event_id: str, room_id: str) -> None:
        """Forget a message that was deleted from its room."""
        await self._connection.execute("DELETE FROM follower WHERE event_id = ? AND room_id = ?", (event_id, room_id))

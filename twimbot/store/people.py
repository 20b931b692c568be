"""What is kept of people: how long names are kept of those who have left, and forgetting somebody who asks for it.

SECURITY.md says of each column that holds somebody how long it is kept; `tests/store/test_people.py` compares.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from twimbot.store.connection import Connection

UNNAMED = "@forgotten"
"""What stands for somebody who is forgotten where a decision of theirs goes on to count; no Matrix ID is written so."""

SALT_BYTES = 16

DELETED = (
    "DELETE FROM member WHERE user_id = ?",
    "DELETE FROM demand WHERE sender = ?",
    "DELETE FROM media_use WHERE sender = ?",
    "DELETE FROM follower WHERE sender = ?",
    "DELETE FROM voice WHERE sender = ?",
    "DELETE FROM undecrypted WHERE sender = ?",
    "DELETE FROM invitation WHERE inviter = ?",
    "DELETE FROM failed_event WHERE sender = ?",
    "DELETE FROM take_up WHERE sender = ?",
    "DELETE FROM pong WHERE sender = ?",
    "DELETE FROM caption WHERE sender = ?",
    "DELETE FROM proposal WHERE sender = ?",
    "DELETE FROM catalogue_change WHERE field = 'reporters' AND ?1 IN (former, value)",
)
"""What goes as a whole with whoever it is of."""

RENAMED = (
    "UPDATE filing SET sender = ?2 WHERE sender = ?1",
    "UPDATE verdict SET sender = ?2 WHERE sender = ?1",
    "UPDATE move SET sender = ?2 WHERE sender = ?1",
    "UPDATE cover SET sender = ?2 WHERE sender = ?1",
    "UPDATE live_video SET sender = ?2 WHERE sender = ?1",
    "UPDATE publishing SET sender = ?2 WHERE sender = ?1",
    "UPDATE proposal_decision SET sender = ?2 WHERE sender = ?1",
    "UPDATE catalogue_change SET sender = ?2 WHERE sender = ?1",
    "UPDATE revision SET sender = ?2 WHERE sender = ?1",
)
"""What goes on to count without saying whose it was: decisions, and texts of others that an editor has written anew."""


@dataclass(frozen=True, slots=True)
class Published:
    """An entry of an imported post, by its row."""

    row: int
    publication: str
    edition: date


@dataclass(frozen=True, slots=True)
class Traces:
    """What the store has of somebody: entries by their rows, entries of imported posts, and how they were called."""

    entries: tuple[int, ...]
    published: tuple[Published, ...]
    names: tuple[str, ...]


@dataclass(slots=True)
class Forgotten:
    """Who is forgotten, by salted digests, with the moments (milliseconds since 1970) up to which they are."""

    rows: tuple[tuple[bytes, bytes, int], ...] = ()
    _known: dict[str, int] = field(default_factory=dict)

    def covers(self, user_id: str, at: int) -> bool:
        """Tell whether what somebody did at a moment is to be ignored, since they were forgotten later."""
        if not self.rows:
            return False
        if user_id not in self._known:
            until = (moment for digest, salt, moment in self.rows if _digest(user_id, salt) == digest)
            self._known[user_id] = max(until, default=-1)
        return at <= self._known[user_id]


class People:
    """What is kept of people, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def traces(self, user_id: str, names: Iterable[str]) -> Traces:
        """Return what there is of somebody; `names` are display names by which posts without Matrix IDs have them."""
        entries = await self._connection.execute_fetchall(
            "SELECT id FROM entry WHERE sender = ? ORDER BY id", (user_id,)
        )
        rows = await self._connection.execute_fetchall(
            """SELECT id, publication, edition FROM archive_entry
               WHERE entry_id IS NULL
                   AND (sender = ?1 OR (sender IS NULL AND name IN (SELECT value FROM json_each(?2))))
               ORDER BY edition, id""",
            (user_id, json.dumps(list(names))),
        )
        called = await self._connection.execute_fetchall(
            """SELECT display_name AS name FROM entry WHERE sender = ?1
               UNION SELECT display_name FROM member WHERE user_id = ?1
               UNION SELECT name FROM archive_entry WHERE sender = ?1 ORDER BY 1""",
            (user_id,),
        )
        return Traces(
            tuple(int(row["id"]) for row in entries),
            tuple(Published(row["id"], row["publication"], date.fromisoformat(row["edition"])) for row in rows),
            tuple(row["name"] for row in called if row["name"]),
        )

    async def blank(self, user_id: str, names: Iterable[str]) -> int:
        """Take somebody out of all rows but entries and published posts; return how many rows that were."""
        count = 0
        for statement in DELETED:
            count += (await self._connection.execute(statement, (user_id,))).rowcount
        for statement in RENAMED:
            count += (await self._connection.execute(statement, (user_id, UNNAMED))).rowcount
        for called in (user_id, *names):
            await self._connection.execute("UPDATE export_job SET author = ?2 WHERE author = ?1", (called, UNNAMED))
            cursor = await self._connection.execute(
                """UPDATE outbox SET state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END, content = NULL
                   WHERE content IS NOT NULL AND instr(content, ?)""",
                (called,),
            )
            count += cursor.rowcount
        return count

    async def note(self, user_id: str, at: int) -> None:
        """Note that somebody is forgotten as of a moment (milliseconds since 1970)."""
        salt = secrets.token_bytes(SALT_BYTES)
        await self._connection.execute(
            "INSERT INTO forgotten (digest, salt, at) VALUES (?, ?, ?)", (_digest(user_id, salt), salt, at)
        )

    async def forgotten(self) -> Forgotten:
        """Return who is forgotten."""
        rows = await self._connection.execute_fetchall("SELECT digest, salt, at FROM forgotten ORDER BY digest")
        return Forgotten(tuple((row["digest"], row["salt"], row["at"]) for row in rows))

    async def take_over(self, forgotten: Forgotten) -> None:
        """Keep in a new database who was forgotten in the one before."""
        await self._connection.executemany(
            "INSERT OR IGNORE INTO forgotten (digest, salt, at) VALUES (?, ?, ?)", forgotten.rows
        )

    async def leave(self, room_id: str, user_id: str, at: int) -> None:
        """Note that somebody has left a room (milliseconds since 1970)."""
        await self._connection.execute(
            "UPDATE member SET left_at = ? WHERE room_id = ? AND user_id = ?", (at, room_id, user_id)
        )

    async def let_go(self, before: int) -> None:
        """Remove those members who have left before a moment (milliseconds since 1970) and have no entry there."""
        await self._connection.execute(
            """DELETE FROM member WHERE left_at < ? AND NOT EXISTS (
                   SELECT 1 FROM entry WHERE entry.room_id = member.room_id AND entry.sender = member.user_id)""",
            (before,),
        )


def _digest(user_id: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + user_id.encode()).digest()

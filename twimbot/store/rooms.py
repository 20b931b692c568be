"""Who the bot is on the homeserver, which rooms it is in or kept from, whom it has met, and how far it has read."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from twimbot.store.connection import Connection
from twimbot.store.faults import disk_work, fault

Purpose = Literal["submissions", "editors", "pings"]

Loss = Literal["out", "muted"]
"""How the bot is kept from a room: put out of it or not let in, or in it and not allowed to speak."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A log-in that outlives the process."""

    user_id: str
    device_id: str
    access_token: str
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """A room in one of its uses; `configured` is its ID or alias as the operator wrote it.

    An upgraded room stays joined, for its late events, and is no longer current. `loss` is how the bot is kept from
    the room (None: it is not), and `lost_at` the time of the last reading position before that, in milliseconds.
    One that is wanted took the place of an upgraded room, and is still to be joined. What was said from `unread_since`
    on (milliseconds; None: nothing) may be unread, as the homeserver failed at the room.
    """

    publication: str
    purpose: Purpose
    room_id: str
    configured: str
    is_current: bool
    is_read_back: bool
    alias: str | None = None
    loss: Loss | None = None
    lost_at: int | None = None
    is_wanted: bool = False
    unread_since: int | None = None

    @property
    def is_to_be_read(self) -> bool:
        """Whether something that was said in the room before is still to be read."""
        return not self.is_read_back or self.unread_since is not None

    @property
    def counts(self) -> bool:
        """Whether the room is the current one for its use, or is to become that once it is joined."""
        return self.is_current or self.is_wanted


@dataclass(frozen=True, slots=True)
class WantedRoom:
    """A room that is to be joined, by way of a server that is known to be in it."""

    room_id: str
    via: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that is still to be answered."""

    room_id: str
    inviter: str


def session_in(path: Path) -> StoredSession | None:
    """Return the log-in that a database file holds, None where there is none; nothing is changed or made beside it.

    Raises DatabaseError where the file can't be read.
    """
    with disk_work(path):
        if not path.is_file():
            return None
        is_in_use = path.with_name(f"{path.name}-wal").exists()
    # Without a write-ahead log SQLite would make one, unless it is told that nobody else writes.
    how = "mode=ro" if is_in_use else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
            row = None
            if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'session'").fetchone():
                row = connection.execute(
                    "SELECT user_id, device_id, access_token, refresh_token FROM session"
                ).fetchone()
    except sqlite3.Error as error:
        raise fault(path, error) from error
    return StoredSession(*row) if row else None


class Rooms:
    """Rooms, members and the reading position, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def session(self) -> StoredSession | None:
        """Return the stored log-in, or None."""
        rows = list(
            await self._connection.execute_fetchall(
                "SELECT user_id, device_id, access_token, refresh_token FROM session"
            )
        )
        return StoredSession(*rows[0]) if rows else None

    async def keep_session(self, session: StoredSession) -> None:
        """Store a log-in in place of the one before."""
        await self._connection.execute(
            """INSERT OR REPLACE INTO session (id, user_id, device_id, access_token, refresh_token)
               VALUES (1, ?, ?, ?, ?)""",
            (session.user_id, session.device_id, session.access_token, session.refresh_token),
        )

    async def position(self) -> str | None:
        """Return the sync token up to which everything is stored, or None before the first sync."""
        rows = list(await self._connection.execute_fetchall("SELECT token FROM position"))
        return str(rows[0]["token"]) if rows else None

    async def position_time(self) -> int | None:
        """Return when the sync token was stored, in milliseconds since 1970, or None before the first sync."""
        rows = list(await self._connection.execute_fetchall("SELECT at FROM position"))
        return int(rows[0]["at"]) if rows else None

    async def unheard_since(self) -> dict[str, int]:
        """Return since when rooms are not heard or not all read, by ID, in milliseconds since 1970."""
        rows = await self._connection.execute_fetchall(
            """SELECT room_id, min(coalesce(lost_at, unread_since), coalesce(unread_since, lost_at)) AS since
               FROM room WHERE coalesce(lost_at, unread_since) IS NOT NULL"""
        )
        since: dict[str, int] = {}
        for row in rows:
            since[row["room_id"]] = min(row["since"], since.get(row["room_id"], row["since"]))
        return since

    async def keep_position(self, token: str, at: int) -> None:
        """Store the sync token, in the transaction that stores what it stands for."""
        await self._connection.execute("INSERT OR REPLACE INTO position (id, token, at) VALUES (1, ?, ?)", (token, at))

    async def bot_names(self) -> tuple[str, ...]:
        """Return the display names that the bot has or had, in a fixed order."""
        rows = await self._connection.execute_fetchall("SELECT name FROM bot_name ORDER BY name")
        return tuple(row["name"] for row in rows)

    async def keep_bot_name(self, name: str) -> None:
        """Remember a display name of the bot."""
        await self._connection.execute("INSERT OR IGNORE INTO bot_name (name) VALUES (?)", (name,))

    async def known(self) -> list[KnownRoom]:
        """Return every use of every room that the bot is in, or was put out of."""
        return [room for room in await self._uses() if not room.is_wanted]

    async def _uses(self) -> list[KnownRoom]:
        rows = await self._connection.execute_fetchall(
            """SELECT publication, purpose, room_id, configured, is_current, is_read_back, alias, loss, lost_at,
                   unread_since, state = 'wanted' AS is_wanted FROM room
               WHERE state IN ('joined', 'wanted') ORDER BY publication, purpose, is_current DESC, room_id"""
        )
        return [
            KnownRoom(
                row["publication"],
                row["purpose"],
                row["room_id"],
                row["configured"],
                bool(row["is_current"]),
                bool(row["is_read_back"]),
                row["alias"],
                row["loss"],
                row["lost_at"],
                bool(row["is_wanted"]),
                row["unread_since"],
            )
            for row in rows
        ]

    async def keep(self, publication: str, purpose: Purpose, room_id: str, configured: str) -> None:
        """Record a joined room as the current one for its use; one that was configured before is left.

        A room that was left, and comes back, is to be read again: nobody listened meanwhile.
        """
        await self._connection.execute(
            """UPDATE room SET is_current = 0, state = CASE configured WHEN ?3 THEN state ELSE 'left' END
               WHERE publication = ?1 AND purpose = ?2 AND room_id <> ?4""",
            (publication, purpose, configured, room_id),
        )
        await self._connection.execute(
            """INSERT INTO room (publication, purpose, room_id, configured, state, is_current)
               VALUES (?, ?, ?, ?, 'joined', 1)
               ON CONFLICT (publication, purpose, room_id) DO UPDATE SET
                   is_read_back = is_read_back AND state = 'joined',
                   loss = CASE state WHEN 'joined' THEN loss END, lost_at = CASE state WHEN 'joined' THEN lost_at END,
                   configured = excluded.configured, state = 'joined', is_current = 1""",
            (publication, purpose, room_id, configured),
        )

    async def keep_only(self, uses: Collection[tuple[str, Purpose]]) -> None:
        """Listen no longer in rooms for a publication or use that is not configured any more."""
        rows = await self._connection.execute_fetchall("SELECT DISTINCT publication, purpose FROM room")
        for row in rows:
            if (row["publication"], row["purpose"]) not in uses:
                await self._connection.execute(
                    "UPDATE room SET state = 'left' WHERE publication = ? AND purpose = ?",
                    (row["publication"], row["purpose"]),
                )

    async def editors_rooms(self) -> dict[str, str]:
        """Return the editors' room of each publication, by its key."""
        return {room.publication: room.room_id for room in await self.known() if _is_editors(room)}

    async def name_room(self, room_id: str, alias: str | None) -> None:
        """Remember a room's canonical alias (None: it has none)."""
        await self._connection.execute("UPDATE room SET alias = ? WHERE room_id = ?", (alias, room_id))

    async def note_encryption(self, room_id: str) -> bool:
        """Note that a room is encrypted, for good (`m.room.encryption`); return whether that is new."""
        cursor = await self._connection.execute(
            "UPDATE room SET is_encrypted = 1 WHERE room_id = ? AND NOT is_encrypted", (room_id,)
        )
        return cursor.rowcount > 0

    async def is_encrypted(self, room_id: str) -> bool:
        """Tell whether a room is known to be encrypted."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM room WHERE room_id = ? AND is_encrypted LIMIT 1", (room_id,)
        )
        return bool(list(rows))

    async def public_name(self, publication: str, purpose: Purpose) -> str | None:
        """Return the canonical alias of the current room for a use, or None where it has none."""
        rows = await self._connection.execute_fetchall(
            "SELECT alias FROM room WHERE publication = ? AND purpose = ? AND is_current", (publication, purpose)
        )
        return next((row["alias"] for row in rows), None)

    async def last_successor(self, publication: str, purpose: Purpose, room_id: str) -> str:
        """Return the last room in the line of those that took a room's place and were joined, or the room itself.

        An alias may go on leading to the old room: an upgrade moves only those of its own server.
        """
        seen = {room_id}
        while True:
            rows = await self._connection.execute_fetchall(
                """SELECT new.room_id FROM room AS old JOIN room AS new
                       ON new.publication = old.publication AND new.purpose = old.purpose
                       AND new.room_id = old.successor AND new.state <> 'wanted'
                   WHERE old.publication = ? AND old.purpose = ? AND old.room_id = ?""",
                (publication, purpose, room_id),
            )
            following = next((str(row["room_id"]) for row in rows), None)
            if following is None or following in seen:
                return room_id
            seen.add(following)
            room_id = following

    async def keep_successor(self, room_id: str, successor: str, via: str | None) -> None:
        """Record that a room was replaced: the successor takes over its uses once it is joined."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO room (publication, purpose, room_id, configured, state, is_current, via)
               SELECT publication, purpose, ?2, configured, 'wanted', 0, ?3 FROM room
               WHERE room_id = ?1 AND is_current""",
            (room_id, successor, via),
        )
        await self._connection.execute(
            """DELETE FROM room WHERE state = 'wanted' AND room_id IN (
                   SELECT successor FROM room WHERE room_id = ? AND successor <> ?)""",
            (room_id, successor),
        )
        await self._connection.execute("UPDATE room SET successor = ? WHERE room_id = ?", (successor, room_id))

    async def keep_predecessor(self, room_id: str, predecessor: str) -> None:
        """Record the room whose place a known one took, for the same uses; it is joined, and no longer current."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO room (publication, purpose, room_id, configured, state, is_current, successor)
               SELECT publication, purpose, ?2, configured, 'joined', 0, ?1 FROM room
               WHERE room_id = ?1 AND state = 'joined'""",
            (room_id, predecessor),
        )

    async def lose(self, room_id: str, loss: Loss, now: int) -> list[KnownRoom]:
        """Note that the bot is kept from a room that is in use or wanted; return its uses, none if that is no news.

        `now` (milliseconds) stands for the last reading position where there is none.
        """
        news = [room for room in await self._uses() if room.room_id == room_id and room.loss != loss and room.counts]
        for room in news:
            await self._connection.execute(
                """UPDATE room SET loss = ?, lost_at = coalesce(lost_at, (SELECT at FROM position), ?)
                   WHERE publication = ? AND purpose = ? AND room_id = ?""",
                (loss, now, room.publication, room.purpose, room_id),
            )
        return news

    async def regain(self, room_id: str, loss: Loss) -> list[KnownRoom]:
        """Note that the bot is no longer kept from a room in this way; return the uses in which it was."""
        lost = [room for room in await self.lost() if room.room_id == room_id and room.loss == loss]
        await self._connection.execute(
            "UPDATE room SET loss = NULL, lost_at = NULL WHERE room_id = ? AND loss = ?", (room_id, loss)
        )
        return lost

    async def lost(self) -> list[KnownRoom]:
        """Return the uses of rooms from which the bot is kept, also those that wait to be joined after an upgrade."""
        return [room for room in await self._uses() if room.loss and room.counts]

    async def invite(self, invitation: Invitation) -> None:
        """Record an invitation, beside those of others to the same room."""
        await self._connection.execute(
            "INSERT OR IGNORE INTO invitation (room_id, inviter) VALUES (?, ?)",
            (invitation.room_id, invitation.inviter),
        )

    async def inviting(self) -> list[str]:
        """Return the rooms to which invitations are still to be answered."""
        rows = await self._connection.execute_fetchall("SELECT DISTINCT room_id FROM invitation ORDER BY room_id")
        return [row["room_id"] for row in rows]

    async def invitations(self, room_id: str) -> list[Invitation]:
        """Return the invitations to a room that are still to be answered."""
        rows = await self._connection.execute_fetchall(
            "SELECT room_id, inviter FROM invitation WHERE room_id = ? ORDER BY inviter", (room_id,)
        )
        return [Invitation(row["room_id"], row["inviter"]) for row in rows]

    async def end_invitation(self, invitation: Invitation) -> None:
        """Note that an invitation is answered."""
        await self._connection.execute(
            "DELETE FROM invitation WHERE room_id = ? AND inviter = ?", (invitation.room_id, invitation.inviter)
        )

    async def wanted(self) -> list[WantedRoom]:
        """Return the rooms that are still to be joined."""
        rows = await self._connection.execute_fetchall(
            "SELECT DISTINCT room_id, via FROM room WHERE state = 'wanted' ORDER BY room_id"
        )
        return [WantedRoom(row["room_id"], row["via"]) for row in rows]

    async def joined(self, room_id: str) -> None:
        """Note that a wanted room was joined: it is the current one for its uses from now on."""
        rows = await self._connection.execute_fetchall(
            "SELECT publication, purpose, configured FROM room WHERE room_id = ? AND state = 'wanted'", (room_id,)
        )
        for row in rows:
            await self.keep(row["publication"], row["purpose"], room_id, row["configured"])

    async def read_back(self, room_id: str) -> list[KnownRoom]:
        """Note that a room's history has been read; return the uses in which the homeserver had failed at it."""
        failed = [room for room in await self.known() if room.room_id == room_id and room.unread_since is not None]
        await self._connection.execute(
            "UPDATE room SET is_read_back = 1, unread_since = NULL WHERE room_id = ?", (room_id,)
        )
        return failed

    async def leave_unread(self, room_id: str, now: int) -> list[KnownRoom]:
        """Note that what came after the last reading position may be unread; return the room's uses where that is new.

        `now` (milliseconds) stands for the position's time where there is none.
        """
        new = [room for room in await self.known() if room.room_id == room_id and room.unread_since is None]
        await self._connection.execute(
            "UPDATE room SET unread_since = coalesce(unread_since, (SELECT at FROM position), ?) WHERE room_id = ?",
            (now, room_id),
        )
        return new

    async def name_member(self, room_id: str, user_id: str, display_name: str | None) -> None:
        """Remember how somebody is called in a room."""
        await self._connection.execute(
            """INSERT INTO member (room_id, user_id, display_name) VALUES (?, ?, ?)
               ON CONFLICT (room_id, user_id) DO UPDATE SET display_name = excluded.display_name, left_at = NULL""",
            (room_id, user_id, display_name),
        )

    async def is_member_known(self, room_id: str, user_id: str) -> bool:
        """Tell whether it is known how somebody is called in a room, or that they have no name there."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM member WHERE room_id = ? AND user_id = ?", (room_id, user_id)
        )
        return bool(list(rows))

    async def member_name(self, room_id: str, user_id: str) -> str | None:
        """Return how somebody is called in a room, or None where that is unknown."""
        rows = list(
            await self._connection.execute_fetchall(
                "SELECT display_name FROM member WHERE room_id = ? AND user_id = ?", (room_id, user_id)
            )
        )
        return rows[0]["display_name"] if rows else None


def _is_editors(room: KnownRoom) -> bool:
    return room.purpose == "editors" and room.is_current

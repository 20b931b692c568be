"""Pictures and videos of entries: what is to be fetched, what is kept under which name, what failed and why."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from twimbot.model.entry import Media, MediaState
from twimbot.model.event import FileKey, MediaItem
from twimbot.store.connection import Connection


@dataclass(frozen=True, slots=True)
class NewMedia:
    """A file as a message names it; `position` counts within the message, `sent_at` in milliseconds since 1970.

    `is_history`: it was sent before the bot's time, so nobody is to be told anything about it.
    """

    event_id: str
    position: int
    mxc: str
    kind: str
    alt: str
    sent_at: int
    thread: str | None
    is_related: bool
    is_history: bool
    key: FileKey | None = None


@dataclass(frozen=True, slots=True)
class MediaEdit:
    """An edit that says which files a message shows; `sent_at` and `is_history` as in `NewMedia`."""

    event_id: str
    sent_at: int
    is_history: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file that counts comes from: its message's room and thread, and the entry that it belongs to."""

    publication: str
    edition: date
    room_id: str
    thread: str | None
    sender: str
    display_name: str | None
    is_history: bool


UNCOUNTED = 0
"""The day on which files count that no limit is for."""


@dataclass(frozen=True, slots=True)
class Use:
    """What was fetched of a sender on a day, and whether the sender was told that it was too much."""

    files: int = 0
    bytes: int = 0
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """To whom a file counts: a sender of a publication, on a day (in days since 1970)."""

    day: int
    publication: str
    sender: str


EDITS_KEPT = 3
"""How many edits of a message's files are kept, the latest ones: deleting one goes back to another."""

UNUSED = "event_id = ? AND NOT is_original AND NOT EXISTS (SELECT 1 FROM media_edit WHERE media_id = media.id)"
"""The files of a message that an edit had brought, and none has any more."""

COLUMNS = "id, event_id, mxc, kind, alt, sent_at, state, file_name, reason, position, is_original"


class Medias:
    """The media of entries, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def attach(self, entry_id: int, new: NewMedia) -> None:
        """Add a file to an entry; one that is there already stays where it is."""
        await self._connection.execute(
            """INSERT INTO media
                   (entry_id, event_id, position, mxc, kind, alt, sent_at, thread, is_related, is_history,
                    key, iv, sha256, state)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'wanted')
               ON CONFLICT (event_id, position) DO NOTHING""",
            (
                entry_id,
                new.event_id,
                new.position,
                new.mxc,
                new.kind,
                new.alt,
                new.sent_at,
                new.thread,
                new.is_related,
                new.is_history,
                *((new.key.key, new.key.iv, new.key.sha256) if new.key else (None, None, None)),
            ),
        )

    async def follow(self, entry_id: int, target: str, edit: MediaEdit, items: Sequence[MediaItem]) -> tuple[int, ...]:
        """Record which files a message of an entry shows after an edit, and return their ids in that order.

        Files that it has had, whichever edit brought them, stay what they are. An edit that is known changes nothing.
        """
        known = await self._connection.execute_fetchall(
            "SELECT media_id FROM media_edit WHERE event_id = ? ORDER BY place", (edit.event_id,)
        )
        if list(known):
            return tuple(row["media_id"] for row in known if row["media_id"] is not None)
        had = await self._connection.execute_fetchall(
            "SELECT id, mxc, kind, key, iv, sha256 FROM media WHERE event_id = ? ORDER BY position", (target,)
        )
        if not items and not list(had):
            return ()
        former: dict[tuple[str, ...], list[int]] = {}
        for row in had:
            former.setdefault(tuple(row)[1:], []).append(row["id"])
        ids = []
        for item in items:
            key = (item.key.key, item.key.iv, item.key.sha256) if item.key else (None, None, None)
            same = former.get((item.mxc, item.kind, *key))
            ids.append(same.pop(0) if same else await self._add_edited(entry_id, target, edit, item))
        await self._connection.executemany(
            "INSERT INTO media_edit (event_id, place, entry_id, target, sent_at, media_id) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (edit.event_id, place, entry_id, target, edit.sent_at, media_id)
                for place, media_id in enumerate(ids or [None])
            ],
        )
        return tuple(ids)

    async def release(self, target: str) -> list[str]:
        """Let go the kept files that a message does not show any more; return those that are to be removed.

        Of its edits the latest are kept, and of what earlier ones had brought nothing.
        """
        rows = await self._connection.execute_fetchall(
            """SELECT DISTINCT file_name FROM media WHERE event_id = ?1 AND file_name IS NOT NULL
                   AND id NOT IN (SELECT id FROM media_shown WHERE event_id = ?1) ORDER BY file_name""",
            (target,),
        )
        await self._connection.execute(
            """UPDATE media SET state = 'wanted', file_name = NULL, counted_on = NULL
               WHERE event_id = ?1 AND file_name IS NOT NULL
                   AND id NOT IN (SELECT id FROM media_shown WHERE event_id = ?1)""",
            (target,),
        )
        await self._connection.execute(
            """DELETE FROM media_edit WHERE target = ?1 AND event_id NOT IN (
                   SELECT event_id FROM media_edit WHERE target = ?1 GROUP BY event_id
                   ORDER BY max(sent_at) DESC, event_id DESC LIMIT ?2)""",
            (target, EDITS_KEPT),
        )
        await self._erase(UNUSED, target)
        return [row["file_name"] for row in rows if not await self._is_kept(row["file_name"])]

    async def is_edit_known(self, edit: str) -> bool:
        """Tell whether an edit, or an answer, has changed pictures or what describes them."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM caption WHERE event_id = ?1 UNION ALL SELECT 1 FROM media_edit WHERE event_id = ?1", (edit,)
        )
        return bool(list(rows))

    async def withdraw_edit(self, edit: str, room_id: str) -> tuple[int, list[str]] | None:
        """Erase what an edit in a room that was taken back has brought; None where it is no edit of files.

        Return the entry's id and the names of the kept files that are to be removed.
        """
        rows = list(
            await self._connection.execute_fetchall(
                """DELETE FROM media_edit WHERE event_id = ?
                       AND EXISTS (SELECT 1 FROM entry WHERE entry.id = entry_id AND room_id = ?)
                   RETURNING entry_id, target""",
                (edit, room_id),
            )
        )
        if not rows:
            return None
        target = rows[0]["target"]
        gone = await self._erase(UNUSED, target)
        return rows[0]["entry_id"], [*gone, *await self.release(target)]

    async def is_shown(self, event_id: str) -> bool:
        """Tell whether a message's files belong to an entry now."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM media_now WHERE event_id = ? LIMIT 1", (event_id,)
        )
        return bool(list(rows))

    async def entry_of(self, event_id: str, room_id: str) -> int | None:
        """Return the id of the entry that a message's files belong or belonged to, in the same room, or None."""
        rows = await self._connection.execute_fetchall(
            """SELECT media.entry_id FROM media JOIN entry ON entry.id = media.entry_id
               WHERE media.event_id = ? AND entry.room_id = ? LIMIT 1""",
            (event_id, room_id),
        )
        return next((int(row["entry_id"]) for row in rows), None)

    async def of_entry(self, entry_id: int) -> tuple[Media, ...]:
        """Return the files of an entry in the order sent."""
        # Of messages that were sent in the same millisecond, that which was heard first.
        return await self._read(
            "entry_id = ? ORDER BY sent_at, (SELECT min(id) FROM media WHERE event_id = media_now.event_id), place",
            entry_id,
        )

    async def of_message(self, event_id: str) -> tuple[Media, ...]:
        """Return the files of a message that belong to an entry now, in their order."""
        return await self._read("event_id = ? ORDER BY place", event_id)

    async def origin(self, media_id: int) -> Origin | None:
        """Return where a file comes from, or None where it, or its entry, counts no more or is dropped."""
        rows = await self._connection.execute_fetchall(
            """SELECT publication, edition, room_id, thread, sender, display_name, is_history
               FROM media_now JOIN entry_now AS entry ON entry.id = media_now.entry_id
               WHERE media_now.id = ? AND NOT entry.is_dropped""",
            (media_id,),
        )
        return next(
            (
                Origin(
                    row["publication"],
                    date.fromisoformat(row["edition"]),
                    row["room_id"],
                    row["thread"],
                    row["sender"],
                    row["display_name"],
                    bool(row["is_history"]),
                )
                for row in rows
            ),
            None,
        )

    async def erase(self, event_id: str) -> list[str]:
        """Erase the files of a deleted message; return the names of the kept ones."""
        await self._connection.execute("DELETE FROM media_edit WHERE target = ?", (event_id,))
        return await self._erase("event_id = ?", event_id)

    async def erase_of_entry(self, entry_id: int) -> list[str]:
        """Erase all files of an entry; return the names of the kept ones."""
        await self._connection.execute("DELETE FROM media_edit WHERE entry_id = ?", (entry_id,))
        return await self._erase("entry_id = ?", entry_id)

    async def wanted(self) -> tuple[tuple[str, Media], ...]:
        """Return the files that are still to be fetched, each with its publication, the oldest first."""
        rows = await self._connection.execute_fetchall(
            f"""SELECT {COLUMNS}, (SELECT publication FROM entry WHERE entry.id = entry_id) AS publication,
                    (SELECT sender FROM entry WHERE entry.id = entry_id) AS sender
                FROM media_now WHERE state = 'wanted' ORDER BY id"""  # noqa: S608 - a constant
        )
        keys = await self._keys()
        return tuple(
            (row["publication"], replace(_media(row), key=keys.get(row["id"]), sender=row["sender"])) for row in rows
        )

    async def counted_on(self, media_id: int, today: int) -> tuple[int, bool]:
        """Return the day on which a file counts, and whether it has been counted: if not, today or its day in history.

        Days are in days since 1970.
        """
        rows = await self._connection.execute_fetchall(
            """SELECT coalesce(counted_on, CASE WHEN is_history THEN sent_at / 86400000 ELSE ? END) AS day,
                   counted_on IS NOT NULL AS is_counted FROM media WHERE id = ?""",
            (today, media_id),
        )
        return next(((int(row["day"]), bool(row["is_counted"])) for row in rows), (UNCOUNTED, True))

    async def use(self, account: Account) -> Use:
        """Return what was fetched of a sender on a day."""
        rows = await self._connection.execute_fetchall(
            "SELECT files, bytes, is_told FROM media_use WHERE day = ? AND publication = ? AND sender = ?",
            (account.day, account.publication, account.sender),
        )
        return next((Use(row["files"], row["bytes"], bool(row["is_told"])) for row in rows), Use())

    async def count_file(self, media_id: int, account: Account) -> None:
        """Count a file that is to be fetched."""
        await self._connection.execute("UPDATE media SET counted_on = ? WHERE id = ?", (account.day, media_id))
        await self._count(account, Use(files=1))

    async def count_bytes(self, account: Account, size: int) -> None:
        """Count what was fetched of a file, in bytes."""
        await self._count(account, Use(bytes=size))

    async def hold_back(self, media_id: int) -> None:
        """Leave out a file that is too much, until an editor takes it up."""
        await self._connection.execute("UPDATE media SET is_held_back = 1 WHERE id = ?", (media_id,))

    async def note_told(self, account: Account) -> None:
        """Note that a sender was told that it was too much."""
        await self._count(account, Use(is_told=True))

    async def take_up(self, event_id: str, room_id: str) -> None:
        """Have the files of a message in a room fetched whatever else its sender has sent, as an editor wants them."""
        await self._connection.execute(
            """UPDATE media SET is_held_back = 0, counted_on = ?3 WHERE event_id = ?1
                   AND EXISTS (SELECT 1 FROM entry WHERE entry.id = entry_id AND room_id = ?2)""",
            (event_id, room_id, UNCOUNTED),
        )

    async def forget_use(self, before: int) -> None:
        """Forget what was fetched before a day (in days since 1970)."""
        await self._connection.execute("DELETE FROM media_use WHERE day < ?", (before,))

    async def _count(self, account: Account, more: Use) -> None:
        if account.day == UNCOUNTED:
            return
        await self._connection.execute(
            """INSERT INTO media_use (day, publication, sender, files, bytes, is_told) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (day, publication, sender) DO UPDATE SET files = files + excluded.files,
                   bytes = bytes + excluded.bytes, is_told = max(is_told, excluded.is_told)""",
            (account.day, account.publication, account.sender, more.files, more.bytes, more.is_told),
        )

    async def keep(self, media: Media, extension: str) -> str | None:
        """Note a file as kept; return the name that it is kept under, or None where it is no longer asked for.

        The name is the media id's. Ids are unique on their server only, so a second file with the same name has
        the row's number added behind a dot, which no media id has (Matrix specification, appendices, "Opaque
        Identifiers"): nobody's server can put its picture in the place of another's. Publications make
        different files of one picture. A deleted row's number may be given again, and then stands for another file.
        """
        stem = media.mxc.rpartition("/")[2]
        rows = await self._connection.execute_fetchall(
            """UPDATE media SET state = 'kept', reason = NULL, file_name = CASE
                   WHEN EXISTS (SELECT 1 FROM media AS other JOIN entry ON entry.id = other.entry_id
                       WHERE other.file_name = ?2 AND (other.mxc <> media.mxc OR entry.publication <> (
                           SELECT publication FROM entry WHERE entry.id = media.entry_id)))
                   THEN ?3 ELSE ?2 END
               WHERE id = ?1 AND mxc = ?4 AND state = 'wanted' AND id IN (SELECT id FROM media_shown WHERE id = ?1)
               RETURNING file_name""",
            (media.id, f"{stem}.{extension}", f"{stem}.{media.id}.{extension}", media.mxc),
        )
        return next((str(row["file_name"]) for row in rows), None)

    async def fail(self, media: Media, reason: str) -> None:
        """Note that a file can't be had, and why, unless it is no longer asked for."""
        await self._connection.execute(
            "UPDATE media SET state = 'failed', reason = ? WHERE id = ? AND mxc = ? AND state = 'wanted'",
            (reason, media.id, media.mxc),
        )

    async def miss(self, media: Media, now: int) -> int:
        """Note that a file can't be had yet; return since when, in milliseconds since 1970."""
        rows = await self._connection.execute_fetchall(
            """UPDATE media SET missed_at = coalesce(missed_at, ?) WHERE id = ? AND mxc = ? AND state = 'wanted'
               RETURNING missed_at""",
            (now, media.id, media.mxc),
        )
        return next((int(row["missed_at"]) for row in rows), now)

    async def file_names(self) -> set[str]:
        """Return the names of all files that the store knows as kept."""
        rows = await self._connection.execute_fetchall(
            "SELECT DISTINCT file_name FROM media WHERE file_name IS NOT NULL"
        )
        return {row["file_name"] for row in rows}

    async def want_again(self, file_name: str) -> None:
        """Have a kept file fetched again: it is gone from the folder, as after a database was put back alone."""
        await self._connection.execute(
            """UPDATE media SET state = 'wanted', file_name = NULL, missed_at = NULL
               WHERE file_name = ? AND state = 'kept'""",
            (file_name,),
        )

    async def _keys(self) -> dict[int, FileKey]:
        """Return what the files that are still to be fetched are decrypted with, by their numbers."""
        rows = await self._connection.execute_fetchall(
            "SELECT id, key, iv, sha256 FROM media WHERE state = 'wanted' AND key IS NOT NULL"
        )
        return {row["id"]: FileKey(row["key"], row["iv"], row["sha256"]) for row in rows}

    async def _read(self, condition: str, value: str | int) -> tuple[Media, ...]:
        rows = await self._connection.execute_fetchall(
            f"SELECT {COLUMNS} FROM media_now WHERE {condition}",  # noqa: S608 - constants
            (value,),
        )
        return tuple(_media(row) for row in rows)

    async def _add_edited(self, entry_id: int, target: str, edit: MediaEdit, item: MediaItem) -> int:
        """Add a file that an edit has brought: to the entry as the others of its message are, or else for itself."""
        key = (item.key.key, item.key.iv, item.key.sha256) if item.key else (None, None, None)
        rows = await self._connection.execute_fetchall(
            """INSERT INTO media (entry_id, event_id, position, mxc, kind, alt, sent_at, thread, is_related, is_history,
                   key, iv, sha256, state, is_original)
               SELECT ?1, ?2, 1 + coalesce(max(position), -1), ?3, ?4, '', coalesce(
                       min(sent_at), (SELECT sent_at FROM entry WHERE event_id = ?2),
                       (SELECT sent_at FROM passage WHERE event_id = ?2), ?5),
                   max(thread), coalesce(min(is_related), 1), ?6, ?7, ?8, ?9, 'wanted', 0
               FROM media WHERE event_id = ?2 RETURNING id""",
            (entry_id, target, item.mxc, item.kind, edit.sent_at, edit.is_history, *key),
        )
        return next(int(row["id"]) for row in rows)

    async def _erase(self, condition: str, value: str | int) -> list[str]:
        rows = await self._connection.execute_fetchall(
            f"DELETE FROM media WHERE {condition} RETURNING file_name",  # noqa: S608 - constants
            (value,),
        )
        names = sorted({row["file_name"] for row in rows if row["file_name"]})
        return [name for name in names if not await self._is_kept(name)]

    async def _is_kept(self, file_name: str) -> bool:
        rows = await self._connection.execute_fetchall("SELECT 1 FROM media WHERE file_name = ? LIMIT 1", (file_name,))
        return bool(list(rows))


def _media(row: sqlite3.Row) -> Media:
    return Media(
        row["id"],
        row["event_id"],
        row["mxc"],
        row["kind"],
        row["alt"],
        row["sent_at"],
        MediaState(row["state"]),
        row["file_name"],
        row["reason"],
        row["position"],
        is_edited=not row["is_original"],
    )

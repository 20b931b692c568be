"""Pictures and videos of entries: what is to be fetched, what is kept under which name, what failed and why."""

from dataclasses import dataclass

import aiosqlite

from twimbot.model.entry import Media, MediaState


@dataclass(frozen=True, slots=True)
class NewMedia:
    """A file as a message names it; `position` counts within the message, `sent_at` in milliseconds since 1970."""

    event_id: str
    position: int
    mxc: str
    kind: str
    alt: str
    sent_at: int
    is_related: bool


class Medias:
    """The media of entries, in one transaction or snapshot."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def attach(self, entry_id: int, new: NewMedia) -> None:
        """Add a file to an entry; one that is there already stays where it is."""
        await self._connection.execute(
            """INSERT INTO media (entry_id, event_id, position, mxc, kind, alt, sent_at, is_related, state)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'wanted')
               ON CONFLICT (event_id, position) DO NOTHING""",
            (
                entry_id,
                new.event_id,
                new.position,
                new.mxc,
                new.kind,
                new.alt,
                new.sent_at,
                new.is_related,
            ),
        )

    async def is_shown(self, event_id: str) -> bool:
        """Tell whether a message's files belong to an entry now."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM media_now WHERE event_id = ? LIMIT 1", (event_id,)
        )
        return bool(list(rows))

    async def describe(self, event_id: str, position: int, edit: str, sent_at: int, alt: str) -> None:
        """Record an edited alternative text of a file; the latest edit counts, by `sent_at` (milliseconds)."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO caption (event_id, media_id, sent_at, text)
               SELECT ?, id, ?, ? FROM media WHERE event_id = ? AND position = ?""",
            (edit, sent_at, alt, event_id, position),
        )

    async def withdraw_caption(self, edit: str, room_id: str) -> int | None:
        """Erase an edited caption in a room that was taken back; return the entry's id, or None if it is none."""
        rows = await self._connection.execute_fetchall(
            """SELECT entry.id FROM caption JOIN media ON media.id = caption.media_id
               JOIN entry ON entry.id = media.entry_id WHERE caption.event_id = ? AND entry.room_id = ?""",
            (edit, room_id),
        )
        entry_id = next((int(row["id"]) for row in rows), None)
        if entry_id is not None:
            await self._connection.execute("DELETE FROM caption WHERE event_id = ?", (edit,))
        return entry_id

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
        rows = await self._connection.execute_fetchall(
            """SELECT id, event_id, mxc, kind, alt, state, file_name, reason FROM media_now
               WHERE entry_id = ? ORDER BY sent_at, id""",
            (entry_id,),
        )
        return tuple(_media(row) for row in rows)

    async def erase(self, event_id: str) -> list[str]:
        """Erase the files of a deleted message; return the names of the kept ones."""
        return await self._erase("event_id = ?", event_id)

    async def erase_of_entry(self, entry_id: int) -> list[str]:
        """Erase all files of an entry; return the names of the kept ones."""
        return await self._erase("entry_id = ?", entry_id)

    async def wanted(self) -> list[Media]:
        """Return the files that are still to be fetched, the oldest first."""
        rows = await self._connection.execute_fetchall(
            """SELECT id, event_id, mxc, kind, alt, state, file_name, reason FROM media_now
               WHERE state = 'wanted' ORDER BY id"""
        )
        return [_media(row) for row in rows]

    async def keep(self, media: Media, extension: str) -> str | None:
        """Note a file as kept; return the name that it is kept under, or None where it is no longer asked for.

        The name is the media id's. Ids are unique on their server only, so a second file with the same name has
        the row's number added: nobody's server can put its picture in the place of another's.
        """
        stem = media.mxc.rpartition("/")[2]
        rows = await self._connection.execute_fetchall(
            """UPDATE media SET state = 'kept', reason = NULL, file_name = CASE
                   WHEN EXISTS (SELECT 1 FROM media AS other WHERE other.file_name = ?2 AND other.mxc <> media.mxc)
                   THEN ?3 ELSE ?2 END
               WHERE id = ?1 RETURNING file_name""",
            (media.id, f"{stem}.{extension}", f"{stem}-{media.id}.{extension}"),
        )
        return next((str(row["file_name"]) for row in rows), None)

    async def fail(self, media_id: int, reason: str) -> None:
        """Note that a file can't be had, and why."""
        await self._connection.execute("UPDATE media SET state = 'failed', reason = ? WHERE id = ?", (reason, media_id))

    async def file_names(self) -> set[str]:
        """Return the names of all files that the store knows as kept."""
        rows = await self._connection.execute_fetchall(
            "SELECT DISTINCT file_name FROM media WHERE file_name IS NOT NULL"
        )
        return {row["file_name"] for row in rows}

    async def _erase(self, condition: str, value: str | int) -> list[str]:
        rows = await self._connection.execute_fetchall(
            f"DELETE FROM media WHERE {condition} RETURNING file_name",  # noqa: S608 - one of two constants
            (value,),
        )
        names = {row["file_name"] for row in rows if row["file_name"]}
        return sorted(names - await self.file_names())


def _media(row: aiosqlite.Row) -> Media:
    return Media(
        row["id"],
        row["event_id"],
        row["mxc"],
        row["kind"],
        row["alt"],
        MediaState(row["state"]),
        row["file_name"],
        row["reason"],
    )

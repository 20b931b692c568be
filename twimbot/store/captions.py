"""Captions: what describes a picture, as its sender, an answer in the room or an editor says."""

from collections.abc import Sequence
from dataclasses import dataclass

from twimbot.store.connection import Connection

LATEST_KEPT = 2
"""How many descriptions of a picture by its sender are kept whatever their length, the latest ones."""

LONG = 500
"""How many characters one before those may have that is kept, too."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something, in which message or edit, and when (milliseconds since 1970)."""

    event_id: str
    sender: str
    sent_at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that described pictures: who sent it, whether it counts as an editor's, and which it described.

    `about` is the message that they were sent with.
    """

    event_id: str
    about: str
    sender: str
    is_by_editor: bool
    media_ids: tuple[int, ...]


class Captions:
    """The descriptions of pictures, in one transaction or snapshot.

    An editor's outranks all others; of two the later counts, by when it was sent.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def follow(self, media_id: int, edit: Said, text: str) -> None:
        """Record the caption that an edit gives a picture of its message."""
        await self._connection.execute(
            "INSERT OR IGNORE INTO caption (event_id, media_id, sent_at, text, sender) VALUES (?, ?, ?, ?, ?)",
            (edit.event_id, media_id, edit.sent_at, text, edit.sender),
        )
        await self._empty_superseded(media_id)

    async def describe(self, media_id: int, said: Said, text: str, *, answer: str | None, is_by_editor: bool) -> None:
        """Record a description of a picture that was given apart from it.

        `answer` is the message that gave it, also where `said` is an edit of that; None: it was a command.
        """
        await self._connection.execute(
            """INSERT OR IGNORE INTO caption (event_id, media_id, sent_at, text, sender, answer, is_by_editor)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (said.event_id, media_id, said.sent_at, text, said.sender, answer, is_by_editor),
        )
        await self._empty_superseded(media_id)

    async def answered(self, event_id: str) -> set[int]:
        """Return the ids of a message's pictures that somebody has described apart from it."""
        rows = await self._connection.execute_fetchall(
            """SELECT media_id FROM caption JOIN media ON media.id = caption.media_id
               WHERE media.event_id = ? AND (caption.answer IS NOT NULL OR is_by_editor)""",
            (event_id,),
        )
        return {row["media_id"] for row in rows}

    async def answer(self, event_id: str, room_id: str) -> Answer | None:
        """Return what a message in a room described, its pictures in the order sent; None where it is no answer."""
        rows = list(
            await self._connection.execute_fetchall(
                """SELECT caption.sender, is_by_editor, media.id, media.event_id AS about FROM caption
                   JOIN media ON media.id = caption.media_id JOIN entry ON entry.id = media.entry_id
                   WHERE caption.event_id = ?1 AND caption.answer = ?1 AND entry.room_id = ?2
                   ORDER BY media.position, media.id""",
                (event_id, room_id),
            )
        )
        if not rows:
            return None
        ids = tuple(row["id"] for row in rows)
        return Answer(event_id, rows[0]["about"], rows[0]["sender"], bool(rows[0]["is_by_editor"]), ids)

    async def withdraw(self, event_id: str, room_id: str) -> Sequence[int]:
        """Erase what a deleted message, edit or command in a room said of pictures; return the ids of their entries.

        Commands are given in other rooms too; whatever else describes a picture is sent in its entry's room.
        """
        of_it = """(caption.event_id = ?1 OR caption.answer = ?1) AND ?2 = coalesce(
            (SELECT carried_out.room_id FROM carried_out WHERE carried_out.event_id = ?1),
            (SELECT entry.room_id FROM media JOIN entry ON entry.id = media.entry_id
             WHERE media.id = caption.media_id))"""
        rows = await self._connection.execute_fetchall(
            f"""SELECT DISTINCT media.entry_id FROM caption JOIN media ON media.id = caption.media_id
                WHERE {of_it}""",  # noqa: S608 - a constant
            (event_id, room_id),
        )
        await self._connection.execute(f"DELETE FROM caption WHERE {of_it}", (event_id, room_id))  # noqa: S608 - a constant
        return [row["entry_id"] for row in rows]

    async def _empty_superseded(self, media_id: int) -> None:
        """Take away long descriptions of a picture by its sender that are beyond the latest, and leave their rows."""
        # A row with another number is moved, which gives its page back (see `revisions`).
        await self._connection.execute(
            """UPDATE caption SET text = '', rowid = -rowid WHERE media_id = ?1 AND length(text) > ?3 AND event_id IN (
                   SELECT event_id FROM caption WHERE media_id = ?1 AND NOT is_by_editor
                   ORDER BY sent_at DESC, event_id DESC LIMIT -1 OFFSET ?2)""",
            (media_id, LATEST_KEPT, LONG),
        )

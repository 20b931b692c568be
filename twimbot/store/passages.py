"""Passages: further messages that belong to an entry, each with its text and edits."""

from dataclasses import dataclass

from twimbot.model.entry import Passage
from twimbot.store.connection import Connection
from twimbot.store.revisions import empty_superseded


@dataclass(frozen=True, slots=True)
class NewPassage:
    """What a message adds to an entry; `sent_at` in milliseconds since 1970, `is_reply`: it is a genuine reply."""

    event_id: str
    sent_at: int
    text: str
    is_reply: bool


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """What is known of a message that was once added to an entry, whether or not it counts now."""

    id: int
    entry_id: int
    is_reply: bool


class Passages:
    """The passages of entries, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, entry_id: int, new: NewPassage) -> KnownPassage | None:
        """Add a message's text to an entry and return it; None where it is there already, and stays as it is."""
        rows = await self._connection.execute_fetchall(
            """INSERT INTO passage (event_id, entry_id, sent_at, is_reply) VALUES (?, ?, ?, ?)
               ON CONFLICT (event_id) DO NOTHING RETURNING id""",
            (new.event_id, entry_id, new.sent_at, new.is_reply),
        )
        for row in rows:
            added = KnownPassage(row["id"], entry_id, new.is_reply)
            await self._add_revision(added, new.event_id, new.sent_at, new.text, is_original=True)
            return added
        return None

    async def known(self, event_id: str) -> KnownPassage | None:
        """Return what is known of a message that was once added to an entry, or None."""
        rows = await self._connection.execute_fetchall(
            "SELECT id, entry_id, is_reply FROM passage WHERE event_id = ?", (event_id,)
        )
        return next((KnownPassage(row["id"], row["entry_id"], bool(row["is_reply"])) for row in rows), None)

    async def revise(self, passage: KnownPassage, edit: str, sent_at: int, text: str, *, is_held: bool = False) -> None:
        """Record an edited text; the latest edit counts, by `sent_at` (milliseconds) and event ID, but if held."""
        await self._add_revision(passage, edit, sent_at, text, is_original=False, is_held=is_held)

    async def of_entry(self, entry_id: int) -> tuple[Passage, ...]:
        """Return the passages of an entry that are not dropped, in the order sent."""
        rows = await self._connection.execute_fetchall(
            "SELECT event_id, sent_at, text FROM passage_now WHERE entry_id = ? ORDER BY sent_at, id", (entry_id,)
        )
        return tuple(Passage(row["event_id"], row["sent_at"], row["text"] or "") for row in rows)

    async def erase(self, event_id: str, room_id: str) -> int | None:
        """Erase a deleted message of a room; return the id of the entry that it belonged to, None where it is none."""
        rows = await self._connection.execute_fetchall(
            """SELECT passage.id, entry_id FROM passage JOIN entry ON entry.id = passage.entry_id
               WHERE passage.event_id = ? AND entry.room_id = ?""",
            (event_id, room_id),
        )
        for row in rows:
            await self._connection.execute("DELETE FROM revision WHERE passage_id = ?", (row["id"],))
            await self._connection.execute("DELETE FROM media_edit WHERE target = ?", (event_id,))
            await self._connection.execute("DELETE FROM passage WHERE id = ?", (row["id"],))
            return int(row["entry_id"])
        return None

    async def erase_of_entry(self, entry_id: int) -> None:
        """Erase all passages of an entry."""
        await self._connection.execute(
            "DELETE FROM revision WHERE entry_id = ? AND passage_id IS NOT NULL", (entry_id,)
        )
        await self._connection.execute("DELETE FROM passage WHERE entry_id = ?", (entry_id,))

    async def _add_revision(
        self,
        passage: KnownPassage,
        event_id: str,
        sent_at: int,
        text: str,
        *,
        is_original: bool,
        is_held: bool = False,
    ) -> None:
        await self._connection.execute(
            """INSERT OR IGNORE INTO revision (event_id, entry_id, passage_id, is_original, sent_at, text, is_held)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (event_id, passage.entry_id, passage.id, is_original, sent_at, text, is_held),
        )
        await empty_superseded(self._connection, passage.entry_id, passage.id)

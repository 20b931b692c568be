"""Entries with their texts, and the decisions about them: what happened is inserted, the present is read from it.

Every row is keyed by the event that made it, so recording the same event again changes nothing.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from twimbot.model.entry import Authority, Entry
from twimbot.store.connection import Connection
from twimbot.store.media import Medias
from twimbot.store.passages import Passages
from twimbot.store.revisions import empty_superseded

How = Literal["reaction", "command"]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a message becomes when it is taken up; times in milliseconds since 1970.

    `is_addressed`: its text is addressed to the bot; else it counts while a take-up of it stands, or such an edit.
    """

    publication: str
    edition: date
    room_id: str
    event_id: str
    sender: str
    display_name: str | None
    sent_at: int
    text: str
    is_reply: bool
    is_addressed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided something about an entry, by which event, and when (milliseconds since 1970)."""

    event_id: str
    sender: str
    at: int


@dataclass(frozen=True, slots=True)
class NewFiling:
    """A decision where an entry belongs; `department` None leaves that open, as does not `decides_project`."""

    department: str | None
    project: str | None
    decides_project: bool
    how: How
    authority: Authority = Authority.EDITOR


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a message that was once taken up, whether or not it counts now."""

    entry_id: int
    publication: str
    edition: date
    number: int
    room_id: str
    sender: str | None
    is_reply: bool
    is_deleted: bool


class Entries:
    """The entries, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._media = Medias(connection)
        self._passages = Passages(connection)

    async def take_up(self, new: NewEntry) -> int:
        """Record a message as an entry with the next number of its edition, or in its place; return the entry's id."""
        edition, number = await self._place_of(new)
        row = await self._one(
            """INSERT INTO entry (publication, edition, number, room_id, event_id, sender, display_name, sent_at,
                   is_reply)
               VALUES (?1, ?2, ?9, ?3, ?4, ?5, ?6, ?7, ?8)
               RETURNING id""",
            new.publication,
            edition.isoformat(),
            new.room_id,
            new.event_id,
            new.sender,
            new.display_name,
            new.sent_at,
            new.is_reply,
            number,
        )
        assert row is not None  # noqa: S101 - an INSERT with RETURNING gives its row
        await self._run(
            """INSERT OR IGNORE INTO revision (event_id, entry_id, is_original, sent_at, text, is_addressed)
               VALUES (?, ?, 1, ?, ?, ?)""",
            new.event_id,
            int(row["id"]),
            new.sent_at,
            new.text,
            new.is_addressed,
        )
        return int(row["id"])

    async def place(self, event_id: str, publication: str, edition: date, number: int) -> None:
        """Give a message the place that it is known to have as an entry, now or once it is one; others make way.

        An entry that was moved since stays where it is.
        """
        await self._make_way(event_id, publication, edition, number)
        await self._run(
            """UPDATE entry SET edition = ?, number = ?
               WHERE event_id = ? AND NOT EXISTS (SELECT 1 FROM move WHERE move.entry_id = entry.id)""",
            edition.isoformat(),
            number,
            event_id,
        )
        await self._run(
            """INSERT OR IGNORE INTO reservation (event_id, publication, edition, number)
               SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM entry WHERE event_id = ?1)""",
            event_id,
            publication,
            edition.isoformat(),
            number,
        )

    async def _make_way(self, event_id: str, publication: str, edition: date, number: int) -> None:
        await self._run(
            "UPDATE entry SET number = ? WHERE publication = ? AND edition = ? AND number = ? AND event_id <> ?",
            max(number + 1, await self._next_number(publication, edition)),
            publication,
            edition.isoformat(),
            number,
            event_id,
        )

    async def count(self) -> int:
        """Return how many entries there are that were not deleted."""
        row = await self._one("SELECT count(*) AS number FROM entry WHERE NOT is_deleted")
        return int(row["number"]) if row else 0

    async def known(self, event_id: str) -> Known | None:
        """Return what is known of a message that was once taken up, or None."""
        row = await self._one(
            """SELECT id, publication, edition, number, room_id, sender, is_reply, is_deleted
               FROM entry WHERE event_id = ?""",
            event_id,
        )
        if row is None:
            return None
        flags = (bool(row[name]) for name in ("is_reply", "is_deleted"))
        edition = date.fromisoformat(row["edition"])
        return Known(row["id"], row["publication"], edition, row["number"], row["room_id"], row["sender"], *flags)

    async def address(self, entry_id: int) -> None:
        """Note that the message is known to be addressed to the bot, so that it counts without anybody's reaction."""
        await self._run(
            "UPDATE revision SET is_addressed = 1 WHERE entry_id = ? AND is_original AND passage_id IS NULL", entry_id
        )

    async def name_sender(self, entry_id: int, name: str) -> None:
        """Put another name in the place of that by which the sender of an entry is called."""
        await self._run("UPDATE entry SET display_name = ? WHERE id = ? AND NOT is_deleted", name, entry_id)

    async def note_voice(self, room_id: str, thread: str, sender: str) -> None:
        """Note that somebody has spoken in a thread."""
        await self._run(
            "INSERT OR IGNORE INTO voice (room_id, thread, sender) VALUES (?, ?, ?)", room_id, thread, sender
        )

    async def is_discussed(self, room_id: str, thread: str, sender: str) -> bool:
        """Tell whether anybody but its sender has spoken in a thread."""
        statement = "SELECT 1 FROM voice WHERE room_id = ? AND thread = ? AND sender <> ? LIMIT 1"
        return await self._one(statement, room_id, thread, sender) is not None

    async def revise(
        self, entry_id: int, event_id: str, sent_at: int, text: str, *, is_addressed: bool, is_held: bool = False
    ) -> None:
        """Record an edited text of an entry; the latest edit counts, by `sent_at` and then by event ID, but if held.

        Of the edits before it, long texts go.

        `is_addressed`: it is addressed to the bot, so that the entry counts while this edit stands. An edit that is
        known, as it stood beside the message that was taken up, may turn out to be addressed; else it stays as it is.
        """
        await self._run(
            """INSERT INTO revision (event_id, entry_id, is_original, sent_at, text, is_addressed, is_held)
               VALUES (?, ?, 0, ?, ?, ?, ?)
               ON CONFLICT (event_id) DO UPDATE SET is_addressed = max(is_addressed, excluded.is_addressed)""",
            event_id,
            entry_id,
            sent_at,
            text,
            is_addressed,
            is_held,
        )
        await empty_superseded(self._connection, entry_id, None)

    async def rewrite(self, entry_id: int, passage: str | None, decision: Decision, text: str) -> None:
        """Record an editor's text in the place of the author's, of an entry's own message or a passage's.

        What the author has sent later is held against it.
        """
        await self._run(
            """UPDATE revision SET is_held = 1
               WHERE entry_id = ?1 AND passage_id IS (SELECT id FROM passage WHERE event_id = ?2)
                 AND NOT is_original AND sent_at > ?3""",
            entry_id,
            passage,
            decision.at,
        )
        await self._run(
            """INSERT OR IGNORE INTO revision (event_id, entry_id, passage_id, is_original, sent_at, text, sender)
               VALUES (?3, ?1, (SELECT id FROM passage WHERE event_id = ?2), 0, ?4, ?5, ?6)""",
            entry_id,
            passage,
            decision.event_id,
            decision.at,
            text,
            decision.sender,
        )

    async def rewritten_by(self, entry_id: int, passage: str | None = None) -> str | None:
        """Return the editor whose text counts as that of an entry's own message or a passage's; None: the author's."""
        row = await self._one(
            """SELECT sender FROM revision
               WHERE entry_id = ? AND passage_id IS (SELECT id FROM passage WHERE event_id = ?) AND NOT is_held
                 AND NOT is_emptied
               ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1""",
            entry_id,
            passage,
        )
        return row["sender"] if row else None

    async def rewriters(self, entry: Entry) -> list[str]:
        """Return the editors whose texts an entry has, each once."""
        parts = (None, *(passage.event_id for passage in entry.passages))
        found = [await self.rewritten_by(entry.id, part) for part in parts]
        return list(dict.fromkeys(editor for editor in found if editor))

    async def keeps_held(self, edit: str) -> bool | None:
        """Tell whether the text of an author's edit that is held is still kept; None where it is no such edit."""
        row = await self._one("SELECT is_emptied FROM revision WHERE event_id = ? AND is_held", edit)
        return not row["is_emptied"] if row else None

    async def release(self, edit: str) -> None:
        """Let an author's edit that is held count from now on, before all that counts so far."""
        await self._run(
            """UPDATE revision SET is_held = 0, sent_at = max(sent_at, 1 + (
                   SELECT max(sent_at) FROM revision AS other
                   WHERE other.entry_id = revision.entry_id AND other.passage_id IS revision.passage_id
                     AND NOT other.is_held))
               WHERE event_id = ? AND is_held AND NOT is_emptied""",
            edit,
        )

    async def withdraw_revision(self, edit: str, room_id: str) -> int | None:
        """Erase an edit that was taken back; return its entry's id, or None where it is no edit of that room.

        An editor's text may be given in another room than the entry's. What was held against it counts then.
        """
        row = await self._one(
            """DELETE FROM revision WHERE event_id = ?1 AND NOT is_original AND ?2 = coalesce(
                   (SELECT carried_out.room_id FROM carried_out WHERE carried_out.event_id = ?1),
                   (SELECT entry.room_id FROM entry WHERE entry.id = entry_id))
               RETURNING entry_id, passage_id, sender""",
            edit,
            room_id,
        )
        if row is None:
            return None
        if row["sender"]:
            await self._run(
                """UPDATE revision SET is_held = 0 WHERE entry_id = ?1 AND passage_id IS ?2 AND is_held
                     AND NOT EXISTS (SELECT 1 FROM revision AS other WHERE other.entry_id = ?1
                         AND other.passage_id IS ?2 AND other.sender IS NOT NULL)""",
                row["entry_id"],
                row["passage_id"],
            )
        return int(row["entry_id"])

    async def erase(self, entry_id: int) -> list[str]:
        """Erase what was said in an entry, and return the names of its kept files; its row and number remain."""
        await self._run("DELETE FROM revision WHERE entry_id = ?", entry_id)
        await self._passages.erase_of_entry(entry_id)
        await self._run(
            "UPDATE entry SET is_deleted = 1, sender = NULL, display_name = NULL WHERE id = ?",
            entry_id,
        )
        return await self._media.erase_of_entry(entry_id)

    async def file(self, entry_id: int, filing: NewFiling, decision: Decision) -> None:
        """Record where an entry belongs."""
        await self._run(
            """INSERT OR IGNORE INTO filing
                   (event_id, entry_id, sender, authority, how, department, project, decides_project, at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            entry_id,
            decision.sender,
            filing.authority,
            filing.how,
            filing.department,
            filing.project,
            filing.decides_project,
            decision.at,
        )

    async def judge(
        self, entry_id: int, how: How, decision: Decision, *, is_drop: bool, part: str | None = None
    ) -> None:
        """Record that an entry is left out of its edition, or brought back; or only the `part` that a message made."""
        await self._run(
            """INSERT OR IGNORE INTO verdict (event_id, entry_id, part, sender, how, is_drop, at)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            entry_id,
            part,
            decision.sender,
            how,
            is_drop,
            decision.at,
        )

    async def judged_by(self, entry_id: int) -> str | None:
        """Return who has last left an entry out of its edition, or brought it back; None where nobody has."""
        row = await self._one(
            """SELECT sender FROM verdict WHERE entry_id = ? AND part IS NULL AND NOT is_undone
               ORDER BY seq DESC LIMIT 1""",
            entry_id,
        )
        return str(row["sender"]) if row else None

    async def move(self, entry: Entry, edition: date, decision: Decision) -> int:
        """Move an entry to another edition; return its number there: the one that it had there before, or a new one."""
        number = await self._former_number(entry, edition) or await self._next_number(entry.publication, edition)
        await self._run(
            """INSERT INTO move (event_id, entry_id, sender, from_edition, from_number, to_edition, at)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            entry.id,
            decision.sender,
            entry.edition.isoformat(),
            entry.number,
            edition.isoformat(),
            decision.at,
        )
        await self._run("UPDATE entry SET edition = ?, number = ? WHERE id = ?", edition.isoformat(), number, entry.id)
        return number

    async def undo(self, reaction: str, room_id: str) -> int | None:
        """Take back what a reaction in a room decided; return the id of the entry that it was about.

        Returns None where it decided nothing, or was taken back before.
        """
        in_room = "EXISTS (SELECT 1 FROM entry WHERE entry.id = entry_id AND room_id = ?)"
        for table in ("filing", "verdict"):
            row = await self._one(
                f"""UPDATE {table} SET is_undone = 1
                    WHERE event_id = ? AND how = 'reaction' AND NOT is_undone AND {in_room} RETURNING entry_id""",  # noqa: S608 - constants
                reaction,
                room_id,
            )
            if row is not None:
                return int(row["entry_id"])
        return None

    async def with_part(self, event_id: str, room_id: str) -> Entry | None:
        """Return the entry that counts and to which a message of the room has added text or pictures, or None.

        The part itself may have been dropped, or its take-up taken back.
        """
        return await self._entry(
            """SELECT * FROM entry_now WHERE +room_id = ?2 AND id IN (
                   SELECT entry_id FROM passage WHERE event_id = ?1
                   UNION ALL SELECT entry_id FROM media WHERE event_id = ?1)""",
            event_id,
            room_id,
        )

    async def note_take_up(self, room_id: str, target: str, decision: Decision) -> None:
        """Record a reaction that takes up a message or a picture."""
        await self._run(
            "INSERT OR IGNORE INTO take_up (event_id, room_id, target, sender) VALUES (?, ?, ?, ?)",
            decision.event_id,
            room_id,
            target,
            decision.sender,
        )

    async def undo_take_up(self, reaction: str, room_id: str) -> str | None:
        """Take back a take-up reaction in a room; return the event that it stood on.

        Returns None where it was none, or was taken back before.
        """
        row = await self._one(
            "UPDATE take_up SET is_undone = 1 WHERE event_id = ? AND room_id = ? AND NOT is_undone RETURNING target",
            reaction,
            room_id,
        )
        return str(row["target"]) if row else None

    async def original_of(self, event_id: str) -> str:
        """Return the message whose edit an event is, or the event itself where it is none that is known."""
        row = await self._one(
            """SELECT coalesce(passage.event_id, entry.event_id) AS event_id
               FROM revision JOIN entry ON entry.id = revision.entry_id
               LEFT JOIN passage ON passage.id = revision.passage_id
               WHERE revision.event_id = ? AND revision.sender IS NULL""",
            event_id,
        )
        return str(row["event_id"]) if row else event_id

    async def said_by(self, room_id: str, sender: str, until: int | None) -> list[str]:
        """Return the events of somebody's in a room that the store holds something of, maybe with some of other rooms.

        `until` (milliseconds) leaves out what was sent later, and what is kept without its time; None: nothing.
        """
        rows = await self._connection.execute_fetchall(
            """WITH here AS MATERIALIZED (SELECT id, event_id, sender, sent_at FROM entry WHERE room_id = ?1)
               SELECT event_id, sent_at FROM here WHERE sender = ?2
               UNION SELECT passage.event_id, passage.sent_at FROM passage JOIN here ON here.id = entry_id
                   WHERE sender = ?2
               UNION SELECT media.event_id, media.sent_at FROM media JOIN here ON here.id = entry_id WHERE sender = ?2
               UNION SELECT revision.event_id, revision.sent_at FROM revision JOIN here ON here.id = entry_id
                   WHERE here.sender = ?2 AND revision.sender IS NULL
               UNION SELECT revision.event_id, revision.sent_at FROM carried_out JOIN revision USING (event_id)
                   WHERE carried_out.room_id = ?1 AND revision.sender = ?2
               UNION SELECT caption.event_id, caption.sent_at FROM here JOIN media ON media.entry_id = here.id
                   JOIN caption ON caption.media_id = media.id WHERE caption.sender = ?2
               UNION SELECT filing.event_id, at FROM filing JOIN here ON here.id = entry_id
                   WHERE filing.sender = ?2 AND how = 'reaction'
               UNION SELECT verdict.event_id, at FROM verdict JOIN here ON here.id = entry_id
                   WHERE verdict.sender = ?2 AND how = 'reaction'
               UNION SELECT caption.event_id, caption.sent_at FROM carried_out JOIN caption USING (event_id)
                   WHERE carried_out.room_id = ?1 AND caption.sender = ?2
               UNION SELECT event_id, sent_at FROM pong WHERE room_id = ?1 AND sender = ?2
               UNION SELECT event_id, NULL FROM failed_event WHERE room_id = ?1 AND sender = ?2
               UNION SELECT event_id, NULL FROM take_up WHERE room_id = ?1 AND sender = ?2
               UNION SELECT event_id, NULL FROM follower WHERE room_id = ?1 AND sender = ?2
               UNION SELECT event_id, sent_at FROM undecrypted WHERE room_id = ?1 AND sender = ?2
               UNION SELECT event_id, at FROM demand WHERE sender = ?2
               UNION SELECT event_id, at FROM proposal WHERE room_id = ?1 AND sender = ?2
               ORDER BY 2, 1""",
            (room_id, sender),
        )
        return [
            row["event_id"] for row in rows if until is None or (row["sent_at"] is not None and row["sent_at"] <= until)
        ]

    async def all_texts(self, entry_id: int) -> set[str]:
        """Return all texts of an entry and its further messages that are kept: superseded ones may not be."""
        rows = await self._connection.execute_fetchall(
            "SELECT text FROM revision WHERE entry_id = ? AND NOT is_emptied", (entry_id,)
        )
        return {row["text"] for row in rows}

    async def edition_of(self, entry_id: int) -> tuple[str, date]:
        """Return the publication and edition of an entry, whether or not it counts."""
        row = await self._one("SELECT publication, edition FROM entry WHERE id = ?", entry_id)
        assert row is not None  # noqa: S101 - entries are never removed
        return row["publication"], date.fromisoformat(row["edition"])

    async def by_id(self, entry_id: int) -> Entry | None:
        """Return an entry that counts, or None."""
        return await self._entry("SELECT * FROM entry_now WHERE id = ?", entry_id)

    async def by_event(self, event_id: str) -> Entry | None:
        """Return the entry that counts and was made from this message, or None."""
        return await self._entry("SELECT * FROM entry_now WHERE event_id = ?", event_id)

    async def by_number(self, publication: str, edition: date, number: int) -> Entry | None:
        """Return the entry with this number in an edition, or None."""
        return await self._entry(
            "SELECT * FROM entry_now WHERE publication = ? AND edition = ? AND number = ?",
            publication,
            edition.isoformat(),
            number,
        )

    async def latest_of(self, room_id: str, sender: str, until: int, since: date) -> Entry | None:
        """Return a sender's latest entry in a room sent no later than `until` (milliseconds), or None.

        Entries that are dropped, in editions before `since` or in published ones are not meant.
        """
        return await self._entry(
            """SELECT * FROM entry_now AS entry
               WHERE room_id = ? AND sender = ? AND sent_at <= ? AND edition >= ? AND NOT is_dropped
                 AND NOT coalesce((SELECT is_published FROM publishing
                     WHERE publishing.publication = entry.publication AND publishing.edition = entry.edition
                     ORDER BY seq DESC LIMIT 1), 0)
               ORDER BY sent_at DESC, id DESC LIMIT 1""",
            room_id,
            sender,
            until,
            since.isoformat(),
        )

    async def of_edition(self, publication: str, edition: date) -> list[Entry]:
        """Return the entries of an edition by number, the dropped ones included."""
        rows = await self._connection.execute_fetchall(
            "SELECT * FROM entry_now WHERE publication = ? AND edition = ? ORDER BY number",
            (publication, edition.isoformat()),
        )
        several = await self._with_parts(publication, edition)
        return [await self._complete(row) if row["id"] in several else _read(row) for row in rows]

    async def _with_parts(self, publication: str, edition: date) -> set[int]:
        """Return the ids of an edition's entries that people have added to: most have nothing to be asked for."""
        rows = await self._connection.execute_fetchall(
            """SELECT entry_id FROM entry JOIN passage ON entry_id = entry.id WHERE publication = ?1 AND edition = ?2
               UNION SELECT entry_id FROM entry JOIN media ON entry_id = entry.id
                   WHERE publication = ?1 AND edition = ?2""",
            (publication, edition.isoformat()),
        )
        return {row["entry_id"] for row in rows}

    async def _place_of(self, new: NewEntry) -> tuple[date, int]:
        """Return the edition and number that wait for a message, or the next number of its edition."""
        row = await self._one(
            "DELETE FROM reservation WHERE event_id = ? AND publication = ? RETURNING edition, number",
            new.event_id,
            new.publication,
        )
        if row:
            return date.fromisoformat(row["edition"]), int(row["number"])
        return new.edition, await self._next_number(new.publication, new.edition)

    async def _former_number(self, entry: Entry, edition: date) -> int | None:
        """Return the number that an entry had in an edition before it was moved away, None if it was never there."""
        row = await self._one(
            """SELECT from_number FROM move WHERE entry_id = ?1 AND from_edition = ?2 AND NOT EXISTS (
                   SELECT 1 FROM entry WHERE publication = ?3 AND edition = ?2 AND number = from_number)""",
            entry.id,
            edition.isoformat(),
            entry.publication,
        )
        return int(row["from_number"]) if row else None

    async def _next_number(self, publication: str, edition: date) -> int:
        """Return a number that no entry of an edition has, nor had before it was moved away."""
        row = await self._one(
            """SELECT 1 + max(
                   coalesce((SELECT max(number) FROM entry WHERE publication = ?1 AND edition = ?2), 0),
                   coalesce((SELECT max(number) FROM reservation WHERE publication = ?1 AND edition = ?2), 0),
                   coalesce((SELECT max(from_number) FROM move JOIN entry ON entry.id = move.entry_id
                             WHERE entry.publication = ?1 AND move.from_edition = ?2), 0)) AS number""",
            publication,
            edition.isoformat(),
        )
        assert row is not None  # noqa: S101 - a SELECT of aggregates gives a row
        return int(row["number"])

    async def _entry(self, statement: str, *values: object) -> Entry | None:
        row = await self._one(statement, *values)
        return await self._complete(row) if row else None

    async def _complete(self, row: sqlite3.Row) -> Entry:
        entry = _read(row)
        passages = await self._passages.of_entry(entry.id)
        return replace(entry, passages=passages, media=await self._media.of_entry(entry.id))

    async def _one(self, statement: str, *values: object) -> sqlite3.Row | None:
        rows = list(await self._connection.execute_fetchall(statement, values))
        return rows[0] if rows else None

    async def _run(self, statement: str, *values: object) -> int:
        cursor = await self._connection.execute(statement, values)
        return cursor.rowcount


def _read(row: sqlite3.Row) -> Entry:
    """Return an entry without what was added to it."""
    return Entry(
        id=row["id"],
        publication=row["publication"],
        edition=date.fromisoformat(row["edition"]),
        number=row["number"],
        room_id=row["room_id"],
        event_id=row["event_id"],
        sender=row["sender"],
        display_name=row["display_name"],
        sent_at=row["sent_at"],
        text=row["text"] or "",
        department=row["department"],
        project=row["project"],
        is_dropped=bool(row["is_dropped"]),
    )

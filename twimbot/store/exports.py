"""The entries of an edition as its last export found them, to tell what has changed since."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from twimbot.model.entry import Entry
from twimbot.store.connection import Connection

Picture = tuple[str, int, str]
"""A picture or video: the message that has it, its place in that, and its alternative text."""


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """An entry as it was exported; `text` and `pictures` are None where something of them was deleted since."""

    entry_id: int
    number: int
    department: str | None
    project: str | None
    is_dropped: bool
    text: str | None
    pictures: tuple[Picture, ...] | None


def text_of(entry: Entry) -> str:
    """Return all texts of an entry as one."""
    return "\n\n".join(entry.texts)


def pictures_of(entry: Entry) -> tuple[Picture, ...]:
    """Return the pictures and videos of an entry."""
    return tuple((media.event_id, media.position, media.alt) for media in entry.media)


class Exports:
    """The last exports, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, publication: str, edition: date, entries: Iterable[Entry]) -> None:
        """Put the entries of an edition, as they are exported, in the place of those of its export before."""
        key = (publication, edition.isoformat())
        await self._connection.execute("DELETE FROM exported_entry WHERE publication = ? AND edition = ?", key)
        for entry in entries:
            await self._connection.execute(
                """INSERT INTO exported_entry
                       (publication, edition, entry_id, number, department, project, is_dropped, text, pictures)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    *(*key, entry.id, entry.number, entry.department, entry.project, entry.is_dropped),
                    *(text_of(entry), json.dumps(pictures_of(entry))),
                ),
            )

    async def of_edition(self, publication: str, edition: date) -> dict[int, ExportedEntry]:
        """Return the entries of an edition's last export by their ids; empty where it was never exported."""
        rows = await self._connection.execute_fetchall(
            """SELECT entry_id, number, department, project, is_dropped, text, pictures FROM exported_entry
               WHERE publication = ? AND edition = ?""",
            (publication, edition.isoformat()),
        )
        return {
            row["entry_id"]: ExportedEntry(
                *(row["entry_id"], row["number"], row["department"], row["project"], bool(row["is_dropped"])),
                text=row["text"],
                pictures=None if row["pictures"] is None else tuple(map(_picture, json.loads(row["pictures"]))),
            )
            for row in rows
        }


def _picture(written: list[str | int]) -> Picture:
    event_id, position, alt = written
    return str(event_id), int(position), str(alt)

"""Editions: which there are, their Matrix Live video and cover, and whether they are out."""

import sqlite3
from datetime import date, datetime

from twimbot.model.calendar import Calendar
from twimbot.model.entry import Cover, LiveVideo
from twimbot.store.connection import Connection
from twimbot.store.entries import Decision


class Editions:
    """The editions, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def with_entries(self, publication: str, after: date = date.min) -> list[date]:
        """Return the editions after a day that have entries, the latest first."""
        rows = await self._connection.execute_fetchall(
            "SELECT DISTINCT edition FROM entry_now WHERE publication = ? AND edition > ? ORDER BY edition DESC",
            (publication, after.isoformat()),
        )
        return [date.fromisoformat(row["edition"]) for row in rows]

    async def due(self, publication: str, calendar: Calendar, now: datetime) -> date:
        """Return the edition that is meant where none is named (README, "In the room").

        For two days after a deadline that is the edition which has just closed, if it has entries and is not
        marked as published; else the coming one.
        """
        closed = calendar.just_closed(now)
        if closed and await self.has_entries(publication, closed) and not await self.is_published(publication, closed):
            return closed
        return calendar.edition_of(now)

    async def set_live(self, publication: str, edition: date, video: LiveVideo, decision: Decision) -> None:
        """Record the Matrix Live video of an edition."""
        await self._run(
            """INSERT OR IGNORE INTO live_video (event_id, publication, edition, sender, url, title, at)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            publication,
            edition.isoformat(),
            decision.sender,
            video.url,
            video.title,
            decision.at,
        )

    async def live(self, publication: str, edition: date) -> LiveVideo | None:
        """Return the Matrix Live video of an edition, or None."""
        row = await self._one(
            "SELECT url, title FROM live_video WHERE publication = ? AND edition = ? ORDER BY seq DESC LIMIT 1",
            publication,
            edition.isoformat(),
        )
        return LiveVideo(row["url"], row["title"]) if row and row["url"] else None

    async def set_cover(self, publication: str, edition: date, cover: Cover, decision: Decision) -> None:
        """Record the picture that stands for an edition; neither an address nor a picture: none does."""
        await self._run(
            """INSERT OR IGNORE INTO cover (event_id, publication, edition, sender, url, picture, position, at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            publication,
            edition.isoformat(),
            decision.sender,
            cover.url,
            *(cover.picture or (None, None)),
            decision.at,
        )

    async def cover(self, publication: str, edition: date) -> Cover | None:
        """Return the picture that stands for an edition, or None."""
        row = await self._one(
            "SELECT url, picture, position FROM cover WHERE publication = ? AND edition = ? ORDER BY seq DESC LIMIT 1",
            publication,
            edition.isoformat(),
        )
        if row is None or not (row["url"] or row["picture"]):
            return None
        return Cover(row["url"], (row["picture"], row["position"]) if row["picture"] else None)

    async def set_published(self, publication: str, edition: date, decision: Decision, *, is_published: bool) -> None:
        """Record that an edition is out, or that it is open again."""
        await self._run(
            """INSERT OR IGNORE INTO publishing (event_id, publication, edition, sender, is_published, at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            decision.event_id,
            publication,
            edition.isoformat(),
            decision.sender,
            is_published,
            decision.at,
        )

    async def is_published(self, publication: str, edition: date) -> bool:
        """Tell whether an edition has been marked as published."""
        row = await self._one(
            "SELECT is_published FROM publishing WHERE publication = ? AND edition = ? ORDER BY seq DESC LIMIT 1",
            publication,
            edition.isoformat(),
        )
        return bool(row and row["is_published"])

    async def is_out(self, publication: str, edition: date) -> bool:
        """Tell whether an edition has been marked as published, or its published post was imported."""
        row = await self._one(
            """SELECT 1 WHERE EXISTS (SELECT 1 FROM archive_post WHERE publication = ?1 AND edition = ?2)
                   OR (SELECT is_published FROM publishing WHERE publication = ?1 AND edition = ?2
                       ORDER BY seq DESC LIMIT 1)""",
            publication,
            edition.isoformat(),
        )
        return row is not None

    async def is_known(self, publication: str, edition: date) -> bool:
        """Tell whether an edition has ever had an entry, or a published post of it was imported."""
        row = await self._one(
            """SELECT 1 WHERE EXISTS (SELECT 1 FROM entry WHERE publication = ?1 AND edition = ?2)
                   OR EXISTS (SELECT 1 FROM archive_post WHERE publication = ?1 AND edition = ?2)""",
            publication,
            edition.isoformat(),
        )
        return row is not None

    async def has_entries(self, publication: str, edition: date) -> bool:
        """Tell whether anything counts in an edition that is not dropped."""
        row = await self._one(
            "SELECT 1 FROM entry_now WHERE publication = ? AND edition = ? AND NOT is_dropped LIMIT 1",
            publication,
            edition.isoformat(),
        )
        return row is not None

    async def _one(self, statement: str, *values: object) -> sqlite3.Row | None:
        rows = list(await self._connection.execute_fetchall(statement, values))
        return rows[0] if rows else None

    async def _run(self, statement: str, *values: object) -> None:
        await self._connection.execute(statement, values)

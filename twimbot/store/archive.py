"""The archive: what was published, of the time before the bot too."""

import hashlib
import json
from dataclasses import astuple
from datetime import date
from typing import NamedTuple

import aiosqlite

from twimbot.model.archive import ArchivedEntry, ArchivedPost


class ArchiveRow(NamedTuple):
    """A row to be: an entry with its place, and the post or the entry of the bot's own that it comes from."""

    publication: str
    edition: date
    position: int
    entry: ArchivedEntry
    post_id: int | None = None
    entry_id: int | None = None


class Archive:
    """The archive, in one transaction or snapshot."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def keep_post(self, publication: str, post: ArchivedPost) -> bool:
        """Put a published post in the place of all that is kept of its edition; return whether that changed anything.

        What was published outranks what the bot has of its own: editors change posts before they come out.
        """
        digest = _digest(post)
        if await self.digest(publication, post.edition) == digest:
            return False
        post_id = await self._post(publication, post, digest)
        await self._remove_edition(publication, post.edition)
        for position, entry in enumerate(post.entries):
            await self._add(ArchiveRow(publication, post.edition, position, entry, post_id))
        return True

    async def digest(self, publication: str, edition: date) -> str | None:
        """Return what stands for the content of an imported post; None where there is none of that edition."""
        rows = await self._connection.execute_fetchall(
            "SELECT digest FROM archive_post WHERE publication = ? AND edition = ?", (publication, edition.isoformat())
        )
        return next((row["digest"] for row in rows), None)

    async def posts(self, publication: str) -> list[ArchivedPost]:
        """Return the published posts, the earliest first."""
        posts = await self._connection.execute_fetchall(
            "SELECT id, edition, title FROM archive_post WHERE publication = ? ORDER BY edition", (publication,)
        )
        return [
            ArchivedPost(date.fromisoformat(row["edition"]), row["title"], await self._entries(row["id"]))
            for row in posts
        ]

    async def _entries(self, post_id: int) -> tuple[ArchivedEntry, ...]:
        rows = await self._connection.execute_fetchall(
            """SELECT sender, name, department, project, website, text FROM archive_entry
               WHERE post_id = ? ORDER BY position""",
            (post_id,),
        )
        return tuple(ArchivedEntry(*row) for row in rows)

    async def _post(self, publication: str, post: ArchivedPost, digest: str) -> int:
        rows = await self._connection.execute_fetchall(
            """INSERT INTO archive_post (publication, edition, title, digest) VALUES (?, ?, ?, ?)
               ON CONFLICT (publication, edition) DO UPDATE SET title = excluded.title, digest = excluded.digest
               RETURNING id""",
            (publication, post.edition.isoformat(), post.title, digest),
        )
        return next(int(row["id"]) for row in rows)

    async def _remove_edition(self, publication: str, edition: date) -> None:
        rows = await self._connection.execute_fetchall(
            "SELECT id FROM archive_entry WHERE publication = ? AND edition = ? ORDER BY id",
            (publication, edition.isoformat()),
        )
        for row in rows:
            await self._remove(row["id"])

    async def _add(self, row: ArchiveRow) -> None:
        await self._connection.execute(
            """INSERT INTO archive_entry (publication, edition, position, post_id, entry_id,
                   sender, name, department, project, website, text)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (row.publication, row.edition.isoformat(), row.position, row.post_id, row.entry_id, *astuple(row.entry)),
        )

    async def _remove(self, archived: int) -> None:
        await self._connection.execute("DELETE FROM archive_entry WHERE id = ?", (archived,))


def _digest(post: ArchivedPost) -> str:
    """Return what is the same for posts of the same content, wherever they were read from."""
    content = json.dumps([post.title, [astuple(entry) for entry in post.entries]])
    return hashlib.sha256(content.encode()).hexdigest()

"""The archive: what was published, of the time before the bot too."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import astuple, replace
from datetime import date
from typing import NamedTuple

from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.store.connection import Connection


class ArchiveRow(NamedTuple):
    """A row to be: an entry with its place, and the post or the entry of the bot's own that it comes from."""

    publication: str
    edition: date
    position: int
    entry: ArchivedEntry
    post_id: int | None = None
    entry_id: int | None = None


class PastEntry(NamedTuple):
    """A past entry as it is found: `likeness` is greater for what is more like that which was asked for, else 0.

    `is_published`: it stands in a post that was published.
    """

    department: str | None
    project: str | None
    website: str | None
    edition: date
    beginning: str
    is_published: bool
    likeness: float


Terms = Callable[[str], Collection[str]]
"""What tells the terms by which a text is found: each is a single token to the index (migration 0010)."""

MOST_LOOKED_UP = 16
"""By how many of its terms what is like a text is looked up: the rarest of them."""

MOST_USES = 200
"""Terms of more past entries are not looked up by: so the cost stays the same, however large the archive."""

BEGINNING = 240
"""How many characters of a past entry are told."""


class Archive:
    """The archive, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep_post(self, publication: str, post: ArchivedPost, terms: Terms) -> bool:
        """Put a published post in the place of all that is kept of its edition; return whether that changed anything.

        What was published outranks what the bot has of its own: editors change posts before they come out.
        """
        digest = _digest(post)
        if await self.digest(publication, post.edition) == digest:
            return False
        post_id = await self._post(publication, post, digest)
        await self._remove_edition(publication, post.edition)
        for position, entry in enumerate(post.entries):
            await self._add(ArchiveRow(publication, post.edition, position, entry, post_id), terms)
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

    async def learn(self, row: ArchiveRow, terms: Terms) -> None:
        """Keep an entry of the bot's own as an example, in the place of what was kept of it."""
        kept = await self._connection.execute_fetchall(
            """SELECT publication, edition, sender, name, department, project, website, text, terms FROM archive_entry
               WHERE entry_id = ?""",
            (row.entry_id,),
        )
        if [tuple(each) for each in kept] == [
            (row.publication, row.edition.isoformat(), *astuple(_kept(row)), " ".join(_found(row, terms)))
        ]:
            return
        if row.entry_id is not None:
            await self.forget(row.entry_id)
        await self._add(row, terms)

    async def forget(self, entry_id: int) -> None:
        """Forget an entry of the bot's own, if it is kept."""
        rows = await self._connection.execute_fetchall("SELECT id FROM archive_entry WHERE entry_id = ?", (entry_id,))
        for row in list(rows):
            await self._remove(row["id"])

    async def wipe(self) -> None:
        """Take what was forgotten out of the index for good: deleting leaves its terms there until pages are merged."""
        await self._connection.execute_beside("INSERT INTO archive_index (archive_index) VALUES ('optimize')")

    async def of_contributor(
        self, publication: str, sender: str, name: str, most: int, *, but: int = 0
    ) -> list[PastEntry]:
        """Return the latest entries of a Matrix ID, or of who was called by this name, the latest first.

        `but` is an entry of the bot's own that doesn't count.
        """
        rows = await self._connection.execute_fetchall(
            """SELECT department, project, website, edition, substr(text, 1, ?6) AS beginning,
                   post_id IS NOT NULL AS is_published, 0.0 AS likeness FROM (
                   SELECT * FROM (SELECT * FROM archive_entry WHERE publication = ?1 AND sender = ?2
                       AND entry_id IS NOT ?4 ORDER BY edition DESC, id DESC LIMIT ?5)
                   UNION SELECT * FROM (SELECT * FROM archive_entry WHERE publication = ?1 AND name = ?3
                       AND entry_id IS NOT ?4 ORDER BY edition DESC, id DESC LIMIT ?5))
               ORDER BY edition DESC, id DESC LIMIT ?5""",
            (publication, sender, name, but, most, BEGINNING),
        )
        return [_past(row) for row in rows]

    async def uses(self, publication: str, terms: Iterable[str], *, but: int = 0) -> Mapping[str, Mapping[str, int]]:
        """Return how many past entries have each term, by department as the posts write it ('': under none).

        All past entries have the term ''. `but` is an entry of the bot's own that doesn't count.
        """
        rows = await self._connection.execute_fetchall(
            """SELECT term, department, uses FROM archive_term
               WHERE publication = ? AND term IN (SELECT value FROM json_each(?))""",
            (publication, json.dumps(sorted(terms))),
        )
        own = await self._keys_of(but)
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            if number := row["uses"] - ((row["term"], row["department"]) in own):
                found.setdefault(row["term"], {})[row["department"]] = number
        return found

    async def _keys_of(self, entry_id: int) -> frozenset[tuple[str, str]]:
        """Return under which terms and departments an entry of the bot's own is counted."""
        rows = await self._connection.execute_fetchall(
            "SELECT publication, department, terms FROM archive_entry WHERE entry_id = ?", (entry_id,)
        )
        return frozenset((term, row["department"] or "") for row in rows for term in _counted(row))

    async def alike(
        self, publication: str, uses: Mapping[str, Mapping[str, int]], most: int, *, but: int = 0
    ) -> list[PastEntry]:
        """Return the past entries that are most like a text with these terms (see `uses`), by bm25."""
        counted = sorted((sum(by_department.values()), term) for term, by_department in uses.items())
        rare = [term for number, term in counted if number <= MOST_USES][:MOST_LOOKED_UP]
        if not rare:
            return []
        rows = await self._connection.execute_fetchall(
            """SELECT department, project, website, edition, substr(text, 1, ?) AS beginning,
                   post_id IS NOT NULL AS is_published, -bm25(archive_index) AS likeness
               FROM archive_index JOIN archive_entry ON archive_entry.id = archive_index.rowid
               WHERE archive_index MATCH ? AND publication = ? AND entry_id IS NOT ?
               ORDER BY bm25(archive_index), archive_entry.id LIMIT ?""",
            (BEGINNING, " OR ".join(f'"{term}"' for term in _indexed(publication, rare)), publication, but, most),
        )
        return [_past(row) for row in rows]

    async def _add(self, row: ArchiveRow, terms: Terms) -> None:
        found = _found(row, terms)
        await self._connection.execute(
            """INSERT INTO archive_entry (publication, edition, position, post_id, entry_id,
                   sender, name, department, project, website, text, terms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                *(row.publication, row.edition.isoformat(), row.position, row.post_id, row.entry_id),
                *astuple(_kept(row)),
                " ".join(found),
            ),
        )
        await self._connection.executemany(
            """INSERT INTO archive_term (publication, term, department, uses) VALUES (?, ?, ?, 1)
               ON CONFLICT (publication, term, department) DO UPDATE SET uses = uses + 1""",
            [(row.publication, term, row.entry.department or "") for term in ("", *found)],
        )

    async def _remove(self, archived: int) -> None:
        rows = await self._connection.execute_fetchall(
            "DELETE FROM archive_entry WHERE id = ? RETURNING publication, department, terms", (archived,)
        )
        for row in rows:
            keys = [(row["publication"], term, row["department"] or "") for term in _counted(row)]
            await self._connection.executemany(
                "UPDATE archive_term SET uses = uses - 1 WHERE publication = ? AND term = ? AND department = ?", keys
            )
            await self._connection.executemany(
                "DELETE FROM archive_term WHERE publication = ? AND term = ? AND department = ? AND uses = 0", keys
            )


def _indexed(publication: str, terms: Iterable[str]) -> list[str]:
    """Return terms as the index has them (migration 0013): a publication's cost it alone, however much others have."""
    return [f"{publication}:{term}" for term in terms]


def _counted(row: sqlite3.Row) -> list[str]:
    """Return the terms that a past entry is counted under, '' among them."""
    return ["", *row["terms"].split()]


def _found(row: ArchiveRow, terms: Terms) -> list[str]:
    """Return the terms that an entry is found by, in order."""
    return sorted(terms(f"{row.entry.project or ''}\n{row.entry.text}"))


def _kept(row: ArchiveRow) -> ArchivedEntry:
    """Return what is kept of an entry: of the bot's own the beginning, as its text is kept with its revisions."""
    return row.entry if row.post_id is not None else replace(row.entry, text=row.entry.text[:BEGINNING])


def _past(row: sqlite3.Row) -> PastEntry:
    return PastEntry(
        row["department"],
        row["project"],
        row["website"],
        date.fromisoformat(row["edition"]),
        row["beginning"],
        bool(row["is_published"]),
        row["likeness"],
    )


def _digest(post: ArchivedPost) -> str:
    """Return what is the same for posts of the same content, wherever they were read from."""
    content = json.dumps([post.title, [astuple(entry) for entry in post.entries]])
    return hashlib.sha256(content.encode()).hexdigest()

"""The archive: what was published, of the time before the bot too."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import astuple
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


class FoundEntry(NamedTuple):
    """A past entry that a search has found: `number` counts from 1, in the published post or in the bot's own edition.

    `entry_id` is the bot's own entry, None where a published post has it.
    """

    edition: date
    number: int
    entry_id: int | None
    name: str
    department: str | None
    project: str | None
    beginning: str


Terms = Callable[[str], Collection[str]]
"""What tells the terms by which a text is found."""

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

    async def post(self, publication: str, edition: date) -> ArchivedPost | None:
        """Return the published post of an edition that was imported, or None."""
        rows = await self._connection.execute_fetchall(
            "SELECT id, title FROM archive_post WHERE publication = ? AND edition = ?",
            (publication, edition.isoformat()),
        )
        for row in rows:
            return ArchivedPost(edition, row["title"], await self._entries(row["id"]))
        return None

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
            """SELECT publication, edition, sender, name, department, project, website, terms FROM archive_told
               WHERE entry_id = ?""",
            (row.entry_id,),
        )
        present = (row.publication, row.edition.isoformat(), *_beside_text(row.entry))
        if [(*tuple(each)[:-1], _read(each)) for each in kept] == [(*present, _found(row, terms))]:
            return
        if row.entry_id is not None:
            await self.forget(row.entry_id)
        await self._add(row, terms)

    async def forget(self, entry_id: int) -> None:
        """Forget an entry of the bot's own, if it is kept."""
        rows = await self._connection.execute_fetchall("SELECT id FROM archive_entry WHERE entry_id = ?", (entry_id,))
        for row in list(rows):
            await self._remove(row["id"])

    async def forget_published(self, archived: int) -> None:
        """Forget an entry of a published post, by its row."""
        await self._remove(archived)

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
            """SELECT department, project, website, edition, substr(text, 1, ?6) AS beginning, is_published,
                   0.0 AS likeness
               FROM (SELECT id AS latest FROM (
                   SELECT * FROM (SELECT id, edition FROM archive_entry WHERE publication = ?1 AND sender = ?2
                       AND entry_id IS NOT ?4 ORDER BY edition DESC, id DESC LIMIT ?5)
                   UNION SELECT * FROM (SELECT id, edition FROM archive_entry WHERE publication = ?1 AND name = ?3
                       AND entry_id IS NOT ?4 ORDER BY edition DESC, id DESC LIMIT ?5))
                   ORDER BY edition DESC, id DESC LIMIT ?5)
               CROSS JOIN archive_told ON archive_told.id = latest ORDER BY edition DESC, id DESC""",
            (publication, sender, name, but, most, BEGINNING),
        )
        return [_past(row) for row in rows]

    async def uses(self, publication: str, terms: Iterable[str], *, but: int = 0) -> Mapping[str, Mapping[str, int]]:
        """Return how many past entries have each term, by department as the posts write it ('': under none).

        All past entries have the term ''. `but` is an entry of the bot's own that doesn't count.
        """
        rows = list(
            await self._connection.execute_fetchall(
                """SELECT term, uses, (SELECT json_group_object(CAST(id AS TEXT), title) FROM archive_department
                       WHERE archive_department.publication = ?1) AS titles
                   FROM archive_term WHERE publication = ?1 AND term IN (SELECT value FROM json_each(?2))""",
                (publication, json.dumps(sorted(terms))),
            )
        )
        titles = json.loads(rows[0]["titles"]) if rows else {}
        own = await self._keys_of(but)
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            by_title = sorted((titles[department], uses) for department, uses in json.loads(row["uses"]).items())
            for title, uses in by_title:
                if number := uses - ((row["term"], title) in own):
                    found.setdefault(row["term"], {})[title] = number
        return found

    async def _keys_of(self, entry_id: int) -> frozenset[tuple[str, str]]:
        """Return under which terms and departments an entry of the bot's own is counted."""
        rows = await self._connection.execute_fetchall(
            "SELECT department, terms FROM archive_told WHERE entry_id = ?", (entry_id,)
        )
        return frozenset((term, row["department"] or "") for row in rows for term in _read(row))

    async def alike(
        self, publication: str, uses: Mapping[str, Mapping[str, int]], most: int, *, but: int = 0
    ) -> list[PastEntry]:
        """Return the past entries that are most like a text with these terms (see `uses`), by bm25."""
        counted = sorted((sum(by_department.values()), term) for term, by_department in uses.items())
        rare = [term for number, term in counted if number <= MOST_USES][:MOST_LOOKED_UP]
        if not rare:
            return []
        rows = await self._connection.execute_fetchall(
            """SELECT department, project, website, edition, substr(text, 1, ?4) AS beginning, is_published, likeness
               FROM (
                   SELECT rowid AS found, -bm25(archive_index) AS likeness FROM archive_index
                   WHERE archive_index MATCH (
                           SELECT coalesce(group_concat(id, ' OR '), '""') FROM (
                               SELECT id FROM archive_term
                               WHERE publication = ?1 AND term IN (SELECT value FROM json_each(?2)) ORDER BY term))
                       AND rowid IS NOT (SELECT id FROM archive_entry WHERE entry_id = ?3)
                   ORDER BY likeness DESC, found LIMIT ?5)
               CROSS JOIN archive_told ON archive_told.id = found ORDER BY likeness DESC, found""",
            (publication, json.dumps(rare), but, BEGINNING, most),
        )
        return [_past(row) for row in rows]

    async def search(self, publication: str, terms: Collection[str], most: int) -> list[FoundEntry]:
        """Return the past entries that have all of these terms, by bm25 the best first."""
        if not terms:
            return []
        rows = await self._connection.execute_fetchall(
            """SELECT edition, CASE WHEN post_id IS NULL THEN position ELSE position + 1 END AS number, entry_id, name,
                   department, project, (SELECT substr(text, 1, ?3) FROM archive_told WHERE archive_told.id = found)
                   AS beginning
               FROM (
                   SELECT rowid AS found, bm25(archive_index) AS rank FROM archive_index
                   WHERE archive_index MATCH (
                       SELECT CASE count(*) WHEN ?5 THEN group_concat(id, ' AND ') ELSE '""' END FROM archive_term
                       WHERE publication = ?1 AND term IN (SELECT value FROM json_each(?2)))
                   ORDER BY rank, found LIMIT ?4)
               CROSS JOIN archive_entry ON archive_entry.id = found ORDER BY rank, found""",
            (publication, json.dumps(sorted(terms)), BEGINNING, most, len(terms)),
        )
        return [FoundEntry(date.fromisoformat(row["edition"]), *tuple(row)[1:]) for row in rows]

    async def _add(self, row: ArchiveRow, terms: Terms) -> None:
        found = json.dumps(sorted(_found(row, terms)))
        number = await self._department(row.publication, row.entry.department)
        await self._connection.execute(
            """INSERT INTO archive_term (publication, term, uses)
               SELECT ?1, value, json_object(?2, 1) FROM json_each(?3) WHERE true
               ON CONFLICT (publication, term) DO UPDATE
                   SET uses = json_set(uses, '$.' || ?2, coalesce(json_extract(uses, '$.' || ?2), 0) + 1)""",
            (row.publication, str(number), found),
        )
        await self._connection.execute(
            """INSERT INTO archive_entry (publication, edition, position, post_id, entry_id,
                   sender, name, department, project, website, text, terms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (
                   SELECT group_concat(id, ' ') FROM archive_term
                   WHERE publication = ? AND term IN (SELECT value FROM json_each(?))))""",
            (
                *(row.publication, row.edition.isoformat(), row.position, row.post_id, row.entry_id),
                *_beside_text(row.entry),
                row.entry.text if row.post_id is not None else None,
                row.publication,
                found,
            ),
        )

    async def _remove(self, archived: int) -> None:
        rows = await self._connection.execute_fetchall(
            "DELETE FROM archive_entry WHERE id = ? RETURNING publication, department, terms", (archived,)
        )
        for row in rows:
            path = f"$.{await self._department(row['publication'], row['department'])}"
            numbers = f"[{row['terms'].replace(' ', ',')}]"
            await self._connection.execute(
                """UPDATE archive_term SET uses = CASE json_extract(uses, ?1) WHEN 1 THEN json_remove(uses, ?1)
                       ELSE json_set(uses, ?1, json_extract(uses, ?1) - 1) END
                   WHERE id IN (SELECT value FROM json_each(?2)) AND json_extract(uses, ?1)""",
                (path, numbers),
            )
            await self._connection.execute(
                "DELETE FROM archive_term WHERE id IN (SELECT value FROM json_each(?)) AND uses = '{}'", (numbers,)
            )

    async def _department(self, publication: str, title: str | None) -> int:
        """Return the number by which a department's entries are counted."""
        rows = await self._connection.execute_fetchall(
            """INSERT INTO archive_department (publication, title) VALUES (?, ?)
               ON CONFLICT (publication, title) DO UPDATE SET title = excluded.title RETURNING id""",
            (publication, title or ""),
        )
        return next(int(row["id"]) for row in rows)


def _read(row: sqlite3.Row) -> frozenset[str]:
    """Return the terms that a past entry is found by."""
    return frozenset(json.loads(row["terms"]))


def _beside_text(entry: ArchivedEntry) -> tuple[str | None, ...]:
    """Return what is kept of each past entry; an own one's text is kept with its revisions."""
    return entry.sender, entry.name, entry.department, entry.project, entry.website


def _found(row: ArchiveRow, terms: Terms) -> frozenset[str]:
    """Return the terms that an entry is found by and counted under, '' among them."""
    return frozenset(("", *terms(f"{row.entry.project or ''}\n{row.entry.text}")))


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

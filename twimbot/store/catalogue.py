"""What was changed in the room about the catalogue, what is proposed, and when its file is to be read again."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from twimbot.catalogue.changes import KINDS, Change, Kind, Value, left_open, merged
from twimbot.config import CataloguePart, ProjectPart, Publication
from twimbot.model.catalogue import FormerTitles
from twimbot.store.connection import Connection
from twimbot.store.entries import Decision


@dataclass(frozen=True, slots=True)
class Proposal:
    """A project that somebody proposed, in which message of which room."""

    event_id: str
    publication: str
    room_id: str
    sender: str
    project: ProjectPart


@dataclass(frozen=True, slots=True)
class ReloadJob:
    """An editor's wish that the configuration be read again; `room_id` is where the command was given."""

    event_id: str
    publication: str
    room_id: str


class Catalogues:
    """The catalogues' changes, proposals and readings, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def present(self, publication: Publication) -> Publication:
        """Return a publication as it was configured with its catalogue as it is now."""
        pending = await self.pending(publication.key)
        return merged(publication, pending).publication if pending else publication

    async def pending(self, publication: str) -> tuple[Change, ...]:
        """Return the changes that are not settled, in the order in which they were made."""
        rows = await self._connection.execute_fetchall(
            """SELECT event_id, kind, key, field, former, value FROM catalogue_change
               WHERE publication = ? AND NOT is_settled ORDER BY seq""",
            (publication,),
        )
        return tuple(map(_change, rows))

    async def note(self, publication: str, change: Change, decision: Decision) -> None:
        """Record a change, once."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO catalogue_change
                   (event_id, publication, sender, at, kind, key, field, former, value)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                change.event_id,
                publication,
                decision.sender,
                decision.at,
                change.kind,
                change.key,
                change.field,
                _written(change.former),
                _written(change.value),
            ),
        )

        if change.field == "title":
            await self._keep_title(publication, change.kind, change.key, str(change.former))

    async def _keep_title(self, publication: str, kind: Kind, key: str, title: str) -> None:
        await self._connection.execute(
            "INSERT OR REPLACE INTO former_title (publication, kind, title, key) VALUES (?, ?, ?, ?)",
            (publication, kind, title, key),
        )

    async def former_titles(self, publication: str) -> FormerTitles:
        """Return what the departments and projects of a publication were called before."""
        rows = await self._connection.execute_fetchall(
            "SELECT kind, title, key FROM former_title WHERE publication = ? ORDER BY kind, title", (publication,)
        )
        found: dict[str, list[tuple[str, str]]] = {"departments": [], "projects": []}
        for row in rows:
            found[row["kind"]].append((row["title"], row["key"]))
        return FormerTitles(tuple(found["departments"]), tuple(found["projects"]))

    async def last_of(self, publication: str, key: str) -> Change | None:
        """Return the latest change of what has a key, settled or not, or None."""
        rows = await self._connection.execute_fetchall(
            """SELECT event_id, kind, key, field, former, value FROM catalogue_change
               WHERE publication = ? AND key = ? ORDER BY seq DESC LIMIT 1""",
            (publication, key),
        )
        return next(map(_change, rows), None)

    async def settle(self, publication: Publication) -> None:
        """Let the file have the last word on what it has taken over or says otherwise; it does so for good.

        `publication` has the catalogue as the file has it now. That is kept, to be compared with the next one.
        """
        changes, former = await self.pending(publication.key), await self._file(publication.key)
        over = set(changes).difference(left_open(publication, former, changes))
        await self._connection.executemany(
            "UPDATE catalogue_change SET is_settled = 1 WHERE event_id = ?", [(change.event_id,) for change in over]
        )

        for kind, key, title in _retitled(former, publication.catalogue_part):
            await self._keep_title(publication.key, kind, key, title)
        await self._connection.execute(
            "INSERT OR REPLACE INTO catalogue_file (publication, content) VALUES (?, ?)",
            (publication.key, publication.catalogue_part.model_dump_json(exclude_defaults=True)),
        )

    async def _file(self, publication: str) -> CataloguePart | None:
        """Return the catalogue as its file had it when it was read last, or None."""
        rows = await self._connection.execute_fetchall(
            "SELECT content FROM catalogue_file WHERE publication = ?", (publication,)
        )
        return next((CataloguePart.model_validate_json(row["content"]) for row in rows), None)

    async def propose(self, proposal: Proposal, at: int) -> None:
        """Record a proposal made at a time (milliseconds since 1970)."""
        project = _written(proposal.project)
        await self._connection.execute(
            """INSERT OR IGNORE INTO proposal (event_id, publication, room_id, sender, at, key, project)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                proposal.event_id,
                proposal.publication,
                proposal.room_id,
                proposal.sender,
                at,
                proposal.project.key,
                project,
            ),
        )

    async def proposal(self, event_id: str) -> Proposal | None:
        """Return the open proposal that a message made, or None."""
        rows = await self._connection.execute_fetchall(
            """SELECT event_id, publication, room_id, sender, project FROM proposal
               WHERE event_id = ? AND event_id NOT IN (SELECT proposal FROM proposal_decision)""",
            (event_id,),
        )
        return next(map(_proposal, rows), None)

    async def proposals(self, publication: str) -> list[Proposal]:
        """Return the open proposals of a publication, the oldest first."""
        rows = await self._connection.execute_fetchall(
            """SELECT event_id, publication, room_id, sender, project FROM proposal
               WHERE publication = ? AND event_id NOT IN (SELECT proposal FROM proposal_decision)
               ORDER BY at, event_id""",
            (publication,),
        )
        return list(map(_proposal, rows))

    async def decide(self, proposal: Proposal, decision: Decision, *, is_accepted: bool) -> None:
        """Record an editor's yes or no to an open proposal."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO proposal_decision (event_id, proposal, sender, at, is_accepted)
               VALUES (?, ?, ?, ?, ?)""",
            (decision.event_id, proposal.event_id, decision.sender, decision.at, is_accepted),
        )

    async def erase_proposal(self, event_id: str, room_id: str) -> str | None:
        """Erase a proposal whose message was deleted from its room; return its publication, None if there was none."""
        rows = await self._connection.execute_fetchall(
            "DELETE FROM proposal WHERE event_id = ? AND room_id = ? RETURNING publication", (event_id, room_id)
        )
        return next((str(row["publication"]) for row in rows), None)

    async def ask_for_reload(self, job: ReloadJob, at: int) -> None:
        """Record that the configuration is to be read again."""
        await self._connection.execute(
            "INSERT OR IGNORE INTO reload_job (event_id, publication, room_id, at) VALUES (?, ?, ?, ?)",
            (job.event_id, job.publication, job.room_id, at),
        )

    async def reloads_waiting(self) -> list[ReloadJob]:
        """Return the wishes that are still to be fulfilled, the oldest first."""
        rows = await self._connection.execute_fetchall(
            "SELECT event_id, publication, room_id FROM reload_job WHERE NOT is_done ORDER BY at, event_id"
        )
        return [ReloadJob(*row) for row in rows]

    async def end_reload(self, event_id: str) -> None:
        """Note that a wish was fulfilled, and its answer is in the outbox or in the room."""
        await self._connection.execute("UPDATE reload_job SET is_done = 1 WHERE event_id = ?", (event_id,))


def _change(row: sqlite3.Row) -> Change:
    read = (_read(row["former"], row["field"]), _read(row["value"], row["field"]))
    return Change(row["event_id"], row["kind"], row["key"], row["field"], *read)


def _proposal(row: sqlite3.Row) -> Proposal:
    project = ProjectPart.model_validate_json(row["project"])
    return Proposal(row["event_id"], row["publication"], row["room_id"], row["sender"], project)


def _written(value: Value) -> str | None:
    return value.model_dump_json(exclude_defaults=True) if isinstance(value, ProjectPart) else value


def _read(written: str | None, field: str | None) -> Value:
    return ProjectPart.model_validate_json(written) if written is not None and field is None else written


def _retitled(former: CataloguePart | None, present: CataloguePart) -> Iterator[tuple[Kind, str, str]]:
    """Yield the titles that departments and projects had in a former file and have no more, with their kind and key."""
    for kind in KINDS if former else ():
        titles = {row.key: row.title for row in getattr(present, kind)}
        for row in getattr(former, kind):
            if titles.get(row.key, row.title) != row.title:
                yield kind, row.key, row.title

"""How entries came to stand where they do: which decision of a person counts, and what the bot thinks."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from twimbot.model.entry import Authority
from twimbot.model.filing import Guess
from twimbot.store.connection import Connection
from twimbot.store.guesses import read_guess

HIGHEST = """NOT is_undone ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2
    ELSE 1 END DESC, seq DESC LIMIT 1"""

STANDINGS = f"""
    SELECT entry.id, guess.department, guess.project, guess.departments, guess.projects,
        of_department.sender AS department_sender, of_department.authority AS department_authority,
        of_department.at AS department_at,
        of_project.sender AS project_sender, of_project.authority AS project_authority, of_project.at AS project_at
    FROM entry
    LEFT JOIN guess ON guess.entry_id = entry.id
    LEFT JOIN filing AS of_department ON of_department.seq =
        (SELECT seq FROM filing WHERE entry_id = entry.id AND department IS NOT NULL AND {HIGHEST})
    LEFT JOIN filing AS of_project ON of_project.seq =
        (SELECT seq FROM filing WHERE entry_id = entry.id AND decides_project AND {HIGHEST})"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Filed:
    """A person's decision: who made it, with which authority, and when (milliseconds since 1970)."""

    sender: str
    authority: Authority
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Which decisions gave an entry its department and its project (None: no person's), and what the bot thinks."""

    department: Filed | None
    project: Filed | None
    guess: Guess


class Standings:
    """The standings, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_entry(self, entry_id: int) -> Standing:
        """Return how an entry came to stand where it does."""
        rows = await self._connection.execute_fetchall(f"{STANDINGS} WHERE entry.id = ?", (entry_id,))
        return next(_standing(row) for row in rows)

    async def of_edition(self, publication: str, edition: date) -> dict[int, Standing]:
        """Return how the entries of an edition came to stand where they do, by their ids."""
        rows = await self._connection.execute_fetchall(
            f"{STANDINGS} WHERE entry.publication = ? AND entry.edition = ?", (publication, edition.isoformat())
        )
        return {row["id"]: _standing(row) for row in rows}


def _standing(row: sqlite3.Row) -> Standing:
    return Standing(_filed(row, "department"), _filed(row, "project"), read_guess(row))


def _filed(row: sqlite3.Row, what: str) -> Filed | None:
    if row[f"{what}_sender"] is None:
        return None
    return Filed(row[f"{what}_sender"], Authority(row[f"{what}_authority"]), row[f"{what}_at"])

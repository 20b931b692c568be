"""What the bot thinks where entries belong; a guess is replaced by the next, people's decisions are elsewhere."""

import json
import sqlite3
from collections.abc import Iterable

from twimbot.model.filing import Candidate, Guess, Reason, ReasonKind
from twimbot.store.connection import Connection


class Guesses:
    """The guesses, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, entry_id: int, guess: Guess) -> None:
        """Put a guess in the place of the former one of an entry."""
        await self._connection.execute(
            """INSERT INTO guess (entry_id, department, project, departments, projects) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (entry_id) DO UPDATE SET department = excluded.department, project = excluded.project,
                   departments = excluded.departments, projects = excluded.projects""",
            (entry_id, guess.department, guess.project, _written(guess.departments), _written(guess.projects)),
        )

    async def erase(self, entry_id: int) -> None:
        """Forget what was thought of an entry: the reasons quote its words."""
        await self._connection.execute("DELETE FROM guess WHERE entry_id = ?", (entry_id,))

    async def of_entry(self, entry_id: int) -> Guess:
        """Return what the bot thinks of an entry; an empty guess where it has not thought of it."""
        rows = await self._connection.execute_fetchall(
            "SELECT department, project, departments, projects FROM guess WHERE entry_id = ?", (entry_id,)
        )
        for row in rows:
            return read_guess(row)
        return Guess()


def read_guess(row: sqlite3.Row) -> Guess:
    """Return the guess that a row's columns hold; an empty one where a join found none."""
    if row["departments"] is None:
        return Guess()
    return Guess(_read(row["departments"]), _read(row["projects"]), row["department"], row["project"])


def _written(candidates: Iterable[Candidate]) -> str:
    return json.dumps(
        [[each.key, each.confidence, [[reason.kind, reason.detail] for reason in each.reasons]] for each in candidates],
        ensure_ascii=False,
    )


def _read(written: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(key, confidence, tuple(Reason(ReasonKind(kind), detail) for kind, detail in reasons))
        for key, confidence, reasons in json.loads(written)
    )

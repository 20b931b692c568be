"""What is to be said: rows that are written with the effects of a batch, and sent until they are sent.

A row's transaction id is made from the event that caused it and its purpose, so that writing it again is
nothing, and sending it again is the same send to the homeserver.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from twimbot.model.event import CAUSE, PLACE, Cause, Reaction
from twimbot.store.connection import Connection

MESSAGE, REDACTION = "m.room.message", "m.room.redaction"

ANSWER = "answer"
"""What the purpose of an answer to a command begins with."""

PROPOSAL = "proposal"
"""What the outbox calls the notice of a proposed project, by reactions to which editors decide."""

ACKNOWLEDGEMENTS, ANSWERS, SUGGESTIONS = -1, 0, 1
"""The lanes: where a homeserver limits the rate, acknowledgements go first, and nothing waits behind suggestions.

The order in a room is kept where it shows: among messages, among the reactions of a lane, and between a reaction and
what takes it back, which has the same lane. Which of two reactions on different messages came first shows nowhere.
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is to be sent next in its room.

    `redacts` is the event that a redaction takes back; `is_outdated`: a later row takes this one back; `is_secret`: the
    room is encrypted; `can_wait`: it is a suggestion.
    """

    seq: int
    transaction_id: str
    room_id: str
    type: str
    content: Mapping[str, Any]
    cause: str
    redacts: str | None = None
    is_outdated: bool = False
    is_secret: bool = False
    can_wait: bool = False


def transaction_id(cause: str, purpose: str) -> str:
    """Return the transaction id for what an event causes, in the letters that every server takes."""
    return f"twimbot-{digest(cause, purpose).hex()}"


def digest(cause: str, purpose: str) -> bytes:
    """Return what the store keeps of a transaction id: the rest of it is the same for all."""
    return hashlib.sha256(f"{cause}\n{purpose}".encode()).digest()[:16]


def _reaction_digest(cause: str, purpose: str, target: str) -> bytes:
    """Return the digest for a reaction, of which one event may cause the same on several others."""
    return digest(cause, f"{purpose} on {target}")


class Outbox:
    """The outbox, in one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(
        self, room_id: str, content: Mapping[str, Any], cause: str, purpose: str, *, lane: int = ANSWERS
    ) -> None:
        """Put a message into the outbox; it bears what it answers, by which `recognise_message` knows it again."""
        marked = {**content, CAUSE: {"event_id": cause, "purpose": purpose}}
        await self._add(room_id, marked, cause, purpose, lane=lane)

    async def cause_of(self, event_id: str, purpose: str) -> str | None:
        """Return the event that caused one of the bot's messages of this purpose, or None where it is none."""
        rows = await self._connection.execute_fetchall(
            "SELECT cause FROM outbox WHERE event_id = ? AND type = 'm.room.message' AND purpose = ?",
            (event_id, purpose),
        )
        return next((str(row["cause"]) for row in rows), None)

    async def answered_by(self, event_id: str, room_id: str) -> Cause | None:
        """Return what one of the bot's messages in a room answers, and to what end; None where it is none of them."""
        rows = await self._connection.execute_fetchall(
            """SELECT cause, purpose FROM outbox
               WHERE event_id = ? AND type = 'm.room.message' AND room_id = ?""",
            (event_id, room_id),
        )
        return next((Cause(row["cause"], row["purpose"]) for row in rows), None)

    async def is_sent(self, cause: str, purpose: str) -> bool:
        """Tell whether a message of this purpose was sent for an event."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM outbox WHERE digest = ? AND event_id IS NOT NULL", (digest(cause, purpose),)
        )
        return bool(list(rows))

    async def is_known(self, cause: str, purpose: str) -> bool:
        """Tell whether there is or was a message of this purpose for an event, whether or not it was sent."""
        rows = await self._connection.execute_fetchall(
            "SELECT 1 FROM outbox WHERE digest = ?", (digest(cause, purpose),)
        )
        return bool(list(rows))

    async def recognise_message(self, room_id: str, cause: Cause, event_id: str) -> None:
        """Note that the bot has said something, as which event, where the store doesn't know yet.

        It may be restored from a copy, or new: what stands in the room is not said again.
        """
        await self._connection.execute(
            """INSERT INTO outbox (digest, room_id, cause, purpose, state, event_id) VALUES (?, ?, ?, ?, 'sent', ?)
               ON CONFLICT (digest) DO UPDATE
                   SET state = 'sent', event_id = excluded.event_id, content = NULL WHERE event_id IS NULL""",
            (digest(cause.event_id, cause.purpose), room_id, cause.event_id, cause.purpose, event_id),
        )

    async def cancel(self, room_id: str, cause: str, purpose: str) -> None:
        """Let a message of this purpose unsaid that waits to be said in a room, for an event there."""
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled', content = NULL
               WHERE digest = ? AND room_id = ? AND state = 'pending'""",
            (digest(cause, purpose), room_id),
        )

    async def cancel_about(self, room_id: str, event_id: str) -> None:
        """Let unsaid what waits to be said to an event that was deleted from a room, but for answers to commands.

        Those tell what was done, which a deletion does not undo.
        """
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled', content = NULL
               WHERE state = 'pending' AND type = 'm.room.message' AND room_id = ? AND cause = ?
                 AND purpose NOT GLOB ?""",
            (room_id, event_id, f"{ANSWER}*"),
        )

    async def cancel_naming(self, event_id: str) -> None:
        """Let unsaid what waits to be said of an entry, by its message, anywhere: it may quote what was deleted."""
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled', content = NULL
               WHERE state = 'pending' AND type = 'm.room.message'
                 AND (instr(content, ?1 || '"') OR instr(content, ?1 || '?'))""",
            (event_id.removeprefix("$"),),  # with what stands behind it, as it may be the beginning of another one
        )

    async def withdraw_answers(self, publication: str, instead: Mapping[str, Any]) -> None:
        """Put other words in the place of all answers that wait in a publication's rooms, and send none of its files.

        Any of them may quote what was deleted. `instead` is the `body` and `formatted_body` of what is said.
        """
        await self._connection.execute(
            """UPDATE outbox SET content = json_set(content, '$.body', ?2, '$.formatted_body', ?3)
               WHERE state = 'pending' AND type = 'm.room.message' AND purpose GLOB ?4
                 AND room_id IN (SELECT room_id FROM room WHERE publication = ?1)""",
            (publication, instead["body"], instead["formatted_body"], f"{ANSWER}*"),
        )
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled', content = NULL
               WHERE state = 'pending' AND type = 'm.room.message' AND purpose GLOB 'file *'
                 AND room_id IN (SELECT room_id FROM room WHERE publication = ?1)""",
            (publication,),
        )

    async def withhold(self, room_id: str, cause: str, purpose: str) -> None:
        """Note that a message is never to be sent, however often its cause is seen again."""
        await self._connection.execute(
            """INSERT OR IGNORE INTO outbox (digest, room_id, cause, purpose, state)
               VALUES (?, ?, ?, ?, 'cancelled')""",
            (digest(cause, purpose), room_id, cause, purpose),
        )

    async def send_or_withhold(
        self, room_id: str, content: Mapping[str, Any], cause: str, purpose: str, *, is_withheld: bool
    ) -> None:
        """Put a message into the outbox, or note that it is never to be sent: what it is about is history."""
        if is_withheld:
            await self.withhold(room_id, cause, purpose)
        else:
            await self.send(room_id, content, cause, purpose)

    async def recognise_reaction(self, reaction: Reaction) -> bool:
        """Note which event one of the bot's reactions is, where its sending did not tell; return whether it did not.

        It is the row with the same cause, else one that nothing takes back: what was taken back before stands in no
        history.
        """
        mark, target = reaction.cause, reaction.target
        same = _reaction_digest(mark.event_id, mark.purpose, target) if mark else None
        cursor = await self._connection.execute(
            """UPDATE outbox SET event_id = ?1, state = 'sent', content = NULL, cause = NULL
               WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE subject = ?2 AND event_id = ?1) AND seq = (
                   SELECT seq FROM outbox AS row
                   WHERE subject = ?2 AND purpose = ?3 AND state IN ('pending', 'sent') AND event_id IS NULL
                   ORDER BY digest IS ?4 DESC,
                       EXISTS (SELECT 1 FROM outbox AS later WHERE later.redacts = row.seq), seq
                   LIMIT 1)""",
            (reaction.event_id, target, f"react {reaction.key}", same),
        )
        return cursor.rowcount > 0

    async def recognise_redaction(self, reaction: str) -> None:
        """Note that the bot has taken back one of its reactions, where its sending did not tell."""
        await self._connection.execute(
            """UPDATE outbox SET state = 'sent', content = NULL, cause = NULL
               WHERE state = 'pending'
                 AND (SELECT event_id FROM outbox AS row WHERE row.seq = outbox.redacts) = ?""",
            (reaction,),
        )

    async def cancel_outdated(self) -> None:
        """Drop what waits to be made and to be taken back again: right where none of it was ever tried."""
        await self._connection.execute(
            """WITH pair AS MATERIALIZED (
                   SELECT later.seq AS redaction, row.seq AS reaction FROM outbox AS later INDEXED BY outbox_pending
                   JOIN outbox AS row ON row.seq = later.redacts
                   WHERE row.state = 'pending' AND later.state = 'pending')
               UPDATE outbox SET state = 'cancelled', content = NULL, cause = NULL
               WHERE seq IN (SELECT redaction FROM pair UNION SELECT reaction FROM pair)"""
        )

    async def react(
        self,
        room_id: str,
        target: str,
        key: str,
        cause: str,
        *,
        lane: int = ANSWERS,
        place: tuple[date, int] | None = None,
    ) -> None:
        """Put a reaction into the outbox; it may bear the edition and number that the target got as an entry."""
        purpose = f"react {key}"
        content: dict[str, Any] = {
            "m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key},
            CAUSE: {"event_id": cause, "purpose": purpose},
        }
        if place:
            content[PLACE] = {"edition": place[0].isoformat(), "number": place[1]}
        await self._add(room_id, content, cause, purpose, target, lane)

    async def reactions_on(self, room_id: str, target: str) -> dict[int, str]:
        """Return the bot's own standing reactions on an event of a room, as rows and keys, in the order made."""
        rows = await self._connection.execute_fetchall(
            """SELECT seq, purpose FROM outbox AS row
               WHERE subject = ? AND room_id = ? AND type = 'm.reaction' AND state IN ('pending', 'sent')
                 AND NOT EXISTS (SELECT 1 FROM outbox AS later WHERE later.redacts = row.seq)
               ORDER BY seq""",
            (target, room_id),
        )
        return {row["seq"]: row["purpose"].removeprefix("react ") for row in rows}

    async def suggested(self, target: str) -> int:
        """Return how many suggestions an event has had, the former ones included."""
        rows = await self._connection.execute_fetchall(
            "SELECT count(*) AS number FROM outbox WHERE subject = ? AND lane = ? AND type = 'm.reaction'",
            (target, SUGGESTIONS),
        )
        return next(int(row["number"]) for row in rows)

    async def take_back(self, seq: int, cause: str) -> None:
        """Put a redaction of one of the bot's own reactions into the outbox."""
        rows = await self._connection.execute_fetchall("SELECT subject, purpose FROM outbox WHERE seq = ?", (seq,))
        for row in rows:
            # Not by the row's number, which may be another one's in a database that was put back from a copy.
            same = digest(cause, f"take back {row['purpose']} on {row['subject']}")
            await self._connection.execute(
                """INSERT OR IGNORE INTO outbox (digest, room_id, content, cause, purpose, lane, redacts, state)
                   SELECT ?, room_id, '{}', ?, 'take back', lane, seq, 'pending' FROM outbox WHERE seq = ?""",
                (same, cause, seq),
            )

    async def rooms_waiting(self) -> list[str]:
        """Return the rooms for which something waits, without those that the bot was put out of."""
        rows = await self._connection.execute_fetchall(
            """SELECT DISTINCT room_id FROM outbox WHERE state = 'pending'
                 AND room_id NOT IN (SELECT room_id FROM room WHERE loss = 'out') ORDER BY room_id"""
        )
        return [row["room_id"] for row in rows]

    async def count_waiting(self) -> int:
        """Return how many rows are still to be sent."""
        rows = await self._connection.execute_fetchall("SELECT count(*) AS number FROM outbox WHERE state = 'pending'")
        return int(rows[0]["number"])

    async def last(self) -> int:
        """Return the number of the latest row, 0 where there is none."""
        rows = list(await self._connection.execute_fetchall("SELECT coalesce(max(seq), 0) AS last FROM outbox"))
        return int(rows[0]["last"])

    async def next_in(self, room_id: str, put_off: Collection[int] = ()) -> Waiting | None:
        """Return what is to be sent next in a room, or None; of the rows put off those alone that are outdated."""
        rows = list(
            await self._connection.execute_fetchall(
                """SELECT row.seq, row.transaction_id, row.room_id, row.type, row.content, row.cause, row.lane,
                       target.event_id AS redacts,
                       EXISTS (SELECT 1 FROM outbox AS later WHERE later.redacts = row.seq) AS is_outdated,
                       EXISTS (SELECT 1 FROM room WHERE room.room_id = row.room_id AND is_encrypted) AS is_secret
                   FROM outbox AS row LEFT JOIN outbox AS target ON target.seq = row.redacts
                   WHERE row.state = 'pending' AND row.room_id = ?
                     AND (row.seq NOT IN (SELECT value FROM json_each(?)) OR is_outdated)
                   ORDER BY row.lane, row.seq LIMIT 1""",
                (room_id, json.dumps(list(put_off))),
            )
        )
        if not rows:
            return None
        row = rows[0]
        return Waiting(
            row["seq"],
            row["transaction_id"],
            row["room_id"],
            row["type"],
            json.loads(row["content"]),
            row["cause"],
            row["redacts"],
            bool(row["is_outdated"]),
            bool(row["is_secret"]),
            row["lane"] == SUGGESTIONS,
        )

    async def mark_sent(self, seq: int, event_id: str | None) -> None:
        """Note a row as sent, and empty it; without an event ID where the homeserver had it already."""
        await self._end(seq, "sent", event_id, None)

    async def mark_made_before(self, seq: int) -> None:
        """Note a reaction as sent that stands in the room already, as the event that the bot knows it as, if any."""
        rows = await self._connection.execute_fetchall(
            """SELECT former.event_id FROM outbox AS row
               JOIN outbox AS former ON former.subject = row.subject AND former.purpose = row.purpose
               WHERE row.seq = ? AND former.event_id IS NOT NULL ORDER BY former.seq DESC LIMIT 1""",
            (seq,),
        )
        await self.mark_sent(seq, next((str(row["event_id"]) for row in rows), None))

    async def mark_refused(self, seq: int, reason: str) -> None:
        """Note that the homeserver refused a row for good, and why."""
        await self._end(seq, "refused", None, reason)

    async def mark_cancelled(self, seq: int) -> None:
        """Note that there is nothing to send any more: what a redaction takes back was never there."""
        await self._end(seq, "cancelled", None, None)

    async def _add(
        self,
        room_id: str,
        content: Mapping[str, Any],
        cause: str,
        purpose: str,
        subject: str | None = None,
        lane: int = ANSWERS,
    ) -> None:
        await self._connection.execute(
            """INSERT OR IGNORE INTO outbox (digest, room_id, content, cause, purpose, lane, subject, state)
               VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')""",
            (
                _reaction_digest(cause, purpose, subject) if subject else digest(cause, purpose),
                room_id,
                json.dumps(content, ensure_ascii=False),
                cause,
                purpose,
                lane,
                subject,
            ),
        )

    async def _end(self, seq: int, state: str, event_id: str | None, reason: str | None) -> None:
        await self._connection.execute(
            """UPDATE outbox SET state = ?, event_id = coalesce(?, event_id), reason = ?, content = NULL,
                   cause = CASE type WHEN 'm.room.message' THEN cause END WHERE seq = ?""",
            (state, event_id, reason, seq),
        )

"""Revisions: the texts that a message of an entry has had, and how much of the superseded ones is kept."""

from twimbot.store.connection import Connection

LATEST_KEPT = 2
"""How many of a message's latest edits keep their text whatever its length: deleting one goes back to another."""

MOST_SUPERSEDED_BYTES = 64 * 1024
"""How much text of the edits before those is kept of one message, in bytes of UTF-8, the latest first."""


async def empty_superseded(connection: Connection, entry_id: int, passage_id: int | None) -> None:
    """Take away the texts of an author's edits that are beyond what is kept of one message, and leave their rows.

    Edits that count and edits that are held against an editor's text are reckoned apart. The original and editors'
    texts stay.
    """
    # SQLite merges no pages when a row gets shorter; one with another number is moved, which gives its page back.
    await connection.execute(
        """UPDATE revision SET text = '', is_emptied = 1, rowid = -rowid WHERE event_id IN (
               SELECT event_id FROM (
                   SELECT event_id, sum(bytes) OVER (
                       PARTITION BY is_held ORDER BY place ROWS UNBOUNDED PRECEDING) AS bytes
                   FROM (
                       SELECT event_id, is_held, length(CAST(text AS BLOB)) AS bytes, row_number() OVER (
                           PARTITION BY is_held ORDER BY sent_at DESC, event_id DESC) AS place
                       FROM revision
                       WHERE entry_id = ?1 AND passage_id IS ?2 AND NOT is_original AND sender IS NULL
                         AND NOT is_emptied)
                   WHERE place > ?3)
               WHERE bytes > ?4)""",
        (entry_id, passage_id, LATEST_KEPT, MOST_SUPERSEDED_BYTES),
    )

"""A migration that a later version might bring, and rows that it has to take along."""

from twimbot.store.database import migrations

ROWS = """
INSERT INTO entry (id, publication, edition, number, room_id, event_id, sender, sent_at, is_reply)
VALUES (1, 'news', '2026-02-06', 1, '!room', '$entry', '@anna:example.org', 5, 0);
INSERT INTO revision (event_id, entry_id, is_original, sent_at, text, is_addressed)
VALUES ('$entry', 1, 1, 5, 'A text', 1);
"""

LATER = """
CREATE TABLE later (event_id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO later (event_id, text) SELECT event_id, text FROM revision;
ALTER TABLE revision ADD COLUMN is_later INTEGER NOT NULL DEFAULT 0;
UPDATE revision SET is_later = 1;
CREATE INDEX revision_later ON revision (entry_id) WHERE is_later;
"""


def with_later() -> list[tuple[int, str]]:
    """Return this version's migrations and the later one."""
    present = migrations()
    return [*present, (len(present) + 1, LATER)]

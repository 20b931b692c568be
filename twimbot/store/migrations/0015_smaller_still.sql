-- What is to be said, those of a lower lane first, and what was said, which is never said again: a transaction id is the
-- same for the same cause and purpose, and is kept as the digest in it. `subject`: the event that a reaction stands on.
-- `content` is emptied once there is nothing to send any more, and `cause` too, but of a message, which is asked for it.
CREATE TABLE outbox_smaller (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    content TEXT,
    cause TEXT,
    purpose TEXT NOT NULL,
    lane INTEGER NOT NULL DEFAULT 0,
    subject TEXT,
    redacts INTEGER REFERENCES outbox_smaller (seq),
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'refused', 'cancelled')),
    event_id TEXT,
    reason TEXT,
    transaction_id TEXT AS ('twimbot-' || lower(hex(digest))),
    type TEXT AS (CASE WHEN redacts IS NOT NULL THEN 'm.room.redaction' WHEN subject IS NOT NULL THEN 'm.reaction'
        ELSE 'm.room.message' END)
) STRICT;
INSERT INTO outbox_smaller
    (seq, digest, room_id, content, cause, purpose, lane, subject, redacts, state, event_id, reason)
SELECT seq, unhex(substr(transaction_id, length('twimbot-') + 1)), room_id, content,
    CASE WHEN state = 'pending' OR type = 'm.room.message' THEN cause END,
    purpose, lane, subject, redacts, state, event_id, reason
FROM outbox ORDER BY seq;
DROP TABLE outbox;
ALTER TABLE outbox_smaller RENAME TO outbox;
CREATE INDEX outbox_pending ON outbox (room_id, lane, seq) WHERE state = 'pending';
CREATE INDEX outbox_by_redacts ON outbox (redacts) WHERE redacts IS NOT NULL;
CREATE INDEX outbox_by_subject ON outbox (subject) WHERE subject IS NOT NULL;
CREATE INDEX outbox_by_event ON outbox (event_id) WHERE event_id IS NOT NULL AND type = 'm.room.message';

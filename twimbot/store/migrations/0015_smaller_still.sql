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

-- The departments of past entries, as the posts write them; '': none.
CREATE TABLE archive_department (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    title TEXT NOT NULL,
    UNIQUE (publication, title)
) STRICT;
INSERT INTO archive_department (publication, title)
SELECT DISTINCT publication, department FROM archive_term ORDER BY publication, department;

-- What past entries are found by, with how many entries of each department have it, as JSON by the department's number;
-- '' is what all entries of a publication have. The terms of an entry are these numbers, the most frequent ones small.
CREATE TABLE archive_term_smaller (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    term TEXT NOT NULL,
    uses TEXT NOT NULL,
    UNIQUE (publication, term)
) STRICT;
INSERT INTO archive_term_smaller (publication, term, uses)
SELECT archive_term.publication, term, json_group_object(CAST(archive_department.id AS TEXT), uses)
FROM archive_term JOIN archive_department
    ON archive_department.publication = archive_term.publication AND title = department
GROUP BY archive_term.publication, term ORDER BY sum(uses) DESC, term;

-- `text` is that of a published post (see 0008); NULL: the entry is the bot's own, and its revisions have it.
DROP TRIGGER archive_entry_added;
DROP TRIGGER archive_entry_removed;
DROP TABLE archive_index;
DROP VIEW archive_indexed;
CREATE TABLE archive_entry_smaller (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    post_id INTEGER REFERENCES archive_post (id),
    entry_id INTEGER UNIQUE REFERENCES entry (id),
    position INTEGER NOT NULL,
    sender TEXT,
    name TEXT NOT NULL,
    department TEXT,
    project TEXT,
    website TEXT,
    text TEXT,
    terms TEXT NOT NULL
) STRICT;
INSERT INTO archive_entry_smaller
SELECT id, publication, edition, post_id, entry_id, position, sender, name, department, project, website,
    CASE WHEN post_id IS NOT NULL THEN text END,
    coalesce((SELECT group_concat(number.id, ' ')
        FROM json_each('["' || replace(rtrim(' ' || terms), ' ', '","') || '"]') AS found
        CROSS JOIN archive_term_smaller AS number
            ON number.publication = archive_entry.publication AND number.term = found.value), '')
FROM archive_entry ORDER BY id;
DROP TABLE archive_entry;
DROP TABLE archive_term;
ALTER TABLE archive_entry_smaller RENAME TO archive_entry;
ALTER TABLE archive_term_smaller RENAME TO archive_term;
CREATE INDEX archive_entry_by_sender ON archive_entry (publication, sender, edition);
CREATE INDEX archive_entry_by_name ON archive_entry (publication, name, edition);
CREATE INDEX archive_entry_by_edition ON archive_entry (publication, edition);
CREATE INDEX archive_entry_by_post ON archive_entry (post_id);

CREATE VIRTUAL TABLE archive_index USING fts5 (
    terms, content = 'archive_entry', content_rowid = 'id', detail = none, tokenize = 'ascii');
INSERT INTO archive_index (archive_index) VALUES ('rebuild');
CREATE TRIGGER archive_entry_added AFTER INSERT ON archive_entry BEGIN
    INSERT INTO archive_index (rowid, terms) VALUES (new.id, new.terms);
END;
CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN
    INSERT INTO archive_index (archive_index, rowid, terms) VALUES ('delete', old.id, old.terms);
END;

-- Past entries with their texts, and their terms as JSON.
CREATE VIEW archive_told AS
SELECT id, publication, edition, entry_id, sender, name, department, project, website,
    post_id IS NOT NULL AS is_published,
    coalesce(text, (SELECT group_concat(said, char(10) || char(10)) FROM (
        SELECT * FROM (SELECT text AS said FROM revision
            WHERE revision.entry_id = archive_entry.entry_id AND passage_id IS NULL
            ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT text FROM passage_now
            WHERE passage_now.entry_id = archive_entry.entry_id ORDER BY sent_at, id)
    )), '') AS text,
    (SELECT json_group_array(term) FROM (
        SELECT term FROM archive_term
        WHERE id IN (SELECT value FROM json_each('[' || replace(archive_entry.terms, ' ', ',') || ']')) ORDER BY term
    )) AS terms
FROM archive_entry;

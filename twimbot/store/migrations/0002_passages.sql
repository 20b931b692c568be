-- A further message that belongs to an entry: its author's reply to it, or said in its thread.
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sent_at INTEGER NOT NULL,
    is_reply INTEGER NOT NULL
) STRICT;
CREATE INDEX passage_by_entry ON passage (entry_id);

-- Whose text a revision is: that of the entry's own message (NULL) or of a passage.
ALTER TABLE revision ADD COLUMN passage_id INTEGER REFERENCES passage (id);
CREATE INDEX revision_by_passage ON revision (passage_id) WHERE passage_id IS NOT NULL;

-- Who has spoken in a thread: once that is somebody but an entry's author, what the author says there is conversation.
-- Of the threads of before nobody knows.
CREATE TABLE voice (
    room_id TEXT NOT NULL,
    thread TEXT NOT NULL,
    sender TEXT NOT NULL,
    PRIMARY KEY (room_id, thread, sender)
) STRICT, WITHOUT ROWID;
INSERT INTO voice (room_id, thread, sender) SELECT room_id, event_id, '' FROM entry;

-- What a verdict is about: the whole entry (NULL), or the passage or pictures of this message alone.
ALTER TABLE verdict ADD COLUMN part TEXT;
CREATE INDEX verdict_by_part ON verdict (part) WHERE part IS NOT NULL;

-- The thread that a picture was sent in; nothing is said about one that came before the bot's time.
ALTER TABLE media ADD COLUMN thread TEXT;
ALTER TABLE media ADD COLUMN is_history INTEGER NOT NULL DEFAULT 0;
CREATE INDEX media_by_file_name ON media (file_name) WHERE file_name IS NOT NULL;

-- What was kept so far still says where it was taken: it is fetched again, and nobody is asked about it.
UPDATE media SET state = 'wanted', file_name = NULL, is_history = 1 WHERE state = 'kept';

-- Descriptions that were not sent with the picture: the message that gave it (NULL: a command) and who sent that.
-- An editor's outranks the others.
ALTER TABLE caption ADD COLUMN answer TEXT;
ALTER TABLE caption ADD COLUMN sender TEXT;
ALTER TABLE caption ADD COLUMN is_by_editor INTEGER NOT NULL DEFAULT 0;
CREATE INDEX caption_by_answer ON caption (answer) WHERE answer IS NOT NULL;

-- The picture that stands for an edition: one of an entry's, by its message, or any by its address; neither: none.
CREATE TABLE cover (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    sender TEXT NOT NULL,
    url TEXT,
    picture TEXT,
    position INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX cover_by_edition ON cover (publication, edition);

CREATE INDEX outbox_by_event ON outbox (event_id) WHERE event_id IS NOT NULL;

DROP VIEW entry_now;
CREATE VIEW entry_now AS
SELECT entry.id, entry.publication, entry.edition, entry.number, entry.room_id, entry.event_id, entry.sender,
    entry.display_name, entry.sent_at,
    (SELECT text FROM revision WHERE revision.entry_id = entry.id AND passage_id IS NULL
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text,
    (SELECT department FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND department IS NOT NULL
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1) AS department,
    (SELECT project FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1) AS project,
    coalesce((SELECT is_drop FROM verdict WHERE verdict.entry_id = entry.id AND part IS NULL AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0) AS is_dropped
FROM entry
WHERE NOT entry.is_deleted AND (entry.is_addressed OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone));

CREATE VIEW passage_now AS
SELECT id, event_id, entry_id, sent_at,
    (SELECT text FROM revision WHERE revision.passage_id = passage.id
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text
FROM passage
WHERE NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = passage.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);

DROP VIEW media_now;
CREATE VIEW media_now AS
SELECT id, entry_id, event_id, position, mxc, kind,
    coalesce((SELECT text FROM caption WHERE caption.media_id = media.id
     ORDER BY is_by_editor DESC, caption.sent_at DESC, caption.event_id DESC LIMIT 1), alt) AS alt,
    sent_at, thread, is_history, state, file_name, reason
FROM media
WHERE (is_related OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = media.event_id AND NOT take_up.is_undone))
  AND NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = media.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);

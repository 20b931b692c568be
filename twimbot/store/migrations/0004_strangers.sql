-- How much a sender has asked of the bot: each message that it took, answered, or refused for being too many.
-- `at`: when it was sent (milliseconds since 1970); `is_history`: nothing was said about it.
CREATE TABLE demand (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_refused INTEGER NOT NULL,
    is_history INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX demand_by_sender ON demand (publication, sender, at);

-- Which texts of an entry are addressed to the bot: while one of them stands, the entry counts without a take_up.
-- Of those of before nobody knows which edit it was.
ALTER TABLE revision ADD COLUMN is_addressed INTEGER NOT NULL DEFAULT 0;
UPDATE revision SET is_addressed = 1
WHERE is_original AND passage_id IS NULL AND entry_id IN (SELECT id FROM entry WHERE is_addressed);
CREATE INDEX revision_addressed ON revision (entry_id) WHERE is_addressed;

DROP VIEW entry_now;
ALTER TABLE entry DROP COLUMN is_addressed;
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
WHERE NOT entry.is_deleted AND (
    EXISTS (SELECT 1 FROM revision WHERE revision.entry_id = entry.id AND revision.is_addressed)
    OR EXISTS (SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone));

-- In which room a command was given: only there can it be taken back. Of those of before nobody knows.
ALTER TABLE carried_out ADD COLUMN room_id TEXT;

-- The present of an entry is found at once, however many edits and decisions it has.
DROP INDEX filing_by_entry;
CREATE INDEX filing_by_entry ON filing (entry_id, authority) WHERE NOT is_undone;
CREATE INDEX filing_of_department ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND department IS NOT NULL;
CREATE INDEX filing_of_project ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND decides_project;
DROP INDEX verdict_by_entry;
CREATE INDEX verdict_by_entry ON verdict (entry_id, seq DESC) WHERE part IS NULL AND NOT is_undone;
DROP INDEX verdict_by_part;
CREATE INDEX verdict_by_part ON verdict (part, seq DESC) WHERE NOT is_undone;
DROP INDEX revision_by_passage;
CREATE INDEX revision_by_passage ON revision (passage_id, is_original, sent_at DESC, event_id DESC);
CREATE INDEX revision_of_entry ON revision (entry_id, is_original, sent_at DESC, event_id DESC) WHERE passage_id IS NULL;
DROP INDEX caption_by_media;
CREATE INDEX caption_by_media ON caption (media_id, is_by_editor DESC, sent_at DESC, event_id DESC);
DROP INDEX take_up_by_target;
CREATE INDEX take_up_standing ON take_up (target) WHERE NOT is_undone;

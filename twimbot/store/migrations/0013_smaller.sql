-- Of an entry of the bot's own the archive keeps the beginning alone, which is all that is told of it: its revisions
-- have the text. The terms stand in the index with their publication and a colon before each, in the table without.
DROP TRIGGER archive_entry_added;
DROP TRIGGER archive_entry_removed;
DROP TABLE archive_index;
UPDATE archive_entry SET text = substr(text, 1, 240) WHERE post_id IS NULL;
CREATE VIEW archive_indexed AS
SELECT id, publication || ':' || replace(terms, ' ', ' ' || publication || ':') AS terms FROM archive_entry;
CREATE VIRTUAL TABLE archive_index USING fts5 (
    terms, content = 'archive_indexed', content_rowid = 'id', detail = none, tokenize = "ascii tokenchars '.-:_'");
INSERT INTO archive_index (archive_index) VALUES ('rebuild');
CREATE TRIGGER archive_entry_added AFTER INSERT ON archive_entry BEGIN
    INSERT INTO archive_index (rowid, terms) SELECT id, terms FROM archive_indexed WHERE id = new.id;
END;
CREATE TRIGGER archive_entry_removed BEFORE DELETE ON archive_entry BEGIN
    INSERT INTO archive_index (archive_index, rowid, terms)
    SELECT 'delete', id, terms FROM archive_indexed WHERE id = old.id;
END;

-- Few texts are a passage's.
DROP INDEX revision_by_passage;
CREATE INDEX revision_by_passage ON revision (passage_id, is_original, sent_at DESC, event_id DESC)
WHERE passage_id IS NOT NULL;

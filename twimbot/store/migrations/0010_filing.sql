-- What the bot thinks of an entry, as of the last event that made a difference: candidates as JSON, best first, and
-- where it has filed it itself (NULL: not sure enough). People's decisions are rows of `filing`.
CREATE TABLE guess (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    department TEXT,
    project TEXT,
    departments TEXT NOT NULL,
    projects TEXT NOT NULL
) STRICT;

-- What past entries are found by: the terms of each, parted by spaces, and how many entries of a department (as the
-- post writes it, '': none) have a term ('': all its entries).
ALTER TABLE archive_entry ADD COLUMN terms TEXT NOT NULL DEFAULT '';
CREATE INDEX archive_entry_by_name ON archive_entry (publication, name, edition);
CREATE TABLE archive_term (
    publication TEXT NOT NULL,
    term TEXT NOT NULL,
    department TEXT NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (publication, term, department)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE archive_index USING fts5 (
    terms, content = 'archive_entry', content_rowid = 'id', detail = none, tokenize = "unicode61 tokenchars '.-:'");
CREATE TRIGGER archive_entry_added AFTER INSERT ON archive_entry BEGIN
    INSERT INTO archive_index (rowid, terms) VALUES (new.id, new.terms);
END;
CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN
    INSERT INTO archive_index (archive_index, rowid, terms) VALUES ('delete', old.id, old.terms);
END;

DROP VIEW entry_now;
CREATE VIEW entry_now AS
SELECT id, publication, edition, number, room_id, event_id, sender, display_name, sent_at, text,
    coalesce(decided_department, guessed_department) AS department,
    CASE WHEN decides_project THEN decided_project
         WHEN decided_department IS NULL OR decided_department IS guessed_department THEN guessed_project END AS project,
    is_dropped
FROM (
    SELECT entry.*,
        (SELECT text FROM revision WHERE revision.entry_id = entry.id AND passage_id IS NULL
         ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text,
        (SELECT department FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND department IS NOT NULL
         ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
             seq DESC LIMIT 1) AS decided_department,
        EXISTS (SELECT 1 FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project)
            AS decides_project,
        (SELECT project FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project
         ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
             seq DESC LIMIT 1) AS decided_project,
        guess.department AS guessed_department,
        guess.project AS guessed_project,
        coalesce((SELECT is_drop FROM verdict WHERE verdict.entry_id = entry.id AND part IS NULL AND NOT is_undone
         ORDER BY seq DESC LIMIT 1), 0) AS is_dropped
    FROM entry LEFT JOIN guess ON guess.entry_id = entry.id
    WHERE NOT entry.is_deleted AND (
        EXISTS (SELECT 1 FROM revision WHERE revision.entry_id = entry.id AND revision.is_addressed)
        OR EXISTS (SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone)));

-- The text of a superseded edit is taken away where its message has too much of them (`is_emptied`): it is never shown
-- again, while its row says whose edit it was.
ALTER TABLE revision ADD COLUMN is_emptied INTEGER NOT NULL DEFAULT 0;

DROP VIEW archive_told;
DROP VIEW passage_now;
DROP VIEW entry_now;
CREATE VIEW entry_now AS
SELECT entry.id, publication, edition, number, room_id, entry.event_id, entry.sender, display_name, sent_at,
    (SELECT text FROM revision WHERE revision.entry_id = entry.id AND passage_id IS NULL AND NOT is_held AND NOT is_emptied
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text,
    coalesce(placed.department, guess.department) AS department,
    CASE WHEN chosen.seq IS NULL
         THEN CASE WHEN placed.department IS NULL OR placed.department = guess.department THEN guess.project END
         WHEN chosen.authority = placed.authority OR placed.department =
             (SELECT department FROM filing WHERE entry_id = entry.id AND authority = chosen.authority
                  AND NOT is_undone AND department IS NOT NULL ORDER BY seq DESC LIMIT 1)
         THEN chosen.project END AS project,
    coalesce((SELECT is_drop FROM verdict WHERE verdict.entry_id = entry.id AND part IS NULL AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0) AS is_dropped
FROM entry
LEFT JOIN guess ON guess.entry_id = entry.id
LEFT JOIN filing AS placed ON placed.seq =
    (SELECT seq FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND department IS NOT NULL
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1)
LEFT JOIN filing AS chosen ON chosen.seq =
    (SELECT seq FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1)
WHERE NOT entry.is_deleted AND (
    EXISTS (SELECT 1 FROM revision WHERE revision.entry_id = entry.id AND revision.is_addressed)
    OR EXISTS (SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone));
CREATE VIEW passage_now AS
SELECT id, event_id, entry_id, sent_at,
    (SELECT text FROM revision WHERE revision.passage_id = passage.id AND NOT is_held AND NOT is_emptied
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text
FROM passage
WHERE NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = passage.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);
CREATE VIEW archive_told AS
SELECT id, publication, edition, entry_id, sender, name, department, project, website,
    post_id IS NOT NULL AS is_published,
    coalesce(text, (SELECT group_concat(said, char(10) || char(10)) FROM (
        SELECT * FROM (SELECT text AS said FROM revision
            WHERE revision.entry_id = archive_entry.entry_id AND passage_id IS NULL AND NOT is_held AND NOT is_emptied
            ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT text FROM passage_now
            WHERE passage_now.entry_id = archive_entry.entry_id ORDER BY sent_at, id)
    )), '') AS text,
    (SELECT json_group_array(term) FROM (
        SELECT term FROM archive_term
        WHERE id IN (SELECT value FROM json_each('[' || replace(archive_entry.terms, ' ', ',') || ']')) ORDER BY term
    )) AS terms
FROM archive_entry;

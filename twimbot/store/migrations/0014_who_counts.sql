-- Each authority says where an entry stands, department and project. A project goes where a higher authority has put
-- the entry into another department than its own authority has; what the bot thinks counts for less than people.
DROP VIEW entry_now;
CREATE VIEW entry_now AS
SELECT entry.id, publication, edition, number, room_id, entry.event_id, entry.sender, display_name, sent_at,
    (SELECT text FROM revision WHERE revision.entry_id = entry.id AND passage_id IS NULL
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

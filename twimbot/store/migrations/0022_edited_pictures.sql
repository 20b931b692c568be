-- Which files a message shows after an edit, by their places in it; no file (`media_id` NULL): none any more. The latest
-- edit counts; without one a message shows what it was sent with (`is_original`).
ALTER TABLE media ADD COLUMN is_original INTEGER NOT NULL DEFAULT 1;
CREATE TABLE media_edit (
    event_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    target TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    media_id INTEGER REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (event_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_edit_by_target ON media_edit (target, sent_at DESC, event_id DESC);
CREATE INDEX media_edit_by_media ON media_edit (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX media_edit_by_entry ON media_edit (entry_id);

CREATE VIEW media_shown AS
SELECT media.*, coalesce(shown.place, position) AS place
FROM media LEFT JOIN media_edit AS shown ON shown.media_id = media.id AND shown.event_id =
    (SELECT event_id FROM media_edit AS latest WHERE latest.target = media.event_id
     ORDER BY latest.sent_at DESC, latest.event_id DESC LIMIT 1)
WHERE shown.place IS NOT NULL
   OR (is_original AND NOT EXISTS (SELECT 1 FROM media_edit WHERE target = media.event_id));

DROP VIEW media_now;
CREATE VIEW media_now AS
SELECT id, entry_id, event_id, position, place, mxc, kind,
    coalesce((SELECT text FROM caption WHERE caption.media_id = media_shown.id
     ORDER BY is_by_editor DESC, caption.sent_at DESC, caption.event_id DESC LIMIT 1), alt) AS alt,
    sent_at, thread, is_history, is_original, state, file_name, reason
FROM media_shown
WHERE (is_related OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = media_shown.event_id AND NOT take_up.is_undone))
  AND NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = media_shown.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);

-- What waits for a key is asked of the homeserver once the key has come: of the event itself nothing is kept.
ALTER TABLE undecrypted DROP COLUMN raw;
CREATE INDEX undecrypted_by_sender ON undecrypted (sender, sent_at, seq);

-- Of each sender so many pongs are kept, the latest ones.
CREATE INDEX pong_by_sender ON pong (room_id, sender, sent_at DESC, event_id DESC);

-- How many files were fetched of a sender on a day (in days since 1970), how many bytes they had, and whether the sender
-- was told that it was too much.
CREATE TABLE media_use (
    day INTEGER NOT NULL,
    publication TEXT NOT NULL,
    sender TEXT NOT NULL,
    files INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    is_told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, publication, sender)
) STRICT, WITHOUT ROWID;
-- `counted_on` is the day on which a file counts; NULL: it was not asked for yet, 0: it counts on none. What was too much
-- is held back (`is_held_back`), and shown once an editor takes it up.
ALTER TABLE media ADD COLUMN counted_on INTEGER;
ALTER TABLE media ADD COLUMN is_held_back INTEGER NOT NULL DEFAULT 0;

DROP VIEW media_now;
DROP VIEW media_shown;
CREATE VIEW media_shown AS
SELECT media.*, coalesce(shown.place, position) AS place
FROM media LEFT JOIN media_edit AS shown ON shown.media_id = media.id AND shown.event_id =
    (SELECT event_id FROM media_edit AS latest WHERE latest.target = media.event_id
     ORDER BY latest.sent_at DESC, latest.event_id DESC LIMIT 1)
WHERE NOT is_held_back AND (shown.place IS NOT NULL
   OR (is_original AND NOT EXISTS (SELECT 1 FROM media_edit WHERE target = media.event_id)));

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

-- What waits for a key is asked of the homeserver once the key has come: of the event itself nothing is kept.
ALTER TABLE undecrypted DROP COLUMN raw;
CREATE INDEX undecrypted_by_sender ON undecrypted (sender, sent_at, seq);

-- Of each sender so many pongs are kept, the latest ones.
CREATE INDEX pong_by_sender ON pong (room_id, sender, sent_at DESC, event_id DESC);

-- What waits for a key is asked of the homeserver once the key has come: of the event itself nothing is kept.
ALTER TABLE undecrypted DROP COLUMN raw;
CREATE INDEX undecrypted_by_sender ON undecrypted (sender, sent_at, seq);

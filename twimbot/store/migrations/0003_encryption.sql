-- Encryption is never switched off again, so nothing unencrypted is ever said in such a room.
ALTER TABLE room ADD COLUMN is_encrypted INTEGER NOT NULL DEFAULT 0;

-- Encrypted events whose key has not come yet, as they came. `is_history`: from before the bot's time in the room.
CREATE TABLE undecrypted (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    is_history INTEGER NOT NULL,
    raw TEXT NOT NULL
) STRICT;
CREATE INDEX undecrypted_by_room ON undecrypted (room_id, sent_at);

-- What an encrypted file is decrypted with: key and first counter block of AES-CTR, and the SHA-256 of what is fetched.
-- NULL: it is not encrypted.
ALTER TABLE media ADD COLUMN key TEXT;
ALTER TABLE media ADD COLUMN iv TEXT;
ALTER TABLE media ADD COLUMN sha256 TEXT;

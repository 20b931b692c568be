-- With what a log-in that has ended is continued, where the homeserver gives that.
ALTER TABLE session ADD COLUMN refresh_token TEXT;

-- How the bot is kept from a room: out (put out of it, or not let in) or muted; NULL: it is in it and may speak.
-- `lost_at`: the time of the last reading position before that, in milliseconds since 1970.
ALTER TABLE room ADD COLUMN loss TEXT CHECK (loss IN ('out', 'muted'));
ALTER TABLE room ADD COLUMN lost_at INTEGER;

-- Invitations that are still to be answered.
CREATE TABLE invitation (
    room_id TEXT PRIMARY KEY,
    inviter TEXT NOT NULL
) STRICT;

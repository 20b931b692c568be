-- What was said from this time on (milliseconds since 1970) may be unread, as the homeserver failed at the room; NULL: nothing is.
ALTER TABLE room ADD COLUMN unread_since INTEGER;

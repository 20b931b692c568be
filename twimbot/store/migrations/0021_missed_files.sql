-- When the homeserver first did not give a file that its own server may have (milliseconds since 1970): such a server is
-- given an hour to come back.
ALTER TABLE media ADD COLUMN missed_at INTEGER;

-- How much a sender has asked of the bot: each message that it took, answered, or refused for being too many.
-- `at`: when it was sent (milliseconds since 1970); `is_history`: nothing was said about it.
CREATE TABLE demand (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_refused INTEGER NOT NULL,
    is_history INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX demand_by_sender ON demand (publication, sender, at);

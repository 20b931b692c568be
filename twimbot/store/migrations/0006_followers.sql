-- A message below another one that was no entry then: if that becomes one, by an edit or a take-up, it may belong to it.
CREATE TABLE follower (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    room_id TEXT NOT NULL,
    target TEXT NOT NULL,
    sender TEXT NOT NULL,
    UNIQUE (event_id, target)
) STRICT;
CREATE INDEX follower_by_target ON follower (target, sender);

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

-- The place in an edition that a message had as an entry, in a life that the store has forgotten, until it is one again.
CREATE TABLE reservation (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    number INTEGER NOT NULL
) STRICT;
CREATE INDEX reservation_by_edition ON reservation (publication, edition, number);

CREATE INDEX demand_by_time ON demand (at);

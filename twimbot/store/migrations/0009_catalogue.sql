-- What was changed in the room about the catalogue, each change keyed by the command or reaction that made it, and on
-- top of the file's catalogue in this order. `field`: a key of the row (NULL: the whole row); `former` and `value`: what
-- stood there and what does now (NULL: nothing), rows as JSON. `is_settled`: the file has taken it over or says
-- something else by now, so that it counts no more.
CREATE TABLE catalogue_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    publication TEXT NOT NULL,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('departments', 'projects')),
    key TEXT NOT NULL,
    field TEXT,
    former TEXT,
    value TEXT,
    is_settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX catalogue_change_pending ON catalogue_change (publication, seq) WHERE NOT is_settled;
CREATE INDEX catalogue_change_by_key ON catalogue_change (publication, key, seq);

-- The catalogue as its file had it when it was read last, as JSON: which of the changes a new one holds shows by it.
CREATE TABLE catalogue_file (
    publication TEXT PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

-- Projects that somebody proposes; `project` is the row as JSON. Open as long as no decision stands beside it.
CREATE TABLE proposal (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    room_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    key TEXT NOT NULL,
    project TEXT NOT NULL
) STRICT;
CREATE INDEX proposal_by_key ON proposal (publication, key);

-- An editor's yes or no to a proposal, keyed by the command or reaction; the first one counts.
CREATE TABLE proposal_decision (
    event_id TEXT PRIMARY KEY,
    proposal TEXT NOT NULL UNIQUE REFERENCES proposal (event_id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_accepted INTEGER NOT NULL
) STRICT;

-- Editors' wishes that the configuration be read again; the answer goes to `room_id`.
CREATE TABLE reload_job (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    room_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX reload_job_waiting ON reload_job (at) WHERE NOT is_done;

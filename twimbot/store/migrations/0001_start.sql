-- What the bot is on the homeserver, and how far it has read.
CREATE TABLE session (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    access_token TEXT NOT NULL
) STRICT;

CREATE TABLE position (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE bot_name (
    name TEXT PRIMARY KEY
) STRICT;

-- `configured` is the ID or alias as the operator wrote it; an upgraded room's successor has the same.
-- state: wanted (to be joined), joined, left.
CREATE TABLE room (
    publication TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('submissions', 'editors', 'pings')),
    room_id TEXT NOT NULL,
    configured TEXT NOT NULL,
    alias TEXT,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'joined', 'left')),
    is_current INTEGER NOT NULL,
    is_read_back INTEGER NOT NULL DEFAULT 0,
    via TEXT,
    successor TEXT,
    PRIMARY KEY (publication, purpose, room_id)
) STRICT;

CREATE TABLE member (
    room_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    display_name TEXT,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

-- An entry whose message was deleted keeps its row and number; sender, name and text are gone.
-- `is_addressed`: the message itself was addressed to the bot; else it counts while a take_up of it stands.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    number INTEGER NOT NULL,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    sender TEXT,
    display_name TEXT,
    sent_at INTEGER NOT NULL,
    is_reply INTEGER NOT NULL,
    is_addressed INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (publication, edition, number)
) STRICT;
CREATE INDEX entry_by_sender ON entry (room_id, sender, sent_at);

-- The original text and each edit of it, keyed by the event that brought it.
CREATE TABLE revision (
    event_id TEXT PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    is_original INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX revision_by_entry ON revision (entry_id);

-- A reaction that takes up a message or a picture.
CREATE TABLE take_up (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    target TEXT NOT NULL,
    sender TEXT NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX take_up_by_target ON take_up (target);

-- `is_related`: the picture belongs to the entry by itself (sent with it, as a reply to it or in its thread);
-- else it counts while a take_up of it stands. `position`: its place in a gallery.
CREATE TABLE media (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    event_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    mxc TEXT NOT NULL,
    kind TEXT NOT NULL,
    alt TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    is_related INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'kept', 'failed')),
    file_name TEXT,
    reason TEXT,
    UNIQUE (event_id, position)
) STRICT;
CREATE INDEX media_by_entry ON media (entry_id);
CREATE INDEX media_wanted ON media (id) WHERE state = 'wanted';

-- An edited caption of a picture; the latest counts.
CREATE TABLE caption (
    event_id TEXT NOT NULL,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    sent_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (event_id, media_id)
) STRICT;
CREATE INDEX caption_by_media ON caption (media_id);

-- Decisions are rows, never overwritten; the latest that is not undone counts, by the highest authority.
CREATE TABLE filing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    authority TEXT NOT NULL CHECK (authority IN ('editor', 'contributor', 'rule', 'guess')),
    how TEXT NOT NULL CHECK (how IN ('reaction', 'command')),
    department TEXT,
    project TEXT,
    decides_project INTEGER NOT NULL,
    at INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX filing_by_entry ON filing (entry_id);

CREATE TABLE verdict (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('reaction', 'command')),
    is_drop INTEGER NOT NULL,
    at INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX verdict_by_entry ON verdict (entry_id);

CREATE TABLE move (
    event_id TEXT PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    from_edition TEXT NOT NULL,
    from_number INTEGER NOT NULL,
    to_edition TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE live_video (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    sender TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX live_video_by_edition ON live_video (publication, edition);

CREATE TABLE publishing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    sender TEXT NOT NULL,
    is_published INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX publishing_by_edition ON publishing (publication, edition);

CREATE TABLE carried_out (
    event_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

-- An export that an editor asked for; its answer is sent once the files are uploaded.
CREATE TABLE export_job (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    room_id TEXT NOT NULL,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX export_job_waiting ON export_job (at) WHERE NOT is_done;

-- What is to be said, those of a lower lane first. `content` is emptied once it is sent. `subject`: the event that a reaction stands on.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id TEXT NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    type TEXT NOT NULL,
    content TEXT,
    cause TEXT NOT NULL,
    purpose TEXT NOT NULL,
    lane INTEGER NOT NULL DEFAULT 0,
    subject TEXT,
    redacts INTEGER REFERENCES outbox (seq),
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'refused', 'cancelled')),
    event_id TEXT,
    reason TEXT
) STRICT;
CREATE INDEX outbox_pending ON outbox (room_id, lane, seq) WHERE state = 'pending';
CREATE INDEX outbox_by_redacts ON outbox (redacts) WHERE redacts IS NOT NULL;
CREATE INDEX outbox_by_subject ON outbox (subject) WHERE subject IS NOT NULL;

CREATE TABLE pong (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    server TEXT NOT NULL,
    milliseconds REAL NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pong_by_time ON pong (room_id, sent_at);

CREATE TABLE failed_event (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    error TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- The present of all entries and media that count, read from the rows above.
CREATE VIEW entry_now AS
SELECT entry.id, entry.publication, entry.edition, entry.number, entry.room_id, entry.event_id, entry.sender,
    entry.display_name, entry.sent_at,
    (SELECT text FROM revision WHERE revision.entry_id = entry.id
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text,
    (SELECT department FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND department IS NOT NULL
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1) AS department,
    (SELECT project FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1) AS project,
    coalesce((SELECT is_drop FROM verdict WHERE verdict.entry_id = entry.id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0) AS is_dropped
FROM entry
WHERE NOT entry.is_deleted AND (entry.is_addressed OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone));

CREATE VIEW media_now AS
SELECT id, entry_id, event_id, position, mxc, kind,
    coalesce((SELECT text FROM caption WHERE caption.media_id = media.id
     ORDER BY caption.sent_at DESC, caption.event_id DESC LIMIT 1), alt) AS alt,
    sent_at, state, file_name, reason
FROM media
WHERE is_related OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = media.event_id AND NOT take_up.is_undone);

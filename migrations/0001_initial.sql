-- Everything that the bot keeps. What happened is inserted, and the present is read from it by the views at the end.

-- By this number a file is known for one of twimbot's.
PRAGMA application_id = 1953982829;

-- The bot's log-in on the homeserver. `refresh_token`: with what one that has ended is continued, where there is that.
CREATE TABLE session (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    access_token TEXT NOT NULL,
    refresh_token TEXT
) STRICT;

-- How far everything is read: the sync token, and when it was stored (milliseconds since 1970, as all times here).
CREATE TABLE position (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- The bot's display names, present and former.
CREATE TABLE bot_name (
    name TEXT PRIMARY KEY
) STRICT;

-- `configured` is the ID or alias as the operator wrote it; an upgraded room's successor has the same.
-- state: wanted (to be joined), joined, left.
-- `is_encrypted` is never unset, so that nothing unencrypted is said in such a room.
-- `loss`: how the bot is kept from the room (out: put out of it, or not let in; muted); NULL: it may be in it and speak.
-- `lost_at`: the time of the last reading position before that.
-- `unread_since`: what was said from then on may be unread, as the homeserver failed at the room; NULL: nothing is.
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
    is_encrypted INTEGER NOT NULL DEFAULT 0,
    loss TEXT CHECK (loss IN ('out', 'muted')),
    lost_at INTEGER,
    unread_since INTEGER,
    PRIMARY KEY (publication, purpose, room_id)
) STRICT;

-- Who is in the rooms. `left_at`: when they left; of whom no entry is kept, the name goes some time after that.
CREATE TABLE member (
    room_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    display_name TEXT,
    left_at INTEGER,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_left ON member (left_at) WHERE left_at IS NOT NULL;

-- An entry whose message was deleted keeps its row and number; sender, name and text are gone.
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
    is_deleted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (publication, edition, number)
) STRICT;
CREATE INDEX entry_by_sender ON entry (room_id, sender, sent_at);

-- The original text and each edit of it, keyed by the event that brought it.
-- `passage_id`: the passage whose text it is (NULL: the entry's own message).
-- `is_addressed`: it is addressed to the bot; while such a text stands, the entry counts without a take_up.
-- `sender` is the editor who has written a text in the place of the author's (NULL: the author's own). A text that is held
-- (`is_held`) is the author's, and counts once an editor has taken it.
-- The text of a superseded edit is taken away where its message has too much of them (`is_emptied`): it is never shown
-- again, while its row says whose edit it was.
CREATE TABLE revision (
    event_id TEXT PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    is_original INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    passage_id INTEGER REFERENCES passage (id),
    is_addressed INTEGER NOT NULL DEFAULT 0,
    sender TEXT,
    is_held INTEGER NOT NULL DEFAULT 0,
    is_emptied INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX revision_by_entry ON revision (entry_id);
CREATE INDEX revision_addressed ON revision (entry_id) WHERE is_addressed;
CREATE INDEX revision_of_entry ON revision (entry_id, is_original, sent_at DESC, event_id DESC)
WHERE passage_id IS NULL;
CREATE INDEX revision_by_passage ON revision (passage_id, is_original, sent_at DESC, event_id DESC)
WHERE passage_id IS NOT NULL;

-- A reaction that takes up a message or a picture.
CREATE TABLE take_up (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    target TEXT NOT NULL,
    sender TEXT NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX take_up_standing ON take_up (target) WHERE NOT is_undone;

-- `is_related`: the picture belongs to the entry by itself (sent with it, as a reply to it or in its thread);
-- else it counts while a take_up of it stands. `position`: its place in a gallery.
-- `thread`: the one it was sent in. `is_history`: from before the bot's time, so that nothing is said about it.
-- `key`, `iv`, `sha256`: what an encrypted file is decrypted with (key and first counter block of AES-CTR, and the
-- SHA-256 of what is fetched); NULL: it is not encrypted.
-- `missed_at`: when the homeserver first did not give a file that its own server may have, which has an hour to return.
-- `is_original`: the message was sent with it, and no edit brought it.
-- `counted_on` is the day on which a file counts; NULL: it was not asked for yet, 0: it counts on none. What was too much
-- is held back (`is_held_back`), and shown once an editor takes it up.
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
    thread TEXT,
    is_history INTEGER NOT NULL DEFAULT 0,
    key TEXT,
    iv TEXT,
    sha256 TEXT,
    missed_at INTEGER,
    is_original INTEGER NOT NULL DEFAULT 1,
    counted_on INTEGER,
    is_held_back INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, position)
) STRICT;
CREATE INDEX media_by_entry ON media (entry_id);
CREATE INDEX media_wanted ON media (id) WHERE state = 'wanted';
CREATE INDEX media_by_file_name ON media (file_name) WHERE file_name IS NOT NULL;

-- Descriptions of a picture that were not sent with it; the latest counts, and an editor's outranks the others.
-- `answer`: the message that gave it (NULL: a command or an edit). `sender`: who gave it.
CREATE TABLE caption (
    event_id TEXT NOT NULL,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    sent_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    answer TEXT,
    sender TEXT,
    is_by_editor INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, media_id)
) STRICT;
CREATE INDEX caption_by_answer ON caption (answer) WHERE answer IS NOT NULL;
CREATE INDEX caption_by_media ON caption (media_id, is_by_editor DESC, sent_at DESC, event_id DESC);

-- The video of an edition; the latest counts.
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

-- Whether an edition is out; the latest counts.
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

-- Commands and reactions that were carried out, so that none is twice; `room_id`: only there can it be taken back.
CREATE TABLE carried_out (
    event_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    room_id TEXT
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
CREATE INDEX export_job_by_edition ON export_job (publication, edition, at, event_id);

-- What ping bots have measured. `sender`: whose event it was, as it is deleted with all of theirs (MSC4293).
CREATE TABLE pong (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    server TEXT NOT NULL,
    milliseconds REAL NOT NULL,
    sent_at INTEGER NOT NULL,
    sender TEXT
) STRICT;
CREATE INDEX pong_by_time ON pong (room_id, sent_at);
CREATE INDEX pong_by_sender ON pong (room_id, sender, sent_at DESC, event_id DESC);

-- Events that could not be handled, with the traceback.
CREATE TABLE failed_event (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    error TEXT NOT NULL,
    at INTEGER NOT NULL,
    sender TEXT
) STRICT;

-- A further message that belongs to an entry: its author's reply to it, or said in its thread.
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sent_at INTEGER NOT NULL,
    is_reply INTEGER NOT NULL
) STRICT;
CREATE INDEX passage_by_entry ON passage (entry_id);

-- Who has spoken in a thread: once that is somebody but an entry's author, what the author says there is conversation.
CREATE TABLE voice (
    room_id TEXT NOT NULL,
    thread TEXT NOT NULL,
    sender TEXT NOT NULL,
    PRIMARY KEY (room_id, thread, sender)
) STRICT, WITHOUT ROWID;

-- The picture that stands for an edition: one of an entry's, by its message, or any by its address; neither: none.
CREATE TABLE cover (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    sender TEXT NOT NULL,
    url TEXT,
    picture TEXT,
    position INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX cover_by_edition ON cover (publication, edition);

-- Encrypted events whose key has not come yet; they are asked for again once it has come, and nothing of them is kept.
-- `is_history`: from before the bot's time in the room.
CREATE TABLE undecrypted (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    is_history INTEGER NOT NULL
) STRICT;
CREATE INDEX undecrypted_by_room ON undecrypted (room_id, sent_at);
CREATE INDEX undecrypted_by_sender ON undecrypted (sender, sent_at, seq);

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
CREATE INDEX demand_by_time ON demand (at);

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

-- The place in an edition that a message had as an entry, as the room tells a new database, until it is one again.
CREATE TABLE reservation (
    event_id TEXT PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    number INTEGER NOT NULL
) STRICT;
CREATE INDEX reservation_by_edition ON reservation (publication, edition, number);

-- Invitations that are still to be answered.
CREATE TABLE invitation (
    room_id TEXT NOT NULL,
    inviter TEXT NOT NULL,
    PRIMARY KEY (room_id, inviter)
) STRICT, WITHOUT ROWID;

-- What was published. `edition` is the date that it came out; `digest` stands for the content of a post that was read
-- from a file, NULL: it is made of the bot's own entries.
CREATE TABLE archive_post (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    title TEXT NOT NULL,
    digest TEXT,
    UNIQUE (publication, edition)
) STRICT;

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

-- What the bot thinks of an entry, as of the last event that made a difference: candidates as JSON, best first, and
-- where it has filed it itself (NULL: not sure enough). People's decisions are rows of `filing`.
CREATE TABLE guess (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    department TEXT,
    project TEXT,
    departments TEXT NOT NULL,
    projects TEXT NOT NULL
) STRICT;

-- What was offered to people to decide by a number, by the message that shows it: the outbox row's cause and purpose.
CREATE TABLE choice (
    cause TEXT NOT NULL,
    purpose TEXT NOT NULL,
    number INTEGER NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    department TEXT NOT NULL,
    project TEXT,
    PRIMARY KEY (cause, purpose, number)
) STRICT, WITHOUT ROWID;

-- What is to be said, those of a lower lane first. `content` is emptied once it is sent. `subject`: the event that a
-- reaction stands on. `digest`: of cause and purpose, which makes the transaction ID.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    content TEXT,
    cause TEXT,
    purpose TEXT NOT NULL,
    lane INTEGER NOT NULL DEFAULT 0,
    subject TEXT,
    redacts INTEGER REFERENCES outbox (seq),
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'refused', 'cancelled')),
    event_id TEXT,
    reason TEXT,
    transaction_id TEXT AS ('twimbot-' || lower(hex(digest))),
    type TEXT AS (CASE WHEN redacts IS NOT NULL THEN 'm.room.redaction' WHEN subject IS NOT NULL THEN 'm.reaction'
        ELSE 'm.room.message' END)
) STRICT;
CREATE INDEX outbox_pending ON outbox (room_id, lane, seq) WHERE state = 'pending';
CREATE INDEX outbox_by_redacts ON outbox (redacts) WHERE redacts IS NOT NULL;
CREATE INDEX outbox_by_subject ON outbox (subject) WHERE subject IS NOT NULL;
CREATE INDEX outbox_by_event ON outbox (event_id) WHERE event_id IS NOT NULL AND type = 'm.room.message';

-- The departments of past entries, as the posts write them; '': none.
CREATE TABLE archive_department (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    title TEXT NOT NULL,
    UNIQUE (publication, title)
) STRICT;

-- The terms of past entries, and how many entries of a department (by its row, as JSON) have each; '' all its entries.
CREATE TABLE archive_term (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    term TEXT NOT NULL,
    uses TEXT NOT NULL,
    UNIQUE (publication, term)
) STRICT;

-- Past entries, in the order of their post. `sender` is a Matrix ID, NULL where the post names none; `department` and
-- `project` are titles as the post writes them; `text` is Markdown without the marks of its quote.
-- `post_id` NULL: an entry of the bot's own, filed by people and not published yet.
-- `terms`: those that it is found by, as rows of `archive_term` parted by spaces.
CREATE TABLE archive_entry (
    id INTEGER PRIMARY KEY,
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    post_id INTEGER REFERENCES archive_post (id),
    entry_id INTEGER UNIQUE REFERENCES entry (id),
    position INTEGER NOT NULL,
    sender TEXT,
    name TEXT NOT NULL,
    department TEXT,
    project TEXT,
    website TEXT,
    text TEXT,
    terms TEXT NOT NULL
) STRICT;
CREATE INDEX archive_entry_by_sender ON archive_entry (publication, sender, edition);
CREATE INDEX archive_entry_by_name ON archive_entry (publication, name, edition);
CREATE INDEX archive_entry_by_edition ON archive_entry (publication, edition);
CREATE INDEX archive_entry_by_post ON archive_entry (post_id);

CREATE VIRTUAL TABLE archive_index USING fts5 (
    terms, content = 'archive_entry', content_rowid = 'id', detail = none, tokenize = 'ascii');

-- Decisions are rows, never overwritten; the latest that is not undone counts, by the highest authority.
CREATE TABLE filing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    authority TEXT NOT NULL CHECK (authority IN ('editor', 'contributor', 'rule', 'guess')),
    how TEXT NOT NULL CHECK (how IN ('reaction', 'command')),
    department TEXT,
    project TEXT,
    decides_project INTEGER NOT NULL,
    at INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, entry_id)
) STRICT;
CREATE INDEX filing_by_entry ON filing (entry_id, authority) WHERE NOT is_undone;
CREATE INDEX filing_of_department ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND department IS NOT NULL;
CREATE INDEX filing_of_project ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND decides_project;

-- Editors' decisions to leave out and to bring back. `part`: what it is about; the whole entry (NULL), or the passage or
-- pictures of this message alone.
CREATE TABLE verdict (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('reaction', 'command')),
    is_drop INTEGER NOT NULL,
    at INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0,
    part TEXT,
    UNIQUE (event_id, entry_id)
) STRICT;
CREATE INDEX verdict_by_entry ON verdict (entry_id, seq DESC) WHERE part IS NULL AND NOT is_undone;
CREATE INDEX verdict_by_part ON verdict (part, seq DESC) WHERE NOT is_undone;

-- Entries that were moved into another edition.
CREATE TABLE move (
    event_id TEXT NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    from_edition TEXT NOT NULL,
    from_number INTEGER NOT NULL,
    to_edition TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event_id, entry_id)
) STRICT;
CREATE INDEX move_by_edition ON move (from_edition, from_number);
CREATE INDEX move_by_entry ON move (entry_id);

-- The entries of an edition as its last export found them. `text` is NULL once anything of it was deleted, `pictures` (as
-- JSON: each one's message, place in it and alternative text) likewise.
CREATE TABLE exported_entry (
    publication TEXT NOT NULL,
    edition TEXT NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    number INTEGER NOT NULL,
    department TEXT,
    project TEXT,
    is_dropped INTEGER NOT NULL,
    text TEXT,
    pictures TEXT,
    PRIMARY KEY (publication, edition, entry_id)
) STRICT;
CREATE INDEX exported_entry_by_entry ON exported_entry (entry_id);

-- What departments and projects were called before: what was published under those titles still says where things
-- belong.
CREATE TABLE former_title (
    publication TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('departments', 'projects')),
    title TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (publication, kind, title)
) STRICT, WITHOUT ROWID;

-- Which files a message shows after an edit, by their places in it; no file (`media_id` NULL): none any more. The latest
-- edit counts; without one a message shows what it was sent with.
CREATE TABLE media_edit (
    event_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    target TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    media_id INTEGER REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (event_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_edit_by_target ON media_edit (target, sent_at DESC, event_id DESC);
CREATE INDEX media_edit_by_media ON media_edit (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX media_edit_by_entry ON media_edit (entry_id);

-- How many files were fetched of a sender on a day (in days since 1970), how many bytes they had, and whether the sender
-- was told that it was too much.
CREATE TABLE media_use (
    day INTEGER NOT NULL,
    publication TEXT NOT NULL,
    sender TEXT NOT NULL,
    files INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    is_told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, publication, sender)
) STRICT, WITHOUT ROWID;

-- Who has asked to be forgotten, so that nothing of theirs from before `at` (milliseconds since 1970) comes back with a
-- post that is imported or a room that is read again. Nobody can be found by it who is not named first.
CREATE TABLE forgotten (
    digest BLOB PRIMARY KEY,
    salt BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The index of the archive follows its rows.
CREATE TRIGGER archive_entry_added AFTER INSERT ON archive_entry BEGIN
    INSERT INTO archive_index (rowid, terms) VALUES (new.id, new.terms);
END;

CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN
    INSERT INTO archive_index (archive_index, rowid, terms) VALUES ('delete', old.id, old.terms);
END;

-- What is deleted is in no former export either.
CREATE TRIGGER revision_deleted AFTER DELETE ON revision BEGIN
    UPDATE exported_entry SET text = NULL WHERE entry_id = old.entry_id;
END;

CREATE TRIGGER media_deleted AFTER DELETE ON media BEGIN
    UPDATE exported_entry SET pictures = NULL WHERE entry_id = old.entry_id;
END;

CREATE TRIGGER caption_deleted AFTER DELETE ON caption BEGIN
    UPDATE exported_entry SET pictures = NULL WHERE entry_id IN (SELECT entry_id FROM media WHERE id = old.media_id);
END;

-- Entries that count, as they stand now.
CREATE VIEW entry_now AS
SELECT entry.id, publication, edition, number, room_id, entry.event_id, entry.sender, display_name, sent_at,
    (SELECT text FROM revision WHERE revision.entry_id = entry.id AND passage_id IS NULL AND NOT is_held AND NOT is_emptied
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text,
    coalesce(placed.department, guess.department) AS department,
    CASE WHEN chosen.seq IS NULL
         THEN CASE WHEN placed.department IS NULL OR placed.department = guess.department THEN guess.project END
         WHEN chosen.authority = placed.authority OR placed.department =
             (SELECT department FROM filing WHERE entry_id = entry.id AND authority = chosen.authority
                  AND NOT is_undone AND department IS NOT NULL ORDER BY seq DESC LIMIT 1)
         THEN chosen.project END AS project,
    coalesce((SELECT is_drop FROM verdict WHERE verdict.entry_id = entry.id AND part IS NULL AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0) AS is_dropped
FROM entry
LEFT JOIN guess ON guess.entry_id = entry.id
LEFT JOIN filing AS placed ON placed.seq =
    (SELECT seq FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND department IS NOT NULL
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1)
LEFT JOIN filing AS chosen ON chosen.seq =
    (SELECT seq FROM filing WHERE filing.entry_id = entry.id AND NOT is_undone AND decides_project
     ORDER BY CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC,
         seq DESC LIMIT 1)
WHERE NOT entry.is_deleted AND (
    EXISTS (SELECT 1 FROM revision WHERE revision.entry_id = entry.id AND revision.is_addressed)
    OR EXISTS (SELECT 1 FROM take_up WHERE take_up.target = entry.event_id AND NOT take_up.is_undone));

-- The further messages of entries that count, with their texts.
CREATE VIEW passage_now AS
SELECT id, event_id, entry_id, sent_at,
    (SELECT text FROM revision WHERE revision.passage_id = passage.id AND NOT is_held AND NOT is_emptied
     ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1) AS text
FROM passage
WHERE NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = passage.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);

-- Past entries with their texts, and their terms as JSON.
CREATE VIEW archive_told AS
SELECT id, publication, edition, entry_id, sender, name, department, project, website,
    post_id IS NOT NULL AS is_published,
    coalesce(text, (SELECT group_concat(said, char(10) || char(10)) FROM (
        SELECT * FROM (SELECT text AS said FROM revision
            WHERE revision.entry_id = archive_entry.entry_id AND passage_id IS NULL AND NOT is_held AND NOT is_emptied
            ORDER BY is_original, sent_at DESC, event_id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT text FROM passage_now
            WHERE passage_now.entry_id = archive_entry.entry_id ORDER BY sent_at, id)
    )), '') AS text,
    (SELECT json_group_array(term) FROM (
        SELECT term FROM archive_term
        WHERE id IN (SELECT value FROM json_each('[' || replace(archive_entry.terms, ' ', ',') || ']')) ORDER BY term
    )) AS terms
FROM archive_entry;

-- The files that messages show after their edits.
CREATE VIEW media_shown AS
SELECT media.*, coalesce(shown.place, position) AS place
FROM media LEFT JOIN media_edit AS shown ON shown.media_id = media.id AND shown.event_id =
    (SELECT event_id FROM media_edit AS latest WHERE latest.target = media.event_id
     ORDER BY latest.sent_at DESC, latest.event_id DESC LIMIT 1)
WHERE NOT is_held_back AND (shown.place IS NOT NULL
   OR (is_original AND NOT EXISTS (SELECT 1 FROM media_edit WHERE target = media.event_id)));

-- The files of entries that count, as they stand now.
CREATE VIEW media_now AS
SELECT id, entry_id, event_id, position, place, mxc, kind,
    coalesce((SELECT text FROM caption WHERE caption.media_id = media_shown.id
     ORDER BY is_by_editor DESC, caption.sent_at DESC, caption.event_id DESC LIMIT 1), alt) AS alt,
    sent_at, thread, is_history, is_original, state, file_name, reason
FROM media_shown
WHERE (is_related OR EXISTS (
    SELECT 1 FROM take_up WHERE take_up.target = media_shown.event_id AND NOT take_up.is_undone))
  AND NOT coalesce((SELECT is_drop FROM verdict WHERE verdict.part = media_shown.event_id AND NOT is_undone
     ORDER BY seq DESC LIMIT 1), 0);

-- One command may decide about several entries, so an event and an entry together name a decision.
-- The old way of renaming leaves the views alone, which read these tables by their names.
PRAGMA legacy_alter_table = ON;

CREATE TABLE filing_each (
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
INSERT INTO filing_each SELECT * FROM filing ORDER BY seq;
DROP TABLE filing;
ALTER TABLE filing_each RENAME TO filing;
CREATE INDEX filing_by_entry ON filing (entry_id, authority) WHERE NOT is_undone;
CREATE INDEX filing_of_department ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND department IS NOT NULL;
CREATE INDEX filing_of_project ON filing (entry_id,
    CASE authority WHEN 'editor' THEN 4 WHEN 'contributor' THEN 3 WHEN 'rule' THEN 2 ELSE 1 END DESC, seq DESC)
WHERE NOT is_undone AND decides_project;

CREATE TABLE verdict_each (
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
INSERT INTO verdict_each SELECT * FROM verdict ORDER BY seq;
DROP TABLE verdict;
ALTER TABLE verdict_each RENAME TO verdict;
CREATE INDEX verdict_by_entry ON verdict (entry_id, seq DESC) WHERE part IS NULL AND NOT is_undone;
CREATE INDEX verdict_by_part ON verdict (part, seq DESC) WHERE NOT is_undone;

CREATE TABLE move_each (
    event_id TEXT NOT NULL,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    sender TEXT NOT NULL,
    from_edition TEXT NOT NULL,
    from_number INTEGER NOT NULL,
    to_edition TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event_id, entry_id)
) STRICT;
INSERT INTO move_each SELECT * FROM move ORDER BY rowid;
DROP TABLE move;
ALTER TABLE move_each RENAME TO move;
CREATE INDEX move_by_edition ON move (from_edition, from_number);
CREATE INDEX move_by_entry ON move (entry_id);

PRAGMA legacy_alter_table = OFF;

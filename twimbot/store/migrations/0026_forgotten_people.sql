-- Who has asked to be forgotten, so that nothing of theirs from before `at` (milliseconds since 1970) comes back with a
-- post that is imported or a room that is read again. Nobody can be found by it who is not named first.
CREATE TABLE forgotten (
    digest BLOB PRIMARY KEY,
    salt BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Of whom nothing is kept, the name goes some time after they have left.
ALTER TABLE member ADD COLUMN left_at INTEGER;
CREATE INDEX member_left ON member (left_at) WHERE left_at IS NOT NULL;

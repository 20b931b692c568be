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

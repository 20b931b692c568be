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

-- Past entries, in the order of their post. `sender` is a Matrix ID, NULL where the post names none; `department` and
-- `project` are titles as the post writes them; `text` is Markdown without the marks of its quote.
-- `post_id` NULL: an entry of the bot's own, filed by people and not published yet.
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
    text TEXT NOT NULL
) STRICT;
CREATE INDEX archive_entry_by_sender ON archive_entry (publication, sender, edition);
CREATE INDEX archive_entry_by_edition ON archive_entry (publication, edition);
CREATE INDEX archive_entry_by_post ON archive_entry (post_id);

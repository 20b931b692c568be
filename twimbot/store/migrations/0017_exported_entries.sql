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

CREATE TRIGGER revision_deleted AFTER DELETE ON revision BEGIN
    UPDATE exported_entry SET text = NULL WHERE entry_id = old.entry_id;
END;
CREATE TRIGGER media_deleted AFTER DELETE ON media BEGIN
    UPDATE exported_entry SET pictures = NULL WHERE entry_id = old.entry_id;
END;
CREATE TRIGGER caption_deleted AFTER DELETE ON caption BEGIN
    UPDATE exported_entry SET pictures = NULL WHERE entry_id IN (SELECT entry_id FROM media WHERE id = old.media_id);
END;

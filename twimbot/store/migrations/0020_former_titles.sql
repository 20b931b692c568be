-- What departments and projects were called before: what was published under those titles still says where things belong.
CREATE TABLE former_title (
    publication TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('departments', 'projects')),
    title TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (publication, kind, title)
) STRICT, WITHOUT ROWID;

"""A database of many years, made fast: rows as the desk leaves them, in plain SQL and by the store's own schema."""

import hashlib
import json
import shutil
import sqlite3
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.bench.texts import texts
from tests.desk.scene import EDITOR, EDITORS, PINGS, PUBLICATION, SUBMISSIONS
from tests.store.empty import empty_database
from twimbot.filing.terms import terms
from twimbot.store.database import migrations
from twimbot.store.outbox import digest

LAST = date(2026, 1, 30)
"""The edition of the latest entries; every week before it has one, back into ages without computers."""

WEEKLY = 20
"""How many entries an edition has."""

LEAST_KEPT = 100_000
"""How many entries a database has at least that is kept."""

KEPT = Path(__file__).parents[2] / ".bench"
"""Where; a million entries take some five gigabytes."""

DEPARTMENTS = 20
PROJECTS = 200
CONTRIBUTORS = 500

DIFFERENT = 2_000
"""How many different texts there are; each entry has a word of its own, too."""

PAST = """
CREATE TEMP TABLE past (
    id INTEGER PRIMARY KEY, edition TEXT, number INTEGER, sent_at INTEGER, sender TEXT, name TEXT,
    department INTEGER, project INTEGER, text INTEGER);
CREATE TEMP TABLE written (id INTEGER PRIMARY KEY, text TEXT, terms TEXT, numbers TEXT);
"""

ENTRIES = """
INSERT INTO entry (id, publication, edition, number, room_id, event_id, sender, display_name, sent_at, is_reply)
SELECT id, :publication, edition, number, :submissions, event_id('entry', id), sender, name, sent_at, 0 FROM past;

INSERT INTO revision (event_id, entry_id, is_original, sent_at, text, is_addressed)
SELECT event_id('entry', past.id), past.id, 1, sent_at, written.text || ' Word' || past.id, 1
FROM past JOIN written ON written.id = past.text;

INSERT INTO guess (entry_id, department, project, departments, projects)
SELECT id, 'department-' || department, 'project-' || project,
    json_array(json_array('department-' || department, 0.9808992484313636,
            json_array(json_array('project', 'Project ' || project))),
        json_array('department-' || (department + 1), 0.01910075156863643, json_array())),
    json_array(json_array('project-' || project, 0.7272381238165582, json_array(json_array('name', ''))))
FROM past;

INSERT INTO media (entry_id, event_id, position, mxc, kind, alt, sent_at, is_related, state, file_name)
SELECT id, event_id('picture', id), 0, 'mxc://example.org/Picture' || id, 'm.image', 'The picture of ' || id,
    sent_at + 1, 1, 'kept', 'Picture' || id || '.png' FROM past WHERE id % 5 = 0;
INSERT INTO follower (event_id, room_id, target, sender)
SELECT event_id('picture', id), :submissions, event_id('entry', id), sender FROM past WHERE id % 5 = 0;

INSERT INTO filing (event_id, entry_id, sender, authority, how, department, project, decides_project, at)
SELECT event_id('filing', id), id, :editor, 'editor', 'reaction', 'department-' || department, NULL, 0, sent_at + 2
FROM past WHERE id % 4 = 0;
"""

ARCHIVED = """
INSERT INTO archive_department (id, publication, title)
SELECT department + 1, :publication, 'Department ' || department FROM past GROUP BY department;

INSERT INTO archive_entry (publication, edition, entry_id, position, sender, name, department, project, terms)
SELECT :publication, edition, past.id, number, sender, name, 'Department ' || department, 'Project ' || project,
    written.numbers || ' ' || archive_term.id
FROM past JOIN written ON written.id = past.text
JOIN archive_term ON archive_term.publication = :publication AND term = 'word' || past.id;
"""

SAID = """
INSERT INTO outbox (digest, room_id, purpose, lane, subject, state, event_id)
SELECT digest(event_id('entry', past.id), purpose), :submissions, purpose, 0, event_id('entry', past.id), 'sent',
    event_id(purpose, past.id)
FROM past JOIN (SELECT id, 'react ✅' AS purpose FROM past
    UNION ALL SELECT id, 'react Department ' || department FROM past
    UNION ALL SELECT id, 'react Project ' || project FROM past) AS said ON said.id = past.id
ORDER BY past.id;

INSERT INTO outbox (digest, room_id, purpose, lane, redacts, state, event_id)
SELECT digest(event_id('filing', past.id), 'take back'), :submissions, 'take back', 0, seq, 'sent',
    event_id('take back', past.id)
FROM past JOIN outbox ON subject = event_id('entry', past.id) AND purpose LIKE 'react Department %'
WHERE past.id % 4 = 0;
"""

EDITIONS = """
INSERT INTO publishing (event_id, publication, edition, sender, is_published, at)
SELECT event_id('published', id), :publication, edition, :editor, 1, sent_at + 3 FROM past WHERE number = 1;
INSERT INTO export_job (event_id, publication, edition, room_id, author, at, is_done)
SELECT event_id('export', id), :publication, edition, :editors, 'Edna', sent_at + 3, 1 FROM past WHERE number = 1;
INSERT INTO carried_out (event_id, at, room_id)
SELECT event_id(command, id), sent_at + 3, :editors
FROM past JOIN (SELECT 'published' AS command UNION ALL SELECT 'export') WHERE number = 1;
INSERT INTO live_video (event_id, publication, edition, sender, url, title, at)
SELECT event_id('live', id), :publication, edition, :editor, 'https://example.org/live/' || id, 'Live', sent_at + 3
FROM past WHERE number = 1;
INSERT INTO outbox (digest, room_id, cause, purpose, lane, state, event_id)
SELECT digest(event_id('export', id), purpose), :editors, event_id('export', id), purpose, 0, 'sent',
    event_id(purpose, id)
FROM past JOIN (SELECT 'file text/markdown' AS purpose UNION ALL SELECT 'answer 0') WHERE number = 1;
INSERT INTO pong (event_id, room_id, server, milliseconds, sent_at)
SELECT event_id('pong', id), :pings, 'server-' || number || '.example.org', 100 + number, sent_at FROM past;
"""


NAMES = {
    "publication": PUBLICATION.key,
    "submissions": SUBMISSIONS,
    "editors": EDITORS,
    "pings": PINGS,
    "editor": EDITOR,
}


def make_archive(path: Path, entries: int) -> None:
    """Make a database of so many past entries, 20 a week: all published, filed, said, and in the archive.

    The publication and its rooms are those of `tests.desk.scene`; the rooms are still to be joined. The same number
    makes the same rows, and one that takes minutes to make is kept for the next time, in `.bench`.
    """
    if entries < LEAST_KEPT:
        _make(path, entries)
        return
    kept = KEPT / f"archive-{entries}-{_version()}.db"
    if not kept.exists():
        KEPT.mkdir(exist_ok=True)
        _make(made := kept.with_suffix(".part"), entries)
        made.rename(kept)
    shutil.copy(kept, path)


def _version() -> str:
    """Return what is another one where the rows would be others."""
    sources = [Path(__file__), Path(__file__).with_name("texts.py")]
    written = [source.read_text(encoding="utf-8") for source in sources] + [text for _, text in migrations()]
    return hashlib.sha256("".join(written).encode()).hexdigest()[:12]


def _make(path: Path, entries: int) -> None:
    path.unlink(missing_ok=True)
    connection = empty_database(path)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("event_id", 2, event_id, deterministic=True)
        connection.create_function("digest", 2, digest, deterministic=True)
        connection.executescript(PAST)
        connection.execute("BEGIN")
        _plan(connection, entries)
        _learn_terms(connection)
        for script in (ENTRIES, ARCHIVED, SAID, EDITIONS):
            for statement in script.split(";\n"):
                connection.execute(statement, NAMES)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def event_id(kind: str, number: int) -> str:
    """Return an event ID as room versions 4 and later have them: `$` and 43 letters."""
    return "$" + urlsafe_b64encode(hashlib.sha256(f"{kind} {number}".encode()).digest()).decode().rstrip("=")


def _plan(connection: sqlite3.Connection, entries: int) -> None:
    """Note what the entries are to be, and their texts."""
    random = Random(entries)  # noqa: S311 - no secret
    written = enumerate(texts(random, min(entries, DIFFERENT)))
    connection.executemany(
        "INSERT INTO written (id, text, terms) VALUES (?, ?, ?)",
        ((number, text, " ".join(sorted(terms(text)))) for number, text in written),
    )
    connection.executemany(
        """INSERT INTO past (id, edition, number, sent_at, sender, name, department, project, text)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (_past(random, number, entries) for number in range(1, entries + 1)),
    )


def _past(random: Random, number: int, entries: int) -> tuple[object, ...]:
    edition = LAST - (entries - number) // WEEKLY * timedelta(weeks=1)
    contributor, project = random.randrange(CONTRIBUTORS), random.randrange(PROJECTS)
    return (
        *(number, edition.isoformat(), (number - 1) % WEEKLY + 1, (edition - date(1970, 1, 1)).days * 86_400_000),
        *(f"@contributor-{contributor}:example.org", f"Contributor {contributor}"),
        *(project % DEPARTMENTS, project, random.randrange(min(entries, DIFFERENT))),
    )


def _learn_terms(connection: sqlite3.Connection) -> None:
    """Count how many entries of a department have each term, and number the terms as they come, as the archive does."""
    found = {number: ["", *terms.split()] for number, terms in connection.execute("SELECT id, terms FROM written")}
    numbers: dict[str, int] = {}
    uses: defaultdict[str, Counter[int]] = defaultdict(Counter)
    texts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for number, department, text in connection.execute("SELECT id, department + 1, text FROM past ORDER BY id"):
        if text not in texts:
            for term in found[text]:
                numbers.setdefault(term, len(numbers) + 1)
        texts[text][department] += 1
        numbers[own := f"word{number}"] = len(numbers) + 1
        uses[own][department] = 1
    for text, by_department in texts.items():
        for term in found[text]:
            uses[term].update(by_department)
    connection.executemany(
        "INSERT INTO archive_term (id, publication, term, uses) VALUES (?, ?, ?, ?)",
        (
            (number, PUBLICATION.key, term, json.dumps(uses[term], separators=(",", ":")))
            for term, number in numbers.items()
        ),
    )
    connection.executemany(
        "UPDATE written SET numbers = ? WHERE id = ?",
        ((" ".join(str(numbers[term]) for term in found[text]), text) for text in texts),
    )

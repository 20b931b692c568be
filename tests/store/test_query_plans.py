"""How SQLite finds what each statement asks for: never by looking through a table that gains rows as people speak."""

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

import twimbot
from tests.store.empty import empty_database
from tests.store.living import live
from twimbot.store.database import migrations
from twimbot.store.people import DELETED, RENAMED

SOURCE = Path(twimbot.__file__).parent

SMALL = {"session", "position", "bot_name", "room", "invitation", "catalogue_file"}
"""Tables that hold what the bot is and where it is; all others gain rows with what people say and do."""

FOUND_AT_ONCE = ("DELETE FROM undecrypted", "DELETE FROM invitation")
"""What of somebody is found without looking at much that is others'."""

WHOLE = {
    "SELECT event_id FROM failed_event ": "an editor asks for the events that a defect kept from being handled",
    "SELECT event_id, room_id, session_id, sent_at, is_history FROM undecrypted ": "keys have come for any that waits",
    "DELETE FROM undecrypted WHERE (SELECT count": "what waits for keys is bounded in all, and few events do",
    "SELECT DISTINCT file_name FROM media ": "the folder of pictures is compared with the store, once at the start",
    "SELECT event_id, publication, room_id, sender, project FROM proposal ": "an editor asks for the proposals",
    "SELECT id, edition, title FROM archive_post ": "all published posts are asked for",
    "SELECT term, uses, (SELECT json_group_object": "a post has a few dozen departments, and few change their titles",
    "SELECT coalesce(max(seq), 0) AS last FROM outbox": "one step: to the end of the table",
    "DELETE FROM demand WHERE at < ": "what is forgotten",
    "DELETE FROM media_use WHERE day < ": "what is forgotten",
    "WITH here AS MATERIALIZED (SELECT id, event_id, sender": "somebody is put out of a room with all that they said",
    **dict.fromkeys(
        (
            *(" ".join(each.split()[:5]) for each in (*DELETED, *RENAMED) if not each.startswith(FOUND_AT_ONCE)),
            *("UPDATE export_job SET author", "UPDATE outbox SET state = CASE", "SELECT id FROM entry WHERE sender"),
            "SELECT display_name AS name FROM",
        ),
        "somebody is forgotten, while nothing else is done",
    ),
    "DELETE FROM member WHERE left_at < ": "what is forgotten",
    "SELECT digest, salt, at FROM forgotten": "few people ask for it",
    "SELECT count(*) AS number FROM entry": "who watches asks some times a minute; ten years have some thousands",
}
"""Statements that read all that a table or a partial index holds, and why."""

SORTED = {
    "SELECT display_name AS name FROM entry": "somebody is forgotten, while nothing else is done",
    "SELECT id, publication, edition FROM archive_entry": "somebody is forgotten, while nothing else is done",
    "SELECT caption.sender, is_by_editor, media.id": "what one message describes",
    "SELECT DISTINCT media.entry_id FROM caption": "what one message describes",
    "SELECT choice.entry_id": "the choices of one message",
    "SELECT sender FROM revision WHERE entry_id": "the texts of one entry",
    "SELECT department, project, website, edition, substr": "the few past entries that are alike",
    "SELECT department, terms FROM archive_told": "the terms of one entry",
    "SELECT publication, edition, sender, name, department": "the terms of one entry",
    "SELECT entry_id FROM entry JOIN passage": "the entries of one edition",
    "SELECT event_id, sent_at, text FROM passage_now": "the passages of one entry",
    "SELECT edition, CASE WHEN post_id": "the past entries that have some words",
    "SELECT id, event_id, mxc, kind, alt": "the pictures of one entry",
    "SELECT event_id, publication, edition, room_id, author FROM export_job": "the exports that wait",
    "SELECT event_id, publication, room_id FROM reload_job": "the reloads that wait",
    "SELECT event_id, publication, room_id, sender, project FROM proposal": "an editor asks for the proposals",
    "SELECT event_id FROM failed_event": "an editor asks for the failures",
    "SELECT sender, name, department, project, website, text FROM archive_entry": "the entries of one post",
    "SELECT sender, count(*) AS number FROM undecrypted": "the messages of one edition whose keys have not come",
    "DELETE FROM undecrypted WHERE (SELECT count": "what waits for keys, by sender",
    "SELECT server, milliseconds FROM pong": "the pongs of one edition",
    "UPDATE outbox SET event_id = ": "the reactions on one event",
    "WITH here AS MATERIALIZED (SELECT id, event_id, sender": "what somebody said who is put out of a room",
    "DELETE FROM media_edit WHERE target": "the edits of one message",
    "UPDATE caption SET text = ''": "the descriptions of one picture",
    "UPDATE revision SET text = ''": "the edits of one message",
    "WITH pair AS": "the reactions that wait",
    "SELECT DISTINCT file_name FROM media WHERE event_id": "the pictures of one message",
    "WITH RECURSIVE below": "what stands below one message",
    "SELECT publication, purpose, room_id, configured": "the rooms",
    "SELECT DISTINCT room_id, via FROM room": "the rooms",
}
"""Statements that sort or compare what they find, and how many rows that may be."""

ABOUT_THE_FILE = {"copying.py"}
"""Modules that ask for nothing that the tables hold."""

KEYWORDS = re.compile(r"\b(SELECT|INSERT INTO|INSERT OR|UPDATE|DELETE FROM|WHERE|ORDER BY)\b")
VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
STEP = re.compile(r"(?:SCAN|SEARCH) (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?(?P<found_by>.*)")


@pytest.fixture(scope="module")
async def executed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the statements that are executed in a life, with their values, each once."""
    heard: dict[str, str] = {}

    def hear(statement: str) -> None:
        is_of_index = "'archive_index_config'" in statement  # its own few settings, read once, maybe before that
        if not is_of_index and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement):
            heard.setdefault(VALUE.sub("?", statement), " ".join(statement.split()))

    await live(tmp_path_factory.mktemp("life"), hear)
    return sorted(set(heard.values()))


@pytest.fixture(scope="module")
def plans(executed: list[str]) -> dict[str, list[str]]:
    """Return the steps by which SQLite carries out each statement."""
    with closing(empty_database(":memory:")) as connection:
        return {
            statement: [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            for statement in executed
        }


def waiting_only() -> set[str]:
    """Return the indexes that hold what waits, and nothing that is done."""
    sql = "\n".join(statements for _, statements in migrations())
    is_open = r"state = 'pending'|state = 'wanted'|NOT is_done|NOT is_settled"
    return set(re.findall(rf"CREATE INDEX (\w+) [^;]*WHERE (?:{is_open});", sql))


WAITING_ONLY = waiting_only()


def reads_all(step: str, statement: str) -> bool:
    """Tell whether a step looks at all rows of a table that grows, or at all of a publication or room."""
    way = STEP.match(step)
    if way is None or way["index"] in WAITING_ONLY or "VIRTUAL TABLE" in step or step == "SCAN CONSTANT ROW":
        return "AUTOMATIC" in step
    if way["table"] in SMALL or re.search(rf"\b{way['table']} (\([\w, ]+\) )?AS (MATERIALIZED )?\(", statement):
        return False
    return "=?" not in way["found_by"] or way["found_by"] in {" (publication=?)", " (room_id=?)"} or "AUTOMATIC" in step


def unnamed(statements: dict[str, list[str]], named: dict[str, str]) -> dict[str, list[str]]:
    return {text: steps for text, steps in statements.items() if not text.startswith(tuple(named))}


def test_no_statement_looks_through_a_table_that_grows(plans: dict[str, list[str]]) -> None:
    slow = {text: [step for step in steps if reads_all(step, text)] for text, steps in plans.items()}
    slow = {text: steps for text, steps in slow.items() if steps}
    assert unnamed(slow, WHOLE) == {}
    assert [start for start in WHOLE if not any(text.startswith(start) for text in slow)] == []


def test_what_is_sorted_is_little(plans: dict[str, list[str]]) -> None:
    sorting = {text: steps for text, steps in plans.items() if any("TEMP B-TREE" in step for step in steps)}
    assert unnamed(sorting, SORTED) == {}
    assert [start for start in SORTED if not any(text.startswith(start) for text in sorting)] == []


@pytest.mark.parametrize(
    ("step", "is_slow"),
    [
        ("SCAN entry", True),
        ("SCAN entry USING COVERING INDEX sqlite_autoindex_entry_1", True),
        ("SEARCH move", True),
        ("SEARCH entry USING COVERING INDEX entry_by_sender (room_id=?)", True),
        ("SEARCH demand USING COVERING INDEX demand_by_time (at<?)", True),
        ("SEARCH entry USING AUTOMATIC COVERING INDEX (sender=?)", True),
        ("SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)", False),
        ("SEARCH entry USING INDEX sqlite_autoindex_entry_2 (publication=? AND edition>?)", False),
        ("SCAN outbox USING INDEX outbox_pending", False),
        ("SCAN room", False),
        ("USE TEMP B-TREE FOR ORDER BY", False),
    ],
)
def test_a_slow_step_is_told_from_a_quick_one(step: str, *, is_slow: bool) -> None:
    assert reads_all(step, "") is is_slow


def written() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield where each statement, or part of one, is written, and what it looks like with values in it."""
    for file in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        skipped |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in (each for each in nodes if isinstance(each, ast.expr) and id(each) not in skipped):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            pieces = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            is_about_file = any("sqlite_schema" in str(piece) for piece in pieces)
            if not is_about_file and any(isinstance(piece, str) and KEYWORDS.search(piece) for piece in pieces):
                yield f"{file.name}:{node.lineno}", pattern(pieces)


def pattern(pieces: Sequence[object]) -> re.Pattern[str]:
    """Return what matches a text in which each `?` has become a value; None stands for any text."""
    whole = "".join(" ".join(re.split(r"\s+", piece)) if isinstance(piece, str) else "\0" for piece in pieces)
    return re.compile(re.sub(r"\\\?\d?", ".*?", re.escape(whole.strip())).replace("\0", ".*?"), re.DOTALL)


def test_every_statement_that_is_written_is_looked_at(executed: list[str]) -> None:
    places = [(place, text) for place, text in written() if place.partition(":")[0] not in ABOUT_THE_FILE]
    assert len(places) > 150
    assert [place for place, text in places if not any(map(text.search, executed))] == []

"""What is kept of people is written down, and somebody who is forgotten is in no column."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.empty import empty_database
from twimbot.store.people import DELETED, RENAMED, Forgotten, _digest

PAGE = Path(__file__).parents[2] / "SECURITY.md"

PEOPLE = {"sender", "user_id", "inviter", "display_name", "name", "author"}
"""How columns are called that hold somebody."""

TEXTS = {
    *("text", "alt", "answer", "error", "content", "project", "projects", "departments", "terms", "term"),
    *("pictures", "former", "value", "file_name"),
}
"""How columns are called that hold what somebody wrote, or what was made of it."""

NEUTRAL = {
    *("publication", "edition", "event_id", "room_id", "target", "thread", "cause", "purpose", "subject", "picture"),
    *("kind", "key", "field", "title", "department", "website", "url", "state", "reason", "authority", "how", "loss"),
    *("mxc", "iv", "sha256", "token", "device_id", "access_token", "refresh_token", "configured", "alias", "via"),
    *("successor", "session_id", "server", "part", "from_edition", "to_edition", "proposal", "digest", "uses"),
    *("transaction_id", "type"),
}
"""How columns are called that hold neither."""

OF_THE_CATALOGUE = {f"{table}.project" for table in ("filing", "archive_entry", "choice", "exported_entry", "guess")}
"""Columns that hold a project's key or title, which is the catalogue's."""

ELSEWHERE = {
    "entry.sender": "entries.erase",
    "entry.display_name": "entries.erase",
    "archive_entry.sender": "archive.forget_published and unlearn",
    "archive_entry.name": "the same",
    "export_job.author": "by name, in People.blank",
    "member.display_name": "with its row",
    "session.user_id": "the bot",
    "bot_name.name": "the bot",
}
"""Columns that hold somebody, and what takes them out where no statement of `people` does."""


def columns() -> Iterator[tuple[str, str]]:
    """Yield each text column of the database's own tables: the table and its name."""
    with closing(empty_database(":memory:")) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            for name, kind in connection.execute("SELECT name, type FROM pragma_table_xinfo(?)", (table,)):
                if kind == "TEXT":
                    yield table, name


COLUMNS = list(columns())


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_each_column_of_people_has_its_time_written_down(table: str, column: str) -> None:
    """A new column has to be called as one of these, or to be put among them."""
    assert column in PEOPLE | TEXTS | NEUTRAL
    if column in PEOPLE | TEXTS and f"{table}.{column}" not in OF_THE_CATALOGUE:
        assert f"`{table}.{column}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("table", "column"), [each for each in COLUMNS if each[1] in PEOPLE])
def test_whoever_is_forgotten_is_taken_out_of_each_column(table: str, column: str) -> None:
    statements = [*DELETED, *RENAMED]
    is_named = any(
        re.match(rf"(?:DELETE FROM|UPDATE) {table} ", each) and re.search(rf"WHERE .*\b{column}\b", each)
        for each in statements
    )
    assert is_named is not (f"{table}.{column}" in ELSEWHERE)


def test_the_page_names_no_column_that_is_not_there() -> None:
    named = set(re.findall(r"`(\w+\.\w+)`", PAGE.read_text(encoding="utf-8").partition("## What is kept")[2]))
    assert named - {f"{table}.{column}" for table, column in COLUMNS} == {"crypto.db"}


def test_who_is_forgotten_is_known_by_nothing_but_their_name() -> None:
    anna = "@anna:example.org"
    forgotten = Forgotten(((_digest(anna, b"salt"), b"salt", 1000),))
    assert forgotten.covers(anna, 1000)
    assert not forgotten.covers(anna, 1001)
    assert not forgotten.covers("@ben:example.org", 0)
    assert not Forgotten().covers(anna, 0)

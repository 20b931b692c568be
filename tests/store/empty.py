"""Empty databases, as this version makes them and as former ones did."""

import sqlite3
from pathlib import Path

from twimbot.store.database import migrations


def empty_database(path: Path | str, before: int | None = None) -> sqlite3.Connection:
    """Make an empty database as it was before a migration, or as it is now, and return it open."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function("unhex", 1, bytes.fromhex)  # SQLite has it itself since 3.41
    for number, statements in migrations():
        if before is None or number < before:
            connection.executescript(f"{statements}\nPRAGMA user_version = {number};")
    return connection

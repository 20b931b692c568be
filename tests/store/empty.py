"""Empty databases, as this version makes them."""

import sqlite3
from pathlib import Path

from twimbot.store.database import migrations


def empty_database(path: Path | str) -> sqlite3.Connection:
    """Make an empty database and return it open."""
    connection = sqlite3.connect(path, isolation_level=None)
    for number, statements in migrations():
        connection.executescript(f"{statements}\nPRAGMA user_version = {number};")
    return connection

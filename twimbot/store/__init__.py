"""The only room that knows SQL: one SQLite file, one writer, numbered migrations."""

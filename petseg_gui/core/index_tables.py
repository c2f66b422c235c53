"""The tables of the index: how they are made, and whether they are what was made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache

# One script per version of the layout; a project of version n gets those from n on.  They are
# never changed: there are projects of each version.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE photos (
        name TEXT PRIMARY KEY NOT NULL,
        label TEXT UNIQUE,
        accepted INTEGER NOT NULL DEFAULT 0,
        held_out INTEGER,
        model TEXT,
        gestures INTEGER NOT NULL DEFAULT 0,
        saved TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT);
    """,
    # A photo keeps its number when it is renamed: the log and the tags stay with it.
    """
    CREATE TABLE photos_new (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        label TEXT UNIQUE,
        accepted INTEGER NOT NULL DEFAULT 0,
        held_out INTEGER,
        model TEXT,
        gestures INTEGER NOT NULL DEFAULT 0,
        saved TEXT NOT NULL DEFAULT '',
        bytes INTEGER,
        mtime_ns INTEGER,
        digest TEXT,
        made_for TEXT,
        width INTEGER,
        height INTEGER,
        flag TEXT NOT NULL DEFAULT '',
        predicted_by TEXT,
        confidence REAL,
        seconds REAL NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT ''
    );
    INSERT INTO photos_new (name, label, accepted, held_out, model, gestures, saved)
        SELECT name, label, accepted, held_out, model, gestures, saved FROM photos;
    DROP TABLE photos;
    ALTER TABLE photos_new RENAME TO photos;
    CREATE INDEX photos_by_digest ON photos (digest);
    CREATE TABLE tags (
        photo INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (photo, tag)
    ) WITHOUT ROWID;
    CREATE TABLE log (
        id INTEGER PRIMARY KEY,
        photo INTEGER NOT NULL REFERENCES photos (id),
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    CREATE INDEX log_by_photo ON log (photo);
    CREATE TRIGGER log_stays BEFORE UPDATE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
    CREATE TRIGGER log_is_kept BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
    """,
    # Every photo is looked at once more: for when it was taken.
    """
    ALTER TABLE photos ADD COLUMN taken TEXT NOT NULL DEFAULT '';
    ALTER TABLE photos ADD COLUMN disagreement REAL;
    UPDATE photos SET bytes = NULL, mtime_ns = NULL;
    """,
)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, triggers whole."""
    statement = ""
    for part in script.split(";")[:-1]:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def check_tables(connection: sqlite3.Connection) -> None:
    """Whether a file has the tables, indexes and triggers that its version was given.

    A stranger's views and triggers could compute without end on the first question or change.

    Raises:
        sqlite3.DatabaseError: it has others; nothing of them has been run.
    """
    # Of one moment: another process may just be making the tables.
    connection.execute("BEGIN")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    parts = _parts(connection)
    connection.execute("COMMIT")
    if 0 <= version <= len(MIGRATIONS) and parts != _expected(version):
        raise sqlite3.DatabaseError("tables that this program does not make")


@cache
def _expected(version: int) -> frozenset[tuple[str, str, str, str]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for script in MIGRATIONS[:version]:
            for statement in statements(script):
                connection.execute(statement)
        return _parts(connection)
    finally:
        connection.close()


def _parts(connection: sqlite3.Connection) -> frozenset[tuple[str, str, str, str]]:
    """Kind, name, table, and the text of triggers: that of tables depends on SQLite's version."""
    found = connection.execute(
        "SELECT type, name, tbl_name, CASE type WHEN 'trigger' THEN sql ELSE '' END "
        "FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return frozenset(tuple(map(str, part)) for part in found)  # type: ignore[misc]

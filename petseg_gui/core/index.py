"""The project's index: one SQLite file that says which label belongs to which photo.

Everything in it can be rebuilt from the label files; :mod:`petseg_gui.core.store` does that.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from petseg_gui.core.records import StoreError

BUSY_SECONDS = 10.0

# One script per version of the layout; a project of version n gets those from n on.
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
)


@dataclass(frozen=True, slots=True)
class Row:
    """One photo that has, or had, a label.

    Attributes:
        name: the photo's name.
        label: file name of its label.
        accepted: a person accepted the label as it is.
        held_out: None until the photo is accepted for the first time, then for good.
        model: id of the model it started from.
        gestures: how many gestures a person made.
        saved: ISO 8601, UTC.
    """

    name: str
    label: str
    accepted: bool
    held_out: bool | None
    model: str | None
    gestures: int
    saved: str


_COLUMNS = "name, label, accepted, held_out, model, gestures, saved"


def _to_text(name: str) -> str:
    r"""A file name as SQLite can store it.

    Names that are not UTF-8 come from the operating system with lone surrogates, which SQLite
    refuses; they are written as ``\xNN``.  A backslash is doubled, so that this can be undone.
    """
    if name.isascii() and "\\" not in name:
        return name
    escaped = name.replace("\\", "\\\\")
    return "".join(
        f"\\x{ord(character) - 0xDC00:02x}" if 0xDC80 <= ord(character) <= 0xDCFF else character
        for character in escaped
    )


def _from_text(text: str) -> str:
    if "\\" not in text:
        return text
    parts = text.split("\\\\")
    for number, part in enumerate(parts):
        first, *escapes = part.split("\\x")
        parts[number] = first + "".join(chr(0xDC00 + int(e[:2], 16)) + e[2:] for e in escapes)
    return "\\".join(parts)


class Index:
    """An open index; every method may be called from any thread.

    Raises:
        sqlite3.DatabaseError: from any method, when the file is damaged or cannot be written.
        StoreError: from the constructor, when a newer version of the program made the file.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(path)
            self._check()
        except BaseException:
            self._connection.close()
            raise

    def _migrate(self, path: Path) -> None:
        if self._version() == len(MIGRATIONS):
            return
        with self.transaction() as connection:
            version = self._version()  # again: another process may have been faster
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"{path} was made by a newer version of PetSeg. "
                    "Update PetSeg to open this folder."
                )
            for script in MIGRATIONS[version:]:
                for statement in filter(str.strip, script.split(";")):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _check(self) -> None:
        problem = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(problem)
        try:
            self._connection.execute(f"SELECT {_COLUMNS} FROM photos LIMIT 0")  # noqa: S608
            self._connection.execute("SELECT key, value FROM settings LIMIT 0")
        except sqlite3.OperationalError as error:  # a database, but not this program's
            raise sqlite3.DatabaseError(str(error)) from error

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, and nobody else writes meanwhile."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def row(self, name: str) -> Row | None:
        """What is known about a photo's label; None: nothing."""
        with self._lock:
            found = self._connection.execute(
                f"SELECT {_COLUMNS} FROM photos WHERE name = ?",  # noqa: S608 - a constant
                (_to_text(name),),
            ).fetchone()
        return None if found is None else _row(found)

    def rows(self) -> list[Row]:
        """All photos that have, or had, a label, in no particular order."""
        with self._lock:
            found = self._connection.execute(
                f"SELECT {_COLUMNS} FROM photos"  # noqa: S608 - a constant
            ).fetchall()
        return [_row(values) for values in found]

    def put(self, *rows: Row, settings: Mapping[str, str] | None = None) -> None:
        """Write rows in place of those of the same photos, and settings, in one transaction."""
        values = [
            (
                _to_text(row.name),
                _to_text(row.label),
                row.accepted,
                row.held_out,
                row.model,
                row.gestures,
                row.saved,
            )
            for row in rows
        ]
        with self.transaction() as connection:
            connection.executemany(
                f"INSERT INTO photos ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
                "ON CONFLICT (name) DO UPDATE SET label = excluded.label, "
                "accepted = excluded.accepted, held_out = excluded.held_out, "
                "model = excluded.model, gestures = excluded.gestures, saved = excluded.saved",
                values,
            )
            connection.executemany(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)", (settings or {}).items()
            )

    def setting(self, key: str) -> str | None:
        """A value of the project, None when it was never set."""
        with self._lock:
            found = self._connection.execute(
                "SELECT value FROM settings WHERE key = ?", (key,)
            ).fetchone()
        return None if found is None else found[0]

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        with self._lock:
            self._connection.close()


def _row(values: tuple[str, str, int, int | None, str | None, int, str]) -> Row:
    name, label, accepted, held_out, model, gestures, saved = values
    return Row(
        _from_text(name),
        _from_text(label),
        bool(accepted),
        None if held_out is None else bool(held_out),
        model,
        gestures,
        saved,
    )

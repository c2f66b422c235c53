"""The project's index: one SQLite file with what is known about every photo.

What the label files say too is rebuilt from them: see :mod:`petseg_gui.core.rebuild`.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from petseg_gui.core.index_tables import MIGRATIONS, check_tables, statements
from petseg_gui.core.records import LogEntry, StoreError

BUSY_SECONDS = 10.0


class Row(NamedTuple):
    """One photo; a tuple, because there are thousands of them.

    Attributes:
        name: the photo's name.
        label: file name of its label; None: there never was one.
        accepted: a person accepted the label as it is.
        held_out: None until the photo is accepted for the first time, then for good.
        model: id of the model that the label started from.
        gestures: how many gestures a person made.
        saved: when the label was saved: ISO 8601, UTC.
        bytes: the photo file's size when it was last examined; None: never.
        mtime_ns: its time of change then.
        digest: its content then, see ``identity.digest_of``.
        made_for: ``digest`` of the photo that the label was drawn for; None: not known.
        width, height: of the photo as it is shown, in pixels.
        flag: see :class:`petseg_gui.core.records.PhotoFlag`.
        predicted_by, confidence, seconds, note, taken, disagreement, tags: see ``PhotoRecord``.
    """

    name: str
    label: str | None = None
    accepted: bool = False
    held_out: bool | None = None
    model: str | None = None
    gestures: int = 0
    saved: str = ""
    bytes: int | None = None
    mtime_ns: int | None = None
    digest: str | None = None
    made_for: str | None = None
    width: int | None = None
    height: int | None = None
    flag: str = ""
    predicted_by: str | None = None
    confidence: float | None = None
    seconds: float = 0.0
    note: str = ""
    taken: str = ""
    disagreement: float | None = None
    tags: tuple[str, ...] = ()

    @property
    def replaced(self) -> bool:
        """The label was drawn for another picture than the photo is now."""
        # Nearly all are equal: the rest is looked at for few.
        return self.digest != self.made_for and None not in (self.label, self.digest, self.made_for)


_PLAIN = Row._fields[:-1]
_COLUMNS = ", ".join(_PLAIN)
# No tag holds a control character.
_SEPARATOR = "\x1f"
_SELECT = (
    f"SELECT {_COLUMNS}, (SELECT group_concat(tag, char(31)) FROM tags WHERE photo = photos.id) "  # noqa: S608
    "FROM photos"
)
_UPSERT = (
    f"INSERT INTO photos ({_COLUMNS}) VALUES ({', '.join('?' * len(_PLAIN))}) "  # noqa: S608
    f"ON CONFLICT (name) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _PLAIN[1:])}"
)
# SQLite keeps any value in any column, and a label's name must not lead out of the folder.
_TEXTS = "name, label, model, saved, digest, made_for, flag, predicted_by, note, taken"
_WHOLE = "accepted, held_out, gestures, bytes, mtime_ns, width, height"
_REAL = "confidence, seconds, disagreement"
_NO_FILE_NAME = " OR ".join(
    f"instr(label, '{mark}')" for mark in ("/", "\\", ":")[: 3 if os.name == "nt" else 1]
)
_EVERY = " || ' ' || ".join(f"coalesce({column}, '')" for column in _TEXTS.split(", "))
_ALL_TEXT = f"SELECT group_concat({_EVERY}) FROM photos"  # noqa: S608 - constants
_UNSOUND = (
    "SELECT 1 FROM photos WHERE label NOT LIKE '_%.png' OR flag NOT IN ('', 'flagged', 'skipped') "  # noqa: S608
    f"OR {_NO_FILE_NAME} "
    + " ".join(f"OR typeof({c}) NOT IN ('text', 'null')" for c in _TEXTS.split(", "))
    + " ".join(f" OR typeof({c}) NOT IN ('integer', 'null')" for c in _WHOLE.split(", "))
    + " ".join(f" OR typeof({c}) NOT IN ('real', 'null')" for c in _REAL.split(", "))
    + " LIMIT 1"
)
_ID = "(SELECT id FROM photos WHERE name = ?)"


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
    return "\\".join(_ESCAPE.sub(_surrogate, part) for part in text.split("\\\\"))


_ESCAPE = re.compile(r"\\x([89a-f][0-9a-f])")


def _surrogate(escape: re.Match[str]) -> str:
    return chr(0xDC00 + int(escape[1], 16))


class Index:
    """An open index; every method may be called from any thread.

    Raises:
        sqlite3.DatabaseError: from any method, when the file is damaged or cannot be written.
        StoreError: from the constructor, when a newer version of the program made the file.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            with _decoded():
                if read_only:
                    self._connection.execute("PRAGMA query_only = ON")
                    if self._version() != len(MIGRATIONS):
                        raise sqlite3.OperationalError("another window is just making it")
                    check_tables(self._connection)
                else:
                    self._connection.execute("PRAGMA journal_mode = WAL")
                    self._connection.execute("PRAGMA foreign_keys = ON")
                    check_tables(self._connection)
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
            try:
                for script in MIGRATIONS[version:]:
                    for statement in statements(script):
                        connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                    raise
                # A statement that does not fit the tables: a database, but not this program's.
                raise sqlite3.DatabaseError(str(error)) from error
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _check(self) -> None:
        problem = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(problem)
        try:
            self._connection.execute(f"{_SELECT} LIMIT 0")
            self._connection.execute("SELECT key, value FROM settings LIMIT 0")
            self._connection.execute("SELECT photo, at, who, what, detail FROM log LIMIT 0")
            self._connection.execute(_ALL_TEXT).fetchone()  # fails on what is no UTF-8
            if self._connection.execute(_UNSOUND).fetchone() is not None:
                raise sqlite3.DatabaseError("values that this program does not write")
        except sqlite3.OperationalError as error:  # a database, but not this program's
            raise sqlite3.DatabaseError(str(error)) from error

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, and nobody else writes meanwhile."""
        with self._lock, _decoded():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def row(self, name: str) -> Row | None:
        """What is known about a photo; None: nothing."""
        found = self._fetch(f"{_SELECT} WHERE name = ?", _to_text(name))
        return _row(found[0]) if found else None

    def rows(self) -> list[Row]:
        """All photos of which anything is known, in no particular order."""
        return [_row(values) for values in self._fetch(_SELECT)]

    def rows_of_content(self, digest: str) -> list[Row]:
        """Photos that had this content when they were last examined, or whose label is for it."""
        found = self._fetch(f"{_SELECT} WHERE digest = ? OR made_for = ?", digest, digest)
        return [_row(values) for values in found]

    def labels(self) -> list[str]:
        """File names of all labels."""
        found = self._fetch("SELECT label FROM photos WHERE label IS NOT NULL")
        return [_from_text(values[0]) for values in found]

    def held_out(self) -> tuple[int, int]:
        """How many photos are held out, and of how many that was decided."""
        ((held, decided),) = self._fetch("SELECT total(held_out), count(held_out) FROM photos")
        return int(held), decided

    def log(self, name: str) -> list[LogEntry]:
        """What was changed about a photo, oldest first."""
        found = self._fetch(
            f"SELECT at, who, what, detail FROM log WHERE photo = {_ID} ORDER BY id",  # noqa: S608
            _to_text(name),
        )
        return [
            LogEntry(str(at), str(who), str(what), _from_text(str(detail)))
            for at, who, what, detail in found
        ]

    def put(
        self,
        *rows: Row,
        settings: Mapping[str, str] | None = None,
        log: Iterable[tuple[str, LogEntry]] = (),
        swap: tuple[str, str] | None = None,
    ) -> None:
        """Write rows in place of those of the same photos, settings and log, in one transaction.

        Args:
            rows: what is known about photos from now on.
            settings: values of the project.
            log: photo and entry; the photo has a row.
            swap: two names that change places before everything else.
        """
        with self.transaction() as connection:
            if swap is not None:
                first, second = (_to_text(name) for name in swap)
                # No photo's name holds a NUL.
                for new, old in (("\0", first), (first, second), (second, "\0")):
                    connection.execute("UPDATE photos SET name = ? WHERE name = ?", (new, old))
            connection.executemany(_UPSERT, map(_values, rows))
            names = [(_to_text(row.name),) for row in rows]
            connection.executemany(f"DELETE FROM tags WHERE photo = {_ID}", names)  # noqa: S608
            connection.executemany(
                f"INSERT INTO tags VALUES ({_ID}, ?)",  # noqa: S608
                [(_to_text(row.name), tag) for row in rows for tag in row.tags],
            )
            connection.executemany(
                f"INSERT INTO log (photo, at, who, what, detail) VALUES ({_ID}, ?, ?, ?, ?)",  # noqa: S608
                [
                    (_to_text(name), entry.at, entry.who, entry.what, _to_text(entry.detail))
                    for name, entry in log
                ],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)", (settings or {}).items()
            )

    def setting(self, key: str) -> str | None:
        """A value of the project, None when it was never set."""
        found = self._fetch("SELECT value FROM settings WHERE key = ?", key)
        return found[0][0] if found else None

    def any_below(self) -> bool:
        """Whether anything is known of a photo in a subfolder."""
        return bool(self._fetch("SELECT 1 FROM photos WHERE instr(name, '/') LIMIT 1"))

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        with self._lock:
            self._connection.close()

    def _fetch(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock, _decoded():
            return self._connection.execute(query, values).fetchall()


@contextmanager
def _decoded() -> Iterator[None]:
    """Over a damaged file even the messages of SQLite's errors may not be text."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("the file holds what is no text") from error


def _row(values: tuple[Any, ...]) -> Row:
    # Thousands in a row: what need not be changed is left as it is.
    name, label, accepted, held_out, *rest, tags = values
    if "\\" in name or (label is not None and "\\" in label):
        name, label = _from_text(name), None if label is None else _from_text(label)
    if held_out is not None:
        held_out = bool(held_out)
    sorted_tags = tuple(sorted(tags.split(_SEPARATOR))) if tags else ()
    return Row._make((name, label, bool(accepted), held_out, *rest, sorted_tags))


def _values(row: Row) -> tuple[object, ...]:
    label = None if row.label is None else _to_text(row.label)
    return (_to_text(row.name), label, *row[2:-1])

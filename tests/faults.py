"""Faults of the disk at every write in turn, whoever does the writing.

:class:`Disk` stands between Python and the operating system: it counts everything that changes
the disk below a folder, and lets one of those operations fail, or it and all that follow.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}

GONE = "gone"
"""The folder is renamed away: what the disk says then is its own affair."""

KINDS = (*ERRORS, GONE)

# What SQLite says where the system calls say so.
_SQLITE = {
    errno.ENOSPC: ("database or disk is full", sqlite3.SQLITE_FULL),
    errno.EIO: ("disk I/O error", sqlite3.SQLITE_IOERR),
    errno.EACCES: ("attempt to write a readonly database", sqlite3.SQLITE_READONLY),
}
_READS = ("SELECT", "PRAGMA quick_check", "PRAGMA user_version;", "ROLLBACK")
_NEW = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Fault:
    """What fails.

    Attributes:
        kind: one of :data:`KINDS`.
        at: which operation, from 1 on; 0: none.
        lasting: all that follow fail as well.
    """

    kind: str
    at: int
    lasting: bool = False


class Disk:
    """The disk below a folder, while a fault is injected; made by :func:`broken`.

    Attributes:
        operations: what was done, in order, as a name and a path.
        struck: whether it came to the fault.
    """

    def __init__(self, below: Path, fault: Fault) -> None:
        self.below = below
        self.away = below.with_name(below.name + " (away)")
        self.operations: list[tuple[str, str]] = []
        self._fault = fault
        self._lock = threading.RLock()
        self._paths: dict[int, Path] = {}
        self._real = {name: getattr(os, name) for name in ("open", "close", "rename")}

    @property
    def struck(self) -> bool:
        return 0 < self._fault.at <= len(self.operations)

    @property
    def last(self) -> tuple[str, str] | str:
        """The operation that failed."""
        return self.operations[self._fault.at - 1] if self.struck else "nowhere"

    def back(self) -> None:
        """Put the folder back where it was."""
        if self.away.exists():
            assert not self.below.exists(), "something was made where the folder was"
            self._real["rename"](self.away, self.below)

    def write(self, name: str, path: object) -> None:
        """An operation is about to change ``path``.

        Raises:
            OSError: it is to fail.
        """
        code = self.fails(name, path)
        if code:
            raise OSError(code, os.strerror(code), str(path))

    def fails(self, name: str, path: object) -> int:
        """The error with which an operation fails; 0: it does not."""
        path = self._paths.get(path) if isinstance(path, int) else path
        if path is None or not Path(os.fsdecode(os.fspath(path))).is_relative_to(self.below):
            return 0
        with self._lock:
            self.operations.append((name, os.fsdecode(os.fspath(path))))
            count, fault = len(self.operations), self._fault
            if count < fault.at or not fault.at or (count > fault.at and not fault.lasting):
                return 0
            if fault.kind != GONE:
                return ERRORS[fault.kind]
            if count == fault.at:
                self._real["rename"](self.below, self.away)
        return 0

    def open(self, path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & _NEW:
            self.write("open", path)
        descriptor: int = self._real["open"](path, flags, *rest, **options)
        self._paths[descriptor] = Path(os.fsdecode(os.fspath(path)))
        return descriptor

    def close(self, descriptor: int) -> None:
        self._paths.pop(descriptor, None)
        self._real["close"](descriptor)

    def path_of(self, descriptor: int) -> Path | None:
        return self._paths.get(descriptor)


class _File:
    """A file whose writes are counted."""

    def __init__(self, disk: Disk, file: IO[bytes], path: Path) -> None:
        self._disk, self._file, self._path = disk, file, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_what: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._disk.write("write", self._path)
        return self._file.write(data)

    def flush(self) -> None:
        self._disk.write("flush", self._path)
        self._file.flush()


@contextmanager
def broken(below: Path, fault: Fault) -> Iterator[Disk]:
    """Everything that changes the disk below a folder is counted, and fails as ``fault`` says.

    Args:
        below: the folder.  In the end it is again where it was.
        fault: what fails.
    """
    disk = Disk(below, fault)
    assert sqlite3.connect.__name__ == "counted_connect", "call `count_statements` first"
    with pytest.MonkeyPatch.context() as patch:
        _patch_system(patch, disk)
        _patch_files(patch, disk)
        patch.setattr(CountedConnection, "disk", disk)
        yield disk
    disk.back()


def _patch_system(patch: pytest.MonkeyPatch, disk: Disk) -> None:
    patch.setattr(os, "open", disk.open)
    patch.setattr(os, "close", disk.close)
    # The last path is the one that is made or changed.
    for name, paths in (
        *(("replace", 2), ("rename", 2), ("link", 2), ("symlink", 2)),
        *(("mkdir", 1), ("unlink", 1), ("remove", 1), ("rmdir", 1)),
        *(("truncate", 1), ("ftruncate", 1), ("fsync", 1), ("utime", 1), ("write", 1)),
    ):
        patch.setattr(os, name, _counted(disk, name, getattr(os, name), paths))


def _counted(
    disk: Disk, name: str, real: Callable[..., object], paths: int
) -> Callable[..., object]:
    def call(*arguments: Any, **options: Any) -> object:
        disk.write(name, arguments[paths - 1])
        # No power cut follows: waiting for the disk would be most of the tests' time.
        return (
            None if name == "fsync" and disk.path_of(arguments[0]) else real(*arguments, **options)
        )

    return call


def _patch_files(patch: pytest.MonkeyPatch, disk: Disk) -> None:
    real_open, real_fdopen = builtins.open, os.fdopen

    def open_(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return real_open(file, mode, *rest, **options)
        disk.write("open", file)
        opened = real_open(file, mode, *rest, **options)
        disk._paths[opened.fileno()] = Path(file)
        return _File(disk, opened, Path(file))

    def fdopen(descriptor: int, mode: str = "r", *rest: Any, **options: Any) -> Any:
        opened = real_fdopen(descriptor, mode, *rest, **options)
        path = disk.path_of(descriptor)
        return opened if path is None or "r" in mode else _File(disk, opened, path)

    patch.setattr(builtins, "open", open_)
    patch.setattr(io, "open", open_)
    patch.setattr(os, "fdopen", fdopen)


class CountedConnection(sqlite3.Connection):
    """A connection whose statements are counted; stands in for all that the program opens."""

    disk: Disk | None = None
    path: Path | None = None

    def __init__(self, database: Any, *rest: Any, **options: Any) -> None:
        self.path = Path(database)
        if self.disk is not None and not self.path.exists():
            self._strike("connect")
        super().__init__(database, *rest, **options)
        super().execute("PRAGMA synchronous = OFF")

    def execute(self, statement: str, *rest: Any) -> sqlite3.Cursor:
        self._strike(statement)
        return super().execute(statement, *rest)

    def executemany(self, statement: str, *rest: Any) -> sqlite3.Cursor:
        self._strike(statement)
        return super().executemany(statement, *rest)

    def _strike(self, statement: str) -> None:
        if self.disk is None or f"{statement};".startswith(_READS):
            return
        code = self.disk.fails(" ".join(statement.split()[:4]), self.path)
        if code:
            text, number = _SQLITE[code]
            error = sqlite3.OperationalError(text)
            error.sqlite_errorcode = number
            raise error


def count_statements(patch: pytest.MonkeyPatch) -> None:
    """From now on every connection to a database can fail as :func:`broken` says."""
    real = sqlite3.connect

    def counted_connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return real(*arguments, factory=CountedConnection, **options)

    patch.setattr(sqlite3, "connect", counted_connect)

"""Only one process at a time writes to a project: an advisory lock that ends with its process."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

LOCK_NAME = "project.lock"

# What file systems answer that have no locks (some network shares).
_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL})


class ProjectLock:
    """The right to write to a project, shared by all who hold it in this process.

    The operating system gives it back when the process ends, however that happens: there is
    nothing to clean up after a crash.  Within one process several may hold it, because a window
    opens a folder anew before it closes it.

    Attributes:
        held: whether this process may write.
        first: nobody else in this process held it when this one came.
        writing: taken for every change, by all who hold it in this process.
    """

    def __init__(self, root: Path) -> None:
        self._path = str((root / LOCK_NAME).resolve())
        self._open = True
        with _guard:
            shared = _shared.get(self._path)
            self.first = shared is None
            if shared is None:
                shared = _Shared(_locked(root / LOCK_NAME))
                if shared.descriptor is not None:
                    _shared[self._path] = shared
            self.held = shared.descriptor is not None
            self.writing = shared.writing
            if self.held:
                shared.holders += 1

    def release(self) -> None:
        """Give it back; doing so twice does no harm."""
        with _guard:
            if not self._open:
                return
            self._open = False
            if not self.held:
                return
            shared = _shared[self._path]
            shared.holders -= 1
            if shared.holders == 0 and shared.descriptor is not None:
                del _shared[self._path]
                os.close(shared.descriptor)


class _Shared:
    """The lock of this process on one project."""

    def __init__(self, descriptor: int | None) -> None:
        self.descriptor = descriptor
        self.holders = 0
        self.writing = threading.RLock()


_guard = threading.Lock()
_shared: dict[str, _Shared] = {}


def _locked(path: Path) -> int | None:
    """The open, locked file; None: another process has it.

    Raises:
        OSError: the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(descriptor)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return descriptor  # as before there were locks: SQLite's own keep the index whole
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return None
        raise
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        # flock, not lockf: the latter is lost when anybody in the process closes the file.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

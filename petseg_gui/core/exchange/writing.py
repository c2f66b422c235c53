"""Writing into a folder of the user's: whole files, nothing replaced unasked, errors in words."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.files import sync_folder, write_atomically
from petseg_gui.core.disk import make_below
from petseg_gui.core.exchange.common import ExchangeError, megabytes

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Target:
    """The folder that an export writes to.

    Args:
        folder: made when the first file is written.
        overwrite: whether files may be replaced.

    Attributes:
        written: the files that are in place, in order.
    """

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        self.folder = folder
        self.written: list[Path] = []
        self._overwrite = overwrite
        self._made = False

    def write(self, name: str, data: bytes) -> None:
        """Write a file; whenever that is interrupted, the file is whole or not there.

        Args:
            name: relative to the folder, with slashes.
            data: its content.

        Raises:
            ExchangeError: it exists and may not be replaced, or cannot be written.
        """
        path = self._free(name)
        with _told(path):
            self._make_folder(path.parent)
            write_atomically(path, data)
        self.written.append(path)

    def stream(self, name: str) -> Stream:
        """A file to write piece by piece.

        Args:
            name: relative to the folder, with slashes.

        Raises:
            ExchangeError: as :meth:`write` does.
        """
        path = self._free(name)
        with _told(path):
            self._make_folder(path.parent)
            return Stream(path, lambda: self.written.append(self._free(name)))

    def _make_folder(self, folder: Path) -> None:
        # Made once: if it is gone later, its disk was pulled out, and another would be filled.
        if not (self._made or self.folder.is_dir()):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._made = True
        make_below(self.folder, folder)

    def _free(self, name: str) -> Path:
        path = self.folder / name
        if not self._overwrite and os.path.lexists(path):
            raise exists_already([path])
        return path


class Stream:
    """A file that gets its name when it is whole; made by :meth:`Target.stream`.

    Attributes:
        size: bytes written to it.
    """

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        self.size = 0
        self._path = path
        self._check = check
        self._temporary = path.parent / f".petseg-{os.urandom(8).hex()}.tmp"
        self._file = self._temporary.open("xb")

    def write(self, data: bytes) -> None:
        """Write a piece.

        Raises:
            ExchangeError: it cannot be written.
        """
        with _told(self._path):
            self._file.write(data)
        self.size += len(data)

    def commit(self) -> None:
        """The file is whole, and gets its name.

        Raises:
            ExchangeError: a file of that name has come up; or it cannot be written.
        """
        with _told(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._check()
            self._temporary.replace(self._path)
            sync_folder(self._path.parent)

    def discard(self) -> None:
        """Remove the file, unless it has its name."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def exists_already(paths: list[Path]) -> ExchangeError:
    """The error that says which files would have been replaced."""
    more = f" and {len(paths) - 1:,} more files" if len(paths) > 1 else ""
    return ExchangeError(
        f"{paths[0]}{more}",
        "there already" if more else "it is there already",
        "Choose an empty folder, or allow files to be replaced.",
    )


def check_space(folder: Path, needed: int) -> None:
    """Whether about so many bytes can be written to a folder, which need not exist yet.

    Raises:
        ExchangeError: the disk has not that much space.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        free = shutil.disk_usage(there).free
    except OSError:  # some network shares do not say; writing will
        return
    if needed > free:
        raise ExchangeError(
            folder,
            f"the export takes about {megabytes(needed)}, and the disk has {megabytes(free)} free",
            "Free some space, or choose another disk.",
        )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"it cannot be written ({error.strerror or error})"
        remedy = "Check that the folder is there and that you may write to it."
        if error.errno in _FULL:
            remedy = "Free some space on the disk, or choose another; what is written is whole."
        raise ExchangeError(path, reason, remedy) from error

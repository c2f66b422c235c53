"""What the store's files have in common: errors in words, reading masks, the time."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.photo_file import pixel_limit
from petseg_gui.core.records import StoreError


def now() -> str:
    """The time as labels and the index write it: ISO 8601, UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


STALE_SECONDS = 3600.0
"""A temporary file that nobody has touched for so long belongs to no write under way."""


def sweep(folder: Path, *, older_than: float = 0.0) -> None:
    """Remove what writes that were cut off have left; failing to is no harm.

    Args:
        folder: where to look; not below it.
        older_than: seconds since the last change that make a file stale.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        stale = [e for e in entries if e.name.startswith(".petseg-") and e.name.endswith(".tmp")]
        for entry in stale:
            with suppress(OSError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime >= older_than:
                    Path(entry.path).unlink()


_REMEDIES = {
    errno.ENOSPC: "Free some space on the disk and try again.",
    errno.EDQUOT: "Free some space on the disk and try again.",
    errno.EACCES: "Check that you may write there and try again.",
    errno.EPERM: "Check that you may write there and try again.",
    errno.EROFS: "The disk is read-only: copy the photos to another one.",
    errno.ENOENT: "Check that the folder is still there.",
    errno.ENOTDIR: "Check that the folder is still there.",
}


_LASTING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_LASTING_SQL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)


def is_lasting(error: BaseException) -> bool:
    """Whether what is written next would fail as well: the disk is full, or cannot be written."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _LASTING:
            return True
        if isinstance(cause, sqlite3.Error):
            return _code(cause) in _LASTING_SQL
        cause = cause.__cause__
    return False


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0: it does not say."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


@contextmanager
def told(path: Path, done: str) -> Iterator[None]:
    """Turn errors of the disk and the index into one that can be shown."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "Check the disk and try again.")
        reason = error.strerror or str(error)
        raise StoreError(f"{path} could not be {done} ({reason}). {remedy}") from error
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_FULL:
            remedy = _REMEDIES[errno.ENOSPC]
            raise StoreError(f"{path} could not be {done} ({error}). {remedy}") from error
        raise StoreError(
            f"{path} could not be {done}, because the list of labels cannot be used ({error}). "
            "Check the disk, close other windows of PetSeg on this folder, and try again."
        ) from error


@contextmanager
def as_it_was(path: Path) -> Iterator[None]:
    """If what is done within fails, the file is what it was, or not there if it was not.

    A second name keeps the old content meanwhile, so that this takes no space on a full disk.

    Raises:
        OSError: the file is there and can be kept in no way; nothing was done.
    """
    kept: Path | None = path.with_name(f".petseg-{os.urandom(8).hex()}.tmp")
    before = None
    try:
        os.link(path, str(kept))
    except OSError:  # there is no file yet, or the file system has no links
        kept, before = None, path.read_bytes() if path.exists() else None
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if kept is not None and not (path.exists() and path.samefile(kept)):
                kept.replace(path)
            elif before is not None and path.read_bytes() != before:
                write_atomically(path, before)
            elif kept is None and before is None:
                path.unlink(missing_ok=True)
        raise
    finally:
        with suppress(OSError):
            if kept is not None:
                kept.unlink(missing_ok=True)


def make_below(root: Path, folder: Path) -> None:
    """Make a folder and those above it, but never ``root``: it may only be away for a while.

    Raises:
        OSError: it cannot be made, or ``root`` is not there.
    """
    if folder.is_dir():
        return
    if folder == root:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(root))
    make_below(root, folder.parent)
    folder.mkdir(exist_ok=True)


def digest_of(path: Path) -> str:
    """The file's content as a digest: BLAKE2b of 20 bytes, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()


def label_limit() -> int:
    """How many pixels a label may have: as many as a photo, when that limit was raised."""
    return max(label_png.DEFAULT_MAX_PIXELS, pixel_limit())


def read_mask(path: Path, shape: tuple[int, int] | None, remedy: str) -> MaskArray | None:
    """The mask in a file, uint8 (H, W); None when there is no file.

    Args:
        path: the file.
        shape: (rows, columns) that it must have, when given.
        remedy: what the user is told to do when it cannot be used.

    Raises:
        StoreError: it is damaged, cannot be read, or has another size.
    """
    try:
        mask = label_png.read(path, max_pixels=label_limit())
    except FileNotFoundError:
        return None
    except label_png.LabelFileError as error:
        raise StoreError(f"{error}. {remedy}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"{path} could not be read ({reason}). {remedy}") from error
    if shape is not None and mask.shape != shape:
        raise StoreError(
            f"{path} has {mask.shape[1]}×{mask.shape[0]} pixels, but its photo has "
            f"{shape[1]}×{shape[0]}. {remedy}"
        )
    return mask

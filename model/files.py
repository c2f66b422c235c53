"""Writing files so that a crash, a full disk or a power cut leaves the old or the new, whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# What file systems answer that cannot flush a folder (network shares, some FUSE drivers).
_FOLDER_SYNC_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES})


def write_atomically(
    path: Path, data: bytes | Iterable[bytes | memoryview], *, durable: bool = True
) -> None:
    """Write ``data`` to ``path``: after this, and whenever it is interrupted, the file is whole.

    Args:
        path: the file; its folder must exist.  A file of that name is replaced.
        data: the whole content, or pieces of it: between large ones other threads get their turn.
        durable: also wait until the disk has it, so that it outlives a power cut.  Without it
            the file is still whole at any time for every process, and far cheaper to write.

    Raises:
        OSError: it could not be written.  The old file is as it was and nothing else is left
            behind, but for one case: when only flushing the *folder* failed, the new content
            is in place and may not outlive a power cut.
    """
    temporary = path.parent / f".petseg-{os.urandom(8).hex()}.tmp"
    # Not tempfile: its files are for their owner only, and a label is as public as any file.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                file.write(piece)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - beside os.fsync: the steps of one protocol
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries: files made, renamed and removed in it.

    Raises:
        OSError: the disk failed (a file system that cannot do this is no failure).
    """
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _FOLDER_SYNC_UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


_BINARY: int = getattr(os, "O_BINARY", 0)

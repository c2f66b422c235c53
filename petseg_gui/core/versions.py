"""Earlier versions of a label: kept before it is overwritten, put back when that fails."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from model.files import sync_folder, write_atomically


def keep_version(path: Path, folder: Path) -> Path | None:
    """Keep the label as it is now in ``folder``; return the copy, None when there is none yet.

    Raises:
        OSError: it cannot be kept, and must not be overwritten then.
    """
    if not path.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    version, number = folder / f"{stamp}.png", 1
    while version.exists():
        number += 1
        version = folder / f"{stamp}-{number}.png"
    try:
        # Labels are replaced, never written into: a second name keeps the old content.
        os.link(path, version)
        sync_folder(folder)
    except OSError:  # not every file system has links
        version.unlink(missing_ok=True)
        try:
            write_atomically(version, path.read_bytes())
        except OSError:
            version.unlink(missing_ok=True)
            raise
    return version


def roll_back(path: Path, previous: Path | None) -> None:
    """Put the label back to what it was before a save that failed; never raises OSError."""
    with suppress(OSError):
        if previous is None:
            path.unlink(missing_ok=True)
            return
        # Two names of one file: it was not replaced yet (and replacing would do nothing).
        if not path.exists() or not path.samefile(previous):
            previous.replace(path)
        previous.unlink(missing_ok=True)

"""Earlier versions of a label: kept before it is overwritten, put back when that fails, listed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from model.files import sync_folder, write_atomically
from petseg_gui.core.disk import STALE_SECONDS, make_below, sweep
from petseg_gui.core.label_chunk import label_text
from petseg_gui.core.layout import names_in
from petseg_gui.core.records import LabelVersion, StoreError

_STAMP = "%Y%m%dT%H%M%S.%fZ"


def keep_version(path: Path, folder: Path) -> Path | None:
    """Keep the label as it is now in ``folder``; return the copy, None when there is none yet.

    ``folder`` is made if need be, and the one above it, but none that is farther up.

    Raises:
        OSError: it cannot be kept, and must not be overwritten then.
    """
    if not path.exists():
        return None
    make_below(folder.parent.parent, folder)
    sweep(folder, older_than=STALE_SECONDS)
    stamp = datetime.now(UTC).strftime(_STAMP)
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


@contextmanager
def undone(*versions: Path | None) -> Iterator[None]:
    """If what is done within fails, these versions were kept for nothing: they go again."""
    try:
        yield
    except BaseException:
        for version in versions:
            with suppress(OSError):
                if version is not None:
                    version.unlink(missing_ok=True)
        raise


def version_path(folder: Path, version: str) -> Path:
    """The file of an earlier version.

    Raises:
        StoreError: there is none of that id.
    """
    # Ids are those of files that are there: none leads anywhere else.
    if version not in names_in(folder):
        raise StoreError(f"There is no version '{version}' in {folder}. Choose one from the list.")
    return folder / f"{version}.png"


def list_versions(folder: Path) -> list[LabelVersion]:
    """The earlier versions in a folder, oldest first.

    Raises:
        OSError: the folder cannot be listed.
    """
    return [_version(folder / f"{stem}.png") for stem in sorted(names_in(folder))]


def _version(path: Path) -> LabelVersion:
    text = None
    with suppress(OSError, SyntaxError, ValueError):
        text = label_text(path)
    if text is None:
        return LabelVersion(path.stem, path, _kept(path.stem), None, False)
    return LabelVersion(
        path.stem, path, text.saved or _kept(path.stem), text.provenance, text.accepted
    )


def _kept(stem: str) -> str:
    """When a version was kept, as its name says; empty when it does not."""
    try:
        kept = datetime.strptime(stem.partition("-")[0], _STAMP)
    except ValueError:
        return ""
    return kept.replace(tzinfo=UTC).isoformat(timespec="microseconds")

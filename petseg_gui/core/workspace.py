"""What the parts of an open project share: its paths, its index, the right to write."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from petseg_gui.core.disk import now, told
from petseg_gui.core.index import Index, Row
from petseg_gui.core.layout import Layout, check_no_link
from petseg_gui.core.lock import ProjectLock
from petseg_gui.core.records import LabelText, LogEntry, PhotoFlag, Provenance, StoreError

READ_ONLY = (
    "This folder is open in another window of PetSeg, so that nothing can be changed in this "
    "one. Close the other window, then open the folder here again."
)


class Workspace:
    """An open project, as its parts see it.

    Attributes:
        folder: the photo folder.
        layout: the project's paths.
        index: the index.
        names: the photos, in natural order.
        known: the same, for looking up.
        read_only: nothing may be changed.
        state: guards what the parts keep in memory.
        model: id of the model in use; None: not chosen yet.
        seen: digests of the photos that were examined since the project was opened.
    """

    def __init__(
        self, folder: Path, layout: Layout, index: Index, names: list[str], lock: ProjectLock
    ) -> None:
        self.folder = folder
        self.layout = layout
        self.index = index
        self.names = names
        self.known = frozenset(names)
        self.read_only = not lock.held
        self.state = threading.RLock()
        self.model: str | None = None
        self.seen: dict[str, str] = {}
        self._lock = lock

    def photo(self, name: str) -> Path:
        """The photo's path.

        Raises:
            StoreError: the name leads out of the photo folder.
        """
        self.layout.check(name)
        if "/" in name and name not in self.known:
            check_no_link(self.folder, name)
        return self.folder / name

    def row(self, name: str) -> Row | None:
        """What the index knows about a photo.

        Raises:
            StoreError: the index cannot be read, or the name is no photo's.
        """
        self.layout.check(name)
        with told(self.layout.index, "read"):
            return self.index.row(name)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One change at a time; reading goes on meanwhile.

        Raises:
            StoreError: nothing may be changed.
        """
        if self.read_only:
            raise StoreError(READ_ONLY)
        with self._lock.writing:
            yield

    def close(self) -> None:
        """Close the index and let others write."""
        self.index.close()
        self._lock.release()


def entry(what: str, detail: str = "") -> LogEntry:
    """A log entry of now, by the person who is logged in."""
    who = ""
    # What it raises where nobody is known depends on the system.
    with suppress(OSError, KeyError, ImportError):
        who = os.fsencode(getpass.getuser()).decode("utf-8", "replace")
    return LogEntry(now(), who, what, detail)


def text_of(row: Row) -> LabelText:
    """What the label of a photo says about itself."""
    return LabelText(
        photo=row.name,
        provenance=Provenance(row.model, row.gestures),
        accepted=row.accepted,
        held_out=row.held_out,
        saved=row.saved,
        digest=row.made_for,
        tags=row.tags,
        note=row.note,
        flag=PhotoFlag(row.flag),
        seconds=row.seconds,
    )

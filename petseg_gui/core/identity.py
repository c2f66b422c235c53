"""Which photo is which: by content, so that a renamed one is known and a replaced one noticed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from petseg_gui.core.disk import digest_of, told
from petseg_gui.core.drafts import Drafts
from petseg_gui.core.index import Row
from petseg_gui.core.label_files import LabelFiles
from petseg_gui.core.layout import check_no_link, check_photo_name
from petseg_gui.core.photos import PhotoError, photo_header
from petseg_gui.core.predictions import Predictions
from petseg_gui.core.records import Change, Content, Examined, StoreError
from petseg_gui.core.workspace import Workspace, entry


class UnreadableError(StoreError):
    """The photo itself cannot be read; nothing is wrong with the project."""


class Identity:
    """Compares the photos with what the index says of them; any thread may call."""

    def __init__(
        self, workspace: Workspace, labels: LabelFiles, drafts: Drafts, predictions: Predictions
    ) -> None:
        self._workspace = workspace
        self._labels = labels
        self._drafts = drafts
        self._predictions = predictions

    def examine(self, name: str, *, follow: bool = True) -> Examined:
        """See ``Project.examine``.

        Args:
            name: the photo's name.
            follow: also look at the photo that has the name from which this one was renamed.
        """
        path = self._workspace.photo(name)
        try:
            before = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return Examined(name, Change.MISSING)
        except OSError as error:
            raise _unreadable(path, error) from error
        row = self._workspace.row(name)
        key = (before.st_size, before.st_mtime_ns)
        if row is not None and row.digest is not None and (row.bytes, row.mtime_ns) == key:
            self._workspace.seen[name] = row.digest
            return Examined(name, Change.SAME)
        # Outside the lock: a large photo on a slow disk must not keep a label from being saved.
        try:
            digest = digest_of(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        found = Row(name, bytes=key[0], mtime_ns=key[1], digest=digest)
        with suppress(PhotoError):
            width, height, taken = photo_header(path)
            found = found._replace(width=width, height=height, taken=taken)
        if not found.taken:
            found = found._replace(taken=_time(before.st_mtime))
        if self._workspace.read_only:
            return self._told(row, found, None)
        with self._workspace.changing():
            row = self._workspace.row(name)
            other = None
            if row is None or digest not in (row.digest, row.made_for):
                other = self._renamed_from(name, digest)
            result = self._noted(row, found, other)
        # The other name may have a new picture, to which what is known of this one came now.
        if other is not None and other.name in self._workspace.known and follow:
            with suppress(StoreError):
                self.examine(other.name, follow=False)
        return result

    def content(self, name: str) -> Content:
        """See ``Project.content``."""
        path, row = self._workspace.photo(name), self._workspace.row(name)
        try:
            found = path.stat()
            key = (found.st_size, found.st_mtime_ns)
            if row is not None and row.digest is not None and (row.bytes, row.mtime_ns) == key:
                return Content(row.digest, True)
            digest = digest_of(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        return Content(digest, row is None or row.digest in (None, digest))

    def unexamined(self) -> list[str]:
        """See ``Project.unexamined``."""
        workspace = self._workspace
        with told(workspace.layout.index, "read"):
            known = {row.name for row in workspace.index.rows() if row.bytes is not None}
        left = [name for name in workspace.names if name not in workspace.seen]
        return sorted(left, key=known.__contains__)

    def keep_label(self, name: str) -> None:
        """See ``Project.keep_label``."""
        with self._workspace.changing():
            row = self._workspace.row(name)
            if row is not None and row.replaced:
                self._labels.put(row._replace(made_for=row.digest), entry("label kept"))
            self._drafts.adopt(row, name)

    def _renamed_from(self, name: str, digest: str) -> Row | None:
        """The photo that had this content, and is not there any more or has another content."""
        with told(self._workspace.layout.index, "read"):
            rows = self._workspace.index.rows_of_content(digest)
        # The one with a label first: a name without work cannot lose any.
        for row in sorted(rows, key=lambda row: (row.label is None, row.name)):
            content = row.digest if row.label is None else (row.made_for or row.digest)
            if row.name != name and content == digest and self._left(row, digest):
                return row
        return None

    def _left(self, row: Row, digest: str) -> bool:
        """Whether the photo of that name has another content now, or is not there."""
        try:
            # Also in subfolders that are left out: a photo may have been moved out of one.
            check_photo_name(row.name, subfolders=True)
            check_no_link(self._workspace.folder, row.name)
            path = self._workspace.folder / row.name
            found = path.stat()
            if (found.st_size, found.st_mtime_ns) == (row.bytes, row.mtime_ns):
                return row.digest != digest
            return digest_of(path) != digest
        except (FileNotFoundError, NotADirectoryError):
            return True
        except (OSError, StoreError):
            return False  # nobody can say: then nothing is taken from it

    def _noted(self, row: Row | None, found: Row, other: Row | None) -> Examined:
        """Write down what was found; call with the right to change."""
        name, digest = found.name, str(found.digest)
        result = self._told(row, found, other)
        if row is not None and row.digest not in (None, digest):
            # Before anything else: what remained would be shown with another picture for good.
            self._predictions.remove(name)
        if other is None:
            new = _with_content(row or Row(name), found)
            log = [entry("replaced")] if result.change is Change.REPLACED else []
            if row is not None and row.digest not in (None, digest):
                new = new._replace(predicted_by=None, confidence=None, disagreement=None)
            # A label from before there were digests is for what the photo was at first sight.
            if new.label is not None and new.made_for is None:
                new = new._replace(made_for=digest if row is None else row.digest or digest)
            with told(self._workspace.layout.index, "saved"):
                self._workspace.index.put(new, log=[(name, one) for one in log])
        else:
            self._take_over(found, other)
        self._workspace.seen[name] = digest
        return result

    def _take_over(self, found: Row, other: Row) -> None:
        """The photo was called ``other.name`` before: all that is known of that one is its own."""
        name = found.name
        new = _with_content(other._replace(name=name), found)
        if new.label is not None and new.made_for is None:
            new = new._replace(made_for=found.digest)
        # Before the names are exchanged: no picture is ever shown with another one's prediction.
        self._predictions.remove(name)
        self._predictions.remove(other.name)
        log = [(name, entry("renamed", f"was {other.name}"))]
        with (
            told(self._workspace.layout.index, "saved"),
            self._drafts.moving(other.name, name, str(found.digest)),
        ):
            self._workspace.index.put(new, swap=(other.name, name), log=log)
        self._workspace.seen.pop(other.name, None)
        # The index knows already: only a rebuild would miss the new name in the label itself,
        # and finds it again by the digest that is there.
        with suppress(StoreError):
            self._labels.put(new)

    def _told(self, row: Row | None, found: Row, other: Row | None) -> Examined:
        name = found.name
        if other is not None:
            return Examined(
                name,
                Change.RENAMED,
                other.name,
                f"'{name}' is the photo that was called '{other.name}'. "
                "Its label, tags and history came along."
                if other.label is not None
                else None,
            )
        if row is None or (row.digest is None and row.made_for is None):
            return Examined(name, Change.NEW)
        if row.digest == found.digest:
            return Examined(name, Change.SAME)
        now_replaced = row.label is not None and found.digest != (row.made_for or row.digest)
        if not now_replaced and not self._drafts.set_aside(row._replace(digest=found.digest), name):
            return Examined(name, Change.NEW if row.label is None else Change.SAME)
        return Examined(
            name,
            Change.REPLACED,
            None,
            f"'{name}' is another picture than the one that was labelled under this name. The "
            "label is kept but not used: draw a new one, or say that the old one still fits.",
        )


def _with_content(row: Row, found: Row) -> Row:
    return row._replace(
        bytes=found.bytes,
        mtime_ns=found.mtime_ns,
        digest=found.digest,
        width=found.width,
        height=found.height,
        taken=found.taken,
    )


def _time(seconds: float) -> str:
    """A file's time, local and to the second, ISO 8601; '' when it is no time."""
    with suppress(OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(seconds).isoformat(timespec="seconds")
    return ""


def _unreadable(path: Path, error: OSError) -> UnreadableError:
    reason = error.strerror or str(error)
    return UnreadableError(
        f"{path} could not be read ({reason}). Check that you may read it and try again."
    )

"""Strokes on disk that are in no label yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import as_it_was, now, read_mask, told
from petseg_gui.core.index import Row
from petseg_gui.core.label_chunk import label_text, with_text
from petseg_gui.core.layout import file_key, names_in
from petseg_gui.core.records import LabelText, Provenance
from petseg_gui.core.versions import keep_version, undone
from petseg_gui.core.workspace import Workspace


class Drafts:
    """The drafts of one project; every method may be called from any thread.

    Raises:
        OSError: from the constructor: the drafts cannot be listed.
        sqlite3.Error: from the constructor: the index cannot be read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._layout = workspace.layout
        # By file_key: the digest of the photo that the draft was drawn for, if it says so.
        self._known: dict[str, str | None] = {}
        self.reread()

    def reread(self) -> None:
        """Learn which drafts there are, as when the project was opened.

        Raises:
            OSError: the drafts cannot be listed.
            sqlite3.Error: the index cannot be read.
        """
        known: dict[str, str | None] = {}
        for key in names_in(self._layout.drafts):
            text = None
            # One that cannot be read stays, and reading it says so: it may hold strokes.
            with suppress(OSError, SyntaxError, ValueError):
                text = label_text(self._layout.drafts / f"{key}.png")
            # The name of a photo that was renamed since is that of the file.
            ours = text is not None and file_key(text.photo) == key
            row = self._workspace.index.row(text.photo if ours and text is not None else key)
            outdated = row is not None and row.label is not None and text is not None
            # A crash after saving a label can leave a draft that is older than it.
            if outdated and row is not None and text is not None and text.base != row.saved:
                continue
            known[key] = None if text is None else text.digest
        with self._workspace.state:
            self._known = known

    def has(self, row: Row | None, name: str) -> bool:
        """Whether there are strokes for the photo as it is now.

        Args:
            row: what the index knows about the photo.
            name: its name.
        """
        if not self._known:  # asked of thousands of photos in a row
            return False
        with self._workspace.state:
            if file_key(name) not in self._known:
                return False
            return not self._foreign(row, name)

    def set_aside(self, row: Row | None, name: str) -> bool:
        """Whether there are strokes, but for another picture of the same name."""
        if not self._known:
            return False
        with self._workspace.state:
            return file_key(name) in self._known and self._foreign(row, name)

    def _foreign(self, row: Row | None, name: str) -> bool:
        drawn_for = self._known[file_key(name)]
        return drawn_for is not None and row is not None and row.digest not in (None, drawn_for)

    def read(self, name: str) -> MaskArray | None:
        """Strokes that are in no label yet, as a whole mask, uint8 (H, W); None: there are none.

        Raises:
            StoreError: the draft is damaged.
        """
        if not self.has(self._workspace.row(name), name):
            return None
        return read_mask(self._layout.draft(name), None, "Delete it to go back to the saved label.")

    def provenance(self, name: str) -> Provenance | None:
        """Where the draft comes from; None when there is none, or it does not say."""
        if not self.has(self._workspace.row(name), name):
            return None
        with suppress(OSError, SyntaxError, ValueError):
            text = label_text(self._layout.draft(name))
            return None if text is None else text.provenance
        return None

    def write(self, name: str, mask: MaskArray, provenance: Provenance) -> None:
        """Keep strokes that are in no label yet, so that they outlive a crash.

        Raises:
            StoreError: the draft could not be written; an earlier one is what it was.
            ValueError: ``mask`` is no mask.
        """
        path = self._layout.draft(self._layout.check(name))
        with self._workspace.changing(), told(path, "saved"):
            row = self._workspace.index.row(name)
            base = "" if row is None else row.saved
            digest = None if row is None else row.digest
            text = LabelText(name, provenance, False, None, now(), base, digest)
            kept = None
            if self.set_aside(row, name):
                kept = keep_version(path, self._layout.versions(self._version_key(row, name)))
            with undone(kept), as_it_was(path):
                write_atomically(path, label_png.encode(mask, text.encoded(), level=1))
            with self._workspace.state:
                self._known[file_key(name)] = digest

    def keep(self, row: Row | None, name: str) -> Path | None:
        """Keep the draft, if there is one, among the versions of the label; return the copy.

        Raises:
            OSError: it cannot be kept.
        """
        with self._workspace.state:
            if file_key(name) not in self._known:
                return None
        return keep_version(
            self._layout.draft(name), self._layout.versions(self._version_key(row, name))
        )

    def _version_key(self, row: Row | None, name: str) -> str:
        return f"{file_key(name)}.png" if row is None or row.label is None else row.label

    def adopt(self, row: Row | None, name: str) -> None:
        """Strokes that were drawn for another picture of this name fit the new one as well.

        Raises:
            StoreError: that could not be noted.
        """
        path = self._layout.draft(name)
        if row is None or not self.set_aside(row, name):
            return
        with told(path, "saved"), as_it_was(path), suppress(SyntaxError, ValueError):
            # One that is damaged says so when it is read.
            text = label_text(path)
            if text is not None:
                kept = replace(text, digest=row.digest)
                write_atomically(path, with_text(path.read_bytes(), kept))
            with self._workspace.state:
                self._known[file_key(name)] = row.digest

    def discard(self, name: str) -> None:
        """Drop the draft of a photo, if there is one.

        Raises:
            StoreError: it could not be removed.
        """
        path = self._layout.draft(self._layout.check(name))
        with self._workspace.changing(), told(path, "removed"):
            path.unlink(missing_ok=True)
            with self._workspace.state:
                self._known.pop(file_key(name), None)

    def saved(self, name: str) -> None:
        """The strokes are in the label now; never raises OSError."""
        with self._workspace.state:
            self._known.pop(file_key(name), None)
        # A draft that stays behind is told from a newer one by what it is based on.
        with suppress(OSError):
            self._layout.draft(name).unlink(missing_ok=True)

    @contextmanager
    def putting_away(self, row: Row | None, name: str) -> Iterator[None]:
        """The draft, if there is one, becomes a version, and no draft is left.

        If what is done within fails, the draft is where it was.

        Raises:
            OSError: the draft could not be kept, or not be removed.
        """
        path, key = self._layout.draft(name), file_key(name)
        kept = self.keep(row, name)
        with self._workspace.state:
            known = {key: self._known.pop(key)} if key in self._known else {}
        try:
            path.unlink(missing_ok=True)
            yield
        except BaseException:
            with suppress(OSError):
                if kept is not None and not path.exists():
                    kept.replace(path)
                elif kept is not None:
                    kept.unlink()
            with self._workspace.state:
                self._known |= known
            raise

    @contextmanager
    def moving(self, old: str, new: str, digest: str) -> Iterator[None]:
        """The picture of this digest changed its name: its draft goes with it.

        If what is done within fails, the draft is where it was.

        Raises:
            OSError: the draft could not be renamed.
        """
        before, after = file_key(old), file_key(new)
        source, target = self._layout.draft(old), self._layout.draft(new)
        with self._workspace.state:
            ours = self._known.get(before, "") in (None, digest)
            if not ours or self._known.get(after) == digest:  # moved before the process died
                yield
                return
            known, there = dict(self._known), after in self._known
            kept = self.keep(None, new)
            try:
                source.replace(target)
                self._known[after] = self._known.pop(before)
                yield
            except BaseException:
                self._known = known
                with suppress(OSError):
                    if target.exists() and not source.exists():
                        target.replace(source)
                    if kept is not None and there:
                        kept.replace(target)
                raise

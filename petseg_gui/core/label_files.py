"""The label files of a project: saved whole or not at all, every earlier version kept."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext, suppress
from pathlib import Path

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import as_it_was, digest_of, now, read_mask, told
from petseg_gui.core.drafts import Drafts
from petseg_gui.core.index import Row
from petseg_gui.core.label_chunk import label_text, with_text
from petseg_gui.core.layout import count_stems, folded, free_label_name
from petseg_gui.core.predictions import Predictions
from petseg_gui.core.rebuild import held_out_next
from petseg_gui.core.records import LabelVersion, LogEntry, PhotoFlag, Provenance, StoreError
from petseg_gui.core.versions import (
    keep_version,
    list_versions,
    roll_back,
    undone,
    version_path,
)
from petseg_gui.core.workspace import Workspace, entry, text_of


class LabelFiles:
    """Labels and their versions; every method may be called from any thread.

    Methods raise :class:`StoreError` when reading or writing fails; then label, index and draft
    are what they were.
    """

    def __init__(self, workspace: Workspace, drafts: Drafts) -> None:
        self._workspace = workspace
        self._layout = workspace.layout
        self._drafts = drafts
        self._stems: Counter[str] | None = None

    def path(self, row: Row | None) -> Path | None:
        """Where the label of a photo lies, or would; None: it never had one."""
        if row is None or row.label is None:
            return None
        return self._layout.labels / row.label

    def read(self, name: str, shape: tuple[int, int] | None, replaced: bool) -> MaskArray | None:
        """See ``Project.read_label``."""
        row = self._workspace.row(name)
        path = self.path(row)
        if row is None or path is None or (row.replaced and not replaced):
            return None
        return read_mask(path, shape, f"Earlier versions are in {self._layout.history}.")

    def versions(self, name: str) -> list[LabelVersion]:
        """Earlier versions of a label, oldest first."""
        row = self._workspace.row(name)
        if row is None or row.label is None:
            return []
        with told(self._layout.versions(row.label), "read"):
            return list_versions(self._layout.versions(row.label))

    def version(self, name: str, version: str) -> Path:
        """The file of an earlier version.

        Raises:
            StoreError: there is none of that id.
        """
        row = self._workspace.row(name)
        if row is None or row.label is None:
            raise StoreError(f"There is no label of '{name}' yet, and no earlier version of one.")
        with told(self._layout.versions(row.label), "read"):
            return version_path(self._layout.versions(row.label), version)

    def read_version(self, name: str, version: str, shape: tuple[int, int] | None) -> MaskArray:
        """See ``Project.read_version``."""
        path = self.version(name, version)
        mask = read_mask(path, shape, "Choose another version.")
        if mask is None:
            raise StoreError(f"{path} is not there any more. Choose another version.")
        return mask

    def provenance(self, name: str) -> Provenance | None:
        """See ``Project.label_provenance``."""
        row = self._workspace.row(name)
        if row is None or row.label is None or row.replaced:
            return None
        return Provenance(row.model, row.gestures)

    def save(self, name: str, mask: MaskArray, provenance: Provenance, accept: bool) -> Path:
        """See ``Project.save_label``."""
        with self._workspace.changing():
            with told(self._layout.index, "read"):
                old = self._workspace.index.row(name) or Row(name)
                content = self._content(old)
                # What was accepted is another picture, if the photo was replaced since.
                replaced = content is not None and old.made_for not in (None, content)
                accepted = accept or (old.accepted and not replaced)
                row = self._row_to_save(old, provenance, accepted, content)
                if accept and row.flag == PhotoFlag.SKIPPED:
                    row = row._replace(flag=PhotoFlag.NONE.value)  # it was for later: that is now
            what = "accepted" if accepted and not old.accepted else "saved"
            path = self._write(row, mask, entry(what, _origin(provenance)))
            self._drafts.saved(name)
        return path

    def replace(self, name: str, mask: MaskArray, provenance: Provenance, accept: bool) -> Path:
        """See ``Project.replace_label``."""
        with self._workspace.changing():
            with told(self._layout.index, "read"):
                old = self._workspace.index.row(name) or Row(name)
                row = self._row_to_save(old, provenance, accept, self._content(old))
            what = "accepted" if accept and not old.accepted else "saved"
            return self._write_over_strokes(row, mask, entry(what, _origin(provenance)))

    def restore(self, name: str, version: str) -> Path:
        """See ``Project.restore_version``."""
        with self._workspace.changing():
            source = self.version(name, version)
            mask = read_mask(source, None, "Choose another version.")
            text = None
            with suppress(OSError, SyntaxError, ValueError):
                text = label_text(source)
            if mask is None:
                raise StoreError(f"{source} is not there any more. Choose another version.")
            with told(self._layout.index, "read"):
                old = self._workspace.index.row(name) or Row(name)
                content = self._content(old)
                if text is None:
                    row = self._row_to_save(old, Provenance(None, 0), False, content)
                else:
                    row = self._row_to_save(old, text.provenance, text.accepted, content)
                    # One that was drawn for another picture of this name stays marked as such.
                    row = row._replace(made_for=text.digest or content)
            return self._write_over_strokes(row, mask, entry("restored", version))

    def unaccept(self, name: str) -> None:
        """See ``Project.unaccept``."""
        with self._workspace.changing():
            row = self._workspace.row(name)
            path = self.path(row)
            if row is None or path is None or not row.accepted:
                return
            row = row._replace(accepted=False)
            mask = read_mask(path, None, "Save the label again first.")
            entry_ = entry("unaccepted")
            if mask is not None:
                self._write(row, mask, entry_)
                return
            with told(path, "saved"):
                self._workspace.index.put(row, log=[(name, entry_)])

    def accept_as_is(self, name: str, predictions: Predictions) -> None:
        """See ``Project.accept_as_is``."""
        with self._workspace.changing():
            row = self._workspace.row(name)
            has_draft = self._drafts.has(row, name)
            mask = None
            origin = None
            if has_draft:
                mask, origin = self._drafts.read(name), self._drafts.provenance(name)
            elif (mask := self.read(name, None, False)) is not None and row is not None:
                origin = Provenance(row.model, row.gestures)
            elif (model := self._workspace.model) is not None:
                mask, origin = predictions.read(name, model), Provenance(model, 0)
            if mask is None:
                raise StoreError(
                    f"'{name}' has no mask yet. Wait for its prediction, or paint one."
                )
            size = None if row is None else (row.height, row.width)
            if size not in (None, (None, None), mask.shape):
                raise StoreError(
                    f"The mask of '{name}' does not have the photo's size. Open the photo."
                )
            if has_draft or row is None or not row.accepted or row.replaced:
                self.save(name, mask, origin or Provenance(None, 0), True)

    def clear(self, name: str) -> None:
        """See ``Project.clear_label``."""
        with self._workspace.changing():
            row = self._workspace.row(name) or Row(name)
            strokes = self._drafts.has(row, name) or self._drafts.set_aside(row, name)
            if row.label is None and not strokes:
                return
            # A draft is a version of a label as well, and versions are found by the label's name.
            row = self._row_to_save(row, Provenance(None, 0), False, None)
            row = row._replace(accepted=False, saved="", made_for=None)
            path = self._layout.labels / str(row.label)
            log = [(name, entry("cleared"))]
            if not path.exists():
                with told(path, "put away"), self._drafts.putting_away(row, name):
                    self._workspace.index.put(row, log=log)
                return
            with told(path, "put away"), undone(self._drafts.keep(row, name)):
                previous = keep_version(path, self._layout.versions(path.name))
                try:
                    path.unlink(missing_ok=True)
                    # Until now a draft is what the photo shows; from now on it is out of date.
                    self._workspace.index.put(row, log=log)
                except BaseException:
                    roll_back(path, previous)
                    raise
            self._drafts.saved(name)

    def put(self, row: Row, *log: LogEntry) -> None:
        """Write what is known of a photo to the index and, where it has one, into its label.

        The label's pixels are not touched, so that no version of it is made.
        """
        path = self.path(row)
        before = None
        with told(self._layout.index if path is None else path, "saved"):
            if path is not None:
                with suppress(FileNotFoundError):
                    before = path.read_bytes()
            if path is None or before is None:
                self._workspace.index.put(row, log=[(row.name, one) for one in log])
                return
            # A damaged label is left as it is: what is known is in the index then.
            after = before
            with suppress(ValueError):
                after = with_text(before, text_of(row))
            with as_it_was(path) if after != before else nullcontext():
                if after != before:
                    write_atomically(path, after)
                self._workspace.index.put(row, log=[(row.name, one) for one in log])

    def _write_over_strokes(self, row: Row, mask: MaskArray, log: LogEntry) -> Path:
        """As :meth:`_write`; strokes that are in no label become a version as well."""
        with told(self._layout.labels / str(row.label), "saved"):
            kept = self._drafts.keep(row, row.name)
        with undone(kept):
            path = self._write(row, mask, log)
        self._drafts.saved(row.name)
        return path

    def _write(self, row: Row, mask: MaskArray, log: LogEntry) -> Path:
        """The label's file and its row; the version before is kept."""
        path = self._layout.labels / str(row.label)
        data = label_png.encode(mask, text_of(row).encoded())
        with told(path, "saved"):
            previous = keep_version(path, self._layout.versions(path.name))
            try:
                write_atomically(path, data)
                self._workspace.index.put(row, log=[(row.name, log)])
            except BaseException:
                roll_back(path, previous)
                raise
        return path

    def _content(self, row: Row) -> str | None:
        """Digest of the picture that is being labelled: as it was looked at, else as it is."""
        seen = self._workspace.seen.get(row.name)
        if seen is not None:
            return seen
        with suppress(OSError):
            return digest_of(self._workspace.photo(row.name))
        return row.digest

    def _row_to_save(
        self, old: Row, provenance: Provenance, accepted: bool, content: str | None
    ) -> Row:
        label, held_out = old.label, old.held_out
        if label is None:
            if self._stems is None:
                self._stems = count_stems(self._workspace.names)
            taken = {folded(other) for other in self._workspace.index.labels()}
            label = free_label_name(old.name, self._stems, taken)
        if accepted and held_out is None:
            held_out = held_out_next(*self._workspace.index.held_out())
        if content not in (None, old.digest):  # the next look at it compares anew
            old = old._replace(digest=content, bytes=None, mtime_ns=None)
        return old._replace(
            label=label,
            accepted=accepted,
            held_out=held_out,
            model=provenance.model,
            gestures=provenance.gestures,
            saved=now(),
            made_for=content,
        )


def _origin(provenance: Provenance) -> str:
    model = provenance.model or "no model"
    return f"from {model}, gestures: {provenance.gestures}"

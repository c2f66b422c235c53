"""The project on disk: labels, drafts, predictions, and which photo has come how far.

A label is a plain PNG that carries its own origin, so that everything else can be rebuilt
from the labels.  Photos are only ever read.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import now, read_mask, told
from petseg_gui.core.drafts import current_drafts
from petseg_gui.core.index import Index, Row
from petseg_gui.core.layout import (
    Layout,
    check_photo_name,
    choose_root,
    count_stems,
    folded,
    free_label_name,
    names_in,
)
from petseg_gui.core.photos import list_photo_names
from petseg_gui.core.predictions import Predictions, ProbabilityArray
from petseg_gui.core.rebuild import held_out_next, label_text, open_index
from petseg_gui.core.records import (
    AcceptedLabel,
    LabelText,
    PhotoRecord,
    PhotoState,
    Provenance,
    StoreError,
)
from petseg_gui.core.versions import keep_version, roll_back

__all__ = ["AcceptedLabel", "PhotoRecord", "PhotoState", "Project", "Provenance", "StoreError"]

_MODEL_KEY = "model_in_use"


class Project:
    """The project of one photo folder; made by :meth:`open`.

    Every method may be called from any thread.  Methods that read or write raise
    :class:`StoreError` when that fails, also for a name that is no photo's.

    Attributes:
        folder: the photo folder.
        root: where the project's own files lie.
        notices: what the user should be told about opening it, in words.
        predictions: what the models say of the photos.
    """

    def __init__(
        self, folder: Path, layout: Layout, index: Index, names: list[str], notices: list[str]
    ) -> None:
        self.folder = folder
        self.root = layout.root
        self.notices = notices
        self._layout = layout
        self._index = index
        self._names = names
        self._stems: Counter[str] | None = None
        # One save, draft or discard at a time; reading goes on meanwhile.
        self._writing = threading.RLock()
        # Guards the two below.
        self._state = threading.RLock()
        self._model = index.setting(_MODEL_KEY)
        self._drafts = current_drafts(layout, index)
        self.predictions = Predictions(layout)

    @classmethod
    def open(cls, folder: Path, *, root: Path | None = None) -> Project:
        """Open the project of a photo folder; one that does not exist yet is begun.

        Args:
            folder: the photo folder.
            root: where the project lies; None: see :func:`petseg_gui.core.layout.choose_root`.

        Raises:
            StoreError: the folder cannot be read, or the project not be opened.
        """
        folder = folder.absolute()
        notices: list[str] = []
        with told(folder, "opened"):
            names = list_photo_names(folder)
            if root is None:
                root, notice = choose_root(folder)
                if notice:
                    notices.append(notice)
            layout = Layout(root.absolute())
            layout.make_folders()
        with told(layout.index, "opened"):
            index = open_index(layout, names, notices)
            try:
                return cls(folder, layout, index, names, notices)
            except BaseException:
                index.close()
                raise

    def close(self) -> None:
        """Close the index; nothing else may be called afterwards."""
        self._index.close()

    @property
    def models_dir(self) -> Path:
        """Where fine-tuned models of this project lie."""
        return self._layout.models

    def names(self) -> list[str]:
        """The photos' file names, in natural order, as they were when the project was opened."""
        return list(self._names)

    def photo_path(self, name: str) -> Path:
        """The photo's path."""
        return self.folder / check_photo_name(name)

    # -- how far each photo has come -----------------------------------------------------

    def record(self, name: str) -> PhotoRecord:
        """What is known about one photo."""
        check_photo_name(name)
        with told(self._layout.index, "read"):
            row = self._index.row(name)
        label = None if row is None else self._layout.labels / row.label
        return self._record(name, row, label is not None and label.is_file())

    def records(self) -> dict[str, PhotoRecord]:
        """What is known about every photo, in the order of :meth:`names`."""
        with told(self._layout.index, "read"):
            rows = {row.name: row for row in self._index.rows()}
            labels = names_in(self._layout.labels) if rows else set()
        records = {}
        for name in self._names:
            row = rows.get(name)
            exists = row is not None and row.label.removesuffix(".png") in labels
            records[name] = self._record(name, row, exists)
        return records

    def _record(self, name: str, row: Row | None, label_exists: bool) -> PhotoRecord:
        with self._state:
            has_draft = name in self._drafts
            model = self._model
        predicted = model is not None and self.predictions.has(name, model)
        saved = row if label_exists else None
        if saved is not None and saved.accepted and not has_draft:
            state = PhotoState.ACCEPTED
        elif saved is not None or has_draft:
            state = PhotoState.EDITED
        else:
            state = PhotoState.PREDICTED if predicted else PhotoState.NEW
        return PhotoRecord(
            name=name,
            state=state,
            label=None if saved is None else saved.label,
            model=saved.model if saved is not None else (model if predicted else None),
            held_out=bool(row.held_out) if row is not None else False,
            has_draft=has_draft,
        )

    def accepted(self) -> list[AcceptedLabel]:
        """The labels that a person accepted and whose photos are there, in natural order.

        A photo with a newer draft is among them, with the label as it was accepted.
        """
        with told(self._layout.index, "read"):
            rows = {row.name: row for row in self._index.rows() if row.accepted}
            labels = names_in(self._layout.labels) if rows else set()
        return [
            AcceptedLabel(
                name,
                self.folder / name,
                self._layout.labels / rows[name].label,
                bool(rows[name].held_out),
                rows[name].gestures > 0,
            )
            for name in self._names
            if name in rows and rows[name].label.removesuffix(".png") in labels
        ]

    # -- labels --------------------------------------------------------------------------

    def read_label(self, name: str, shape: tuple[int, int] | None = None) -> MaskArray | None:
        """The saved label, uint8 (H, W); None when there is none.

        Args:
            name: the photo's name.
            shape: (rows, columns) that the label must have, when given.

        Raises:
            StoreError: it is damaged, or of another size.
        """
        check_photo_name(name)
        with told(self._layout.index, "read"):
            row = self._index.row(name)
        if row is None:
            return None
        path = self._layout.labels / row.label
        return read_mask(path, shape, f"Earlier versions are in {self._layout.history}.")

    def label_provenance(self, name: str) -> Provenance | None:
        """Where the saved label comes from; None when there is none."""
        check_photo_name(name)
        with told(self._layout.index, "read"):
            row = self._index.row(name)
        return None if row is None else Provenance(row.model, row.gestures)

    def label_versions(self, name: str) -> list[Path]:
        """Files of the earlier versions of a label, oldest first."""
        check_photo_name(name)
        with told(self._layout.index, "read"):
            row = self._index.row(name)
            if row is None:
                return []
            folder = self._layout.versions(row.label)
            return sorted(folder / f"{stem}.png" for stem in names_in(folder))

    def save_label(
        self, name: str, mask: MaskArray, provenance: Provenance, *, accept: bool
    ) -> Path:
        """Save the label of a photo and drop its draft; return the label's path.

        The version before stays in the history folder.  When anything fails, label, index and
        draft are what they were.

        Args:
            name: the photo's name.
            mask: uint8 (H, W), values 0..3, of the photo's size.
            provenance: where the mask comes from.
            accept: a person accepts it; False leaves an accepted photo accepted.

        Raises:
            StoreError: it could not be saved.
            ValueError: ``mask`` is no mask.
        """
        check_photo_name(name)
        with self._writing:
            with told(self._layout.index, "read"):
                row = self._row_to_save(name, provenance, accept)
            text = LabelText(name, provenance, row.accepted, row.held_out, row.saved)
            data = label_png.encode(mask, text.encoded())
            path = self._layout.labels / row.label
            with told(path, "saved"):
                previous = keep_version(path, self._layout.versions(path.name))
                try:
                    write_atomically(path, data)
                    self._index.put(row)
                except BaseException:
                    roll_back(path, previous)
                    raise
            with self._state:
                self._drafts.discard(name)
            # A draft that stays behind is told from a newer one by what it is based on.
            with suppress(OSError):
                self._layout.draft(name).unlink(missing_ok=True)
        return path

    def unaccept(self, name: str) -> None:
        """Take back that the label was accepted; the label stays."""
        check_photo_name(name)
        with self._writing:
            with told(self._layout.index, "read"):
                row = self._index.row(name)
            if row is None or not row.accepted:
                return
            row = replace(row, accepted=False)
            path = self._layout.labels / row.label
            mask = read_mask(path, None, "Save the label again first.")
            with told(path, "saved"):
                if mask is None:
                    self._index.put(row)
                    return
                provenance = Provenance(row.model, row.gestures)
                text = LabelText(name, provenance, False, row.held_out, row.saved)
                before = path.read_bytes()
                write_atomically(path, label_png.encode(mask, text.encoded()))
                try:
                    self._index.put(row)
                except BaseException:
                    write_atomically(path, before)
                    raise

    def _row_to_save(self, name: str, provenance: Provenance, accept: bool) -> Row:
        rows = self._index.rows()
        old = next((row for row in rows if row.name == name), None)
        if old is None:
            if self._stems is None:
                self._stems = count_stems(self._names)
            taken = {folded(row.label) for row in rows}
            label = free_label_name(name, self._stems, taken)
        else:
            label = old.label
        accepted = accept or (old is not None and old.accepted)
        held_out = None if old is None else old.held_out
        if accepted and held_out is None:
            held_out = held_out_next(rows)
        return Row(name, label, accepted, held_out, provenance.model, provenance.gestures, now())

    # -- drafts --------------------------------------------------------------------------

    def read_draft(self, name: str) -> MaskArray | None:
        """Strokes that are in no label yet, as a whole mask; None when there are none.

        Raises:
            StoreError: the draft is damaged.
        """
        check_photo_name(name)
        with self._state:
            if name not in self._drafts:
                return None
        return read_mask(self._layout.draft(name), None, "Delete it to go back to the saved label.")

    def draft_provenance(self, name: str) -> Provenance | None:
        """Where the draft comes from; None when there is none, or it does not say."""
        check_photo_name(name)
        with self._state:
            if name not in self._drafts:
                return None
        with suppress(OSError, SyntaxError, ValueError):
            text = label_text(self._layout.draft(name))
            return None if text is None else text.provenance
        return None

    def write_draft(self, name: str, mask: MaskArray, provenance: Provenance) -> None:
        """Keep strokes that are in no label yet, so that they outlive a crash.

        Raises:
            StoreError: the draft could not be written; an earlier one is what it was.
            ValueError: ``mask`` is no mask.
        """
        path = self._layout.draft(check_photo_name(name))
        with self._writing, told(path, "saved"):
            row = self._index.row(name)
            base = "" if row is None else row.saved
            text = LabelText(name, provenance, False, None, now(), base)
            write_atomically(path, label_png.encode(mask, text.encoded(), level=1))
            with self._state:
                self._drafts.add(name)

    def discard_draft(self, name: str) -> None:
        """Drop the draft of a photo, if there is one."""
        path = self._layout.draft(check_photo_name(name))
        with self._writing, told(path, "removed"):
            path.unlink(missing_ok=True)
            with self._state:
                self._drafts.discard(name)

    # -- predictions ---------------------------------------------------------------------

    def set_model_in_use(self, model: str) -> None:
        """Choose the model whose predictions count as the photos' own."""
        self._layout.prediction_folder(model)
        with told(self._layout.index, "saved"):
            self._index.put(settings={_MODEL_KEY: model})
        with self._state:
            self._model = model

    def model_in_use(self) -> str | None:
        """Id of the model in use; None: not chosen yet."""
        with self._state:
            return self._model

    def has_prediction(self, name: str, model: str) -> bool:
        """Whether the model's prediction for the photo is on disk."""
        return self.predictions.has(name, model)

    def read_prediction(self, name: str, model: str) -> MaskArray | None:
        """The model's prediction, uint8 (H, W); None when there is none, or it is damaged."""
        return self.predictions.read(name, model)

    def read_probabilities(self, name: str, model: str) -> ProbabilityArray | None:
        """255 x class probability, uint8 (S, S, 3), S the network's size; None: not there."""
        return self.predictions.read_probabilities(name, model)

    def write_prediction(
        self,
        name: str,
        model: str,
        mask: MaskArray,
        probabilities: ProbabilityArray | None = None,
    ) -> None:
        """Keep a prediction, so that it is made once: see :meth:`Predictions.write`."""
        self.predictions.write(name, model, mask, probabilities)

"""The project on disk: labels, drafts, predictions, and which photo has come how far.

A label is a plain PNG that carries its own origin, so that everything else can be rebuilt
from the labels.  Photos are only ever read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from model.labels import MaskArray
from petseg_gui.core.disk import told
from petseg_gui.core.drafts import Drafts
from petseg_gui.core.identity import Identity
from petseg_gui.core.label_files import LabelFiles
from petseg_gui.core.layout import is_model_id
from petseg_gui.core.notes import Notes
from petseg_gui.core.opening import open_workspace
from petseg_gui.core.overview import Overview
from petseg_gui.core.predictions import Predictions, ProbabilityArray
from petseg_gui.core.records import (
    AcceptedLabel,
    Change,
    Content,
    Examined,
    LabelVersion,
    LogEntry,
    PhotoFlag,
    PhotoRecord,
    PhotoState,
    Provenance,
    StoreError,
)
from petseg_gui.core.scores import PredictionScores
from petseg_gui.core.workspace import Workspace

__all__ = [
    "AcceptedLabel",
    "Change",
    "Examined",
    "LabelVersion",
    "LogEntry",
    "PhotoFlag",
    "PhotoRecord",
    "PhotoState",
    "Project",
    "Provenance",
    "StoreError",
]

_MODEL_KEY = "model_in_use"


class Project:
    """The project of one photo folder; made by :meth:`open`.

    Every method may be called from any thread.  Methods that read or write raise
    :class:`StoreError` when that fails, also for a name that is no photo's; methods that write
    raise it always while :attr:`read_only`.

    Attributes:
        folder: the photo folder.
        root: where the project's own files lie.
        notices: what the user should be told about opening it, in words.
        predictions: what the models say of the photos.
        read_only: another window has this project open: nothing can be changed here.
        subfolders: photos in subfolders belong to it.
    """

    def __init__(self, workspace: Workspace, notices: list[str]) -> None:
        self.folder = workspace.folder
        self.root = workspace.layout.root
        self.notices = notices
        self.read_only = workspace.read_only
        self.subfolders = workspace.layout.subfolders
        self._workspace = workspace
        self._layout = workspace.layout
        self._index = workspace.index
        model = self._index.setting(_MODEL_KEY)
        # A damaged one is chosen anew.
        workspace.model = model if isinstance(model, str) and is_model_id(model) else None
        self._drafts = Drafts(workspace)
        self._labels = LabelFiles(workspace, self._drafts)
        self._notes = Notes(workspace, self._labels)
        self.predictions = Predictions(self._layout, read_only=self.read_only)
        self._overview = Overview(workspace, self._labels, self._drafts, self.predictions)
        self._scores = PredictionScores(workspace, self.predictions)
        self._identity = Identity(workspace, self._labels, self._drafts, self.predictions)

    @classmethod
    def open(
        cls, folder: Path, *, root: Path | None = None, subfolders: bool | None = None
    ) -> Project:
        """Open the project of a photo folder; one that does not exist yet is begun.

        While another process has it open it is opened read-only, and :attr:`notices` says so.

        Args:
            folder: the photo folder.
            root: where the project lies; None: see :func:`petseg_gui.core.layout.choose_root`.
            subfolders: photos in subfolders belong to it; their names are relative paths with
                forward slashes.  That is remembered for the next time.  None: as was chosen last;
                if nothing was, only if there is work on photos in subfolders.

        Raises:
            StoreError: the folder cannot be read, or the project not be opened.
        """
        notices: list[str] = []
        workspace = open_workspace(folder, root, subfolders=subfolders, notices=notices)
        try:
            with told(workspace.layout.index, "opened"):
                return cls(workspace, notices)
        except BaseException:
            workspace.close()
            raise

    def close(self) -> None:
        """Close the index; nothing else may be called afterwards."""
        self._workspace.close()

    @property
    def models_dir(self) -> Path:
        """Where fine-tuned models of this project lie."""
        return self._layout.models

    def names(self) -> list[str]:
        """The photos' names, in natural order, as they were when the project was opened."""
        return list(self._workspace.names)

    def photo_path(self, name: str) -> Path:
        """The photo's path."""
        return self._workspace.photo(name)

    # -- how far each photo has come -----------------------------------------------------

    def record(self, name: str) -> PhotoRecord:
        """What is known about one photo."""
        return self._overview.record(name)

    def records(self) -> dict[str, PhotoRecord]:
        """What is known about every photo, in the order of :meth:`names`."""
        return self._overview.records()

    def accepted(self) -> list[AcceptedLabel]:
        """The labels that a person accepted and whose photos are there, in natural order.

        A photo with a newer draft is among them, with the label as it was accepted; one that
        was replaced by another picture is not.
        """
        return self._overview.accepted()

    def labels_left_out(self) -> int:
        """How many labelled photos are in subfolders that do not belong to the project."""
        return self._overview.labels_left_out()

    # -- which photo is which ------------------------------------------------------------

    def examine(self, name: str) -> Examined:
        """Look whether a photo is still what it was: costs nothing while its file is unchanged.

        Else its content is read.  One that was renamed or moved takes over all that is known of
        it under its old name; one that was replaced by another picture keeps its label, which is
        not used any more (see :meth:`keep_label`).  Meant for a worker thread.

        Raises:
            StoreError: the photo cannot be read, or the index not be written.
        """
        return self._identity.examine(name)

    def content(self, name: str) -> Content:
        """What the photo's file holds, without noting anything; read only when it changed."""
        return self._identity.content(name)

    def unexamined(self) -> list[str]:
        """Photos that were not examined since the project was opened, never examined ones first."""
        return self._identity.unexamined()

    def keep_label(self, name: str) -> None:
        """The label of a replaced photo fits the new picture as well: use it again."""
        self._identity.keep_label(name)

    # -- what is noted about a photo -----------------------------------------------------

    def set_flag(self, name: str, flag: PhotoFlag) -> None:
        """Flag a photo, mark it as skipped, or take either back."""
        self._notes.set_flag(name, flag)

    def set_tags(self, name: str, tags: Iterable[str]) -> None:
        """Give a photo these tags in place of those that it has."""
        self._notes.set_tags(name, tags)

    def set_note(self, name: str, note: str) -> None:
        """Write a note about a photo in place of the one that it has; empty: none."""
        self._notes.set_note(name, note)

    def add_seconds(self, name: str, seconds: float) -> None:
        """Add to the time that a person has spent on a photo.

        Raises:
            ValueError: it is negative, or no number.
        """
        self._notes.add_seconds(name, seconds)

    def set_confidences(self, confidences: Mapping[str, float | None], model: str) -> None:
        """Say how sure the model was of photos, 0..1 (None: not known), in one go.

        Raises:
            ValueError: a confidence is not within 0..1.
        """
        self._layout.prediction_folder(model)
        self._notes.set_confidences(confidences, model)

    def log(self, name: str) -> list[LogEntry]:
        """Who changed what about a photo when, oldest first; it is only ever added to."""
        self._layout.check(name)
        with told(self._layout.index, "read"):
            return self._index.log(name)

    # -- labels --------------------------------------------------------------------------

    def read_label(
        self, name: str, shape: tuple[int, int] | None = None, *, replaced: bool = False
    ) -> MaskArray | None:
        """The saved label, uint8 (H, W); None when there is none.

        Args:
            name: the photo's name.
            shape: (rows, columns) that the label must have, when given.
            replaced: also the label of another picture that had this name before.

        Raises:
            StoreError: it is damaged, or of another size.
        """
        return self._labels.read(name, shape, replaced)

    def label_provenance(self, name: str) -> Provenance | None:
        """Where the saved label comes from; None when there is none."""
        return self._labels.provenance(name)

    def label_versions(self, name: str) -> list[Path]:
        """Files of the earlier versions of a label, oldest first."""
        return [version.path for version in self._labels.versions(name)]

    def versions(self, name: str) -> list[LabelVersion]:
        """The earlier versions of a label and where each comes from, oldest first."""
        return self._labels.versions(name)

    def read_version(
        self, name: str, version: str, shape: tuple[int, int] | None = None
    ) -> MaskArray:
        """An earlier version of a label, uint8 (H, W).

        Args:
            name: the photo's name.
            version: its id, see :class:`LabelVersion`.
            shape: (rows, columns) that it must have, when given.

        Raises:
            StoreError: there is no such version, it is damaged, or of another size.
        """
        return self._labels.read_version(name, version, shape)

    def restore_version(self, name: str, version: str) -> Path:
        """Save an earlier version of a label as the newest; return the label's path.

        The label before it becomes a version, and so does a draft.  It is accepted if it was so
        then.

        Raises:
            StoreError: there is no such version, or it could not be restored; label, index and
                draft are then what they were.
        """
        return self._labels.restore(name, version)

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
        return self._labels.save(name, mask, provenance, accept)

    def replace_label(self, name: str, mask: MaskArray, by: Provenance, *, accept: bool) -> Path:
        """As :meth:`save_label`, but a draft becomes a version, and only ``accept`` accepts."""
        return self._labels.replace(name, mask, by, accept)

    def unaccept(self, name: str) -> None:
        """Take back that the label was accepted; the label stays, and is a version as well."""
        self._labels.unaccept(name)

    def accept_as_is(self, name: str) -> None:
        """Accept what there is for a photo: its draft, else its label, else its prediction.

        Raises:
            StoreError: there is none, it does not fit the photo, or could not be saved.
        """
        self._labels.accept_as_is(name, self.predictions)

    def clear_label(self, name: str) -> None:
        """Put label and draft of a photo away, as if it had never been labelled.

        They stay among its versions.  What is noted about the photo stays, and so does whether it
        is held out.

        Raises:
            StoreError: that failed; everything is as it was.
        """
        self._labels.clear(name)

    # -- drafts --------------------------------------------------------------------------

    def read_draft(self, name: str) -> MaskArray | None:
        """Strokes that are in no label yet, as a whole mask; None when there are none.

        Raises:
            StoreError: the draft is damaged.
        """
        return self._drafts.read(name)

    def draft_provenance(self, name: str) -> Provenance | None:
        """Where the draft comes from; None when there is none, or it does not say."""
        return self._drafts.provenance(name)

    def write_draft(self, name: str, mask: MaskArray, provenance: Provenance) -> None:
        """Keep strokes that are in no label yet, so that they outlive a crash.

        Raises:
            StoreError: the draft could not be written; an earlier one is what it was.
            ValueError: ``mask`` is no mask.
        """
        self._drafts.write(name, mask, provenance)

    def discard_draft(self, name: str) -> None:
        """Drop the draft of a photo, if there is one."""
        self._drafts.discard(name)

    def reread_drafts(self) -> None:
        """Learn of drafts that another object of the same project wrote since this was opened."""
        with told(self._layout.drafts, "read"):
            self._drafts.reread()

    # -- predictions ---------------------------------------------------------------------

    def set_model_in_use(self, model: str) -> None:
        """Choose the model whose predictions count as the photos' own."""
        self._layout.prediction_folder(model)
        with self._workspace.changing():
            with told(self._layout.index, "saved"):
                self._index.put(settings={_MODEL_KEY: model})
            with self._workspace.state:
                self._workspace.model = model

    def model_in_use(self) -> str | None:
        """Id of the model in use; None: not chosen yet."""
        with self._workspace.state:
            return self._workspace.model

    def has_prediction(self, name: str, model: str) -> bool:
        """Whether the model's prediction for the photo is on disk."""
        return self.predictions.has(name, model)

    def read_prediction(self, name: str, model: str) -> MaskArray | None:
        """The model's prediction, uint8 (H, W); None when there is none, or it is damaged."""
        return self.predictions.read(name, model)

    def write_prediction(
        self,
        name: str,
        model: str,
        mask: MaskArray,
        probabilities: ProbabilityArray | None = None,
    ) -> None:
        """Keep a prediction, so that it is made once: see :meth:`Predictions.write`."""
        self.predictions.write(name, model, mask, probabilities)
        self._scores.note_new(name, model, probabilities)

    def score_prediction(self, name: str) -> bool:
        """Note how sure the model in use is of a photo, from its prediction on disk.

        Costs next to nothing where that is known.  Meant for a worker, after another model came
        into use: :meth:`write_prediction` does it by itself.

        Returns:
            Whether anything changed.
        """
        return self._scores.note(name)

"""How far each photo has come: one query for all of them, and no look at a file of its own."""

from __future__ import annotations

from collections.abc import Collection

from petseg_gui.core.disk import told
from petseg_gui.core.drafts import Drafts
from petseg_gui.core.index import Row
from petseg_gui.core.label_files import LabelFiles
from petseg_gui.core.layout import file_key, names_in
from petseg_gui.core.predictions import Predictions
from petseg_gui.core.records import AcceptedLabel, PhotoFlag, PhotoRecord, PhotoState
from petseg_gui.core.workspace import Workspace

_FLAGS = {flag.value: flag for flag in PhotoFlag}


class Overview:
    """What is known about the photos of a project; every method may be called from any thread."""

    def __init__(
        self, workspace: Workspace, labels: LabelFiles, drafts: Drafts, predictions: Predictions
    ) -> None:
        self._workspace = workspace
        self._layout = workspace.layout
        self._labels = labels
        self._drafts = drafts
        self._predictions = predictions

    def record(self, name: str) -> PhotoRecord:
        """What is known about one photo."""
        row = self._workspace.row(name)
        path = self._labels.path(row)
        model = self._workspace.model
        predicted = model is not None and self._predictions.has(name, model)
        return self._record(name, row, path is not None and path.is_file(), predicted)

    def records(self) -> dict[str, PhotoRecord]:
        """What is known about every photo, in natural order."""
        with told(self._layout.index, "read"):
            rows = {row.name: row for row in self._workspace.index.rows()}
            labels = names_in(self._layout.labels) if rows else set()
        predicted = self._predicted()
        records = {}
        for name in self._workspace.names:
            row = rows.get(name)
            exists = row is not None and row.label is not None and row.label[:-4] in labels
            records[name] = self._record(name, row, exists, file_key(name) in predicted)
        return records

    def labels_left_out(self) -> int:
        """How many photos have a label and are in subfolders that do not belong to the project."""
        if self._layout.subfolders:
            return 0
        with told(self._layout.index, "read"):
            found = [row for row in self._workspace.index.rows() if "/" in row.name and row.label]
            labels = names_in(self._layout.labels) if found else set()
        return sum(row.label is not None and row.label[:-4] in labels for row in found)

    def _predicted(self) -> Collection[str]:
        """Keys of the photos with a prediction of the model in use."""
        model = self._workspace.model
        return frozenset() if model is None else self._predictions.known(model)

    def _record(
        self, name: str, row: Row | None, label_exists: bool, is_predicted: bool
    ) -> PhotoRecord:
        has_draft = self._drafts.has(row, name)
        row = row or Row(name)
        saved = label_exists and not row.replaced
        if saved and row.accepted and not has_draft:
            state = PhotoState.ACCEPTED
        elif saved or has_draft:
            state = PhotoState.EDITED
        else:
            state = PhotoState.PREDICTED if is_predicted else PhotoState.NEW
        model = self._workspace.model
        current = model is None or row.predicted_by == model
        size = None if row.width is None or row.height is None else (row.width, row.height)
        return PhotoRecord(
            name=name,
            state=state,
            label=row.label if saved else None,
            model=row.model if saved else (model if is_predicted else None),
            held_out=bool(row.held_out),
            has_draft=has_draft,
            replaced=(label_exists and row.replaced) or self._drafts.set_aside(row, name),
            flag=_FLAGS[row.flag],
            tags=row.tags,
            note=row.note,
            seconds=row.seconds,
            confidence=row.confidence if current else None,
            predicted_by=row.predicted_by,
            saved=row.saved,
            size=size,
            taken=row.taken,
            disagreement=row.disagreement if current else None,
        )

    def accepted(self) -> list[AcceptedLabel]:
        """The labels that a person accepted and whose photos are there, in natural order.

        A photo with a newer draft is among them, with the label as it was accepted; one that
        was replaced by another picture is not.
        """
        with told(self._layout.index, "read"):
            found = self._workspace.index.rows()
            rows = {row.name: row for row in found if row.accepted and not row.replaced}
            labels = names_in(self._layout.labels) if rows else set()
        return [
            AcceptedLabel(
                name,
                self._workspace.folder / name,
                self._layout.labels / row.label,
                bool(row.held_out),
                row.gestures > 0,
            )
            for name in self._workspace.names
            if (row := rows.get(name)) is not None
            and row.label is not None
            and row.label[:-4] in labels
        ]

"""The photos that are listed, for every view of them: names, states, thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from petseg_gui.core.records import PhotoFlag, PhotoRecord
from petseg_gui.ui.marks import Mark

_FIRST = int(Qt.ItemDataRole.UserRole) + 1
MARK_ROLE = _FIRST
"""Its state, a :class:`Mark`."""
CONFIDENCE_ROLE = _FIRST + 1
"""How sure the model is of its mask, 0..1; None: not known, or the mask is a person's by now."""
FLAG_ROLE = _FIRST + 2
"""A :class:`PhotoFlag`; Qt hands it on as a str."""
REPLACED_ROLE = _FIRST + 3
"""Whether its label was made for another picture."""
PROBLEM_ROLE = _FIRST + 4
"""Why it cannot be shown; '' if it can."""
CURRENT_ROLE = _FIRST + 5
"""Whether it is the photo on the canvas."""
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_NAME = int(Qt.ItemDataRole.DisplayRole)

Index = QModelIndex | QPersistentModelIndex

_FLAGS = {PhotoFlag.FLAGGED: "Flagged", PhotoFlag.SKIPPED: "Skipped"}


class Photos(Protocol):
    """What is known of photos; the review knows it."""

    def mark(self, name: str) -> Mark:
        """The state of a photo as the user sees it."""

    def problem(self, name: str) -> str:
        """Why a photo cannot be shown; '' if it can."""

    def record(self, name: str) -> PhotoRecord | None:
        """What the project knows of a photo."""


class PhotoListModel(QAbstractListModel):
    """The names in the order in which they are listed; whatever else there is to say is asked for.

    Signals:
        currentMoved: another photo is the one on the canvas.
        arranged: other photos are listed, or in another order, and every view knows it.
    """

    arranged = Signal()
    currentMoved = Signal()  # noqa: N815 - Qt's spelling of signals

    def __init__(self, photos: Photos, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._names: list[str] = []
        self._rows: dict[str, int] = {}
        self._current = ""
        self._answers: dict[int, Callable[[str], Any]] = {
            _NAME: str,
            MARK_ROLE: photos.mark,
            CONFIDENCE_ROLE: self._confidence,
            FLAG_ROLE: self._flag,
            REPLACED_ROLE: self._replaced,
            PROBLEM_ROLE: photos.problem,
            CURRENT_ROLE: lambda name: name == self._current,
            _TOOL_TIP: self._tool_tip,
            _ACCESSIBLE: self._said,
        }

    @property
    def names(self) -> list[str]:
        """Photo names in the order in which they are listed."""
        return self._names

    @property
    def current(self) -> str:
        """The photo on the canvas, listed or not; '' if there is none."""
        return self._current

    def set_names(self, names: Sequence[str]) -> None:
        """List other photos, or the same ones in another order."""
        self.beginResetModel()
        self._names = list(names)
        self._rows = {name: row for row, name in enumerate(names)}
        self.endResetModel()
        self.arranged.emit()

    def row_of(self, name: str) -> int:
        """The row of ``name``, -1 when it is not listed."""
        return self._rows.get(name, -1)

    def at(self, row: int) -> QModelIndex:
        """The index of a row that there is: Qt's own way asks whether there is, with each one."""
        return self.createIndex(row, 0)

    def set_current(self, name: str) -> None:
        """``name`` is on the canvas now."""
        before, self._current = self._current, name
        self.refresh(before)
        self.refresh(name)
        self.currentMoved.emit()

    def refresh(self, name: str) -> None:
        """Something about ``name`` is different now."""
        row = self.row_of(name)
        if row >= 0:
            index = self.at(row)
            self.dataChanged.emit(index, index)

    def refresh_all(self) -> None:
        """Something about any photo may be different now: one signal, not thousands."""
        if self._names:
            self.dataChanged.emit(self.at(0), self.at(len(self._names) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of photos."""
        # Asked for with every index, thousands of times: the likely case first.
        return len(self._names) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = _NAME) -> Any:
        """What is known of the photo in a row, by role."""
        answer = self._answers.get(role)
        row = index.row()
        if answer is None or not 0 <= row < len(self._names):
            return None
        return answer(self._names[row])

    def _confidence(self, name: str) -> float | None:
        record = self._photos.record(name)
        if record is None or self._photos.mark(name) is not Mark.PREDICTED:
            return None
        return record.confidence

    def _flag(self, name: str) -> PhotoFlag:
        record = self._photos.record(name)
        return PhotoFlag.NONE if record is None else record.flag

    def _replaced(self, name: str) -> bool:
        record = self._photos.record(name)
        return record is not None and record.replaced

    def _said(self, name: str) -> str:
        return f"{name}: {self._photos.mark(name).value}"

    def _tool_tip(self, name: str) -> str:
        if problem := self._photos.problem(name):
            return problem  # a reason names the file already
        record, lines = self._photos.record(name), [self._said(name)]
        if record is not None:
            if record.confidence is not None:
                lines.append(f"The model is {percent(record.confidence)} % sure")
            if record.flag in _FLAGS:
                lines.append(_FLAGS[record.flag])
            if record.replaced:
                lines.append("Its label was drawn for another picture of this name")
            if record.tags:
                lines.append(f"Tags: {', '.join(record.tags)}")
        return "\n".join(lines)


def percent(confidence: float) -> int:
    """A confidence 0..1 in whole percent; 100 only when nothing is left to doubt."""
    return min(99, round(100 * confidence)) if confidence < 1 else 100


def name_at(index: Index) -> str:
    """The photo in a row, to the letter: of names that are no text Qt's own strings lose a part."""
    model = index.model()
    return model.names[index.row()] if isinstance(model, PhotoListModel) else str(index.data())

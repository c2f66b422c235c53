"""Which photos are selected: one selection, whatever view it is made in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, Signal
from PySide6.QtWidgets import QLabel, QWidget

from petseg_gui.ui.photo_list_model import PhotoListModel

_Flag = QItemSelectionModel.SelectionFlag


class PhotoSelection(QObject):
    """The selected photos of a list; they stay selected when the list is arranged anew.

    The photo on the canvas is another thing.  It is selected by itself only while nothing else
    has been.

    Signals:
        changed: other photos are selected now.
    """

    changed = Signal()

    def __init__(self, photos: PhotoListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._model = QItemSelectionModel(photos, self)
        self._anchor = ""
        self._current = ""
        self._kept: list[str] = []
        # Views and the selection model forget everything at a reset: before and after that.
        photos.modelAboutToBeReset.connect(self._remember)
        photos.arranged.connect(self._restore)
        photos.currentMoved.connect(self._follow)
        self._model.selectionChanged.connect(lambda *_: self.changed.emit())

    @property
    def model(self) -> QItemSelectionModel:
        """For the views."""
        return self._model

    @property
    def count(self) -> int:
        """How many photos are selected."""
        return sum(bottom - top + 1 for top, bottom in self._parts())

    def selected(self) -> list[str]:
        """The selected photos, as they are listed."""
        names = self._photos.names
        return [name for top, bottom in self._parts() for name in names[top : bottom + 1]]

    def names(self) -> list[str]:
        """What an action is meant for: the selected photos, else the one on the canvas."""
        return self.selected() or ([self._photos.current] if self._photos.current else [])

    def has(self, name: str) -> bool:
        """Whether ``name`` is selected."""
        row = self._photos.row_of(name)
        return row >= 0 and self._model.isSelected(self._photos.at(row))

    def select_all(self) -> None:
        """Select every photo that is listed."""
        if self._photos.names:
            last = len(self._photos.names) - 1
            self._model.select(self._rows(0, last), _Flag.ClearAndSelect)

    def clear(self) -> None:
        """Select none."""
        self._anchor = ""
        self._model.clearSelection()

    def select(self, names: Sequence[str]) -> None:
        """Select these, as far as they are listed, and no others."""
        rows = sorted(row for row in map(self._photos.row_of, names) if row >= 0)
        chosen, start = QItemSelection(), 0
        for place in range(1, len(rows) + 1):
            if place == len(rows) or rows[place] != rows[place - 1] + 1:
                chosen.append(self._rows(rows[start], rows[place - 1]).at(0))
                start = place
        self._model.select(chosen, _Flag.ClearAndSelect)

    def select_only(self, name: str) -> None:
        """Select ``name`` alone; a range goes on from there."""
        row = self._photos.row_of(name)
        if row < 0:
            self.clear()
            return
        self._anchor = name
        self._model.setCurrentIndex(self._photos.at(row), _Flag.ClearAndSelect)

    def toggle(self, name: str) -> None:
        """Select ``name`` as well, or not any more."""
        row = self._photos.row_of(name)
        if row >= 0:
            self._anchor = name
            self._model.setCurrentIndex(self._photos.at(row), _Flag.Toggle)

    def extend_to(self, name: str, *, more: bool = False) -> None:
        """Select from where the last click was up to ``name``.

        Args:
            name: a photo.
            more: the others stay selected.
        """
        row, start = self._photos.row_of(name), self._photos.row_of(self._anchor)
        if start < 0:
            start = self._photos.row_of(self._photos.current)
        if row < 0:
            return
        if start < 0:
            self.select_only(name)
            return
        rows = self._rows(min(start, row), max(start, row))
        self._model.setCurrentIndex(self._photos.at(row), _Flag.NoUpdate)
        self._model.select(rows, _Flag.Select if more else _Flag.ClearAndSelect)

    def move_cursor(self, name: str) -> None:
        """Keys go on from ``name``; what is selected stays so."""
        row = self._photos.row_of(name)
        if row >= 0:
            self._model.setCurrentIndex(self._photos.at(row), _Flag.NoUpdate)

    def _parts(self) -> list[tuple[int, int]]:
        """First and last row of what is selected, piece by piece."""
        found = self._model.selection()
        pieces = [found.at(place) for place in range(found.count())]
        return sorted((piece.top(), piece.bottom()) for piece in pieces)

    def _rows(self, first: int, last: int) -> QItemSelection:
        return QItemSelection(self._photos.at(first), self._photos.at(last))

    def _follow(self) -> None:
        """The photo on the canvas is another one: it is selected if the one before was, alone."""
        before, self._current = self._current, self._photos.current
        selected = self.selected() if self.count <= 1 else None
        if selected in ([], [before], [self._current]):
            self.select_only(self._current)
        else:
            self.move_cursor(self._current)

    def _remember(self) -> None:
        self._kept = self.selected()

    def _restore(self) -> None:
        kept, self._kept = self._kept, []
        self.select(kept)
        self.move_cursor(self._photos.current)
        self.changed.emit()  # also when none of them is listed any more


class SelectedLabel(QLabel):
    """Says how many photos are selected, when they are several."""

    def __init__(self, selection: PhotoSelection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selectedLabel")
        self.setProperty("quiet", True)
        self._selection = selection
        selection.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        count = self._selection.count
        self.setText(f"{count:,} selected" if count > 1 else "")

"""A small table: which class each value of somebody else's pictures is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from model.labels import Label
from petseg_gui.ui.widgets import keep_keys

CHOICES: tuple[tuple[str, Label], ...] = (
    ("Pet", Label.PET),
    ("Background", Label.BACKGROUND),
    ("Border", Label.BORDER),
    ("Not labelled, ignore", Label.UNLABELLED),
)
ROWS_SHOWN = 5
"""More are scrolled: the report below is to be seen."""


class ClassTable(QTableWidget):
    """Value, how much of the pictures has it, class.

    Signals:
        changed: a person chose another class.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName("classTable")
        self.setAccessibleName("Which class each value is")
        self.setHorizontalHeaderLabels(["Value", "Of all pixels", "Class"])
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the boxes have it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._keys: list[Hashable] = []
        self._boxes: list[QComboBox] = []
        self.show_rows([])

    def show_rows(self, rows: Sequence[tuple[Hashable, str, float | None, Label]]) -> None:
        """Fill it anew.

        Args:
            rows: key, value in words, share of all pixels (0..1; None: not known), class.
        """
        self.setRowCount(0)  # takes the boxes that were there
        self.setRowCount(len(rows))
        self._keys, self._boxes = [key for key, *_ in rows], []
        for row, (_, text, share, label) in enumerate(rows):
            self.setItem(row, 0, _cell(text))
            self.setItem(row, 1, _cell("" if share is None else _percent(share)))
            box = QComboBox()
            box.setObjectName(f"class of {text}")
            box.setAccessibleName(f"Class of {text}")
            for words, choice in CHOICES:
                box.addItem(words, choice)
            box.setCurrentIndex(box.findData(label))
            box.currentIndexChanged.connect(lambda _index: self.changed.emit())
            self.setCellWidget(row, 2, box)
            self._boxes.append(box)
        keep_keys(self)
        self._fit_height()

    def set_share(self, key: Hashable, text: str, share: float | None) -> None:
        """Say something else about a row whose class stays as it is chosen."""
        row = self._keys.index(key)
        self.setItem(row, 0, _cell(text))
        self.setItem(row, 1, _cell("" if share is None else _percent(share)))

    @property
    def classes(self) -> dict[Hashable, Label]:
        """What is chosen, by key."""
        return {
            key: Label(box.currentData()) for key, box in zip(self._keys, self._boxes, strict=True)
        }

    def _fit_height(self) -> None:
        self.resizeRowsToContents()
        rows = sum(self.rowHeight(row) for row in range(min(self.rowCount(), ROWS_SHOWN)))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + 2)


def _cell(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item


def _percent(share: float) -> str:
    return "< 0.1 %" if 0 < share < 0.001 else f"{share:.1%}".replace("%", " %")

"""The list of models: one line each, the one in use marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from model import facts
from model.registry import IMPORTED, STARTER, Version
from petseg_gui.ui import model_words

COLUMNS = ("Model", "", "Id", "Made", "From", "Size", "IoU, your photos", "IoU, Oxford")
STATE, SIZE, OWN, OXFORD = 1, 5, 6, 7
IN_USE = "● in use"
_ID = Qt.ItemDataRole.UserRole
_SCORES = "Mean IoU on photos kept aside, measured when the model was made"


class ModelList(QTreeWidget):
    """Models, the starter first; one or several can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelList")
        self.setAccessibleName("Models, the starter first")
        self.setColumnCount(len(COLUMNS))
        self.setHeaderLabels(COLUMNS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setStyleSheet("QTreeView::item { padding: 3px 4px; }")
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header, right = self.header(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        for column in range(len(COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (SIZE, OWN, OXFORD):
            self.headerItem().setTextAlignment(column, right)
        for column in (OWN, OXFORD):
            self.headerItem().setToolTip(column, _SCORES)

    def show_versions(self, versions: Sequence[Version], in_use: str, choose: str | None) -> None:
        """List ``versions``.

        Args:
            versions: the starter first.
            in_use: id of the one in use.
            choose: id of the one to be selected; None: those that are now, or the one in use.
        """
        wanted = [choose] if choose is not None else self.selected()
        if not {version.id for version in versions} & set(wanted):
            wanted = [in_use]
        current = choose or self.current() or in_use
        # What depends on the selection is told once, when the new lines are there.
        self.blockSignals(True)
        self.clear()
        for version in versions:
            item = _line(version, version.id == in_use)
            self.addTopLevelItem(item)
            if version.id == current:
                self.setCurrentItem(item)
        for item in self._items():
            item.setSelected(item.data(0, _ID) in wanted)
        self.blockSignals(False)
        self.itemSelectionChanged.emit()

    def mark(self, in_use: str) -> None:
        """Another model is in use."""
        for item in self._items():
            _mark(item, item.data(0, _ID) == in_use)

    def selected(self) -> list[str]:
        """Ids of the selected models, in the order of the list."""
        return [str(item.data(0, _ID)) for item in self._items() if item.isSelected()]

    def current(self) -> str | None:
        """Id of the line with the focus."""
        item = self.currentItem()
        return str(item.data(0, _ID)) if item is not None else None

    def item(self, model_id: str) -> QTreeWidgetItem | None:
        """The line of a model."""
        return next((item for item in self._items() if item.data(0, _ID) == model_id), None)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]


def _line(version: Version, in_use: bool) -> QTreeWidgetItem:
    item = QTreeWidgetItem(
        [
            version.title or _untitled(version),
            "",
            version.id,
            model_words.when(version.created),
            model_words.origin(version),
            model_words.size(version.size) if version.size else model_words.NOTHING,
            model_words.score(version, "own"),
            model_words.score(version, "oxford"),
        ]
    )
    item.setData(0, _ID, version.id)
    item.setToolTip(0, model_words.tooltip(version))
    for column in (SIZE, OWN, OXFORD):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    _mark(item, in_use)
    return item


def _mark(item: QTreeWidgetItem, in_use: bool) -> None:
    item.setText(STATE, IN_USE if in_use else "")
    for column in range(item.columnCount()):
        font = item.font(column)
        font.setBold(in_use)
        item.setFont(column, font)


def _untitled(version: Version) -> str:
    if version.origin == STARTER:
        return "Starter"
    if version.origin == IMPORTED:
        return facts.text(version.about, "imported_from") or "Imported"
    return "Fine-tuned"

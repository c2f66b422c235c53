"""Tags of several photos at once: some are given to all of them, some taken away."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.core.records import StoreError, clean_tag

_TAG = Qt.ItemDataRole.UserRole
_BEFORE = Qt.ItemDataRole.UserRole + 1


class TagsDialog(QDialog):
    """Every tag with a box that is ticked, empty, or half ticked where only some photos have it.

    Args:
        has: how many of the photos have each tag.
        total: how many photos it is about.
        known: all tags of the project.
        parent: as of every QWidget.

    Signals:
        chosen: tags that all photos get, tags that they lose (two sets of str).
    """

    chosen = Signal(object, object)

    def __init__(
        self,
        has: Mapping[str, int],
        total: int,
        known: Collection[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tagsDialog")
        self.setWindowTitle("Tags")
        self.list = QListWidget()
        self.list.setObjectName("tagList")
        self.list.setAccessibleName("Tags of the photos")
        self.list.setSpacing(1)
        self.more = QLineEdit()
        self.more.setObjectName("newTags")
        self.more.setAccessibleName("New tags, with commas between them")
        self.more.setPlaceholderText("New tags: a, b")
        self.problem = QLabel()
        self.problem.setObjectName("tagProblem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        for tag in sorted({*known, *has}):
            self._add(tag, has.get(tag, 0), total)
        apply = QPushButton("&Apply")
        apply.setObjectName("applyTags")
        apply.setDefault(True)
        apply.clicked.connect(self.accept)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(apply)
        buttons.addWidget(cancel)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("Tags of 1 photo" if total == 1 else f"Tags of {total:,} photos"))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.more)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)
        self.list.setVisible(self.list.count() > 0)
        self.more.setFocus()
        self.resize(340, 360 if self.list.count() else 140)

    def accept(self) -> None:
        """Give and take what was chosen; a tag that cannot be one is told, and nothing is done."""
        try:
            new = {clean_tag(tag) for tag in self.more.text().split(",") if tag.strip()}
        except StoreError as error:
            self.problem.setText(str(error))
            self.problem.show()
            self.more.setFocus()
            return
        given, taken = set(new), set[str]()
        for row in range(self.list.count()):
            item = self.list.item(row)
            state = item.checkState()
            if state.value == item.data(_BEFORE):
                continue
            if state is Qt.CheckState.Checked:
                given.add(item.data(_TAG))
            elif state is Qt.CheckState.Unchecked:
                taken.add(item.data(_TAG))
        super().accept()
        # Who types a tag wants it, whatever its box says.
        if given or taken:
            self.chosen.emit(given, taken - new)

    def _add(self, tag: str, count: int, total: int) -> None:
        some = 0 < count < total
        item = QListWidgetItem(f"{tag} ({count:,} of {total:,})" if some else tag, self.list)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        flags |= Qt.ItemFlag.ItemIsUserCheckable
        if some:
            flags |= Qt.ItemFlag.ItemIsUserTristate  # back to 'as it is' as well
        item.setFlags(flags)
        state = Qt.CheckState.PartiallyChecked if some else Qt.CheckState.Unchecked
        state = Qt.CheckState.Checked if count == total else state
        item.setCheckState(state)
        item.setData(_TAG, tag)
        item.setData(_BEFORE, state.value)

"""The menu of models: the starter and what was fine-tuned from it, one of them in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from petseg_gui.ui.model_words import menu_text, tooltip

if TYPE_CHECKING:
    from model.registry import Version


class ModelMenu(QMenu):
    """Shows the models of a project; the one in use is checked.

    Signals:
        chosen: id of the model that the user wants to use.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Model in &use", parent)
        self.setObjectName("modelMenu")
        self.setToolTipsVisible(True)
        self.setEnabled(False)
        self._group = QActionGroup(self)
        self._group.triggered.connect(lambda action: self.chosen.emit(action.data()))

    def show_versions(self, versions: Sequence[Version], in_use: str) -> None:
        """List ``versions``, the starter first; none: no folder is open."""
        listed = {action.data(): action for action in self._group.actions()}
        if versions and list(listed) == [version.id for version in versions]:
            # The actions stay: the menu may be open, or one of them may have brought us here.
            for version in versions:
                _describe(listed[version.id], version)
            if in_use in listed:
                listed[in_use].setChecked(True)
            return
        for action in self._group.actions():
            self._group.removeAction(action)
        self.clear()
        for version in versions:
            action = self.addAction("")
            _describe(action, version)
            action.setData(version.id)
            action.setCheckable(True)
            action.setChecked(version.id == in_use)
            self._group.addAction(action)
        self.setEnabled(bool(versions))


def _describe(action: QAction, version: Version) -> None:
    # An ampersand in a title is not a mnemonic.
    action.setText(menu_text(version).replace("&", "&&"))
    action.setToolTip(tooltip(version))

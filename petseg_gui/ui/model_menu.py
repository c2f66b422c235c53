"""The menu of models: the starter and what was fine-tuned from it, one of them in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

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
            if in_use in listed:
                listed[in_use].setChecked(True)
            return
        for action in self._group.actions():
            self._group.removeAction(action)
        self.clear()
        for version in versions:
            action = self.addAction(title(version))
            action.setData(version.id)
            action.setCheckable(True)
            action.setChecked(version.id == in_use)
            action.setToolTip(description(version))
            self._group.addAction(action)
        self.setEnabled(bool(versions))


def title(version: Version) -> str:
    """How a model is called in the menu."""
    if version.parent is None:
        return f"{version.id} (comes with PetSeg)"
    return f"{version.id} ({_when(version.created)})" if version.created else version.id


def description(version: Version) -> str:
    """Where a model comes from, in a sentence."""
    if version.parent is None:
        return "The model that comes with PetSeg"
    when = f", {_when(version.created)}" if version.created else ""
    return f"Fine-tuned from {version.parent}{when}{_photos(version.about)}"


def _photos(about: Mapping[str, Any]) -> str:
    own, oxford = about.get("own_photos"), about.get("oxford_photos")
    if not isinstance(own, Sequence) or isinstance(own, str):
        return ""
    text = f", on {len(own)} of your photos"
    return f"{text} and {oxford} Oxford photos" if isinstance(oxford, int) and oxford else text


def _when(created: str) -> str:
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except ValueError:  # a file from elsewhere
        return created
    return f"{moment:%d %b %Y, %H:%M}"

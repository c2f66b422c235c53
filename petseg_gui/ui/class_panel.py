"""What is painted: the classes, with colour, name and key, or the model's mask."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from model.labels import CLASSES, NAMES, Label
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.choices import KeyedButton
from petseg_gui.ui.widgets import heading, keep_keys, quiet, swatch


class ClassPanel(QWidget):
    """Chooses what the tools paint, and what of the mask is visible.

    Signals:
        visibilityChosen: label value, visible.
        opacityChosen: how opaque the mask lies over the photo, 0..1.
    """

    visibilityChosen = Signal(int, bool)  # noqa: N815 - Qt's spelling of signals
    opacityChosen = Signal(float)  # noqa: N815

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classPanel")
        self.setAccessibleName("Classes")
        self._boxes: dict[int, QCheckBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(6)
        layout.addWidget(heading("Classes"))
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, label in enumerate(CLASSES):
            self._add_class(grid, row, label, actions)
        grid.addWidget(KeyedButton(actions["actionRestore"]), len(CLASSES), 0)
        layout.addLayout(grid)
        layout.addLayout(self._opacity_row())
        keep_keys(self)

    def set_visible_label(self, value: int, visible: bool) -> None:
        """Show a visibility that came from elsewhere."""
        box = self._boxes[value]
        with QSignalBlocker(box):
            box.setChecked(visible)

    def set_opacity(self, opacity: float) -> None:
        """Show an opacity (0..1) that came from elsewhere."""
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(100 * opacity))

    def _add_class(self, grid: QGridLayout, row: int, label: Label, actions: Actions) -> None:
        action = actions[f"actionClass{int(label)}"]
        action.setIcon(swatch(label))
        box = QCheckBox("Show")
        box.setChecked(True)
        box.setToolTip(f"Show {NAMES[label].lower()} in the mask")
        box.setAccessibleName(f"Show {NAMES[label].lower()}")
        box.toggled.connect(lambda on, value=int(label): self.visibilityChosen.emit(value, on))
        self._boxes[int(label)] = box
        grid.addWidget(KeyedButton(action), row, 0)
        grid.addWidget(box, row, 1)

    def _opacity_row(self) -> QHBoxLayout:
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setToolTip(
            "How strongly the mask covers the photo (keys , and .); hold H to see the photo alone"
        )
        self._opacity.setAccessibleName("Mask opacity")
        self._opacity.valueChanged.connect(lambda value: self.opacityChosen.emit(value / 100))
        row = QHBoxLayout()
        row.addWidget(quiet("Mask"))
        row.addWidget(self._opacity, 1)
        return row

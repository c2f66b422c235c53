"""The list of keys, shown by '?'."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.action_specs import SPECS

MOUSE_AND_HELD_KEYS: tuple[tuple[str, str], ...] = (
    ("Paint with the mouse", "Drag"),
    ("Abort the stroke under way", "Esc while dragging"),
    ("Zoom at the pointer", "Wheel"),
    ("Brush size", "Ctrl+wheel"),
    ("Move the photo", "Hold Space and drag"),
    ("Hide the mask", "Hold H"),
)


class ShortcutsDialog(QDialog):
    """Every action that has a key, and what the mouse does on the photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        rows = [
            (
                spec.text.replace("&", ""),
                ", ".join(
                    QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                    for key in spec.keys
                ),
            )
            for spec in SPECS
            if spec.keys
        ]
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnMinimumWidth(2, 16)
        half = (len(rows) + len(MOUSE_AND_HELD_KEYS) + 1) // 2
        for place, (what, keys) in enumerate([*rows, *MOUSE_AND_HELD_KEYS]):
            column = 0 if place < half else 3
            name = QLabel(what)
            grid.addWidget(name, place % half, column)
            label = QLabel(keys)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            font = label.font()
            font.setBold(True)
            label.setFont(font)
            grid.addWidget(label, place % half, column + 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(buttons)

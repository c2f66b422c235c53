"""The tools at the left: brush, eraser, and the size of what they paint."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from petseg_gui.ui.actions import Actions
from petseg_gui.ui.widgets import keep_keys, quiet

MIN_DIAMETER = 1.0
MAX_DIAMETER = 500.0
STEPS = 200
"""Positions of the size slider; each is the same ratio, as the eye sees sizes."""


def diameter_of(position: int) -> float:
    """The brush diameter, in photo pixels, at a slider position 0..STEPS."""
    return float(MIN_DIAMETER * (MAX_DIAMETER / MIN_DIAMETER) ** (position / STEPS))


def position_of(diameter: float) -> int:
    """The slider position nearest to ``diameter`` photo pixels."""
    bounded = min(max(diameter, MIN_DIAMETER), MAX_DIAMETER)
    return round(STEPS * math.log(bounded / MIN_DIAMETER) / math.log(MAX_DIAMETER / MIN_DIAMETER))


class ToolPanel(QWidget):
    """Tool buttons and the size slider.

    Signals:
        diameterChosen: brush diameter in photo pixels, when the user moves the slider.
    """

    diameterChosen = Signal(float)  # noqa: N815 - Qt's spelling of signals

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolPanel")
        self.setAccessibleName("Tools")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 8, 6, 8)
        layout.setSpacing(4)
        for name in ("actionBrush", "actionEraser"):
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(22, 22))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            layout.addWidget(button)
        layout.addSpacing(8)
        caption = quiet("Size")
        caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(caption)
        self._slider = QSlider(Qt.Orientation.Vertical)
        self._slider.setRange(0, STEPS)
        self._slider.setPageStep(10)
        self._slider.setMinimumHeight(120)
        self._slider.setMaximumHeight(220)
        self._slider.setToolTip("Brush size in pixels of the photo ([ and ], or Ctrl+wheel)")
        self._slider.setAccessibleName("Brush size")
        self._slider.valueChanged.connect(self._chosen)
        layout.addWidget(self._slider, 1, Qt.AlignmentFlag.AlignHCenter)
        self._value = QLabel()
        self._value.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._value)
        layout.addStretch(1)
        self.setFixedWidth(72)
        keep_keys(self)

    def set_diameter(self, diameter: float) -> None:
        """Show a diameter that came from elsewhere, without choosing it anew."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(position_of(diameter))
        self._show(diameter)

    def _chosen(self, position: int) -> None:
        diameter = diameter_of(position)
        self._show(diameter)
        self.diameterChosen.emit(diameter)

    def _show(self, diameter: float) -> None:
        self._value.setText(f"{diameter:.0f} px")
        self._slider.setAccessibleDescription(f"{diameter:.0f} pixels")

"""Photos of the report side by side: photo, label, and what either model makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from petseg_gui.services.finetune_request import Side
from petseg_gui.ui.fine_tune_reports import direction, in_words
from petseg_gui.ui.versions_picture import picture
from petseg_gui.ui.widgets import heading, quiet

SMALLEST, LARGEST = 96, 280
_GAP = 10
_GROUPS = {"own": "your photo", "oxford": "Oxford photo"}


class SideBySide(QScrollArea):
    """The photos that changed most, each in a row of four pictures.

    Attributes:
        names: of the photos, in the order in which they are shown.
    """

    def __init__(self, sides: Sequence[Side], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideBySide")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: with it coming and going, the pictures would change their size for ever.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._sides = [(side, _Row(side)) for side in sides]
        self.names: list[str] = []
        inside = QWidget()
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(0, 8, 0, 8)
        self._layout.setSpacing(14)
        if not sides:
            self._layout.addWidget(quiet("There is no photo to look at."))
        for _side, row in self._sides:
            self._layout.addWidget(row)
        self._layout.addStretch(1)
        self.setWidget(inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Four pictures share the width: nobody scrolls sideways."""
        super().resizeEvent(event)
        side = (self.viewport().width() - 4 * _GAP) // 4
        for _side, row in self._sides:
            row.fit(min(max(side, SMALLEST), LARGEST))

    def arrange(self, *, better_first: bool) -> None:
        """One's own photos, then Oxford's; the worse or the better ones first."""

        def place(entry: tuple[Side, QWidget]) -> tuple[bool, bool, float]:
            side = entry[0]
            change = side.new - side.old
            unknown = math.isnan(change)
            return side.group != "own", unknown, 0 if unknown else change * (1 - 2 * better_first)

        ordered = sorted(self._sides, key=place)
        for index, (_side, row) in enumerate(ordered):
            self._layout.removeWidget(row)
            self._layout.insertWidget(index, row)
        self.names = [side.name for side, _row in ordered]
        self.verticalScrollBar().setValue(0)


class _Row(QWidget):
    """One photo."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._shown: list[tuple[QLabel, QPixmap]] = []
        change = side.new - side.old
        title = heading(f"{direction(change)} {in_words(side.old, side.new)}")
        where = quiet(f"{side.name}, {_GROUPS.get(side.group, side.group)}")
        for label in (title, where):
            label.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(3)
        grid.addWidget(title, 0, 0, 1, 4)
        grid.addWidget(where, 1, 0, 1, 4)
        truth = "Your label" if side.group == "own" else "The label"
        nothing = np.zeros(side.truth.shape, np.uint8)
        for column, (caption, mask) in enumerate(
            (
                ("Photo", nothing),
                (truth, side.truth),
                ("Before", side.before),
                ("After", side.after),
            )
        ):
            shown = QLabel()
            self._shown.append((shown, QPixmap.fromImage(picture(side.photo, mask, None))))
            shown.setAccessibleName(f"{caption}: {side.name}")
            grid.addWidget(shown, 2, column)
            grid.addWidget(quiet(caption), 3, column)
        grid.setColumnStretch(4, 1)

    def fit(self, side: int) -> None:
        """Show the pictures within ``side`` pixels."""
        ratio = self.devicePixelRatioF()
        for label, pixmap in self._shown:
            scaled = pixmap.scaled(
                QSize(side, side) * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(ratio)
            label.setPixmap(scaled)

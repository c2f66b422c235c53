"""The divider between before and after: its line, its handle, and the names of both sides."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QRegion

from petseg_gui.ui.canvas.captions import MARGIN, Caption

GRIP = 6.0
"""Widget pixels on each side of the divider within which it can be taken hold of."""

_HANDLE = 12
"""Radius of the handle, in widget pixels."""
_DARK = QColor(20, 20, 20, 205)
_SEAM = QColor(0, 0, 0, 150)
_LIGHT = QColor(245, 245, 245)

NAMES = {
    "changes": ("Prediction", "Your mask"),
    "models": ("Old model", "New model"),
}
"""What lies left and right of the divider, by view."""


@dataclass(frozen=True, slots=True)
class WipeBar:
    """The divider at one place; all in device pixels.

    Attributes:
        column: the first device column right of it.
        height: of the viewport.
        ratio: device pixels per widget pixel.
        before: the name of what lies left.
        after: the name of what lies right.
    """

    column: int
    height: int
    ratio: float
    before: Caption
    after: Caption

    @classmethod
    def of(cls, mode: str, column: int, height: int, ratio: float, font: QFont) -> WipeBar:
        """The divider of a comparison.

        Raises:
            KeyError: the view compares nothing.
        """
        before, after = (Caption.of([name], font, ratio) for name in NAMES[mode])
        return cls(column, height, ratio, before, after)

    def moved(self, column: int) -> WipeBar:
        """The same divider elsewhere."""
        return WipeBar(column, self.height, self.ratio, self.before, self.after)

    def region(self) -> QRegion:
        """The device pixels that it covers."""
        unit = self._unit
        radius = round(_HANDLE * self.ratio) + unit
        region = QRegion(self.column - 2 * unit, 0, 4 * unit, self.height)
        middle = self.height // 2
        region = region.united(QRect(self.column - radius, middle - radius, 2 * radius, 2 * radius))
        for caption, (x, y) in self._captions():
            region = region.united(caption.at(x, y))
        return region

    def draw(self, painter: QPainter, exposed: list[QRect]) -> None:
        """Draw it with a painter in device pixels."""
        unit, column = self._unit, self.column
        painter.fillRect(QRect(column - 2 * unit, 0, 4 * unit, self.height), _SEAM)
        painter.fillRect(QRect(column - unit, 0, 2 * unit, self.height), _LIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, radius = QPointF(column, self.height // 2), _HANDLE * self.ratio
        painter.setPen(QPen(_LIGHT, 2 * unit))
        painter.setBrush(_DARK)
        painter.drawEllipse(centre, radius - unit, radius - unit)
        painter.setPen(QPen(_LIGHT, 0))
        painter.setBrush(_LIGHT)
        for side in (-1, 1):
            tip, base, half = (side * radius * 0.68, side * radius * 0.25, radius * 0.3)
            points = (QPointF(tip, 0), QPointF(base, half), QPointF(base, -half))
            painter.drawPolygon(QPolygonF([centre + point for point in points]))
        for caption, (x, y) in self._captions():
            caption.draw(painter, x, y, exposed)

    @property
    def _unit(self) -> int:
        return max(1, round(self.ratio))

    def _captions(self) -> tuple[tuple[Caption, tuple[int, int]], ...]:
        margin = round(MARGIN * self.ratio)
        left = self.column - margin - self.before.image.width()
        return (self.before, (left, margin)), (self.after, (self.column + margin, margin))

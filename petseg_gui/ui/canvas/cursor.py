"""The brush's outline under the pointer: a ring of its true size, or a small cross.

All in device pixels: at fractional device pixel ratios the ring then lies exactly on the mask.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

SMALLEST_RING = 4.0
"""Rings below this diameter (device pixels) would vanish under their own line: a cross instead."""

_CROSS = 6.0
_DARK = QColor(0, 0, 0, 170)
_LIGHT = QColor(255, 255, 255, 235)


@dataclass(frozen=True, slots=True)
class BrushCursor:
    """A ring at a place.

    Attributes:
        x: centre, device pixels from the widget's left edge.
        y: centre, device pixels from the widget's top edge.
        diameter: device pixels.
        line: thickness of one line: 1 device pixel per widget pixel, rounded.
        crossed: mark the centre too, because the ring itself is too small or out of view.
        square: the outline is an upright square, not a circle.
    """

    x: float
    y: float
    diameter: float
    line: int
    crossed: bool
    square: bool = False

    @property
    def ringed(self) -> bool:
        """Whether the ring is large enough to be drawn."""
        return self.diameter >= SMALLEST_RING

    def region(self) -> QRegion:
        """The device pixels that it covers, without the inside of a large ring."""
        edge = 2.0 * self.line + 2
        region = QRegion()
        if self.ringed:
            radius = self.diameter / 2
            region = QRegion(self._square(radius + edge))
            # The square in the ring: its corners touch the line's inner side.
            inside = (radius - edge) / (1 if self.square else math.sqrt(2)) - 1
            if inside > 16:
                region = region.subtracted(QRegion(self._square(inside)))
        if self.crossed:
            region = region.united(QRegion(self._square(_CROSS * self.line + edge)))
        return region

    def draw(self, painter: QPainter) -> None:
        """Draw it with a painter in device coordinates: dark under light, to show on anything."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        centre = QPointF(self.x, self.y)
        if self.ringed:
            self._draw_outline(painter, centre)
        if self.crossed:
            reach = _CROSS * self.line
            for colour, width in ((_DARK, 3 * self.line), (_LIGHT, self.line)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(centre - QPointF(reach, 0), centre + QPointF(reach, 0))
                painter.drawLine(centre - QPointF(0, reach), centre + QPointF(0, reach))

    def _draw_outline(self, painter: QPainter, centre: QPointF) -> None:
        """A light line between two dark ones.

        Qt draws several lines one pixel wide much faster than one that is wider, and the ring
        of a large brush is most of what a frame costs.
        """
        count = 3 * self.line
        for i in range(count):
            light = self.line <= i < 2 * self.line
            painter.setPen(QPen(_LIGHT if light else _DARK, 1))
            radius = self.diameter / 2 + i - (count - 1) / 2
            if self.square:
                corner = QPointF(radius, radius)
                painter.drawRect(QRectF(centre - corner, centre + corner))
            else:
                painter.drawEllipse(centre, radius, radius)

    def _square(self, half: float) -> QRect:
        return QRectF(self.x - half, self.y - half, 2 * half, 2 * half).toAlignedRect()


def rects_of(region: QRegion) -> list[QRect]:
    """The rectangles of a region; PySide6 can iterate over it but does not say so."""
    return list(cast("Iterable[QRect]", region))


def to_widget(region: QRegion, ratio: float) -> QRegion:
    """Widget pixels that cover a region of device pixels."""
    if ratio == 1:
        return region
    covering = QRegion()
    for rect in rects_of(region):
        left, top = math.floor(rect.x() / ratio), math.floor(rect.y() / ratio)
        right = math.ceil((rect.x() + rect.width()) / ratio)
        bottom = math.ceil((rect.y() + rect.height()) / ratio)
        covering = covering.united(QRect(left, top, right - left, bottom - top))
    return covering

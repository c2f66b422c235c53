"""The cursors of the tools without a ring: a cross-hair, and beside it a sign of the tool."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPainterPath, QPen, QPixmap

_SIDE = 32
_CENTRE = 11.0
_DARK = QColor(0, 0, 0, 190)
_LIGHT = QColor(255, 255, 255)


class AreaCursors:
    """Makes the cursors when they are first wanted, sharp at the screen's own resolution."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, float], QCursor] = {}

    def of(self, tool: str, ratio: float) -> QCursor:
        """The cursor of a tool.

        Args:
            tool: its name, or 'box' for a smart select that draws boxes.
            ratio: device pixels per widget pixel.
        """
        key = (tool, ratio)
        if key not in self._made:
            self._made[key] = _cursor(tool, ratio)
        return self._made[key]


def _cursor(tool: str, ratio: float) -> QCursor:
    pixmap = QPixmap(round(_SIDE * ratio), round(_SIDE * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = _cross()
    path.addPath(_sign(tool))
    for colour, width in ((_DARK, 3.0), (_LIGHT, 1.2)):
        painter.setPen(QPen(colour, width))
        painter.drawPath(path)
    painter.end()
    return QCursor(pixmap, int(_CENTRE), int(_CENTRE))


def _cross() -> QPainterPath:
    """Four arms that leave the pixel under the pointer free."""
    path = QPainterPath()
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        # Half a pixel to the middle of the hot spot's own pixel.
        path.moveTo(_CENTRE + 0.5 + 3 * dx, _CENTRE + 0.5 + 3 * dy)
        path.lineTo(_CENTRE + 0.5 + 9 * dx, _CENTRE + 0.5 + 9 * dy)
    return path


def _sign(tool: str) -> QPainterPath:
    """A small picture right below the cross-hair, within 10×10 pixels."""
    box = QRectF(19.5, 19.5, 10, 9)
    path = QPainterPath()
    if tool in ("rectangle", "box"):
        path.addRect(box)
        if tool == "box":
            path.addPath(_star(box.center(), 3.0))
    elif tool == "lasso":
        path.addEllipse(box.adjusted(0, 0, 0, -2))
        path.moveTo(box.left() + 3, box.bottom() - 2.5)
        path.lineTo(box.left() + 1, box.bottom() + 2)
    elif tool == "polygon":
        corners = ((0.5, 0), (1, 0.45), (0.75, 1), (0.2, 0.9), (0, 0.35))
        points = [
            QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in corners
        ]
        path.moveTo(points[-1])
        for point in points:
            path.lineTo(point)
    elif tool == "fill":
        # A drop.
        path.moveTo(box.center().x(), box.top())
        path.quadTo(box.right() + 2, box.bottom(), box.center().x(), box.bottom())
        path.quadTo(box.left() - 2, box.bottom(), box.center().x(), box.top())
    else:
        path = _star(box.center(), 6.0)
    return path


def _star(centre: QPointF, radius: float) -> QPainterPath:
    """A spark with four rays."""
    path = QPainterPath(centre + QPointF(0, -radius))
    for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        path.quadTo(centre, centre + QPointF(radius * x, radius * y))
    return path

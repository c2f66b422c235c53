"""The mark of each state that a photo can be in, and signs of what else there is to know of it.

Each is a shape and a colour, drawn at any size.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF


class Mark(Enum):
    """What the user sees of a photo's state; the value is the word for it."""

    NEW = "new"
    PREDICTED = "predicted"
    EDITED = "edited, not accepted"
    ACCEPTED = "accepted"
    UNREADABLE = "cannot be read"


SIGNS: dict[Mark, str] = {
    Mark.NEW: "…",
    Mark.PREDICTED: "●",
    Mark.EDITED: "✎",
    Mark.ACCEPTED: "✓",
    Mark.UNREADABLE: "!",
}

# Okabe & Ito again: no two differ by hue alone, and each has a shape of its own as well.
COLOURS: dict[Mark, QColor] = {
    Mark.NEW: QColor("#6f6f6f"),
    Mark.PREDICTED: QColor("#0072b2"),
    Mark.EDITED: QColor("#b86e00"),
    Mark.ACCEPTED: QColor("#00795a"),
    Mark.UNREADABLE: QColor("#b3420a"),
}


def draw_mark(painter: QPainter, rect: QRectF, mark: Mark) -> None:
    """Draw ``mark`` as a white sign on a patch with an outline of its own that fills ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.5))
    painter.setBrush(COLOURS[mark])
    side = rect.width()

    def at(x: float, y: float) -> QPointF:
        return QPointF(rect.x() + x * side, rect.y() + y * side)

    if mark is Mark.EDITED:
        painter.drawRoundedRect(rect, 0.2 * side, 0.2 * side)
    elif mark is Mark.UNREADABLE:
        painter.drawPolygon(QPolygonF([at(0.5, -0.06), at(1.06, 1), at(-0.06, 1)]))
    else:
        painter.drawEllipse(rect)
    pen = QPen(Qt.GlobalColor.white, max(1.5, side / 9))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark is Mark.NEW:
        for x in (0.27, 0.5, 0.73):
            painter.drawPoint(at(x, 0.5))
    elif mark is Mark.PREDICTED:
        painter.setBrush(Qt.GlobalColor.white)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(at(0.5, 0.5), 0.24 * side, 0.24 * side)
    elif mark is Mark.EDITED:
        painter.drawPolygon(
            QPolygonF(
                [at(0.26, 0.74), at(0.30, 0.56), at(0.62, 0.24), at(0.76, 0.38), at(0.44, 0.70)]
            )
        )
    elif mark is Mark.ACCEPTED:
        painter.drawPolyline(QPolygonF([at(0.27, 0.52), at(0.44, 0.69), at(0.74, 0.33)]))
    else:
        painter.drawLine(at(0.5, 0.36), at(0.5, 0.62))
        painter.drawPoint(at(0.5, 0.83))
    painter.restore()


class Sign(Enum):
    """What is to be seen of a photo beside its state; the value is the word for it."""

    FLAGGED = "flagged"
    SKIPPED = "skipped"
    REPLACED = "replaced by another picture"


_SIGN_COLOURS: dict[Sign, QColor] = {
    Sign.FLAGGED: QColor("#a3407c"),
    Sign.SKIPPED: QColor("#4d4d4d"),
    Sign.REPLACED: QColor("#b3420a"),
}


def draw_sign(painter: QPainter, rect: QRectF, sign: Sign) -> None:
    """Draw ``sign`` in white on a square patch that fills ``rect``: marks have other shapes."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.5))
    painter.setBrush(_SIGN_COLOURS[sign])
    side = rect.width()
    painter.drawRoundedRect(rect, 0.15 * side, 0.15 * side)

    def line(*points: tuple[float, float]) -> None:
        painter.drawPolyline(
            QPolygonF([QPointF(rect.x() + x * side, rect.y() + y * side) for x, y in points])
        )

    pen = QPen(Qt.GlobalColor.white, max(1.5, side / 10))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if sign is Sign.FLAGGED:
        line((0.3, 0.8), (0.3, 0.22))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(rect.x() + x * side, rect.y() + y * side)
                    for x, y in ((0.3, 0.22), (0.76, 0.37), (0.3, 0.52))
                ]
            )
        )
    elif sign is Sign.SKIPPED:
        line((0.26, 0.28), (0.48, 0.5), (0.26, 0.72))
        line((0.54, 0.28), (0.76, 0.5), (0.54, 0.72))
    else:
        line((0.24, 0.36), (0.76, 0.36), (0.6, 0.2))
        line((0.76, 0.64), (0.24, 0.64), (0.4, 0.8))
    painter.restore()

"""How one photo looks in a list: thumbnail, state, confidence, and what else is noted of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from petseg_gui.core.records import PhotoFlag
from petseg_gui.ui.marks import Mark, Sign, draw_mark, draw_sign
from petseg_gui.ui.photo_list_model import (
    CONFIDENCE_ROLE,
    CURRENT_ROLE,
    FLAG_ROLE,
    MARK_ROLE,
    REPLACED_ROLE,
    Index,
    name_at,
    percent,
)
from petseg_gui.ui.thumbnails import Thumbnails

MARK_SIZE = 20
SIGN_SIZE = 17
MARGIN = 6
"""Pixels round a thumbnail: room to see that the photo is selected."""
_SIGNS = {PhotoFlag.FLAGGED: Sign.FLAGGED, PhotoFlag.SKIPPED: Sign.SKIPPED}
_State = QStyle.StateFlag
_Role = QPalette.ColorRole


class PhotoCell(QStyledItemDelegate):
    """Paints one cell; touches no file.

    Args:
        thumbnails: of the folder.
        side: pixels of the square that a thumbnail fits in.
        named: whether the name stands below it.
    """

    def __init__(
        self, thumbnails: Thumbnails, side: int, *, named: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._named = named
        self._line = 0
        self._badges: dict[tuple[Mark | Sign, float], QPixmap] = {}
        self.side = side

    def size(self, line_height: int) -> QSize:
        """Every cell has this size, so that a folder of any length is laid out at once."""
        self._line = line_height + 4 if self._named else 0
        return QSize(self.side + 2 * MARGIN, self.side + 2 * MARGIN - 2 + self._line)

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """See :meth:`size`."""
        metrics = option.fontMetrics
        return self.size(metrics.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        ratio = painter.device().devicePixelRatio()
        selected = bool(state & _State.State_Selected)
        if selected:
            painter.fillRect(rect.adjusted(1, 0, -1, 0), palette.color(_Role.Highlight))
        frame = QRect(0, 0, self.side, self.side)
        frame.moveCenter(rect.center())
        frame.moveTop(rect.top() + MARGIN - 1)
        name = name_at(index)
        painter.fillRect(frame, palette.color(_Role.AlternateBase))
        pixmap = self._thumbnails.get(name, round(self.side * ratio))
        if pixmap is not None:
            size = (QSize(pixmap.width(), pixmap.height()) / ratio).boundedTo(frame.size())
            target = QRect(QPoint(0, 0), size)
            target.moveCenter(frame.center())
            painter.drawPixmap(target, pixmap)
        elif not self._named:
            painter.setPen(palette.color(_Role.PlaceholderText))
            inside, flags = frame.adjusted(4, 4, -4, -4), Qt.AlignmentFlag.AlignCenter
            painter.drawText(inside, int(flags | Qt.TextFlag.TextWrapAnywhere), name)
        self._paint_badges(painter, frame, index, ratio)
        if self._named:
            self._paint_name(painter, option, frame, name, selected)
        self._paint_frames(painter, rect, palette, state, bool(index.data(CURRENT_ROLE)))

    def _paint_badges(self, painter: QPainter, frame: QRect, index: Index, ratio: float) -> None:
        mark: Mark = index.data(MARK_ROLE)
        corner = frame.bottomRight() - QPoint(MARK_SIZE + 3, MARK_SIZE + 3)
        painter.drawPixmap(corner, self._badge(mark, ratio))
        at = frame.topLeft() + QPoint(1, 1)
        signs = [_SIGNS.get(index.data(FLAG_ROLE))]
        if index.data(REPLACED_ROLE):
            signs.append(Sign.REPLACED)
        for sign in signs:
            if sign is not None:
                painter.drawPixmap(at, self._badge(sign, ratio))
                at += QPoint(SIGN_SIZE + 3, 0)
        confidence: float | None = index.data(CONFIDENCE_ROLE)
        if confidence is not None:
            _paint_confidence(painter, frame, confidence)

    def _badge(self, what: Mark | Sign, ratio: float) -> QPixmap:
        """A picture of a mark or sign: drawing their curves would cost more than the photo."""
        pixmap = self._badges.get((what, ratio))
        if pixmap is None:
            side = MARK_SIZE if isinstance(what, Mark) else SIGN_SIZE
            pixmap = QPixmap(QSize(side + 4, side + 4) * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            rect = QRectF(2, 2, side, side)
            if isinstance(what, Mark):
                draw_mark(painter, rect, what)
            else:
                draw_sign(painter, rect, what)
            painter.end()
            self._badges[(what, ratio)] = pixmap
        return pixmap

    def _paint_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        frame: QRect,
        name: str,
        selected: bool,
    ) -> None:
        palette: QPalette = option.palette
        painter.setPen(palette.color(_Role.HighlightedText if selected else _Role.Text))
        below = QRect(frame.left(), frame.bottom() + 1, frame.width(), self._line)
        text = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), text)

    def _paint_frames(
        self,
        painter: QPainter,
        rect: QRect,
        palette: QPalette,
        state: QStyle.StateFlag,
        current: bool,
    ) -> None:
        """A line round the photo on the canvas, a dashed one where keys go on from."""
        cursor = bool(state & _State.State_HasFocus)
        if not current and not cursor:
            return
        pen = QPen(palette.color(_Role.Text), 2 if current else 1)
        if not current:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(2, 1, -2, -1))


def _paint_confidence(painter: QPainter, frame: QRect, confidence: float) -> None:
    """How sure the model is, as a number: in the corner, on a dark patch, on any photo."""
    text = f"{percent(confidence)}"
    metrics = painter.fontMetrics()
    size = QSize(metrics.horizontalAdvance(text) + 8, metrics.height())
    patch = QRect(frame.bottomLeft() - QPoint(-2, size.height() + 1), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(patch, 4, 4)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(patch, int(Qt.AlignmentFlag.AlignCenter), text)

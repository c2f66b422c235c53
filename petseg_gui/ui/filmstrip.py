"""The folder as a strip of thumbnails with a mark for each photo's state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from petseg_gui.ui.marks import Mark, draw_mark
from petseg_gui.ui.thumbnails import THUMBNAIL_SIZE, Thumbnails

MARK_ROLE = int(Qt.ItemDataRole.UserRole) + 1
THUMBNAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 2

CELL = QSize(THUMBNAIL_SIZE + 12, THUMBNAIL_SIZE + 10)
MARK_SIZE = 20

Index = QModelIndex | QPersistentModelIndex


class PhotoListModel(QAbstractListModel):
    """Photo names with their marks and thumbnails; holds neither marks nor pixels itself."""

    def __init__(
        self,
        mark_of: Callable[[str], Mark],
        problem_of: Callable[[str], str],
        thumbnails: Thumbnails,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._problem_of = problem_of
        self._names: list[str] = []
        self._rows: dict[str, int] = {}
        self._mark_of = mark_of
        self._thumbnails = thumbnails
        thumbnails.loaded.connect(self.refresh)

    @property
    def names(self) -> list[str]:
        """Photo names in the order of the strip."""
        return self._names

    def set_names(self, names: Sequence[str]) -> None:
        """Show another folder."""
        self.beginResetModel()
        self._names = list(names)
        self._rows = {name: row for row, name in enumerate(names)}
        self.endResetModel()

    def row_of(self, name: str) -> int:
        """The row of ``name``, -1 when it is not in the folder."""
        return self._rows.get(name, -1)

    def refresh(self, name: str) -> None:
        """The mark or the thumbnail of ``name`` is another one now."""
        row = self.row_of(name)
        if row >= 0:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of photos."""
        return 0 if parent is not None and parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Name, mark, thumbnail, or what a screen reader says."""
        if not index.isValid() or index.row() >= len(self._names):
            return None
        name = self._names[index.row()]
        if role == int(Qt.ItemDataRole.DisplayRole):
            return name
        if role == MARK_ROLE:
            return self._mark_of(name)
        if role == THUMBNAIL_ROLE:
            return self._thumbnails.get(name)
        if role not in (int(Qt.ItemDataRole.ToolTipRole), int(Qt.ItemDataRole.AccessibleTextRole)):
            return None
        said = f"{name}: {self._mark_of(name).value}"
        # A reason names the file already.
        return (role == int(Qt.ItemDataRole.ToolTipRole) and self._problem_of(name)) or said


class ThumbnailDelegate(QStyledItemDelegate):
    """Paints one cell: thumbnail, mark, and a frame round the current photo."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every cell has one size, so a folder of any length lays out at once."""
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell; no file is touched here."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        frame = rect.adjusted(4, 3, -4, -3)
        painter.fillRect(frame, palette.color(QPalette.ColorRole.AlternateBase))
        pixmap: QPixmap | None = index.data(THUMBNAIL_ROLE)
        if pixmap is not None:
            target = QRect(0, 0, pixmap.width(), pixmap.height())
            target.moveCenter(frame.center())
            painter.drawPixmap(target.intersected(frame), pixmap, _visible_part(target, frame))
        else:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(
                frame.adjusted(4, 4, -4, -4),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere),
                str(index.data()),
            )
        mark: Mark = index.data(MARK_ROLE)
        corner = frame.bottomRight()
        draw_mark(
            painter,
            QRectF(corner.x() - MARK_SIZE - 2, corner.y() - MARK_SIZE - 2, MARK_SIZE, MARK_SIZE),
            mark,
        )
        painter.restore()


def _visible_part(target: QRect, frame: QRect) -> QRect:
    """The part of a pixmap, in its own pixels, that ``frame`` leaves visible of ``target``."""
    return target.intersected(frame).translated(-target.topLeft())


class Filmstrip(QListView):
    """A horizontal list of the folder's photos.

    Args:
        thumbnails: of the folder.
        mark_of: the state of a photo.
        problem_of: why a photo cannot be shown, '' if it can.

    Signals:
        photoChosen: name of the photo that the user clicked or moved to.
    """

    photoChosen = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        thumbnails: Thumbnails,
        mark_of: Callable[[str], Mark],
        problem_of: Callable[[str], str],
    ) -> None:
        super().__init__()
        self.setObjectName("filmstrip")
        self.setAccessibleName("Photos of the folder")
        self._thumbnails = thumbnails
        self._model = PhotoListModel(mark_of, problem_of, thumbnails, self)
        self.setModel(self._model)
        self.setItemDelegate(ThumbnailDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setFixedHeight(CELL.height() + self.horizontalScrollBar().sizeHint().height() + 2)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._want_visible)
        self.horizontalScrollBar().valueChanged.connect(self._soon)
        self.clicked.connect(lambda index: self.photoChosen.emit(str(index.data())))

    def set_names(self, names: Sequence[str]) -> None:
        """Show another folder."""
        self._thumbnails.clear()
        self._model.set_names(names)
        self._soon()

    def set_current(self, name: str) -> None:
        """Mark the photo on the canvas and bring it into view, with neighbours both sides."""
        row = self._model.row_of(name)
        if row < 0:
            self.clearSelection()
            return
        index = self._model.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._soon()

    def refresh(self, name: str) -> None:
        """The state of ``name`` changed."""
        self._model.refresh(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave letters to the window: here they would jump to names that begin with them."""
        if event.text() and not event.text().isspace():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Moving by Home, End or Page keys chooses, as clicking does."""
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self.photoChosen.emit(str(current.data()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More cells may be visible now."""
        super().resizeEvent(event)
        self._soon()

    def visible_rows(self) -> range:
        """Rows of which at least a part is visible."""
        count = self._model.rowCount()
        if count == 0 or self.viewport().width() <= 0:
            return range(0)
        left = self.horizontalScrollBar().value()
        first = left // CELL.width()
        last = (left + self.viewport().width() - 1) // CELL.width()
        return range(min(first, count), min(last + 1, count))

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    def _want_visible(self) -> None:
        rows = self.visible_rows()
        if not self.isVisible() or not rows:
            return
        current = self.currentIndex().row()
        middle = current if current in rows else (rows.start + rows.stop) // 2
        nearest = sorted(rows, key=lambda row: abs(row - middle))
        self._thumbnails.want([self._model.names[row] for row in nearest])

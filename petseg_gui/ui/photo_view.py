"""What the filmstrip and the grid have in common: choosing, selecting, asking for thumbnails."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem

from petseg_gui.ui.cell_layout import CellLayout
from petseg_gui.ui.photo_cell import PhotoCell
from petseg_gui.ui.photo_list_model import Index, PhotoListModel, name_at
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.thumbnails import Thumbnails

_Key = Qt.Key
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_RETURN = (_Key.Key_Return, _Key.Key_Enter)


class PhotoView(QListView):
    """Photos in cells of one size.  Subclasses say where the cells lie.

    A list view, but for its layout: Qt's looks at every photo of the folder, whenever a single
    thumbnail arrives.  Here that is arithmetic.

    A click selects a photo alone; with Ctrl it is selected as well, or not any more; with Shift
    all are, from the last click on.

    Args:
        model: the photos.
        selection: of all views of ``model``.
        thumbnails: of the folder.
        cell: how a photo looks.

    Signals:
        photoChosen: name of the photo that the user clicked or moved to, without Ctrl or Shift.
        photoOpened: name of the photo that the user double-clicked or pressed Enter on.
    """

    photoChosen = Signal(object)  # noqa: N815 - Qt's spelling of signals
    photoOpened = Signal(object)  # noqa: N815

    _cells = CellLayout(0, 1, 1)  # Qt asks for it before there is an object to have it

    def __init__(
        self,
        model: PhotoListModel,
        selection: PhotoSelection,
        thumbnails: Thumbnails,
        cell: PhotoCell,
    ) -> None:
        super().__init__()
        self._photos = model
        self._thumbnails = thumbnails
        self._cell = cell
        cell.setParent(self)
        self.selection = selection
        self.setModel(model)
        own = self.selectionModel()
        self.setSelectionModel(selection.model)
        own.deleteLater()
        self.setItemDelegate(cell)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._want_visible)
        self.horizontalScrollBar().valueChanged.connect(self._soon)
        self.verticalScrollBar().valueChanged.connect(self._soon)
        model.arranged.connect(self._soon)
        model.currentMoved.connect(self.show_current)

    # ------------------------------------------------------------------ for the window

    def set_names(self, names: Sequence[str]) -> None:
        """List other photos, or the same ones in another order; thumbnails are kept."""
        self._photos.set_names(names)

    def set_current(self, name: str) -> None:
        """``name`` is on the canvas now: every view marks it and brings it into view."""
        self._photos.set_current(name)

    def refresh(self, name: str) -> None:
        """The state or the mask of ``name`` changed."""
        self._thumbnails.refresh(name)
        self._photos.refresh(name)

    def refresh_all(self) -> None:
        """The state or the mask of any photo may have changed."""
        self._thumbnails.refresh_all()
        self._photos.refresh_all()

    def show_current(self) -> None:
        """Bring the photo on the canvas into view, with neighbours on both sides."""
        row = self._photos.row_of(self._photos.current)
        if row >= 0 and self.isVisible():
            centre = QAbstractItemView.ScrollHint.PositionAtCenter
            self.scrollTo(self._photos.index(row), centre)
            self._soon()

    def visible_rows(self) -> range:
        """Rows of which at least a part is visible."""
        return self._cells.rows_in(self.viewport().rect().translated(self._offset()))

    def lay_out(self, count: int) -> CellLayout:
        """Where so many photos lie in the present viewport."""
        raise NotImplementedError

    def target_row(self, row: int, key: int) -> int:
        """Where a key leads from a row; -1: it is no key that moves.  May lie outside the list."""
        last = len(self._photos.names) - 1
        page = max(1, len(self.visible_rows()) - 1)
        places = {
            _Key.Key_Home: 0,
            _Key.Key_End: last,
            _Key.Key_PageUp: max(0, row - page),
            _Key.Key_PageDown: min(last, row + page),
        }
        return places.get(_Key(key), -1)

    # ------------------------------------------------------------------ choosing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or change the selection."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        name, keys = name_at(index), event.modifiers()
        if event.button() == Qt.MouseButton.RightButton:
            # A menu is for what is selected, and that includes what was clicked.
            if not self.selection.has(name):
                self.selection.select_only(name)
        elif event.button() == Qt.MouseButton.LeftButton:
            if keys & _SHIFT:
                self.selection.extend_to(name, more=bool(keys & _CTRL))
            elif keys & _CTRL:
                self.selection.toggle(name)
            else:
                self.selection.select_only(name)
                self.photoChosen.emit(name)

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        """Dragging over the photos selects nothing: a hand that shakes would."""

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """All was done when the button went down."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the photo; with Ctrl or Shift it is a second click."""
        index = self.indexAt(event.position().toPoint())
        plain = not event.modifiers() & (_CTRL | _SHIFT)
        if plain and index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.photoOpened.emit(name_at(index))
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, select, open.  Letters are left to the window: they are its shortcuts."""
        names, row = self._photos.names, self.currentIndex().row()
        target = self.target_row(row, event.key()) if names else -1
        if event.key() in _RETURN and 0 <= row < len(names):
            self.photoOpened.emit(names[row])
        elif event.key() == _Key.Key_Space and 0 <= row < len(names):
            self.selection.toggle(names[row])
        elif 0 <= target < len(names):
            self._move(names[target], event.modifiers())
        else:
            event.ignore()

    def _move(self, name: str, keys: Qt.KeyboardModifier) -> None:
        if keys & _SHIFT:
            self.selection.extend_to(name, more=bool(keys & _CTRL))
        elif keys & _CTRL:
            self.selection.move_cursor(name)
        else:
            self.selection.select_only(name)
            self.photoChosen.emit(name)
        self.scrollTo(self.currentIndex())

    # ------------------------------------------------------------------ what is seen

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """All that is visible: Qt would look at each of thousands of selected photos."""
        return QRegion(self.viewport().rect())

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Paint what changed, and look whether thumbnails are out of date."""
        if first.row() == last.row() and first.row() not in self.visible_rows():
            return
        # Not the list view's own, which would lay out everything anew.
        QAbstractItemView.dataChanged(self, first, last, roles)
        self._soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More cells may be visible now."""
        super().resizeEvent(event)
        self.doItemsLayout()
        self._soon()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while the view was hidden is wanted now."""
        super().showEvent(event)
        self.show_current()
        self._soon()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keys go on from the photo on the canvas, unless they have been somewhere else."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.selection.move_cursor(self._photos.current)

    def doItemsLayout(self) -> None:
        """Find out where the photos lie."""
        self._cells = self.lay_out(len(self._photos.names))
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Let the scroll bars reach from the first photo to the last."""
        size, shown = self._cells.size, self.viewport().size()
        for bar, whole, part, step in (
            (self.horizontalScrollBar(), size.width(), shown.width(), self._cells.width),
            (self.verticalScrollBar(), size.height(), shown.height(), self._cells.height),
        ):
            bar.setSingleStep(step // 2)
            bar.setPageStep(part)
            bar.setRange(0, max(0, whole - part))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted."""
        self.viewport().scroll(dx, dy)

    def visualRect(self, index: Index) -> QRect:
        """Where a photo lies in the viewport, visible or not."""
        if not index.isValid():
            return QRect()
        return self._cells.rect(index.row()).translated(-self._offset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The photo at a point of the viewport."""
        place = point + self._offset()
        row = self._cells.row_at(place.x(), place.y())
        return self._photos.at(row) if row >= 0 else QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a photo into view, or into its middle."""
        if not index.isValid():
            return
        if self._cells.count != len(self._photos.names):
            self.doItemsLayout()
        rect, shown = self._cells.rect(index.row()), self.viewport().size()
        centre = hint == QAbstractItemView.ScrollHint.PositionAtCenter
        for bar, start, length, room in (
            (self.horizontalScrollBar(), rect.x(), rect.width(), shown.width()),
            (self.verticalScrollBar(), rect.y(), rect.height(), shown.height()),
        ):
            if centre:
                bar.setValue(start - (room - length) // 2)
            elif start < bar.value():
                bar.setValue(start)
            elif start + length > bar.value() + room:
                bar.setValue(start + length - room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are visible."""
        painter, option = QPainter(self.viewport()), QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state
        offset, area = self._offset(), event.rect()
        cursor = self.currentIndex().row() if self.hasFocus() else -1
        for row in self._cells.rows_in(area.translated(offset)):
            rect = self._cells.rect(row).translated(-offset)
            if not rect.intersects(area):
                continue
            index = self._photos.at(row)
            state = plain
            if self.selection.model.isSelected(index):
                state |= QStyle.StateFlag.State_Selected
            if row == cursor:
                state |= QStyle.StateFlag.State_HasFocus
            option.rect, option.state = rect, state
            self._cell.paint(painter, option, index)
        painter.end()

    def _offset(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    def _want_visible(self) -> None:
        rows = self.visible_rows()
        side = round(self._cell.side * self.devicePixelRatioF())
        if not self.isVisible():
            self._thumbnails.want([], side, self.objectName())
            return
        current = self._photos.row_of(self._photos.current)
        middle = current if current in rows else (rows.start + rows.stop) // 2
        nearest = sorted(rows, key=lambda row: abs(row - middle))
        names = self._photos.names
        self._thumbnails.want([names[row] for row in nearest], side, self.objectName())

"""The folder as rows of thumbnails, in the place of the photo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView

from petseg_gui.ui.cell_layout import CellLayout
from petseg_gui.ui.photo_cell import PhotoCell
from petseg_gui.ui.photo_list_model import PhotoListModel
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.photo_view import PhotoView
from petseg_gui.ui.thumbnails import Thumbnails

SIDES = (104, 160, 240)
"""Sizes that a thumbnail can have, in pixels."""
GAP = 4
"""Pixels, at least, between two cells."""

_Key = Qt.Key
_OWN_KEYS = frozenset(
    {
        *(_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down),
        *(_Key.Key_Home, _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown),
        *(_Key.Key_Return, _Key.Key_Enter, _Key.Key_Space, _Key.Key_Escape),
        *(_Key.Key_Plus, _Key.Key_Equal, _Key.Key_Minus),
    }
)
"""Keys that mean something here, and something else for the photo on the canvas."""


class PhotoGrid(PhotoView):
    """Many photos at once.  A click selects; a double click or Enter opens; + and - change the
    size of the thumbnails, and so does the wheel with Ctrl.

    Signals:
        left: the user wants the photo on the canvas back.
    """

    left = Signal()

    def __init__(
        self, model: PhotoListModel, selection: PhotoSelection, thumbnails: Thumbnails
    ) -> None:
        super().__init__(model, selection, thumbnails, PhotoCell(thumbnails, SIDES[1], named=True))
        self.setObjectName("photoGrid")
        self.setAccessibleName("All photos")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always: were it to come and go, the width and with it the columns would change.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._keys = _KeepsKeys(self)
        self.installEventFilter(self._keys)

    @property
    def columns(self) -> int:
        """How many photos are beside each other."""
        return self._cells.columns or 1

    @property
    def side(self) -> int:
        """Pixels of the square that a thumbnail fits in."""
        return self._cell.side

    def set_side(self, side: int) -> None:
        """Show thumbnails of this size; the photo where keys go on from stays in view."""
        if side in SIDES and side != self.side:
            self._cell.side = side
            self.doItemsLayout()
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
            self._soon()

    def lay_out(self, count: int) -> CellLayout:
        """As many columns as there is room for, as wide as they can be."""
        size = self._cell.size(self.fontMetrics().height())
        width = self.viewport().width()
        columns = max(1, width // (size.width() + GAP))
        return CellLayout(count, max(size.width(), width // columns), size.height() + GAP, columns)

    def target_row(self, row: int, key: int) -> int:
        """See :meth:`PhotoView.target_row`: there are lines as well."""
        last = len(self._photos.names) - 1
        if key == _Key.Key_Down and row // self.columns < last // self.columns:
            return min(last, row + self.columns)
        steps = {
            _Key.Key_Left: -1,
            _Key.Key_Right: 1,
            _Key.Key_Up: -self.columns,
        }
        if key in steps:
            return row + steps[_Key(key)]
        lines = max(1, self.viewport().height() // self._cells.height)
        page = lines * self.columns
        if key == _Key.Key_PageUp:
            return row - page if row >= page else row % self.columns
        if key == _Key.Key_PageDown:
            return min(last, row + page)
        return super().target_row(row, key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Also: change the size, and leave."""
        if event.key() in (_Key.Key_Plus, _Key.Key_Equal):
            self._zoom(1)
        elif event.key() == _Key.Key_Minus:
            self._zoom(-1)
        elif event.key() == _Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl change the size."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def _zoom(self, step: int) -> None:
        place = SIDES.index(self.side) + step
        if 0 <= place < len(SIDES):
            self.set_side(SIDES[place])


class _KeepsKeys(QObject):
    """Claims the grid's keys while it has the focus: Enter must not accept a photo unseen."""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """See the class."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
            if event.key() in _OWN_KEYS and not alt:
                event.accept()
                return True
        return False

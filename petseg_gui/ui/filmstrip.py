"""The folder as a strip of thumbnails with a mark for each photo's state."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent

from petseg_gui.ui.cell_layout import CellLayout
from petseg_gui.ui.photo_cell import PhotoCell
from petseg_gui.ui.photo_list_model import PhotoListModel
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.photo_view import PhotoView
from petseg_gui.ui.thumbnails import Thumbnails

SIDE = 104
"""Width and height, in pixels, of the square that a thumbnail fits in."""


class Filmstrip(PhotoView):
    """A horizontal list of the folder's photos."""

    def __init__(
        self, model: PhotoListModel, selection: PhotoSelection, thumbnails: Thumbnails
    ) -> None:
        super().__init__(model, selection, thumbnails, PhotoCell(thumbnails, SIDE, named=False))
        self.setObjectName("filmstrip")
        self.setAccessibleName("Photos of the folder")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        height = self._cell.size(0).height()
        self.setFixedHeight(height + self.horizontalScrollBar().sizeHint().height() + 2)

    def lay_out(self, count: int) -> CellLayout:
        """All in one row."""
        size = self._cell.size(0)
        return CellLayout(count, size.width(), size.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel that turns up and down moves the photos to and fro."""
        bar = self.horizontalScrollBar()
        pixels, angle = event.pixelDelta(), event.angleDelta()
        if not pixels.isNull():
            step = float(pixels.x() or pixels.y())
        else:
            step = (angle.x() or angle.y()) / 120 * 3 * bar.singleStep()
        bar.setValue(bar.value() - round(step))
        event.accept()

"""The folder as a strip of thumbnails with a mark for each photo's state."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView

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
        self.setWrapping(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        size = self._cell.size(0)
        self._width = size.width()
        self.setFixedHeight(size.height() + self.horizontalScrollBar().sizeHint().height() + 2)

    def visible_rows(self) -> range:
        """Rows of which at least a part is visible."""
        count, width = len(self._photos.names), self.viewport().width()
        if count == 0 or width <= 0:
            return range(0)
        left = self.horizontalScrollBar().value()
        first, last = left // self._width, (left + width - 1) // self._width
        return range(min(first, count), min(last + 1, count))

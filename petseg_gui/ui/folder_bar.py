"""The folder below the photo: filter and order, how far it is, and its filmstrip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from petseg_gui.ui.filmstrip import Filmstrip
from petseg_gui.ui.filter_bar import FilterBar
from petseg_gui.ui.photo_selection import SelectedLabel
from petseg_gui.ui.status_line import ElidedLabel

BAR_HEIGHT = 4


class FolderBar(QWidget):
    """What belongs to the folder as a whole.

    Attributes:
        filter: search, filter and order.
        progress: how far the folder is, in words.
        bar: the same, as a line.
    """

    def __init__(self, filmstrip: Filmstrip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = FilterBar()
        self.progress = ElidedLabel()
        self.progress.setObjectName("acceptedLabel")
        self.progress.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(BAR_HEIGHT)
        self.bar.setAccessibleName("Accepted photos")
        row = QHBoxLayout()
        row.setContentsMargins(12, 5, 12, 3)
        row.setSpacing(12)
        row.addWidget(self.filter)
        row.addWidget(SelectedLabel(filmstrip.selection))
        row.addWidget(self.progress, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.bar)
        layout.addLayout(row)
        layout.addWidget(filmstrip)

    def show_progress(self, words: str, accepted: int, total: int) -> None:
        """How far the folder is."""
        self.progress.setText(words)
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(accepted)

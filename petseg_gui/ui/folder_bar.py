"""The folder below the photo: filter and order, how far it is, and its filmstrip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from petseg_gui.ui.filmstrip import Filmstrip
from petseg_gui.ui.filter_bar import FilterBar
from petseg_gui.ui.photo_selection import SelectedLabel
from petseg_gui.ui.status_line import ElidedLabel

BAR_HEIGHT = 4


class FittingLabel(ElidedLabel):
    """A line of text in as many words as there is room for; the longest is its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = [""]

    def set_texts(self, texts: Sequence[str]) -> None:
        """Show one of ``texts``, which say the same in ever fewer words."""
        self._texts = list(texts)
        self._fit()

    def sizeHint(self) -> QSize:
        """Whatever the others leave: which words are shown moves nothing."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is more room, or less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room = QFontMetrics(self.font()), self.contentsRect().width()
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= room)
        self.setText(next(fitting, self._texts[-1]))
        self.setToolTip(self._texts[0])
        self.setAccessibleName(self._texts[0])


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
        self.progress = FittingLabel()
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

    def show_progress(self, words: Sequence[str], accepted: int, total: int) -> None:
        """How far the folder is; ``words``: the longest first, see :func:`pace.in_words`."""
        self.progress.set_texts(words)
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(accepted)

"""How far a batch is, in the status bar, with a button to cancel it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from petseg_gui.ui.widgets import keep_keys


class BatchProgress(QWidget):
    """'12 of 40 accepted' and a button.

    Args:
        total: how many photos the batch is about.
        done: what is done to them, in words.

    Signals:
        cancelled: the photos that are left are to stay as they are.
    """

    cancelled = Signal()

    def __init__(self, total: int, done: str) -> None:
        super().__init__()
        self.setObjectName("batchProgress")
        self._total, self._done = total, done
        self._label = QLabel()
        self._label.setObjectName("batchText")
        widest = QFontMetrics(self.font()).horizontalAdvance(self._words(total))
        self._label.setMinimumWidth(widest)  # the button stays where it is while numbers grow
        self._button = QPushButton("Cancel")
        self._button.setObjectName("cancelBatch")
        self._button.setToolTip("Leave the other photos as they are; what was done stays")
        self._button.setAccessibleName(f"Cancel: {total:,} photos {done}")
        self._button.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._label)
        row.addWidget(self._button)
        keep_keys(self)

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def show_step(self, number: int) -> None:
        """The photo of that number, counted from 1, is under way."""
        self._label.setText(self._words(number))

    def _words(self, number: int) -> str:
        return f"{number:,} of {self._total:,} {self._done}"

    def _cancel(self) -> None:
        # Once is enough; the photo that is under way is still waited for.
        self._button.setEnabled(False)
        self.cancelled.emit()

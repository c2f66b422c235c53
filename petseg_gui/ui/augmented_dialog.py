"""What the model sees: one's own photos as they are changed at random for training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.services.augmented import Augmented
from petseg_gui.services.tasks import Task, TaskRunner
from petseg_gui.ui.versions_picture import picture
from petseg_gui.ui.widgets import quiet

COUNT, COLUMNS = 12, 4
SIDE = 144
PRIORITY = 2
_GAP = 6
_EXPLAINED = (
    "Each time a photo is used, it is turned, cut, mirrored, and changed in light and sharpness "
    "anew, with its mask: so few photos go a long way."
)

Make = Callable[[int], Sequence[Augmented]]


class AugmentedDialog(QDialog):
    """A gallery of changed photos with their masks.

    Args:
        make: makes so many of them, in a worker thread.
        tasks: where that is done.
        parent: as of every QWidget.

    Attributes:
        pictures: the places of the pictures.
    """

    def __init__(self, make: Make, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augmentedDialog")
        self.setWindowTitle("What the model sees")
        self._make, self._tasks = make, tasks
        self._task: Task | None = None
        self.words = quiet()
        self.words.setObjectName("augmentedWords")
        # Room for the longest text from the beginning: nothing moves when it comes.
        self.words.setText(_EXPLAINED)
        width = COLUMNS * SIDE + (COLUMNS - 1) * _GAP
        self.words.setMinimumHeight(self.words.heightForWidth(width))
        self.pictures = [QLabel() for _ in range(COUNT)]
        self.again = QPushButton("Others")
        self.again.setObjectName("augmentAgain")
        self.again.setAutoDefault(False)
        self.again.clicked.connect(self._start)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        grid = QGridLayout()
        grid.setSpacing(_GAP)
        for number, label in enumerate(self.pictures):
            label.setFixedSize(QSize(SIDE, SIDE))
            label.setAccessibleName(f"Changed photo {number + 1}")
            grid.addWidget(label, number // COLUMNS, number % COLUMNS)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.again)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addLayout(grid)
        layout.addLayout(buttons)
        self._start()

    def done(self, result: int) -> None:
        """Nobody waits for pictures any more."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    def _start(self) -> None:
        self.again.setEnabled(False)
        self.words.setText("Making pictures… The first time takes some seconds.")
        make = self._make
        self._task = self._tasks.run(
            lambda _state: make(COUNT), self._made, self._broke, priority=PRIORITY
        )

    def _made(self, found: Sequence[Augmented]) -> None:
        self._task = None
        self.again.setEnabled(True)
        if not found:
            self.words.setText("There is no accepted mask yet that can be read.")
            return
        self.words.setText(_EXPLAINED)
        ratio = self.devicePixelRatioF()
        for label, one in zip(self.pictures, found, strict=False):
            pixmap = QPixmap.fromImage(picture(one.photo, one.mask, None)).scaled(
                QSize(SIDE, SIDE) * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            pixmap.setDevicePixelRatio(ratio)
            label.setPixmap(pixmap)

    def _broke(self, error: Exception) -> None:
        self._task = None
        self.again.setEnabled(True)
        self.words.setText(f"The pictures could not be made: {error}")

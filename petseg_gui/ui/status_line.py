"""The status bar: which photo, how large, what is under the pointer, what goes on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from model.labels import NAMES, Label, MaskArray

WIDEST_VALUES = "Background  0.88"
WIDEST_ZOOM = "6400 %"
GAP = 12
"""Pixels between two labels."""
SLACK = 4
"""Pixels that glyphs may need beyond their advance."""
WIDEST_NAME = "a_long_file_name_of_a_photo_0000.jpeg"


class ElidedLabel(QLabel):
    """A line of text that ends in … where there is no room; the whole of it is its tooltip."""

    def minimumSizeHint(self) -> QSize:
        """Next to nothing: whatever stands beside it keeps its place."""
        return QSize(0, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        """Show ``text``."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much of the text as there is room for."""
        room = self.contentsRect()
        text = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter = QPainter(self)
        painter.drawText(room, self.alignment(), text)
        painter.end()


class StatusLine(QStatusBar):
    """Labels at fixed places, so that nothing jumps while the pointer moves.

    Attributes:
        photo, pixel, zoom, hint, predictions, device: the labels, from left to right.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setSizeGripEnabled(False)
        self.photo, self.pixel, self.zoom = QLabel(), QLabel(), QLabel()
        self.hint = ElidedLabel()
        self.hint.setProperty("quiet", True)
        self.hint.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.predictions, self.device = QLabel(), QLabel()
        self._jobs: list[QWidget] = []
        metrics = QFontMetrics(self.font())
        self._hold(self.zoom, WIDEST_ZOOM)
        self._name_room = metrics.horizontalAdvance(WIDEST_NAME)
        self.setContentsMargins(8, 0, 8, 0)
        for label, what in (
            (self.photo, "Photo"),
            (self.pixel, "Under the pointer"),
            (self.zoom, "Zoom"),
            (self.hint, "Hint"),
        ):
            # Not the accessible name, which would be read in place of the text.
            label.setAccessibleDescription(what)
            label.setContentsMargins(0, 0, GAP, 0)
            self.addWidget(label, 1 if label is self.hint else 0)
        for label in (self.predictions, self.device):
            label.setContentsMargins(GAP, 0, 0, 0)
            self.addPermanentWidget(label)

    def show_photo(self, name: str, width: int, height: int) -> None:
        """Name and size of the photo on show."""
        # The end of a name tells photos apart, so it is the middle that goes.
        metrics = QFontMetrics(self.font())
        short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self._name_room)
        self.photo.setText(f"{short}   {width}×{height}")
        self.photo.setToolTip(name)
        widest = f"({len(str(width)) * '8'}, {len(str(height)) * '8'})  {WIDEST_VALUES}"
        self._hold(self.pixel, widest)
        if self._jobs:
            self._make_room()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the window is: what there is no room for is hidden."""
        return QSize(0, super().minimumSizeHint().height())

    def add_job(self, job: QWidget) -> None:
        """Show what goes on at the right end, with all of its buttons, for as long as it does."""
        self._jobs.append(job)
        self.addPermanentWidget(job)
        job.show()
        self._make_room()

    def remove_job(self, job: QWidget) -> None:
        """It has ended."""
        self._jobs.remove(job)
        self.removeWidget(job)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is more room now, or less."""
        super().resizeEvent(event)
        if self._jobs:
            self._make_room()

    def _make_room(self) -> None:
        """Hide what can be read elsewhere, or matters least, where a button would be cut off."""
        spare = (self.photo, self.device, self.pixel)
        for label in spare:
            label.show()
        for label in spare if self._jobs else ():
            layout = self.layout()
            if layout is None:
                return
            layout.activate()  # it does not notice by itself what was shown or hidden just now
            if layout.totalMinimumSize().width() <= self.width():
                return
            label.hide()

    def _hold(self, label: QLabel, widest: str) -> None:
        """Give a label that changes with every move of the pointer a size once and for all.

        Qt then lays nothing out anew when its text changes, in the middle of a stroke.
        """
        metrics = QFontMetrics(self.font())
        label.setFixedSize(metrics.horizontalAdvance(widest) + GAP + SLACK, metrics.height())

    def clear_photo(self) -> None:
        """No photo is on show."""
        for label in (self.photo, self.zoom, self.pixel, self.hint):
            label.clear()

    def show_zoom(self, zoom: float) -> None:
        """Screen pixels per photo pixel."""
        self.zoom.setText(f"{100 * zoom:.0f} %")

    def show_hint(self, hint: str) -> None:
        """What the tool in use does next, in a line."""
        self.hint.setText(hint)

    def show_pixel(
        self,
        where: tuple[int, int] | None,
        mask: MaskArray | None,
        probabilities: tuple[float, float, float] | None = None,
    ) -> None:
        """What is under the pointer.

        Args:
            where: (column, row) of the photo's pixel, or None.
            mask: uint8 (H, W), of the photo on show.
            probabilities: of pet, background and border there, as the model finds; None: it
                has not said.
        """
        if where is None or mask is None:
            self.pixel.clear()
            return
        column, row = where
        if not (0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]):
            self.pixel.clear()
            return
        label = Label(int(mask[row, column]))
        text = f"({column}, {row})  {NAMES[label]}"
        if probabilities is not None and label != Label.UNLABELLED:
            text += f"  {probabilities[label - 1]:.2f}"
        self.pixel.setText(text)

    def show_predictions(self, done: int, total: int) -> None:
        """Progress of the prediction queue."""
        busy = 0 <= done < total
        self.predictions.setText(f"Predicting {done} of {total}" if busy else "")

    def show_device(self, model: str, device: str) -> None:
        """The model in use and where it runs."""
        self.device.setText(f"{model} on {device}")

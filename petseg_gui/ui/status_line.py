"""The status bar: which photo, how large, what is under the pointer, what goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from model.labels import NAMES, Label, MaskArray


class StatusLine(QStatusBar):
    """Labels at fixed places, so that nothing jumps while the pointer moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setSizeGripEnabled(False)
        self.photo, self.zoom, self.pixel = QLabel(), QLabel(), QLabel()
        self.predictions, self.device = QLabel(), QLabel()
        self.zoom.setMinimumWidth(60)
        self.pixel.setMinimumWidth(190)
        self.predictions.setContentsMargins(0, 0, 24, 0)
        self.setContentsMargins(8, 0, 8, 0)
        for label in (self.photo, self.zoom, self.pixel):
            self.addWidget(label)
        for label in (self.predictions, self.device):
            self.addPermanentWidget(label)

    def show_photo(self, name: str, width: int, height: int) -> None:
        """Name and size of the photo on show."""
        self.photo.setText(f"{name}   {width}×{height}   ")

    def clear_photo(self) -> None:
        """No photo is on show."""
        for label in (self.photo, self.zoom, self.pixel):
            label.clear()

    def show_zoom(self, zoom: float) -> None:
        """Screen pixels per photo pixel."""
        self.zoom.setText(f"{100 * zoom:.0f} %")

    def show_pixel(self, where: tuple[int, int] | None, mask: MaskArray | None) -> None:
        """Position (column, row) under the pointer and the class that the mask has there."""
        if where is None or mask is None:
            self.pixel.clear()
            return
        column, row = where
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]:
            self.pixel.setText(f"({column}, {row})  {NAMES[Label(int(mask[row, column]))]}")
        else:
            self.pixel.clear()

    def show_predictions(self, done: int, total: int) -> None:
        """Progress of the prediction queue."""
        busy = 0 <= done < total
        self.predictions.setText(f"Predicting {done} of {total}" if busy else "")

    def show_device(self, model: str, device: str) -> None:
        """The model in use and where it runs."""
        self.device.setText(f"{model} on {device}")

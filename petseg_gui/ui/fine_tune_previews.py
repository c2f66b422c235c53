"""Photos kept aside, small, with their masks: as they were before the training, and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from model.settings import OWN, OXFORD
from petseg_gui.ui.choices import LOW_BUTTONS, Choice
from petseg_gui.ui.versions_picture import picture
from petseg_gui.ui.widgets import quiet

MOST = 4
BEFORE, NOW = 0, 1
LOW_SIDE = 60
_GAP = 4
_TIPS = {OWN: "A photo of yours that is kept aside", OXFORD: "An Oxford photo"}

Array = npt.NDArray[np.uint8]


class Previews(QWidget):
    """Up to four photos in a row, or in two rows, before and now, where there is room.

    Attributes:
        rows: the labels that show the pictures: those of before, and those of now.
        masks: the masks before and now, by photo; empty until they are known.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("previews")
        self.setAccessibleName("Photos kept aside, with their masks before and now")
        # They take what width there is; by themselves they would hold the panel as wide as they
        # were when they were first drawn.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._photos: list[tuple[str, int, Array]] = []
        self.masks: tuple[list[Array], list[Array]] = ([], [])
        self._images: tuple[list[QImage], list[QImage]] = ([], [])
        self._both = False
        self.choice = Choice(
            "Photos kept aside",
            [("Before", "As the model in use draws them"), ("Now", "As it draws them by now")],
        )
        self.choice.setStyleSheet(LOW_BUTTONS)
        self.choice.choose(NOW)
        self.choice.chosen.connect(lambda _index: self._arrange())
        self._captions = (quiet("Before"), quiet("Now"))
        self.rows = (_labels("before"), _labels("now"))
        self._lines = [QWidget(), QWidget()]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.choice)
        for caption, labels, line in zip(self._captions, self.rows, self._lines, strict=True):
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(_GAP)
            for label in labels:
                row.addWidget(label)
            row.addStretch(1)
            layout.addWidget(caption)
            layout.addWidget(line)
        self._arrange()
        self.hide()

    def set_photos(self, groups: Mapping[str, Sequence[Array]]) -> None:
        """Show these photos, one's own first: uint8 (S, S, 3) by group; masks come later."""
        self._photos = [
            (group, place, photo)
            for group in (OWN, OXFORD)
            for place, photo in enumerate(groups.get(group, ()))
        ][:MOST]
        self.masks = ([], [])
        nothing = [np.zeros(photo.shape[:2], np.uint8) for _, _, photo in self._photos]
        self._render(BEFORE, nothing)
        self._render(NOW, nothing)
        self.setVisible(bool(self._photos))

    def set_masks(self, groups: Mapping[str, Sequence[Array]]) -> None:
        """Masks of these photos as they are now: uint8 (S, S) by group; the first ones stay."""
        found = [
            groups[group][place]
            for group, place, _photo in self._photos
            if place < len(groups.get(group, ()))
        ]
        if not found or len(found) != len(self._photos):
            return
        if not self.masks[BEFORE]:
            self.masks[BEFORE][:] = found
            self._render(BEFORE, found)
        self.masks[NOW][:] = found
        self._render(NOW, found)

    def set_both(self, both: bool) -> None:
        """Whether there is room for two rows."""
        if both != self._both:
            self._both = both
            self._arrange()
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pictures share the width."""
        super().resizeEvent(event)
        self._fit()

    def _render(self, which: int, masks: Sequence[Array]) -> None:
        self._images[which][:] = [
            picture(photo, mask, None)
            for (_group, _place, photo), mask in zip(self._photos, masks, strict=True)
        ]
        self._fit()

    def _arrange(self) -> None:
        self.choice.setVisible(not self._both)
        for which in (BEFORE, NOW):
            self._captions[which].setVisible(self._both)
            self._lines[which].setVisible(self._both or self.choice.index == which)

    def _fit(self) -> None:
        ratio = self.devicePixelRatioF()
        side = max((self.width() - (MOST - 1) * _GAP) // MOST, 16)
        if not self._both:  # there is little room
            side = min(side, LOW_SIDE)
        size = QSize(side, side)
        for labels, images in zip(self.rows, self._images, strict=True):
            for place, label in enumerate(labels):
                label.setVisible(place < len(images))
                if place < len(images):
                    pixmap = QPixmap.fromImage(images[place]).scaled(
                        size * ratio,
                        Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                    pixmap.setDevicePixelRatio(ratio)
                    label.setFixedSize(size)
                    label.setPixmap(pixmap)
                    label.setToolTip(_TIPS[self._photos[place][0]])


def _labels(when: str) -> list[QLabel]:
    labels = []
    for number in range(1, MOST + 1):
        label = QLabel()
        label.setAccessibleName(f"Photo {number} {when}")
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        labels.append(label)
    return labels

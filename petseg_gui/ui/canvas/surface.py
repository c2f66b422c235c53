"""The views of the canvas: how photo, mask and predictions are shown.

What is drawn where is the composer's and the looks' business; here a view is chosen, and only
the pixels that it changes are asked to be redrawn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from model.labels import CLASSES
from petseg_gui.core.mask import Patch
from petseg_gui.ui.canvas import rubber_band
from petseg_gui.ui.canvas.frame_widget import FrameWidget
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.rubber_band import Outline
from petseg_gui.ui.canvas.viewing import Viewing

if TYPE_CHECKING:
    from petseg_gui.core.predictions import Prediction

WIPE_GRIP = 6.0
"""Widget pixels on each side of the divider within which it can be taken hold of."""


class PhotoSurface(FrameWidget):
    """Shows a photo and its mask in one of several views; edits nothing.

    Signals:
        viewModeChanged(str): another view is in use.
        wipeChanged(): the divider has come, gone or moved.
    """

    viewModeChanged = Signal(str)  # noqa: N815
    wipeChanged = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewing = Viewing()
        self._outline: Outline | None = None

    def _show_photo(self, photo: PhotoPyramid | None, mask: PixelArray) -> None:
        """Show a photo, fitted, with its mask; what belonged to the photo before it goes."""
        self._viewing.prediction = self._viewing.earlier = self._viewing.preview = None
        self._outline = None
        super()._show_photo(photo, mask)

    # The view

    @property
    def view_mode(self) -> str:
        """The view chosen, one of :data:`~petseg_gui.ui.canvas.looks.MODES`."""
        return self._viewing.mode

    def set_view_mode(self, name: str) -> None:
        """Choose a view; one whose data is missing shows the photo with the overlay.

        Raises:
            ValueError: there is no such view.
        """
        if name == self._viewing.mode:
            return
        self._viewing.choose(name)
        self._looks_changed()
        self.viewModeChanged.emit(name)

    @property
    def view_problem(self) -> str:
        """Why the chosen view cannot be shown, in plain words; '' if it is shown."""
        return self._viewing.problem if self._photo is not None else ""

    def set_probability_label(self, value: int) -> None:
        """Choose the class whose probability the view 'probability' shows.

        Raises:
            ValueError: ``value`` is not 1, 2 or 3.
        """
        check_label(value)
        self._viewing.label = int(value)
        if self._viewing.mode == "probability":
            self._looks_changed()

    def set_overlay_opacity(self, opacity: float) -> None:
        """How strongly the mask colours the photo, 0 to 1; clamped."""
        self._composer.set_tints(replace(self._composer.tints, opacity=min(max(opacity, 0.0), 1.0)))
        self._looks_changed()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show the view in use, or the photo alone."""
        self._composer.set_tints(replace(self._composer.tints, shown=visible))
        self._looks_changed()

    def set_label_visible(self, value: int, visible: bool) -> None:
        """Show or hide one class of the mask.

        Raises:
            ValueError: ``value`` is not 1, 2 or 3.
        """
        check_label(value)
        shown = set(self._composer.tints.visible)
        (shown.add if visible else shown.discard)(int(value))
        self._composer.set_tints(replace(self._composer.tints, visible=frozenset(shown)))
        self._looks_changed()

    def _looks_changed(self) -> None:
        """Compose and redraw everything."""
        self._mask_changed(None)
        self.update()

    # Predictions

    @property
    def prediction(self) -> Prediction | None:
        """The prediction of the model in use, if it is there."""
        return self._viewing.prediction

    @property
    def earlier_prediction(self) -> Prediction | None:
        """The prediction of the model before the one in use, if it is there."""
        return self._viewing.earlier

    def set_prediction(self, prediction: Prediction | None) -> None:
        """Give the prediction of the model in use for the photo on show.

        Another photo drops it: give it after the photo.

        Raises:
            ValueError: there is no photo, or it has another size.
        """
        self._check_prediction(prediction)
        self._viewing.prediction = prediction
        self._looks_changed()

    def set_earlier_prediction(self, prediction: Prediction | None) -> None:
        """Give the prediction of the model before the one in use for the photo on show.

        Another photo drops it: give it after the photo.

        Raises:
            ValueError: there is no photo, or it has another size.
        """
        self._check_prediction(prediction)
        self._viewing.earlier = prediction
        self._looks_changed()

    def _check_prediction(self, prediction: Prediction | None) -> None:
        shape = None if self._photo is None else self._photo.shape
        if prediction is not None and prediction.mask.shape != shape:
            raise ValueError(f"a prediction of {prediction.mask.shape} for a photo of {shape}")

    def probability_at(self, x: float, y: float) -> tuple[float, float, float] | None:
        """Class probabilities of the model in use at a photo point, each 0..1.

        Returns:
            Pet, background, border; None outside the photo or when they are not known.
        """
        return None

    # Before and after side by side

    @property
    def wipe(self) -> bool:
        """Whether 'changes' and 'models' show before and after beside a divider."""
        return self._viewing.wipe

    def set_wipe(self, wipe: bool) -> None:
        """Show before and after beside a divider, or the differences in colours."""
        self._viewing.wipe = wipe
        self._looks_changed()
        self.wipeChanged.emit()

    @property
    def wipe_position(self) -> float:
        """Where the divider is: 0 at the canvas's left edge, 1 at its right one."""
        return self._viewing.position

    def set_wipe_position(self, position: float) -> None:
        """Move the divider to a share of the canvas's width, 0..1; clamped."""
        self._viewing.position = min(max(position, 0.0), 1.0)
        if self._viewing.wiping:
            self._looks_changed()
        self.wipeChanged.emit()

    def wipe_at(self, point: QPointF) -> bool:
        """Whether a press at this widget point takes hold of the divider."""
        divider = self._viewing.position * self.width()
        return self._viewing.wiping and abs(point.x() - divider) <= WIPE_GRIP

    def drag_wipe(self, point: QPointF) -> None:
        """The pointer that holds the divider is at this widget point."""
        self.set_wipe_position(point.x() / max(self.width(), 1))

    # What is pending

    def _show_preview(self, patch: Patch | None) -> None:
        """Show a change that is pending, hatched; the mask does not change."""
        self._viewing.preview = patch
        self._looks_changed()

    def set_outline(self, outline: Outline | None) -> None:
        """Show the line that the pointer is drawing; only what differs is redrawn."""
        if outline == self._outline:
            return
        region = rubber_band.changed_region(
            self._outline, outline, self._view.image_to_device, self._unit
        )
        self._outline = outline
        self._update_device(region)

    @property
    def _unit(self) -> int:
        """Device pixels per widget pixel, rounded: the thickness of a thin line."""
        return max(1, round(self._view.ratio))

    def _draw_over(self, painter: QPainter, exposed: QRect) -> None:
        if self._outline is not None:
            rubber_band.draw(
                self._outline, painter, exposed, self._view.image_to_device, self._unit
            )


def check_label(value: int) -> None:
    """Raise ValueError unless ``value`` is a class: 1, 2 or 3."""
    if value not in CLASSES:
        raise ValueError(f"a class is 1, 2 or 3, not {value}")

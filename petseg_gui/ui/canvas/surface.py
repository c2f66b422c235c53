"""The views of the canvas: how photo, mask and predictions are shown.

What is drawn where is the composer's and the looks' business; here a view is chosen, and only
the pixels that it changes are asked to be redrawn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Signal
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QWidget

from model.labels import CLASSES
from petseg_gui.core.mask import Patch, Rect
from petseg_gui.ui.canvas import rubber_band
from petseg_gui.ui.canvas.captions import MARGIN, Caption, legend
from petseg_gui.ui.canvas.frame_widget import FrameWidget
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.viewing import Viewing, probability_at
from petseg_gui.ui.canvas.wipe import GRIP, WipeBar

if TYPE_CHECKING:
    from petseg_gui.core.predictions import Prediction


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
        self._legend: Caption | None = None
        self._wipe_bar: WipeBar | None = None

    def _show_photo(self, photo: PhotoPyramid | None, mask: PixelArray) -> None:
        """Show a photo, fitted, with its mask; what belonged to the photo before it goes."""
        self._viewing.prediction = self._viewing.earlier = self._viewing.preview = None
        self._outline = None
        super()._show_photo(photo, mask)
        self._looks_changed()

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
        self._viewing.tints = replace(self._viewing.tints, opacity=min(max(opacity, 0.0), 1.0))
        self._looks_changed()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show the view in use, or the photo alone."""
        self._viewing.tints = replace(self._viewing.tints, shown=visible)
        self._looks_changed()

    def set_label_visible(self, value: int, visible: bool) -> None:
        """Show or hide one class of the mask.

        Raises:
            ValueError: ``value`` is not 1, 2 or 3.
        """
        check_label(value)
        shown = set(self._viewing.tints.visible)
        (shown.add if visible else shown.discard)(int(value))
        self._viewing.tints = replace(self._viewing.tints, visible=frozenset(shown))
        self._looks_changed()

    def _looks_changed(self) -> None:
        """Bring frame, legend and divider in line with the view; the frame when it is painted."""
        ratio, viewing = self._view.ratio, self._viewing
        self._composer.set_scene(viewing.scene(self._unit))
        self._legend = self._wipe_bar = None
        if self._photo is not None:
            parts = legend(viewing, ratio)
            self._legend = Caption.of(parts, self.font(), ratio) if parts else None
            if viewing.wiping:
                height = self._view.placement.height
                bar = WipeBar.of(viewing.mode, 0, height, ratio, self.font())
                self._wipe_bar = bar.moved(self._divider)
        self.update()

    def _follow_size(self) -> None:
        super()._follow_size()
        self._looks_changed()

    @property
    def _divider(self) -> int:
        """The device column of the divider."""
        return round(self._viewing.position * self._view.placement.width)

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
        prediction = self._viewing.prediction
        if prediction is None or prediction.probabilities is None:
            return None
        return probability_at(prediction.probabilities, prediction.mask.shape, x, y)

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
        """Move the divider to a share of the canvas's width, 0..1; clamped.

        Only what it passes over is composed and redrawn.
        """
        viewing = self._viewing
        viewing.position = min(max(position, 0.0), 1.0)
        changed = self._composer.set_divider(viewing.position, self._mask_view)
        if self._wipe_bar is not None:
            region = self._wipe_bar.region()
            self._wipe_bar = self._wipe_bar.moved(self._divider)
            region = region.united(self._wipe_bar.region())
            if changed is not None:
                strip = QRegion(changed.x, changed.y, changed.width, changed.height)
                region = region.united(strip)
            self._update_device(region)
        self.wipeChanged.emit()

    def wipe_at(self, point: QPointF) -> bool:
        """Whether a press at this widget point takes hold of the divider."""
        divider = self._viewing.position * self.width()
        return self._wipe_bar is not None and abs(point.x() - divider) <= GRIP

    def drag_wipe(self, point: QPointF) -> None:
        """The pointer that holds the divider is at this widget point."""
        self.set_wipe_position(point.x() / max(self.width(), 1))

    # What is pending

    def _show_preview(self, patch: Patch | None) -> None:
        """Show a change that is pending, hatched; the mask does not change."""
        before, self._viewing.preview = self._viewing.preview, patch
        self._composer.set_preview(self._viewing.scene(self._unit).preview)
        for shown in (before, patch):
            if shown is not None:
                rows, columns = shown.selection.shape
                self._mask_changed(Rect(shown.x, shown.y, columns, rows))

    def set_outline(self, outline: Outline | None) -> None:
        """Show the line that the pointer is drawing; only what differs is redrawn."""
        if outline == self._outline:
            return
        region = rubber_band.changed_region(
            self._outline, outline, self._view.image_to_device, self._view.ratio
        )
        self._outline = outline
        self._update_device(region)

    @property
    def _unit(self) -> int:
        """Device pixels per widget pixel, rounded: the thickness of a thin line."""
        return max(1, round(self._view.ratio))

    def _draw_over(self, painter: QPainter, exposed: list[QRect]) -> None:
        if self._outline is not None and self._viewing.tints.shown:
            to_device = self._view.image_to_device
            rubber_band.draw(self._outline, painter, exposed, to_device, self._view.ratio)
        if self._legend is not None:
            margin = round(MARGIN * self._view.ratio)
            self._legend.draw(painter, margin, margin, exposed)
        if self._wipe_bar is not None:
            self._wipe_bar.draw(painter, exposed)


def check_label(value: int) -> None:
    """Raise ValueError unless ``value`` is a class: 1, 2 or 3."""
    if value not in CLASSES:
        raise ValueError(f"a class is 1, 2 or 3, not {value}")

"""What the canvas shows beside photo and mask: the view chosen, and the data of it.  No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from model.labels import Label
from petseg_gui.core.mask import Patch
from petseg_gui.ui.canvas import palettes
from petseg_gui.ui.canvas.looks import (
    MODES,
    ChangesLook,
    ContourLook,
    CutoutLook,
    HeatLook,
    Look,
    MaskLook,
    OverlayLook,
    PhotoLook,
    Tints,
)
from petseg_gui.ui.canvas.preview import PreviewMark
from petseg_gui.ui.canvas.sampling import PixelArray
from petseg_gui.ui.canvas.scene import Scene

if TYPE_CHECKING:
    from petseg_gui.core.predictions import Prediction

_HEAT_STRENGTH = 0.7
"""Opacity of the maps; the photo below is grey, and so dark that the map's colours hold."""

COMPARISONS = frozenset({"changes", "models"})
"""The views that compare two masks."""


@dataclass(slots=True)
class Viewing:
    """The view in use.

    Attributes:
        mode: one of :data:`MODES`.
        tints: of the overlay; whether anything but the photo is shown.
        prediction: of the model in use.
        earlier: of the model before it.
        label: the class that 'probability' is about.
        wipe: whether a comparison shows before and after side by side.
        position: of the divider, 0..1 of the canvas's width.
        preview: a change that is pending.
    """

    mode: str = "overlay"
    tints: Tints = field(default_factory=Tints)
    prediction: Prediction | None = None
    earlier: Prediction | None = None
    label: int = int(Label.PET)
    wipe: bool = False
    position: float = 0.5
    preview: Patch | None = None
    _entropy: tuple[PixelArray, PixelArray] | None = field(default=None, repr=False)

    def choose(self, mode: str) -> None:
        """Change the view.

        Raises:
            ValueError: there is no such view.
        """
        if mode not in MODES:
            raise ValueError(f"there is no view {mode!r}; there are {', '.join(MODES)}")
        self.mode = mode

    @property
    def problem(self) -> str:
        """Why the view cannot be shown, in words for the user; '' if it can."""
        if self.mode in ("overlay", "contour", "mask", "cutout"):
            return ""
        if self.prediction is None:
            return "No prediction of this photo yet"
        if self.mode in ("probability", "uncertainty") and self.prediction.probabilities is None:
            return "No probabilities of this photo yet"
        if self.mode == "models" and self.earlier is None:
            return "No prediction of an earlier model for this photo"
        return ""

    @property
    def wiping(self) -> bool:
        """Whether there is a divider on the screen."""
        shown = self.wipe and self.tints.shown
        return shown and self.mode in COMPARISONS and not self.problem

    def scene(self, unit: int) -> Scene:
        """What the composer is to show.

        Args:
            unit: device pixels of a thin line.
        """
        if not self.tints.shown:
            return Scene(PhotoLook(), grid=False)
        preview = None if self.preview is None else PreviewMark(self.preview, unit)
        if self.wiping:
            assert self.prediction is not None
            left: PixelArray = self.prediction.mask
            right: PixelArray | None = None
            if self.mode == "models":
                assert self.earlier is not None
                left, right = self.earlier.mask, self.prediction.mask
            before, after = OverlayLook(self.tints, left), OverlayLook(self.tints, right)
            return Scene(after, before, preview)
        return Scene(self._look(unit), None, preview)

    def _look(self, unit: int) -> Look:
        if self.mode == "contour":
            return ContourLook(unit, self.tints)
        if self.mode == "mask":
            return MaskLook()
        if self.mode == "cutout":
            return CutoutLook(unit)
        if self.mode == "overlay" or self.problem or self.prediction is None:
            return OverlayLook(self.tints)
        return self._predicted(self.prediction, unit)

    def _predicted(self, prediction: Prediction, unit: int) -> Look:
        """The look of a view that shows a prediction."""
        if self.mode == "models" and self.earlier is not None:
            return ChangesLook(unit, self.earlier.mask, prediction.mask)
        if self.mode == "changes" or prediction.probabilities is None:
            return ChangesLook(unit, prediction.mask)
        if self.mode == "probability":
            plane = np.ascontiguousarray(prediction.probabilities[:, :, self.label - 1])
            return HeatLook(unit, plane, palettes.VIRIDIS, _HEAT_STRENGTH, self.tints)
        if self._entropy is None or self._entropy[0] is not prediction.probabilities:
            # Kept: a window that changes its size asks for it again and again.
            self._entropy = prediction.probabilities, uncertainty(prediction.probabilities)
        plane = self._entropy[1]
        return HeatLook(unit, plane, palettes.INFERNO, _HEAT_STRENGTH, self.tints)


def uncertainty(probabilities: PixelArray) -> PixelArray:
    """How undecided class probabilities are: their entropy, 255 where all are equally likely.

    Args:
        probabilities: uint8 (S, S, classes), 255 times each.

    Returns:
        uint8 (S, S).
    """
    share = probabilities / np.maximum(probabilities.sum(axis=2, keepdims=True), 1.0)
    entropy = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=2)
    values = np.rint(255 * entropy / np.log(probabilities.shape[2]))
    return np.asarray(values, np.uint8)


def probability_at(
    probabilities: PixelArray, shape: tuple[int, int], x: float, y: float
) -> tuple[float, float, float] | None:
    """Class probabilities at a photo point, bilinear, each 0..1.

    Args:
        probabilities: uint8 (S, S, 3), 255 times each.
        shape: (rows, columns) of the photo.
        x: photo coordinate.
        y: photo coordinate.

    Returns:
        None outside the photo.
    """
    if not (0 <= x < shape[1] and 0 <= y < shape[0]):
        return None
    rows, columns = probabilities.shape[:2]
    u = min(max(x / shape[1] * columns - 0.5, 0.0), columns - 1.0)
    v = min(max(y / shape[0] * rows - 0.5, 0.0), rows - 1.0)
    left, top = int(u), int(v)
    right, bottom = min(left + 1, columns - 1), min(top + 1, rows - 1)
    upper = probabilities[top, left] * (1 - u + left) + probabilities[top, right] * (u - left)
    lower = probabilities[bottom, left] * (1 - u + left) + probabilities[bottom, right] * (u - left)
    pet, background, border = ((upper * (1 - v + top) + lower * (v - top)) / 255).tolist()
    return pet, background, border

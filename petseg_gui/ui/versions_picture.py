"""A version of a label over its photo, and what differs from another: pixels and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtGui import QImage

from model.labels import Label, MaskArray
from petseg_gui.core.confidence import disagreement
from petseg_gui.core.photos import RGBArray
from petseg_gui.ui.canvas.palettes import ADDED, REMOVED, Blend, class_colour

_MASK = Blend.of(
    {
        int(Label.PET): (class_colour(Label.PET), 0.45),
        int(Label.BORDER): (class_colour(Label.BORDER), 0.6),
    }
)
_CHANGES = Blend.of({1: (ADDED, 0.7), 2: (REMOVED, 0.7), 3: (class_colour(Label.BORDER), 0.7)})


@dataclass(frozen=True, slots=True)
class Difference:
    """How a mask differs from the present one.

    Attributes:
        pixels: how many pixels have another value.
        share: the same, of all pixels, 0..1.
        pet_iou: IoU of the two pets, 0..1.
    """

    pixels: int
    share: float
    pet_iou: float

    @property
    def words(self) -> str:
        """In a line."""
        if not self.pixels:
            return "The same as now."
        return (
            f"{self.pixels:,} pixels ({self.share:.1%}) differ from now; "
            f"the pets overlap by {self.pet_iou:.1%}."
        )


def difference(mask: MaskArray, now: MaskArray) -> Difference | None:
    """How ``mask`` differs from ``now``; None when they are not of one size."""
    if mask.shape != now.shape:
        return None
    pixels = int(np.count_nonzero(mask != now))
    return Difference(pixels, pixels / mask.size, 1 - disagreement(mask, now))


def picture(photo: RGBArray, mask: MaskArray, now: MaskArray | None) -> QImage:
    """The photo with a mask over it or, compared with ``now``, with what differs over it.

    Args:
        photo: uint8 (h, w, 3); the picture has its size.
        mask: uint8 (H, W), of any size.
        now: the mask to compare with, of the same size; None: show ``mask`` itself.
    """
    height, width = photo.shape[:2]
    pixels = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2BGRA), np.uint8)
    small = _shrunk(mask, width, height)
    if now is None:
        pixels = _MASK.over(pixels, small)
    else:
        other = _shrunk(now, width, height)
        codes = np.zeros_like(small)
        codes[small != other] = 3
        codes[(small == Label.PET) & (other != Label.PET)] = 1
        codes[(small != Label.PET) & (other == Label.PET)] = 2
        pixels = _CHANGES.over(pixels, codes)
    data = pixels.tobytes()  # the image only borrows it: it must live until the copy is made
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _shrunk(mask: MaskArray, width: int, height: int) -> MaskArray:
    return np.asarray(
        cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT), np.uint8
    )

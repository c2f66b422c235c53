"""A change that is pending, hatched over whatever the canvas shows; the mask does not change."""

from __future__ import annotations

import cv2
import numpy as np

from petseg_gui.core.mask import Patch, Rect
from petseg_gui.ui.canvas.block import Block, gather
from petseg_gui.ui.canvas.palettes import Blend, Colour, class_colour
from petseg_gui.ui.canvas.sampling import PixelArray

PERIOD = 12
"""Widget pixels from one stripe to the next; wide gaps, as the photo has to be judged."""

_EDGE = 1
"""The code of the outline; 0 is nothing, and each value has three more."""
_WHITE: Colour = (255, 255, 255)
_BLACK: Colour = (0, 0, 0)


class PreviewMark:
    """Stripes in the new class's colour where a patch would change the mask.

    Args:
        patch: what is pending.
        unit: device pixels of a thin line.
    """

    def __init__(self, patch: Patch, unit: int) -> None:
        self._patch = patch
        self.reach = unit
        self._cross = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * unit + 1, 2 * unit + 1))
        rows, columns = patch.selection.shape
        self.rect = Rect(patch.x, patch.y, columns, rows)
        # Phase by phase of a stripe: its dark side, its colour, the gap; none of an overlay's
        # even tints looks like it.
        phases = np.zeros(PERIOD * unit, np.uint8)
        phases[unit : 4 * unit] = 1
        phases[4 * unit :] = 2
        self._phases = phases
        codes: dict[int, tuple[Colour, float]] = {_EDGE: (_WHITE, 0.95)}
        for value in range(4):
            stripe = _EDGE + 1 + 3 * (value + 1)
            codes[stripe] = (_BLACK, 0.6)
            codes[stripe + 1] = (class_colour(value), 0.9)
            codes[stripe + 2] = (class_colour(value), 0.15)
        self._blend = Blend.of(codes)

    def touches(self, block: Block) -> bool:
        """Whether any of the block, or of its surroundings, may lie in the patch."""
        columns, rows = block.around(self.reach)
        rect = self.rect
        return bool(
            columns[0] < rect.right
            and columns[-1] >= rect.x
            and rows[0] < rect.bottom
            and rows[-1] >= rect.y
        )

    def paint(self, block: Block, pixels: PixelArray) -> PixelArray:
        """The block's pixels (h, w, 4) with the hatching laid over them."""
        values = self._values(block)
        inside = (values > 0).astype(np.uint8)
        edge = cv2.erode(inside, self._cross) < inside
        codes = block.stripes(self._phases)
        cut = np.s_[self.reach : -self.reach, self.reach : -self.reach]
        codes += 3 * values[cut] + np.uint8(_EDGE + 1)
        codes[values[cut] == 0] = 0
        codes[edge[cut]] = _EDGE
        return self._blend.over(pixels, codes)

    def _values(self, block: Block) -> PixelArray:
        """The new value + 1 where the patch changes the mask, with surroundings; 0 elsewhere."""
        patch, rect = self._patch, self.rect
        columns, rows = block.around(self.reach)
        left, right = np.searchsorted(columns, (rect.x, rect.right)).tolist()
        top, bottom = np.searchsorted(rows, (rect.y, rect.bottom)).tolist()
        values = np.zeros((len(rows), len(columns)), np.uint8)
        if left >= right or top >= bottom:
            return values
        columns, rows = columns[left:right], rows[top:bottom]
        own = columns - rect.x, rows - rect.y
        value = patch.value
        new = gather(value, *own) if isinstance(value, np.ndarray) else np.uint8(value)
        changes = gather(patch.selection, *own) & (gather(block.mask, columns, rows) != new)
        values[top:bottom, left:right] = changes * (new + np.uint8(1))
        return values

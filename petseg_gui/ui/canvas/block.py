"""A rectangle of the frame, as the looks see it: photo, mask, and where each pixel lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from petseg_gui.ui.canvas.sampling import PixelArray

Value = TypeVar("Value", bound=np.generic)
Indices = npt.NDArray[np.intp]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """(h, w) pixels to compose, all of them inside the photo.

    Attributes:
        photo: uint8 (h, w, 4), BGRX; not to be written to.
        mask: uint8 (H, W), of the whole photo.
        columns: (w + 2 reach) photo columns; beyond the photo's edge its edge repeats.
        rows: (h + 2 reach) photo rows.
        reach: how many pixels more ``columns`` and ``rows`` have on each side.
        xs: (w) photo coordinates of the pixels' centres.
        ys: (h) photo coordinates of the pixels' centres.
        across: (w) device pixels from the photo's left edge: patterns that start there move
            with the photo.
        down: (h) device pixels from the photo's top edge.
    """

    photo: PixelArray
    mask: PixelArray
    columns: Indices
    rows: Indices
    reach: int
    xs: Points
    ys: Points
    across: Indices
    down: Indices

    def labels(self, source: PixelArray | None = None, reach: int = 0) -> PixelArray:
        """The values of the mask, or of another array of its shape, at the pixels.

        Args:
            source: uint8 (H, W); the mask unless given.
            reach: so many pixels more on each side, at most the block's own.

        Returns:
            uint8 (h + 2 reach, w + 2 reach).
        """
        return gather(self.mask if source is None else source, *self.around(reach))

    def around(self, reach: int) -> tuple[Indices, Indices]:
        """Photo columns and rows of the pixels and of ``reach`` more on each side."""
        cut = self.reach - reach
        return self.columns[cut : len(self.columns) - cut], self.rows[cut : len(self.rows) - cut]

    def stripes(self, pattern: PixelArray, *, falling: bool = False) -> PixelArray:
        """Diagonal stripes: uint8 (h, w).

        Args:
            pattern: uint8 (period), the values across a stripe and its gap.
            falling: whether the stripes fall to the right; they rise otherwise.
        """
        period, width = len(pattern), len(self.across)
        start = int(self.across[0])
        line = np.arange(start, start + width + period)
        # Each row is the one above, shifted by one: no arithmetic per pixel.
        values = pattern.take((-line if falling else line) % period)
        shifted: PixelArray = np.lib.stride_tricks.sliding_window_view(values, width)
        return shifted.take((-self.down if falling else self.down) % period, axis=0)

    def checks(self, side: int) -> PixelArray:
        """A checkerboard of 0 and 1, squares of ``side`` device pixels: uint8 (h, w)."""
        row = (self.across // side & 1).astype(np.uint8)
        return np.stack([row, row ^ np.uint8(1)]).take(self.down // side & 1, axis=0)


def gather(source: npt.NDArray[Value], columns: Indices, rows: Indices) -> npt.NDArray[Value]:
    """``source[rows][:, columns]``, fast; both rise and neither is empty."""
    left = int(columns[0])
    part = source[rows, left : int(columns[-1]) + 1]
    if part.shape[1] == len(columns) and bool((np.diff(columns) == 1).all()):
        return part
    return part.take(columns - left, axis=1)

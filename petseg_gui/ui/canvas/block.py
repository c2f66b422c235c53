"""A rectangle of the frame, as the looks see it: photo, mask, and where each pixel lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from petseg_gui.ui.canvas.sampling import PixelArray

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
        source = self.mask if source is None else source
        columns, rows = self.around(reach)
        left = int(columns[0])
        return source[rows, left : int(columns[-1]) + 1].take(columns - left, axis=1)

    def around(self, reach: int) -> tuple[Indices, Indices]:
        """Photo columns and rows of the pixels and of ``reach`` more on each side."""
        cut = self.reach - reach
        return self.columns[cut : len(self.columns) - cut], self.rows[cut : len(self.rows) - cut]

    def stripes(self, period: int, *, falling: bool = False) -> npt.NDArray[np.int64]:
        """The phase, 0..period-1, of diagonal stripes at each pixel: int (h, w).

        They rise to the right, or fall.
        """
        across = (-self.across if falling else self.across) % period
        return ((self.down % period)[:, None] + across) % period

"""The photo at full size and at halves of it, and smooth samples of it at any scale.

The full-size level is the caller's own array; all halves together add a third to it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from petseg_gui.ui.canvas.sampling import PixelArray, sample_grid

__all__ = ["PhotoPyramid", "PixelArray"]


class PhotoPyramid:
    """A photo and its successive halves.

    Build one off the user-interface thread and call :meth:`prepare` there when photos are
    large; the halves are otherwise made when a view first needs them.

    Args:
        photo: uint8 (H, W, 3), RGB.  Kept, not copied: nobody may write to it any more.

    Raises:
        ValueError: another shape or type, or no pixels.
    """

    def __init__(self, photo: PixelArray) -> None:
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or not photo.size:
            raise ValueError(f"a photo is uint8 (H, W, 3), not {photo.dtype} {photo.shape}")
        self._levels = [np.ascontiguousarray(photo)]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the photo."""
        return self._levels[0].shape[0], self._levels[0].shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of the photo and of the halves made so far."""
        return sum(level.nbytes for level in self._levels)

    def prepare(self, scale: float) -> None:
        """Make the halves that :meth:`sample` needs at this scale."""
        self._level(self._depth(scale))

    def crop(self, x0: int, y0: int, x1: int, y1: int) -> PixelArray:
        """Photo pixels as they are: uint8 (y1-y0, x1-x0, 4), BGRX; ends are exclusive."""
        return _bgrx(self._levels[0][y0:y1, x0:x1])

    def sample(
        self, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64], scale: float
    ) -> PixelArray:
        """Bilinear samples at every (x, y) of a grid: uint8 (len(ys), len(xs), 4), BGRX.

        Args:
            xs: photo coordinates of the columns, rising, not empty.
            ys: photo coordinates of the rows, rising, not empty.
            scale: screen pixels per photo pixel; chooses the level, so that each sample
                stands for about as much of the photo as a screen pixel covers.

        A sample depends on its own coordinates alone, never on the rest of the grid.
        """
        depth = self._depth(scale)
        # Whole powers of two: the division loses nothing.
        return _bgrx(sample_grid(self._level(depth), xs / (1 << depth), ys / (1 << depth)))

    def _depth(self, scale: float) -> int:
        """The number of halvings whose pixels come nearest to the screen's."""
        deepest = max(0, min(self.shape).bit_length() - 1)
        return min(max(0, round(-math.log2(scale))), deepest)

    def _level(self, depth: int) -> PixelArray:
        while len(self._levels) <= depth:
            above = self._levels[-1]
            height, width = above.shape[0] // 2, above.shape[1] // 2
            # Whole pairs only: every level pixel is then exactly 2^depth photo pixels wide.
            even = above[: 2 * height, : 2 * width]
            half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(half, np.uint8))
        return self._levels[depth]


def _bgrx(rgb: PixelArray) -> PixelArray:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), np.uint8)

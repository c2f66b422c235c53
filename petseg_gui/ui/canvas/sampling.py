"""Bilinear samples of a picture on a grid, each the same whatever the grid round it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

PixelArray = npt.NDArray[np.uint8]

# cv2.remap's fixed-point form counts thirty-seconds of a pixel (INTER_TAB_SIZE in imgproc).
_FRACTION_BITS = 5
_FRACTIONS = 1 << _FRACTION_BITS


def sample_grid(
    picture: PixelArray, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]
) -> PixelArray:
    """Bilinear samples at every (x, y) of a grid: uint8 (len(ys), len(xs)) or with channels.

    A sample depends on its own coordinates alone, never on the rest of the grid.

    Args:
        picture: uint8 (h, w) or (h, w, channels).
        xs: coordinates in the picture's pixels of the columns, rising, not empty; beyond the
            outermost pixels' centres those pixels repeat.
        ys: the same of the rows.
    """
    columns, column_fractions = _split(xs, picture.shape[1])
    rows, row_fractions = _split(ys, picture.shape[0])
    x0, y0 = int(columns[0]), int(rows[0])
    block = picture[y0 : int(rows[-1]) + 2, x0 : int(columns[-1]) + 2]
    # OpenCV wants pairs of int16 (x, y); both fit, as a block is about a viewport large.
    pairs = np.empty((len(rows), len(columns), 2), np.int16)
    pairs[:, :, 0] = (columns - x0).astype(np.int16)
    pairs[:, :, 1] = (rows - y0).astype(np.int16)[:, None]
    fractions = (row_fractions * _FRACTIONS).astype(np.uint16)[:, None] + (
        column_fractions.astype(np.uint16)
    )
    sampled = cv2.remap(block, pairs, fractions, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.uint8)


def _split(
    coordinates: npt.NDArray[np.float64], length: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pixels and thirty-seconds of a pixel of coordinates along one axis."""
    steps = np.rint((coordinates - 0.5) * _FRACTIONS).astype(np.intp)
    steps = np.clip(steps, 0, (length - 1) * _FRACTIONS)
    return steps >> _FRACTION_BITS, steps & (_FRACTIONS - 1)

"""What a flood fill covers.  Nothing here changes a mask: the result is a patch for it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import MaskArray
from petseg_gui.core.mask import Patch

Point = tuple[float, float]
Photo = npt.NDArray[np.uint8]


def region_patch(mask: MaskArray, point: Point, value: int) -> Patch | None:
    """The connected region of one value that lies under a point.

    Args:
        mask: uint8 (H, W), values 0..3.
        point: (x, y) in photo coordinates.
        value: the label value to paint, 0..3.

    Returns:
        The pixels that side by side (not corner to corner) lead from the one under the point to
        others of its value; None when the point lies outside the photo.
    """
    seed = _pixel(point, mask.shape[0], mask.shape[1])
    if seed is None:
        return None
    return _flooded((mask == mask[seed]).view(np.uint8), seed, value)


def colour_patch(photo: Photo, point: Point, tolerance: float, value: int) -> Patch | None:
    """The connected region of similar colour that lies under a point.

    Args:
        photo: uint8 (H, W, 3), RGB.
        point: (x, y) in photo coordinates.
        tolerance: how far, 0..255, each channel may lie from the colour under the point.
        value: the label value to paint, 0..3.

    Returns:
        The pixels that side by side lead from the one under the point to others of a colour
        like its; None when the point lies outside the photo.

    Raises:
        ValueError: the tolerance is negative.
    """
    if not tolerance >= 0:
        raise ValueError(f"a tolerance is not negative, but {tolerance}")
    seed = _pixel(point, photo.shape[0], photo.shape[1])
    if seed is None:
        return None
    colour, whole = photo[seed].astype(np.float64), math.floor(min(tolerance, 255))
    alike = cv2.inRange(photo, colour - whole, colour + whole)
    return _flooded(np.asarray(alike, np.uint8), seed, value)


def _pixel(point: Point, height: int, width: int) -> tuple[int, int] | None:
    """Row and column of the pixel under the point; None: outside."""
    if not (0 <= point[0] < width and 0 <= point[1] < height):
        return None
    return math.floor(point[1]), math.floor(point[0])


def _flooded(alike: Photo, seed: tuple[int, int], value: int) -> Patch:
    """The 4-connected region of non-zero values of ``alike`` (H, W) that holds the seed."""
    height, width = alike.shape
    flooded = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    _count, _image, _mask, (x, y, columns, rows) = cv2.floodFill(
        alike, flooded, (seed[1], seed[0]), 0, 0, 0, flags
    )
    inside = flooded[y + 1 : y + rows + 1, x + 1 : x + columns + 1]
    return Patch(x, y, inside.view(np.bool_), value)

"""What polygons and rectangles cover.  Nothing here changes a mask: the result is a patch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from petseg_gui.core.mask import Patch

Point = tuple[float, float]


def polygon_patch(points: Sequence[Point], value: int, shape: tuple[int, int]) -> Patch | None:
    """The pixels inside a closed line through the points, whose last joins its first.

    A pixel is inside when its centre is, by the even-odd rule: a part that the line goes round
    twice is outside.  Centres exactly on the line are inside on its left and upper sides only,
    so that polygons that share a side share no pixel and leave none out.

    Args:
        points: (x, y) in photo coordinates; may lie outside the photo.
        value: the label value to paint, 0..3.
        shape: (rows, columns) of the photo.

    Returns:
        The patch, clipped to the photo; None when no pixel's centre is inside.

    Raises:
        ValueError: a point that is not finite.
    """
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise ValueError("a polygon's points are finite numbers")
    if len(points) < 3:
        return None
    height, width = shape
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right = _columns(min(xs), max(xs), width)
    top, bottom = _columns(min(ys), max(ys), height)
    if left >= right or top >= bottom:
        return None
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    for (x0, y0), (x1, y1) in pairwise([*points, points[0]]):
        (xa, ya), (xb, yb) = ((x0, y0), (x1, y1)) if y0 <= y1 else ((x1, y1), (x0, y0))
        # The rows whose centres lie in [ya, yb): a corner counts for one of its two sides.
        first, past = _columns(ya, yb, height)
        if first >= past:
            continue
        row = np.arange(first, past)
        crossing = xa + (row + 0.5 - ya) * ((xb - xa) / (yb - ya))
        # The first column whose centre is not left of the line.
        columns.append(np.clip(np.ceil(crossing - 0.5), left, right).astype(np.int64))
        rows.append(row)
    if not rows:
        return None
    stride = right - left + 1  # one column more, so that the last run of a row ends in its row
    flat = np.zeros((bottom - top) * stride, np.bool_)
    ends = np.sort((np.concatenate(rows) - top) * stride + np.concatenate(columns) - left)
    for begin, end in ends.reshape(-1, 2).tolist():
        flat[begin:end] = True
    selection = flat.reshape(bottom - top, stride)[:, :-1]
    if not selection.any():
        return None
    return Patch(left, top, np.ascontiguousarray(selection), value)


def rectangle_patch(a: Point, b: Point, value: int, shape: tuple[int, int]) -> Patch | None:
    """The pixels whose centres lie in the upright rectangle between two corners, edges included.

    A rectangle too narrow to hold a centre takes the column, or row, under its middle: a click
    selects the pixel under it.

    Args:
        a: (x, y) of one corner in photo coordinates; may lie outside the photo.
        b: (x, y) of the opposite corner.
        value: the label value to paint, 0..3.
        shape: (rows, columns) of the photo.

    Returns:
        The patch, clipped to the photo; None when it covers no pixel of it.

    Raises:
        ValueError: a corner that is not finite.
    """
    if not all(math.isfinite(number) for number in (*a, *b)):
        raise ValueError("a rectangle's corners are finite numbers")
    height, width = shape
    left, right = _span(a[0], b[0], width)
    top, bottom = _span(a[1], b[1], height)
    if left >= right or top >= bottom:
        return None
    return Patch(left, top, np.ones((bottom - top, right - left), np.bool_), value)


def _columns(low: float, high: float, limit: int) -> tuple[int, int]:
    """First and past-the-last pixel whose centre lies in [low, high), clipped to 0..limit."""
    first, past = math.ceil(low - 0.5), math.ceil(high - 0.5)
    return min(max(first, 0), limit), min(max(past, 0), limit)


def _span(one: float, two: float, limit: int) -> tuple[int, int]:
    """First and past-the-last pixel of a rectangle's side, clipped to 0..limit."""
    first, past = math.ceil(min(one, two) - 0.5), math.floor(max(one, two) - 0.5) + 1
    if first >= past:
        first = math.floor((one + two) / 2)
        past = first + 1
    return min(max(first, 0), limit), min(max(past, 0), limit)

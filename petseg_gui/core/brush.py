"""What a brush covers.  Nothing here changes a mask: the result is a patch for it.

A stroke between two points is a capsule: two discs and the band between them.  It is convex,
so each row of pixels meets it in one interval, whose ends have a closed form.  No distance is
computed per pixel, which keeps brushes of a thousand pixels at about a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray, Patch, Rect

Point = tuple[float, float]
FloatArray = npt.NDArray[np.float64]

# Pixel centres this close outside the brush count as on its edge, so that rounding never
# decides about a centre that lies on it exactly.
_EPSILON = 1e-7

# A brush of one pixel can touch two or four centres at once when it lies exactly between
# them.  Moving it by this much (to the right and down, like rounding down) leaves one.
_NUDGE = (1e-6, 2e-6)

_PARALLEL = 1e-12


def stroke(
    points: Sequence[Point], diameter: float, value: int, shape: tuple[int, int]
) -> Patch | None:
    """The pixels that a round brush covers along a line through the points.

    A pixel is covered when its centre is within ``diameter / 2`` of the line, edge included.
    A brush of at most one pixel covers the pixel under a single point, and no other; and where
    no centre is near enough, the pixels under the points are covered instead.

    Args:
        points: (x, y) in photo coordinates, at least one; may lie outside the photo.
        diameter: of the brush, in photo pixels, above 0.
        value: the label value to paint, 0..3.
        shape: (rows, columns) of the photo.

    Returns:
        The patch, clipped to the photo; None when it covers no pixel of it.

    Raises:
        ValueError: no points, a point that is not finite, or a diameter that is not positive.
    """
    if not points:
        raise ValueError("a stroke needs at least one point")
    if not (math.isfinite(diameter) and diameter > 0):
        raise ValueError(f"a brush's diameter is above 0, not {diameter}")
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise ValueError("a stroke's points are finite numbers")
    thin = diameter <= 1
    radius = max(diameter, 1.0) / 2 + _EPSILON
    box = _bounds(points, radius, shape)
    if box.empty:
        return None
    selection = np.zeros((box.height, box.width), np.bool_)
    if len(points) > 1 or not thin:
        nudge = _NUDGE if thin else (0.0, 0.0)
        path = [(x + nudge[0], y + nudge[1]) for x, y in points]
        for start, end in zip(path, path[1:] or path, strict=False):
            _add_capsule(selection, box, start, end, radius)
    if thin or not selection.any():
        _add_pixels(selection, box, points)
    if not selection.any():
        return None
    return Patch(box.x, box.y, selection, value)


def _bounds(points: Sequence[Point], radius: float, shape: tuple[int, int]) -> Rect:
    """The pixels of the photo that the stroke may cover, those under the points included."""
    height, width = shape
    reach = max(radius, 1.0)

    def span(values: list[float], limit: int) -> tuple[int, int]:
        low, high = math.floor(min(values) - reach), math.ceil(max(values) + reach)
        return min(max(low, 0), limit), min(max(high, 0), limit)

    left, right = span([x for x, _ in points], width)
    top, bottom = span([y for _, y in points], height)
    return Rect(left, top, right - left, bottom - top)


def _add_pixels(selection: BoolArray, box: Rect, points: Sequence[Point]) -> None:
    """Select the pixels under the points, those that lie in the box."""
    for x, y in points:
        column, row = math.floor(x) - box.x, math.floor(y) - box.y
        if 0 <= row < box.height and 0 <= column < box.width:
            selection[row, column] = True


def _add_capsule(selection: BoolArray, box: Rect, start: Point, end: Point, radius: float) -> None:
    """Select the pixels of the box whose centre is within ``radius`` of the segment."""
    left = max(math.floor(min(start[0], end[0]) - radius), box.x)
    right = min(math.ceil(max(start[0], end[0]) + radius), box.right)
    top = max(math.floor(min(start[1], end[1]) - radius), box.y)
    bottom = min(math.ceil(max(start[1], end[1]) + radius), box.bottom)
    if right <= left or bottom <= top:
        return
    low, high = _row_intervals(np.arange(top, bottom, dtype=np.float64) + 0.5, start, end, radius)
    # The columns whose centres lie in [low, high]; an empty row has low above high.
    first = np.clip(np.ceil(low - 0.5), left, right).astype(np.int32)[:, None]
    last = np.clip(np.floor(high - 0.5), left - 1, right - 1).astype(np.int32)[:, None]
    columns = np.arange(left, right, dtype=np.int32)
    covered = columns >= first
    covered &= columns <= last
    selection[top - box.y : bottom - box.y, left - box.x : right - box.x] |= covered


def _row_intervals(
    y: FloatArray, start: Point, end: Point, radius: float
) -> tuple[FloatArray, FloatArray]:
    """Where rows at heights ``y`` (n,) meet the capsule: lows, highs (n,); none: (inf, -inf)."""
    low, high = _disc_interval(y, start, radius)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length <= _EPSILON:
        return low, high
    for other_low, other_high in (
        _disc_interval(y, end, radius),
        _band_interval(y, start, (dx / length, dy / length), length, radius),
    ):
        low, high = np.minimum(low, other_low), np.maximum(high, other_high)
    return low, high


def _disc_interval(y: FloatArray, centre: Point, radius: float) -> tuple[FloatArray, FloatArray]:
    squared = radius * radius - np.square(y - centre[1])
    half = np.sqrt(np.maximum(squared, 0.0))
    hit = squared >= 0
    return np.where(hit, centre[0] - half, np.inf), np.where(hit, centre[0] + half, -np.inf)


def _band_interval(
    y: FloatArray, start: Point, direction: Point, length: float, radius: float
) -> tuple[FloatArray, FloatArray]:
    """The band beside the segment: 0 <= along <= length and |across| <= radius."""
    ux, uy = direction
    rise = y - start[1]
    along_low, along_high = _solve(ux, rise * uy, 0.0, length)
    across_low, across_high = _solve(-uy, rise * ux, -radius, radius)
    low, high = np.maximum(along_low, across_low), np.minimum(along_high, across_high)
    hit = low <= high
    return np.where(hit, low + start[0], np.inf), np.where(hit, high + start[0], -np.inf)


def _solve(
    slope: float, offset: FloatArray, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """The t with ``low <= slope * t + offset <= high``, per offset (n,)."""
    if abs(slope) < _PARALLEL:
        hit = (offset >= low) & (offset <= high)
        return np.where(hit, -np.inf, np.inf), np.where(hit, np.inf, -np.inf)
    one, two = (low - offset) / slope, (high - offset) / slope
    return np.minimum(one, two), np.maximum(one, two)

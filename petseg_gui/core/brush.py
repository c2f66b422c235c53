"""What a brush covers.  Nothing here changes a mask: the result is a patch for it.

Between two points a round brush covers the convex hull of two discs, a square one that of two
squares.  Both are convex, so each row of pixels meets them in one interval, whose ends have a
closed form.  No distance is computed per pixel, which keeps brushes of a thousand pixels at
about a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray, Patch, Rect

Point = tuple[float, float]
FloatArray = npt.NDArray[np.float64]
_Interval = tuple[FloatArray, FloatArray]
"""Lows and highs (n,), one per row; a row that meets nothing has (inf, -inf)."""

# Pixel centres this close outside the brush count as on its edge, so that rounding never
# decides about a centre that lies on it exactly.
_EPSILON = 1e-7

_PARALLEL = 1e-12

# A disc of this diameter holds a pixel's centre wherever it lies, that of the pixel under its
# own centre; a smaller one may lie between four centres.
_ALWAYS_HOLDS_A_CENTRE = math.sqrt(2.0)


def stroke(
    points: Sequence[Point],
    diameter: float,
    value: int,
    shape: tuple[int, int],
    *,
    square: bool = False,
    diameters: Sequence[float] | None = None,
) -> Patch | None:
    """The pixels that a brush covers on its way along a line through the points.

    At each position a round brush covers the pixels whose centre is within ``diameter / 2``, a
    square one those whose centre is within that in x and in y, edges included; and always the
    pixel under it, which alone is what a brush of at most one pixel covers.  The patch is the
    union over all positions, so that it does not matter at how many of them an event came.

    Args:
        points: (x, y) in photo coordinates, at least one; may lie outside the photo.
        diameter: of the brush, or the side of a square one, in photo pixels, above 0.
        value: the label value to paint, 0..3.
        shape: (rows, columns) of the photo.
        square: the brush is a square, upright, not a disc.
        diameters: one per point, in place of ``diameter``; linear in between (pen pressure).

    Returns:
        The patch, clipped to the photo; None when it covers no pixel of it.

    Raises:
        ValueError: no points, a point that is not finite, a diameter that is not positive, or
            not as many diameters as points.
    """
    sizes = _checked(points, diameter, diameters)
    box = _bounds(points, max(sizes) / 2 + _EPSILON, shape)
    if box.empty:
        return None
    selection = np.zeros((box.height, box.width), np.bool_)
    for (start, first), (end, last) in pairwise(_stops(points, sizes)):
        rows = _rows(box, start, end, max(first, last) / 2 + _EPSILON)
        y = np.arange(*rows, dtype=np.float64) + 0.5
        if max(first, last) > 1:
            radii = (first / 2 + _EPSILON, last / 2 + _EPSILON)
            low, high = (_square_sweep if square else _disc_sweep)(y, start, end, radii)
            # The columns whose centres lie in [low, high]; an empty row has low above high.
            _select(selection, box, rows, np.ceil(low - 0.5), np.floor(high - 0.5))
        if min(first, last) < _ALWAYS_HOLDS_A_CENTRE:
            _select(selection, box, rows, *_pixels_under(y, start, end))
    if not selection.any():
        return None
    return Patch(box.x, box.y, selection, value)


def _checked(
    points: Sequence[Point], diameter: float, diameters: Sequence[float] | None
) -> list[float]:
    """The brush's diameter at each point."""
    if not points:
        raise ValueError("a stroke needs at least one point")
    sizes = [diameter] * len(points) if diameters is None else list(diameters)
    if len(sizes) != len(points):
        raise ValueError(f"a stroke of {len(points)} points has not {len(sizes)} diameters")
    for size in sizes:
        if not (math.isfinite(size) and size > 0):
            raise ValueError(f"a brush's diameter is above 0, not {size}")
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise ValueError("a stroke's points are finite numbers")
    return sizes


def _stops(points: Sequence[Point], sizes: Sequence[float]) -> list[tuple[Point, float]]:
    """Points and diameters, at least two, one put in where the diameter passes 1 in between."""
    result = [(points[0], sizes[0])]
    for end, last in zip(points[1:] or points, sizes[1:] or sizes, strict=True):
        start, first = result[-1]
        if min(first, last) < 1 < max(first, last):
            t = (1 - first) / (last - first)
            passing = (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1]))
            result.append((passing, 1.0))
        result.append((end, last))
    return result


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


def _rows(box: Rect, start: Point, end: Point, radius: float) -> tuple[int, int]:
    """First and past-the-last row of the box that this piece of the stroke may meet."""
    reach = max(radius, 1.0)
    top = min(max(math.floor(min(start[1], end[1]) - reach), box.y), box.bottom)
    bottom = min(max(math.ceil(max(start[1], end[1]) + reach), top), box.bottom)
    return top, bottom


def _select(
    selection: BoolArray, box: Rect, rows: tuple[int, int], first: FloatArray, last: FloatArray
) -> None:
    """Select from column ``first`` to column ``last`` (whole numbers, (n,)) in each of the rows."""
    width = box.width
    start = np.arange(rows[0] - box.y, rows[1] - box.y) * width
    begin = start + np.clip(first - box.x, 0, width).astype(np.int64)
    end = start + np.clip(last - (box.x - 1), 0, width).astype(np.int64)
    flat = selection.reshape(-1)
    # A row at a time: comparing every pixel's column takes several times as long.
    for one, past in zip(begin.tolist(), end.tolist(), strict=True):
        flat[one:past] = True


def _pixels_under(y: FloatArray, start: Point, end: Point) -> _Interval:
    """First and last column of the pixels that the segment passes through, in rows at ``y``."""
    (x0, y0), (x1, y1) = (start, end) if start[1] <= end[1] else (end, start)
    top = y - 0.5
    hit = (top <= y1) & (top + 1 > y0)
    rise = y1 - y0
    if rise > 0:
        enter = x0 + np.clip(top - y0, 0.0, rise) / rise * (x1 - x0)
        leave = x0 + np.clip(top + 1 - y0, 0.0, rise) / rise * (x1 - x0)
        # A row ends just above the next one: a corner between four pixels, met from the left,
        # is left before its column begins.
        left_at = np.where((top + 1 <= y1) & (leave > enter), np.ceil(leave) - 1, np.floor(leave))
    else:
        enter, left_at = np.full_like(y, x0), np.full_like(y, math.floor(x1))
    entered_at = np.floor(enter)
    low, high = np.minimum(entered_at, left_at), np.maximum(entered_at, left_at)
    return np.where(hit, low, np.inf), np.where(hit, high, -np.inf)


def _square_sweep(
    y: FloatArray, start: Point, end: Point, halves: tuple[float, float]
) -> _Interval:
    """Where rows at heights ``y`` (n,) meet a square on its way from start to end."""
    (x0, y0), dx, dy = start, end[0] - start[0], end[1] - start[1]
    half, growth = halves[0], halves[1] - halves[0]
    # At t in 0..1 the square meets the row when |y - y0 - t dy| <= half + t growth.
    one_low, one_high = _solve(dy + growth, y - y0, -half, np.inf)
    two_low, two_high = _solve(growth - dy, y0 - y, -half, np.inf)
    low = np.maximum(np.maximum(one_low, two_low), 0.0)
    high = np.minimum(np.minimum(one_high, two_high), 1.0)
    hit = low <= high
    low, high = np.where(hit, low, 0.0), np.where(hit, high, 0.0)
    # Both sides move evenly, so they are farthest out at one end of that stretch.
    left = x0 - half + np.minimum(low * (dx - growth), high * (dx - growth))
    right = x0 + half + np.maximum(low * (dx + growth), high * (dx + growth))
    return np.where(hit, left, np.inf), np.where(hit, right, -np.inf)


def _disc_sweep(y: FloatArray, start: Point, end: Point, radii: tuple[float, float]) -> _Interval:
    """Where rows at heights ``y`` (n,) meet a disc on its way from start to end."""
    low, high = _disc_interval(y, start, radii[0])
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length <= _EPSILON and radii[0] == radii[1]:
        return low, high
    parts = [_disc_interval(y, end, radii[1])]
    # Where one disc holds the other, it is all there is.
    if length > max(abs(radii[0] - radii[1]), _EPSILON):
        parts.append(_band_interval(y, start, (dx / length, dy / length), length, radii))
    for other_low, other_high in parts:
        low, high = np.minimum(low, other_low), np.maximum(high, other_high)
    return low, high


def _disc_interval(y: FloatArray, centre: Point, radius: float) -> _Interval:
    squared = radius * radius - np.square(y - centre[1])
    half = np.sqrt(np.maximum(squared, 0.0))
    hit = squared >= 0
    return np.where(hit, centre[0] - half, np.inf), np.where(hit, centre[0] + half, -np.inf)


def _band_interval(
    y: FloatArray, start: Point, direction: Point, length: float, radii: tuple[float, float]
) -> _Interval:
    """The band between the discs: the four-sided figure of the points where tangents touch them.

    With s the sine of the angle between the tangents and the way, both discs' points of contact
    lie ``radius * s`` along the way from their centres.
    """
    ux, uy = direction
    sine = (radii[0] - radii[1]) / length
    cosine = math.sqrt(1.0 - sine * sine)
    rise = y - start[1]
    low, high = _solve(ux, -rise * uy, radii[0] * sine, length + radii[1] * sine)
    for side in (1.0, -1.0):
        nx, ny = ux * sine - side * uy * cosine, uy * sine + side * ux * cosine
        one_low, one_high = _solve(nx, -rise * ny, -np.inf, radii[0])
        low, high = np.maximum(low, one_low), np.minimum(high, one_high)
    hit = low <= high
    return np.where(hit, low + start[0], np.inf), np.where(hit, high + start[0], -np.inf)


def _solve(slope: float, offset: FloatArray, low: float, high: float) -> _Interval:
    """The t with ``low <= slope * t - offset <= high``, per offset (n,)."""
    if abs(slope) < _PARALLEL:
        hit = (-offset >= low) & (-offset <= high)
        return np.where(hit, -np.inf, np.inf), np.where(hit, np.inf, -np.inf)
    one, two = (low + offset) / slope, (high + offset) / slope
    return np.minimum(one, two), np.maximum(one, two)

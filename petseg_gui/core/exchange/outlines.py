"""Masks to polygons along the edges of pixels, and polygons back to pixels.

Coordinates are the photo's: x to the right, y down, pixel (column, row) covers
[column, column+1) × [row, row+1).  A polygon covers the pixels whose centres lie inside by the
even-odd rule, so a mask that was traced here comes back exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray
from petseg_gui.core.shapes import polygon_patch

Points = npt.NDArray[np.float64]
"""A closed line: float64 (N, 2), x and y in photo coordinates; its last point joins its first."""

MAX_POINTS = 200_000
"""Points of a polygon that is read."""

MAX_CROSSINGS = 4_000_000
"""Rows that the sides of a polygon may cross, all together: 20 sides across 200,000 rows."""

_MAX_BRIDGE_WORK = 20_000_000


def crossings(points: Points, rows: int) -> int:
    """How many rows of a photo the polygon's sides cross: what filling it costs."""
    ys = np.clip(points[:, 1], 0, rows)
    return int(np.abs(np.diff(ys, append=ys[:1])).sum()) + len(points)


def fill(mask: npt.NDArray[np.uint8], points: Points, value: int) -> bool:
    """Paint what a polygon covers; returns whether it covers any pixel.

    Args:
        mask: uint8 (H, W); changed.
        points: finite; may lie outside of the photo.
        value: to paint.

    Raises:
        ValueError: filling it would take too long: too many points, or sides back and forth.
    """
    if len(points) > MAX_POINTS or crossings(points, mask.shape[0]) > MAX_CROSSINGS:
        raise ValueError(f"a polygon of {len(points):,} points is too complicated")
    # What is far outside only has to stay outside: products of huge numbers would overflow.
    limit = 1e7
    patch = polygon_patch(np.clip(points, -limit, limit).tolist(), value, mask.shape)
    if patch is None:
        return False
    height, width = patch.selection.shape
    window = mask[patch.y : patch.y + height, patch.x : patch.x + width]
    np.copyto(window, np.uint8(value), where=patch.selection)  # ten times as fast as an index
    return True


class Painter:
    """Paints shapes of strangers on a mask, as many as take a few seconds.

    What a shape costs is counted in pixels that are set in the time: those of the rectangle round
    it, 300 for each row that a side crosses, and 20,000 for each of its points (measured).

    Attributes:
        mask: uint8 (H, W); changed.
    """

    def __init__(self, mask: npt.NDArray[np.uint8]) -> None:
        self.mask = mask
        self._left = 2_000_000_000 + 16 * mask.size

    def polygon(self, points: Points, value: int) -> None:
        """Paint what a polygon covers.

        Raises:
            ValueError: it, or all together, would take too long.
        """
        height, width = self.mask.shape
        low = np.clip(points.min(0), 0, (width, height))
        high = np.clip(points.max(0), 0, (width, height))
        area = int(np.prod(high - low + 1))
        self._spend(area + 300 * crossings(points, height) + 20_000 * len(points))
        fill(self.mask, points, value)

    def region(self, found: Callable[[], BoolArray], value: int) -> None:
        """Paint a region, bool (H, W), that is made when it is needed.

        Raises:
            ValueError: all together would take too long; or what making it raises.
        """
        self._spend(4 * self.mask.size)
        np.copyto(self.mask, np.uint8(value), where=found())

    def _spend(self, pixels: int) -> None:
        self._left -= pixels
        if self._left < 0:
            raise ValueError("its shapes are too many, or too complicated")


def polygons_of(region: BoolArray) -> list[Points]:
    """The parts of a region as polygons along the edges of pixels, largest parts not first.

    Each part, joined by sides of pixels, is one polygon.  A hole is joined to the outline by a
    bridge, a side there and the same back, which covers nothing.

    Args:
        region: bool (H, W).
    """
    starts, rings = _rings(region)
    if not rings:
        return []
    _count, parts = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    outer: dict[int, Points] = {}
    holes: dict[int, list[Points]] = {}
    for (x, y), ring in zip(starts, rings, strict=True):
        if y < region.shape[0] and x < region.shape[1] and region[y, x]:
            outer[int(parts[y, x])] = ring
        else:  # the pixel above a hole's first corner belongs to the part round it
            holes.setdefault(int(parts[y - 1, x]), []).append(ring)
    return [_bridged(ring, holes.get(part, [])) for part, ring in sorted(outer.items())]


def _rings(region: BoolArray) -> tuple[list[tuple[int, int]], list[Points]]:
    """Closed lines round parts and holes, and the top left corner (x, y) of each.

    A corner is where an odd number of the four pixels round it are in the region, or two that
    touch there only: those are two corners in one place.  Along each row of corners the first
    joins the second, the third the fourth, and so on; the same holds along each column.
    """
    padded = np.pad(region, 1).astype(np.int8)
    around = padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:]
    falling = padded[:-1, :-1] + padded[1:, 1:]  # upper left and lower right
    saddle = (around == 2) & (falling != 1)
    ys, xs = np.nonzero((around % 2 == 1) | saddle)
    twice = saddle[ys, xs].astype(np.int64)
    ys, xs = np.repeat(ys, 1 + twice), np.repeat(xs, 1 + twice)
    count = len(ys)
    if not count:
        return [], []
    copy = np.zeros(count, np.int64)
    copy[1:] = (ys[1:] == ys[:-1]) & (xs[1:] == xs[:-1])
    # The line along the row ends at the first of two corners in one place, and begins at the
    # second.  The first is that of a pixel on the left: it goes up when the upper left pixel is
    # in the region, and down when the lower left one is.
    rising = (falling[ys, xs] == 0) & saddle[ys, xs]
    by_column = np.lexsort((np.where(rising, 1 - copy, copy), ys, xs))
    down = np.empty(count, np.int64)
    down[by_column] = by_column[np.arange(count) ^ 1]
    return _followed(xs, ys, down.tolist())


def _followed(
    xs: npt.NDArray[np.int64], ys: npt.NDArray[np.int64], down: list[int]
) -> tuple[list[tuple[int, int]], list[Points]]:
    starts, rings = [], []
    seen = bytearray(len(down))
    for first in range(len(down)):
        if seen[first]:
            continue
        ring: list[int] = []
        corner = first
        while not seen[corner]:
            across = corner ^ 1
            seen[corner] = seen[across] = 1
            ring += (corner, across)
            corner = down[across]
        # Corners are in order of rows: the first that was not seen is the ring's top left one.
        starts.append((int(xs[first]), int(ys[first])))
        rings.append(np.stack([xs[ring], ys[ring]], axis=1).astype(np.float64))
    return starts, rings


def _bridged(outline: Points, holes: list[Points]) -> Points:
    """One closed line round an outline and its holes, joined by bridges."""
    if len(holes) * (len(outline) + sum(map(len, holes))) > _MAX_BRIDGE_WORK:
        # Noise: all from one corner, which is as exact, and quickly done.
        there_and_back = [part for hole in holes for part in (hole, hole[:1], outline[:1])]
        return np.concatenate([outline[:1], *there_and_back, outline[1:]])
    for hole in holes:
        at = int(np.abs(outline - hole[0]).sum(axis=1).argmin())
        outline = np.concatenate([outline[: at + 1], hole, hole[:1], outline[at:]])
    return outline

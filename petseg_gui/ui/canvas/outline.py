"""The line that a gesture draws over the photo while it lasts: a rubber band, a rough stroke."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
"""(x, y) in photo coordinates."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line over the photo, part of no mask.

    Attributes:
        points: (x, y) in photo coordinates.
        closed: whether the last point is joined to the first.
        handles: whether each point is marked, because it can be aimed at.
    """

    points: tuple[Point, ...]
    closed: bool = False
    handles: bool = False

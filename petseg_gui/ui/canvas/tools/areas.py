"""Lasso, polygon and rectangle: an area is drawn first and filled when it is finished."""

from __future__ import annotations

import math

from petseg_gui.core.mask import Patch
from petseg_gui.core.shapes import polygon_patch, rectangle_patch
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.tools.base import Point, Tool, ToolContext, Touch

_CORNERS = 3
"""The fewest points that enclose anything."""


class LassoTool(Tool):
    """Fills what the pointer was led round, on release."""

    name = "lasso"
    gesture_name = "lasso fill"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._points: list[Point] = []

    def press(self, touch: Touch) -> None:
        """The line begins."""
        self._points = [touch.point]

    def move(self, touch: Touch) -> None:
        """The line goes on."""
        if touch.point != self._points[-1]:
            self._points.append(touch.point)

    def release(self) -> Patch | None:
        """What the line encloses, its ends joined; a mere click encloses nothing."""
        if len(self._points) < _CORNERS:
            return None
        return polygon_patch(self._points, self.laid, self.context.shape)

    def outline(self) -> Outline | None:
        """The line so far."""
        return Outline(tuple(self._points))


class RectangleTool(Tool):
    """Fills the rectangle between press and release; with Shift, a square."""

    name = "rectangle"
    gesture_name = "rectangle"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._from: Point = (0.0, 0.0)
        self._to: Point = (0.0, 0.0)

    def press(self, touch: Touch) -> None:
        """The first corner."""
        self._from = self._to = touch.point

    def move(self, touch: Touch) -> None:
        """The corner opposite."""
        self._to = squared(self._from, touch.point) if touch.shift else touch.point

    def release(self) -> Patch | None:
        """The rectangle; a mere click is none, though the hand may have trembled."""
        width, height = abs(self._to[0] - self._from[0]), abs(self._to[1] - self._from[1])
        if max(width, height) <= self.context.reach / 4:
            return None
        return rectangle_patch(self._from, self._to, self.laid, self.context.shape)

    def outline(self) -> Outline | None:
        """The rectangle so far."""
        return box_outline(self._from, self._to)


class PolygonTool(Tool):
    """Fills a polygon whose corners are clicked one by one; it lasts over several presses."""

    name = "polygon"
    gesture_name = "polygon fill"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._points: list[Point] = []
        self._pointer: Point | None = None

    @property
    def points(self) -> tuple[Point, ...]:
        """The corners so far."""
        return tuple(self._points)

    @property
    def complete(self) -> bool:
        """Whether it has enough corners to enclose anything."""
        return len(self._points) >= _CORNERS

    def closes(self, point: Point) -> bool:
        """Whether a click there aims at the first corner, which closes the polygon."""
        return self.complete and math.dist(point, self._points[0]) <= self.context.reach

    def press(self, touch: Touch) -> None:
        """One more corner, unless it lies on the last one."""
        self._pointer = touch.point
        if not self._points or math.dist(touch.point, self._points[-1]) > 0:
            self._points.append(touch.point)

    def move(self, touch: Touch) -> None:
        """Where the next corner would be."""
        self._pointer = touch.point

    def step_back(self) -> bool:
        """Take the last corner away; returns whether any is left."""
        self._points.pop()
        return bool(self._points)

    def release(self) -> Patch | None:
        """What the polygon encloses."""
        if not self.complete:
            return None
        return polygon_patch(self._points, self.laid, self.context.shape)

    def outline(self) -> Outline | None:
        """The corners, and the line on to the pointer and back to the first."""
        points = self.points
        if self._pointer is not None and not self.closes(self._pointer):
            points = (*points, self._pointer)
        return Outline(points, closed=True, handles=True)


def squared(start: Point, end: Point) -> Point:
    """The corner opposite ``start`` of the smallest square that reaches as far as ``end``."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    side = max(abs(dx), abs(dy))
    return start[0] + math.copysign(side, dx), start[1] + math.copysign(side, dy)


def box_outline(a: Point, b: Point) -> Outline:
    """The rectangle between two opposite corners."""
    return Outline((a, (b[0], a[1]), b, (a[0], b[1])), closed=True)

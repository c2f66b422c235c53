"""Smart select: a click, a rough stroke or a box asks for the region that the photo suggests."""

from __future__ import annotations

import math

from petseg_gui.core.smart import SmartStroke
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.tools.areas import box_outline
from petseg_gui.ui.canvas.tools.base import Point, Tool, ToolContext, Touch


class SmartTool(Tool):
    """Paints nothing: what it asks for comes back as a preview."""

    name = "smart"
    gesture_name = "smart select"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._points: list[Point] = []
        self._include = True
        self._moved = False

    def press(self, touch: Touch) -> None:
        """A click begins, or a stroke, or a box."""
        self._points = [touch.point]
        self._include = not (self.context.secondary or self.context.erasing or touch.alt)

    def move(self, touch: Touch) -> None:
        """The stroke goes on, or the box grows; a hand that trembles still clicks."""
        self._moved = (
            self._moved or math.dist(touch.point, self._points[0]) > self.context.reach / 2
        )
        if self.context.options.smart_box:
            self._points[1:] = [touch.point]
        else:
            self._points.append(touch.point)

    def asked(self) -> SmartStroke:
        """What the gesture asks for, once it has ended."""
        if not self._moved:
            return SmartStroke((self._points[0],), self._include)
        return SmartStroke(tuple(self._points), self._include, self.context.options.smart_box)

    def outline(self) -> Outline | None:
        """The stroke or the box so far."""
        if self.context.options.smart_box:
            return box_outline(self._points[0], self._points[-1])
        return Outline(tuple(self._points))

"""Brush and eraser: what is under the ring, wherever it passes."""

from __future__ import annotations

from model.labels import Label
from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Patch
from petseg_gui.ui.canvas.tools.base import Point, Tool, ToolContext, Touch

MIN_DIAMETER = 1.0
MAX_DIAMETER = 2000.0


class BrushTool(Tool):
    """Paints the chosen class; with the other button, background.

    With Shift, a straight line comes first, from where the last stroke on this photo ended.
    """

    name = "brush"
    gesture_name = "brush stroke"
    ring = True

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._pressure = 1.0
        self.end: Point | None = None
        """Where the stroke has come to."""

    def press(self, touch: Touch) -> Patch | None:
        """The ring under the pointer, or a straight line to there."""
        if touch.shift and self.context.last is not None:
            self.gesture_name = "straight line"
            self.end = self.context.last
        # A straight line is as thick all along.
        self._pressure = touch.pressure
        return self.move(touch)

    def move(self, touch: Touch) -> Patch | None:
        """The way from the last position, so that a fast drag leaves no gaps."""
        points = [touch.point] if self.end is None else [self.end, touch.point]
        before, self._pressure, self.end = self._pressure, touch.pressure, touch.point
        return self._stroke(points, before)

    def _stroke(self, points: list[Point], before: float) -> Patch | None:
        """What the ring passes over; its size goes evenly from pressure to pressure."""
        diameter = self.context.diameter
        varied = None
        if (before, self._pressure) != (1.0, 1.0):
            varied = [pressed(diameter, before), pressed(diameter, self._pressure)][-len(points) :]
        return stroke(
            points,
            diameter,
            self.laid,
            self.context.shape,
            square=self.context.options.square_brush,
            diameters=varied,
        )


def pressed(diameter: float, pressure: float) -> float:
    """The diameter of a brush that a pen presses: at most its own, at least a pixel."""
    return max(diameter * pressure, MIN_DIAMETER)


class EraserTool(BrushTool):
    """Paints background; with the other button, the chosen class."""

    name = "eraser"
    gesture_name = "eraser stroke"

    @property
    def value(self) -> int | None:
        """The label that this stroke paints; None: the prediction's at each pixel."""
        if self.context.secondary and not self.context.erasing:
            return self.context.chosen
        return int(Label.BACKGROUND)

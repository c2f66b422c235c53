"""Flood fill: a click gives a whole connected region the chosen class."""

from __future__ import annotations

from petseg_gui.core.fill import colour_patch, region_patch
from petseg_gui.core.mask import Patch
from petseg_gui.ui.canvas.tools.base import Tool, Touch


class FillTool(Tool):
    """Fills the region of one class under the pointer, or that of similar colour."""

    name = "fill"
    gesture_name = "fill"

    def press(self, touch: Touch) -> Patch | None:
        """The region under the pointer; None outside the photo."""
        context, options = self.context, self.context.options
        if options.fill_by_colour:
            return colour_patch(context.photo, touch.point, options.fill_tolerance, self.laid)
        return region_patch(context.mask, touch.point, self.laid)

    def move(self, touch: Touch) -> None:
        """It is done already."""

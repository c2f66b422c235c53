"""The tools: what a press, a move and a release of the pointer add to the mask.

A tool turns pointer positions into patches and changes nothing itself; the gesture hands its
patches to the session.  A new tool is one class and one entry in :data:`TOOLS`.
"""

from __future__ import annotations

from petseg_gui.ui.canvas.tools.areas import LassoTool, PolygonTool, RectangleTool
from petseg_gui.ui.canvas.tools.base import Point, Tool, ToolContext, Touch
from petseg_gui.ui.canvas.tools.brush import (
    MAX_DIAMETER,
    MIN_DIAMETER,
    BrushTool,
    EraserTool,
    pressed,
)
from petseg_gui.ui.canvas.tools.fill import FillTool
from petseg_gui.ui.canvas.tools.smart import SmartTool

__all__ = [
    "MAX_DIAMETER",
    "MIN_DIAMETER",
    "TOOLS",
    "BrushTool",
    "EraserTool",
    "FillTool",
    "LassoTool",
    "Point",
    "PolygonTool",
    "RectangleTool",
    "SmartTool",
    "Tool",
    "ToolContext",
    "Touch",
    "find_tool",
    "pressed",
]

_ALL: tuple[type[Tool], ...] = (
    BrushTool,
    EraserTool,
    LassoTool,
    PolygonTool,
    RectangleTool,
    FillTool,
    SmartTool,
)

TOOLS: dict[str, type[Tool]] = {tool.name: tool for tool in _ALL}
"""The tools, by name."""


def find_tool(name: str) -> type[Tool]:
    """The tool of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in TOOLS:
        raise ValueError(f"there is no tool {name!r}; there are {', '.join(TOOLS)}")
    return TOOLS[name]

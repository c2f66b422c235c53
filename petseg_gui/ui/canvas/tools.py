"""The tools: what a press, a move and a release of the pointer add to the mask.

A tool turns pointer positions into patches and changes nothing itself; the gesture hands its
patches to the session.  A new tool is one class and one line in :data:`TOOLS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from model.labels import Label
from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Patch

Point = tuple[float, float]
"""(x, y) in photo coordinates."""


@dataclass(slots=True)
class ToolContext:
    """What a tool needs to know.

    Attributes:
        diameter: of the brush, in photo pixels; may change in mid-drag, as the ring does.
        label: the chosen class, 1..3.
        secondary: the drag uses the other mouse button.
        shape: (rows, columns) of the mask.
    """

    diameter: float
    label: int
    secondary: bool
    shape: tuple[int, int]


class Tool(ABC):
    """One gesture of one tool, from press to release."""

    name: ClassVar[str]
    gesture_name: ClassVar[str]
    """What undo calls the gesture."""
    ring: ClassVar[bool] = False
    """Whether the brush's outline replaces the system's cursor."""

    def __init__(self, context: ToolContext) -> None:
        self.context = context

    @abstractmethod
    def press(self, point: Point) -> Patch | None:
        """The gesture starts; what it adds to the mask, if anything."""

    @abstractmethod
    def move(self, point: Point) -> Patch | None:
        """The pointer moved with the button down."""

    def release(self) -> Patch | None:
        """The button is up."""
        return None


class BrushTool(Tool):
    """Paints the chosen class; with the other button, background."""

    name = "brush"
    gesture_name = "Brush stroke"
    ring = True

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._last: Point | None = None

    @property
    def value(self) -> int:
        """The label that this stroke paints."""
        return _other(self.context.label) if self.context.secondary else self.context.label

    def press(self, point: Point) -> Patch | None:
        """The disc under the pointer."""
        self._last = point
        return stroke([point], self.context.diameter, self.value, self.context.shape)

    def move(self, point: Point) -> Patch | None:
        """The way from the last position, so that a fast drag leaves no gaps."""
        points = [point] if self._last is None else [self._last, point]
        self._last = point
        return stroke(points, self.context.diameter, self.value, self.context.shape)


class EraserTool(BrushTool):
    """Paints background; with the other button, the chosen class."""

    name = "eraser"
    gesture_name = "Eraser stroke"

    @property
    def value(self) -> int:
        """The label that this stroke paints."""
        return self.context.label if self.context.secondary else int(Label.BACKGROUND)


TOOLS: dict[str, type[Tool]] = {tool.name: tool for tool in (BrushTool, EraserTool)}
"""The tools that exist, by name."""

PLANNED = frozenset({"lasso", "polygon", "rectangle", "fill", "smart"})


def find_tool(name: str) -> type[Tool]:
    """The tool of this name.

    Raises:
        ValueError: there is none, or not yet.
    """
    if name in TOOLS:
        return TOOLS[name]
    if name in PLANNED:
        raise ValueError(f"the tool {name!r} is not available yet")
    raise ValueError(f"there is no tool {name!r}; there are {', '.join(sorted(TOOLS))}")


def _other(label: int) -> int:
    return int(Label.PET) if label == Label.BACKGROUND else int(Label.BACKGROUND)

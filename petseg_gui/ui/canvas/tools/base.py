"""What every tool is: pointer positions in, a patch for the mask out; it changes nothing itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from model.labels import Label, MaskArray
from petseg_gui.core.mask import Patch
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.pyramid import PixelArray

Point = tuple[float, float]
"""(x, y) in photo coordinates."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One position of the pointer.

    Attributes:
        point: (x, y) in photo coordinates; may lie outside the photo.
        pressure: of a pen, above 0 and up to 1; 1 for a mouse.
        shift: whether Shift is held: straight lines and squares.
        alt: whether Alt is held: smart select takes away.
    """

    point: Point
    pressure: float = 1.0
    shift: bool = False
    alt: bool = False


@dataclass(slots=True)
class ToolContext:
    """What a tool needs to know.

    Attributes:
        options: what the user set for the tools.
        mask: uint8 (H, W), live.
        photo: uint8 (H, W, 3), RGB.
        diameter: of the brush, in photo pixels; may change in mid-drag, as the ring does.
        label: the chosen class, 1..3.
        restoring: what the chosen class is replaced by is the model's prediction.
        secondary: the drag uses the other mouse button.
        erasing: the eraser end of a pen is down: every tool gives background.
        reach: photo pixels within which a click hits what it aims at.
        last: where the last stroke on this photo ended, for straight lines.
    """

    options: ToolOptions
    mask: MaskArray
    photo: PixelArray
    diameter: float
    label: int
    restoring: bool = False
    secondary: bool = False
    erasing: bool = False
    reach: float = 1.0
    last: Point | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the photo."""
        rows, columns = self.mask.shape
        return rows, columns

    @property
    def chosen(self) -> int | None:
        """The value of the chosen class; None: the prediction's value at each pixel."""
        return None if self.restoring else self.label

    @property
    def other(self) -> int:
        """The value that the other button paints: background, or pet when that is chosen."""
        swapped = not self.restoring and self.label == Label.BACKGROUND
        return int(Label.PET if swapped else Label.BACKGROUND)


class Tool(ABC):
    """One gesture of one tool, from press to release."""

    name: ClassVar[str]
    gesture_name: str
    """What undo calls the gesture, once it has been pressed."""
    ring: ClassVar[bool] = False
    """Whether the brush's outline replaces the system's cursor."""

    def __init__(self, context: ToolContext) -> None:
        self.context = context

    @property
    def value(self) -> int | None:
        """The label that the gesture gives; None: the prediction's at each pixel."""
        context = self.context
        if context.erasing:
            return int(Label.BACKGROUND)
        return context.other if context.secondary else context.chosen

    @property
    def laid(self) -> int:
        """The value that patches are made with; replaced when the prediction's is wanted."""
        return self.value or 0

    @abstractmethod
    def press(self, touch: Touch) -> Patch | None:
        """The gesture starts; what it adds to the mask, if anything."""

    @abstractmethod
    def move(self, touch: Touch) -> Patch | None:
        """The pointer moved with the button down."""

    def release(self) -> Patch | None:
        """The button is up."""
        return None

    def outline(self) -> Outline | None:
        """What is drawn over the photo meanwhile, if anything."""
        return None

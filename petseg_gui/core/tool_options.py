"""What a person has set for the tools; the same for all photos."""

from __future__ import annotations

from dataclasses import dataclass

from model.labels import CLASSES

ALL_LABELS = frozenset({0, *(int(label) for label in CLASSES)})
"""Every value that a mask can hold, 'not labelled' included."""


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """Options of the tools.

    Attributes:
        square_brush: brush and eraser are square, not round.
        size_on_screen: zooming keeps the brush's size on the screen, not on the photo.
        pressure: the pressure of a pen sets the brush's size, up to the diameter that is set.
        fill_by_colour: the fill tool takes a region of similar colour in the photo, not a region
            of one class in the mask.
        fill_tolerance: how far, 0..255 in each channel, a similar colour may lie off.
        smart_box: the smart select tool draws a box; otherwise a click or a rough stroke.
        smart_border: border that a smart selection of Pet touches is divided: what model and
            photo hold for pet becomes Pet.
        only_over: the tools change pixels of these values alone.
        keep_border: the border follows the pet's outline after every stroke.
    """

    square_brush: bool = False
    size_on_screen: bool = False
    pressure: bool = True
    fill_by_colour: bool = False
    fill_tolerance: int = 24
    smart_box: bool = False
    smart_border: bool = True
    only_over: frozenset[int] = ALL_LABELS
    keep_border: bool = False

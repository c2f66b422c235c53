"""What the canvas shows beside photo and mask: the view chosen, and the data of it.  No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.labels import Label
from petseg_gui.core.mask import Patch
from petseg_gui.ui.canvas.looks import MODES

if TYPE_CHECKING:
    from petseg_gui.core.predictions import Prediction

COMPARISONS = frozenset({"changes", "models"})
"""The views that compare two masks."""


@dataclass(slots=True)
class Viewing:
    """The view in use.

    Attributes:
        mode: one of :data:`MODES`.
        prediction: of the model in use.
        earlier: of the model before it.
        label: the class that 'probability' is about.
        wipe: whether a comparison shows before and after side by side.
        position: of the divider, 0..1 of the canvas's width.
        preview: a change that is pending.
    """

    mode: str = "overlay"
    prediction: Prediction | None = None
    earlier: Prediction | None = None
    label: int = int(Label.PET)
    wipe: bool = False
    position: float = 0.5
    preview: Patch | None = None

    def choose(self, mode: str) -> None:
        """Change the view.

        Raises:
            ValueError: there is no such view.
        """
        if mode not in MODES:
            raise ValueError(f"there is no view {mode!r}; there are {', '.join(MODES)}")
        self.mode = mode

    @property
    def problem(self) -> str:
        """Why the view cannot be shown, in words for the user; '' if it can."""
        if self.mode in ("overlay", "contour", "mask", "cutout"):
            return ""
        if self.prediction is None:
            return "No prediction of this photo yet"
        if self.mode in ("probability", "uncertainty") and self.prediction.probabilities is None:
            return "No probabilities of this photo yet"
        if self.mode == "models" and self.earlier is None:
            return "No prediction of an earlier model for this photo"
        return ""

    @property
    def wiping(self) -> bool:
        """Whether there is a divider on the screen."""
        return self.wipe and self.mode in COMPARISONS and not self.problem

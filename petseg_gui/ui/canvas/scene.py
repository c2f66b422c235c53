"""What a frame is to show, beside the photo, the mask and where they lie."""

from __future__ import annotations

from dataclasses import dataclass, field

from petseg_gui.ui.canvas.looks import Look, OverlayLook, Tints
from petseg_gui.ui.canvas.preview import PreviewMark


def _overlay() -> Look:
    return OverlayLook(Tints())


@dataclass(frozen=True, slots=True)
class Scene:
    """How the composer is to show the photo.

    Attributes:
        look: how; right of the divider, if there is one.
        before: how it shows what lies left of the divider; None: there is no divider.
        preview: a pending change over it.
        grid: whether photo pixels are told apart by lines when they are large.
    """

    look: Look = field(default_factory=_overlay)
    before: Look | None = None
    preview: PreviewMark | None = None
    grid: bool = True

    @property
    def reach(self) -> int:
        """How many device pixels round a changed one look different, too."""
        parts = (self.look, self.before, self.preview)
        return max(part.reach for part in parts if part is not None)

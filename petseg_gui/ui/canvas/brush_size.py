"""The brush's size: constant on the photo, or constant on the screen.  Pure Python."""

from __future__ import annotations

import math

from petseg_gui.ui.canvas.tools.brush import MAX_DIAMETER, MIN_DIAMETER


class BrushSize:
    """A diameter in photo pixels, within 1..2000, that may follow the zoom.

    Args:
        diameter: photo pixels.
    """

    def __init__(self, diameter: float = 40.0) -> None:
        self._diameter = _clamped(diameter)
        self._scale = 1.0
        # What was wished for in widget pixels, unclamped: zooming out and in again, beyond the
        # limits of the photo size too, comes back to it.  None: the size is constant on the photo.
        self._on_screen: float | None = None

    @property
    def diameter(self) -> float:
        """Photo pixels."""
        return self._diameter

    def set(self, photo_pixels: float) -> None:
        """Choose the diameter, clamped.

        Raises:
            ValueError: not a number.
        """
        if math.isnan(photo_pixels):
            raise ValueError("a brush's diameter is a number")
        self._diameter = _clamped(float(photo_pixels))
        if self._on_screen is not None:
            self._on_screen = self._diameter * self._scale

    def set_on_screen(self, on_screen: bool) -> None:
        """Keep the size that it has now on the screen, or on the photo, from now on."""
        if on_screen != (self._on_screen is not None):
            self._on_screen = self._diameter * self._scale if on_screen else None

    def follow(self, scale: float) -> None:
        """The zoom has changed to ``scale`` widget pixels per photo pixel."""
        self._scale = scale
        if self._on_screen is not None:
            self._diameter = _clamped(self._on_screen / scale)


def _clamped(diameter: float) -> float:
    return min(max(diameter, MIN_DIAMETER), MAX_DIAMETER)

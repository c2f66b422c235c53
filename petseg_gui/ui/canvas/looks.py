"""The ways in which the canvas shows a photo and its mask."""

from __future__ import annotations

MODES: tuple[str, ...] = (
    "overlay",
    "contour",
    "mask",
    "cutout",
    "probability",
    "uncertainty",
    "changes",
    "models",
)
"""The names of the views, as :meth:`PhotoSurface.set_view_mode` takes them."""

"""The ways in which the canvas shows a photo and its mask: blocks in, pixels out.  No Qt.

Every pixel is computed from what lies at most :attr:`Look.reach` device pixels from it, and from
its own position on the photo, so that any part of the frame can be composed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np

from model.labels import CLASSES, Label
from petseg_gui.ui.canvas.block import Block
from petseg_gui.ui.canvas.palettes import (
    ADDED,
    ONE,
    REMOVED,
    Blend,
    Colour,
    class_colour,
    packed,
)
from petseg_gui.ui.canvas.sampling import PixelArray, sample_grid

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

HATCH_PERIOD = 8
"""Widget pixels from one stripe to the next."""

_CHECK = 8
"""Widget pixels of one square of the checkerboard."""
_WHITE: Colour = (255, 255, 255)
_BLACK: Colour = (0, 0, 0)
# Greys on which both a white and a black pet stand out.
_CHECK_COLOURS: tuple[Colour, Colour] = ((118, 118, 118), (150, 150, 150))
_HALO = 4
"""The code of the dark seam beside a line; below it are the labels."""


@dataclass(frozen=True, slots=True)
class Tints:
    """How strongly each label colours the photo: opacity 0..1, and which labels show at all."""

    opacity: float = 0.5
    visible: frozenset[int] = frozenset({int(Label.PET), int(Label.BORDER)})
    shown: bool = True


class Look(Protocol):
    """One way to show a block."""

    @property
    def reach(self) -> int:
        """How many device pixels round a changed one look different, too."""
        ...

    @property
    def per_photo_pixel(self) -> bool:
        """Whether pixels depend on the photo pixel alone: magnified, one stands for many."""
        ...

    def paint(self, block: Block) -> PixelArray:
        """The block's pixels: uint8 (h, w, 4), BGRX; may be the block's own photo."""
        ...


class PhotoLook:
    """The photo alone."""

    reach = 0
    per_photo_pixel = True

    def paint(self, block: Block) -> PixelArray:
        """The photo's pixels."""
        return block.photo


@lru_cache(maxsize=16)
def _tinting(labels: tuple[int, ...], opacity: float) -> Blend:
    # Kept: with every photo the looks are made anew several times, nearly always the same.
    return Blend.of({label: (class_colour(label), opacity) for label in labels})


class OverlayLook:
    """The photo, tinted by its mask or by another one of its size."""

    reach = 0
    per_photo_pixel = True

    def __init__(self, tints: Tints, source: PixelArray | None = None) -> None:
        labels = tuple(int(label) for label in CLASSES if int(label) in tints.visible)
        self._blend = _tinting(labels, tints.opacity)
        self._source = source

    def paint(self, block: Block) -> PixelArray:
        """The tinted photo."""
        return self._blend.over(block.photo, block.labels(self._source))


class MaskLook:
    """The mask alone, in the classes' own colours."""

    reach = 0
    per_photo_pixel = True

    def __init__(self) -> None:
        self._colours = packed(np.array([class_colour(value) for value in range(4)]), alpha=255)

    def paint(self, block: Block) -> PixelArray:
        """The colours of the labels."""
        labels = block.labels()
        return self._colours.take(labels).view(np.uint8).reshape(*labels.shape, 4)


class Contours:
    """Finds the outlines of the classes on screen.

    A line runs inside the higher of two classes, pet above border above the rest, so that each
    outline is drawn once; a dark seam on both sides lets it show on any photo.

    Args:
        line: device pixels of the line.
        seam: device pixels of the dark seam on each side.
        visible: the classes that have outlines.
    """

    def __init__(self, line: int, seam: int, visible: frozenset[int]) -> None:
        self.reach = line + seam
        self._ranks = np.zeros(256, np.uint8)
        for rank, label in enumerate((Label.BACKGROUND, Label.BORDER, Label.PET), start=1):
            if int(label) in visible:
                self._ranks[label] = rank
        self._line = _disc(line)
        self._seam = _disc(seam)

    def codes(self, block: Block) -> PixelArray:
        """uint8 (h, w): the label that a line belongs to, 4 in the seam, 0 elsewhere."""
        labels = block.labels(reach=self.reach)
        ranks = np.asarray(cv2.LUT(labels, self._ranks), np.uint8)
        line = (cv2.erode(ranks, self._line) < ranks).astype(np.uint8)
        codes = np.asarray(cv2.dilate(line, self._seam) * _HALO, np.uint8)
        np.copyto(codes, labels, where=line.view(np.bool_))
        return codes[self.reach : -self.reach, self.reach : -self.reach]


class ContourLook:
    """The photo with the outlines of the classes, of the same width at any zoom."""

    per_photo_pixel = False

    def __init__(self, unit: int, tints: Tints) -> None:
        self._contours = Contours(2 * unit, unit, tints.visible)
        self.reach = self._contours.reach
        lines = {int(label): (class_colour(label), 1.0) for label in CLASSES}
        self._blend = Blend.of({**lines, _HALO: (_BLACK, 0.6)})

    def paint(self, block: Block) -> PixelArray:
        """The photo and the lines."""
        return self._blend.over_few(block.photo, self._contours.codes(block))


class CutoutLook:
    """The pet on a checkerboard; the border is half transparent."""

    reach = 0
    per_photo_pixel = False

    def __init__(self, unit: int) -> None:
        self._side = _CHECK * unit
        codes = {}
        for dark, colour in enumerate(_CHECK_COLOURS):
            for value in range(4):
                opacity = {int(Label.PET): 0.0, int(Label.BORDER): 0.5}.get(value, 1.0)
                codes[value + 4 * dark] = (colour, opacity)
        self._blend = Blend.of(codes)

    def paint(self, block: Block) -> PixelArray:
        """The cut-out."""
        return self._blend.over(block.photo, block.labels() + 4 * block.checks(self._side))


class HeatLook:
    """A map of values over the photo in grey, with the outline of the mask.

    Args:
        unit: device pixels of a thin line.
        plane: uint8 (S, S), the values, stretched over the photo.
        colours: uint8 (256, 3), RGB, one per value.
        strength: opacity of the map, 0..1.
        tints: which classes have an outline.
    """

    per_photo_pixel = False

    def __init__(
        self, unit: int, plane: PixelArray, colours: PixelArray, strength: float, tints: Tints
    ) -> None:
        self._plane = plane
        self._colours = packed(colours * strength)
        greys = np.repeat(np.arange(256.0)[:, None], 3, axis=1)
        self._greys = packed(greys * (1 - strength), alpha=255)
        self._contours = Contours(unit, unit, tints.visible)
        self.reach = self._contours.reach
        lines = {int(label): (_WHITE, 0.9) for label in CLASSES}
        self._lines = Blend.of({**lines, _HALO: (_BLACK, 0.4)})

    def paint(self, block: Block) -> PixelArray:
        """The map over the photo."""
        rows, columns = block.mask.shape
        size = self._plane.shape
        values = sample_grid(
            self._plane, block.xs * (size[1] / columns), block.ys * (size[0] / rows)
        )
        grey = np.asarray(cv2.cvtColor(block.photo, cv2.COLOR_BGRA2GRAY), np.uint8)
        shape = (*values.shape, 4)
        heat = cv2.add(
            self._greys.take(grey).view(np.uint8).reshape(shape),
            self._colours.take(values).view(np.uint8).reshape(shape),
        )
        return self._lines.over_few(np.asarray(heat, np.uint8), self._contours.codes(block))


class ChangesLook:
    """Where two masks differ, coloured and hatched over a dimmed photo.

    Stripes rise where pixels became more of a pet and fall where they became less of one.

    Args:
        unit: device pixels of a thin line.
        before: uint8 (H, W).
        after: uint8 (H, W); the mask unless given.
    """

    reach = 0
    per_photo_pixel = False

    def __init__(self, unit: int, before: PixelArray, after: PixelArray | None = None) -> None:
        self._before = before
        self._after = after
        # A code is 4 × before + after, and 16 in the gaps of rising stripes, 32 in falling ones'.
        period = HATCH_PERIOD * unit
        gaps = (np.arange(period) < period // 2).astype(np.uint8)
        self._rising, self._falling = 16 * gaps, 32 * gaps
        ranks = {Label.UNLABELLED: 0, Label.BACKGROUND: 1, Label.BORDER: 2, Label.PET: 3}
        codes: dict[int, tuple[Colour, float]] = {}
        for code in range(64):
            gain = ranks[Label(code % 4)] - ranks[Label(code // 4 % 4)]
            if gain == 0:
                codes[code] = (_BLACK, 0.45)
            else:
                gap = code & (16 if gain > 0 else 32)
                codes[code] = (ADDED if gain > 0 else REMOVED, 0.4 if gap else 0.9)
        self._blend = Blend.of(codes)

    def paint(self, block: Block) -> PixelArray:
        """The differences."""
        codes = 4 * block.labels(self._before) + block.labels(self._after)
        codes += block.stripes(self._rising)
        codes += block.stripes(self._falling, falling=True)
        return self._blend.over(block.photo, codes)


def _disc(radius: int) -> PixelArray:
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


__all__ = ["MODES", "ONE", "Look", "Tints"]

"""Cleaning up a mask: each command says what it would change and what it leaves.

All of them move the outline between pet and background.  Where the mask has a border, the border
moves with the outline, near the places that move; see :mod:`petseg_gui.core.border`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from petseg_gui.core.border import Sides, border_width, difference, pet_window, sides, with_border
from petseg_gui.core.edits import bounds_of
from petseg_gui.core.mask import BoolArray, Patch
from petseg_gui.core.morphology import near, share_around

# A Gaussian of this share of the radius wipes out bumps and dents of about half the radius, and
# takes the edge off those that are as large.
_SMOOTHING = 0.75


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a command would do.

    Attributes:
        patch: what makes it so; None: nothing changes.
        regions: how many separate places change: holes filled, islands removed, or pieces of
            the outline moved.
        pixels: how many pixels change their class, those of the border included.
        kept: how many holes or islands stay because of their size.
        lost: how many separate pieces of pet vanish altogether, or holes close.
    """

    patch: Patch | None
    regions: int
    pixels: int
    kept: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """Which pixels change sides, bool (h, w), and what :class:`CleanUp` says of them."""

    flipped: BoolArray
    regions: int
    kept: int = 0
    lost: int = 0


def fill_holes(mask: MaskArray, largest: int) -> CleanUp:
    """Make holes in the pet part of it.

    A hole is a region without pet that touches neither the photo's edge nor, but for corners,
    the outside.  Pixels of it that are not labelled become pet as well.

    Args:
        mask: uint8 (H, W), values 0..3.
        largest: holes of more pixels stay.
    """

    def change(old: Sides) -> _Change:
        regions = _Regions.of(~old.pet, connectivity=4)
        holes = ~regions.at_edge()
        holes[0] = False
        filled = holes & (regions.areas <= largest)
        count = int(filled.sum())
        return _Change(regions.pixels(filled), count, int(holes.sum()) - count, count)

    return _made(mask, 1, change)


def remove_islands(mask: MaskArray, smallest: int) -> CleanUp:
    """Make separate pieces of pet background; the largest piece always stays.

    Args:
        mask: uint8 (H, W), values 0..3.
        smallest: islands of at least so many pixels stay.
    """

    def change(old: Sides) -> _Change:
        regions = _Regions.of(old.pet, connectivity=8)
        islands = np.ones(len(regions.areas), np.bool_)
        islands[0] = False
        if len(islands) > 1:
            islands[1 + int(np.argmax(regions.areas[1:]))] = False
        removed = islands & (regions.areas < smallest)
        count = int(removed.sum())
        return _Change(regions.pixels(removed), count, int(islands.sum()) - count, count)

    return _made(mask, 1, change)


def smooth_outline(mask: MaskArray, radius: float) -> CleanUp:
    """Even out dents and bumps of the outline.

    Separate pieces and holes that would vanish altogether stay as they are, and count as kept.

    Args:
        mask: uint8 (H, W), values 0..3.
        radius: in pixels; bumps and dents of half that size go, larger ones lose their edges.
    """

    def change(old: Sides) -> _Change:
        # Half of a Gaussian's weight lies on each side of a straight line: such a one stays.
        share = share_around(old.pet, max(_SMOOTHING * radius, 0.1))
        flipped = np.where(old.pet, share < 0.499, share > 0.501)
        flipped &= old.pet | old.background
        kept = 0
        for present, connectivity in ((old.pet, 8), (~old.pet, 4)):
            regions = _Regions.of(present, connectivity=connectivity)
            lost = regions.whole(flipped)
            flipped &= ~regions.pixels(lost)
            kept += int(lost.sum())
        return _Change(flipped, _count(flipped), kept)

    return _made(mask, radius, change)


def grow(mask: MaskArray, radius: float) -> CleanUp:
    """Move the outline outwards; holes close that are narrower than twice the radius.

    Args:
        mask: uint8 (H, W), values 0..3.
        radius: in pixels.
    """

    def change(old: Sides) -> _Change:
        flipped = near(old.pet, radius) & old.background
        lost = _Regions.of(~old.pet, connectivity=4).whole(flipped)
        return _Change(flipped, _count(flipped), lost=int(lost.sum()))

    return _made(mask, radius, change)


def shrink(mask: MaskArray, radius: float) -> CleanUp:
    """Move the outline inwards; pieces vanish that are narrower than twice the radius.

    The photo's edge is no outline: a pet that it cuts off does not move away from it.

    Args:
        mask: uint8 (H, W), values 0..3.
        radius: in pixels.
    """

    def change(old: Sides) -> _Change:
        flipped = near(old.background, radius) & old.pet
        lost = _Regions.of(old.pet, connectivity=8).whole(flipped)
        return _Change(flipped, _count(flipped), lost=int(lost.sum()))

    return _made(mask, radius, change)


def _made(mask: MaskArray, radius: float, change: Callable[[Sides], _Change]) -> CleanUp:
    """What a change of the sides, which reaches so far beyond the pet, makes of the mask."""
    width = border_width(mask.shape)
    window = pet_window(mask, width, radius)
    if window is None:
        return CleanUp(None, 0, 0)
    part = mask[window.slices]
    old = sides(part, width)
    made = change(old)
    moved = bounds_of(made.flipped)
    if moved is None:
        return CleanUp(None, 0, 0, made.kept)
    # Beyond this nothing changes, nor does what changes depend on more.
    close = moved.grown(int(width) + 4).clipped(window.width, window.height)
    inside = close.slices
    flipped, present = made.flipped[inside], part[inside]
    pet = old.pet[inside] ^ flipped
    outline = Sides(pet, (old.background[inside] | flipped) & ~pet)
    if bounds_of(part == Label.BORDER) is None:
        zone, wanted = flipped, with_border(present, outline, None)
    else:
        zone, wanted = near(flipped, width / 2 + 1), with_border(present, outline, width)
    rect = close.moved(window.x, window.y)
    patch = difference(rect, present, np.where(zone, wanted, present))
    pixels = 0 if patch is None else int(np.count_nonzero(patch.selection))
    return CleanUp(patch, made.regions, pixels, made.kept, made.lost)


@dataclass(frozen=True, slots=True)
class _Regions:
    """Connected regions, by number; number 0 is what lies in none.

    Attributes:
        labels: int32 (h, w), the number of each pixel's region.
        boxes: (n, 4) left, top, width and height.
        areas: (n,) pixels.
    """

    labels: npt.NDArray[np.int32]
    boxes: npt.NDArray[np.int32]
    areas: npt.NDArray[np.int64]

    @classmethod
    def of(cls, selection: BoolArray, *, connectivity: int) -> _Regions:
        _count, labels, stats, _centres = cv2.connectedComponentsWithStats(
            selection.view(np.uint8), connectivity=connectivity
        )
        areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
        return cls(np.asarray(labels, np.int32), np.asarray(stats[:, :4], np.int32), areas)

    def at_edge(self) -> BoolArray:
        """Which regions, (n,), touch an edge of the array."""
        result = np.zeros(len(self.areas), np.bool_)
        for line in (self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1]):
            result[line] = True
        return result

    def whole(self, selection: BoolArray) -> BoolArray:
        """Which regions, (n,), have all their pixels in a selection (h, w)."""
        hit = np.bincount(self.labels[selection], minlength=len(self.areas))
        result = np.equal(hit, self.areas)
        result[0] = False
        return result

    def pixels(self, chosen: BoolArray) -> BoolArray:
        """The pixels (h, w) of the chosen regions, (n,)."""
        result = np.zeros(self.labels.shape, np.bool_)
        for number in np.flatnonzero(chosen).tolist():
            x, y, width, height = self.boxes[number].tolist()
            inside = np.s_[y : y + height, x : x + width]
            result[inside] |= self.labels[inside] == number
        return result


def _count(selection: BoolArray) -> int:
    """How many connected regions are selected."""
    bounds = bounds_of(selection)
    if bounds is None:
        return 0
    part = np.ascontiguousarray(selection[bounds.slices])
    count, _ = cv2.connectedComponents(part.view(np.uint8), connectivity=8)
    return int(count) - 1

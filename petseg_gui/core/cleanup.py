"""Cleaning up a mask: each command says what it would change and what it leaves.

All of them move the outline between pet and background.  Where the mask has a border, the border
moves with the outline; see :mod:`petseg_gui.core.border`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from petseg_gui.core.border import Sides, border_width, difference, sides, with_border
from petseg_gui.core.mask import BoolArray, Patch, Rect
from petseg_gui.core.morphology import near


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a command would do.

    Attributes:
        patch: what makes it so; None: nothing changes.
        regions: how many separate places change: holes filled, islands removed, or pieces of
            the outline moved.
        pixels: how many pixels change their class.
        kept: how many holes or islands stay because of their size.
    """

    patch: Patch | None
    regions: int
    pixels: int
    kept: int = 0


def fill_holes(mask: MaskArray, largest: int) -> CleanUp:
    """Make holes in the pet part of it.

    A hole is a region without pet that touches neither the photo's edge nor, but for corners,
    the outside.

    Args:
        mask: uint8 (H, W), values 0..3.
        largest: holes of more pixels stay.
    """
    old = sides(mask, border_width(mask.shape))
    labels, areas, at_edge = _regions(~old.pet, connectivity=4)
    holes = ~at_edge
    holes[0] = False
    filled = holes & (areas <= largest)
    return _moved(mask, old, filled[labels], int(filled.sum()), int((holes & ~filled).sum()))


def remove_islands(mask: MaskArray, smallest: int) -> CleanUp:
    """Make separate pieces of pet background; the largest piece always stays.

    Args:
        mask: uint8 (H, W), values 0..3.
        smallest: islands of at least so many pixels stay.
    """
    old = sides(mask, border_width(mask.shape))
    labels, areas, _ = _regions(old.pet, connectivity=8)
    islands = np.ones(len(areas), np.bool_)
    islands[0] = False
    if len(areas) > 1:
        islands[1 + int(np.argmax(areas[1:]))] = False
    removed = islands & (areas < smallest)
    return _moved(mask, old, removed[labels], int(removed.sum()), int((islands & ~removed).sum()))


def smooth_outline(mask: MaskArray, radius: float) -> CleanUp:
    """Even out dents and bumps smaller than the radius, in pixels.

    Islands and holes that would vanish altogether stay as they are, and are counted as kept.
    """
    old = sides(mask, border_width(mask.shape))
    blurred = cv2.GaussianBlur(
        old.pet.astype(np.float32), (0, 0), max(radius, 0.1) / 2, borderType=cv2.BORDER_REPLICATE
    )
    smooth = blurred > 0.5
    kept = 0
    for was, connectivity in ((old.pet, 8), (~old.pet, 4)):
        labels, _, _ = _regions(was, connectivity=connectivity)
        present = smooth if was is old.pet else ~smooth
        lost = np.ones(int(labels.max()) + 1, np.bool_)
        lost[labels[present & was]] = False
        lost[0] = False
        kept += int(lost.sum())
        smooth = np.where(lost[labels], old.pet, smooth)
    return _counted(mask, old, smooth != old.pet, kept)


def grow(mask: MaskArray, radius: float) -> CleanUp:
    """Move the outline outwards by a radius in pixels."""
    old = sides(mask, border_width(mask.shape))
    return _counted(mask, old, near(old.pet, radius) & old.background, 0)


def shrink(mask: MaskArray, radius: float) -> CleanUp:
    """Move the outline inwards by a radius in pixels; the photo's edge is no outline."""
    old = sides(mask, border_width(mask.shape))
    return _counted(mask, old, near(old.background, radius) & old.pet, 0)


def _counted(mask: MaskArray, old: Sides, flipped: BoolArray, kept: int) -> CleanUp:
    regions, _ = cv2.connectedComponents(flipped.view(np.uint8), connectivity=8)
    return _moved(mask, old, flipped, regions - 1, kept)


def _moved(mask: MaskArray, old: Sides, flipped: BoolArray, regions: int, kept: int) -> CleanUp:
    """The clean-up that gives the flipped pixels, bool (H, W), to the other side."""
    if not flipped.any():
        return CleanUp(None, 0, 0, kept)
    pet = old.pet ^ flipped
    outline = Sides(pet, (old.background | flipped) & ~pet)
    if np.any(mask == Label.BORDER):
        width = border_width(mask.shape)
        zone = near(flipped, width / 2 + 1)
        wanted = np.where(zone, with_border(mask, outline, width), mask)
    else:
        new = np.where(pet, np.uint8(Label.PET), np.uint8(Label.BACKGROUND))
        wanted = np.where(flipped, new, mask)
    patch = difference(Rect(0, 0, mask.shape[1], mask.shape[0]), mask, wanted)
    pixels = 0 if patch is None else int(np.count_nonzero(patch.selection))
    return CleanUp(patch, regions, pixels, kept)


def _regions(
    selection: BoolArray, *, connectivity: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], BoolArray]:
    """Connected regions: number of each pixel's (0: none), their areas, whether at the edge."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        selection.view(np.uint8), connectivity=connectivity
    )
    at_edge = np.zeros(count, np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_edge[line] = True
    return np.asarray(labels, np.int32), stats[:, cv2.CC_STAT_AREA].astype(np.int64), at_edge

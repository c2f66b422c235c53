"""The border class, laid along the pet's outline.

The outline runs between pet and background.  A border that is there already is divided first,
each pixel to the nearer side; where pet or background is so thin that the border has swallowed
it, what lies deeper in the border than half its width is given back to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.edits import bounds_of
from petseg_gui.core.mask import BoolArray, Patch, Rect
from petseg_gui.core.morphology import distance_to, edge_between, near, opened
from petseg_gui.core.session import EditSession

_SHARE = 0.02

_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Sides:
    """What the outline runs between.

    Attributes:
        pet: bool (h, w).
        background: bool (h, w); what is in neither is not labelled.
    """

    pet: BoolArray
    background: BoolArray


def border_width(shape: tuple[int, int]) -> float:
    """How wide the border is in a photo of that size (rows, columns), in photo pixels."""
    return max(_SHARE * math.sqrt(shape[0] * shape[1]), 2.0)


def border_patch(mask: MaskArray, width: float | None = None) -> Patch | None:
    """The border along the pet's outline in the whole photo.

    Laid on a mask that has just such a border already it changes nothing.  There is none along
    the edge of the photo, and pixels that are not labelled stay so.

    Args:
        mask: uint8 (H, W), values 0..3.
        width: of the border, in pixels; None: :func:`border_width`.

    Returns:
        What makes the border so; None when it is so, or there is no outline.
    """
    width = border_width(mask.shape) if width is None else width
    relevant = bounds_of((mask == Label.PET) | (mask == Label.BORDER))
    if relevant is None:
        return None
    window = relevant.grown(math.ceil(4 * width) + 4).clipped(mask.shape[1], mask.shape[0])
    part = mask[window.slices]
    laid = part
    for _ in range(_MOST_ROUNDS):
        if _is_laid(laid, width):
            break
        following = with_border(laid, sides(laid, width), width)
        if np.array_equal(following, laid):
            break
        laid = following
    return difference(window, part, laid)


def kept_border_patch(session: EditSession, width: float | None = None) -> Patch | None:
    """What the open gesture has to change besides, so that the border follows the outline.

    The outline is that of the mask before the gesture with what the gesture painted laid over
    it.  The border is laid anew near the pixels that the gesture changed and nowhere else.
    Border that the gesture itself painted stays.

    Args:
        session: with a gesture open.
        width: of the border, in pixels; None: :func:`border_width`.

    Returns:
        A patch to paint in the same gesture; None when nothing is to be done.
    """
    if session.changed is None:
        return None
    width = border_width(session.shape) if width is None else width
    window = session.changed.grown(math.ceil(4 * width) + 4).clipped(*session.shape[::-1])
    now, before = session.view()[window.slices], session.before(window)
    painted = now != before
    zone = near(painted, width / 2 + 1) & ~(painted & (now == Label.BORDER))
    old = sides(before, width)
    drawn = painted & (now != Label.BORDER)
    outline = Sides(
        np.where(drawn, now == Label.PET, old.pet),
        np.where(drawn, now == Label.BACKGROUND, old.background),
    )
    laid = np.where(zone, with_border(now, outline, width), now)
    return difference(window, now, laid)


def sides(mask: MaskArray, width: float) -> Sides:
    """Pet and background of a mask, its border of about that width divided between them.

    Args:
        mask: uint8 (h, w), values 0..3.
        width: of the border, in pixels.
    """
    pet, background = mask == Label.PET, mask == Label.BACKGROUND
    border = mask == Label.BORDER
    bounds = bounds_of(border)
    if bounds is None or not (pet.any() or background.any()):
        return Sides(pet, background)
    # Distances in the border depend on nothing that lies outside this window.
    window = bounds.grown(math.ceil(4 * width) + 4).clipped(mask.shape[1], mask.shape[0])
    inner = window.slices
    to_pet = distance_to(pet[inner], exact=False)
    to_background = distance_to(background[inner], exact=False)
    nearer_pet = to_pet <= to_background
    deep = border[inner] & (np.minimum(to_pet, to_background) > width / 2 + 0.75)
    if deep.any():
        thin_pet = deep & ~nearer_pet & ~opened(~background[inner], width)
        thin_background = deep & nearer_pet & ~opened(~pet[inner], width)
        nearer_pet = (nearer_pet | thin_pet) & ~thin_background
    pet[inner] |= border[inner] & nearer_pet
    background[inner] |= border[inner] & ~nearer_pet
    return Sides(pet, background)


def with_border(mask: MaskArray, outline: Sides, width: float) -> MaskArray:
    """The mask of these sides with a border of that width between them.

    Args:
        mask: uint8 (h, w): keeps its values where the sides hold neither.
        outline: pet and background.
        width: of the border, in pixels.

    Returns:
        uint8 (h, w), new.
    """
    labelled = outline.pet | outline.background
    result = np.where(outline.pet, np.uint8(Label.PET), np.uint8(Label.BACKGROUND))
    # Half a pixel lies between the outline and the pixels beside it.
    ring = near(edge_between(outline.pet, outline.background), width / 2 - 0.5)
    result[ring] = Label.BORDER
    return np.where(labelled, result, mask)


def difference(window: Rect, present: MaskArray, wanted: MaskArray) -> Patch | None:
    """The patch that makes the present values of a window, uint8 (h, w), those that are wanted."""
    changed = present != wanted
    bounds = bounds_of(changed)
    if bounds is None:
        return None
    x, y = window.x + bounds.x, window.y + bounds.y
    return Patch(x, y, changed[bounds.slices], wanted[bounds.slices].copy())


def _is_laid(mask: MaskArray, width: float) -> bool:
    """Whether a border of that width already runs all along the outline.

    A border that :func:`with_border` laid passes: two discs that hold no edge, each round a pixel
    of another side, cannot overlap by a pixel's diagonal, so the sides are this far apart.
    """
    pet, background = mask == Label.PET, mask == Label.BACKGROUND
    apart = max(width - 1 - math.sqrt(2), 1.0)
    if np.any(pet & near(background, apart)):
        return False
    border = mask == Label.BORDER
    return not np.any(border & ~near(pet | background, width + 2))

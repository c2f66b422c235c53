"""The border class, laid along the pet's outline.

The outline runs between pet and background.  A border that is there already is divided first,
each pixel to the nearer side; where pet or background is so thin that the border has swallowed
it, what lies deeper in the border than half its width is given back to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.edits import bounds_of
from petseg_gui.core.mask import BoolArray, Patch, Rect
from petseg_gui.core.morphology import FloatArray, distance_to, edge_between, near, opened
from petseg_gui.core.session import EditSession

# Median of the true trimaps of the Oxford-IIIT Pet set (330 photos of its train split):
# benchmarks/border_width.py measures it and prints what follows.  The width grows with the photo
# (about 9, 14.5 and 20 pixels at 270, 410 and 480 pixels of sqrt(H*W)), with the power 0.9 of
# sqrt(H*W).  As a share of sqrt(H*W) its quartiles lie 32 % of the median apart; as a share of
# the longer side 42 %, in pixels 66 %.
_SHARE = 0.035

# A border narrower than two pixels cannot lie on both sides of the outline.
_LEAST = 2.0

# Where outlines are sought and checked, not laid, a sixteenth of the width is near enough.
_STEPS = 16

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
    return max(_SHARE * math.sqrt(shape[0] * shape[1]), _LEAST)


def border_patch(mask: MaskArray, width: float | None = None) -> Patch | None:
    """The border along the pet's outline in the whole photo.

    Laid on a mask that has just such a border already it changes nothing.  There is none along
    the edge of the photo, and pixels that are not labelled stay so.

    Args:
        mask: uint8 (H, W), values 0..3.
        width: of the border, in pixels, at least 2; None: :func:`border_width`.

    Returns:
        What makes the border so; None when it is so, or there is no outline.
    """
    width = border_width(mask.shape) if width is None else max(width, _LEAST)
    window = pet_window(mask, width)
    if window is None:
        return None
    part = laid = mask[window.slices]
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
        width: of the border, in pixels, at least 2; None: :func:`border_width`.

    Returns:
        A patch to paint in the same gesture; None when nothing is to be done.
    """
    if session.changed is None:
        return None
    width = border_width(session.shape) if width is None else max(width, _LEAST)
    # The border changes as far from the painted pixels as it is wide on one side, and that
    # depends on the outline as far away again.
    close = session.changed.grown(math.ceil(width) + 3).clipped(*session.shape[::-1])
    window = _window(close, width, session.shape)
    inside = close.moved(-window.x, -window.y)
    earlier = session.before(window)
    old = sides(earlier, width, inside)
    now, before = session.view()[close.slices], earlier[inside.slices]
    painted = now != before
    by_hand = painted & (now == Label.BORDER)
    drawn = painted & ~by_hand
    outline = Sides(
        np.where(drawn, now == Label.PET, old.pet),
        np.where(drawn, now == Label.BACKGROUND, old.background),
    )
    zone = near(painted, width / 2 + 1) & ~by_hand
    return difference(close, now, np.where(zone, with_border(now, outline, width), now))


def sides(mask: MaskArray, width: float, part: Rect | None = None) -> Sides:
    """Pet and background of a mask, its border of about that width divided between them.

    Args:
        mask: uint8 (h, w), values 0..3; a window of a photo begins at a multiple of
            :func:`step` in it, so that it is divided as the whole photo is.
        width: of the border, in pixels.
        part: of the mask, where the sides are wanted; None: everywhere.

    Returns:
        The sides, of the shape of that part.
    """
    part = Rect(0, 0, mask.shape[1], mask.shape[0]) if part is None else part
    wanted = mask[part.slices]
    pet, background = wanted == Label.PET, wanted == Label.BACKGROUND
    border = wanted == Label.BORDER
    bounds = bounds_of(border)
    if bounds is None:
        return Sides(pet, background)
    inside = bounds.slices
    towards = _towards_pet(mask, bounds.moved(part.x, part.y), width)
    if towards is not None:
        pet[inside] |= border[inside] & (towards >= 0)
        background[inside] |= border[inside] & (towards < 0)
    return Sides(pet, background)


def step(width: float) -> int:
    """How far apart, in pixels, a border of that width is sampled to divide it; an odd number."""
    return max(int(width / _STEPS) - 1, 0) // 2 * 2 + 1


def _towards_pet(mask: MaskArray, rect: Rect, width: float) -> FloatArray | None:
    """How much nearer the pixels of a part are to pet than to background.

    Args:
        mask: uint8 (h, w); see :func:`sides`.
        rect: the part of it.
        width: of the border, in pixels.

    Returns:
        float32 of the part's shape, above or below 0; None: neither is anywhere near.
    """
    every = step(width)
    window = _window(rect, width, mask.shape)
    samples = mask[window.slices][every // 2 :: every, every // 2 :: every]
    # A side's pixels beside the outline lie so deep in a border that has swallowed them: half its
    # width, which is a whole number of pixels, and half the way from one pixel to the next.
    depth = math.floor(width / 2 - 0.5) + 1.5 if every == 1 else width / 2 / every + 0.5
    towards = _sampled(samples, width / every, depth)
    top, left = rect.y - window.y, rect.x - window.x
    if towards is None or every == 1:
        inner = np.s_[top : top + rect.height, left : left + rect.width]
        return None if towards is None else towards[inner]
    # The samples that the part's pixels lie between.  The last squares may be cut off by the
    # photo and have no sample: there the last one goes on.
    rows = np.arange(top // every - 1, (top + rect.height) // every + 2)
    columns = np.arange(left // every - 1, (left + rect.width) // every + 2)
    around = towards[
        np.clip(rows, 0, towards.shape[0] - 1)[:, None], np.clip(columns, 0, towards.shape[1] - 1)
    ]
    size = (len(columns) * every, len(rows) * every)
    finer = cv2.resize(around, size, interpolation=cv2.INTER_LINEAR)
    top, left = top - int(rows[0]) * every, left - int(columns[0]) * every
    return np.asarray(finer[top : top + rect.height, left : left + rect.width], np.float32)


def _sampled(mask: MaskArray, width: float, depth: float) -> FloatArray | None:
    """How much nearer every pixel, (h, w), is to pet than to background; None: there is neither.

    Where the one or the other is so thin that a border of that width has swallowed it, what lies
    as deep as that in the border counts as what was swallowed.
    """
    pet, background = mask == Label.PET, mask == Label.BACKGROUND
    if not (pet.any() or background.any()):
        return None
    far = np.float32(sum(mask.shape) + width)
    to_pet = np.minimum(distance_to(pet, exact=False), far)
    to_background = np.minimum(distance_to(background, exact=False), far)
    towards = np.asarray(to_background - to_pet, np.float32)
    deep = (np.minimum(to_pet, to_background) > depth) & (mask == Label.BORDER)
    if deep.any():
        thin_pet = deep & (towards < 0) & ~opened(~background, width)
        thin_background = deep & (towards >= 0) & ~opened(~pet, width)
        towards[thin_pet] = (to_background - depth)[thin_pet]
        towards[thin_background] = (depth - to_pet)[thin_background]
    return towards


def with_border(mask: MaskArray, outline: Sides, width: float | None) -> MaskArray:
    """The mask of these sides with a border of that width between them.

    Args:
        mask: uint8 (h, w): keeps its values where the sides hold neither.
        outline: pet and background.
        width: of the border, in pixels; None: there is none.

    Returns:
        uint8 (h, w), new.
    """
    result = mask.copy()
    np.copyto(result, np.uint8(Label.PET), where=outline.pet)
    np.copyto(result, np.uint8(Label.BACKGROUND), where=outline.background)
    if width is None:
        return result
    # Half a pixel lies between the outline and the pixels beside it.
    ring = near(edge_between(outline.pet, outline.background), width / 2 - 0.5)
    ring &= outline.pet | outline.background
    np.copyto(result, np.uint8(Label.BORDER), where=ring)
    return result


def difference(window: Rect, present: MaskArray, wanted: MaskArray) -> Patch | None:
    """The patch that makes the present values of a window, uint8 (h, w), those that are wanted."""
    changed = present != wanted
    bounds = bounds_of(changed)
    if bounds is None:
        return None
    x, y = window.x + bounds.x, window.y + bounds.y
    return Patch(x, y, changed[bounds.slices], wanted[bounds.slices].copy())


def pet_window(mask: MaskArray, width: float, margin: float = 0.0) -> Rect | None:
    """The part of a mask in which there is pet or border, and what its outlines depend on.

    Args:
        mask: uint8 (H, W), values 0..3.
        width: of the border, in pixels.
        margin: pixels more on each side.

    Returns:
        The rectangle, which :func:`sides` divides as it does the whole; None: there is neither.
    """
    held = bounds_of((mask & 1).view(np.bool_))  # pet is 1, border 3
    if held is None:
        return None
    return _window(held.grown(math.ceil(margin)), width, mask.shape)


def _window(rect: Rect, width: float, shape: tuple[int, ...]) -> Rect:
    """The rectangle with all that the division of a border in it can depend on.

    It begins at whole steps from the photo's corner.
    """
    every = step(width)
    grown = rect.grown(math.ceil(4 * width) + 4)
    x, y = max(grown.x // every, 0) * every, max(grown.y // every, 0) * every
    return Rect(x, y, min(grown.right, shape[1]) - x, min(grown.bottom, shape[0]) - y)


def _is_laid(mask: MaskArray, width: float) -> bool:
    """Whether a border of that width already runs all along the outline.

    A border that :func:`with_border` laid passes.  Round a pixel of either side it has left lies
    a disc of half the width without an edge; two such discs, of different sides, cannot overlap
    by more than a pixel's diagonal.
    """
    every = step(width)
    # Which classes each square of pixels holds; distances between squares are that uncertain.
    held = _held(mask, every)
    pet, background = (held & (1 << Label.PET)) > 0, (held & (1 << Label.BACKGROUND)) > 0
    slack = (every - 1) * math.sqrt(2)
    apart = max(width - 1 - math.sqrt(2) - slack, 1.0) / every
    # Of what is not labelled nobody knows to which side it belongs: across it there is no edge,
    # so near it the sides may lie closer, as long as they do not touch.
    unknown = (held & (1 << Label.UNLABELLED)) > 0
    if np.any(pet & ~unknown & near(background & ~unknown, 1.0)):
        return False
    if np.any(pet & ~near(unknown, apart) & near(background, apart)):
        return False
    core = pet | background
    border = mask[every // 2 :: every, every // 2 :: every] == Label.BORDER
    reach = near(core, (width + 2 + slack) / every)[: border.shape[0], : border.shape[1]]
    return not np.any(border & ~reach)


def _held(mask: MaskArray, every: int) -> MaskArray:
    """For each square of so many pixels, the sum of 1 << value over the values that it holds."""
    bits = (np.uint8(1) << mask).astype(np.uint8)
    for axis in (0, 1):
        if every > 1:
            starts = np.arange(0, bits.shape[axis], every)
            bits = np.bitwise_or.reduceat(bits, starts, axis=axis)
    return bits

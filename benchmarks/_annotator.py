"""A simulated annotator: what it does to a mask, action by action, until the mask is good.

Border pixels of the truth count neither way, in the errors as in the pet's IoU.  The annotator
takes the largest connected error region (8-connected; pet that is missing and pet that is too
much are regions apart) and acts at its deepest point: the pixel farthest from the region's edge,
the photo's edge included.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import _support  # noqa: F401  (a checkout that is not installed finds the packages)
import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Mask, Patch
from petseg_gui.core.smart import SmartSelection, SmartStroke

MOST_ACTIONS = 50
_LARGEST_BRUSH = 2000.0  # the product's, in photo pixels


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the annotator acts next: a pixel, and the class that it should have."""

    x: int
    y: int
    label: Label


@dataclass(slots=True)
class Photo:
    """What the annotator knows of one photo.

    Attributes:
        photo: uint8 (H, W, 3).
        truth: uint8 (H, W), the true trimap.
        probabilities: uint8 (S, S, 3).
        changes: filled on the way: change of the pet's IoU by each smart-select click tried.
    """

    photo: npt.NDArray[np.uint8]
    truth: MaskArray
    probabilities: npt.NDArray[np.uint8]
    changes: list[float] = field(default_factory=list)
    _room: dict[Label, npt.NDArray[np.float32]] = field(default_factory=dict)

    def room(self, label: Label) -> npt.NDArray[np.float32]:
        """Distance of every pixel to the nearest that should have the other class, (H, W)."""
        if label not in self._room:
            other = Label.BACKGROUND if label == Label.PET else Label.PET
            allowed = self.truth != other
            self._room[label] = (
                np.full(self.truth.shape, _LARGEST_BRUSH, np.float32)
                if allowed.all()
                else _depth(allowed)
            )
        return self._room[label]


def pet_iou(mask: MaskArray, truth: MaskArray) -> float:
    """IoU of the pet where the truth is pet or background; NaN without any pet."""
    known = (truth == Label.PET) | (truth == Label.BACKGROUND)
    found, true = (mask == Label.PET) & known, truth == Label.PET
    either = int((found | true).sum())
    return int((found & true).sum()) / either if either else math.nan


def _depth(region: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    found = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found, np.float32)


def next_spot(mask: MaskArray, truth: MaskArray) -> Spot | None:
    """The deepest point of the largest error region; None when there is no error."""
    largest, spot = 0, None
    pet = mask == Label.PET
    for label, wrong in (
        (Label.PET, (truth == Label.PET) & ~pet),
        (Label.BACKGROUND, (truth == Label.BACKGROUND) & pet),
    ):
        count, parts, stats, _centres = cv2.connectedComponentsWithStats(
            wrong.astype(np.uint8), connectivity=8
        )
        if count < 2:
            continue
        number = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        x, y, width, height, area = (int(value) for value in stats[number])
        if area > largest:
            region = np.pad(parts[y : y + height, x : x + width] == number, 1)
            row, column = np.unravel_index(int(np.argmax(_depth(region))), region.shape)
            largest, spot = area, Spot(x + int(column) - 1, y + int(row) - 1, label)
    return spot


def _applied(mask: MaskArray, patch: Patch | None) -> MaskArray:
    changed = Mask(mask)
    if patch is not None:
        changed.apply(patch)
    return changed.view()


def brush(known: Photo, mask: MaskArray, spot: Spot) -> MaskArray:
    """The largest disc there that stays within what should have that class or is border."""
    radius = float(known.room(spot.label)[spot.y, spot.x]) - 0.01
    diameter = min(max(2 * radius, 1.0), _LARGEST_BRUSH)
    return _applied(
        mask, stroke([(spot.x + 0.5, spot.y + 0.5)], diameter, int(spot.label), mask.shape)
    )


def smart(known: Photo, mask: MaskArray, spot: Spot) -> MaskArray:
    """One click of smart select there, for the class that the pixel should have."""
    selection = SmartSelection(known.photo, mask, known.probabilities, int(spot.label))
    patch = selection.add(SmartStroke(((spot.x + 0.5, spot.y + 0.5),), True))
    after = _applied(mask, patch)
    known.changes.append(pet_iou(after, known.truth) - pet_iou(mask, known.truth))
    return after


def better(known: Photo, mask: MaskArray, spot: Spot) -> MaskArray:
    """The brush or smart select, whichever gives the higher IoU."""
    painted, selected = brush(known, mask, spot), smart(known, mask, spot)
    brush_wins = pet_iou(painted, known.truth) >= pet_iou(selected, known.truth)
    return painted if brush_wins else selected


def mended(mask: MaskArray, truth: MaskArray, spot: Spot) -> MaskArray:
    """The mask with the whole error region there put right: what no tool can know."""
    pet = mask == Label.PET
    wrong = (truth == spot.label) & (pet != (spot.label == Label.PET))
    _count, parts = cv2.connectedComponents(wrong.astype(np.uint8), connectivity=8)
    after = mask.copy()
    after[(parts == parts[spot.y, spot.x]) & wrong] = spot.label
    return after


Action = Callable[[Photo, MaskArray, Spot], MaskArray]


def annotate(known: Photo, start: MaskArray, act: Action, goal: float) -> list[float]:
    """The pet's IoU before the first action and after each, until the goal or the last one."""
    mask, course = start, [pet_iou(start, known.truth)]
    while course[-1] < goal and len(course) <= MOST_ACTIONS:
        spot = next_spot(mask, known.truth)
        if spot is None:
            break
        mask = act(known, mask, spot)
        course.append(pet_iou(mask, known.truth))
    return course


def actions_until(course: list[float], goal: float) -> int:
    """How many actions it took to reach the goal; ``MOST_ACTIONS`` when they did not."""
    reached = (number for number, value in enumerate(course) if value >= goal)
    return next(reached, MOST_ACTIONS)

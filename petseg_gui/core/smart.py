"""Smart select: a click, a rough stroke or a box becomes the region that the photo suggests.

A click or a stroke is worked out on a small picture of the photo: per pixel, how the mask, the
model's probabilities and the photo's colours and edges lie between the pixel and the gesture
(:mod:`petseg_gui.core.smart_features`) is turned into the odds that the gesture means that pixel
(:mod:`petseg_gui.core.smart_reach`), and what hangs together with the gesture is selected.  A
box, and any gesture on a photo without a prediction, is cut out with GrabCut on a window
(:mod:`petseg_gui.core.smart_cut`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import NUM_CLASSES, Label, MaskArray
from petseg_gui.core.brush import stroke as brush_stroke
from petseg_gui.core.mask import BoolArray, Patch, Rect
from petseg_gui.core.smart_cut import cut
from petseg_gui.core.smart_features import colours
from petseg_gui.core.smart_reach import enlarged, reach
from petseg_gui.core.smart_scene import Picture, small_mask

_WINDOW = 0.2  # how far a cut reaches beyond the gesture, of the photo's longer side
_BOX_MARGIN = 0.15  # how far its window reaches beyond a box, of the box's longer side


@dataclass(frozen=True, slots=True)
class SmartStroke:
    """One gesture of the smart select tool.

    Attributes:
        points: (x, y) in photo coordinates, at least one: a click is one point, a rough stroke
            its line, a box any points whose bounding rectangle is the box.
        include: the class under work belongs here; False: it does not.
        box: the points span a box.
    """

    points: tuple[tuple[float, float], ...]
    include: bool
    box: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """What one gesture has led to: the selection so far, cropped, and it as a patch."""

    stroke: SmartStroke
    patch: Patch | None


class SmartSelection:
    """A region that grows from gestures, and a patch that gives it one label.

    The first gesture says which: the class under work, or, when it excludes, the other one
    (background; for background, pet).  Later gestures of the same kind add to the region, those
    of the other kind cut away from it, and nothing else changes.  Every pixel under a gesture
    goes its way, whatever the photo suggests.

    Args:
        photo: uint8 (H, W, 3), RGB; neither copied nor changed.
        mask: uint8 (H, W), values 0..3, as it is when the selection begins; not changed.
        probabilities: uint8 (S, S, 3), 255 × the model's class probabilities in the order of
            ``CLASSES``; None where there is no prediction.
        label: the class under work, 1..3.
        settle_border: border of the mask that a gesture for pet touches is divided: what model
            and colours hold for pet becomes pet, the whole stretch along.

    Raises:
        ValueError: the arrays do not fit each other, or the label is none of the classes.
    """

    def __init__(
        self,
        photo: npt.NDArray[np.uint8],
        mask: MaskArray,
        probabilities: npt.NDArray[np.uint8] | None,
        label: int,
        *,
        settle_border: bool = True,
    ) -> None:
        if photo.shape != (*mask.shape, 3) or mask.size == 0:
            raise ValueError(f"a photo {photo.shape} does not go with a mask {mask.shape}")
        if probabilities is not None and probabilities.shape[2:] != (NUM_CLASSES,):
            raise ValueError(f"probabilities are (S, S, {NUM_CLASSES}), not {probabilities.shape}")
        if label not in (Label.PET, Label.BACKGROUND, Label.BORDER):
            raise ValueError(f"a class is 1 to 3, not {label}")
        self._photo = photo
        self._mask = mask
        self._probabilities = probabilities
        self._label = Label(label)
        self._settle_border = settle_border
        self._steps: list[_Step] = []
        self._picture: Picture | None = None

    @property
    def strokes(self) -> tuple[SmartStroke, ...]:
        """The gestures so far, oldest first."""
        return tuple(step.stroke for step in self._steps)

    def add(self, stroke: SmartStroke) -> Patch | None:
        """Take a gesture in.

        Returns:
            The whole selection so far: the pixels that get another label, and those under the
            gestures; None when no pixel of the photo is in it.

        Raises:
            ValueError: the gesture has no points, or one that is not finite.
        """
        if not stroke.points:
            raise ValueError("a gesture needs at least one point")
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in stroke.points):
            raise ValueError("a gesture's points are finite numbers")
        before = self._steps[-1].patch if self._steps else None
        strokes = (*self.strokes, stroke)
        patch = self._after(strokes, before)
        self._steps.append(_Step(stroke, patch))
        return patch

    def undo(self) -> Patch | None:
        """Take the last gesture back; return the selection before it, None when none is left."""
        if self._steps:
            self._steps.pop()
        return self._steps[-1].patch if self._steps else None

    def _after(self, strokes: tuple[SmartStroke, ...], before: Patch | None) -> Patch | None:
        """The selection with the last of the gestures, from the one without it."""
        adds = strokes[-1].include == strokes[0].include
        value = self._label if strokes[0].include else other(self._label)
        selected = np.zeros(self._mask.shape, np.bool_)
        if before is not None:
            rows, columns = before.selection.shape
            selected[before.y : before.y + rows, before.x : before.x + columns] = before.selection
        seeds = self._seeds(strokes[-1])
        if adds:
            there = selected | (self._mask == value)
            rect, found = self._found(strokes[-1], value, there, seeds)
            part = selected[rect.y : rect.bottom, rect.x : rect.right]
            part |= found & (self._mask[rect.y : rect.bottom, rect.x : rect.right] != value)
        elif before is not None:
            rect, found = self._found(strokes[-1], other(value), ~selected, seeds)
            part = selected[rect.y : rect.bottom, rect.x : rect.right]
            part &= ~found
        for stroke in strokes:
            _paint(selected, self._seeds(stroke), stroke.include == strokes[0].include)
        return _cropped(selected, int(value))

    def _seeds(self, stroke: SmartStroke) -> Patch | None:
        """The pixels under a gesture that are sure; a box holds none."""
        if stroke.box:
            return None
        return brush_stroke(stroke.points, 1.0, 1, self._mask.shape)

    def _found(
        self, stroke: SmartStroke, value: Label, there: BoolArray, seeds: Patch | None
    ) -> tuple[Rect, BoolArray]:
        """What a gesture means: a rectangle of the photo and bool of its size."""
        if not stroke.box and seeds is None:  # wholly outside the photo
            return Rect(0, 0, 0, 0), np.zeros((0, 0), np.bool_)
        if stroke.box or self._probabilities is None:
            return self._cut(stroke, value, there, seeds)
        if self._picture is None:
            self._picture = Picture.of(self._photo, self._probabilities)
        picture = self._picture
        assert seeds is not None
        small_there = small_mask(there.astype(np.uint8), picture.size).astype(np.bool_)
        values = small_mask(self._mask, picture.size)
        spots = _shrunk(seeds, self._mask.shape, picture.size)
        settle = self._settle_border
        odds = reach(picture, value, small_there & ~spots, values, spots, settle=settle)
        return enlarged(odds, self._mask.shape)

    def _cut(
        self, stroke: SmartStroke, value: Label, there: BoolArray, seeds: Patch | None
    ) -> tuple[Rect, BoolArray]:
        height, width = self._mask.shape
        xs, ys = [x for x, _ in stroke.points], [y for _, y in stroke.points]
        margin = _WINDOW * max(height, width)
        if stroke.box:
            margin = max(_BOX_MARGIN * max(max(xs) - min(xs), max(ys) - min(ys)), 2.0)
        rect = _around(xs, ys, margin).clipped(width, height)
        if rect.empty:
            return rect, np.zeros((0, 0), np.bool_)
        inside = np.s_[rect.y : rect.bottom, rect.x : rect.right]
        yes = np.zeros((rect.height, rect.width), np.bool_)
        if seeds is not None:
            whole = np.zeros(self._mask.shape, np.bool_)
            _paint(whole, seeds, True)
            yes = whole[inside]
        no = np.zeros_like(yes)
        likely = there[inside] | yes
        if stroke.box:
            box = _around(xs, ys, 0.0).clipped(width, height)
            no[:] = True
            no[box.y - rect.y : box.bottom - rect.y, box.x - rect.x : box.right - rect.x] = False
            likely = ~no & self._likely(value, rect)
        found = cut(self._photo[inside], likely, yes, no)
        # Where colours and edges tell nothing apart, the box is what the person meant.
        return rect, found if found.any() else ~no

    def _likely(self, value: Label, rect: Rect) -> BoolArray:
        """Where the model, or without one nothing, speaks for the class: bool of the rect."""
        everywhere = np.ones((rect.height, rect.width), np.bool_)
        if self._probabilities is None or value == Label.BORDER:
            return everywhere
        height, width = self._mask.shape
        rows, columns, _ = self._probabilities.shape
        ys = (np.arange(rect.y, rect.bottom) * rows) // height
        xs = (np.arange(rect.x, rect.right) * columns) // width
        known = self._probabilities[np.ix_(ys, xs)]
        against = Label.BACKGROUND if value == Label.PET else Label.PET
        found: BoolArray = known[..., value - 1] >= known[..., against - 1]
        # A model that sees nothing in the box is not asked: the box says that there is something.
        return found if found.mean() >= 0.1 else everywhere


def warm_up() -> None:
    """Have OpenCV make its colour tables before a click waits for them: 0.1 s, once."""
    colours(np.zeros((1, 1, 3), np.uint8))


def other(label: Label) -> Label:
    """The class that a pixel gets when it is not ``label``."""
    return Label.PET if label == Label.BACKGROUND else Label.BACKGROUND


def _around(xs: list[float], ys: list[float], margin: float) -> Rect:
    left, top = math.floor(min(xs) - margin), math.floor(min(ys) - margin)
    right, bottom = math.ceil(max(xs) + margin), math.ceil(max(ys) + margin)
    return Rect(left, top, max(right - left, 1), max(bottom - top, 1))


def _paint(area: BoolArray, patch: Patch | None, value: bool) -> None:
    if patch is not None:
        rows, columns = patch.selection.shape
        area[patch.y : patch.y + rows, patch.x : patch.x + columns][patch.selection] = value


def _shrunk(patch: Patch, shape: tuple[int, int], size: tuple[int, int]) -> BoolArray:
    """The small pixels that hold a selected one: bool (rows, columns) of ``size``."""
    rows, columns = np.nonzero(patch.selection)
    small = np.zeros((size[1], size[0]), np.bool_)
    small[(rows + patch.y) * size[1] // shape[0], (columns + patch.x) * size[0] // shape[1]] = True
    return small


def _cropped(selected: BoolArray, value: int) -> Patch | None:
    """The patch of the selected pixels, in their bounding box; None: there is none."""
    x, y, width, height = cv2.boundingRect(selected.view(np.uint8))
    if width == 0 or height == 0:
        return None
    return Patch(x, y, selected[y : y + height, x : x + width].copy(), value)

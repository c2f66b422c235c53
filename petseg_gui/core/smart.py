"""Smart select: a click, a rough stroke or a box becomes the region that the photo suggests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from petseg_gui.core.brush import stroke as brush_stroke
from petseg_gui.core.mask import BoolArray, Patch, Rect

Photo = npt.NDArray[np.uint8]


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


class SmartSelection:
    """A region that grows from gestures.

    Args:
        photo: uint8 (H, W, 3), RGB; not copied and not changed.
        mask: uint8 (H, W), values 0..3, as it is when the selection begins; not changed.
        probabilities: uint8 (S, S, 3), 255 × the model's class probabilities in the order of
            ``CLASSES``; None where there is no prediction.
        label: the class under work, 1..3.

    Raises:
        ValueError: photo and mask are not of one size, or the label is none of the classes.
    """

    def __init__(
        self,
        photo: Photo,
        mask: MaskArray,
        probabilities: npt.NDArray[np.uint8] | None,
        label: int,
    ) -> None:
        if photo.shape[:2] != mask.shape:
            raise ValueError(f"photo {photo.shape[:2]} and mask {mask.shape} differ in size")
        self._photo = photo
        self._mask = mask
        self._probabilities = probabilities
        self._label = Label(label)
        self._strokes: list[SmartStroke] = []
        self._patches: list[Patch | None] = []

    @property
    def strokes(self) -> tuple[SmartStroke, ...]:
        """The gestures so far, oldest first."""
        return tuple(self._strokes)

    def add(self, stroke: SmartStroke) -> Patch | None:
        """Take a gesture in; return the whole selection so far, None when it is empty."""
        if not stroke.points:
            raise ValueError("a gesture needs at least one point")
        self._strokes.append(stroke)
        self._patches.append(self._select())
        return self._patches[-1]

    def undo(self) -> Patch | None:
        """Take the last gesture back; return the selection before it, None when none is left."""
        if self._strokes:
            self._strokes.pop()
            self._patches.pop()
        return self._patches[-1] if self._patches else None

    def _select(self) -> Patch | None:
        height, width = self._mask.shape
        positive = self._strokes[0].include
        value = self._label if positive else _other(self._label)
        xs = [x for s in self._strokes for x, _ in s.points]
        ys = [y for s in self._strokes for _, y in s.points]
        reach = 0.2 * max(height, width)
        left, top = math.floor(min(xs) - reach), math.floor(min(ys) - reach)
        right, bottom = math.ceil(max(xs) + reach), math.ceil(max(ys) + reach)
        box = Rect(left, top, right - left, bottom - top).clipped(width, height)
        if box.empty:
            return None
        inside = np.s_[box.y : box.bottom, box.x : box.right]
        photo, mask = self._photo[inside], self._mask[inside]
        scale = min(1.0, 200 / max(box.width, box.height))
        size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
        small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        is_value = cv2.resize(
            (mask == value).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT
        )
        trimap = np.where(is_value > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        seeds = [
            (
                s.include == positive,
                brush_stroke(
                    [((x - box.x) * scale, (y - box.y) * scale) for x, y in s.points],
                    3,
                    1,
                    (size[1], size[0]),
                ),
            )
            for s in self._strokes
            if not s.box
        ]
        for wanted, seed in seeds:
            if seed is not None:
                rows, columns = seed.selection.shape
                part = trimap[seed.y : seed.y + rows, seed.x : seed.x + columns]
                part[seed.selection] = cv2.GC_FGD if wanted else cv2.GC_BGD
        chosen: BoolArray = trimap == cv2.GC_FGD
        if (trimap & 1).any() and not (trimap & 1).all():
            cv2.setRNGSeed(1)
            models = np.zeros((2, 1, 65))
            cv2.grabCut(small, trimap, None, models[0], models[1], 2, cv2.GC_INIT_WITH_MASK)
            chosen = (trimap & 1).astype(np.bool_)
        full = cv2.resize(
            chosen.astype(np.uint8), (box.width, box.height), interpolation=cv2.INTER_LINEAR
        )
        return Patch(box.x, box.y, full.astype(np.bool_), int(value))


def _other(label: Label) -> Label:
    return Label.PET if label == Label.BACKGROUND else Label.BACKGROUND

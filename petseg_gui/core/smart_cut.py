"""GrabCut on a small window: for boxes, and for photos without a prediction.

Rother, Kolmogorov and Blake (2004), "GrabCut", as OpenCV has it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray
from petseg_gui.core.smart_scene import small_size

SIDE = 200
"""Longest side of the window that is cut, in pixels."""

_ROUNDS = 3
_SEED = 1  # of OpenCV's k-means: the same gesture gives the same region


def cut(
    photo: npt.NDArray[np.uint8],
    likely: BoolArray,
    yes: BoolArray,
    no: BoolArray,
) -> BoolArray:
    """The part of a window that the photo's edges and colours suggest.

    Args:
        photo: uint8 (h, w, 3), RGB, the window at full size.
        likely: bool (h, w), what probably belongs to the region.
        yes: bool (h, w), what does for sure.
        no: bool (h, w), what does not for sure; ``yes`` goes before it.

    Returns:
        bool (h, w); holds ``yes``.
    """
    shape = (photo.shape[0], photo.shape[1])
    size = small_size(shape, SIDE)
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    trimap = np.where(_share(likely, size) >= 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[_share(no, size) >= 0.5] = cv2.GC_BGD
    trimap[_share(yes, size) > 0] = cv2.GC_FGD
    inside = (trimap & 1).astype(np.bool_)
    if inside.any() and not inside.all():
        background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(_SEED)
        cv2.grabCut(
            np.ascontiguousarray(small[..., ::-1]),
            trimap,
            (0, 0, 1, 1),
            background,
            foreground,
            _ROUNDS,
            cv2.GC_INIT_WITH_MASK,
        )
        inside = (trimap & 1).astype(np.bool_)
    full = cv2.resize(
        inside.astype(np.uint8) * 255, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR
    )
    found: BoolArray = np.asarray(full) > 127
    return found & ~no | yes


def _share(region: BoolArray, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """How much of every small pixel the region covers, 0..1."""
    whole = region.astype(np.uint8) * np.uint8(255)
    return np.asarray(
        cv2.resize(whole.astype(np.float32), size, interpolation=cv2.INTER_AREA) / 255, np.float32
    )

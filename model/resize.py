"""The one way in which photos, masks and predictions change size, in training and after it.

Beside it the form in which predictions are kept: probabilities as bytes.  numpy and OpenCV only.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import NUM_CLASSES, Label, MaskArray

Photo = npt.NDArray[np.uint8]
"""A photo: uint8, shape (H, W, 3), RGB."""

Probabilities = npt.NDArray[np.float32]
"""Class probabilities: float32, shape (S, S, 3), channels in the order of ``CLASSES``."""

ProbabilityBytes = npt.NDArray[np.uint8]
"""Class probabilities to keep: uint8, shape (S, S, 3), 255 x p; each pixel sums to 255."""

# Rows of a photo for which full-size probabilities exist at one time: bounds the memory of a
# prediction at photo size to 3 x 256 x width floats, whatever the photo's height.
_STRIP_ROWS = 256


def resize_photo(photo: Photo, size: int) -> Photo:
    """A photo squashed to ``size`` × ``size`` pixels: uint8 (size, size, 3).

    Area averaging when it shrinks, so that fine fur does not alias; bilinear otherwise.
    """
    height, width = photo.shape[:2]
    shrinks = height * width > size * size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(photo, (size, size), interpolation=method), dtype=np.uint8)


def resize_mask(mask: MaskArray, size: int) -> MaskArray:
    """A mask squashed to ``size`` × ``size`` pixels, by nearest neighbour.

    Anything smoother would turn the edge between pet (1) and border (3) into a false rim
    of background (2).
    """
    return np.asarray(
        cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.uint8
    )


def mask_at_size(probabilities: Probabilities, height: int, width: int) -> MaskArray:
    """The most probable class of every pixel of a photo.

    The probabilities are resized bilinearly to the photo and then compared; the photo's height
    is worked through in strips.

    Args:
        probabilities: float32 (S, S, 3).
        height: of the photo, in pixels.
        width: of the photo, in pixels.

    Returns:
        uint8 (height, width), values 1..3.
    """
    size = probabilities.shape[0]
    planes = [np.ascontiguousarray(probabilities[..., c]) for c in range(NUM_CLASSES)]
    # Source coordinate of every row's centre; the edge rows repeat beyond the edge.
    rows = np.clip((np.arange(height) + 0.5) * (size / height) - 0.5, 0.0, size - 1.0)
    above = np.floor(rows).astype(np.intp)
    below = np.minimum(above + 1, size - 1)
    share = (rows - above).astype(np.float32)[:, None]
    mask = np.empty((height, width), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        part = slice(top, min(top + _STRIP_ROWS, height))
        pet, background, border = (
            _widen(p[above[part]] * (1 - share[part]) + p[below[part]] * share[part], width)
            for p in planes
        )
        strip = np.where(background > pet, np.uint8(Label.BACKGROUND), np.uint8(Label.PET))
        strip[border > np.maximum(pet, background)] = Label.BORDER
        mask[part] = strip
    return mask


def probability_bytes(probabilities: Probabilities) -> ProbabilityBytes:
    """Probabilities as bytes that still sum to one and keep their order.

    Each of the three is 255 x p rounded down; what is then missing of 255, at most 2, goes to
    the largest remainders.  So none is off by 1/255 or more, and no class overtakes another.

    Args:
        probabilities: float32 (S, S, 3), summing to 1 over the last axis.

    Returns:
        uint8 (S, S, 3), of which the last axis sums to 255 everywhere.
    """
    shares = np.clip(probabilities.astype(np.float64), 0.0, None)
    scaled = 255.0 * shares / shares.sum(axis=-1, keepdims=True)
    whole = np.floor(scaled)
    missing = 255 - whole.sum(axis=-1, keepdims=True)
    # Rank of every class by its remainder, the largest first: 0, 1 or 2.
    order = np.argsort(-(scaled - whole), axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    return np.asarray(whole + (rank < missing), dtype=np.uint8)


def _widen(strip: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    wide = cv2.resize(strip, (width, strip.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, dtype=np.float32)

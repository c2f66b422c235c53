"""The one way in which photos and masks become the network's size, in training and after it.

numpy and OpenCV only.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import MaskArray

Photo = npt.NDArray[np.uint8]
"""A photo: uint8, shape (H, W, 3), RGB."""


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

"""Label values, their names and colours, and the one conversion to class indices.

A mask is ``uint8 (H, W)`` with the values of the Oxford-IIIT Pet trimaps, on disk and in
memory alike: 1 pet, 2 background, 3 border, and 0 for pixels nobody has labelled, which
training ignores.  A class index is ``value - 1``; only :func:`to_class_index` and
:func:`from_class_index` (and their in-graph twin in :mod:`model.losses`) know that.

Source of the values: the README of the data set, ``annotations/README`` (1: foreground,
2: background, 3: not classified).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

MaskArray = npt.NDArray[np.uint8]
"""A mask: uint8, shape (H, W), rows first, values 0..3 (see :class:`Label`)."""


class Label(IntEnum):
    """The value of a pixel in a mask."""

    UNLABELLED = 0
    PET = 1
    BACKGROUND = 2
    BORDER = 3


CLASSES: tuple[Label, ...] = (Label.PET, Label.BACKGROUND, Label.BORDER)
"""The classes that the network predicts, in the order of its output channels."""

NUM_CLASSES = len(CLASSES)

NAMES: dict[Label, str] = {
    Label.UNLABELLED: "Not labelled",
    Label.PET: "Pet",
    Label.BACKGROUND: "Background",
    Label.BORDER: "Border",
}

# Okabe & Ito (2008), "Color Universal Design": distinguishable under the common kinds of
# colour blindness, and far apart in lightness, so that they survive greyscale as well.
COLOURS: npt.NDArray[np.uint8] = np.array(
    [
        [0, 0, 0],  # not labelled: black
        [230, 159, 0],  # pet: orange
        [0, 114, 178],  # background: blue
        [240, 228, 66],  # border: yellow
    ],
    dtype=np.uint8,
)
"""RGB colour of every label value; shape (4, 3), indexed by the value itself."""

_VALUE_TO_INDEX: npt.NDArray[np.int8] = np.array([-1, 0, 1, 2], dtype=np.int8)


def is_mask(array: npt.NDArray[np.generic]) -> bool:
    """Whether ``array`` is a mask: uint8, two-dimensional, no value above 3."""
    return (
        array.dtype == np.uint8
        and array.ndim == 2
        and (array.size == 0 or int(array.max()) <= int(Label.BORDER))
    )


def to_class_index(mask: MaskArray) -> npt.NDArray[np.int8]:
    """Class indices of a mask: int8, same shape, 0..2, and -1 where nothing is labelled."""
    return _VALUE_TO_INDEX[mask]


def from_class_index(index: npt.NDArray[np.integer]) -> MaskArray:
    """The mask of class indices: uint8, same shape; -1 becomes 'not labelled'.

    Raises:
        ValueError: an index is below -1 or above 2.
    """
    if index.size and (int(index.min()) < -1 or int(index.max()) >= NUM_CLASSES):
        raise ValueError(
            f"class indices must lie in -1..{NUM_CLASSES - 1}, "
            f"not {int(index.min())}..{int(index.max())}"
        )
    return (index + 1).astype(np.uint8)


def colourise(mask: MaskArray) -> npt.NDArray[np.uint8]:
    """An RGB picture of a mask: uint8 (H, W, 3)."""
    return COLOURS[mask]

"""Photos as the model sees them while it is trained: changed at random, each time anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model import label_png
from petseg_gui.core.disk import label_limit
from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.records import AcceptedLabel

SIDE = 256
"""What the networks look at, in pixels: close enough for a picture of it."""
_STORED = 320


@dataclass(frozen=True, slots=True, eq=False)
class Augmented:
    """One photo as it is shown to the model.

    Attributes:
        photo: uint8 (S, S, 3).
        mask: uint8 (S, S), label values; 0 where nothing is known.
    """

    photo: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]


def augmented(
    labels: Sequence[AcceptedLabel], count: int, seed: int | None = None
) -> list[Augmented]:
    """``count`` changed versions of photos with their labels; fewer photos come repeatedly.

    Reads the photos and loads TensorFlow: not for the window's thread.

    Args:
        labels: the project's; those that are kept aside are not trained on and not shown.
        count: how many pictures.
        seed: of the choice and the changes; None: others every time.

    Returns:
        Pictures; none when no label can be read.
    """
    draw = np.random.default_rng(seed)
    usable = [label for label in labels if not label.held_out]
    draw.shuffle(usable)
    pairs = [pair for label in usable[:count] if (pair := _read(label)) is not None]
    if not pairs:
        return []
    from model.device import load_tensorflow

    tf = load_tensorflow()
    from model.augment import PHOTOS, augment_batch

    chosen = [pairs[i % len(pairs)] for i in range(count)]
    photos, masks = augment_batch(
        tf.constant(np.stack([photo for photo, _ in chosen])),
        tf.constant(np.stack([mask for _, mask in chosen])),
        tf.constant(draw.integers(0, 2**31, 2)),
        SIDE,
        PHOTOS,
    )
    pictures = np.rint(photos.numpy()).astype(np.uint8)
    return [Augmented(*pair) for pair in zip(pictures, masks.numpy(), strict=True)]


def _read(label: AcceptedLabel) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Photo and mask as training keeps them; None: one of them cannot be used."""
    from model.resize import resize_mask, resize_photo

    try:
        photo = read_photo(label.photo)
        mask = label_png.read(label.label, max_pixels=label_limit())
    except (PhotoError, OSError, label_png.LabelFileError):
        return None  # the fine-tune itself says which ones it leaves out
    if mask.shape != photo.shape[:2]:
        return None
    return resize_photo(photo, _STORED), resize_mask(mask, _STORED)

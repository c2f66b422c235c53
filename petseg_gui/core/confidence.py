"""How good a predicted mask is likely to be, and how far two of them are apart: one number each.

Neither the photo nor the truth is needed, so that a whole folder can be sorted by them.
``benchmarks/confidence.py`` prints how well the confidence ranks photos by their true error, beside
the other scores it was chosen from.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import CLASSES, Label, MaskArray
from petseg_gui.core.predictions import ProbabilityArray

_PET, _BACKGROUND = CLASSES.index(Label.PET), CLASSES.index(Label.BACKGROUND)

# The levels at which the truth is drawn: from 5 to 95 % in steps of 1/255.
_LEVELS = np.arange(13, 243)

# From the mean over the levels to the pet's IoU, in log odds.  A logistic regression on the photos
# that the starter held out of its training; ``benchmarks/confidence.py`` fits them anew.
OFFSET, SLOPE = -0.344, 0.671
_LEAST = 1e-3  # of that mean, away from the infinite odds of 0 and 1


def confidence(probabilities: ProbabilityArray, mask: MaskArray) -> float:
    """The IoU of the pet that is to be expected of a predicted mask.

    The IoU is the one of ``petseg evaluate``, the mean of which it calls 'mean pet IoU per photo'.
    It is calibrated for the starter model; a model trained otherwise keeps the order, more or
    less, while its values may be too high or too low.

    Args:
        probabilities: uint8 (S, S, 3), 255 x class probability in the order of ``CLASSES``; the
            photo is squashed to that square.
        mask: the mask that the model made of them, uint8 (H, W), values 0..3, of any size.  For
            a mask that a person has corrected the answer means little: it tells how far it is
            from what the model thinks.

    Returns:
        0 to 1.  Where the mask has no pet, or one too small for a pixel of the network, 0: such a
        photo is one to look at.

    Raises:
        ValueError: the arrays have not those types and shapes, or hold no pixel.
    """
    if probabilities.dtype != np.uint8 or probabilities.ndim != 3 or probabilities.shape[2] != 3:
        raise ValueError(
            f"probabilities are uint8 (S, S, 3), not {probabilities.dtype} {probabilities.shape}"
        )
    if not probabilities.size:
        raise ValueError("probabilities of no pixel")
    _check_mask(mask)
    expected = iou_over_levels(probabilities, mask)
    if expected <= 0:
        return 0.0
    expected = min(max(expected, _LEAST), 1 - _LEAST)
    odds = OFFSET + SLOPE * math.log(expected / (1 - expected))
    return 1 / (1 + math.exp(-odds))


def iou_over_levels(probabilities: ProbabilityArray, mask: MaskArray) -> float:
    """Mean IoU of the mask with the truths that the probabilities allow, before calibration.

    At a level of t the truth is pet where p(pet) > t, background where p(background) > 1 - t, and
    border, which counts neither way, elsewhere: from all that may be pet to what surely is.
    Histograms answer for all levels at once.

    Args:
        probabilities: uint8 (S, S, 3), as for :func:`confidence`.
        mask: uint8 (H, W), compared at S x S pixels.

    Returns:
        0 to 1.
    """
    height, width = probabilities.shape[:2]
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    inside = (np.asarray(small) == Label.PET).view(np.uint8)
    true = _above(probabilities, _PET, None)[_LEVELS]
    hit = _above(probabilities, _PET, inside)[_LEVELS]
    false = _above(probabilities, _BACKGROUND, inside)[255 - _LEVELS]
    # Without pet and without background at a level nothing is known: 0, the least.
    return float(np.mean(hit / np.maximum(true + false, 1)))


def disagreement(mask_a: MaskArray, mask_b: MaskArray) -> float:
    """How far two masks of one photo are apart: 1 - IoU of their pets.

    The border is not the pet: masks that draw it differently wide disagree a little.

    Args:
        mask_a: uint8 (H, W), values 0..3.
        mask_b: of the same shape.

    Returns:
        0 (the same pet, or no pet in either) to 1 (no pixel in common, or a pet in one only).

    Raises:
        ValueError: they are no masks, differ in shape, or hold no pixel.
    """
    _check_mask(mask_a)
    _check_mask(mask_b)
    if mask_a.shape != mask_b.shape:
        raise ValueError(
            f"masks of one photo have one shape, not {mask_a.shape} and {mask_b.shape}"
        )
    a, b = mask_a == Label.PET, mask_b == Label.PET
    both = int(np.count_nonzero(a & b))
    either = int(np.count_nonzero(a)) + int(np.count_nonzero(b)) - both
    return 1 - both / either if either else 0.0


def _check_mask(mask: MaskArray) -> None:
    # The values are not looked at: that would take longer than all the rest.
    if mask.dtype != np.uint8 or mask.ndim != 2 or not mask.size:
        raise ValueError(f"a mask is uint8 (H, W), not {mask.dtype} {mask.shape}")


def _above(
    probabilities: ProbabilityArray, channel: int, inside: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.float64]:
    """For each of 0 to 255: how many pixels, of those not 0 in ``inside``, have more; (256,)."""
    found = cv2.calcHist([probabilities], [channel], inside, [256], [0, 256]).ravel()
    counts: npt.NDArray[np.float64] = np.asarray(found, np.float64)
    return np.asarray(counts.sum() - np.cumsum(counts))

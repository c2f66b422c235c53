"""Probabilities that mean what they say: of pixels with 0.9, nine in ten are right.

A network trained to the end is surer than it is right.  One number mends most of it: the logits are
divided by a temperature, which changes no mask.  It is fitted on held-out photos and becomes part
of the weights.

Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from model.resize import Probabilities
from model.unet import logits_layer

BINS = 15
"""Of equal width, as in the source."""
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.2, 5.0
_STEPS = 40
# Neighbouring pixels say the same: one in so many rows and columns is enough for one number.
_EVERY = 4

Floats = npt.NDArray[np.float64]


class Calibration:
    """Counts of how sure and how right a model was, pixel by pixel."""

    def __init__(self) -> None:
        self._pixels = np.zeros(BINS)
        self._sure = np.zeros(BINS)
        self._right = np.zeros(BINS)

    def add(self, truth: MaskArray, probabilities: Probabilities) -> None:
        """Count one photo.

        Args:
            truth: (S, S), values 0..3; pixels with 0 are left out.
            probabilities: float32 (S, S, 3).
        """
        known = truth != Label.UNLABELLED
        found = probabilities[known]
        sure = found.max(axis=-1)
        right = found.argmax(axis=-1) == truth[known] - 1
        place = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
        self._pixels += np.bincount(place, minlength=BINS)
        self._sure += np.bincount(place, weights=sure, minlength=BINS)
        self._right += np.bincount(place, weights=right, minlength=BINS)

    @property
    def error(self) -> float:
        """Expected calibration error, 0 to 1; NaN before anything is counted.

        The mean over the pixels of how far their bin's share of right ones is from how sure it was.
        """
        total = float(self._pixels.sum())
        return float(np.abs(self._sure - self._right).sum() / total) if total else float("nan")


def fit_temperature(logits: Iterable[npt.NDArray[Any]], masks: Iterable[MaskArray]) -> float:
    """The temperature with the least cross-entropy.

    Args:
        logits: of each photo or batch, (..., S, S, 3).
        masks: their true masks, (..., S, S), values 0..3; pixels with 0 are left out.

    Returns:
        Between :data:`MIN_TEMPERATURE` and :data:`MAX_TEMPERATURE`; 1 where nothing is labelled.
    """
    found, truths = [], []
    for values, mask in zip(logits, masks, strict=True):
        few = mask[..., ::_EVERY, ::_EVERY]
        known = few != Label.UNLABELLED
        found.append(np.asarray(values, np.float64)[..., ::_EVERY, ::_EVERY, :][known])
        truths.append(few[known].astype(np.intp) - 1)
    z, truth = np.concatenate(found), np.concatenate(truths)
    if not len(truth):
        return 1.0
    z -= z.max(axis=-1, keepdims=True)
    true = float(np.take_along_axis(z, truth[:, None], axis=-1).mean())
    # The cross-entropy is convex in 1/T: where its slope changes sign, it is least.
    low, high = 1.0 / MAX_TEMPERATURE, 1.0 / MIN_TEMPERATURE
    for _step in range(_STEPS):
        middle = (low + high) / 2
        if _expected(z, middle) < true:
            low = middle
        else:
            high = middle
    return 2.0 / (low + high)


def _expected(z: Floats, inverse: float) -> float:
    """Mean over the pixels of the logit that the probabilities expect."""
    weight = np.exp(inverse * z)
    return float(((weight * z).sum(axis=-1) / weight.sum(axis=-1)).mean())


def divide_logits(model: keras.Model, temperature: float) -> None:
    """Make a temperature part of a network's last weights; its masks stay as they are.

    Raises:
        ValueError: the temperature is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature is above 0, not {temperature}")
    layer = logits_layer(model)
    layer.set_weights([weight / temperature for weight in layer.get_weights()])

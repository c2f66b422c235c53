"""Measuring a model on labelled photos, at the network's size and at the photos' own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.calibration import Calibration
from model.data import Example
from model.labels import NUM_CLASSES, Label, MaskArray
from model.metrics import (
    Confusion,
    Scores,
    boundary_f_score,
    confusion,
    none_if_nan,
    pet_iou_without_border,
)
from model.predict import Probable
from model.resize import Probabilities, mask_at_size, resize_mask


def _no_counts() -> Confusion:
    return np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)


@dataclass(slots=True)
class Evaluation:
    """What was counted over a number of photos.

    Attributes:
        input_size: the network's, in pixels.
        at_input_size: pixels counted at that size, against the mask resized by nearest
            neighbour.
        at_photo_size: pixels counted at the photos' own size.
        pet_iou: of every photo at its own size, by id; NaN where there is no pet.
        pet_iou_inside: likewise, border apart: see :func:`pet_iou_without_border`.
        boundary_f: likewise, how well the outline is met: see :func:`boundary_f_score`; only
            :func:`evaluate` measures it.
        calibration: how sure and how right, pixel by pixel at the network's size.
    """

    input_size: int
    at_input_size: Confusion = field(default_factory=_no_counts)
    at_photo_size: Confusion = field(default_factory=_no_counts)
    pet_iou: dict[str, float] = field(default_factory=dict)
    pet_iou_inside: dict[str, float] = field(default_factory=dict)
    boundary_f: dict[str, float] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)

    def add(self, example: Example, probabilities: Probabilities) -> MaskArray:
        """Count one photo; returns its predicted mask at its own size."""
        size = self.input_size
        small = mask_at_size(probabilities, size, size)
        truth = resize_mask(example.mask, size)
        self.at_input_size += confusion(truth, small)
        self.calibration.add(truth, probabilities)
        mask = mask_at_size(probabilities, *example.mask.shape)
        counts = confusion(example.mask, mask)
        self.at_photo_size += counts
        self.pet_iou[example.id] = Scores.from_confusion(counts).iou_of(Label.PET)
        self.pet_iou_inside[example.id] = pet_iou_without_border(counts)
        return mask

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; None for what no photo could tell."""
        return {
            "photos": len(self.pet_iou),
            "input_size": self.input_size,
            "at_input_size": Scores.from_confusion(self.at_input_size).to_dict(),
            "at_photo_size": Scores.from_confusion(self.at_photo_size).to_dict(),
            "mean_pet_iou": _mean_of_known(self.pet_iou),
            "mean_boundary_f": _mean_of_known(self.boundary_f),
            "expected_calibration_error": none_if_nan(self.calibration.error),
        }


def _mean_of_known(values: dict[str, float]) -> float | None:
    known = [value for value in values.values() if not math.isnan(value)]
    return float(np.mean(known)) if known else None


def evaluate(
    predictor: Probable,
    examples: Iterable[Example],
    *,
    on_photo: Callable[[Example, MaskArray], None] | None = None,
) -> Evaluation:
    """Predict and count every example.

    Args:
        predictor: the model to measure.
        examples: photos with true masks.
        on_photo: told every photo with its predicted mask (for progress and samples).
    """
    found = Evaluation(predictor.input_size)
    for example in examples:
        (probabilities,) = predictor.probabilities([example.photo])
        mask = found.add(example, probabilities)
        found.boundary_f[example.id] = boundary_f_score(example.mask, mask)
        if on_photo:
            on_photo(example, mask)
    return found

"""Pixel accuracy and IoU from confusion counts; pixels that nobody labelled count nowhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from model.labels import CLASSES, NUM_CLASSES, Label, MaskArray
from model.losses import split_target

BOUNDARY_PX = 2
"""How far an outline may be off and still be met, in pixels."""

Confusion = npt.NDArray[np.int64]
"""Counts (3, 3): rows the true class index, columns the predicted one."""


def confusion(truth: MaskArray, prediction: MaskArray) -> Confusion:
    """Count pixels by true and predicted class.

    Args:
        truth: mask, values 0..3; pixels with 0 are left out.
        prediction: mask of the same shape, values 1..3.

    Raises:
        ValueError: the shapes differ, or the prediction leaves labelled pixels unlabelled.
    """
    if truth.shape != prediction.shape:
        raise ValueError(f"truth is {truth.shape}, prediction {prediction.shape}")
    pairs = np.bincount(
        truth.reshape(-1).astype(np.intp) * 4 + prediction.reshape(-1), minlength=16
    ).reshape(4, 4)
    if pairs[1:, 0].any():
        raise ValueError("a prediction has a class for every pixel")
    return pairs[1:, 1:].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scores:
    """What a confusion matrix says.

    Attributes:
        pixels: labelled pixels counted.
        pixel_accuracy: share of them with the true class, 0 to 1.
        iou: intersection over union per class, in the order of ``CLASSES``; NaN for a class
            that neither the truth nor the prediction has.
        mean_iou: mean of those that are not NaN.
    """

    pixels: int
    pixel_accuracy: float
    iou: tuple[float, ...]
    mean_iou: float

    @classmethod
    def from_confusion(cls, counts: Confusion) -> Scores:
        """Scores of summed counts; NaN where nothing was counted."""
        total = int(counts.sum())
        hit = np.diag(counts).astype(np.float64)
        union = counts.sum(axis=0) + counts.sum(axis=1) - np.diag(counts)
        iou = np.divide(hit, union, out=np.full(NUM_CLASSES, np.nan), where=union > 0)
        return cls(
            pixels=total,
            pixel_accuracy=float(hit.sum() / total) if total else float("nan"),
            iou=tuple(float(v) for v in iou),
            mean_iou=float(np.nanmean(iou)) if total else float("nan"),
        )

    def iou_of(self, label: Label) -> float:
        """IoU of one class."""
        return self.iou[CLASSES.index(label)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, which knows no NaN: None stands for it."""
        iou = {label.name.lower(): v for label, v in zip(CLASSES, self.iou, strict=True)}
        return {
            "pixels": self.pixels,
            "pixel_accuracy": none_if_nan(self.pixel_accuracy),
            "mean_iou": none_if_nan(self.mean_iou),
            "iou": {name: none_if_nan(value) for name, value in iou.items()},
        }


def pet_iou_without_border(counts: Confusion) -> float:
    """IoU of the pet over pixels that neither truth nor prediction calls border; NaN without pet.

    The border class is a few pixels of judgement between pet and background; whether a mask
    has the pet is told without it.
    """
    pet, background = CLASSES.index(Label.PET), CLASSES.index(Label.BACKGROUND)
    hit = int(counts[pet, pet])
    union = hit + int(counts[pet, background]) + int(counts[background, pet])
    return hit / union if union else float("nan")


def boundary_f_score(
    truth: MaskArray, prediction: MaskArray, *, tolerance: int = BOUNDARY_PX
) -> float:
    """How well the pet's outline is met: F-measure of its pixels, as in the DAVIS benchmark.

    Precision is the share of the predicted outline within the tolerance of the true one, recall
    the share of the true outline within the tolerance of the predicted one.  The outline is where
    the class pet ends; the edge of the photo is none.

    Args:
        truth: mask, values 0..3.
        prediction: mask of the same shape, values 1..3.
        tolerance: Euclidean distance, in pixels.

    Returns:
        0 to 1; NaN when neither mask has an outline.

    Raises:
        ValueError: the shapes differ.

    Source: Perazzi et al., A Benchmark Dataset and Evaluation Methodology for Video Object
    Segmentation, CVPR 2016, section 4; Martin et al., PAMI 2004.
    """
    if truth.shape != prediction.shape:
        raise ValueError(f"truth is {truth.shape}, prediction {prediction.shape}")
    lines = [_outline(mask) for mask in (truth, prediction)]
    lengths = [int(line.sum()) for line in lines]
    if not any(lengths):
        return float("nan")
    if not all(lengths):
        return 0.0
    y, x = np.ogrid[-tolerance : tolerance + 1, -tolerance : tolerance + 1]
    disc = (x * x + y * y <= tolerance * tolerance).astype(np.uint8)
    near = [cv2.dilate(line, disc) for line in lines]
    recall = np.count_nonzero(near[1][lines[0] > 0]) / lengths[0]
    precision = np.count_nonzero(near[0][lines[1] > 0]) / lengths[1]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _outline(mask: MaskArray) -> npt.NDArray[np.uint8]:
    """Pixels of the pet with a neighbour above, below, left or right that is none: 1, else 0."""
    pet = (mask == Label.PET).astype(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    # Outside the photo counts as pet: OpenCV's default for erosion.
    outline: npt.NDArray[np.uint8] = pet - cv2.erode(pet, cross)
    return outline


def none_if_nan(value: float) -> float | None:
    """The number, or None where nothing was measured."""
    return None if math.isnan(value) else value


@keras.saving.register_keras_serializable("petseg")
class TrimapAccuracy(keras.metrics.Metric):
    """Share of labelled pixels whose largest logit is the true class, over an epoch."""

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.pixels = self.add_weight(name="pixels", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of masks (B, H, W) and logits (B, H, W, 3)."""
        target, weight = split_target(y_true)
        hit = ops.cast(ops.equal(ops.cast(ops.argmax(y_pred, -1), "int32"), target), "float32")
        # In millions of pixels: float32 counts single ones exactly only up to 16.7 million.
        self.hits.assign_add(ops.sum(hit * weight) / 1e6)
        self.pixels.assign_add(ops.sum(weight) / 1e6)

    def result(self) -> Any:
        """Accuracy so far, 0 to 1."""
        return ops.divide_no_nan(self.hits, self.pixels)


@keras.saving.register_keras_serializable("petseg")
class TrimapMeanIoU(keras.metrics.Metric):
    """Mean IoU of the three classes over the labelled pixels of an epoch."""

    def __init__(self, name: str = "mean_iou", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.counts = self.add_weight(
            name="counts", shape=(NUM_CLASSES, NUM_CLASSES), initializer="zeros"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of masks (B, H, W) and logits (B, H, W, 3)."""
        target, weight = split_target(y_true)
        truth = ops.one_hot(ops.reshape(target, (-1,)), NUM_CLASSES, dtype="float32")
        truth = truth * ops.reshape(weight, (-1, 1))
        found = ops.one_hot(
            ops.reshape(ops.argmax(y_pred, -1), (-1,)), NUM_CLASSES, dtype="float32"
        )
        self.counts.assign_add(ops.matmul(ops.transpose(truth), found) / 1e6)

    def result(self) -> Any:
        """Mean IoU so far, 0 to 1."""
        hit = ops.diagonal(self.counts)
        union = ops.sum(self.counts, 0) + ops.sum(self.counts, 1) - hit
        return ops.mean(ops.divide_no_nan(hit, union))

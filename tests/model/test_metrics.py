from __future__ import annotations

import json
import math

import numpy as np
import pytest

from model.labels import Label
from model.metrics import Scores, TrimapAccuracy, TrimapMeanIoU, boundary_f_score, confusion

BATCHES = 3


@pytest.fixture
def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(2)
    return [
        (
            rng.integers(0, 4, (size, 8, 8)).astype(np.uint8),
            rng.normal(size=(size, 8, 8, 3)).astype(np.float32),
        )
        for size in (2, 3, 1)
    ]


def joined(batches: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """All labelled pixels: true value and predicted value."""
    truth = np.concatenate([masks.reshape(-1) for masks, _ in batches])
    found = np.concatenate([logits.argmax(-1).reshape(-1) + 1 for _, logits in batches])
    return truth[truth > 0], found[truth > 0]


def iou(truth: np.ndarray, found: np.ndarray, value: int) -> float:
    either = ((truth == value) | (found == value)).sum()
    return float(((truth == value) & (found == value)).sum() / either)


def test_accuracy_over_batches(batches: list[tuple[np.ndarray, np.ndarray]]) -> None:
    metric = TrimapAccuracy()
    for masks, logits in batches:
        metric.update_state(masks, logits)
    truth, found = joined(batches)
    assert float(metric.result()) == pytest.approx((truth == found).mean(), rel=1e-5)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_mean_iou_over_batches(batches: list[tuple[np.ndarray, np.ndarray]]) -> None:
    metric = TrimapMeanIoU()
    for masks, logits in batches:
        metric.update_state(masks, logits)
    truth, found = joined(batches)
    expected = np.mean([iou(truth, found, value) for value in (1, 2, 3)])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_metrics_of_perfect_and_of_wrong_logits() -> None:
    masks = np.array([[[1, 2, 3, 0]]], np.uint8)
    right = np.eye(4, dtype=np.float32)[masks][..., 1:]
    for metric in (TrimapAccuracy(), TrimapMeanIoU()):
        metric.update_state(masks, right)
        assert float(metric.result()) == pytest.approx(1.0)
        metric.reset_state()
        metric.update_state(masks, np.roll(right, 1, axis=-1))
        assert float(metric.result()) == 0.0


def test_confusion_counts_rows_by_truth() -> None:
    truth = np.array([[0, 1, 1], [2, 3, 3]], np.uint8)
    found = np.array([[1, 1, 2], [2, 3, 1]], np.uint8)
    np.testing.assert_array_equal(confusion(truth, found), [[1, 1, 0], [0, 1, 0], [1, 0, 1]])


def test_confusion_refuses_what_cannot_be_compared() -> None:
    mask = np.ones((2, 2), np.uint8)
    with pytest.raises(ValueError, match="prediction"):
        confusion(mask, np.ones((2, 3), np.uint8))
    with pytest.raises(ValueError, match="a class for every pixel"):
        confusion(mask, np.zeros((2, 2), np.uint8))


def test_scores_equal_their_definitions(batches: list[tuple[np.ndarray, np.ndarray]]) -> None:
    counts = sum(
        confusion(masks, logits.argmax(-1).astype(np.uint8) + 1) for masks, logits in batches
    )
    scores = Scores.from_confusion(np.asarray(counts))
    truth, found = joined(batches)
    assert scores.pixels == len(truth)
    assert scores.pixel_accuracy == pytest.approx((truth == found).mean())
    assert scores.iou == pytest.approx([iou(truth, found, value) for value in (1, 2, 3)])
    assert scores.iou_of(Label.BORDER) == scores.iou[2]
    assert scores.mean_iou == pytest.approx(np.mean(scores.iou))


def test_a_class_that_nobody_has_is_no_part_of_the_mean() -> None:
    scores = Scores.from_confusion(np.array([[2, 1, 0], [1, 4, 0], [0, 0, 0]]))
    assert scores.iou[:2] == pytest.approx((0.5, 4 / 6))
    assert math.isnan(scores.iou[2])
    assert scores.mean_iou == pytest.approx((0.5 + 4 / 6) / 2)


def test_scores_of_nothing_are_not_numbers_and_still_json() -> None:
    scores = Scores.from_confusion(np.zeros((3, 3), np.int64))
    assert scores.pixels == 0
    assert math.isnan(scores.pixel_accuracy)
    assert math.isnan(scores.mean_iou)
    found = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert found["iou"] == {"pet": None, "background": None, "border": None}
    assert found["mean_iou"] is None


# -- the outline ------------------------------------------------------------------------------


def square(left: int) -> np.ndarray:
    """A pet of 20 x 20 pixels on a background, its left edge at ``left``."""
    mask = np.full((60, 80), 2, np.uint8)
    mask[20:40, left : left + 20] = 1
    return mask


@pytest.mark.parametrize("off", [0, 1, 2])
def test_an_outline_within_the_tolerance_is_met(off: int) -> None:
    assert boundary_f_score(square(30), square(30 + off)) == 1.0


def test_beyond_the_tolerance_only_what_is_near_counts() -> None:
    # Moved by 3 to the right, 34 of 76 pixels are too far: all 20 of the right column, and of the
    # left one those that are not within 2 of the rows above and below.
    assert boundary_f_score(square(30), square(33)) == pytest.approx(42 / 76)
    assert boundary_f_score(square(5), square(50)) == 0.0


def test_precision_and_recall_both_count() -> None:
    both = square(10)
    both[20:40, 50:70] = 1
    # One of two pets found: precision 1, recall one half.
    assert boundary_f_score(both, square(10)) == pytest.approx(2 / 3)
    assert boundary_f_score(square(10), both) == pytest.approx(2 / 3)


def test_the_edge_of_the_photo_is_no_outline() -> None:
    everywhere = np.ones((30, 30), np.uint8)
    nowhere = np.full((30, 30), 2, np.uint8)
    assert math.isnan(boundary_f_score(everywhere, nowhere))
    half = nowhere.copy()
    half[:, :15] = 1
    assert boundary_f_score(half, everywhere) == 0.0
    assert boundary_f_score(half, half) == 1.0
    with pytest.raises(ValueError, match="prediction"):
        boundary_f_score(half, nowhere[:5])

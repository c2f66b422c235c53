from __future__ import annotations

import numpy as np
import pytest

from model.labels import to_class_index
from model.losses import TrimapCrossEntropy, split_target


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    """Masks (2, 6, 5) with all four values, and logits."""
    rng = np.random.default_rng(1)
    masks = rng.integers(0, 4, (2, 6, 5)).astype(np.uint8)
    return masks, rng.normal(0, 2, (2, 6, 5, 3)).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits.astype(np.float64))
    return e / e.sum(-1, keepdims=True)


def reference(masks: np.ndarray, logits: np.ndarray, dice_weight: float = 0.0) -> float:
    labelled = masks > 0
    p = softmax(logits)[labelled]
    truth = np.eye(3)[masks[labelled] - 1]
    loss = -np.log((p * truth).sum(-1)).mean()
    dice = (2 * (p * truth).sum(0) + 1) / (p.sum(0) + truth.sum(0) + 1)
    return float(loss + dice_weight * (1 - dice.mean()))


def test_split_target_is_the_twin_of_to_class_index() -> None:
    mask = np.array([[0, 1], [2, 3]], np.uint8)
    index, weight = (np.asarray(x) for x in split_target(mask))
    np.testing.assert_array_equal(weight, mask > 0)
    np.testing.assert_array_equal(np.where(weight > 0, index, -1), to_class_index(mask))


@pytest.mark.parametrize("dice_weight", [0.0, 0.5, 2.0])
def test_equals_the_formula(batch: tuple[np.ndarray, np.ndarray], dice_weight: float) -> None:
    loss = float(TrimapCrossEntropy(dice_weight)(*batch))
    assert loss == pytest.approx(reference(*batch, dice_weight), rel=1e-5)


@pytest.mark.parametrize("dice_weight", [0.0, 1.0])
def test_logits_where_nothing_is_labelled_count_nowhere(
    batch: tuple[np.ndarray, np.ndarray], dice_weight: float
) -> None:
    masks, logits = batch
    other = logits.copy()
    other[masks == 0] += np.array([50, -50, 7], np.float32)
    loss = TrimapCrossEntropy(dice_weight)
    assert float(loss(masks, other)) == float(loss(masks, logits))
    other[masks != 0] += np.array([1, 0, 0], np.float32)
    assert float(loss(masks, other)) != float(loss(masks, logits))


def test_a_batch_without_labels_is_worth_nothing() -> None:
    assert float(TrimapCrossEntropy()(np.zeros((1, 4, 4)), np.ones((1, 4, 4, 3)))) == 0.0


def test_extreme_logits_stay_finite() -> None:
    masks = np.full((1, 2, 2), 3, np.uint8)
    logits = np.broadcast_to(np.array([1e4, 0, -1e4], np.float32), (1, 2, 2, 3))
    assert float(TrimapCrossEntropy(1.0)(masks, logits)) == pytest.approx(2e4, rel=1e-3)


def test_configuration_makes_an_equal_loss(batch: tuple[np.ndarray, np.ndarray]) -> None:
    loss = TrimapCrossEntropy(0.7, name="mine")
    again = TrimapCrossEntropy.from_config(loss.get_config())
    assert again.name == "mine"
    assert float(again(*batch)) == float(loss(*batch))

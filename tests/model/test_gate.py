from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from model.data import Example
from model.gate import ENOUGH, OWN_MARGIN, OXFORD_MARGIN, Row, compare, decide, interval
from model.predict import Predictor

SIZE = 32


def row(
    where: str,
    old: float,
    new: float,
    *,
    photos: int = ENOUGH,
    high: float = 1.0,
    low: float = -1.0,
) -> Row:
    """Own photos are judged by pet IoU, Oxford's by mean IoU: the other figure says otherwise."""
    pet, mean = ((old, new), (new, old)) if where == "own" else ((new, old), (old, new))
    return Row(where, photos, 0.9, 0.9, *mean, *pet, low=low, high=high)


@pytest.mark.parametrize(
    ("own", "oxford", "adopted", "says"),
    [
        ((0.7, 0.8), None, True, "no worse"),
        ((0.7, 0.7), None, True, "no worse"),
        ((0.7, 0.7 - 0.9 * OWN_MARGIN), None, True, "no worse"),
        ((0.7, 0.7 - 1.1 * OWN_MARGIN), None, False, "your own"),
        (None, (0.7, 0.69), False, "Oxford"),
        ((0.7, 0.7), (0.7, 0.7 - 0.9 * OXFORD_MARGIN), True, "no worse"),
        ((0.7, 0.9), (0.7, 0.7 - 1.1 * OXFORD_MARGIN), False, "Oxford"),
        ((0.7, 0.6), (0.7, 0.9), False, "your own"),
    ],
)
def test_a_candidate_must_not_lose(
    own: tuple[float, float] | None,
    oxford: tuple[float, float] | None,
    adopted: bool,
    says: str,
) -> None:
    groups = {"own": own, "oxford": oxford}
    verdict = decide([row(where, *pair) for where, pair in groups.items() if pair])
    assert verdict.adopt is adopted
    assert verdict.sure
    assert says in verdict.reason


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "None of the photos"),
        ([row("oxford", 0.7, 0.8)], "None of the photos"),
        ([row("own", 0.7, 0.9, photos=1)], "1 photo of yours is kept aside"),
        ([row("own", 0.7, 0.9, photos=ENOUGH - 1), row("oxford", 0.7, 0.7)], "photos of yours"),
    ],
)
def test_too_few_photos_tell_nothing(rows: list[Row], says: str) -> None:
    verdict = decide(rows)
    assert (verdict.adopt, verdict.sure) == (False, False)
    assert says in verdict.reason


def test_a_small_loss_that_chance_does_not_explain_counts() -> None:
    small = 0.5 * OWN_MARGIN
    assert not decide([row("own", 0.7, 0.7 - small, high=-0.001)]).adopt
    assert decide([row("own", 0.7, 0.7 - small, high=0.001)]).adopt
    assert "is better" in decide([row("own", 0.7, 0.8, low=0.05)]).reason


def test_the_interval_is_about_the_mean_and_narrows_with_more_photos() -> None:
    draw = np.random.default_rng(1)
    few, many = draw.normal(0.1, 0.05, 6), draw.normal(0.1, 0.05, 200)
    for changes in (few, many):
        low, high = interval(list(changes))
        assert low < changes.mean() < high
    assert interval(list(many))[1] - interval(list(many))[0] < 0.3 * np.ptp(interval(list(few)))
    # By the normal approximation: 1.96 standard errors to either side.
    low, high = interval(list(many))
    half = 1.96 * many.std() / np.sqrt(200)
    assert (low, high) == pytest.approx((many.mean() - half, many.mean() + half), abs=0.001)
    assert interval([0.2] * 5) == pytest.approx((0.2, 0.2))
    assert np.isnan(interval([0.3])).all()


def test_a_row_can_bear_the_name_that_people_read() -> None:
    assert row("own", 0, 1).named({"own": "Your photos"}).where == "Your photos"
    assert row("other", 0, 1).named({"own": "Your photos"}).where == "other"


class Constant:
    """A predictor that says the same class everywhere."""

    input_size = SIZE

    def __init__(self, value: int) -> None:
        self._answer = np.zeros((SIZE, SIZE, 3), np.float32)
        self._answer[..., value - 1] = 1

    def probabilities(self, photos: list[np.ndarray]) -> list[np.ndarray]:
        return [self._answer for _ in photos]


def constant(value: int) -> Predictor:
    return cast("Predictor", Constant(value))


def example(value: int, name: str = "x", rows: int = 20) -> Example:
    """A photo labelled ``value`` in its upper half and background in the lower."""
    mask = np.full((rows, 10), 2, np.uint8)
    mask[: rows // 2] = value
    return Example(name, np.zeros((rows, 10, 3), np.uint8), mask)


def test_both_models_are_measured_on_the_same_photos() -> None:
    groups = {"own": iter([example(1), example(2, "y")]), "oxford": iter([example(2)])}
    own, oxford = compare(constant(1), constant(2), groups)
    assert (own.where, own.photos) == ("own", 2)
    assert (own.old_accuracy, own.new_accuracy) == (0.25, 0.75)
    # IoU old: pet 100/400, background 0; new: pet 0, background 300/400
    assert (own.old_mean_iou, own.new_mean_iou) == pytest.approx((0.125, 0.375))
    # Pet IoU, border apart: the second photo has no pet; old 0.5 and 0, new 0 and not known.
    assert [(score.id, score.old) for score in own.scores] == [("x", 0.5), ("y", 0.0)]
    assert own.scores[0].new == 0.0
    assert np.isnan(own.scores[1].new)
    assert (own.old_pet_iou, own.new_pet_iou) == (0.5, 0.0)
    assert own.old_iou[:2] == (0.25, 0.0)
    assert np.isnan([own.old_iou[2], own.low, own.high]).all()
    assert own.to_dict()["low"] is None
    assert own.to_dict()["scores"][1] == {"id": "y", "old": 0.0, "new": None}
    assert (oxford.photos, oxford.old_accuracy, oxford.new_accuracy) == (1, 0.0, 1.0)


@pytest.mark.parametrize("examples", [[], [example(0)]], ids=["no photo", "photo unlabelled"])
def test_a_group_that_can_tell_nothing_gives_no_row(examples: list[Example]) -> None:
    for photo in examples:
        photo.mask[:] = 0
    assert compare(constant(1), constant(2), {"own": examples}) == []


def test_comparing_can_be_stopped_before_any_prediction() -> None:
    def counting(most: int) -> Callable[[], None]:
        left = iter(range(most))

        def check() -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        return check

    with pytest.raises(KeyboardInterrupt):
        compare(constant(1), constant(2), {"own": [example(1)] * 3}, check=counting(5))
    assert compare(constant(1), constant(2), {"own": [example(1)] * 3}, check=counting(6))

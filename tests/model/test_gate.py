from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from model.data import Example
from model.gate import OWN_MARGIN, OXFORD_MARGIN, Row, compare, decide
from model.predict import Predictor

SIZE = 32


def row(where: str, old: float, new: float) -> Row:
    """Own photos are judged by pet IoU, Oxford's by mean IoU: the other figure says otherwise."""
    pet, mean = ((old, new), (new, old)) if where == "own" else ((new, old), (old, new))
    return Row(where, 3, 0.9, 0.9, *mean, *pet)


@pytest.mark.parametrize(
    ("own", "oxford", "adopted", "says"),
    [
        (None, None, False, "could not be compared"),
        ((0.7, 0.8), None, True, "no worse"),
        ((0.7, 0.7), None, True, "no worse"),
        ((0.7, 0.7 - 0.9 * OWN_MARGIN), None, True, "no worse"),
        ((0.7, 0.7 - 1.1 * OWN_MARGIN), None, False, "your own"),
        (None, (0.7, 0.7), True, "none of yours"),
        (None, (0.7, 0.699), False, "Oxford"),
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
    decision, reason = decide([row(where, *pair) for where, pair in groups.items() if pair])
    assert decision is adopted
    assert says in reason


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
    # Pet IoU, border apart: old 100 of 400 pixels, new none of 100.
    assert (own.old_pet_iou, own.new_pet_iou) == (0.25, 0.0)
    assert (oxford.photos, oxford.old_accuracy, oxford.new_accuracy) == (1, 0.0, 1.0)


@pytest.mark.parametrize("examples", [[], [example(0)]], ids=["no photo", "photo unlabelled"])
def test_a_group_that_can_tell_nothing_gives_no_row(examples: list[Example]) -> None:
    for photo in examples:
        photo.mask[:] = 0
    assert compare(constant(1), constant(2), {"own": examples}) == []


def test_comparing_can_be_stopped_before_any_photo() -> None:
    def counting(most: int) -> Callable[[], None]:
        left = iter(range(most))

        def check() -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        return check

    with pytest.raises(KeyboardInterrupt):
        compare(constant(1), constant(2), {"own": [example(1)] * 3}, check=counting(2))
    assert compare(constant(1), constant(2), {"own": [example(1)] * 3}, check=counting(3))

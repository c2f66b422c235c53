"""The confidence of a prediction and the disagreement of two: order, limits, odd input."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from model.labels import Label
from petseg_gui.core import confidence as module
from petseg_gui.core.confidence import confidence, disagreement

SIDE = 64


def disc(radius: float, softness: float = 1.0, top: float = 1.0) -> np.ndarray:
    """Probabilities of a round pet in the middle whose outline is the vaguer, the softer."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    pet = top / (1 + np.exp((np.hypot(rows, columns) - radius) / softness))
    pet_bytes = np.rint(255 * pet).astype(np.uint8)
    return np.dstack([pet_bytes, 255 - pet_bytes, np.zeros_like(pet_bytes)])


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    return (probabilities.argmax(axis=2) + 1).astype(np.uint8)


def uniform(value: Label, shape: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    return np.full(shape, value, np.uint8)


def certain(value: Label) -> np.ndarray:
    found = np.zeros((SIDE, SIDE, 3), np.uint8)
    found[..., value - 1] = 255
    return found


def of(probabilities: np.ndarray) -> float:
    return confidence(probabilities, most_probable(probabilities))


def test_a_vaguer_outline_is_trusted_less() -> None:
    found = [of(disc(20, softness)) for softness in (0.3, 1, 2, 4, 8)]

    assert found == sorted(found, reverse=True)
    assert found[0] > 0.85
    assert found[-1] < 0.7


def test_a_second_thing_that_may_be_a_pet_is_trusted_less() -> None:
    sure = disc(16, 0.5)
    doubtful = sure.copy()
    doubtful[2:14, 2:14] = (115, 140, 0)

    assert np.array_equal(most_probable(sure), most_probable(doubtful))
    assert of(doubtful) < of(sure) - 0.02


def test_the_same_doubt_weighs_more_on_a_small_pet() -> None:
    assert of(disc(5, 1)) < of(disc(12, 1)) < of(disc(25, 1))


def test_a_sure_border_takes_nothing_away() -> None:
    sharp = np.where(disc(20) > 127, np.uint8(255), np.uint8(0))
    ringed = sharp.copy()
    ring = cv2.morphologyEx(sharp[..., 0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    ringed[ring] = (0, 0, 255)

    assert of(ringed) == pytest.approx(of(sharp), abs=1e-6)


def test_the_mean_over_the_levels_is_the_one_counted_level_by_level() -> None:
    random = np.random.default_rng(3)
    shares = random.dirichlet((0.5, 0.5, 0.3), (SIDE, SIDE))
    found = np.floor(255 * shares).astype(np.uint8)
    found[..., 2] = 255 - found[..., 0] - found[..., 1]
    inside = most_probable(found) == Label.PET

    ious = []
    for level in range(13, 243):
        pet, background = found[..., 0] > level, found[..., 1] > 255 - level
        known = pet | background
        ious.append((inside & pet).sum() / ((inside & known) | pet).sum())
    mean = float(np.mean(ious))
    odds = module.OFFSET + module.SLOPE * np.log(mean / (1 - mean))

    assert of(found) == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-9)


def test_a_mask_that_the_model_does_not_believe_in_gets_little() -> None:
    found = disc(16, 1)

    assert confidence(found, (3 - most_probable(found)).astype(np.uint8)) < 0.2


@pytest.mark.parametrize("value", [Label.BACKGROUND, Label.BORDER, Label.UNLABELLED])
@pytest.mark.parametrize("of_model", [Label.PET, Label.BACKGROUND, Label.BORDER])
def test_without_a_pet_it_is_nought(value: Label, of_model: Label) -> None:
    assert confidence(certain(of_model), uniform(value)) == 0.0


def test_all_pet_is_as_sure_as_the_model() -> None:
    unsure = np.full((SIDE, SIDE, 3), (102, 77, 76), np.uint8)

    assert 0.95 < confidence(certain(Label.PET), uniform(Label.PET)) <= 1
    assert 0 < confidence(unsure, uniform(Label.PET)) < 0.6


def test_a_pet_of_which_the_model_knows_nothing_is_nought() -> None:
    assert confidence(certain(Label.BORDER), uniform(Label.PET)) == 0.0
    assert confidence(certain(Label.BACKGROUND), uniform(Label.PET)) == 0.0


def test_the_photo_may_have_any_size_and_shape() -> None:
    found = disc(20, 1)
    mask = most_probable(found)
    wide = cv2.resize(mask, (700, 300), interpolation=cv2.INTER_NEAREST_EXACT)

    assert confidence(found, wide) == pytest.approx(confidence(found, mask), abs=0.005)
    assert 0 <= confidence(found, uniform(Label.PET, (1, 1))) <= 1
    assert 0 <= confidence(found, uniform(Label.PET, (1, 5000))) <= 1
    assert 0.9 < confidence(np.array([[[255, 0, 0]]], np.uint8), uniform(Label.PET, (1, 1))) <= 1


def test_a_pet_too_small_for_the_network_is_one_to_look_at() -> None:
    mask = uniform(Label.BACKGROUND, (4000, 4000))
    mask[100, 100] = Label.PET

    assert confidence(certain(Label.BACKGROUND), mask) == 0.0


def test_nothing_that_it_reads_is_changed_nor_need_be_contiguous() -> None:
    found = disc(20, 2)
    mask = most_probable(found)
    before = confidence(found, mask)
    found.setflags(write=False)
    mask.setflags(write=False)

    assert confidence(found[:, ::-1], mask[:, ::-1]) == pytest.approx(before)
    assert confidence(np.asfortranarray(found), np.asfortranarray(mask)) == before
    assert disagreement(mask[::-1, ::-1], mask[::-1, ::-1]) == 0


@pytest.mark.parametrize(
    ("probabilities", "mask"),
    [
        (np.zeros((8, 8, 3), np.float32), uniform(Label.PET)),
        (np.zeros((8, 8), np.uint8), uniform(Label.PET)),
        (np.zeros((8, 8, 4), np.uint8), uniform(Label.PET)),
        (np.zeros((0, 0, 3), np.uint8), uniform(Label.PET)),
        (certain(Label.PET), np.zeros((8, 8), np.float32)),
        (certain(Label.PET), np.zeros((8, 8, 3), np.uint8)),
        (certain(Label.PET), np.zeros((0, 8), np.uint8)),
    ],
)
def test_what_is_no_prediction_is_refused(probabilities: np.ndarray, mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"probabilities|mask"):
        confidence(probabilities, mask)


def test_it_takes_at_most_five_milliseconds_for_twelve_megapixels() -> None:
    random = np.random.default_rng(0)
    pet = random.integers(0, 256, (256, 256), np.uint8)
    found = np.dstack([pet, 255 - pet, np.zeros_like(pet)])
    mask = np.tile(np.repeat(np.array([1, 2], np.uint8), 50), (3000, 40))
    times = []
    for _ in range(20):
        start = time.perf_counter()
        confidence(found, mask)
        times.append(time.perf_counter() - start)

    # The quickest: a busy computer is none of the function's doing.
    assert min(times) <= 0.005


def test_disagreement_is_one_less_the_pets_iou() -> None:
    a, b = uniform(Label.BACKGROUND), uniform(Label.BACKGROUND)
    a[0, :30] = Label.PET
    b[0, 10:40] = Label.PET
    b[5] = Label.BORDER

    assert disagreement(a, b) == pytest.approx(1 - 20 / 40)
    assert disagreement(b, a) == disagreement(a, b)
    assert disagreement(a, a.copy()) == 0


@pytest.mark.parametrize("other", [Label.BACKGROUND, Label.BORDER, Label.UNLABELLED])
def test_disagreement_where_a_pet_is_missing(other: Label) -> None:
    none, all_ = uniform(other), uniform(Label.PET)

    assert disagreement(none, uniform(Label.BACKGROUND)) == 0
    assert disagreement(none, all_) == disagreement(all_, none) == 1
    assert disagreement(all_, all_) == 0


def test_masks_of_two_photos_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(64, 64\) and \(2, 3\)"):
        disagreement(uniform(Label.PET), uniform(Label.PET, (2, 3)))
    with pytest.raises(ValueError, match="mask"):
        disagreement(np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.uint8))

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from model import weights
from model.data import Example
from model.evaluate import evaluate
from model.labels import MaskArray
from model.predict import Predictor, Variant
from model.resize import mask_at_size, probability_bytes, resize_photo
from model.weights import ModelCard, ModelFileError
from tests.conftest import blob


@pytest.fixture(scope="module")
def predictor(tiny_model_file: Path) -> Predictor:
    return Predictor.load(tiny_model_file)


def test_probabilities_are_those_of_the_network(predictor: Predictor) -> None:
    photos = [blob(90, 70)[0], blob(40, 130, 1)[0]]
    found = predictor.probabilities(photos)
    assert predictor.input_size == 64
    assert len(found) == 2
    small = np.stack([resize_photo(photo, 64) for photo in photos]).astype(np.float32)
    logits = np.asarray(predictor.model(small, training=False)).astype(np.float64)
    expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for one, wanted in zip(found, expected, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, wanted, atol=1e-5)
        np.testing.assert_allclose(one.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("size", [(64, 64), (130, 40), (1, 1), (300, 3)])
def test_a_mask_has_the_photos_size(predictor: Predictor, size: tuple[int, int]) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    mask = predictor.mask(photo)
    assert mask.shape == size
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) <= {1, 2, 3}
    (found,) = predictor.probabilities([photo])
    np.testing.assert_array_equal(mask, mask_at_size(found, *size))


def test_one_run_gives_mask_and_probabilities(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = blob(90, 70)[0]
    runs: list[int] = []
    real = predictor.probabilities

    def counted(photos: list[np.ndarray]) -> list[np.ndarray]:
        runs.append(len(photos))
        return real(photos)

    monkeypatch.setattr(predictor, "probabilities", counted)
    found = predictor.predict(photo)
    assert runs == [1]
    np.testing.assert_array_equal(found.mask, predictor.mask(photo))
    (exact,) = real([photo])
    assert found.probabilities.dtype == np.uint8
    assert found.probabilities.shape == (64, 64, 3)
    assert np.abs(found.probabilities / 255 - exact).max() < 1 / 255


def test_rounded_probabilities_still_sum_to_one_and_keep_their_order() -> None:
    rng = np.random.default_rng(0)
    exact = rng.dirichlet((0.3, 0.3, 0.3), (80, 80)).astype(np.float32)
    exact[0, :3] = np.array([[6, 0, 0], [2, 2, 2], [3, 3, 0]]) / 6
    kept = probability_bytes(exact)
    assert kept.dtype == np.uint8
    np.testing.assert_array_equal(kept.sum(-1, dtype=int), 255)
    assert np.abs(kept / 255 - exact).max() < 1 / 255
    best = np.take_along_axis(kept, exact.argmax(-1)[..., None], -1)[..., 0]
    np.testing.assert_array_equal(best, kept.max(-1))
    assert kept[0, 0].tolist() == [255, 0, 0]
    assert kept[0, 1].tolist() == [85, 85, 85]
    assert sorted(kept[0, 2].tolist()) == [0, 127, 128]


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        Predictor.load(tmp_path / "absent.safetensors")


class Known:
    """A predictor that knows what to answer, photo by photo."""

    input_size = 4

    def __init__(self, answers: list[MaskArray]) -> None:
        self._answers = iter(answers)

    def probabilities(self, photos: list[np.ndarray]) -> list[np.ndarray]:
        return [np.eye(4, dtype=np.float32)[next(self._answers)][..., 1:] for _ in photos]


def measured(truth: list[MaskArray], answers: list[MaskArray]) -> dict[str, object]:
    examples = [
        Example(str(i), np.zeros((*mask.shape, 3), np.uint8), mask) for i, mask in enumerate(truth)
    ]
    seen: list[tuple[str, tuple[int, ...]]] = []
    found = evaluate(
        cast("Predictor", Known(answers)),
        examples,
        on_photo=lambda example, mask: seen.append((example.id, mask.shape)),
    )
    assert seen == [(e.id, e.mask.shape) for e in examples]
    return found.to_dict()


def test_known_answers_give_known_figures() -> None:
    left = np.full((4, 4), 2, np.uint8)
    left[:, :2] = 1
    # The first photo is 8×8 and right; of the second, a pet all over, a half is found.
    found = measured([left.repeat(2, 0).repeat(2, 1), np.ones((4, 4), np.uint8)], [left, left])
    assert found["photos"] == 2
    assert found["input_size"] == 4
    small, full = found["at_input_size"], found["at_photo_size"]
    assert isinstance(small, dict)
    assert isinstance(full, dict)
    assert (small["pixels"], full["pixels"]) == (32, 80)
    assert small["pixel_accuracy"] == pytest.approx(24 / 32)
    assert full["pixel_accuracy"] == pytest.approx(72 / 80)
    assert full["iou"] == {
        "pet": pytest.approx(40 / 48),
        "background": pytest.approx(32 / 40),
        "border": None,
    }
    assert full["mean_iou"] == pytest.approx((40 / 48 + 32 / 40) / 2)
    assert found["mean_pet_iou"] == pytest.approx((1.0 + 0.5) / 2)
    # The first outline is met; the second photo has none, and one was predicted.
    assert found["mean_boundary_f"] == pytest.approx((1.0 + 0.0) / 2)


def test_without_a_pet_its_iou_is_unknown_and_the_figures_still_json() -> None:
    background = np.full((4, 4), 2, np.uint8)
    found = measured([background], [background])
    assert found["mean_pet_iou"] is None
    assert found["mean_boundary_f"] is None
    json.dumps(found, allow_nan=False)
    assert measured([], [])["photos"] == 0


# -- other weights in the same network -------------------------------------------------------


def changed(model_file: Path, folder: Path, by: float) -> Path:
    """A copy of a model whose weights are all larger."""
    path = folder / f"by{by}.safetensors"
    tensors = {name: value + by for name, value in weights.read_tensors(model_file).items()}
    weights.write(tensors, path, weights.read_card(model_file))
    return path


def test_a_predictor_takes_the_weights_of_another_file(
    tiny_model_file: Path, tmp_path: Path
) -> None:
    photos = [blob(90, 70)[0]]
    other = changed(tiny_model_file, tmp_path, 0.01)
    used = Predictor.load(tiny_model_file)
    before = used.probabilities(photos)
    assert used.renew(other)
    found = used.probabilities(photos)
    np.testing.assert_array_equal(found, Predictor.load(other).probabilities(photos))
    assert not np.array_equal(found, before)
    assert used.renew(tiny_model_file)
    np.testing.assert_array_equal(used.probabilities(photos), before)


def test_weights_that_cannot_be_used_change_nothing(tiny_model_file: Path, tmp_path: Path) -> None:
    photos = [blob(90, 70)[0]]
    used = Predictor.load(tiny_model_file)
    before = used.probabilities(photos)
    with pytest.raises(ModelFileError, match="not finite"):
        used.renew(changed(tiny_model_file, tmp_path, np.nan))
    card = weights.read_card(tiny_model_file)
    wider = ModelCard({**card.network, "input_size": 128}, card.about)
    other = tmp_path / "wider.safetensors"
    weights.write(weights.read_tensors(tiny_model_file), other, wider)
    assert not used.renew(other)
    np.testing.assert_array_equal(used.probabilities(photos), before)


def test_two_variants_take_turns_in_one_network(tiny_model_file: Path, tmp_path: Path) -> None:
    photos = [blob(90, 70)[0]]
    files = [tiny_model_file, changed(tiny_model_file, tmp_path, 0.01)]
    expected = [Predictor.load(file).probabilities(photos) for file in files]
    shared = Predictor.load(files[0])
    variants = [Variant(shared, weights.read_tensors(file), file) for file in files]
    for turn in (0, 1, 1, 0):
        np.testing.assert_array_equal(variants[turn].probabilities(photos), expected[turn])
    assert shared.renew(files[1])
    np.testing.assert_array_equal(variants[0].probabilities(photos), expected[0])


def test_a_closed_predictor_leaves_nothing_to_collect(tiny_model_file: Path) -> None:
    used = Predictor.load(tiny_model_file)
    used.warm_up()
    layer = weakref.ref(used.model.layers[-1])
    gc.collect()
    gc.disable()
    try:
        used.close()
        del used
        assert layer() is None
    finally:
        gc.enable()

"""The mean of four looks at a photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model.careful import CarefulPredictor
from model.predict import Predictor
from tests.conftest import blob

PHOTO = blob(90, 70, 3)[0]


@pytest.fixture(scope="module")
def careful(tiny_model_file: Path) -> CarefulPredictor:
    return CarefulPredictor(tiny_model_file)


def test_probabilities_are_as_large_as_the_larger_look(
    careful: CarefulPredictor, tiny_model_file: Path
) -> None:
    (found,) = careful.probabilities([PHOTO])
    size = careful.input_size
    assert size > Predictor.load(tiny_model_file).input_size
    assert found.shape == (size, size, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-5)


def test_a_mirrored_photo_gives_the_mirrored_answer(
    careful: CarefulPredictor, tiny_model_file: Path
) -> None:
    mirrored = np.ascontiguousarray(PHOTO[:, ::-1])
    found, other = careful.probabilities([PHOTO, mirrored])
    np.testing.assert_allclose(other[:, ::-1], found, atol=1e-5)
    # One look alone does not: the network is no mirror of itself.
    plain, turned = Predictor.load(tiny_model_file).probabilities([PHOTO, mirrored])
    assert np.abs(turned[:, ::-1] - plain).max() > 1e-4

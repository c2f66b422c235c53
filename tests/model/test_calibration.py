"""Probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from model.calibration import (
    MAX_TEMPERATURE,
    Calibration,
    divide_logits,
    fit_temperature,
)
from model.unet import DECODERS, UNetConfig, build_unet

SIZE = 64


def drawn(temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and masks drawn from the probabilities that they have at a temperature."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, 4, (40, SIZE, SIZE, 3))
    gumbel = draw.gumbel(size=logits.shape)
    return logits, (np.argmax(logits / temperature + gumbel, -1) + 1).astype(np.uint8)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    logits, masks = drawn(temperature)

    assert fit_temperature(list(logits), list(masks)) == pytest.approx(temperature, rel=0.05)


def test_pixels_that_nobody_labelled_count_nowhere() -> None:
    logits, masks = drawn(2.0)
    spoiled = logits.copy()
    masks[:, : SIZE // 2] = 0
    spoiled[:, : SIZE // 2] = 1000.0

    assert fit_temperature([spoiled], [masks]) == fit_temperature([logits], [masks])
    assert fit_temperature([logits], [np.zeros_like(masks)]) == 1.0


def test_logits_that_say_nothing_get_the_largest_temperature() -> None:
    logits, masks = drawn(1.0)
    wrong = (masks % 3 + 1).astype(np.uint8)

    assert fit_temperature([10 * logits], [wrong]) == pytest.approx(MAX_TEMPERATURE, rel=1e-3)


def test_the_error_is_how_far_sureness_is_from_being_right() -> None:
    truth = np.array([[1, 1, 1, 1], [2, 2, 0, 3]], np.uint8)
    probabilities = np.zeros((2, 4, 3), np.float32)
    probabilities[..., 0], probabilities[..., 1], probabilities[..., 2] = 0.8, 0.15, 0.05
    found = Calibration()
    assert np.isnan(found.error)

    found.add(truth, probabilities)

    # Four of seven are right where 0.8 of them should be.
    assert found.error == pytest.approx(0.8 - 4 / 7, abs=1e-6)


def test_it_is_a_mean_over_bins() -> None:
    found = Calibration()
    for sure, right in ((0.95, 3), (0.55, 1)):
        probabilities = np.full((1, 4, 3), (1 - sure) / 2, np.float32)
        probabilities[..., 0] = sure
        found.add(np.array([[1] * right + [2] * (4 - right)], np.uint8), probabilities)

    assert found.error == pytest.approx((abs(0.95 - 0.75) + abs(0.55 - 0.25)) / 2, abs=1e-6)


@pytest.mark.parametrize("decoder", DECODERS)
def test_divided_logits_are_the_logits_divided(decoder: str) -> None:
    model = build_unet(UNetConfig(32, 0.0, decoder), seed=3)
    photo = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 3)).astype(np.float32)
    before = np.asarray(model(photo, training=False))

    divide_logits(model, 2.0)

    np.testing.assert_allclose(np.asarray(model(photo, training=False)), before / 2, rtol=1e-4)
    with pytest.raises(ValueError, match="above 0"):
        divide_logits(model, 0.0)

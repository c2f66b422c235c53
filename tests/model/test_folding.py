"""The network for prediction gives what the network that learns gives."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from model.folding import Folded
from model.unet import DECODERS, UNetConfig, build_unet

TOLERANCE = 1e-5
"""Of the logits, relative to the largest."""


def scrambled(decoder: str) -> keras.Model:
    """A network with numbers of its own in every normalisation."""
    model = build_unet(UNetConfig(64, 0.2, decoder), seed=1)
    shake(model, 0)
    return model


def shake(model: keras.Model, seed: int) -> None:
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        if variable.path.endswith(("moving_variance", "gamma")):
            variable.assign(draw.uniform(0.5, 2.0, variable.shape))
        elif variable.path.endswith(("moving_mean", "beta")):
            variable.assign(draw.normal(0.0, 0.3, variable.shape))


@pytest.fixture(scope="module")
def photos() -> Any:
    return np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)


@pytest.mark.parametrize("decoder", DECODERS)
def test_it_gives_the_same_logits(decoder: str, photos: Any) -> None:
    model = scrambled(decoder)
    expected = np.asarray(model(photos, training=False))

    folded = Folded(model)

    found = np.asarray(folded.network(photos, training=False))
    assert np.abs(expected).max() > 0
    assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()
    layers = [*folded.network._flatten_layers()]
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers)


def test_refreshed_it_has_the_weights_of_now(photos: Any) -> None:
    model = scrambled("separable")
    folded = Folded(model)
    before = np.asarray(folded.network(photos, training=False))
    shake(model, 1)

    folded.refresh()

    after = np.asarray(folded.network(photos, training=False))
    expected = np.asarray(model(photos, training=False))
    assert np.abs(after - expected).max() <= TOLERANCE * np.abs(expected).max()
    assert np.abs(after - before).max() > 100 * TOLERANCE * np.abs(expected).max()


def test_a_network_in_half_precision_predicts_in_full(photos: Any) -> None:
    from model.precision import MIXED, building_under

    with building_under(MIXED):
        model = build_unet(UNetConfig(64), seed=1)

    folded = Folded(model)

    assert {str(layer.compute_dtype) for layer in folded.network._flatten_layers()} == {"float32"}
    assert np.isfinite(np.asarray(folded.network(photos, training=False))).all()

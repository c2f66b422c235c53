from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pytest

from model.losses import TrimapCrossEntropy
from model.unet import (
    BOTTOM_LAYER,
    DECODERS,
    SKIP_LAYERS,
    UNetConfig,
    build_unet,
    encoder_of,
    halves,
)

SMALL = UNetConfig(input_size=64)


def trainable(model: keras.Model) -> int:
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def batch_norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]


@pytest.fixture(scope="module")
def small() -> keras.Model:
    return build_unet(SMALL)


def test_parameters_of_the_article() -> None:
    model = build_unet(freeze_encoder=True)
    assert model.input_shape == (None, 256, 256, 3)
    assert model.output_shape == (None, 256, 256, 3)
    assert model.count_params() == 10_124_067
    assert trainable(model) == 8_280_163


def test_an_encoder_that_is_not_frozen_trains_too(small: keras.Model) -> None:
    assert small.count_params() == 10_124_067  # whatever the input size
    assert trainable(small) > 8_280_163


def test_skips_join_the_named_layers_at_their_sizes(small: keras.Model) -> None:
    encoder = encoder_of(small)
    sizes = [encoder.get_layer(name).output.shape[1] for name in (*SKIP_LAYERS, BOTTOM_LAYER)]
    assert sizes == [32, 16, 8, 4, 2]
    assert [tuple(output.shape[1:3]) for output in encoder.outputs] == [(s, s) for s in sizes]
    # transposed convolution's filters + the skip's channels
    joined = [small.get_layer(f"skip_{i}").output.shape[1:] for i in (1, 2, 3, 4)]
    assert joined == [(4, 4, 512 + 576), (8, 8, 256 + 192), (16, 16, 128 + 144), (32, 32, 64 + 96)]


def test_the_light_decoder_has_a_fifth_of_the_parameters() -> None:
    model = build_unet(UNetConfig(64, 0.0, "separable"), freeze_encoder=True)
    assert model.output_shape == (None, 64, 64, 3)
    assert model.count_params() == 2_141_555
    assert trainable(model) == 297_363


def test_a_decoder_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="separable, not 'nearest'"):
        UNetConfig(decoder="nearest")


def test_depthwise_kernels_of_the_light_decoder_begin_at_the_scale_of_nine_inputs() -> None:
    """Smaller by the number of channels, they had it predict one class for hundreds of steps."""
    model = build_unet(UNetConfig(64, 0.0, "separable"))
    layers = [x for x in model.layers if isinstance(x, keras.layers.DepthwiseConv2D)]

    spread = [float(np.std(np.asarray(layer.kernel))) for layer in layers]

    assert len(spread) == 8
    np.testing.assert_allclose(spread, math.sqrt(2 / 9), rtol=0.1)


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_network_in_two_halves_gives_what_the_whole_gives(decoder: str) -> None:
    model = build_unet(UNetConfig(64, 0.0, decoder), seed=1)
    photo = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)

    encoder, rest = halves(model)

    found = rest(encoder(photo, training=False), training=False)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(model(photo, training=False)))
    ours = {v.path for half in (encoder, rest) for v in half.weights}
    assert ours == {v.path for v in model.weights}


@pytest.mark.parametrize("size", [0, -32, 16, 100, 255])
def test_sizes_that_cannot_be_halved_five_times_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        UNetConfig(input_size=size)


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_impossible_dropout_is_refused(dropout: float) -> None:
    with pytest.raises(ValueError, match="dropout"):
        UNetConfig(dropout=dropout)


def test_dropout_adds_layers_but_no_parameters(small: keras.Model) -> None:
    model = build_unet(UNetConfig(input_size=64, dropout=0.5))
    dropouts = [x for x in model.layers if isinstance(x, keras.layers.Dropout)]
    assert [x.rate for x in dropouts] == [0.5] * 4
    assert not [x for x in small.layers if isinstance(x, keras.layers.Dropout)]
    assert [w.path for w in model.weights if "seed" not in w.path] == [
        w.path for w in small.weights
    ]
    assert sum(math.prod(w.shape) for w in model.weights) == 10_124_067


def test_new_kernels_are_drawn_from_a_narrow_normal_distribution(small: keras.Model) -> None:
    names = [*(f"up_{i}_conv" for i in (1, 2, 3, 4)), "logits"]
    for name in names:
        kernel = np.asarray(small.get_layer(name).kernel)
        error = 0.02 / math.sqrt(kernel.size)
        assert abs(kernel.mean()) < 5 * error
        assert abs(kernel.std() - 0.02) < 5 * error
    again, other = build_unet(SMALL), build_unet(SMALL, seed=1)
    first, second, third = (np.asarray(m.get_layer("logits").kernel) for m in (small, again, other))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)


def test_photos_of_any_whole_range_are_scaled_for_the_encoder(small: keras.Model) -> None:
    scale = small.get_layer("to_minus_one_one")
    np.testing.assert_allclose(np.asarray(scale(np.array([0.0, 127.5, 255.0]))), [-1, 0, 1])


def test_training_moves_the_decoders_statistics_and_not_the_encoders(eager: None) -> None:
    model = build_unet(SMALL)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss=TrimapCrossEntropy())
    rng = np.random.default_rng(0)
    photos = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
    masks = rng.integers(1, 4, (2, 64, 64)).astype(np.uint8)

    def values(layers: list[keras.layers.BatchNormalization]) -> list[np.ndarray]:
        return [np.asarray(v) for x in layers for v in (x.moving_mean, x.moving_variance)]

    # The explicit training=False of a nested model is overridden by Keras 3: this is no formality.
    inside, outside = batch_norms(encoder_of(model)), batch_norms(model)
    assert (len(inside), len(outside)) == (50, 4)
    kernel = encoder_of(model).get_layer("Conv1").kernel
    before, decoder_before = values(inside), values(outside)
    kernel_before = np.asarray(kernel).copy()
    model.train_on_batch(photos, masks)
    for old, new in zip(before, values(inside), strict=True):
        np.testing.assert_array_equal(old, new)
    for old, new in zip(decoder_before, values(outside), strict=True):
        assert not np.array_equal(old, new)
    assert not np.array_equal(kernel_before, np.asarray(kernel))  # yet its kernels learn


def test_only_known_encoder_weights_are_accepted() -> None:
    with pytest.raises(ValueError, match="'imagenet' or None"):
        build_unet(SMALL, encoder_weights="cats")


@pytest.mark.shared
def test_imagenet_weights_are_loaded(shared: Path) -> None:
    import h5py

    encoder = encoder_of(build_unet(SMALL, encoder_weights="imagenet"))
    (file,) = (shared / "keras" / "models").glob("mobilenet_v2*_no_top.h5")
    with h5py.File(file) as stored:
        for name in ("Conv1", "block_5_project", "block_16_project"):
            (wanted,) = stored[name][name].values()
            np.testing.assert_array_equal(np.asarray(encoder.get_layer(name).kernel), wanted[:])
        norms = stored["bn_Conv1"]["bn_Conv1"]
        (norm,) = (value[:] for name, value in norms.items() if "variance" in name)
    np.testing.assert_array_equal(np.asarray(encoder.get_layer("bn_Conv1").moving_variance), norm)

"""The U-Net: MobileNetV2 encoder, one of two decoders, three channels of logits.

Keras 3 operations only, so it runs on any of Keras's backends.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import keras

from model.labels import NUM_CLASSES

SKIP_LAYERS = (
    "block_1_expand_relu",  # 1/2 of the input size
    "block_3_expand_relu",  # 1/4
    "block_6_expand_relu",  # 1/8
    "block_13_expand_relu",  # 1/16
)
BOTTOM_LAYER = "block_16_project"  # 1/32
DECODER_FILTERS = (512, 256, 128, 64)
SEPARABLE_FILTERS = (160, 96, 64, 48)
DECODERS = ("transposed", "separable")
ENCODER = "encoder"
SIZE_MULTIPLE = 32
"""Input sizes are multiples of this: the encoder halves the picture five times."""


class EncoderWeightsError(Exception):
    """The ImageNet weights are not to be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class UNetConfig:
    """What fixes the shape of a network.

    Attributes:
        input_size: height and width of the input in pixels, a multiple of 32.
        dropout: share of decoder activations dropped in training, 0 to below 1.
        decoder: ``"transposed"``, the article's transposed convolutions, or ``"separable"``:
            bilinear upsampling and depthwise-separable convolutions, an eighth of the arithmetic.
    """

    input_size: int = 256
    dropout: float = 0.0
    decoder: str = "transposed"

    def __post_init__(self) -> None:
        if self.input_size < SIZE_MULTIPLE or self.input_size % SIZE_MULTIPLE:
            raise ValueError(
                f"input size must be a multiple of {SIZE_MULTIPLE}, not {self.input_size}"
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout must be at least 0 and below 1, not {self.dropout}")
        if self.decoder not in DECODERS:
            raise ValueError(f"the decoder is one of {', '.join(DECODERS)}, not {self.decoder!r}")

    def to_dict(self) -> dict[str, Any]:
        """The arguments as plain values, for a manifest."""
        return asdict(self)


def build_unet(
    config: UNetConfig | None = None,
    *,
    encoder_weights: str | None = None,
    freeze_encoder: bool = False,
    seed: int | None = 0,
) -> keras.Model:
    """Build the network.

    The input holds RGB values 0..255 (any dtype); scaling to [-1, 1], what MobileNetV2
    expects, is the network's first layer, so that no caller can give it another range.

    The encoder's batch normalisation stays in inference mode even while its kernels train:
    Keras's MobileNetV2 has momentum 0.999, and after a few hundred steps its moving
    statistics would lag behind the weights.

    Args:
        config: input size and dropout; the article's 256 and none by default.
        encoder_weights: ``"imagenet"`` (downloaded by Keras once, see ``KERAS_HOME``) or
            None for random weights.
        freeze_encoder: whether the encoder's weights stay fixed in training.
        seed: of the new kernels, drawn from N(0, 0.02), or He's for the light decoder; None: they
            are 0, for whoever has numbers of their own to put there.

    Raises:
        EncoderWeightsError: the ImageNet weights could not be loaded.
        ValueError: ``encoder_weights`` is something else.

    Returns:
        A model from (batch, size, size, 3) to logits (batch, size, size, 3), float32,
        channels in the order of :data:`model.labels.CLASSES`.

    Example:
        >>> build_unet().count_params()
        10124067
    """
    config = config or UNetConfig()
    size = config.input_size
    photo = keras.Input((size, size, 3), name="photo")
    encoder = _build_encoder(size, encoder_weights)
    encoder.trainable = not freeze_encoder

    scaled = keras.layers.Rescaling(1.0 / 127.5, offset=-1.0, name="to_minus_one_one")(photo)
    decode = _separable if config.decoder == "separable" else _transposed
    *skips, bottom = encoder(scaled)
    logits = decode(bottom, skips[::-1], config.dropout, _Kernels(seed))
    return keras.Model(photo, logits, name="petseg_unet")


def encoder_of(model: keras.Model) -> keras.Model:
    """The encoder inside a network made by :func:`build_unet`."""
    return model.get_layer(ENCODER)


def logits_layer(model: keras.Model) -> Any:
    """The last layer with weights: the logits, or what becomes them, are linear in these."""
    return next(layer for layer in reversed(model.layers) if layer.weights)


def halves(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """A network in two, which share its variables.

    Returns:
        From photos to what the encoder found, a list of tensors, and from that to logits.
    """
    found = list(encoder_of(model)._inbound_nodes[-1].outputs)
    return keras.Model(model.input, found), keras.Model(found, model.output)


class _Encoder(keras.Model):
    """The encoder; its batch normalisation never runs in training mode.

    ``encoder(x, training=False)`` in :func:`build_unet` would not do: when the network is
    called, Keras puts the network's own ``training`` in the place of the one given there.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The skips' and the bottom layer's outputs."""
        return super().call(inputs, training=False, mask=mask)


def _build_encoder(size: int, weights: str | None) -> keras.Model:
    # Keras warns about sizes for which it has no weights of their own although the
    # convolutional part does not depend on the size; built without a fixed size, it is silent.
    base = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None
    )
    encoder = _Encoder(
        base.input,
        [base.get_layer(name).output for name in (*SKIP_LAYERS, BOTTOM_LAYER)],
        name=ENCODER,
    )
    if weights == "imagenet":
        _copy_imagenet_weights(encoder)
    elif weights is not None:
        raise ValueError(f"encoder weights are 'imagenet' or None, not {weights!r}")
    return encoder


def _copy_imagenet_weights(encoder: keras.Model) -> None:
    try:
        source = keras.applications.MobileNetV2(
            input_shape=(224, 224, 3), include_top=False, weights="imagenet"
        )
    except Exception as error:  # Keras's downloader raises no narrower one
        raise EncoderWeightsError(
            f"The ImageNet weights of MobileNetV2 could not be loaded ({error}). Connect to the "
            "network once, or set KERAS_HOME to a folder whose 'models' has them."
        ) from error
    for layer in encoder.layers:
        if not layer.weights:  # activations and inputs, whose names Keras numbers at will
            continue
        layer.set_weights(source.get_layer(layer.name).get_weights())


class _Kernels:
    """What new kernels begin with; every one has a seed of its own, counted from the first."""

    def __init__(self, first: int | None) -> None:
        self._first = first

    def seed(self, number: int) -> int:
        return (self._first or 0) + number

    def article(self, number: int) -> keras.initializers.Initializer:
        return self._normal(number, 0.02)

    def he(self, number: int) -> keras.initializers.Initializer:
        if self._first is None:
            return keras.initializers.Zeros()
        return keras.initializers.HeNormal(seed=self.seed(number))

    def he_depthwise(self, number: int) -> keras.initializers.Initializer:
        # Each channel has nine inputs; Keras's HeNormal counts nine for every channel.
        return self._normal(number, (2.0 / 9.0) ** 0.5)

    def _normal(self, number: int, deviation: float) -> keras.initializers.Initializer:
        if self._first is None:
            return keras.initializers.Zeros()
        return keras.initializers.RandomNormal(0.0, deviation, seed=self.seed(number))


def _transposed(x: Any, skips: list[Any], dropout: float, kernels: _Kernels) -> Any:
    """The article's decoder: transposed convolutions; ``skips`` from the bottom up."""
    for index, (filters, skip) in enumerate(zip(DECODER_FILTERS, skips, strict=True)):
        name = f"up_{index + 1}"
        x = keras.layers.Conv2DTranspose(
            filters,
            4,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=kernels.article(index),
            name=f"{name}_conv",
        )(x)
        x = _activated(x, name, dropout, kernels.seed(index))
        x = keras.layers.Concatenate(name=f"skip_{index + 1}")([x, skip])
    return keras.layers.Conv2DTranspose(
        NUM_CLASSES,
        3,
        strides=2,
        padding="same",
        kernel_initializer=kernels.article(len(DECODER_FILTERS)),
        dtype="float32",  # logits in full precision under a mixed-precision policy
        name="logits",
    )(x)


def _separable(x: Any, skips: list[Any], dropout: float, kernels: _Kernels) -> Any:
    """The light decoder: skips made narrow, and two separable convolutions after each doubling."""
    for index, (filters, skip) in enumerate(zip(SEPARABLE_FILTERS, skips, strict=True)):
        name, key = f"up_{index + 1}", 10 * index
        narrow = _pointwise(skip, filters, f"{name}_skip", 0.0, kernels, number=key)
        x = keras.layers.UpSampling2D(interpolation="bilinear", name=f"{name}_double")(x)
        x = keras.layers.Concatenate(name=f"skip_{index + 1}")([x, narrow])
        for part, drop in (("a", 0.0), ("b", dropout)):
            key += 2
            x = keras.layers.DepthwiseConv2D(
                3,
                padding="same",
                use_bias=False,
                depthwise_initializer=kernels.he_depthwise(key),
                name=f"{name}_{part}_depthwise",
            )(x)
            x = _pointwise(x, filters, f"{name}_{part}", drop, kernels, number=key + 1)
    x = keras.layers.Conv2D(
        NUM_CLASSES,
        1,
        kernel_initializer=kernels.article(100),
        dtype="float32",
        name="half_size_logits",
    )(x)
    return keras.layers.UpSampling2D(interpolation="bilinear", dtype="float32", name="logits")(x)


def _pointwise(
    x: Any, filters: int, name: str, dropout: float, kernels: _Kernels, *, number: int
) -> Any:
    x = keras.layers.Conv2D(
        filters, 1, use_bias=False, kernel_initializer=kernels.he(number), name=f"{name}_conv"
    )(x)
    return _activated(x, name, dropout, kernels.seed(number), momentum=0.95)


def _activated(x: Any, name: str, dropout: float, seed: int, momentum: float = 0.99) -> Any:
    x = keras.layers.BatchNormalization(momentum=momentum, name=f"{name}_norm")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, seed=seed, name=f"{name}_dropout")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)

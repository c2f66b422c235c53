"""A network of a few layers where the test is about the training, not about the network."""

from __future__ import annotations

import keras
import pytest

import model.unet
from model.unet import ENCODER


def tiny_encoder(size: int, weights: str | None) -> keras.Model:
    """Five strided convolutions with normalisations, in the place of MobileNetV2's 150 layers."""
    assert weights is None, "the tiny encoder has no ImageNet weights"
    x = photo = keras.Input((size, size, 3))
    found = []
    for part, filters in enumerate((6, 8, 8, 12, 16), start=1):
        x = keras.layers.Conv2D(
            filters, 3, strides=2, padding="same", use_bias=False, name=f"halve_{part}"
        )(x)
        x = keras.layers.BatchNormalization(name=f"halve_{part}_norm")(x)
        x = keras.layers.ReLU(6.0, name=f"halve_{part}_relu")(x)
        found.append(x)
    return model.unet._Encoder(photo, found, name=ENCODER)


def build_tiny_networks(patch: pytest.MonkeyPatch) -> None:
    """Have :func:`model.unet.build_unet` build small ones, until the patch is taken back."""
    patch.setattr(model.unet, "_build_encoder", tiny_encoder)
    patch.setattr(model.unet, "DECODER_FILTERS", (16, 12, 8, 8))
    patch.setattr(model.unet, "SEPARABLE_FILTERS", (16, 12, 8, 8))

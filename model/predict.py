"""Predicting masks: a photo in, class probabilities and a mask of the photo's size out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from model import weights
from model.folding import Folded
from model.graphs import take_apart, take_model_apart
from model.labels import NUM_CLASSES, MaskArray
from model.resize import (
    Photo,
    Probabilities,
    ProbabilityBytes,
    mask_at_size,
    probability_bytes,
    resize_photo,
)


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """What one run of the network says of a photo.

    Attributes:
        mask: uint8 (H, W), values 1..3, at the photo's size.
        probabilities: uint8 (S, S, 3), 255 x class probability, at the network's size.
    """

    mask: MaskArray
    probabilities: ProbabilityBytes


class Probable(Protocol):
    """What says how probable each class is at every pixel."""

    @property
    def input_size(self) -> int:
        """Height and width of the probabilities, in pixels."""
        ...

    def probabilities(self, photos: list[Photo]) -> list[Probabilities]:
        """See :meth:`Predictor.probabilities`."""
        ...


class Predictor:
    """A network ready to predict; call it from one thread at a time.

    Args:
        model: a network made by :func:`model.unet.build_unet`.
        kind: the arguments that made it, as in its file's card; None: unknown.

    Attributes:
        model: that network; what predicts is one made of it, see :mod:`model.folding`.
        network: from photos float32 (B, S, S, 3) to probabilities of the same shape, traced.
    """

    def __init__(self, model: keras.Model, kind: dict[str, Any] | None = None) -> None:
        self.model = model
        self._folded = Folded(model)
        self._kind = kind
        self._worn: Variant | None = None
        self.input_size = int(model.input_shape[1])
        folded = self._folded.network
        signature = tf.TensorSpec((None, self.input_size, self.input_size, 3), tf.float32)

        @tf.function(input_signature=[signature], autograph=False)
        def network(photos: tf.Tensor) -> tf.Tensor:
            return ops.softmax(folded(photos, training=False))

        self.network = network

    @classmethod
    def load(cls, path: Path) -> Predictor:
        """A predictor from a model file.

        Raises:
            model.weights.ModelFileError: the file cannot be used.
        """
        return cls(weights.load(path), weights.read_card(path).network)

    def renew(self, path: Path) -> bool:
        """Predict with the weights of another file from now on.

        Of a network of the same kind nothing is built and traced again.

        Returns:
            False, and nothing is changed, when the file is of another kind of network.

        Raises:
            model.weights.ModelFileError: the file cannot be used; nothing is changed.
        """
        if weights.read_card(path).network != self._kind:
            return False
        self.assign(weights.read_tensors(path), path)
        return True

    def assign(self, arrays: weights.Arrays, path: Path) -> None:
        """Predict with these weights from now on.

        Args:
            arrays: of all weights, by path.
            path: where they are from, for messages.

        Raises:
            model.weights.ModelFileError: they are not finite, or not of this network.
        """
        weights.assign(self.model, arrays, path)
        self._folded.refresh()
        self._worn = None

    def close(self) -> None:
        """Let go of the network, which nobody else may use either, and of what was traced."""
        take_apart(self.network)
        take_model_apart(self._folded.network)
        take_model_apart(self.model)

    def warm_up(self) -> None:
        """Trace the network now instead of with the first photo."""
        self.network(tf.zeros((1, self.input_size, self.input_size, 3)))

    def probabilities(self, photos: list[Photo]) -> list[Probabilities]:
        """Class probabilities at the network's size.

        Args:
            photos: uint8 (H, W, 3), RGB, of any sizes.

        Returns:
            For each photo float32 (S, S, 3), summing to 1 over the last axis.
        """
        small = np.stack([resize_photo(photo, self.input_size) for photo in photos])
        found = self.network(tf.constant(small, tf.float32)).numpy()
        assert found.shape[-1] == NUM_CLASSES
        return list(found)

    def predict(self, photo: Photo) -> Predicted:
        """Mask and probabilities of a photo, uint8 (H, W, 3), by one run of the network.

        The mask is made from the probabilities as the network gives them, before they are
        rounded to bytes.
        """
        (found,) = self.probabilities([photo])
        return Predicted(mask_at_size(found, *photo.shape[:2]), probability_bytes(found))

    def mask(self, photo: Photo) -> MaskArray:
        """The predicted mask at the photo's own size: uint8 (H, W), values 1..3."""
        (found,) = self.probabilities([photo])
        return mask_at_size(found, *photo.shape[:2])


class Variant:
    """A predictor's network with weights of its own: two models take turns in one.

    Args:
        predictor: whose network it is.
        arrays: of all weights, by path.
        path: where they are from, for messages.
    """

    def __init__(self, predictor: Predictor, arrays: weights.Arrays, path: Path) -> None:
        self._predictor = predictor
        self._arrays = arrays
        self._path = path
        self.input_size = predictor.input_size

    def use(self) -> keras.Model:
        """The network, with these weights in it until another variant is used.

        Raises:
            model.weights.ModelFileError: they are not finite, or not of this network.
        """
        if self._predictor._worn is not self:
            self._predictor.assign(self._arrays, self._path)
            self._predictor._worn = self
        return self._predictor.model

    def probabilities(self, photos: list[Photo]) -> list[Probabilities]:
        """See :meth:`Predictor.probabilities`."""
        self.use()
        return self._predictor.probabilities(photos)

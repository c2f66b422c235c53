"""A network for prediction alone: batch normalisation folded into the convolutions before it.

To a network that predicts, a normalisation is some ten operations that multiply and shift each
channel by constants; a kernel and a bias can do that as well.  What comes out is the same but for
rounding (the tests say how much), in less time, and TensorFlow traces half as many operations.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.Conv2DTranspose,
)

_INITIALIZERS = {"kernel_initializer", "depthwise_initializer"}


class Folded:
    """The network for prediction of a network that learns.

    Args:
        model: made by :func:`model.unet.build_unet`; it stays as it is.

    Attributes:
        network: from photos (B, S, S, 3) to logits (B, S, S, 3), float32.
    """

    def __init__(self, model: keras.Model) -> None:
        self._convolutions: list[tuple[Any, Any]] = []
        self._norms: dict[str, Any] = {}
        self._made: list[tuple[Any, str]] = []
        self.network = keras.models.clone_model(
            model, clone_function=self._cloned, call_function=self._called, recursive=True
        )
        self._made.clear()
        self.refresh()

    def refresh(self) -> None:
        """Take over the weights that the other network has now."""
        for source, folded in self._convolutions:
            folded.set_weights(_folded(source, self._norms.get(source.name)))

    def _cloned(self, layer: Any) -> Any:
        settings = {**layer.get_config(), "dtype": "float32"}
        if isinstance(layer, CONVOLUTIONS):
            # Numbers drawn at random would be written over, and take time to draw.
            settings.update(dict.fromkeys(_INITIALIZERS & settings.keys(), "zeros"))
            folded = type(layer).from_config({**settings, "use_bias": True})
            self._convolutions.append((layer, folded))
            return folded
        if isinstance(layer, keras.layers.BatchNormalization):
            return layer  # never called: its numbers go into the convolution
        return type(layer).from_config(settings)

    def _called(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.layers.BatchNormalization):
            (x,) = args
            self._norms[next(name for made, name in self._made if made is x)] = layer
            return x
        found = layer(*args, **kwargs)
        if isinstance(layer, CONVOLUTIONS):
            self._made.append((found, layer.name))
        return found


def _folded(convolution: Any, norm: Any) -> list[Any]:
    """Kernel and bias that do what a convolution and the normalisation after it do."""
    kernel, *rest = (np.asarray(variable) for variable in convolution.weights)
    axis = 2 if isinstance(convolution, _CHANNELS_THIRD) else 3
    bias = rest[0] if rest else np.zeros(kernel.shape[axis], np.float32)
    if norm is None:
        return [kernel, bias]
    scale = np.asarray(norm.gamma) / np.sqrt(np.asarray(norm.moving_variance) + norm.epsilon)
    shape = [1, 1, 1, 1]
    shape[axis] = -1
    return [
        kernel * scale.reshape(shape),
        np.asarray(norm.beta) + (bias - np.asarray(norm.moving_mean)) * scale,
    ]


# Kernels (h, w, in, multiplier) and (h, w, out, in); the others are (h, w, in, out).
_CHANNELS_THIRD = (keras.layers.DepthwiseConv2D, keras.layers.Conv2DTranspose)

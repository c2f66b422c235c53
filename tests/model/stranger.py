"""Small model files for tests of the registry, made without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from model import weights

CONFIG = {"input_size": 64, "dropout": 0.0}


def small_tensors() -> dict[str, np.ndarray]:
    """Weights of a network that is none, but has names and shapes to be compared."""
    return {
        "Conv1/kernel": np.ones((3, 3, 3, 2), np.float32),
        "logits/kernel": np.zeros((3, 3, 3, 4), np.float16),
        "logits/bias": np.zeros(3, np.float32),
    }


def model_file(path: Path, about: dict[str, Any] | None = None, **network: Any) -> Path:
    """Write a model file; ``network`` in place of the usual configuration, when given."""
    card = weights.ModelCard(network or CONFIG, about or {})
    weights.write(small_tensors(), path, card)
    return path


class Network:
    """As much of a Keras model as a registry needs to keep it."""

    def __init__(self) -> None:
        self.weights = [_Variable(name, value) for name, value in small_tensors().items()]


class _Variable:
    def __init__(self, path: str, value: np.ndarray) -> None:
        self.path = path
        self._value = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._value

"""Optimisers: one for networks that are thrown away by the dozen, and averages of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable("petseg")
class OneDeviceAdamW(keras.optimizers.AdamW):
    """AdamW whose traced steps can be forgotten.

    Keras sums the gradients over all devices, also where there is but one.  TensorFlow enters
    that sum in its table of gradients, for good, and with it the whole traced network: 100 to
    200 MB for each fine-tune.  Nothing is lost by leaving the sum out on one device.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> list[tuple[Any, Any]]:
        """The gradients as they are: those of the one device."""
        return list(grads_and_vars)


@contextmanager
def averaged(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> Iterator[dict[str, Any]]:
    """Have the running averages in the place of a network's weights: they swing less.

    Before the first step, and without averages (``use_ema``), the weights stay.

    Yields:
        The weights that training goes on with, by path; empty where nothing was replaced.
    """
    if not optimizer.use_ema or not int(optimizer.iterations):
        yield {}
        return
    trained = {variable.path: variable for variable in model.trainable_variables}
    raw = {path: np.asarray(variable) for path, variable in trained.items()}
    try:
        optimizer.finalize_variable_values(list(trained.values()))
        yield raw
    finally:
        for path, variable in trained.items():
            variable.assign(raw[path])

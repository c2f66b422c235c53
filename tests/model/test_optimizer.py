from __future__ import annotations

import gc
import weakref

import keras
import numpy as np
import tensorflow as tf

from model.optimizer import OneDeviceAdamW


def learn(optimizer: keras.optimizers.Optimizer) -> tuple[weakref.ref[tf.Graph], list[float]]:
    """A traced step, done three times: its graph, and what became of a weight."""
    variable = keras.Variable([3.0])
    optimizer.build([variable])
    graphs = []

    @tf.function(autograph=False)
    def step() -> None:
        graphs.append(weakref.ref(tf.compat.v1.get_default_graph()))
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(variable.value**2)
        gradients = tape.gradient(loss, [variable.value])
        optimizer.apply_gradients(zip(gradients, [variable], strict=True))

    for _ in range(3):
        step()
    return graphs[-1], [float(value) for value in np.asarray(variable)]


def test_a_traced_step_is_forgotten_with_its_optimizer() -> None:
    graph, _value = learn(OneDeviceAdamW(0.1))
    gc.collect()
    assert graph() is None


def test_it_learns_what_kerass_own_does() -> None:
    _graph, ours = learn(OneDeviceAdamW(0.1, weight_decay=0.01))
    _graph, theirs = learn(keras.optimizers.AdamW(0.1, weight_decay=0.01))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)

from __future__ import annotations

import gc
import weakref

import keras
import numpy as np
import tensorflow as tf

from model.optimizer import OneDeviceAdamW, TwoRateAdamW


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


def two_layers() -> keras.Model:
    part = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)], name="part")
    model = keras.Sequential([part, keras.layers.Dense(1, use_bias=False)])
    for variable in model.weights:
        variable.assign(np.ones(variable.shape))
    return model


def test_a_part_learns_more_slowly() -> None:
    moved = {}
    for factor in (1.0, 0.25):
        model = two_layers()
        optimizer = TwoRateAdamW(0.01, weight_decay=0.0, slow_factor=factor)
        optimizer.choose_slow(model, model.layers[0])
        model.compile(optimizer=optimizer, loss="mse")
        model.fit(np.ones((4, 2)), np.zeros((4, 1)), epochs=1, verbose=0)
        moved[factor] = [float(np.abs(np.asarray(v) - 1).mean()) for v in model.weights]
    # Adam's first step is as long as the rate, whatever the gradient.
    np.testing.assert_allclose(moved[1.0], [0.01, 0.01], rtol=1e-3)
    np.testing.assert_allclose(moved[0.25], [0.0025, 0.01], rtol=1e-3)


def test_the_slow_factor_is_kept_in_a_record() -> None:
    again = TwoRateAdamW.from_config(TwoRateAdamW(0.01, slow_factor=0.5).get_config())
    assert again.slow_factor == 0.5

"""Letting go of traced networks without a stop of the program."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import keras


def take_apart(*functions: Any) -> None:
    """Free what ``tf.function`` traced; none of the functions may be called after this.

    A traced network is some ten thousand Python objects that hold each other.  Left to Python's
    garbage collector they all go at once, and for a fifth of a second no other thread runs.

    Args:
        functions: made by ``tf.function``, traced or not.
    """
    from tensorflow.python.framework import func_graph

    for function in functions:
        # None of these names is public: where one is gone, the collector does it as ever.
        with suppress(AttributeError):
            for concrete in function._list_all_concrete_functions():
                func_graph.dismantle_func_graph(concrete.graph)


def take_model_apart(model: keras.Model) -> None:
    """Free a network that nobody uses any more, layer by layer, for the same reason."""
    with suppress(AttributeError):  # not public either
        for layer in [*model._flatten_layers(include_self=True)]:
            vars(layer).clear()

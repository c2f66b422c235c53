"""A layer diagram of the network, drawn with matplotlib: no Graphviz needed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras

from model.unet import BOTTOM_LAYER, DECODER_FILTERS, SKIP_LAYERS, encoder_of

_ENCODER, _DECODER, _ENDS = "#56B4E9", "#E69F00", "#DDDDDD"


def draw(model: keras.Model, path: Path) -> None:
    """Draw a network made by :func:`model.unet.build_unet` into a picture file.

    Boxes are what a U-Net's reader looks for: the five stages of the encoder that are used,
    the upsampling blocks with the skips that they are joined with, the logits, each with its
    output's height × width × channels as the built model has it.

    Raises:
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(-6.0, 0.6))
    axes.axis("off")
    encoder = encoder_of(model)
    stages = [(name, encoder.get_layer(name).output.shape) for name in (*SKIP_LAYERS, BOTTOM_LAYER)]

    _box(axes, 1.8, 0, "photo", shape=model.input_shape, colour=_ENDS)
    for row, (name, shape) in enumerate(stages, start=1):
        _box(axes, 1.8, -row, name, shape=shape, colour=_ENCODER)
        _arrow(axes, (1.8, -row + 0.68), (1.8, -row + 0.32))
    for index in range(len(DECODER_FILTERS)):
        row = len(SKIP_LAYERS) - index
        name, joined = f"up_{index + 1}", model.get_layer(f"skip_{index + 1}").output.shape
        conv = model.get_layer(f"{name}_conv")
        text = f"{name}: transposed conv 4×4 /2, {conv.filters}, batch norm, ReLU"
        _box(axes, 7.4, -row, f"{text}\n+ {SKIP_LAYERS[row - 1]}", shape=joined, colour=_DECODER)
        _arrow(axes, (2.65, -row), (5.7, -row))
        if index == 0:
            _arrow(axes, (2.5, -row - 1), (7.4, -row - 0.38))
        else:
            _arrow(axes, (7.4, -row - 0.68), (7.4, -row - 0.32))
    _box(axes, 7.4, 0, "logits: transposed conv 3×3 /2", shape=model.output_shape, colour=_ENDS)
    _arrow(axes, (7.4, -0.68), (7.4, -0.32))
    axes.text(
        5,
        -5.8,
        f"{model.count_params():,} parameters, of which {_trainable(model):,} train",
        ha="center",
        fontsize=11,
    )
    figure.savefig(path, dpi=110)


def _trainable(model: keras.Model) -> int:
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def _box(axes: Any, x: float, y: float, title: str, *, shape: Any, colour: str) -> None:
    size = " × ".join(str(n) for n in shape[1:])
    axes.text(
        x,
        y,
        f"{title}\n{size}",
        ha="center",
        va="center",
        fontsize=9,
        bbox={"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "#333333"},
    )


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "#333333"})

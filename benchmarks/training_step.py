"""A training step of the article's recipe, beside the bare Keras loop, per photo.

    python benchmarks/training_step.py [--rounds 4] [--batch-size 64]

Ours is what ``petseg train --recipe article`` runs: the pipeline with per-photo flips, the loss
that ignores unlabelled pixels, both metrics.  Bare is ``fit`` of the same network on the same
photos, resized beforehand, with Keras's own loss and accuracy.  Epochs of both in turn; the
figure is the ratio of the medians.  Limit: 1.05.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _support import isolate, report, summary

STEPS = 2


def sides(count: int, batch_size: int) -> dict[str, tuple[Any, Any]]:
    """Network and pipeline of each side."""
    import keras
    import tensorflow as tf

    from model.data import Example
    from model.pipeline import prepared, training_batches
    from model.recipes import ARTICLE, compile_model
    from model.unet import build_unet

    draw = np.random.default_rng(0)
    photos = draw.integers(0, 256, (count, 256, 256, 3), dtype=np.uint8)
    masks = draw.integers(1, 4, (count, 256, 256), dtype=np.uint8)

    ours = build_unet(freeze_encoder=True)
    compile_model(ours, ARTICLE, STEPS, STEPS)
    examples = [Example(str(i), photos[i], masks[i]) for i in range(count)]
    pipeline = training_batches(
        prepared(lambda: iter(examples), 256),
        size=256,
        count=count,
        batch_size=batch_size,
        augmentation=ARTICLE.augmentation,
        seed=0,
    )
    bare = build_unet(freeze_encoder=True)
    bare.compile(
        keras.optimizers.RMSprop(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    plain = (
        tf.data.Dataset.from_tensor_slices((photos, masks - 1))
        .batch(batch_size)
        .map(lambda photo, mask: (tf.cast(photo, tf.float32), mask))
        .prefetch(2)
    )
    return {"ours": (ours, pipeline), "bare": (bare, plain)}


def epoch(model: Any, data: Any, count: int) -> float:
    """Milliseconds per photo of one epoch."""
    start = time.perf_counter()
    model.fit(data, verbose=0, shuffle=False)
    return (time.perf_counter() - start) / count * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    arguments = parser.parse_args()
    batch_size, count = arguments.batch_size, arguments.batch_size * STEPS
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        both = sides(count, batch_size)
        found: dict[str, list[float]] = {"ours": [], "bare": []}
        for turn in range(arguments.rounds + 1):  # the first one traces and fills the cache
            for key, (model, data) in both.items():
                each = epoch(model, data, count)
                if turn:
                    found[key].append(each)
    report(
        "training_step",
        batch_size=batch_size,
        ours=summary(found["ours"], "ms per photo"),
        bare_keras=summary(found["bare"], "ms per photo"),
        ratio=round(statistics.median(found["ours"]) / statistics.median(found["bare"]), 3),
        limit=1.05,
    )


if __name__ == "__main__":
    main()

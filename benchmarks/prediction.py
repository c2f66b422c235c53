"""One prediction, batch 1, network only, beside the bare Keras model through ``tf.function``.

    python benchmarks/prediction.py [--runs 60]

Both take the same input in turn; the figure is the ratio of the medians.  Limit: 1.05.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from _support import isolate, report, summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        import tensorflow as tf

        from model.predict import Predictor
        from resources import STARTER_MODEL

        predictor = Predictor.load(STARTER_MODEL)
        size = predictor.input_size
        bare = tf.function(predictor.model)
        photo = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
        batch = tf.constant(photo[None], tf.float32)
        ours: list[float] = []
        plain: list[float] = []
        for turn in range(runs + 5):
            for target, call in (
                (ours, lambda: predictor.probabilities([photo])),
                (plain, lambda: bare(batch, training=False).numpy()),
            ):
                start = time.perf_counter()
                call()
                if turn >= 5:  # the first calls trace and warm up
                    target.append((time.perf_counter() - start) * 1e3)
    report(
        "prediction",
        ours=summary(ours, "ms"),
        bare_keras=summary(plain, "ms"),
        ratio=round(statistics.median(ours) / statistics.median(plain), 3),
        limit=1.05,
    )


if __name__ == "__main__":
    main()

"""How fast the Quick preset trains, beside the plain Keras loop of the article's recipe.

    python benchmarks/training_speed.py [--rounds 5] [--photos 64] [--article FILE]

Both see the same real photos at the same batch size: plain is ``model.fit`` of the article's
network and recipe (256 pixels, transposed convolutions, frozen encoder, RMSprop, cross-entropy,
random flip, float32), from the weights in FILE (``petseg train --recipe article``), or from
ImageNet's, when nothing follows from its held-out results; ours is the fine-tuning loop from the
starter weights, with everything that it does at each step: photos mixed, augmented, counted by
group.  Rounds in turn; the figure is the ratio of the medians.  Then both are measured on
held-out photos.  Limits: 1.3 times as many photos per second, and held-out results no worse.
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

PLAIN_SIZE = 256
STEPS = 8
"""In a round."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=64, help="to train on")
    parser.add_argument(
        "--article", type=Path, help="weights that the article's network starts from"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        from model.precision import best_policy
        from model.settings import QUICK

        data = _Data(arguments.photos)
        sides = {
            "quick_preset": _Ours(data, arguments.rounds),
            "plain_keras": _Plain(data, arguments.article),
        }
        speeds: dict[str, list[float]] = {key: [] for key in sides}
        for turn in range(arguments.rounds + 1):  # the first one traces and fills the caches
            for key, side in sides.items():
                began = time.perf_counter()
                side.round()
                if turn:
                    speeds[key].append(STEPS * QUICK.batch_size / (time.perf_counter() - began))
        held_out = {key: data.measured(side.model) for key, side in sides.items()}
        medians = {key: statistics.median(values) for key, values in speeds.items()}
        report(
            "training_speed",
            batch_size=QUICK.batch_size,
            precision=best_policy(),
            photos_per_second={k: summary(v, "1/s", 2) for k, v in speeds.items()},
            ratio=round(medians["quick_preset"] / medians["plain_keras"], 2),
            plain_from=arguments.article.name if arguments.article else "ImageNet",
            held_out=held_out,
            limits={"ratio": 1.3, "held_out": "no worse"},
        )


class _Data:
    """Real photos, half of which stand for corrected ones."""

    def __init__(self, count: int) -> None:
        from model import weights
        from model.data import TfdsSource
        from model.finetune import stored_size
        from model.mixing import Photos
        from resources import STARTER_MODEL

        self.starter = STARTER_MODEL
        source = TfdsSource("train", download=False)
        ids = list(np.random.default_rng(0).permutation(source.ids()))
        examples = list(source.examples(ids[:count]))
        self.size = int(weights.read_card(STARTER_MODEL).network["input_size"])
        self.own = Photos.of(examples[: count // 2], stored_size(self.size))
        self.oxford = Photos.of(examples[count // 2 :], stored_size(self.size))
        self.plain = Photos.of(examples, PLAIN_SIZE)
        test = TfdsSource("test", download=False)
        self.held_out = list(test.examples(test.ids()[::6]))

    def measured(self, model: Any) -> dict[str, float]:
        """Pixel accuracy and IoU on held-out photos at their own size."""
        from model.labels import NUM_CLASSES
        from model.metrics import Scores, confusion
        from model.predict import Predictor

        counts = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
        predictor = Predictor(model)
        for example in self.held_out:
            counts += confusion(example.mask, predictor.mask(example.photo))
        scores = Scores.from_confusion(counts)
        return {
            "pixel_accuracy": round(scores.pixel_accuracy, 4),
            "mean_iou": round(scores.mean_iou, 4),
        }


class _Ours:
    def __init__(self, data: _Data, rounds: int) -> None:
        from model import weights
        from model.augment import PHOTOS
        from model.mixing import Mixer
        from model.precision import best_policy
        from model.settings import QUICK
        from model.training_step import Network

        self.model = weights.load(data.starter, freeze_encoder=True, policy=best_policy())
        self._network = Network(self.model, QUICK, STEPS * (rounds + 1) // QUICK.epochs, PHOTOS)
        self._mixer = Mixer(data.own, data.oxford, 0)
        self._settings = QUICK
        self._step = 0

    def round(self) -> None:
        """Train some steps."""
        theirs = self._settings.oxford_per_batch()
        mine = self._settings.batch_size - theirs
        for _ in range(STEPS):
            self._network.train(*self._mixer.batch(mine, theirs), mine, self._step)
            self._step += 1


class _Plain:
    def __init__(self, data: _Data, article: Path | None) -> None:
        import keras
        import tensorflow as tf

        from model import weights
        from model.settings import QUICK
        from model.unet import build_unet

        if article:
            self.model = weights.load(article, freeze_encoder=True)
        else:
            self.model = build_unet(encoder_weights="imagenet", freeze_encoder=True)
        self.model.compile(
            keras.optimizers.RMSprop(),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )

        def flipped(photo: Any, mask: Any) -> Any:
            mirror = tf.random.uniform(()) < 0.5
            return (
                tf.cast(tf.where(mirror, photo[:, ::-1], photo), tf.float32),
                tf.where(mirror, mask[:, ::-1], mask),
            )

        self._batches = (
            tf.data.Dataset.from_tensor_slices((data.plain.photos, data.plain.masks - 1))
            .cache()
            .shuffle(len(data.plain))
            .repeat()
            .map(flipped)
            .batch(QUICK.batch_size)
            .prefetch(2)
        )

    def round(self) -> None:
        """Train some steps."""
        self.model.fit(self._batches, steps_per_epoch=STEPS, epochs=1, verbose=0)


if __name__ == "__main__":
    main()

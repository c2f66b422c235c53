"""How long ``petseg train --data tfds`` takes on the whole Oxford-IIIT Pet set, on this machine.

    python benchmarks/full_set.py [--recipe default] [--steps 6] [--rounds 3]

Trains the recipe's network for some steps on photos made of noise, in the recipe's batches, size,
precision and augmentation, and multiplies: 3,680 photos of the train split, a tenth of them held
out and measured after every epoch, for the recipe's epochs.  Reading and decoding the photos, once,
is left out: about a minute.
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

PHOTOS = 3680
HELD_OUT = 0.1


def pace(recipe_name: str, steps: int, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds per photo, trained on and measured, of every round."""
    from model.data import Example
    from model.pipeline import evaluation_batches, prepared, training_batches
    from model.precision import best_policy, building_under
    from model.recipes import RECIPES, compile_model
    from model.train import strategy
    from model.unet import UNetConfig, build_unet

    recipe = RECIPES[recipe_name]
    size, count = recipe.input_size, steps * recipe.batch_size
    stored = round(size * recipe.stored_scale)
    draw = np.random.default_rng(0)
    examples = [
        Example(
            str(index),
            draw.integers(0, 256, (stored, stored, 3), dtype=np.uint8),
            draw.integers(1, 4, (stored, stored), dtype=np.uint8),
        )
        for index in range(count)
    ]
    with strategy().scope(), building_under(best_policy()):
        model = build_unet(
            UNetConfig(size, recipe.dropout, recipe.decoder), freeze_encoder=recipe.freeze_encoder
        )
        compile_model(model, recipe, steps * (rounds + 1), steps)
    batches = training_batches(
        prepared(lambda: iter(examples), stored),
        size=size,
        count=count,
        batch_size=recipe.batch_size,
        augmentation=recipe.augmentation,
        seed=0,
    )
    checked = evaluation_batches(
        prepared(lambda: iter(examples), size), count=count, batch_size=recipe.batch_size
    )
    trained, measured = [], []
    for turn in range(rounds + 1):  # the first one traces and fills the caches
        for times, work in (
            (trained, lambda: model.fit(batches, verbose=0, shuffle=False)),
            (measured, lambda: model.evaluate(checked, verbose=0)),
        ):
            began = time.perf_counter()
            work()
            if turn:
                times.append(1e3 * (time.perf_counter() - began) / count)
    return trained, measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--recipe", choices=("article", "default"), default="default")
    parser.add_argument("--steps", type=int, default=6, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        trained, measured = pace(arguments.recipe, arguments.steps, arguments.rounds)
        from model.device import describe_device
        from model.precision import best_policy
        from model.recipes import RECIPES

        epochs = RECIPES[arguments.recipe].epochs
        about: dict[str, Any] = {"device": describe_device(), "precision": best_policy()}
    epoch = PHOTOS * (
        (1 - HELD_OUT) * statistics.median(trained) + HELD_OUT * statistics.median(measured)
    )
    report(
        "full_set",
        recipe=arguments.recipe,
        epochs=epochs,
        **about,
        trained=summary(trained, "ms per photo", 1),
        measured=summary(measured, "ms per photo", 1),
        minutes_per_epoch=round(epoch / 60e3, 1),
        hours=round(epochs * epoch / 3600e3, 1),
    )


if __name__ == "__main__":
    main()

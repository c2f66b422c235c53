"""``petseg train``: train a network from ImageNet weights, or on from a model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from petseg_gui.cli.common import at_least_one, guarded, quiet_tensorflow


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and train; returns the exit status."""
    parser = argparse.ArgumentParser(prog="petseg train", description=__doc__)
    parser.add_argument("--recipe", choices=("article", "default"), default="default")
    parser.add_argument("--epochs", type=at_least_one, help="length (default: the recipe's)")
    parser.add_argument("--batch-size", type=at_least_one, help="photos per step")
    parser.add_argument(
        "--data",
        action="append",
        help="'tfds' (the default), or a folder with images/ and annotations/trimaps/; repeatable",
    )
    parser.add_argument(
        "--approximate",
        action="append",
        metavar="FOLDER",
        help="such a folder whose masks are approximations: their border is not learned; "
        "repeatable, beside --data",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for model and record")
    parser.add_argument("--input-size", type=int, help="a multiple of 32, in pixels")
    parser.add_argument("--learning-rate", type=_rate, help="highest (default: the recipe's)")
    parser.add_argument("--validation-share", type=float, default=0.1)
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument(
        "--from", dest="start", type=Path, metavar="FILE", help="model file to go on from"
    )
    begin.add_argument(
        "--from-scratch",
        action="store_true",
        help="start from random weights, not from ImageNet's (which Keras downloads once)",
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    quiet_tensorflow()

    from model.data import DataError
    from model.train import TrainingError
    from model.unet import EncoderWeightsError
    from model.weights import ModelFileError

    errors = (
        DataError,
        EncoderWeightsError,
        TrainingError,
        ModelFileError,
        ValueError,
        OSError,
    )
    return guarded(lambda: _train(arguments), *errors)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0.0 < rate < 1.0:
        raise argparse.ArgumentTypeError(f"between 0 and 1, not {text}")
    return rate


def _train(arguments: argparse.Namespace) -> int:
    from model.data import Source, WithoutBorder, open_source
    from model.recipes import RECIPES
    from model.train import Run, train

    recipe = RECIPES[arguments.recipe]
    if arguments.learning_rate is not None:
        recipe = replace(recipe, learning_rate=arguments.learning_rate)
    sources: list[Source] = [open_source(name, "train") for name in arguments.data or ["tfds"]]
    for name in arguments.approximate or []:
        sources.append(WithoutBorder(open_source(name, "train")))
    path = train(
        Run(
            recipe=recipe,
            sources=sources,
            out=arguments.out,
            epochs=arguments.epochs or recipe.epochs,
            batch_size=arguments.batch_size or recipe.batch_size,
            input_size=arguments.input_size or recipe.input_size,
            validation_share=arguments.validation_share,
            seed=arguments.seed,
            encoder_weights=None if arguments.from_scratch else "imagenet",
            start=arguments.start,
        )
    )
    print(f"Best model: {path}")
    return 0

"""What a recipe learns of pets that it never saw: trained on cats, tested on dogs, and the reverse.

    python benchmarks/generalisation.py [--runs DIR] [--photos 100] [--recipes article default]

Each recipe trains on the photos of one kind alone (Oxford's train split and ``extra_pets``), the
article's for its 10 epochs, ``default`` for its 36, and is measured at photo size on
test photos of both kinds.  ``--runs`` keeps the models, and uses those that are there;
``learning.py --base DIR/default-cats`` takes one of them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from _kinds import KINDS, KindSource, make_base
from _support import isolate, report


def measured(model: Path, photos: int) -> dict[str, dict[str, float]]:
    """A model's figures on test photos, by kind."""
    from model.data import TfdsSource
    from model.evaluate import evaluate
    from model.metrics import Scores
    from model.predict import Predictor

    predictor = Predictor.load(model)
    test = TfdsSource("test", download=False)
    found = {}
    for kind in KINDS:
        source = KindSource(test, kind)
        counted = evaluate(predictor, source.examples(source.ids()[:photos]))
        scores = Scores.from_confusion(counted.at_photo_size)
        found[kind] = {
            "pet_iou": round(float(np.nanmean(list(counted.pet_iou.values()))), 4),
            "mean_iou": round(scores.mean_iou, 4),
            "pixel_accuracy": round(scores.pixel_accuracy, 4),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=Path, help="folder of the runs")
    parser.add_argument("--photos", type=int, default=100, help="of each kind to measure on")
    parser.add_argument(
        "--recipes", nargs="+", choices=("article", "default"), default=["article", "default"]
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        runs = arguments.runs or Path(name)
        from model.recipes import RECIPES

        found: dict[str, Any] = {}
        for recipe in arguments.recipes:
            for kind in KINDS:
                model = make_base(kind, RECIPES[recipe].epochs, runs / f"{recipe}-{kind}", recipe)
                found.setdefault(recipe, {})[f"trained on {kind}"] = measured(
                    model, arguments.photos
                )
    report(
        "generalisation",
        epochs={name: RECIPES[name].epochs for name in arguments.recipes},
        tested=arguments.photos,
        **found,
    )


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()

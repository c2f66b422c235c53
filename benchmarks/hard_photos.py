"""How models do on photos that are hard: dark ones, several pets, people beside them, hidden ones.

    python benchmarks/hard_photos.py [--model FILE ...]

The photos were chosen by eye among Oxford's test photos, before any model was looked at on them,
and are measured against the data set's trimaps, at their own size.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from _support import isolate, report

HARD = {
    "dark": (
        "Abyssinian_4",
        "Abyssinian_46",
        "Abyssinian_62",
        "Abyssinian_60",
        "Bengal_36",
        "Bengal_80",
    ),
    "several pets": (
        "Abyssinian_37",
        "Abyssinian_85",
        "Abyssinian_89",
        "Abyssinian_201",
        "Abyssinian_207",
    ),
    "people beside them": (
        "Abyssinian_94",
        "Bengal_2",
        "Bengal_34",
        "Bengal_200",
        "american_bulldog_209",
        "american_bulldog_214",
        "american_bulldog_218",
    ),
    "partly hidden": (
        "Abyssinian_75",
        "Abyssinian_205",
        "Bengal_49",
        "Bengal_92",
        "Bengal_195",
        "american_bulldog_39",
        "american_bulldog_62",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="default: the starter")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        from model.data import TfdsSource
        from model.evaluate import evaluate
        from model.predict import Predictor
        from resources import STARTER_MODEL

        source = TfdsSource("test", download=False)
        wanted = [photo for photos in HARD.values() for photo in photos]
        found = {}
        for path in arguments.model or [STARTER_MODEL]:
            by_photo = evaluate(Predictor.load(path), source.examples(wanted)).pet_iou
            groups = {**HARD, "all": tuple(wanted)}
            found[path.stem] = {
                group: round(float(np.nanmean([by_photo[photo] for photo in photos])), 4)
                for group, photos in groups.items()
            }
            found[path.stem]["worst"] = round(float(np.nanmin(list(by_photo.values()))), 4)
    report(
        "hard_photos",
        photos={group: len(photos) for group, photos in HARD.items()},
        mean_pet_iou=found,
    )


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()

"""How models do on photos that are hard: dark ones, several pets, people beside them, hidden ones.

    python benchmarks/hard_photos.py [--model FILE ...]

The photos were chosen by eye among Oxford's test photos, before any model was looked at on them,
and are measured at their own size:

- ``trimaps``: all of them, pet IoU against the data set's trimaps;
- ``outlines``: two of each kind, which were labelled by hand with polygons and *Lay the border*
  (``hard_outlines.json`` has the corners; every pet in the photo, where a trimap has only one):
  pet IoU, border apart, and how well the trimaps agree by the same measure.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _support import isolate, report

from petseg_gui.core.border import border_patch
from petseg_gui.core.mask import Mask, Patch
from petseg_gui.core.shapes import polygon_patch

if TYPE_CHECKING:
    from model.data import Example

OUTLINES = Path(__file__).with_name("hard_outlines.json")

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


def labelled(examples: Iterable[Example]) -> list[Example]:
    """The photos that have outlines, with the labels that the tools make of them."""
    from model.labels import Label

    outlines = json.loads(OUTLINES.read_text())
    found = []
    for example in examples:
        if example.id not in outlines:
            continue
        mask = Mask(np.full(example.mask.shape, Label.BACKGROUND, np.uint8))
        for corners in outlines[example.id]:
            _apply(mask, polygon_patch([(x, y) for x, y in corners], Label.PET, mask.shape))
        _apply(mask, border_patch(mask.view()))
        found.append(replace(example, mask=mask.view()))
    return found


def _apply(mask: Mask, patch: Patch | None) -> None:
    if patch is not None:
        mask.apply(patch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, action="append", help="default: the starter")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        from model.data import TfdsSource
        from model.evaluate import evaluate
        from model.metrics import confusion, pet_iou_without_border
        from model.predict import Predictor
        from resources import STARTER_MODEL

        wanted = [photo for photos in HARD.values() for photo in photos]
        examples = list(TfdsSource("test", download=False).examples(wanted))
        by_hand = labelled(examples)
        trimaps = {example.id: example.mask for example in examples}
        agree = {
            example.id: pet_iou_without_border(confusion(example.mask, trimaps[example.id]))
            for example in by_hand
        }
        found = {}
        for path in arguments.model or [STARTER_MODEL]:
            predictor = Predictor.load(path)
            iou = evaluate(predictor, examples).pet_iou
            groups = {**HARD, "all": tuple(wanted)}
            found[f"{path.parent.name}/{path.stem}"] = {
                "trimaps": {group: mean(iou, photos) for group, photos in groups.items()},
                "worst": round(float(np.nanmin(list(iou.values()))), 4),
                "outlines": mean(evaluate(predictor, by_hand).pet_iou_inside, agree),
            }
    report(
        "hard_photos",
        photos={group: len(photos) for group, photos in HARD.items()},
        trimaps_against_outlines={photo: round(iou, 4) for photo, iou in agree.items()},
        mean_pet_iou=found,
    )


def mean(iou: dict[str, float], photos: Iterable[str]) -> float:
    return round(float(np.nanmean([iou[photo] for photo in photos])), 4)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()

"""From the network's size to the photo's: do other ways than bilinear give better masks?

    python benchmarks/upsampling.py [--model FILE]

On the photos of Oxford's train split that the starter was validated with (never trained on, no test
photos), at photo size: bilinear (what the program does), bicubic, a guided filter after it (the
photo's grey values as the guide, several radii and strengths), the mean with the mirrored photo's
prediction, the mean with a prediction at 1.25 times the size, and ``model/careful.py``, the mean of
all four.

Source: He, Sun, Tang, Guided Image Filtering, PAMI 2013.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from _support import isolate, report

Floats = npt.NDArray[np.float32]
RADII = (2, 4, 8)
STRENGTHS = (1e-2, 1e-3, 1e-4)
LARGER = 1.25


def enlarged(probabilities: Floats, shape: tuple[int, int], method: int) -> Floats:
    found: Floats = cv2.resize(probabilities, shape[::-1], interpolation=method)
    return found


def guided(guide: Floats, values: Floats, radius: int, strength: float) -> Floats:
    """Every plane of ``values`` (H, W, C) as a local linear function of ``guide`` (H, W)."""

    def mean(plane: Floats) -> Floats:
        side = 2 * radius + 1
        found: Floats = cv2.boxFilter(plane, -1, (side, side), borderType=cv2.BORDER_REFLECT)
        return found

    centre = mean(guide)
    spread = mean(guide * guide) - centre * centre
    planes = []
    for plane in np.moveaxis(values, -1, 0):
        plane = np.ascontiguousarray(plane)  # noqa: PLW2901
        level = mean(plane)
        slope = (mean(guide * plane) - centre * level) / (spread + strength)
        planes.append(mean(slope) * guide + mean(level - slope * centre))
    return np.stack(planes, axis=-1)


def ways(predictor: Any, larger: Any, careful: Any) -> dict[str, Callable[[Any, Floats], Floats]]:
    def bilinear(example: Any, found: Floats) -> Floats:
        return enlarged(found, example.mask.shape, cv2.INTER_LINEAR)

    def mirrored(example: Any, found: Floats) -> Floats:
        (other,) = predictor.probabilities([np.ascontiguousarray(example.photo[:, ::-1])])
        return bilinear(example, (found + other[:, ::-1]) / 2)

    def two_sizes(example: Any, found: Floats) -> Floats:
        (other,) = larger.probabilities([example.photo])
        return (bilinear(example, found) + bilinear(example, other)) / 2

    def all_four(example: Any, _found: Floats) -> Floats:
        (found,) = careful.probabilities([example.photo])
        return bilinear(example, found)

    def through_guide(radius: int, strength: float) -> Callable[[Any, Floats], Floats]:
        def filtered(example: Any, found: Floats) -> Floats:
            grey = cv2.cvtColor(example.photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
            return guided(grey, bilinear(example, found), radius, strength)

        return filtered

    return {
        "bilinear": bilinear,
        "bicubic": lambda e, found: enlarged(found, e.mask.shape, cv2.INTER_CUBIC),
        "with the mirrored photo": mirrored,
        f"with {LARGER} times the size": two_sizes,
        "careful": all_four,
        **{f"guided, {r} px, {s:g}": through_guide(r, s) for r in RADII for s in STRENGTHS},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, help="default: the starter")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        from dataclasses import replace

        from model import weights
        from model.careful import CarefulPredictor
        from model.data import TfdsSource, split_ids
        from model.labels import Label
        from model.metrics import Scores, boundary_f_score, confusion
        from model.predict import Predictor
        from model.unet import SIZE_MULTIPLE, UNetConfig, build_unet
        from resources import STARTER_MODEL

        path = arguments.model or STARTER_MODEL
        predictor = Predictor.load(path)
        config = UNetConfig(**weights.read_card(path).network)
        size = round(LARGER * config.input_size / SIZE_MULTIPLE) * SIZE_MULTIPLE
        model = build_unet(replace(config, input_size=size))
        weights.assign(model, weights.read_tensors(path), path)
        source = TfdsSource("train", download=False)
        _train, held_out = split_ids(source.ids(), 0.1, 0)
        known = [(e, predictor.probabilities([e.photo])[0]) for e in source.examples(held_out)]
        found = {}
        looks = predictor, Predictor(model), CarefulPredictor(path)
        for way, act in ways(*looks).items():
            counts, outlines, pets = np.zeros((3, 3), np.int64), [], []
            for example, probabilities in known:
                mask = (act(example, probabilities).argmax(-1) + 1).astype(np.uint8)
                one = confusion(example.mask, mask)
                counts += one
                pets.append(Scores.from_confusion(one).iou_of(Label.PET))
                outlines.append(boundary_f_score(example.mask, mask))
            scores = Scores.from_confusion(counts)
            found[way] = {
                "pixel_accuracy": round(scores.pixel_accuracy, 4),
                "mean_iou": round(scores.mean_iou, 4),
                "mean_pet_iou": round(float(np.nanmean(pets)), 4),
                "mean_boundary_f": round(float(np.nanmean(outlines)), 4),
            }
    report("upsampling", model=path.stem, photos=len(known), ways=found)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()

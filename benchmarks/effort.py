"""How many actions a good mask takes: a simulated annotator on the 297 test photos.

    python benchmarks/effort.py [--model FILE] [--photos N] [--cache DIR] [--jobs 1]

What the annotator does is in ``_annotator.py``.  It starts from an empty mask or from a model's
prediction (the starter's, unless another is named), and acts until the pet's IoU is 0.98, at most
50 times; the count for 0.95 is read off the same course.  Smart select is the product's own,
``SmartSelection.add``, in a new selection for every click.

The prediction is read in two ways.  ``as predicted``: the mask that the product shows; what it
calls border where the truth says pet is an error like any other.  ``without border``: the more
probable of pet and background, as if the border had been split between its sides beforehand.
The limits are those of the first: at most a fifth of the actions from an empty mask, and at least
40 % fewer than with the brush from the same prediction.

``--photos`` takes that many, evenly spread; ``--cache`` keeps photos and predictions for the next
run (else a temporary folder); ``--jobs`` divides them among processes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import _annotator as annotator
import cv2
import numpy as np
from _support import isolate, report, summary

from model.labels import Label, MaskArray
from model.resize import mask_at_size
from petseg_gui.core.smart import SmartSelection, SmartStroke, warm_up

GOAL, EASIER_GOAL = 0.98, 0.95
LARGE = (4000, 3000)
READINGS = ("as predicted", "without border")
WAYS: dict[str, annotator.Action] = {
    "prediction, brush": annotator.brush,
    "prediction, smart select": annotator.smart,
    "prediction, better of both": annotator.better,
}


def cached(folder: Path, model: Path | None = None) -> list[Path]:
    """One file per test photo: photo, truth and a model's probabilities, made if absent."""
    from model.data import TfdsSource
    from model.predict import Predictor
    from resources import STARTER_MODEL

    if model is None:
        model, folder = STARTER_MODEL, folder / STARTER_MODEL.stem
    else:  # runs of ``petseg train`` call their models alike, in folders of their own
        folder = folder / f"{model.parent.name}-{model.stem}"
    folder.mkdir(parents=True, exist_ok=True)
    source = TfdsSource("test", download=False)
    files = {name: folder / f"{name}.npz" for name in source.ids()}
    absent = [name for name, path in files.items() if not path.is_file()]
    if absent:
        predictor = Predictor.load(model)
        for example in source.examples(absent):
            (found,) = predictor.probabilities([example.photo])
            np.savez(
                files[example.id],
                photo=example.photo,
                truth=example.mask,
                probabilities=np.rint(found * 255).astype(np.uint8),
            )
    return [files[name] for name in source.ids()]


def load(path: Path) -> annotator.Photo:
    with np.load(path) as kept:
        return annotator.Photo(kept["photo"], kept["truth"], kept["probabilities"])


def predicted(known: annotator.Photo, reading: str) -> MaskArray:
    probabilities = known.probabilities.astype(np.float32) / np.float32(255)
    if reading == "without border":
        probabilities[..., Label.BORDER - 1] = 0
    return mask_at_size(probabilities, *known.truth.shape)


def measure(path: Path) -> dict[str, Any] | None:
    """All courses of one photo; None when it has no pet."""
    cv2.setNumThreads(1)
    known = load(path)
    if not (known.truth == Label.PET).any():
        return None
    empty = np.full(known.truth.shape, Label.BACKGROUND, np.uint8)
    found: dict[str, Any] = {
        "empty, brush": annotator.annotate(known, empty, annotator.brush, GOAL),
        "clicks": {},
    }
    for reading in READINGS:
        start = predicted(known, reading)
        known.changes.clear()
        found[reading] = {}
        for way, act in WAYS.items():
            found[reading][way] = annotator.annotate(known, start, act, GOAL)
            if act is annotator.smart:
                found["clicks"][reading] = list(known.changes)
    return found


def counts(courses: list[list[float]], goal: float) -> dict[str, Any]:
    needed = [annotator.actions_until(course, goal) for course in courses]
    return {
        "mean": round(float(np.mean(needed)), 3),
        "median": float(np.median(needed)),
        "p90": round(float(np.percentile(needed, 90)), 1),
        "not_reached": sum(course[-1] < goal for course in courses),
    }


def figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    def of(courses: list[list[float]]) -> dict[str, Any]:
        return {str(goal): counts(courses, goal) for goal in (GOAL, EASIER_GOAL)}

    empty = of([one["empty, brush"] for one in found])
    result: dict[str, Any] = {"empty, brush": empty}
    for reading in READINGS:
        ways = {way: of([one[reading][way] for one in found]) for way in WAYS}
        starts = [one[reading]["prediction, brush"][0] for one in found]
        needs = float(np.mean([start < GOAL for start in starts]))
        part: dict[str, Any] = {"mean_iou_at_start": round(float(np.mean(starts)), 4), **ways}
        for goal in (str(GOAL), str(EASIER_GOAL)):
            both = ways["prediction, better of both"][goal]["mean"]
            share = both / empty[goal]["mean"]
            fewer = 1 - both / ways["prediction, brush"][goal]["mean"]
            part[f"ratios_{goal}"] = {
                "share_of_empty": round(share, 3),
                "fewer_than_brush": round(fewer, 3),
                "at_most_a_fifth": share <= 0.2,
                "at_least_40_percent_fewer": fewer >= 0.4,
            }
        # No tool can do with less than one action for each mask that is not good yet.
        part["least_possible_mean"] = round(needs, 3)
        part["smart_select_clicks"] = clicks([c for one in found for c in one["clicks"][reading]])
        result[reading] = part
    return result


def clicks(changes: list[float]) -> dict[str, Any]:
    values = np.array(changes or [0.0])
    return {
        "n": len(changes),
        "mean_iou_change": round(float(values.mean()), 4),
        "share_that_made_it_worse": round(float((values < 0).mean()), 3),
        "share_worse_by_0.01": round(float((values < -0.01).mean()), 3),
    }


def smart_select_times(paths: list[Path]) -> dict[str, Any]:
    """Time of ``add`` on photos enlarged to 12 megapixels: the first click, and the next."""
    warm_up()  # as the window does when the tool is chosen
    first: list[float] = []
    later: list[float] = []
    for path in paths:
        known = load(path)
        mask = predicted(known, "as predicted")
        truth = cv2.resize(known.truth, LARGE, interpolation=cv2.INTER_NEAREST_EXACT)
        mask = cv2.resize(mask, LARGE, interpolation=cv2.INTER_NEAREST_EXACT)
        photo = cv2.resize(known.photo, LARGE, interpolation=cv2.INTER_CUBIC)
        spot = annotator.next_spot(mask, truth)
        if spot is None:
            continue
        selection = SmartSelection(photo, mask, known.probabilities, int(spot.label))
        for times, x in ((first, spot.x + 0.5), (later, min(spot.x + 40.5, LARGE[0] - 0.5))):
            start = time.perf_counter()
            selection.add(SmartStroke(((x, spot.y + 0.5),), True))
            times.append((time.perf_counter() - start) * 1e3)
    return {"first": summary(first, "ms", 1), "later": summary(later, "ms", 1), "limit": 150}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="default: the starter")
    parser.add_argument("--photos", type=int)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        # One thread for each process: the arrays are small, and threads would only wait.
        os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
        paths = cached(options.cache or Path(name), options.model)
        if options.photos and options.photos < len(paths):
            chosen = np.linspace(0, len(paths) - 1, options.photos).round().astype(int)
            paths = [paths[index] for index in chosen]
        spawn = multiprocessing.get_context("spawn")  # TensorFlow must not be forked
        with ProcessPoolExecutor(options.jobs, mp_context=spawn) as pool:
            found = [one for one in pool.map(measure, paths) if one is not None]
        times = smart_select_times(paths[:: max(len(paths) // 30, 1)][:30])
    name = str(options.model or "starter")
    report("effort", model=name, photos=len(found), **figures(found), smart_select_ms=times)


if __name__ == "__main__":
    main()

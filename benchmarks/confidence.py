"""How well a number per photo tells which predicted masks are wrong, on the 297 test photos.

    python benchmarks/confidence.py [--cache DIR] [--photos N]

Every candidate in ``_confidence_scores.py`` ranks the photos by the starter model's stored
probabilities and its mask alone.  Two pet IoUs say what is true: ``plain`` is the one of ``petseg
evaluate``, ``border neither way`` leaves out the pixels that the truth calls border.  A correlation
is Spearman's, of ``1 - score`` with ``1 - IoU``: 1 is a perfect order, 0 none.

The one that is chosen has the highest mean of both correlations on photos that the starter was not
trained on and that are no test photos: a tenth each of the train split and of the folder
``extra_pets``, the masks of which are approximate.  The fitted ones (a ridge-regularised logistic
regression in the log odds) are correlated there with what is said of each photo by a fit without
it.  The same photos calibrate the one that is chosen; test photos take no part in either, though
their figures were in sight when the list of candidates was drawn up.

Of ``petseg_gui.core.confidence`` it prints the constants as they are and as fitted anew, how far
the confidence is from the IoU, by fifths as well, and what comes of reviewing the most uncertain
first: the share of all error (the sum of 1 - IoU) in the first 10, 25 and 50 % of the photos and
the area under that curve, beside the perfect order; any order at all gives 0.1, 0.25, 0.5 and 0.5.

``--cache`` keeps test photos and predictions for the next run, and may be that of ``effort.py``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _annotator as annotator
import numpy as np
import numpy.typing as npt
from _confidence_scores import COMBINATIONS, SCORES, Seen, log_odds
from _support import isolate, report, shared, summary
from effort import cached, load, predicted

from model.labels import Label, MaskArray
from petseg_gui.core import confidence as product

Floats = npt.NDArray[np.float64]
PRODUCT = "IoU over levels, border aside"
"""The candidate that ``petseg_gui.core.confidence`` computes."""
RIDGE = 0.1
SHARES = (0.10, 0.25, 0.50)


@dataclass(slots=True)
class Photos:
    """A number of photos: every score and both IoUs, one entry per photo."""

    scores: dict[str, Floats]
    confidence: Floats
    iou: dict[str, Floats]

    @classmethod
    def measured(cls, photos: Iterator[annotator.Photo]) -> Photos:
        """Those with a pet."""
        scores: dict[str, list[float]] = {name: [] for name in SCORES}
        sure: list[float] = []
        iou: dict[str, list[float]] = {"border neither way": [], "plain": []}
        for known in photos:
            if not (known.truth == Label.PET).any():
                continue
            mask = predicted(known, "as predicted")
            seen = Seen.of(known.probabilities, mask)
            for name, score in SCORES.items():
                scores[name].append(score(seen))
            sure.append(product.confidence(known.probabilities, mask))
            iou["border neither way"].append(annotator.pet_iou(mask, known.truth))
            iou["plain"].append(plain_iou(mask, known.truth))
        return cls(
            {name: np.array(values) for name, values in scores.items()},
            np.array(sure),
            {name: np.array(values) for name, values in iou.items()},
        )

    def log_odds(self, names: tuple[str, ...]) -> Floats:
        """Log odds of some scores: (photos, scores)."""
        return np.stack([log_odds(self.scores[name]) for name in names], axis=1)


def plain_iou(mask: MaskArray, truth: MaskArray) -> float:
    """The pet's IoU where the truth is labelled, as ``petseg evaluate`` counts it."""
    found, true = (mask == Label.PET) & (truth != Label.UNLABELLED), truth == Label.PET
    return float((found & true).sum() / (found | true).sum())


def ranks(values: Floats) -> Floats:
    """From 1; those that are equal share their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], np.float64)


def spearman(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; 0 where one of them is all the same."""
    x, y = ranks(a), ranks(b)
    return float(np.corrcoef(x, y)[0, 1]) if x.std() and y.std() else 0.0


def logistic(x: Floats, y: Floats, ridge: float = 0.0) -> Floats:
    """Offset and slopes of a logistic regression of shares ``y`` on ``x`` (n, f), by Newton."""
    scale = x.std(axis=0) + 1e-9
    centre = x.mean(axis=0)
    full = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    pull = ridge * np.diag([0.0, *np.ones(x.shape[1])])
    found = np.zeros(full.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-full @ found))
        slope = full.T @ (y - p) - pull @ found
        found = found + np.linalg.solve((full * (p * (1 - p))[:, None]).T @ full + pull, slope)
    slopes = found[1:] / scale
    return np.concatenate([[found[0] - slopes @ centre], slopes])


def said(x: Floats, weights: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(weights[0] + x @ weights[1:]))), np.float64)


def without_itself(x: Floats, y: Floats) -> Floats:
    """What a fit to all the others says of each."""
    rest = ~np.eye(len(y), dtype=np.bool_)
    return np.array(
        [said(x[[i]], logistic(x[rest[i]], y[rest[i]], RIDGE))[0] for i in range(len(y))]
    )


def correlations(held_out: Photos, test: Photos) -> dict[str, dict[str, dict[str, float]]]:
    """Of every candidate, on both groups of photos, with both IoUs."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for name in SCORES:
        result[name] = {
            group: {kind: spearman(photos.scores[name], photos.iou[kind]) for kind in photos.iou}
            for group, photos in (("held out", held_out), ("test", test))
        }
    for names in COMBINATIONS:
        own, other = held_out.log_odds(names), test.log_odds(names)
        found: dict[str, dict[str, float]] = {"held out": {}, "test": {}}
        for kind, iou in held_out.iou.items():
            found["held out"][kind] = spearman(without_itself(own, iou), iou)
            weights = logistic(own, iou, RIDGE)
            found["test"][kind] = spearman(said(other, weights), test.iou[kind])
        result["fitted: " + " + ".join(names)] = found
    return result


def interval(score: Floats, iou: Floats) -> list[float]:
    """95 % interval of the correlation, from photos drawn anew 2,000 times."""
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(iou), (2000, len(iou)))
    found = [spearman(score[some], iou[some]) for some in drawn]
    return [round(float(value), 3) for value in np.percentile(found, (2.5, 97.5))]


def calibration(sure: Floats, iou: Floats) -> dict[str, Any]:
    """How far the confidence is from the IoU, over all and by fifths of the confidence."""
    fifths = np.array_split(np.argsort(sure, kind="stable"), 5)
    return {
        "mean_distance": round(float(np.abs(sure - iou).mean()), 4),
        "mean_distance_of_a_constant": round(float(np.abs(iou - np.median(iou)).mean()), 4),
        "mean_confidence": round(float(sure.mean()), 4),
        "mean_iou": round(float(iou.mean()), 4),
        "by_fifths": [
            {
                "mean_confidence": round(float(sure[fifth].mean()), 3),
                "mean_iou": round(float(iou[fifth].mean()), 3),
                "lowest_iou": round(float(iou[fifth].min()), 3),
            }
            for fifth in fifths
            if len(fifth)
        ],
    }


def review(score: Floats, iou: Floats) -> dict[str, Any]:
    """What is found of all error by reviewing from the lowest score onwards."""
    error = 1 - iou
    curve = np.cumsum(np.concatenate([[0.0], error[np.argsort(score, kind="stable")]]))
    curve /= max(curve[-1], 1e-9)
    at = np.linspace(0, 1, len(curve))
    return {
        **{f"first_{share:.0%}": round(float(np.interp(share, at, curve)), 3) for share in SHARES},
        "area": round(float(np.trapezoid(curve, at)), 3),
    }


def of_product(held_out: Photos, test: Photos) -> dict[str, Any]:
    """The figures of ``confidence`` itself."""
    offset, slope = logistic(held_out.log_odds((PRODUCT,)), held_out.iou["plain"])
    sure = test.confidence
    return {
        "constants": {"offset": product.OFFSET, "slope": product.SLOPE},
        "constants_fitted_anew": {"offset": round(offset, 3), "slope": round(slope, 3)},
        "spearman": {kind: round(spearman(sure, iou), 3) for kind, iou in test.iou.items()},
        "spearman_95_percent": {kind: interval(sure, iou) for kind, iou in test.iou.items()},
        "calibration_plain": calibration(sure, test.iou["plain"]),
        "review": {
            kind: {"most uncertain first": review(sure, iou), "perfect order": review(iou, iou)}
            for kind, iou in test.iou.items()
        },
    }


def held_out_photos(count: int | None) -> Iterator[annotator.Photo]:
    """What the starter was not trained on, with its predictions."""
    from model.data import FolderSource, Source, TfdsSource, split_ids
    from model.predict import Predictor
    from resources import STARTER_MODEL

    real = shared()
    sources: list[Source] = [TfdsSource("train", download=False)]
    if real:
        sources.append(FolderSource(real / "data/extra_pets"))
    predictor = Predictor.load(STARTER_MODEL)
    for source in sources:
        _trained, kept = split_ids(source.ids(), 0.1, 0)
        for example in source.examples(kept[:count]):
            (found,) = predictor.probabilities([example.photo])
            yield annotator.Photo(
                example.photo, example.mask, np.rint(found * 255).astype(np.uint8)
            )


def times(path: Path) -> dict[str, Any]:
    """Of one confidence and one disagreement, with a mask of 12 megapixels."""
    known = load(path)
    mask = np.resize(predicted(known, "as predicted"), (3000, 4000))
    found: dict[str, list[float]] = {"confidence": [], "disagreement": []}
    for _ in range(100):
        start = time.perf_counter()
        product.confidence(known.probabilities, mask)
        between = time.perf_counter()
        product.disagreement(mask, mask)
        found["confidence"].append(1000 * (between - start))
        found["disagreement"].append(1000 * (time.perf_counter() - between))
    return {name: summary(values, "ms") for name, values in found.items()}


def rounded(candidates: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Best first, on the photos held out."""
    order = sorted(candidates, key=lambda name: -sum(candidates[name]["held out"].values()))
    return {
        name: {
            group: {kind: round(value, 3) for kind, value in values.items()}
            for group, values in candidates[name].items()
        }
        for name in order
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        held_out = Photos.measured(held_out_photos(options.photos))
        paths = cached(options.cache or Path(name))[: options.photos]
        test = Photos.measured(load(path) for path in paths)
        taken = times(paths[0])
    candidates = rounded(correlations(held_out, test))
    report(
        "confidence",
        photos={"held out": len(held_out.confidence), "test": len(test.confidence)},
        spearman_by_score=candidates,
        chosen=next(iter(candidates)),
        chosen_is_the_products=next(iter(candidates)) == PRODUCT,
        product=of_product(held_out, test),
        ms=taken,
    )


if __name__ == "__main__":
    main()

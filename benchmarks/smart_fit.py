"""Fits the numbers of ``petseg_gui/core/smart_weights.py``.

    petseg train --recipe default --data EXTRA_PETS --epochs 10 --out RUN
    python benchmarks/smart_fit.py --weaker RUN/best.safetensors --extra EXTRA_PETS --out OUT.npz

The committed numbers came from these data and settings (the weaker run was stopped after 5 of its
10 epochs, at a mean IoU of 0.65), but from drafts of the two scripts, so a new fit comes close to
them and is not equal.

Clicks are gathered on photos that the model that predicts them was not trained on, and never on
test photos: what the starter held out of the train split and of EXTRA_PETS, and the rest of the
train split with a weaker model that was trained on EXTRA_PETS alone.  That rest with the starter,
which knows those photos and errs less on them, counts little.  On each the annotator of
``benchmarks/effort.py`` clicks, smart select as it is, the brush or an exact mending changes the
mask, and it clicks again.  Every click yields pixels: their features, and whether they should
have got the click's class.  A pixel weighs the less the larger its error region is, so that small
errors count; those that the starter held out weigh more, being what the product meets.  Four
small perceptrons are fitted with Adam and averaged: together they are one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import _annotator as annotator
import cv2
import numpy as np
import numpy.typing as npt
from _support import isolate

from model.labels import Label, MaskArray
from model.resize import mask_at_size
from petseg_gui.core.smart_features import NAMES, features
from petseg_gui.core.smart_scene import Picture, small_mask

if TYPE_CHECKING:
    from model.data import Source

Floats = npt.NDArray[np.float32]
GOAL = 0.98
BIAS = 1.0
"""Added to the odds: a brush beside it mends what a timid selection leaves, so it may be bold."""
UNITS = 24
PASSES = 5
BATCH = 4096
WITHOUT_SIZES = [i for i, name in enumerate(NAMES) if name not in ("depth at the seeds", "depth")]


@dataclass(slots=True)
class Pixels:
    """Samples: features float32 (n, f), what is right bool (n,), weights float32 (n,)."""

    features: Floats
    right: npt.NDArray[np.bool_]
    weights: Floats

    @classmethod
    def joined(cls, parts: list[Pixels]) -> Pixels:
        """All of them together."""
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def of_click(
    known: annotator.Photo,
    picture: Picture,
    mask: MaskArray,
    spot: annotator.Spot,
    random: np.random.Generator,
) -> Pixels | None:
    """Some pixels of a click; None when too few of the small picture's are wrong."""
    columns, rows = picture.size
    values, truth = small_mask(mask, picture.size), small_mask(known.truth, picture.size)
    seeds = np.zeros((rows, columns), np.bool_)
    seeds[spot.y * rows // mask.shape[0], spot.x * columns // mask.shape[1]] = True
    there = values == spot.label
    undecided = (values == Label.BORDER) | (values == Label.UNLABELLED)
    found = features(picture.scene(spot.label, there, undecided), seeds)
    open_ = ~there & ((truth == Label.PET) | (truth == Label.BACKGROUND))
    right = open_ & (truth == spot.label)
    if right.sum() < 5:
        return None
    area = float(cv2.connectedComponentsWithStats(right.astype(np.uint8))[2][1:, 4].max())
    near_right = cv2.distanceTransform((~right).astype(np.uint8), cv2.DIST_L2, 3) < 4
    away = cv2.distanceTransform((~seeds).astype(np.uint8), cv2.DIST_L2, 3)
    near = open_ & ((away < 3 * np.sqrt(area) + 8) | near_right)
    parts = []
    for region, count in ((near, 160), (open_ & ~near, 60)):
        index = np.flatnonzero(region)
        if index.size:
            chosen = random.choice(index, min(count, index.size), replace=False)
            weight = index.size / chosen.size / max(area, 15.0)
            parts.append(
                Pixels(
                    found.reshape(-1, found.shape[2])[chosen],
                    right.ravel()[chosen],
                    np.full(chosen.size, weight, np.float32),
                )
            )
    return Pixels.joined(parts)


def clicks(known: annotator.Photo, random: np.random.Generator) -> Iterator[Pixels]:
    """The pixels of some clicks on one photo, from both readings of its prediction."""
    picture = Picture.of(known.photo, known.probabilities)
    for share_of_border in (1.0, 0.0, 0.0):
        probabilities = known.probabilities.astype(np.float32) / np.float32(255)
        probabilities[..., Label.BORDER - 1] *= share_of_border
        mask = mask_at_size(probabilities, *known.truth.shape)
        for _ in range(5):
            spot = annotator.next_spot(mask, known.truth)
            if spot is None or annotator.pet_iou(mask, known.truth) >= GOAL:
                break
            pixels = of_click(known, picture, mask, spot, random)
            if pixels is not None:
                yield pixels
            way = random.random()
            if way < 0.3:
                mask = annotator.brush(known, mask, spot)
            elif way < 0.65:
                mask = annotator.better(known, mask, spot)
            else:
                mask = annotator.mended(mask, known.truth, spot)


def gathered(source: Source, model: Path, held_out: bool, photos: int | None) -> Pixels:
    """Pixels of a train split: of the starter's held-out part of it, or of the rest."""
    from model.data import split_ids
    from model.predict import Predictor

    predictor = Predictor.load(model)
    trained, kept = split_ids(source.ids(), 0.1, 0)
    random = np.random.default_rng(0)
    found: list[Pixels] = []
    for example in source.examples((kept if held_out else trained)[:photos]):
        (probabilities,) = predictor.probabilities([example.photo])
        known = annotator.Photo(
            example.photo, example.mask, np.rint(probabilities * 255).astype(np.uint8)
        )
        if (known.truth == Label.PET).any():
            found.extend(clicks(known, random))
    return Pixels.joined(found)


def fitted(pixels: Pixels, columns: list[int], seed: int) -> list[Floats]:
    """Hidden weights (f, u), hidden bias (u,), output weights (u,), output bias (1,)."""
    random = np.random.default_rng(seed)
    x = pixels.features[:, columns]
    mean, scale = x.mean(axis=0), x.std(axis=0) + np.float32(1e-3)
    x, y = (x - mean) / scale, pixels.right.astype(np.float32)
    weights = np.minimum(pixels.weights, 60)
    weights /= weights.mean()
    width = len(columns)
    shapes = ((width, UNITS), (UNITS,), (UNITS,), (1,))
    spread = (width**-0.5, 0.0, UNITS**-0.5, 0.0)
    values = [
        random.normal(0, s, shape).astype(np.float32)
        for s, shape in zip(spread, shapes, strict=True)
    ]
    slow, square = [0 * v for v in values], [0 * v for v in values]
    steps = max(PASSES * (len(x) // BATCH), 1)
    for step in range(1, steps + 1):
        if (step - 1) % max(len(x) // BATCH, 1) == 0:
            order = random.permutation(len(x))
        first = (step - 1) % max(len(x) // BATCH, 1) * BATCH
        some = order[first : first + BATCH]
        hidden = np.tanh(x[some] @ values[0] + values[1])
        error = 1 / (1 + np.exp(-(hidden @ values[2] + values[3]))) - y[some]
        error = weights[some] * error / len(some)
        back = np.outer(error, values[2]) * (1 - hidden * hidden)
        slopes = [
            x[some].T @ back + 1e-4 * values[0],
            back.sum(axis=0),
            hidden.T @ error + 1e-4 * values[2],
            error.sum(keepdims=True),
        ]
        rate = 4e-3 * (1 - step / steps) + 1e-4
        for number, slope in enumerate(slopes):
            slow[number] = 0.9 * slow[number] + 0.1 * slope
            square[number] = 0.99 * square[number] + 0.01 * slope * slope
            move = slow[number] / (1 - 0.9**step)
            move /= np.sqrt(square[number] / (1 - 0.99**step)) + 1e-8
            values[number] = (values[number] - rate * move).astype(np.float32)
    whole = np.zeros((len(NAMES), UNITS), np.float32)
    whole[columns] = values[0] / scale[:, None]
    return [whole, values[1] - (mean / scale) @ values[0], values[2], values[3]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weaker", type=Path, required=True)
    parser.add_argument("--extra", type=Path, required=True)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    isolate(options.out.resolve().parent)
    from model.data import FolderSource, TfdsSource
    from resources import STARTER_MODEL

    oxford, extra = TfdsSource("train", download=False), FolderSource(options.extra)
    parts = [gathered(oxford, options.weaker, False, options.photos)]
    for source, held_out, weight in ((oxford, True, 6.0), (extra, True, 4.0), (oxford, False, 0.3)):
        part = gathered(source, STARTER_MODEL, held_out, options.photos)
        part.weights *= weight
        parts.append(part)
    pixels = Pixels.joined(parts)
    nets = [
        fitted(pixels, columns, seed)
        for seed, columns in enumerate(2 * (list(range(len(NAMES))), WITHOUT_SIZES))
    ]
    np.savez(
        options.out,
        hidden=np.concatenate([net[0] for net in nets], axis=1),
        hidden_bias=np.concatenate([net[1] for net in nets]),
        out=np.concatenate([net[2] for net in nets]) / len(nets),
        bias=sum(float(net[3][0]) for net in nets) / len(nets) + BIAS,
    )
    print(f"{len(pixels.right)} pixels; {options.out}")


if __name__ == "__main__":
    main()

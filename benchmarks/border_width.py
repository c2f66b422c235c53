"""How wide the data set's border is, and how well ours agrees with it.  Prints JSON.

    python benchmarks/border_width.py [--photos 3680] [--agreement 400]

The train split of the Oxford-IIIT Pet set alone.  The outline of a trimap is where its border,
each pixel given to the nearer side, changes from pet to background.  The width at a pixel of the
outline is that of the border across it: its distances to pet and to background, added, less one
(a border of n pixels lies between centres that are n + 1 apart).  A photo's width is the median
along its outline.  ``border.border_width`` is the rule that came out of this.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import _support
import numpy as np

from petseg_gui.core import border
from petseg_gui.core.mask import Mask
from petseg_gui.core.morphology import distance_to, edge_between

PET, BACKGROUND, BORDER = 1, 2, 3

SHARES = (0.025, 0.03, 0.0325, 0.035, 0.0375, 0.04, 0.045)
"""Widths to try, as shares of sqrt(H*W)."""


def trimaps(count: int) -> Iterator[np.ndarray]:
    """Masks of the train split, uint8 (H, W)."""
    from model.data import TfdsSource

    for example in islice(TfdsSource("train", download=False).examples(), count):
        yield example.mask


def divided(trimap: np.ndarray) -> np.ndarray:
    """The trimap without its border, each pixel of it given to the nearer side."""
    pet = distance_to(trimap == PET) <= distance_to(trimap == BACKGROUND)
    return np.where(trimap == BORDER, np.where(pet, PET, BACKGROUND), trimap).astype(np.uint8)


def widths(trimap: np.ndarray) -> np.ndarray:
    """Width of the border at each pixel of the outline that lies in it, in pixels."""
    mask = divided(trimap)
    outline = edge_between(mask == PET, mask == BACKGROUND) & (trimap == BORDER)
    across = distance_to(trimap == PET) + distance_to(trimap == BACKGROUND) - 1
    return across[outline]


def area_by_length(trimap: np.ndarray) -> float:
    """The control: area of the border by the length of the outline, in pixels.

    The length is that of Crofton: steps from side to side along rows and columns, by pi / 4.
    """
    pet = divided(trimap) == PET
    steps = np.count_nonzero(pet[1:] != pet[:-1]) + np.count_nonzero(pet[:, 1:] != pet[:, :-1])
    return float(np.count_nonzero(trimap == BORDER) / (np.pi / 4 * max(steps, 1)))


def quartiles(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    """First quartile, median and third; ``spread`` is their distance by the median."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    spread = (high - low) / middle
    figures = {"q1": low, "median": middle, "q3": high, "spread": spread}
    return {name: round(float(value), 5) for name, value in figures.items()}


def agreement(trimap: np.ndarray, width: float | None = None) -> dict[str, float]:
    """How the border that we lay on the divided trimap compares with the true one."""
    mask = Mask(divided(trimap))
    patch = border.border_patch(mask.view(), width)
    if patch is not None:
        mask.apply(patch)
    ours, true = mask.view() == BORDER, trimap == BORDER
    both = np.count_nonzero(ours & true)
    return {
        "iou": both / max(np.count_nonzero(ours | true), 1),
        "true border found": both / max(np.count_nonzero(true), 1),
        "ours on true border": both / max(np.count_nonzero(ours), 1),
        "rim share of photo, true": float(true.mean()),
        "rim share of photo, ours": float(ours.mean()),
        "same class, all pixels": float((mask.view() == trimap).mean()),
    }


def scaling(sizes: np.ndarray, measured: np.ndarray) -> dict[str, object]:
    """How the width goes with the photo: by a line through logarithms, and by three rules.

    Args:
        sizes: (n, 2) rows and columns.
        measured: (n,) widths in pixels.
    """
    mean_side = np.sqrt(sizes.prod(axis=1))
    exponent, _ = np.polyfit(np.log(mean_side), np.log(measured), 1)
    groups = np.array_split(np.argsort(mean_side, kind="stable"), 8)
    return {
        "exponent of sqrt(H*W)": round(float(exponent), 3),
        "correlation": round(float(np.corrcoef(np.log(mean_side), np.log(measured))[0, 1]), 3),
        "pixels": quartiles(measured),
        "by sqrt(H*W)": quartiles(measured / mean_side),
        "by longer side": quartiles(measured / sizes.max(axis=1)),
        "by size of photo": [
            {
                "sqrt(H*W)": round(float(np.median(mean_side[group])), 1),
                "median width": round(float(np.median(measured[group])), 2),
            }
            for group in groups
        ],
    }


@dataclass
class Measured:
    """One entry per photo, or per photo that a border was laid on."""

    sizes: list[tuple[int, int]] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    controls: list[float] = field(default_factory=list)
    agreement: list[dict[str, float]] = field(default_factory=list)
    own_width: list[float] = field(default_factory=list)
    shares: list[list[float]] = field(default_factory=list)

    def add(self, trimap: np.ndarray, *, lay: bool) -> None:
        """Measure a trimap; with `lay`, also how our border agrees with it."""
        across = widths(trimap)
        across = across[np.isfinite(across)]
        if across.size == 0:
            return  # all pet, or all background: no outline
        self.sizes.append((trimap.shape[0], trimap.shape[1]))
        self.widths.append(float(np.median(across)))
        self.controls.append(area_by_length(trimap))
        if lay:
            side = float(np.sqrt(trimap.size))
            self.agreement.append(agreement(trimap))
            self.own_width.append(agreement(trimap, self.widths[-1])["iou"])
            self.shares.append([agreement(trimap, share * side)["iou"] for share in SHARES])

    def agreements(self) -> dict[str, object]:
        """Means over the photos that a border was laid on."""
        by_share = zip(SHARES, np.mean(self.shares, axis=0), strict=True)
        return {
            "photos": len(self.agreement),
            **{
                name: round(float(np.mean([result[name] for result in self.agreement])), 4)
                for name in self.agreement[0]
            },
            "iou at each photo's own width": round(float(np.mean(self.own_width)), 4),
            "iou by share of sqrt(H*W)": {
                str(share): round(float(iou), 4) for share, iou in by_share
            },
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Width of the data set's border, as JSON.")
    parser.add_argument("--photos", type=int, default=3680)
    parser.add_argument("--agreement", type=int, default=400, help="photos to lay a border on")
    arguments = parser.parse_args()
    measured = Measured()
    with TemporaryDirectory() as folder:
        _support.isolate(Path(folder))
        for trimap in trimaps(arguments.photos):
            measured.add(trimap, lay=len(measured.agreement) < arguments.agreement)
    _support.report(
        "border_width",
        photos=len(measured.widths),
        across_the_outline=scaling(np.array(measured.sizes), np.array(measured.widths)),
        area_by_outline_length=quartiles(measured.controls),
        rule={
            "at 500x375": round(border.border_width((375, 500)), 2),
            "at 4000x3000": round(border.border_width((3000, 4000)), 1),
        },
        agreement=measured.agreements(),
    )


if __name__ == "__main__":
    main()

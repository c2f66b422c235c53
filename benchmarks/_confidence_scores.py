"""The candidates of ``confidence.py``: what probabilities and mask say of a prediction.

Each is a number per photo that is the higher, the better the mask should be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from model.resize import ProbabilityBytes, resize_mask
from petseg_gui.core.confidence import iou_over_levels

Plane = npt.NDArray[np.float64]
Region = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seen:
    """One prediction at the network's size.

    Attributes:
        stored: uint8 (S, S, 3), the probabilities as they are kept.
        classes: float (S, S, 3), 0..1.
        mask: uint8 (S, S).
    """

    stored: ProbabilityBytes
    classes: Plane
    mask: MaskArray

    @classmethod
    def of(cls, stored: ProbabilityBytes, mask: MaskArray) -> Seen:
        """Of stored probabilities and the mask at the photo's size."""
        # A quarter of a step keeps the logarithms finite.
        classes = stored.astype(np.float64) + 0.25
        classes /= classes.sum(axis=2, keepdims=True)
        return cls(stored, classes, resize_mask(mask, stored.shape[0]))

    @property
    def pet(self) -> Plane:
        """Probability of pet."""
        return self.classes[..., 0]

    @property
    def background(self) -> Plane:
        """Probability of background."""
        return self.classes[..., 1]

    @property
    def border(self) -> Plane:
        """Probability of border."""
        return self.classes[..., 2]

    @property
    def inside(self) -> Region:
        """The predicted pet."""
        return np.asarray(self.mask == Label.PET)

    @property
    def with_border(self) -> Region:
        """The predicted pet and border."""
        return np.asarray(self.inside | (self.mask == Label.BORDER))

    @property
    def entropy(self) -> Plane:
        """0 to 1 at every pixel."""
        p = self.classes
        return np.asarray(-(p * np.log(p)).sum(axis=2) / math.log(3))

    @property
    def area(self) -> int:
        """Pixels of the predicted pet, at least 1."""
        return max(int(self.inside.sum()), 1)

    @property
    def outline(self) -> int:
        """Pixels of its outline, at least 1."""
        pet = self.inside.astype(np.uint8)
        return max(int((pet - cv2.erode(pet, np.ones((3, 3), np.uint8))).sum()), 1)


def log_odds(values: Plane) -> Plane:
    """Of values within 0 and 1, those near the ends taken in a little."""
    inside = np.clip(values, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(inside / (1 - inside)))


def ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else 0.0


def iou(a: Region, b: Region) -> float:
    return ratio((a & b).sum(), (a | b).sum())


def soft_iou(p: Plane, mask: Region) -> float:
    """Expected intersection by expected union."""
    return ratio((p * mask).sum(), (p + mask - p * mask).sum())


def soft_iou_border_aside(seen: Seen, temperature: float = 1.0) -> float:
    """The same, with pixels counting by how little they are border; probabilities tempered."""
    p = seen.classes ** (1 / temperature)
    p /= p.sum(axis=2, keepdims=True)
    pet, sides = p[..., 0], 1 - p[..., 2]
    inside = seen.inside
    return ratio((pet * inside).sum(), (pet + sides * inside - pet * inside).sum())


def thresholds(p: Plane, low: float, high: float) -> float:
    """IoU of the masks at two thresholds."""
    return iou(p > low, p > high)


def over_levels(seen: Seen) -> float:
    """Mean IoU of the mask with the pet at thresholds from 5 to 95 %."""
    return float(np.mean([iou(seen.inside, seen.pet > t) for t in np.linspace(0.05, 0.95, 10)]))


def largest_share(seen: Seen) -> float:
    """Share of pet and border that is in the largest piece."""
    stats = cv2.connectedComponentsWithStats(seen.with_border.astype(np.uint8))[2]
    areas = stats[1:, cv2.CC_STAT_AREA]
    return ratio(int(areas.max()), int(areas.sum())) if len(areas) else 0.0


def pieces(seen: Seen) -> int:
    return int(cv2.connectedComponents(seen.with_border.astype(np.uint8))[0]) - 1


def at_the_edge(seen: Seen) -> float:
    """Share of the photo's edge that is pet or border."""
    found = seen.with_border
    return float(np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]]).mean())


def from_the_edge(seen: Seen) -> float:
    """Mean distance of the outline from the photo's edge, as a share of its side."""
    pet = seen.inside.astype(np.uint8)
    rows, columns = np.nonzero(pet - cv2.erode(pet, np.ones((3, 3), np.uint8)))
    last = pet.shape[0] - 1
    if not len(rows):
        return 0.0
    nearest = np.minimum.reduce([rows, last - rows, columns, last - columns])
    return float(nearest.mean() / (last + 1))


def mean_where(p: Plane, region: Region) -> float:
    return float(p[region].mean()) if region.any() else 0.0


SCORES: dict[str, Callable[[Seen], float]] = {
    "IoU over levels, border aside": lambda seen: iou_over_levels(seen.stored, seen.mask),
    "IoU over levels": over_levels,
    "1 - mean entropy": lambda seen: 1 - float(seen.entropy.mean()),
    "mean of the largest probability": lambda seen: float(seen.classes.max(axis=2).mean()),
    "- entropy / outline": lambda seen: -float(seen.entropy.sum()) / seen.outline,
    "- entropy / area": lambda seen: -float(seen.entropy.sum()) / seen.area,
    "- entropy / root of area": lambda seen: -float(seen.entropy.sum()) / math.sqrt(seen.area),
    "- uncertain pixels / area": lambda seen: (
        -float((seen.classes.max(axis=2) < 0.6).sum()) / seen.area
    ),
    "soft IoU, pet": lambda seen: soft_iou(seen.pet, seen.inside),
    "soft IoU, pet + border/2": lambda seen: soft_iou(seen.pet + seen.border / 2, seen.inside),
    "soft IoU, pet + border of both": lambda seen: soft_iou(
        seen.pet + seen.border, seen.with_border
    ),
    "soft IoU, border aside": soft_iou_border_aside,
    "soft IoU, border aside, temperature 0.5": lambda seen: soft_iou_border_aside(seen, 0.5),
    "thresholds 0.3, 0.7": lambda seen: thresholds(seen.pet, 0.3, 0.7),
    "thresholds 0.3, 0.5": lambda seen: thresholds(seen.pet, 0.3, 0.5),
    "thresholds 0.5, 0.7": lambda seen: thresholds(seen.pet, 0.5, 0.7),
    "thresholds 0.1, 0.9": lambda seen: thresholds(seen.pet, 0.1, 0.9),
    "thresholds 0.3, 0.7, pet + border/2": lambda seen: thresholds(
        seen.pet + seen.border / 2, 0.3, 0.7
    ),
    "thresholds 0.1, 0.9, pet against background": lambda seen: thresholds(
        seen.pet / (seen.pet + seen.background), 0.1, 0.9
    ),
    "pet probability in the pet": lambda seen: mean_where(seen.pet, seen.inside),
    "border probability in the border": lambda seen: mean_where(
        seen.border, seen.mask == Label.BORDER
    ),
    "share of the largest piece": largest_share,
    "- pieces": lambda seen: -float(pieces(seen)),
    "- pet at the photo's edge": lambda seen: 1 - at_the_edge(seen),
    "outline far from the photo's edge": from_the_edge,
    "pet's share of the photo": lambda seen: seen.area / seen.mask.size,
}

COMBINATIONS: tuple[tuple[str, ...], ...] = (
    ("IoU over levels, border aside", "pet's share of the photo"),
    ("IoU over levels", "pet's share of the photo"),
    ("soft IoU, border aside", "soft IoU, pet", "pet's share of the photo"),
    ("IoU over levels, border aside", "IoU over levels", "border probability in the border"),
    (
        "IoU over levels, border aside",
        "pet's share of the photo",
        "share of the largest piece",
        "- pet at the photo's edge",
    ),
    ("1 - mean entropy", "soft IoU, pet", "thresholds 0.1, 0.9", "pet's share of the photo"),
)
"""Fitted together; scores within 0 and 1."""

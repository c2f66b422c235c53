"""What smart select looks at, per pixel, to tell how far a gesture reaches.

All of it is computed on a small picture of the photo (:class:`Scene`), so that its cost does not
depend on the photo's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray

FloatImage = npt.NDArray[np.float32]

_ODDS_LIMIT = 5.0
_ODDS_LEVELS = np.linspace(-4.5, 4.5, 19)
_NECK_LEVELS = np.linspace(0.05, 1.0, 14)
_COLOUR_LEVELS = np.array([4, 6, 8, 11, 14, 18, 22, 27, 33, 40, 50, 65], np.float32)
_EDGE_LEVELS = np.array([2, 3, 4.5, 6, 8, 10, 13, 17, 22, 30, 40], np.float32)

NAMES = (
    "odds",
    "odds at the seeds",
    "least odds on the way",
    "fall of the odds on the way",
    "border probability",
    "undecided",
    "colour odds",
    "colour odds at the seeds",
    "colour distance",
    "colour distance on the way",
    "edge on the way",
    "distance",
    "distance in depths",
    "depth at the seeds",
    "depth",
    "neck on the way",
    "colour odds of the spot",
    "colour distance to the class",
    "joined",
)
"""Names of the features, in the order of the last axis of :func:`features`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A small picture of a photo and of what is known of it, for one class.

    Attributes:
        colour: float32 (h, w, 3), the photo in CIE Lab.
        edges: float32 (h, w), strength of the photo's edges in Lab units per pixel.
        odds: float32 (h, w), the model's log odds for the class against the others but for
            border.
        border: float32 (h, w), the model's probability of border.
        colour_odds: float32 (h, w), log odds of the colour being the class's, from where the
            model is sure.
        there: bool (h, w), the mask has the class already.
        undecided: bool (h, w), the mask has no class or border.
    """

    colour: FloatImage
    edges: FloatImage
    odds: FloatImage
    border: FloatImage
    colour_odds: FloatImage
    there: BoolArray
    undecided: BoolArray


def colours(small: npt.NDArray[np.uint8]) -> FloatImage:
    """An RGB picture uint8 (h, w, 3) in CIE Lab, float32, lightness 0..100."""
    return np.asarray(
        cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), np.float32
    )


def edge_strength(colour: FloatImage) -> FloatImage:
    """Length of the colour's gradient, float32 (h, w), Lab units per pixel."""
    smooth = cv2.GaussianBlur(colour, (0, 0), 1.0)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(np.sqrt((dx * dx + dy * dy).sum(axis=2)), np.float32)


def colour_odds(colour: FloatImage, yes: FloatImage, no: FloatImage) -> FloatImage:
    """Log odds of every pixel's colour, from histograms weighted by ``yes`` and ``no`` (h, w)."""
    steps = np.array([100 / 12, 8, 8], np.float32)
    bins = np.clip(np.floor(colour / steps + np.array([0, 12, 12], np.float32)), 0, 23).astype(int)
    bins[..., 0] = np.minimum(bins[..., 0], 11)
    index = (bins[..., 0] * 24 + bins[..., 1]) * 24 + bins[..., 2]
    size = 12 * 24 * 24
    found = []
    for weights in (yes, no):
        counts = np.bincount(index.ravel(), weights.ravel(), size).astype(np.float32)
        volume = counts.reshape(12, 24, 24)
        for axis in range(3):
            before = np.roll(volume, 1, axis)
            after = np.roll(volume, -1, axis)
            volume = 0.5 * volume + 0.25 * (before + after)
        found.append(volume.ravel() / max(float(weights.sum()), 1.0) + 1e-4)
    odds = np.log(found[0] / found[1])[index].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(odds, (0, 0), 1.5), np.float32)


def reached_level(
    value: FloatImage, seeds: BoolArray, levels: npt.NDArray[np.floating], below: float
) -> FloatImage:
    """The highest level that some way from the seeds to a pixel never falls under.

    Args:
        value: float32 (h, w).
        seeds: bool (h, w); they count as above every level.
        levels: ascending.
        below: what a pixel gets that is not reached at the lowest level.

    Returns:
        float32 (h, w).
    """
    reached = np.full(value.shape, below, np.float32)
    for level in levels:
        joined = connected((value >= level) | seeds, seeds)
        reached[joined] = level
    return reached


def connected(region: BoolArray, seeds: BoolArray) -> BoolArray:
    """The 4-connected parts of a region, bool (h, w), that hold a seed."""
    _count, parts = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    wanted = np.zeros(_count, np.bool_)
    wanted[parts[seeds & region]] = True
    wanted[0] = False
    return np.asarray(wanted[parts], np.bool_)


def _distance(region: BoolArray) -> FloatImage:
    """Distance of each pixel to the nearest one of the region, in pixels; far when empty."""
    if not region.any():
        return np.full(region.shape, float(np.hypot(*region.shape)), np.float32)
    found = cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found, np.float32)


def _room(there: BoolArray) -> FloatImage:
    """How deep each pixel lies in what is missing; the edge of the photo bounds that as well."""
    inside = np.zeros((there.shape[0] + 2, there.shape[1] + 2), np.bool_)
    inside[1:-1, 1:-1] = ~there
    return _distance(~inside)[1:-1, 1:-1]


def features(scene: Scene, seeds: BoolArray) -> FloatImage:
    """What tells whether a pixel belongs to what the gesture meant.

    Args:
        scene: what is known, at the small size.
        seeds: bool (h, w), the pixels under the gesture, at least one.

    Returns:
        float32 (h, w, n), in the order of :data:`NAMES`.
    """
    diagonal = float(np.hypot(*seeds.shape))
    odds = np.clip(scene.odds, -_ODDS_LIMIT, _ODDS_LIMIT)
    near = cv2.dilate(seeds.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    odds_there = float(odds[near].mean())
    colour_there = float(scene.colour_odds[near].mean())
    way = reached_level(odds, seeds, _ODDS_LEVELS, -_ODDS_LIMIT)
    centre = scene.colour[near].mean(axis=0)
    smooth = cv2.GaussianBlur(scene.colour, (0, 0), 1.0)
    off = np.sqrt(np.square(smooth - centre).sum(axis=2)).astype(np.float32)
    colour_way = -reached_level(-off, seeds, -_COLOUR_LEVELS[::-1], -80.0)
    edge_way = -reached_level(-scene.edges, seeds, -_EDGE_LEVELS[::-1], -50.0)
    away = _distance(seeds)
    depth = _distance(scene.there)
    room = _room(scene.there)
    depth_there = max(float(room[seeds].max()), 1.0)
    neck = reached_level(room / np.float32(depth_there), seeds, _NECK_LEVELS, 0.0)
    shape = seeds.shape
    missing = ~scene.there
    spot = (missing & (away <= np.float32(max(0.75 * depth_there, 1.5)))).astype(np.float32)
    beyond = (missing & (away >= np.float32(2.5 * depth_there))).astype(np.float32)
    spot_odds = colour_odds(scene.colour, spot, beyond) if beyond.any() else 0 * odds
    class_odds = (
        colour_odds(scene.colour, scene.there.astype(np.float32), spot)
        if scene.there.any()
        else 0 * odds
    )
    planes = (
        odds,
        np.full(shape, odds_there, np.float32),
        way,
        np.minimum(way - odds_there, 0),
        4 * scene.border,
        2 * scene.undecided.astype(np.float32),
        scene.colour_odds,
        np.full(shape, colour_there, np.float32),
        off / 16,
        colour_way / 16,
        edge_way / 8,
        8 * away / np.float32(diagonal),
        np.log(away / np.float32(depth_there) + np.float32(0.1)),
        np.full(shape, np.log(depth_there * 64 / diagonal), np.float32),
        np.log(depth * np.float32(64 / diagonal) + np.float32(0.3)),
        4 * neck,
        spot_odds / 2,
        class_odds / 2,
        connected(missing | seeds, seeds).astype(np.float32),
    )
    return np.stack(planes, axis=2).astype(np.float32)

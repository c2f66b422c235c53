"""The small picture of a photo that smart select thinks on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import CLASSES, NUM_CLASSES, Label, MaskArray
from petseg_gui.core.mask import BoolArray
from petseg_gui.core.smart_features import (
    FloatImage,
    Scene,
    colour_odds,
    colours,
    edge_strength,
)

SIDE = 256
"""Longest side of the picture, in pixels: the network's own resolution."""

_SURE = 0.5  # probability from which a pixel tells what colours a class has
_FLOOR = 0.01
_SAMPLES = 4  # of a large photo, along each side of a pixel of the picture


def small_size(shape: tuple[int, int], side: int = SIDE) -> tuple[int, int]:
    """(columns, rows) of a photo of (rows, columns) within ``side``; never larger than it is."""
    height, width = shape
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def small_mask(mask: MaskArray, size: tuple[int, int]) -> MaskArray:
    """A mask at (columns, rows), by nearest neighbour."""
    if (mask.shape[1], mask.shape[0]) == size:
        return mask
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)


def _small_photo(photo: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """A photo at (columns, rows), every pixel the mean of some 16 or more of the photo's."""
    step = max(min(photo.shape[1] // size[0], photo.shape[0] // size[1]) // _SAMPLES, 1)
    sampled = photo[step // 2 :: step, step // 2 :: step]
    return np.asarray(
        cv2.resize(np.ascontiguousarray(sampled), size, interpolation=cv2.INTER_AREA), np.uint8
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo and its prediction, small; the same for all classes.

    Attributes:
        size: (columns, rows).
        colour: float32 (h, w, 3), CIE Lab.
        edges: float32 (h, w), strength of the photo's edges.
        probabilities: float32 (h, w, 3), 0..1, in the order of ``CLASSES``.
        pet_odds: float32 (h, w), log odds of pet against background.
        pet_colours: float32 (h, w), log odds of the colour being the pet's.
    """

    size: tuple[int, int]
    colour: FloatImage
    edges: FloatImage
    probabilities: FloatImage
    pet_odds: FloatImage
    pet_colours: FloatImage

    @classmethod
    def of(cls, photo: npt.NDArray[np.uint8], probabilities: npt.NDArray[np.uint8]) -> Picture:
        """The picture of a photo uint8 (H, W, 3) with probabilities uint8 (S, S, 3)."""
        size = small_size((photo.shape[0], photo.shape[1]))
        colour = colours(_small_photo(photo, size))
        known = np.stack(
            [
                cv2.resize(
                    np.ascontiguousarray(probabilities[..., channel]),
                    size,
                    interpolation=cv2.INTER_LINEAR,
                )
                for channel in range(NUM_CLASSES)
            ],
            axis=2,
        ).astype(np.float32) / np.float32(255)
        pet, background = (
            known[..., CLASSES.index(label)] for label in (Label.PET, Label.BACKGROUND)
        )
        odds = np.log((pet + _FLOOR) / (background + _FLOOR)).astype(np.float32)
        return cls(
            size,
            colour,
            edge_strength(colour),
            known,
            odds,
            colour_odds(
                colour,
                np.where(pet > _SURE, pet, np.float32(0)),
                np.where(background > _SURE, background, np.float32(0)),
            ),
        )

    def scene(self, label: Label, there: BoolArray, undecided: BoolArray) -> Scene:
        """What is known, for one class; ``there`` and ``undecided`` as :class:`Scene` says."""
        border = self.probabilities[..., CLASSES.index(Label.BORDER)]
        if label == Label.BORDER:
            odds = np.log((border + _FLOOR) / (1 - border + _FLOOR)).astype(np.float32)
            known_colours = np.zeros_like(odds)
        else:
            sign = np.float32(1 if label == Label.PET else -1)
            odds, known_colours = sign * self.pet_odds, sign * self.pet_colours
        return Scene(self.colour, self.edges, odds, border, known_colours, there, undecided)

"""Tables that turn values and codes into colours: what the looks blend with.

A table holds one BGRX pixel per entry, packed in a uint32, so that one lookup gives a whole
pixel.  Blending counts in whole 1/128: products of bytes and weights, times a power of two, are
exact in the single precision that cv2.multiply uses, so vector and scalar code round alike and
a part of the frame gets the very bits that the whole gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import COLOURS
from petseg_gui.ui.canvas.sampling import PixelArray

ONE = 128
"""The weight of a photo that is shown as it is."""

Table = npt.NDArray[np.uint32]
Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""

ADDED: Colour = (86, 180, 233)
"""Where a change made pixels more of a pet (Okabe & Ito's sky blue)."""
REMOVED: Colour = (213, 94, 0)
"""Where a change made pixels less of a pet (Okabe & Ito's vermilion)."""

# Every fifteenth colour of matplotlib's maps of these names (CC0): even in lightness from end
# to end, so that they read the same with any colour vision, and in grey.  What lies between is
# interpolated, at most 5 of 255 off.
_INFERNO = (
    "000004 0a0722 1e0c45 380962 510e6c 69166e 801f6c 982766 b0315b c63d4d d94d3d e9612b "
    "f47918 fa9407 fcb014 f8cd37 f2ea69 fcffa4"
)
_VIRIDIS = (
    "440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e 1f978b 21a585 2eb37c "
    "46c06f 65cb5e 89d548 b0dd2f d8e219 fde725"
)


def class_colour(value: int) -> Colour:
    """The colour of a mask value."""
    red, green, blue = COLOURS[value].tolist()
    return red, green, blue


def _heat(anchors: str) -> PixelArray:
    colours = np.array([list(bytes.fromhex(anchor)) for anchor in anchors.split()], np.float64)
    at = np.linspace(0, 255, len(colours))
    steps = [np.interp(np.arange(256), at, colours[:, channel]) for channel in range(3)]
    return np.rint(np.stack(steps, axis=1)).astype(np.uint8)


INFERNO = _heat(_INFERNO)
"""Dark to light through red: uint8 (256, 3), RGB."""
VIRIDIS = _heat(_VIRIDIS)
"""Purple to yellow through green: uint8 (256, 3), RGB."""


def packed(colours: npt.NDArray[np.number], alpha: int = 0) -> Table:
    """A table of RGB colours (n, 3), 0..255; ``alpha`` fills the unused fourth byte."""
    table = np.full((len(colours), 4), alpha, np.uint8)
    table[:, :3] = np.rint(colours)[:, ::-1]
    return table.view(np.uint32)[:, 0]


@dataclass(frozen=True, slots=True)
class Blend:
    """How much of the photo each code lets through, and which colour it adds.

    Attributes:
        weights: 256 entries, each channel's weight of the photo, of :data:`ONE`.
        colours: 256 entries, what is added.
    """

    weights: Table
    colours: Table

    @classmethod
    def of(cls, codes: Mapping[int, tuple[Colour, float]]) -> Blend:
        """A blend that lays an RGB colour at an opacity 0..1 over the photo, per code.

        Other codes leave the photo as it is.
        """
        weights = np.full((256, 4), ONE, np.uint8)
        colours = np.zeros((256, 4), np.uint8)
        for code, (colour, opacity) in codes.items():
            alpha = round(opacity * ONE)
            weights[code, :3] = ONE - alpha
            tint = np.array(colour, np.float64) * alpha / ONE
            colours[code, :3] = np.rint(tint[::-1]).astype(np.uint8)
        return cls(weights.view(np.uint32)[:, 0], colours.view(np.uint32)[:, 0])

    def over(self, photo: PixelArray, codes: PixelArray) -> PixelArray:
        """Pixels (h, w, 4) blended by their codes, uint8 (h, w)."""
        weights = self.weights.take(codes).view(np.uint8).reshape(*codes.shape, 4)
        colours = self.colours.take(codes).view(np.uint8).reshape(*codes.shape, 4)
        blended = cv2.multiply(photo, weights, scale=1 / ONE)
        return np.asarray(cv2.add(blended, colours), np.uint8)

    def over_few(self, photo: PixelArray, codes: PixelArray) -> PixelArray:
        """The same where most codes are 0, and 0 leaves the photo as it is."""
        pixels = photo.copy()
        packed_pixels = pixels.view(np.uint32)[:, :, 0]
        chosen = codes != 0
        few = packed_pixels[chosen].view(np.uint8).reshape(1, -1, 4)
        if few.size:
            packed_pixels[chosen] = self.over(few, codes[chosen][None]).view(np.uint32).ravel()
        return pixels

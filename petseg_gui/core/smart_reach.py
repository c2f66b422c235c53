"""How far a click or a rough stroke reaches, given a prediction."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray
from petseg_gui.core.mask import BoolArray, Rect
from petseg_gui.core.smart_features import FloatImage, connected, features
from petseg_gui.core.smart_scene import Picture
from petseg_gui.core.smart_weights import BIAS, HIDDEN, HIDDEN_BIAS, OUT

_LIMIT = np.float32(4.0)
_WINDOW = 0.75  # how far a gesture reaches, of the photo's longer side
_GAP = 3  # how many small pixels may part what hangs together
_BAND_GAP = 6
_COLOUR_SHARE = np.float32(0.6)  # what the photo's colours count against the model's odds
_BORDER_DOUBT = np.float32(1.5)  # by how much less a gesture for Pet is held to mean border pixels


def gesture_odds(values: FloatImage) -> FloatImage:
    """Log odds that the gesture means a pixel, from its features (h, w, n): float32 (h, w)."""
    hidden = np.tanh(values.reshape(-1, values.shape[2]) @ HIDDEN + HIDDEN_BIAS)
    return np.asarray((hidden @ OUT + BIAS).reshape(values.shape[:2]), np.float32)


def reach(
    picture: Picture,
    value: Label,
    there: BoolArray,
    values: MaskArray,
    seeds: BoolArray,
    *,
    settle: bool = True,
) -> FloatImage:
    """Odds of what a gesture means, positive where it is selected.

    Args:
        picture: the photo, small.
        value: the class that the gesture gives.
        there: bool (h, w), what has it already.
        values: uint8 (h, w), the mask.
        seeds: bool (h, w), the pixels under the gesture, at least one.
        settle: divide the border that a gesture for pet touches.

    Returns:
        float32 (h, w): selected where above 0; what is there already is as well, next to it.
    """
    undecided = (values == Label.UNLABELLED) | (values == Label.BORDER)
    scene = picture.scene(value, there, undecided & ~there)
    odds = gesture_odds(features(scene, seeds))
    if value == Label.PET:
        # The model, having called them border, does not know their side: what follows settles it.
        odds = np.where(values == Label.BORDER, odds - _BORDER_DOUBT, odds)
    odds = np.clip(odds, -_LIMIT, _LIMIT)
    odds[~_window(seeds)] = -_LIMIT
    odds[seeds] = _LIMIT
    chosen = ((odds > 0) & ~there) | seeds
    # What a whisker or a thin border parts from the rest still hangs together with it.
    chosen &= connected(cv2.dilate(chosen.astype(np.uint8), _disc(_GAP)).astype(np.bool_), seeds)
    if value == Label.PET and settle:
        leaning = scene.odds + _COLOUR_SHARE * np.clip(scene.colour_odds, -3, 3)
        settled = _touched(values == Label.BORDER, chosen) & ~there & (leaning > 0)
        odds = np.where(settled & ~chosen, np.minimum(leaning, _LIMIT), odds)
        chosen |= settled
    near = cv2.dilate(chosen.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    odds = np.where(near & (chosen | (odds <= 0)), odds, -_LIMIT)
    # The outline between what is selected and what is there already is no outline.
    return np.where(near & there, np.maximum(odds, 0.5), odds).astype(np.float32)


def _window(seeds: BoolArray) -> BoolArray:
    """The rectangle round the gesture beyond which nothing is selected: bool (h, w)."""
    x, y, width, height = cv2.boundingRect(seeds.astype(np.uint8))
    reach = round(_WINDOW * max(seeds.shape))
    inside = np.zeros(seeds.shape, np.bool_)
    inside[max(y - reach, 0) : y + height + reach, max(x - reach, 0) : x + width + reach] = True
    return inside


def _disc(radius: int) -> npt.NDArray[np.uint8]:
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _touched(band: BoolArray, chosen: BoolArray) -> BoolArray:
    """The connected stretches of the mask's border that the selection touches."""
    wide = cv2.dilate(band.astype(np.uint8), _disc(_BAND_GAP)).astype(np.bool_)
    return band & connected(wide, wide & chosen)


def enlarged(odds: FloatImage, shape: tuple[int, int]) -> tuple[Rect, BoolArray]:
    """Where small odds are positive at the photo's size: a rectangle and bool of its size."""
    rows, columns = odds.shape
    height, width = shape
    x, y, w, h = cv2.boundingRect((odds > 0).astype(np.uint8))
    # Whole small pixels, one more on each side, so that the smooth outline lies inside.
    left, right = max(x - 1, 0), min(x + w + 1, columns)
    top, bottom = max(y - 1, 0), min(y + h + 1, rows)
    if w == 0:
        return Rect(0, 0, 0, 0), np.zeros((0, 0), np.bool_)
    x0, x1 = left * width // columns, -(-right * width // columns)
    y0, y1 = top * height // rows, -(-bottom * height // rows)
    move = np.array(
        [
            [columns / width, 0, (x0 + 0.5) * columns / width - 0.5],
            [0, rows / height, (y0 + 0.5) * rows / height - 0.5],
        ]
    )
    levels = np.clip(odds * np.float32(31) + np.float32(127.5), 0, 255).astype(np.uint8)
    whole = cv2.warpAffine(
        levels,
        move,
        (x1 - x0, y1 - y0),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Rect(x0, y0, x1 - x0, y1 - y0), np.asarray(whole) > 127

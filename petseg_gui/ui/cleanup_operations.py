"""What the clean-up bar offers: the operations, how much of each, and their outcome in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from model.labels import MaskArray
from petseg_gui.core.cleanup import (
    CleanUp,
    fill_holes,
    grow,
    remove_islands,
    shrink,
    smooth_outline,
)

AREA_SHARE = 1 / 1000
"""Holes and islands up to this part of the photo, unless a person says otherwise: some 65 pixels
of a network that sees 256 x 256, hence its specks and none of the pet's own gaps."""
LARGEST_AREA_SHARE = 1 / 10
RADIUS_SHARE = 1 / 250
"""Of the photo's mean side: about one pixel of the network."""
LARGEST_RADIUS_SHARE = 1 / 12
STEPS = 120
"""Steps of the slider, at most."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to clean up.

    Attributes:
        name: of the gesture, as undo names it; the key of the operation.
        text: on its button.
        short: on its button where there is little room.
        tip: what it does.
        preposition: between the button and the amount.
        area: the amount is an area in pixels; otherwise a radius in pixels.
        run: mask uint8 (H, W) and amount in, what would change out.
    """

    name: str
    text: str
    short: str
    tip: str
    preposition: str
    area: bool
    run: Callable[[MaskArray, int], CleanUp]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "fill holes",
        "Fill holes",
        "Holes",
        "Turn holes in the pet into pet, up to this size",
        "up to",
        True,
        fill_holes,
    ),
    Operation(
        "remove islands",
        "Remove islands",
        "Islands",
        "Turn pieces of pet smaller than this into background",
        "below",
        True,
        remove_islands,
    ),
    Operation(
        "smooth outline",
        "Smooth outline",
        "Smooth",
        "Round off corners and notches of the pet's outline that are finer than this",
        "radius",
        False,
        smooth_outline,
    ),
    Operation(
        "grow",
        "Grow",
        "Grow",
        "Move the pet's outline outwards",
        "by",
        False,
        grow,
    ),
    Operation(
        "shrink",
        "Shrink",
        "Shrink",
        "Move the pet's outline inwards",
        "by",
        False,
        shrink,
    ),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def largest_amount(operation: Operation, shape: tuple[int, int]) -> int:
    """The most that makes sense on a photo of ``shape`` (rows, columns), in the unit's pixels."""
    pixels = shape[0] * shape[1]
    if operation.area:
        return max(100, round(LARGEST_AREA_SHARE * pixels))
    return max(10, round(LARGEST_RADIUS_SHARE * math.sqrt(pixels)))


def usual_amount(operation: Operation, shape: tuple[int, int]) -> int:
    """Where to begin on a photo of ``shape`` (rows, columns): a round number of pixels."""
    pixels = shape[0] * shape[1]
    if operation.area:
        return _round(max(10.0, AREA_SHARE * pixels))
    return max(2, round(RADIUS_SHARE * math.sqrt(pixels)))


def amounts(largest: int) -> list[int]:
    """The whole numbers 1 to ``largest`` that a slider stops at: evenly spaced logarithms."""
    ratio = math.log(max(largest, 2)) / STEPS
    return sorted({round(math.exp(step * ratio)) for step in range(STEPS)} | {largest})


def outcome(operation: Operation, result: CleanUp) -> str:
    """What ``result`` would change, and what it leaves because of the amount."""
    if operation.area:
        return _outcome_by_size(operation, result)
    if result.patch is None:
        return f"Nothing to {operation.name.partition(' ')[0]}"
    changed = f"{count(result.pixels, 'pixel')} along the outline change"
    if result.kept:
        stay = "piece or hole stays" if result.kept == 1 else "pieces or holes stay"
        return f"{changed}; {result.kept:,} small {stay}"
    return changed


def _outcome_by_size(operation: Operation, result: CleanUp) -> str:
    holes = operation.name == "fill holes"
    word, verb = ("hole", "fill") if holes else ("island", "remove")
    if result.patch is None:
        if not result.kept:
            return f"Nothing to {verb}"
        stay = "stays" if result.kept == 1 else "stay"
        return f"Nothing to {verb}; {count(result.kept, f'larger {word}')} {stay}"
    become = "becomes" if result.regions == 1 else "become"
    into = "Pet" if holes else "Background"
    changed = f"{count(result.regions, word)}, {count(result.pixels, 'pixel')}, {become} {into}"
    if not result.kept:
        return changed
    return f"{changed}; {result.kept:,} larger {'one stays' if result.kept == 1 else 'ones stay'}"


def count(number: int, word: str) -> str:
    """'1 hole', '2 holes', '12,345 pixels'."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _round(number: float) -> int:
    """To two significant digits: 187.5 is 190, 12192 is 12000."""
    step = int(10 ** max(math.floor(math.log10(number)) - 1, 0))
    return round(number / step) * step

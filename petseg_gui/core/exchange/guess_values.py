"""Which values the pictures of a source have, and which class each of them most likely is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from model.labels import Label
from petseg_gui.core.exchange.common import NOBODY, ExchangeError, Watcher
from petseg_gui.core.exchange.reading import (
    ANY,
    ANY_SUFFIXES,
    PLAIN,
    PLAIN_SUFFIXES,
    files_below,
    grey,
    picture,
    pixels,
)

MOST_FILES = 2_000
"""Pictures that are looked at, spread over the source."""
MOST_SECONDS = 3.0
"""Somebody waits for it; what it misses is told by the plan."""
MOST_PIXELS = 100_000_000
"""Of one picture, for a look at its values."""
_NEARLY = 10
"""How far from black or white a pixel of a black and white picture with soft edges may be."""
_SOFT = 8
"""A picture of more values than this, nearly all of them at the ends, has soft edges."""

_VOC_PETS, _VOC_LAST = {8, 12}, 20
"""Cat and dog among the 20 classes of PASCAL VOC, which many data sets have taken over."""


@dataclass(frozen=True, slots=True)
class ValuesFound:
    """What a look at the pictures of a source found.

    Attributes:
        counts: by value, how many pixels have it.
        files: how many pictures were read.
        problem: why one could not be; '': all could.
    """

    counts: Mapping[int, int]
    files: int
    problem: str = ""

    def share(self, values: Iterable[int]) -> float:
        """How much of all pixels has one of these values, 0..1."""
        total = sum(self.counts.values())
        return sum(self.counts.get(value, 0) for value in values) / total if total else 0.0


def find_values(source: Path, *, shades: bool, progress: Watcher = NOBODY) -> ValuesFound:
    """Look at the pictures in and below a folder, or at one.

    Args:
        source: the folder or file.
        shades: how light pixels are, 0..255, instead of values as they are stored.
        progress: may stop it.

    Raises:
        ExchangeError: there are none.
    """
    paths = files_below(source, ANY_SUFFIXES if shades else PLAIN_SUFFIXES)
    paths = paths[:: -(-len(paths) // MOST_FILES)]
    counts: Counter[int] = Counter()
    read, problem, end = 0, "", time.monotonic() + MOST_SECONDS
    for path in paths:
        if progress.cancelled or time.monotonic() > end:
            break
        try:
            with picture(path, ANY if shades else PLAIN, partial(_check_pixels, path)) as image:
                found = grey(image) if shades else pixels(path, image)
            values, numbers = np.unique(found, return_counts=True)
        except ExchangeError as error:
            problem = problem or str(error)
            continue
        read += 1
        counts.update(dict(zip(values.tolist(), numbers.tolist(), strict=True)))
    return ValuesFound(dict(sorted(counts.items())), read, problem)


def _check_pixels(path: Path, width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ExchangeError(path, "it has too many pixels to be looked at", "Leave it out.")


def looks_black_and_white(found: ValuesFound) -> bool:
    """Whether the values are those of a black and white mask, be it with soft edges."""
    values = set(found.counts)
    if not values or min(values) < 0 or max(values) > 255:
        return False
    if values <= {0, 255} and 255 in values:
        return True
    ends = [*range(_NEARLY + 1), *range(255 - _NEARLY, 256)]
    return len(values) > _SOFT and max(values) > 255 - _NEARLY and found.share(ends) > 0.9


def guess_classes(values: Iterable[int]) -> dict[int, Label]:
    """The class that each value most likely is; a person sees it before anything is imported."""
    found = set(values)
    own = {int(label): label for label in Label}
    if found <= set(own) and found != {0, 1}:
        return {value: own[value] for value in sorted(found)}
    # As in most other programs: nothing is 0, what a class is not known for is 255.
    usual = {0: Label.BACKGROUND, 255: Label.UNLABELLED}
    others = found - set(usual)
    if not others:
        usual[255] = Label.PET
    if others & _VOC_PETS and max(others) <= _VOC_LAST:
        usual |= dict.fromkeys(_VOC_PETS, Label.PET)
    only = Label.PET if len(others) == 1 else Label.UNLABELLED
    return {value: usual.get(value, only) for value in sorted(found)}

"""Which photos make up each batch of a fine-tune: corrected ones and Oxford's, in fixed numbers.

The order depends on the seed and on how many photos were drawn before, on nothing else: a run
that goes on from a state on disk draws what it would have drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.data import Example
from model.resize import resize_mask, resize_photo


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos and masks resized for training.

    Attributes:
        photos: uint8 (N, S, S, 3).
        masks: uint8 (N, S, S), values 0..3.
    """

    photos: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.photos)

    @classmethod
    def of(cls, examples: Iterable[Example], size: int) -> Photos:
        """Examples resized to ``size`` x ``size`` pixels."""
        pairs = [(resize_photo(e.photo, size), resize_mask(e.mask, size)) for e in examples]
        if not pairs:
            return cls(np.zeros((0, size, size, 3), np.uint8), np.zeros((0, size, size), np.uint8))
        return cls(np.stack([photo for photo, _ in pairs]), np.stack([mask for _, mask in pairs]))


class Stream:
    """Photos in random order, every one once before any comes again.

    Args:
        count: how many there are; at least 1.
        seed: of the order; streams of different seeds are independent.
        drawn: how many were drawn before.
    """

    def __init__(self, count: int, seed: tuple[int, int], drawn: int = 0) -> None:
        self._count = count
        self._seed = seed
        self.drawn = drawn
        self._round = -1
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)

    def draw(self, number: int) -> npt.NDArray[np.intp]:
        """The indices of the next ``number`` photos."""
        found = np.empty(number, np.intp)
        for place in range(number):
            turn, at = divmod(self.drawn, self._count)
            if turn != self._round:
                self._round = turn
                self._order = np.random.default_rng((*self._seed, turn)).permutation(self._count)
            found[place] = self._order[at]
            self.drawn += 1
        return found


class Mixer:
    """Batches in which corrected photos come first, then Oxford's.

    Args:
        own: corrected photos; at least one.
        oxford: Oxford photos of the same size; may be none.
        seed: of both orders.
    """

    def __init__(self, own: Photos, oxford: Photos, seed: int) -> None:
        self._own, self._oxford = own, oxford
        self.own = Stream(len(own), (seed, 1))
        self.oxford = Stream(max(len(oxford), 1), (seed, 2))

    @property
    def has_oxford(self) -> bool:
        """Whether there are Oxford photos to mix in."""
        return len(self._oxford) > 0

    def batch(self, own: int, oxford: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The next batch: uint8 (B, S, S, 3) and (B, S, S)."""
        mine, theirs = self.own.draw(own), self.oxford.draw(oxford)
        return (
            np.concatenate([self._own.photos[mine], self._oxford.photos[theirs]]),
            np.concatenate([self._own.masks[mine], self._oxford.masks[theirs]]),
        )

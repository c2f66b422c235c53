"""Which photo comes next: for the person who reviews, and for the predictions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from petseg_gui.core.records import PhotoRecord, PhotoState

# A person pages mostly forwards, and looks back once in a while.
_NEIGHBOURS = (0, 1, -1, 2, 3, -2)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos there are in each state; they add up to ``total``."""

    total: int
    new: int
    predicted: int
    edited: int
    accepted: int


class ReviewQueue:
    """The photos in their order, and the one on screen.

    Args:
        names: the photos' names; the first becomes the current one.

    Raises:
        ValueError: a name occurs twice.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._places = {name: place for place, name in enumerate(self._names)}
        if len(self._places) != len(self._names):
            raise ValueError("a photo is in the queue twice")
        self._index = 0 if self._names else -1

    def __len__(self) -> int:
        return len(self._names)

    @property
    def names(self) -> list[str]:
        """The photos in order."""
        return list(self._names)

    @property
    def index(self) -> int:
        """Place of the current photo, from 0; -1 when there are no photos."""
        return self._index

    @property
    def current(self) -> str | None:
        """The photo on screen; None when there are no photos."""
        return self._names[self._index] if self._names else None

    def go_to(self, name: str) -> None:
        """Make a photo the current one.

        Raises:
            KeyError: it is not in the queue.
        """
        self._index = self._places[name]

    def next(self) -> str | None:
        """Go to the next photo and return it; None, and no move, at the end."""
        return self._step(1)

    def previous(self) -> str | None:
        """Go to the photo before and return it; None, and no move, at the start."""
        return self._step(-1)

    def _step(self, step: int) -> str | None:
        index = self._index + step
        if not 0 <= index < len(self._names):
            return None
        self._index = index
        return self._names[index]

    def next_unaccepted(self, records: Mapping[str, PhotoRecord]) -> str | None:
        """Go to the next photo that is not accepted yet, and return it.

        After the last photo the search goes on at the first, up to the current one, which is
        not considered.  A photo without a record is not accepted.

        Returns:
            None, and no move, when all other photos are accepted.
        """
        for name in self._names[self._index + 1 :] + self._names[: max(self._index, 0)]:
            record = records.get(name)
            if record is None or record.state is not PhotoState.ACCEPTED:
                self.go_to(name)
                return name
        return None

    def prediction_order(self, wanted: Collection[str]) -> list[str]:
        """The wanted photos in the order in which their predictions are of use.

        The current photo, its neighbours, then the rest: onwards to the end, and from the
        first.  Names that are not in the queue are left out.
        """
        wanted = frozenset(wanted)
        places = [self._index + offset for offset in _NEIGHBOURS]
        near = [self._names[place] for place in places if 0 <= place < len(self._names)]
        onwards = self._names[max(self._index, 0) :] + self._names[: max(self._index, 0)]
        return [name for name in dict.fromkeys(near + onwards) if name in wanted]

    def counts(self, records: Mapping[str, PhotoRecord]) -> Counts:
        """How many photos of the queue are in each state; those without a record are new."""
        tally = dict.fromkeys(PhotoState, 0)
        for name in self._names:
            record = records.get(name)
            tally[PhotoState.NEW if record is None else record.state] += 1
        return Counts(
            total=len(self._names),
            new=tally[PhotoState.NEW],
            predicted=tally[PhotoState.PREDICTED],
            edited=tally[PhotoState.EDITED],
            accepted=tally[PhotoState.ACCEPTED],
        )

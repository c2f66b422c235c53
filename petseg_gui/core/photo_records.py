"""What is known of every photo of a folder, with running totals: 10,000 are not counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from petseg_gui.core.records import PhotoRecord, PhotoState


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos there are in each state; they add up to ``total``."""

    total: int
    new: int
    predicted: int
    edited: int
    accepted: int


class PhotoRecords(Mapping[str, PhotoRecord]):
    """Records by photo name, in the order in which they were first given.

    Attributes:
        held_out: how many accepted photos only measure models.
        timed: how many accepted photos have a time that was spent on them.
        seconds: that time, of all of them together.
    """

    def __init__(self, records: Iterable[PhotoRecord] = ()) -> None:
        self._records: dict[str, PhotoRecord] = {}
        self._states: dict[PhotoState, set[str]] = {state: set() for state in PhotoState}
        self.held_out = 0
        self.timed = 0
        self.seconds = 0.0
        for record in records:
            self.put(record)

    def __getitem__(self, name: str) -> PhotoRecord:
        return self._records[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def put(self, record: PhotoRecord) -> None:
        """Keep ``record`` in place of the one before."""
        before = self._records.get(record.name)
        if before is not None:
            self._count(before, -1)
            self._states[before.state].discard(record.name)
        self._records[record.name] = record
        self._states[record.state].add(record.name)
        self._count(record, 1)

    def in_state(self, state: PhotoState) -> Set[str]:
        """Names of the photos in a state; not a copy."""
        return self._states[state]

    def counts(self) -> Counts:
        """How many photos are in each state."""
        return Counts(
            total=len(self._records),
            new=len(self._states[PhotoState.NEW]),
            predicted=len(self._states[PhotoState.PREDICTED]),
            edited=len(self._states[PhotoState.EDITED]),
            accepted=len(self._states[PhotoState.ACCEPTED]),
        )

    def _count(self, record: PhotoRecord, by: int) -> None:
        if record.state is PhotoState.ACCEPTED:
            self.held_out += by * record.held_out
            self.timed += by * (record.seconds > 0)
            self.seconds += by * record.seconds

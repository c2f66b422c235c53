from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.photo_records import Counts, PhotoRecords
from petseg_gui.core.records import PhotoRecord, PhotoState


def record(name: str, state: PhotoState, held_out: bool = False, seconds: float = 0) -> PhotoRecord:
    blank = PhotoRecord(name, state, None, None, held_out, False)
    return replace(blank, seconds=seconds)


made = st.builds(
    record,
    st.sampled_from("abcd"),
    st.sampled_from(PhotoState),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 2.5]),
)


def test_the_totals_are_those_of_the_latest_records() -> None:
    records = PhotoRecords([record("a", PhotoState.NEW), record("b", PhotoState.PREDICTED)])
    records.put(record("a", PhotoState.ACCEPTED, held_out=True, seconds=4))
    records.put(record("c", PhotoState.ACCEPTED))
    assert records.counts() == Counts(total=3, new=0, predicted=1, edited=0, accepted=2)
    assert (records.held_out, records.timed, records.seconds) == (1, 1, 4)
    assert list(records) == ["a", "b", "c"]


@given(st.lists(made))
def test_the_totals_never_drift(changes: list[PhotoRecord]) -> None:
    running = PhotoRecords()
    for change in changes:
        running.put(change)
    anew = PhotoRecords(running.values())
    assert running.counts() == anew.counts()
    assert sum(
        getattr(running.counts(), f) for f in ("new", "predicted", "edited", "accepted")
    ) == (len(running))
    assert (running.held_out, running.timed, running.seconds) == (
        anew.held_out,
        anew.timed,
        anew.seconds,
    )

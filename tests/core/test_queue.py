from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.queue import Counts, ReviewQueue
from petseg_gui.core.records import PhotoRecord, PhotoState

NAMES = list("abcdefghij")


def records(**states: PhotoState) -> dict[str, PhotoRecord]:
    return {
        name: PhotoRecord(name, state, None, None, False, False) for name, state in states.items()
    }


def test_paging_stops_at_both_ends() -> None:
    queue = ReviewQueue("abc")
    assert (queue.current, queue.index, len(queue)) == ("a", 0, 3)
    assert queue.previous() is None
    assert [queue.next(), queue.next(), queue.next()] == ["b", "c", None]
    assert (queue.current, queue.index) == ("c", 2)
    assert queue.previous() == "b"
    queue.go_to("a")
    assert queue.current == "a"
    with pytest.raises(KeyError):
        queue.go_to("missing")


def test_an_empty_folder_has_nothing_to_show() -> None:
    queue = ReviewQueue([])
    assert (queue.current, queue.index) == (None, -1)
    assert queue.next() is None
    assert queue.previous() is None
    assert queue.next_unaccepted({}) is None
    assert queue.prediction_order(["a"]) == []
    assert queue.counts({}) == Counts(0, 0, 0, 0, 0)


def test_a_photo_is_in_the_queue_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        ReviewQueue(["a", "a"])


def test_the_next_unaccepted_photo_is_found_beyond_the_end_as_well() -> None:
    queue = ReviewQueue("abcd")
    done = PhotoState.ACCEPTED
    queue.go_to("b")
    assert queue.next_unaccepted(records(a=PhotoState.NEW, c=done, d=PhotoState.EDITED)) == "d"
    assert queue.current == "d"
    assert queue.next_unaccepted(records(a=PhotoState.NEW, b=done, c=done)) == "a"
    assert queue.next_unaccepted(records(b=done, c=done, d=done)) is None
    assert queue.current == "a"


def test_predictions_come_for_the_current_photo_first_then_its_neighbours() -> None:
    queue = ReviewQueue(NAMES)
    queue.go_to("e")
    assert queue.prediction_order(NAMES) == list("efdghcijab")
    assert queue.prediction_order({"a", "d", "i", "unknown"}) == ["d", "i", "a"]


@given(st.integers(0, 9), st.sets(st.sampled_from(NAMES)))
def test_every_wanted_photo_is_predicted_once(place: int, wanted: set[str]) -> None:
    queue = ReviewQueue(NAMES)
    queue.go_to(NAMES[place])
    order = queue.prediction_order(wanted)
    assert sorted(order) == sorted(wanted)
    if NAMES[place] in wanted:
        assert order[0] == NAMES[place]


def test_counts_add_up() -> None:
    queue = ReviewQueue("abcde")
    states = records(a=PhotoState.ACCEPTED, b=PhotoState.ACCEPTED, c=PhotoState.EDITED)
    states |= records(d=PhotoState.PREDICTED, elsewhere=PhotoState.ACCEPTED)
    assert queue.counts(states) == Counts(total=5, new=1, predicted=1, edited=1, accepted=2)

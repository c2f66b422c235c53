from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.queue import ReviewQueue

NAMES = list("abcdefghij")


def test_paging_stops_at_both_ends() -> None:
    queue = ReviewQueue("abc")
    assert (queue.current, len(queue)) == ("a", 3)
    assert queue.previous() is None
    assert [queue.next(), queue.next(), queue.next()] == ["b", "c", None]
    assert queue.current == "c"
    assert queue.previous() == "b"
    queue.go_to("a")
    assert queue.current == "a"
    with pytest.raises(KeyError):
        queue.go_to("missing")


def test_an_empty_folder_has_nothing_to_show() -> None:
    queue = ReviewQueue([])
    assert queue.current is None
    assert queue.next() is None
    assert queue.previous() is None
    assert queue.following(lambda _name: True) is None
    assert queue.prediction_order(["a"]) == []


def test_a_photo_is_in_the_queue_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        ReviewQueue(["a", "a"])
    queue = ReviewQueue("abc")
    for names in ("aa", "ax"):
        with pytest.raises(ValueError, match="each once"):
            queue.arrange(names)
    assert queue.names == list("abc")


def test_what_follows_is_found_beyond_the_end_as_well() -> None:
    queue = ReviewQueue("abcd")
    queue.go_to("b")
    assert queue.following("ad".__contains__) == "d"
    assert queue.following("ab".__contains__) == "a", "the current one does not count"
    assert queue.following("b".__contains__) is None
    assert queue.preceding("ad".__contains__) == "a"
    assert queue.preceding("cd".__contains__) == "d"
    assert queue.current == "b", "looking is not going"


def test_another_list_keeps_the_photo_on_screen() -> None:
    queue = ReviewQueue("abcde")
    queue.go_to("c")
    queue.arrange("eca")
    assert (queue.current, queue.listed, queue.beside(1), queue.beside(-1)) == ("c", True, "a", "e")
    assert queue.all_names == list("abcde")


def test_beside_a_photo_that_is_not_listed_lie_those_round_its_place() -> None:
    queue = ReviewQueue("abcde")
    queue.go_to("c")
    queue.arrange("abde")
    assert (queue.current, queue.listed) == ("c", False)
    assert [queue.beside(offset) for offset in (-2, -1, 1, 2)] == ["a", "b", "d", "e"]
    assert queue.following(lambda _name: True) == "d"
    assert queue.preceding(lambda _name: True) == "b"
    assert queue.next() == "d"
    assert queue.listed


def test_a_list_without_photos_leaves_the_one_on_screen() -> None:
    queue = ReviewQueue("abc")
    queue.go_to("c")
    queue.arrange("")
    assert (queue.current, queue.next(), queue.previous()) == ("c", None, None)
    queue.arrange("ab")
    assert (queue.next(), queue.current) == ("a", "a"), "its place was lost with the list"


def test_predictions_come_for_the_current_photo_first_then_its_neighbours() -> None:
    queue = ReviewQueue(NAMES)
    queue.go_to("e")
    assert queue.prediction_order(NAMES) == list("efdghcijab")
    assert queue.prediction_order({"a", "d", "i", "unknown"}) == ["d", "i", "a"]
    queue.arrange("ceg")
    assert queue.prediction_order(NAMES) == list("egcabdfhij"), "unlisted ones last"


@given(
    st.integers(0, 9),
    st.sets(st.sampled_from(NAMES)),
    st.lists(st.sampled_from(NAMES), unique=True),
)
def test_every_wanted_photo_is_predicted_once(
    place: int, wanted: set[str], listed: list[str]
) -> None:
    queue = ReviewQueue(NAMES)
    queue.go_to(NAMES[place])
    queue.arrange(listed)
    order = queue.prediction_order(wanted)
    assert sorted(order) == sorted(wanted)
    if NAMES[place] in wanted:
        assert order[0] == NAMES[place]


@given(st.lists(st.sampled_from(NAMES), unique=True), st.integers(0, 9))
def test_paging_walks_through_the_whole_list(listed: list[str], place: int) -> None:
    queue = ReviewQueue(NAMES)
    queue.go_to(NAMES[place])
    queue.arrange(listed)
    while queue.previous() is not None:
        pass
    walked = [queue.current] if queue.listed else []
    while (name := queue.next()) is not None:
        walked.append(name)
    assert walked == listed

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.history import Gesture, History
from petseg_gui.core.mask import Edit, Mask, Patch


def gesture(name: str = "Brush") -> Gesture:
    mask = Mask(np.full((8, 8), 2, np.uint8))
    edit = mask.apply(Patch(0, 0, np.ones((8, 8), np.bool_), 1))
    assert isinstance(edit, Edit)
    return Gesture(name, (edit,))


WEIGHT = gesture().nbytes


def test_gestures_come_back_in_order_and_by_name() -> None:
    history = History()
    one, two = gesture("Brush"), gesture("Eraser")
    history.push(one)
    history.push(two)
    assert (history.undo_name, history.redo_name, history.nbytes) == ("Eraser", None, 2 * WEIGHT)
    assert history.undo() is two
    assert (history.undo_name, history.redo_name) == ("Brush", "Eraser")
    assert history.undo() is one
    assert history.undo() is None
    assert history.nbytes == 2 * WEIGHT, "what can be redone takes memory as well"
    assert history.redo() is one
    assert history.redo() is two
    assert history.redo() is None


def test_a_new_gesture_ends_what_could_be_redone() -> None:
    history = History()
    history.push(gesture())
    history.undo()
    history.push(gesture("Eraser"))
    assert history.redo() is None
    assert history.nbytes == WEIGHT


def test_the_oldest_gestures_are_dropped_and_counted_when_the_bytes_run_out() -> None:
    history = History(limit_bytes=3 * WEIGHT)
    for number in range(5):
        history.push(gesture(str(number)))
    assert history.dropped == 2
    assert history.nbytes == 3 * WEIGHT
    assert history.depth == 5
    undone = []
    while (entry := history.undo()) is not None:
        undone.append(entry.name)
    assert undone == ["4", "3", "2"]


def test_the_newest_gesture_stays_however_large_it_is() -> None:
    history = History(limit_bytes=1)
    history.push(gesture())
    history.push(gesture())
    assert history.dropped == 1
    assert history.undo() is not None


def test_the_first_state_is_not_reached_again_once_its_gesture_was_dropped() -> None:
    history = History(limit_bytes=WEIGHT)
    history.push(gesture())
    history.push(gesture())
    while history.undo() is not None:
        pass
    assert history.position == 1


@given(st.lists(st.sampled_from(["push", "undo", "redo"]), max_size=40), st.integers(1, 6))
def test_equal_positions_mean_equal_states(actions: list[str], gestures_kept: int) -> None:
    history = History(limit_bytes=gestures_kept * WEIGHT)
    trail: tuple[int, ...] = ()  # which gestures are in force
    undone: list[int] = []
    states = {0: trail}
    serial = 0
    for action in actions:
        if action == "push":
            serial += 1
            history.push(gesture())
            trail = (*trail, serial)
            undone.clear()
        elif action == "undo" and history.undo() is not None:
            undone.append(trail[-1])
            trail = trail[:-1]
        elif action == "redo" and history.redo() is not None:
            trail = (*trail, undone.pop())
        assert states.setdefault(history.position, trail) == trail
        assert history.depth == len(trail)
        assert history.nbytes <= gestures_kept * WEIGHT
    assert len(set(states.values())) == len(states)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Patch, Rect
from petseg_gui.core.session import EditSession

SHAPE = (24, 32)


def session(**options: bool) -> EditSession:
    return EditSession("cat.jpg", np.full(SHAPE, 2, np.uint8), **options)


def dab(x: float, y: float, value: int = 1, diameter: float = 5) -> Patch:
    patch = stroke([(x, y)], diameter, value, SHAPE)
    assert patch is not None
    return patch


positions = st.tuples(st.floats(0, 32), st.floats(0, 24), st.integers(0, 3), st.integers(1, 12))
gestures = st.lists(st.lists(positions, min_size=1, max_size=4), max_size=8)


@given(gestures, st.sets(st.integers(0, 7)))
def test_undoing_everything_gives_the_first_mask_and_redoing_everything_the_last(
    drags: list[list[tuple[float, float, int, int]]], aborted: set[int]
) -> None:
    first = np.random.default_rng(3).integers(0, 4, SHAPE, np.uint8)
    document = EditSession("cat.jpg", first)
    states = [first]
    for number, drag in enumerate(drags):
        document.begin("Brush")
        for x, y, value, diameter in drag:
            patch = stroke([(x, y)], diameter, value, SHAPE)
            if patch is not None:
                document.paint(patch)
        if number in aborted:
            document.abort()
            assert np.array_equal(document.view(), states[-1])
        elif document.commit():
            states.append(document.view().copy())
        else:
            assert np.array_equal(document.view(), states[-1])
    assert document.gestures == len(states) - 1
    for state in reversed(states[:-1]):
        before = document.view().copy()
        rect = document.undo()
        assert np.array_equal(document.view(), state)
        assert_holds_all_changes(rect, before, document.view())
    assert document.undo() is None
    assert not document.dirty
    assert not document.edited
    for state in states[1:]:
        before = document.view().copy()
        rect = document.redo()
        assert np.array_equal(document.view(), state)
        assert_holds_all_changes(rect, before, document.view())
    assert document.redo() is None


def assert_holds_all_changes(rect: Rect | None, before: np.ndarray, after: np.ndarray) -> None:
    assert rect is not None
    outside = np.ones(before.shape, np.bool_)
    outside[rect.y : rect.bottom, rect.x : rect.right] = False
    assert np.array_equal(before[outside], after[outside])


def test_one_drag_of_many_patches_is_one_step_of_undo() -> None:
    document = session()
    document.begin("Brush")
    for x in range(3, 28):
        document.paint(dab(x, 10))
    assert document.in_gesture
    assert document.dirty
    assert document.undo() is None, "not in the middle of a drag"
    assert document.redo() is None
    assert document.commit()
    assert (document.gestures, document.history.undo_name) == (1, "Brush")
    document.undo()
    assert (document.view() == 2).all()


def test_a_gesture_without_a_changed_pixel_leaves_no_entry() -> None:
    document = session()
    assert document.apply("Brush", dab(5, 5, value=2)) is None
    assert (document.gestures, document.dirty, document.history.undo_name) == (0, False, None)


def test_abort_says_where_the_mask_changed_and_leaves_no_trace() -> None:
    document = session()
    document.begin("Brush")
    painted = document.paint(dab(8, 8))
    assert document.abort() == painted
    assert not document.in_gesture
    assert not document.dirty
    assert document.abort() is None


def test_dirty_follows_the_saved_state_through_undo_and_redo() -> None:
    document = session()
    document.apply("Brush", dab(5, 5))
    assert document.dirty
    document.mark_saved()
    assert not document.dirty
    document.undo()
    assert document.dirty
    assert not document.edited
    document.redo()
    assert not document.dirty
    document.undo()
    document.apply("Brush", dab(20, 20))
    document.undo()
    assert document.dirty, "the saved state was overwritten by another branch"


def test_a_save_that_ran_while_painting_went_on_does_not_hide_the_later_strokes() -> None:
    document = session()
    document.apply("Brush", dab(5, 5))
    handed_over = document.history.position
    document.apply("Brush", dab(20, 5))
    document.mark_saved(handed_over)
    assert document.dirty
    document.undo()
    assert not document.dirty


def test_saving_half_a_drag_never_makes_another_state_look_saved() -> None:
    document = session()
    document.begin("Brush")
    document.paint(dab(5, 5))
    document.mark_saved()
    document.abort()
    assert document.dirty


def test_a_draft_is_edited_and_unsaved_and_a_label_is_edited_and_saved() -> None:
    draft = EditSession(
        "a", np.ones(SHAPE, np.uint8), edited=True, unsaved=True, earlier_gestures=4
    )
    assert (draft.edited, draft.dirty, draft.gestures) == (True, True, 4)
    draft.mark_saved()
    assert not draft.dirty
    label = session(edited=True)
    assert (label.edited, label.dirty) == (True, False)


def test_gestures_are_opened_and_closed_in_pairs() -> None:
    document = session()
    with pytest.raises(RuntimeError, match="begin"):
        document.paint(dab(5, 5))
    with pytest.raises(RuntimeError, match="commit"):
        document.commit()
    document.begin("Brush")
    with pytest.raises(RuntimeError, match="Brush"):
        document.begin("Eraser")

from __future__ import annotations

import weakref

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


def test_what_a_gesture_paints_over_can_still_be_read() -> None:
    document = EditSession("cat.jpg", np.random.default_rng(1).integers(0, 4, (300, 400), np.uint8))
    start = document.view().copy()
    part = Rect(90, 100, 200, 130)
    assert np.array_equal(document.before(part), start[100:230, 90:290])
    document.begin("Brush")
    assert document.changed is None
    for x in (100, 140, 260):
        patch = stroke([(x, 150)], 40, 1, (300, 400))
        assert patch is not None
        document.paint(patch)
    assert document.changed is not None
    painted = np.argwhere(document.view() != start)
    (top, left), (bottom, right) = painted.min(axis=0), painted.max(axis=0) + 1
    assert document.changed == Rect(left, top, right - left, bottom - top)
    earlier = document.before(part)
    assert np.array_equal(earlier, start[100:230, 90:290])
    earlier[:] = 3
    assert np.array_equal(document.before(part), start[100:230, 90:290]), "it was a copy"
    outside = document.before(Rect(-10, -10, 20, 500))
    assert np.array_equal(outside, start[:, :10])
    document.commit()
    assert document.changed is None
    assert np.array_equal(document.before(part), document.view()[100:230, 90:290])


def test_only_the_chosen_classes_are_painted_over() -> None:
    document = EditSession("cat.jpg", np.repeat(np.arange(4, dtype=np.uint8), 8)[None].repeat(9, 0))
    whole = Patch(0, 0, np.ones((9, 32), np.bool_), 1)
    document.apply("Rectangle", whole, frozenset({2}))
    assert (document.view() == np.repeat([0, 1, 1, 3], 8)).all()
    document.undo()
    assert document.apply("Rectangle", whole, frozenset()) is None
    document.begin("Brush")
    assert document.paint(whole, frozenset({0, 3})) == Rect(0, 0, 32, 9)
    document.commit()
    assert (document.view() == np.repeat([1, 1, 2, 1], 8)).all()


def test_a_drag_of_many_events_is_one_small_record() -> None:
    shape = (3000, 4000)
    document = EditSession("cat.jpg", np.full(shape, 2, np.uint8))
    document.begin("Brush")
    for i in range(100):
        patch = stroke([(300 + 20 * i, 900), (320 + 20 * i, 900 + i)], 120, 1, shape)
        assert patch is not None
        document.paint(patch)
    assert document.nbytes > shape[0] * shape[1], "what was overwritten is still there"
    assert document.commit()
    assert document.history.nbytes < 10_000


def test_a_gesture_that_ends_where_it_began_leaves_no_entry() -> None:
    document = session()
    document.begin("Brush")
    document.paint(dab(8, 8, value=1))
    document.paint(dab(8, 8, value=2))
    assert document.dirty
    assert not document.commit()
    assert not document.dirty
    assert document.gestures == 0


def test_packing_takes_little_and_changes_nothing() -> None:
    shape = (1500, 2000)
    document = EditSession("cat.jpg", np.full(shape, 2, np.uint8))
    for x in range(200, 1800, 200):
        patch = stroke([(x, 300), (x + 100, 1200)], 90, 1 + x // 200 % 3, shape)
        assert patch is not None
        document.apply("Brush", patch)
    before, position = document.view().copy(), document.history.position
    document.pack()
    assert document.nbytes < 40_000
    assert document.shape == shape
    assert document.dirty
    document.pack()
    assert np.array_equal(document.view(), before), "asking for the mask unpacks it"
    assert document.nbytes > shape[0] * shape[1]
    document.pack()
    document.unpack()
    assert document.nbytes > shape[0] * shape[1]
    document.pack()
    assert document.undo() is not None
    document.pack()
    document.redo()
    assert np.array_equal(document.view(), before)
    assert document.history.position == position


def test_a_view_from_before_packing_stays_live() -> None:
    document = session()
    view = document.view()
    document.pack()
    document.apply("Brush", dab(5, 5))
    assert view[5, 5] == 1
    assert np.shares_memory(view, document.view())


def test_a_packed_mask_that_nobody_looks_at_is_gone_from_memory() -> None:
    document = session()
    array = weakref.ref(document.view().base)
    assert array() is not None
    document.pack()
    assert array() is None


def test_in_mid_gesture_nothing_is_packed() -> None:
    document = session()
    document.begin("Brush")
    document.paint(dab(5, 5))
    document.pack()
    document.paint(dab(15, 5))
    document.abort()
    assert (document.view() == 2).all()


@given(st.integers(0, 2**32), st.sampled_from([1, 20, 500]), st.tuples(*[st.integers(1, 300)] * 2))
def test_packing_brings_every_mask_back(seed: int, grain: int, shape: tuple[int, int]) -> None:
    rows, columns = shape
    blocks = np.random.default_rng(seed).integers(
        0, 4, (rows // grain + 1, columns // grain + 1), np.uint8
    )
    mask = np.kron(blocks, np.ones((grain, grain), np.uint8))[:rows, :columns]
    document = EditSession("cat.jpg", mask)
    document.pack()
    assert np.array_equal(document.view(), mask)

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.mask import Mask, Patch, Rect

SHAPE = (11, 14)


def background() -> Mask:
    return Mask(np.full(SHAPE, 2, np.uint8))


def box(x: int, y: int, width: int, height: int, value: int = 1) -> Patch:
    return Patch(x, y, np.ones((height, width), np.bool_), value)


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    selection = generator.random((height, width)) < draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))
    value = draw(st.integers(0, 4))
    values = generator.integers(0, 4, (height, width), np.uint8) if value == 4 else value
    return Patch(draw(st.integers(-9, 15)), draw(st.integers(-9, 12)), selection, values)


def expected(before: np.ndarray, patch: Patch) -> np.ndarray:
    after = before.copy()
    for (row, column), selected in np.ndenumerate(patch.selection):
        y, x = patch.y + row, patch.x + column
        if selected and 0 <= y < before.shape[0] and 0 <= x < before.shape[1]:
            value = patch.value
            after[y, x] = value[row, column] if isinstance(value, np.ndarray) else value
    return after


@given(st.lists(patches(), max_size=6))
def test_apply_matches_the_pixel_by_pixel_definition_and_is_undone_bit_for_bit(
    sequence: list[Patch],
) -> None:
    mask = Mask(np.random.default_rng(1).integers(0, 4, SHAPE, np.uint8))
    states, edits = [mask.view().copy()], []
    for patch in sequence:
        before = mask.view().copy()
        edit = mask.apply(patch)
        assert np.array_equal(mask.view(), expected(before, patch))
        rows, columns = np.nonzero(before != mask.view())
        if edit is None:
            assert rows.size == 0
            continue
        assert edit.rect == Rect(
            int(columns.min()),
            int(rows.min()),
            int(np.ptp(columns)) + 1,
            int(np.ptp(rows)) + 1,
        )
        edits.append(edit)
        states.append(mask.view().copy())
    for edit, state in zip(reversed(edits), reversed(states[:-1]), strict=True):
        assert mask.revert(edit) == edit.rect
        assert np.array_equal(mask.view(), state)
    for edit, state in zip(edits, states[1:], strict=True):
        assert mask.reapply(edit) == edit.rect
        assert np.array_equal(mask.view(), state)


def test_a_patch_that_changes_nothing_leaves_no_edit() -> None:
    mask = background()
    assert mask.apply(box(2, 2, 3, 3, value=2)) is None
    assert mask.apply(box(-5, 0, 5, 5)) is None
    assert mask.apply(box(SHAPE[1], 0, 5, 5)) is None
    assert mask.apply(Patch(0, 0, np.zeros((4, 4), np.bool_), 1)) is None


def test_the_mask_copies_its_array_and_its_view_is_live_and_read_only() -> None:
    array = np.full(SHAPE, 2, np.uint8)
    mask = Mask(array)
    view = mask.view()
    array[0, 0] = 3
    assert view[0, 0] == 2
    mask.apply(box(0, 0, 1, 1))
    assert view[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 3


def test_a_read_only_array_makes_a_mask_that_can_be_changed() -> None:
    array = np.full(SHAPE, 2, np.uint8)
    array.flags.writeable = False
    mask = Mask(array)
    assert mask.apply(box(0, 0, 2, 2)) is not None


def test_an_edit_weighs_what_its_patch_weighs_and_not_what_the_photo_weighs() -> None:
    mask = Mask(np.full((3000, 4000), 2, np.uint8))
    edit = mask.apply(box(1000, 1000, 80, 80))
    assert edit is not None
    assert edit.nbytes < 1_000


def test_the_weight_of_an_edit_is_that_of_its_bytes() -> None:
    noise = np.random.default_rng(0).integers(0, 4, (200, 200), np.uint8)
    edit = Mask(noise).apply(Patch(0, 0, np.ones((200, 200), np.bool_), 1))
    assert edit is not None
    assert edit.nbytes > 200 * 200 * 2 / 8, "noise of four values cannot be put into less"
    assert edit.nbytes >= sys.getsizeof(edit) + sys.getsizeof(edit.rect) + sys.getsizeof(edit._data)


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 2), np.int32), np.zeros((2, 2, 3), np.uint8), np.full((2, 2), 4, np.uint8)],
)
def test_what_is_no_mask_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a mask is uint8"):
        Mask(array)


@pytest.mark.parametrize(
    ("selection", "value"),
    [
        (np.zeros((2, 2), np.uint8), 1),
        (np.zeros(4, np.bool_), 1),
        (np.zeros((2, 2), np.bool_), 4),
        (np.zeros((2, 2), np.bool_), np.zeros((3, 2), np.uint8)),
        (np.zeros((2, 2), np.bool_), np.full((2, 2), 9, np.uint8)),
    ],
)
def test_what_is_no_patch_is_refused(selection: np.ndarray, value: int | np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"patch|label values"):
        Patch(0, 0, selection, value)


def test_rectangles() -> None:
    one, two = Rect(2, 3, 4, 5), Rect(10, 1, 1, 1)
    assert (one.right, one.bottom) == (6, 8)
    assert one.united(two) == two.united(one) == Rect(2, 1, 9, 7)
    assert one.united(Rect(100, 100, 0, 0)) == one == Rect(100, 100, 0, 0).united(one)
    assert one.clipped(4, 4) == Rect(2, 3, 2, 1)
    assert Rect(-3, -3, 4, 4).clipped(10, 10) == Rect(0, 0, 1, 1)
    assert Rect(20, 20, 4, 4).clipped(10, 10).empty
    assert Rect(-20, -20, 4, 4).clipped(10, 10).empty

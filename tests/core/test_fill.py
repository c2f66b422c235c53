from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.fill import colour_patch, region_patch
from petseg_gui.core.mask import Patch

SHAPE = (9, 12)


def covered(patch: Patch | None, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    whole = np.zeros(shape, np.bool_)
    if patch is not None:
        height, width = patch.selection.shape
        whole[patch.y : patch.y + height, patch.x : patch.x + width] = patch.selection
    return whole


def connected(alike: np.ndarray, row: int, column: int) -> np.ndarray:
    """The 4-connected region of a bool array that holds a pixel, step by step."""
    region, open_pixels = np.zeros_like(alike), [(row, column)]
    while open_pixels:
        y, x = open_pixels.pop()
        if 0 <= y < alike.shape[0] and 0 <= x < alike.shape[1] and alike[y, x] and not region[y, x]:
            region[y, x] = True
            open_pixels += [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
    return region


@given(st.integers(0, 2**32), st.floats(0, 11.99), st.floats(0, 8.99))
def test_a_region_is_what_can_be_reached_side_by_side(seed: int, x: float, y: float) -> None:
    mask = np.random.default_rng(seed).integers(1, 3, SHAPE, np.uint8)
    mask.flags.writeable = False
    patch = region_patch(mask, (x, y), 3)
    expected = connected(mask == mask[int(y), int(x)], int(y), int(x))
    assert np.array_equal(covered(patch), expected)
    assert patch is not None
    assert patch.value == 3


@given(
    st.integers(0, 2**32),
    st.floats(0, 11.99),
    st.floats(0, 8.99),
    st.sampled_from([0, 3, 9.5, 255]),
)
def test_a_colour_is_alike_when_no_channel_lies_off_by_more_than_the_tolerance(
    seed: int, x: float, y: float, tolerance: float
) -> None:
    photo = np.random.default_rng(seed).integers(0, 16, (*SHAPE, 3), np.uint8) + np.uint8(240)
    photo.flags.writeable = False
    row, column = int(y), int(x)
    off = np.abs(photo.astype(np.int32) - photo[row, column].astype(np.int32)).max(axis=2)
    actual = covered(colour_patch(photo, (x, y), tolerance, 1))
    assert np.array_equal(actual, connected(off <= tolerance, row, column))


def test_colours_are_compared_with_the_one_under_the_point_and_not_step_by_step() -> None:
    photo = np.repeat(np.arange(0, 120, 10, dtype=np.uint8)[None, :, None], 3, axis=2)
    patch = colour_patch(photo, (0.5, 0.5), 25, 1)
    assert patch is not None
    assert patch.selection.tolist() == [[True, True, True]]


@pytest.mark.parametrize("point", [(-0.1, 3.0), (12.0, 3.0), (3.0, -0.1), (3.0, 9.0)])
def test_outside_the_photo_there_is_nothing_to_fill(point: tuple[float, float]) -> None:
    assert region_patch(np.ones(SHAPE, np.uint8), point, 2) is None
    assert colour_patch(np.ones((*SHAPE, 3), np.uint8), point, 9, 2) is None


def test_a_part_of_a_larger_photo_can_be_filled() -> None:
    mask = np.full((30, 40), 2, np.uint8)
    mask[5:9, 6:20] = 1
    patch = region_patch(mask[3:12, 4:16], (4.5, 4.5), 3)
    assert patch is not None
    assert (patch.x, patch.y, patch.selection.shape) == (2, 2, (4, 10))


def test_a_tolerance_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        colour_patch(np.ones((*SHAPE, 3), np.uint8), (1, 1), -1, 2)

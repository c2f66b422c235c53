from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from petseg_gui.core.exchange import outlines

regions = hnp.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(regions)
def test_a_region_that_is_traced_and_filled_is_the_same(region: np.ndarray) -> None:
    found = np.zeros(region.shape, np.uint8)
    for points in outlines.polygons_of(region):
        assert outlines.fill(found, points, 1)
    np.testing.assert_array_equal(found == 1, region)


def test_each_part_is_one_polygon_with_its_holes() -> None:
    region = np.zeros((9, 12), np.bool_)
    region[1:8, 1:8] = True
    region[2:4, 2:4] = region[5, 5:7] = False
    region[3, 10] = True
    large, small = outlines.polygons_of(region)
    assert len(small) == 4
    assert small.tolist() == [[10, 3], [11, 3], [11, 4], [10, 4]]
    assert len(large) == 4 + 2 * (4 + 2), "each hole has its corners, and a bridge there and back"


def test_many_holes_are_traced_quickly_and_exactly() -> None:
    region = np.ones((401, 401), np.bool_)
    region[1::2, 1::2] = False
    (points,) = outlines.polygons_of(region)
    found = np.zeros(region.shape, np.uint8)
    with pytest.raises(ValueError, match="too complicated"):
        outlines.fill(found, points, 1)
    assert not found.any()


@pytest.mark.timeout(20)
def test_a_polygon_that_would_take_forever_is_refused() -> None:
    up_and_down = np.tile([[0.0, 0.0], [5.0, 9000.0]], (100_000, 1))
    with pytest.raises(ValueError, match="too complicated"):
        outlines.fill(np.zeros((9000, 10), np.uint8), up_and_down, 1)


def test_points_far_outside_of_the_photo_are_no_trouble() -> None:
    found = np.zeros((5, 5), np.uint8)
    assert outlines.fill(found, np.array([[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]]), 1)
    assert found.all()
    assert not outlines.fill(found, np.array([[7.0, 7], [9, 7], [9, 9]]), 2)

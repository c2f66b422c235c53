from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from petseg_gui.core.mask import Patch
from petseg_gui.core.shapes import Point, polygon_patch, rectangle_patch

SHAPE = (17, 23)

coordinates = st.integers(-20, 60).map(lambda n: n / 2) | st.floats(-8, 30, allow_nan=False)
points = st.tuples(coordinates, coordinates)


def covered(patch: Patch | None) -> np.ndarray:
    whole = np.zeros(SHAPE, np.bool_)
    if patch is not None:
        height, width = patch.selection.shape
        target = whole[patch.y : patch.y + height, patch.x : patch.x + width]
        assert target.shape == (height, width), "the patch lies inside the photo"
        target[:] = patch.selection
    return whole


def inside(x: float, y: float, corners: list[Point]) -> tuple[bool, float]:
    """Even-odd by a ray to the left, and how near to the line the point lies."""
    result, nearest = False, math.inf
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = math.hypot(x1 - x0, y1 - y0)
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (length**2 or 1.0)
        along = min(max(along, 0), 1)
        nearest = min(nearest, math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
        if (y0 <= y) != (y1 <= y):
            result ^= x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x
    return result, nearest


@given(st.lists(points, min_size=3, max_size=7))
@example([(2.0, 2.0), (9.0, 2.0), (9.0, 8.0), (2.0, 8.0)])
@example([(2.0, 2.0), (9.0, 8.0), (2.0, 8.0), (9.0, 2.0)])  # crosses itself
def test_a_pixel_is_inside_a_polygon_when_its_centre_is(corners: list[Point]) -> None:
    actual = covered(polygon_patch(corners, 1, SHAPE))
    for (row, column), selected in np.ndenumerate(actual):
        expected, nearest = inside(column + 0.5, row + 0.5, corners)
        if nearest > 1e-9:
            assert selected == expected


@given(points, points, points, points)
def test_polygons_that_share_a_side_share_no_pixel_and_leave_none_out(
    a: Point, b: Point, c: Point, d: Point
) -> None:
    both = covered(polygon_patch([a, b, c], 1, SHAPE)) ^ covered(polygon_patch([a, c, d], 1, SHAPE))
    assert np.array_equal(both, covered(polygon_patch([a, b, c, d], 1, SHAPE)))


def test_what_a_polygon_goes_round_twice_is_outside() -> None:
    square = [(2.0, 2.0), (12.0, 2.0), (12.0, 12.0), (2.0, 12.0)]
    assert polygon_patch([*square, *square], 1, SHAPE) is None


@pytest.mark.parametrize(
    "corners",
    [
        [],
        [(1.0, 1.0)],
        [(1.0, 1.0), (9.0, 9.0)],
        [(1.0, 1.0), (9.0, 1.0), (5.0, 1.0)],
        [(1.1, 1.1), (1.3, 1.1), (1.2, 1.3)],
        [(-9.0, 1.0), (-2.0, 1.0), (-2.0, 9.0)],
        [(1.0, 40.0), (9.0, 40.0), (9.0, 50.0)],
    ],
)
def test_a_polygon_without_a_centre_inside_is_nothing(corners: list[Point]) -> None:
    assert polygon_patch(corners, 1, SHAPE) is None


def test_a_polygon_keeps_its_value() -> None:
    patch = polygon_patch([(0, 0), (9, 0), (9, 9)], 3, SHAPE)
    assert patch is not None
    assert patch.value == 3


@given(points, points)
def test_a_rectangle_holds_the_pixels_whose_centres_lie_in_it(a: Point, b: Point) -> None:
    rows, columns = np.indices(SHAPE)

    def between(centres: np.ndarray, one: float, two: float) -> np.ndarray:
        hit = (centres >= min(one, two)) & (centres <= max(one, two))
        if math.ceil(min(one, two) - 0.5) <= math.floor(max(one, two) - 0.5):
            return hit
        return np.floor(centres) == math.floor((one + two) / 2)

    expected = between(columns + 0.5, a[0], b[0]) & between(rows + 0.5, a[1], b[1])
    assert np.array_equal(covered(rectangle_patch(a, b, 1, SHAPE)), expected)


def test_a_click_is_a_rectangle_of_the_pixel_under_it() -> None:
    for point in [(3.0, 5.0), (3.2, 5.9), (3.99, 5.5)]:
        assert np.argwhere(covered(rectangle_patch(point, point, 1, SHAPE))).tolist() == [[5, 3]]
    assert rectangle_patch((-0.1, 3), (-0.1, 3), 1, SHAPE) is None
    assert rectangle_patch((23.0, 3), (23.0, 3), 1, SHAPE) is None


def test_points_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        polygon_patch([(0, 0), (math.nan, 1), (3, 3)], 1, SHAPE)
    with pytest.raises(ValueError, match="finite"):
        rectangle_patch((0, 0), (math.inf, 1), 1, SHAPE)

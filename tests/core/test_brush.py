from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from petseg_gui.core.brush import Point, stroke
from petseg_gui.core.mask import Patch

SHAPE = (23, 31)

# Coordinates on a grid of eighths put centres exactly on edges; free floats do the rest.
coordinates = st.integers(-80, 320).map(lambda n: n / 8) | st.floats(-10, 40, allow_nan=False)
points = st.tuples(coordinates, coordinates)


def covered(patch: Patch | None, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    whole = np.zeros(shape, np.bool_)
    if patch is not None:
        height, width = patch.selection.shape
        target = whole[patch.y : patch.y + height, patch.x : patch.x + width]
        assert target.shape == (height, width), "the patch lies inside the photo"
        target[:] = patch.selection
    return whole


def distance_to_path(path: list[Point], shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Distance of every pixel centre to the polyline, by definition."""
    rows, columns = np.indices(shape)
    x, y = columns + 0.5, rows + 0.5
    best = np.full(shape, np.inf)
    for (x0, y0), (x1, y1) in zip(path, path[1:] or path, strict=False):
        dx, dy = x1 - x0, y1 - y0
        length = math.hypot(dx, dy)
        if length > 0:
            ux, uy = dx / length, dy / length
            along = np.clip((x - x0) * ux + (y - y0) * uy, 0, length)
        else:
            ux = uy = along = 0
        best = np.minimum(best, np.hypot(x - x0 - along * ux, y - y0 - along * uy))
    return best


@given(st.lists(points, min_size=1, max_size=4), st.floats(1.5, 30) | st.integers(2, 30))
@example([(10.5, 10.5)], 10)  # 3-4-5: twelve centres lie exactly on the edge
@example([(10.5, 10.5), (10.5, 14.5)], 5)
@example([(10.5, 10.5), (14.5, 10.5)], 5)
@example([(10.5, 10.5), (10.5 + 1e-10, 14.5)], 5)
def test_a_stroke_covers_the_pixels_whose_centre_is_within_half_a_diameter(
    path: list[Point], diameter: float
) -> None:
    actual = covered(stroke(path, diameter, 1, SHAPE))
    distance = distance_to_path(path)
    assert np.all(actual[distance <= diameter / 2])
    assert not np.any(actual[distance > diameter / 2 + 1e-6])


def test_the_edge_is_included() -> None:
    actual = covered(stroke([(10.5, 10.5)], 10, 1, SHAPE))
    for dx, dy in [(5, 0), (0, 5), (3, 4), (-4, 3), (-3, -4), (-5, 0)]:
        assert actual[10 + dy, 10 + dx]
    assert not actual[10, 16]


@given(st.tuples(st.floats(0, 30.999), st.floats(0, 22.999)), st.sampled_from([0.2, 0.7, 1.0, 1]))
@example((10.0, 10.5), 1.0)
@example((10.0, 10.0), 1.0)
@example((9.9999995, 10.5), 1.0)
def test_a_brush_of_one_pixel_covers_exactly_the_pixel_under_the_pointer(
    point: Point, diameter: float
) -> None:
    rows, columns = np.nonzero(covered(stroke([point], diameter, 1, SHAPE)))
    assert list(zip(columns, rows, strict=True)) == [(math.floor(point[0]), math.floor(point[1]))]


def test_a_line_of_one_pixel_is_one_pixel_wide_even_between_two_rows() -> None:
    actual = covered(stroke([(2.0, 7.0), (20.0, 7.0)], 1, 1, SHAPE))
    assert actual[7, 2:21].all()
    assert actual.sum() == 19


@given(st.tuples(points, points))
def test_a_line_of_one_pixel_has_no_gaps(ends: tuple[Point, Point]) -> None:
    path = [(x + 50, y + 50) for x, y in ends]
    (x0, y0), (x1, y1) = path
    actual = covered(stroke(path, 1, 1, (140, 140)), (140, 140))
    rows, columns = np.nonzero(actual)
    steps = max(abs(math.floor(x1) - math.floor(x0)), abs(math.floor(y1) - math.floor(y0))) + 1
    spanned = np.unique(columns) if abs(x1 - x0) >= abs(y1 - y0) else np.unique(rows)
    assert len(spanned) >= steps
    assert np.array_equal(spanned, np.arange(spanned[0], spanned[-1] + 1))


def test_a_brush_too_small_to_reach_a_centre_covers_the_pixel_under_the_pointer() -> None:
    assert np.argwhere(covered(stroke([(10.0, 12.0)], 1.2, 1, SHAPE))).tolist() == [[12, 10]]


@pytest.mark.parametrize("point", [(-20.0, 5.0), (5.0, -20.0), (60.0, 5.0), (5.0, 60.0)])
def test_outside_the_photo_there_is_nothing_to_paint(point: Point) -> None:
    assert stroke([point], 10, 1, SHAPE) is None
    assert stroke([point], 1, 1, SHAPE) is None


def test_a_stroke_from_far_outside_costs_and_covers_only_the_photo() -> None:
    patch = stroke([(-1e9, 10.5), (1e9, 10.5)], 4, 3, SHAPE)
    assert patch is not None
    assert patch.value == 3
    assert patch.selection.shape[1] == SHAPE[1]
    assert patch.selection.shape[0] <= 7


@pytest.mark.parametrize(
    ("path", "diameter"),
    [([], 3), ([(1, 1)], 0), ([(1, 1)], -1), ([(1, 1)], math.nan), ([(math.inf, 1)], 3)],
)
def test_what_is_no_stroke_is_refused(path: list[Point], diameter: float) -> None:
    with pytest.raises(ValueError, match=r"stroke|diameter"):
        stroke(path, diameter, 1, SHAPE)


# A stroke is the union of the ring's positions: brute force, position by position.

sizes = st.floats(0.3, 14) | st.integers(1, 14).map(float)
stops = st.lists(st.tuples(points, sizes), min_size=1, max_size=4)


def fine_positions(
    stops: list[tuple[Point, float]], count: int
) -> list[tuple[float, float, float]]:
    result = []
    for ((x0, y0), d0), ((x1, y1), d1) in zip(stops, stops[1:] or stops, strict=False):
        for i in range(count + 1):
            t = i / count
            result.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0), d0 + t * (d1 - d0)))
    return result


def under(x: float, y: float, diameter: float, *, square: bool, slack: float) -> np.ndarray:
    """The pixels under a brush at one position, its radius larger by ``slack``."""
    rows, columns = np.indices(SHAPE)
    dx, dy = np.abs(columns + 0.5 - x), np.abs(rows + 0.5 - y)
    distance = np.maximum(dx, dy) if square else np.hypot(dx, dy)
    hit = distance <= diameter / 2 + slack
    if diameter <= 1:  # then only the pixel under the pointer
        hit = np.zeros(SHAPE, np.bool_)
    own = np.maximum(dx, dy) <= 0.5 + slack
    if slack == 0:
        # On the line between two pixels the last digit decides: either may be the one.
        own = np.maximum(dx, dy) < 0.5 - 1e-9
    return hit | own


@given(stops, st.booleans())
def test_a_stroke_is_the_union_of_the_positions_of_its_ring(
    stops: list[tuple[Point, float]], square: bool
) -> None:
    path, diameters = [point for point, _ in stops], [size for _, size in stops]
    patch = stroke(path, 99, 1, SHAPE, square=square, diameters=diameters)
    actual = covered(patch)
    positions = fine_positions(stops, 60)
    at_least, at_most = np.zeros(SHAPE, np.bool_), np.zeros(SHAPE, np.bool_)
    # Between two of the positions tried the brush moves by less than this.
    slack = 1e-6 + max(
        math.hypot(x1 - x0, y1 - y0) + abs(d1 - d0)
        for (x0, y0, d0), (x1, y1, d1) in itertools.pairwise(positions)
    )
    for x, y, diameter in positions:
        at_least |= under(x, y, diameter, square=square, slack=0)
        at_most |= under(x, y, diameter, square=square, slack=slack)
    assert not np.any(at_least & ~actual)
    assert not np.any(actual & ~at_most)


# Coordinates and shares that binary numbers hold exactly: so do the points in between.
exact = st.integers(-40, 260).map(lambda n: n / 8)
exact_points = st.tuples(exact, exact)
shares = st.lists(st.sampled_from([0.25, 0.5, 0.75]), max_size=3, unique=True).map(sorted)


@given(
    st.tuples(exact_points, exact_points),
    st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda d: (d[0] / 2, d[1] / 2)),
    shares,
    st.booleans(),
)
@example(((2.0, 2.0), (18.0, 18.0)), (1.0, 1.0), [0.5], False)
@example(((2.0, 18.0), (18.0, 2.0)), (1.0, 1.0), [0.25, 0.5], False)
@example(((2.0, 7.0), (20.0, 7.0)), (1.0, 1.0), [0.5], True)
@example(((2.0, 7.0), (20.0, 7.0 + 1e-300)), (1.0, 1.0), [0.5], False)
@example(((0.0, 0.0), (2.0, 1e-308)), (1.0, 3.0), [], True)
@example(((0.0, 0.0), (2e-308, 1e-308)), (1.5, 1.5 + 1e-15), [], False)
def test_it_does_not_matter_how_many_events_a_stroke_came_in(
    ends: tuple[Point, Point], diameters: tuple[float, float], between: list[float], square: bool
) -> None:
    (x0, y0), (x1, y1) = ends
    d0, d1 = diameters
    stops = [
        ((x0 + t * (x1 - x0), y0 + t * (y1 - y0)), d0 + t * (d1 - d0)) for t in [0.0, *between, 1.0]
    ]
    whole = covered(stroke(list(ends), 1, 1, SHAPE, square=square, diameters=diameters))
    resampled = stroke(
        [point for point, _ in stops], 1, 1, SHAPE, square=square, diameters=[d for _, d in stops]
    )
    assert np.array_equal(covered(resampled), whole)
    by_event = np.zeros(SHAPE, np.bool_)
    for one, two in itertools.pairwise(stops):
        by_event |= covered(
            stroke([one[0], two[0]], 1, 1, SHAPE, square=square, diameters=[one[1], two[1]])
        )
    assert np.array_equal(by_event, whole)


@given(st.lists(points, min_size=1, max_size=4), st.integers(1, 20), st.booleans())
def test_even_pressure_is_a_plain_stroke(path: list[Point], diameter: int, square: bool) -> None:
    plain = stroke(path, diameter, 1, SHAPE, square=square)
    pressed = stroke(path, 1, 1, SHAPE, square=square, diameters=[float(diameter)] * len(path))
    assert np.array_equal(covered(plain), covered(pressed))


def test_a_square_brush_is_upright_and_as_wide_as_it_says() -> None:
    patch = stroke([(10.5, 12.5)], 5, 1, SHAPE, square=True)
    assert patch is not None
    assert np.argwhere(covered(patch)).tolist() == [
        [y, x] for y in range(10, 15) for x in range(8, 13)
    ]
    even = covered(stroke([(10.0, 12.0)], 4, 1, SHAPE, square=True))
    assert even.sum() == 16


def test_the_largest_brush_covers_its_disc() -> None:
    patch = stroke([(1500.0, 1500.0)], 2000, 1, (3000, 3000))
    assert patch is not None
    assert patch.selection.sum() == pytest.approx(math.pi * 1000**2, rel=1e-4)


def test_a_disc_that_holds_the_next_one_is_all_there_is() -> None:
    swept = stroke([(15.0, 11.0), (16.0, 11.0)], 1, 1, SHAPE, diameters=[16.0, 2.0])
    assert np.array_equal(covered(swept), covered(stroke([(15.0, 11.0)], 16, 1, SHAPE)))


def test_every_point_has_its_diameter() -> None:
    with pytest.raises(ValueError, match="diameters"):
        stroke([(1, 1), (2, 2)], 3, 1, SHAPE, diameters=[3.0])
    with pytest.raises(ValueError, match="diameter"):
        stroke([(1, 1), (2, 2)], 3, 1, SHAPE, diameters=[3.0, 0.0])

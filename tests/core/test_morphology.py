from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from petseg_gui.core import morphology
from petseg_gui.core.morphology import distance_to, edge_between, inner, near, opened, share_around


@st.composite
def selections(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    share = draw(st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]))
    return np.random.default_rng(draw(st.integers(0, 2**32))).random(shape) < share


def squared_distance(selection: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(selection.shape)
    ys, xs = np.nonzero(selection)
    return np.min(
        (rows[..., None] - ys) ** 2 + (columns[..., None] - xs) ** 2, axis=-1, initial=10**9
    )


@pytest.mark.parametrize("cost", [0, 10**9], ids=["by discs", "by distances"])
@given(selections(), st.floats(1, 14) | st.integers(1, 14))
@example(np.pad(np.ones((1, 1), np.bool_), 6), 5)  # 3-4-5: centres exactly on the edge
def test_near_is_within_the_radius(cost: int, selection: np.ndarray, radius: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(morphology, "_ROW_COST", cost)
        actual = near(selection, radius)
    assert np.array_equal(actual, squared_distance(selection) <= radius * radius)


@given(selections())
def test_below_a_radius_of_one_nothing_is_added(selection: np.ndarray) -> None:
    actual = near(selection, 0.99)
    assert np.array_equal(actual, selection)
    assert not np.shares_memory(actual, selection)


@given(selections())
def test_distances(selection: np.ndarray) -> None:
    distance = distance_to(selection)
    if not selection.any():
        assert np.isinf(distance).all()
        return
    assert np.allclose(distance, np.sqrt(squared_distance(selection)), atol=1e-4)
    assert np.allclose(distance_to(selection, exact=False), distance, rtol=0.03, atol=1e-4)


@given(selections())
def test_inner_pixels_have_all_their_neighbours(selection: np.ndarray) -> None:
    framed = np.pad(selection, 1, constant_values=True)
    around = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
    assert np.array_equal(inner(selection), selection & around)


def test_an_edge_has_two_sides() -> None:
    one, other = np.zeros((3, 6), np.bool_), np.zeros((3, 6), np.bool_)
    one[:, :2] = True
    other[:, 2:4] = True
    assert np.flatnonzero(edge_between(one, other)[1]).tolist() == [1, 2]
    assert not edge_between(one, np.zeros_like(one)).any(), "what is neither has no edge"


def test_opening_takes_what_is_thin() -> None:
    shape = np.zeros((40, 60), np.bool_)
    shape[8:32, 5:30] = True
    shape[18:22, 30:55] = True
    left = opened(shape, 6)
    assert left[20, 10]
    assert not left[20, 45]
    assert not np.any(left & ~shape)
    assert opened(np.ones((9, 9), np.bool_), 30).all(), "the edge of the array is no edge"


@pytest.mark.parametrize("sigma", [0.75, 3.0, 5.0, 20.0])
def test_half_of_the_surroundings_lie_on_each_side_of_a_straight_line(sigma: float) -> None:
    selection = np.zeros((60, 200), np.bool_)
    selection[:, 100:] = True
    share = share_around(selection, sigma)
    assert np.array_equal(share > 0.5, selection)
    assert np.allclose(share[:, 99] + share[:, 100], 1, atol=1e-4)
    inside = round(sigma)
    expected = (1 + math.erf((inside + 0.5) / sigma / math.sqrt(2))) / 2
    assert share[30, 100 + inside] == pytest.approx(expected, abs=0.03)

from __future__ import annotations

import numpy as np
import pytest

from model.labels import (
    CLASSES,
    COLOURS,
    NAMES,
    Label,
    colourise,
    from_class_index,
    is_mask,
    to_class_index,
)


def test_values_are_those_of_the_oxford_trimaps() -> None:
    assert [int(label) for label in Label] == [0, 1, 2, 3]
    assert [label.name for label in CLASSES] == ["PET", "BACKGROUND", "BORDER"]
    assert set(NAMES) == set(Label)


def test_class_index_is_value_minus_one() -> None:
    mask = np.array([[0, 1], [2, 3]], np.uint8)
    index = to_class_index(mask)
    assert index.dtype == np.int8
    np.testing.assert_array_equal(index, [[-1, 0], [1, 2]])
    back = from_class_index(index)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, mask)


@pytest.mark.parametrize("bad", [-2, 3, 255])
def test_class_indices_out_of_range_are_refused(bad: int) -> None:
    with pytest.raises(ValueError, match="class indices"):
        from_class_index(np.array([[0, bad]], np.int64))


def test_no_pixels_convert_to_no_pixels() -> None:
    assert from_class_index(np.zeros((0, 4), np.int8)).shape == (0, 4)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[0, 3]], np.uint8), True),
        (np.zeros((0, 3), np.uint8), True),
        (np.array([[0, 4]], np.uint8), False),
        (np.array([[0, 1]], np.int64), False),
        (np.zeros((2, 2, 1), np.uint8), False),
    ],
)
def test_what_is_a_mask(array: np.ndarray, expected: bool) -> None:
    assert is_mask(array) is expected


def test_colourise_gives_each_value_its_colour() -> None:
    picture = colourise(np.array([[0, 1, 2, 3]], np.uint8))
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[0], COLOURS)


def test_colours_differ_in_lightness_too() -> None:
    luma = COLOURS.astype(float) @ (0.299, 0.587, 0.114)
    assert np.diff(np.sort(luma)).min() > 40

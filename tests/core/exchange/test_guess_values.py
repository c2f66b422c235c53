"""A look at the values of pictures, and the guess at what they mean."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from model.labels import Label
from petseg_gui.core.exchange import guess_values
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.guess_values import (
    ValuesFound,
    find_values,
    guess_classes,
    looks_black_and_white,
)

PET, BACK, BORDER, NONE = Label.PET, Label.BACKGROUND, Label.BORDER, Label.UNLABELLED


def write(path: Path, *values: int) -> None:
    """A grey picture with a row of ten pixels for each value."""
    assert cv2.imwrite(str(path), np.repeat(np.array([values], np.uint8).T, 10, axis=1))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([1, 2, 3], [PET, BACK, BORDER]),
        ([0, 1, 2, 3], [NONE, PET, BACK, BORDER]),
        ([0, 1], [BACK, PET]),
        ([0, 255], [BACK, PET]),
        ([0, 1, 255], [BACK, PET, NONE]),
        ([0, 38], [BACK, PET]),
        ([0, 8, 12, 15, 255], [BACK, PET, PET, NONE, NONE]),
        ([0, 8, 12, 90], [BACK, NONE, NONE, NONE]),
        ([], []),
    ],
)
def test_values_mean_what_they_usually_mean(values: list[int], classes: list[Label]) -> None:
    assert guess_classes(values) == dict(zip(values, classes, strict=True))


def test_every_value_is_counted_and_what_is_no_picture_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 0, 0, 7)
    write(tmp_path / "b.png", 255)
    (tmp_path / "c.png").write_bytes(b"no picture")
    found = find_values(tmp_path, shades=False)
    assert found.counts == {0: 20, 7: 10, 255: 10}
    assert (found.files, found.share([0])) == (2, 0.5)
    assert "c.png" in found.problem


def test_colours_are_no_values_but_have_shades(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 4, 3), 200, np.uint8))
    found = find_values(tmp_path, shades=False)
    assert (found.files, "colours" in found.problem) == (0, True)
    assert find_values(tmp_path, shades=True).counts == {200: 16}


def test_a_source_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError):
        find_values(tmp_path, shades=False)


def test_of_many_pictures_some_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        write(tmp_path / f"{number}.png", number)
    monkeypatch.setattr(guess_values, "MOST_FILES", 3)
    assert set(find_values(tmp_path, shades=False).counts) == {0, 3, 6}
    monkeypatch.setattr(guess_values, "MOST_SECONDS", -1)
    assert find_values(tmp_path, shades=False) == ValuesFound({}, 0)


def test_a_huge_picture_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.png", 1, 2)
    monkeypatch.setattr(guess_values, "MOST_PIXELS", 19)
    assert "too many pixels" in find_values(tmp_path, shades=False).problem


@pytest.mark.parametrize(
    ("counts", "black_and_white"),
    [
        ({0: 50, 255: 50}, True),
        ({0: 500, 255: 400} | dict.fromkeys(range(20, 60), 1), True),
        (dict.fromkeys(range(256), 5), False),
        ({0: 50, 1: 50}, False),
        ({0: 50, 1: 50, 255: 3}, False),
        ({0: 50}, False),
        ({}, False),
    ],
)
def test_black_and_white_masks_are_told_from_pictures_of_classes(
    counts: dict[int, int], black_and_white: bool
) -> None:
    assert looks_black_and_white(ValuesFound(counts, 1)) is black_and_white

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petseg_gui.core import border
from petseg_gui.core.border import Sides, border_patch, border_width, kept_border_patch, sides
from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Mask
from petseg_gui.core.morphology import distance_to
from petseg_gui.core.session import EditSession
from petseg_gui.core.shapes import polygon_patch

SHAPE = (90, 120)
PET, BACKGROUND, BORDER = 1, 2, 3


def laid(mask: np.ndarray, width: float | None = None) -> np.ndarray:
    result = Mask(mask)
    patch = border_patch(result.view(), width)
    if patch is not None:
        result.apply(patch)
    return result.view()


def painted(*paths: tuple[list[tuple[float, float]], float, int]) -> np.ndarray:
    mask = Mask(np.full(SHAPE, BACKGROUND, np.uint8))
    for path, diameter, value in paths:
        patch = stroke(path, diameter, value, SHAPE)
        assert patch is not None
        mask.apply(patch)
    return mask.view()


def body(*, tail: float | None = None) -> np.ndarray:
    """A round pet, with a tail of that diameter."""
    paths: list[tuple[list[tuple[float, float]], float, int]] = [([(40.0, 45.0)], 44, PET)]
    if tail is not None:
        paths.append(([(40.0, 45.0), (100.0, 40.0)], tail, PET))
    return painted(*paths)


places = st.tuples(st.floats(-5, 125), st.floats(-5, 95))
dabs = st.tuples(
    st.lists(places, min_size=1, max_size=3), st.floats(1, 40), st.sampled_from([1, 2, 1, 2, 3, 0])
)
widths = st.sampled_from([2.0, 3.0, 5.0, 6.5, 8.0, 12.0])


@given(st.lists(dabs, min_size=1, max_size=7), widths)
@settings(max_examples=150)
def test_laid_on_its_own_result_it_changes_nothing(
    strokes: list[tuple[list[tuple[float, float]], float, int]], width: float
) -> None:
    mask = Mask(np.full(SHAPE, BACKGROUND, np.uint8))
    for path, diameter, value in strokes:
        patch = stroke(path, diameter, value, SHAPE)
        if patch is not None:
            mask.apply(patch)
    once = laid(mask.view(), width)
    assert border_patch(once, width) is None
    assert np.array_equal(once == 0, mask.view() == 0), "what is not labelled stays so"


@given(st.integers(0, 2**32), st.sampled_from([0.01, 0.2, 0.5]), widths)
@settings(max_examples=50)
def test_noise_has_a_border_that_stays_as_well(seed: int, share: float, width: float) -> None:
    rng = np.random.default_rng(seed)
    mask = np.where(rng.random((40, 50)) < share, rng.integers(0, 4, (40, 50)), 2).astype(np.uint8)
    once = laid(mask, width)
    assert border_patch(once, width) is None


@pytest.mark.parametrize("width", [4.0, 8.0, 12.0])
def test_it_lies_evenly_on_both_sides_of_a_straight_outline(width: float) -> None:
    mask = np.full((40, 60), BACKGROUND, np.uint8)
    mask[:, 30:] = PET
    row = laid(mask, width)[20]
    expected = np.arange(30 - width // 2, 30 + width // 2)
    assert np.flatnonzero(row == BORDER).tolist() == expected.tolist()
    assert (row[: 25 - int(width) // 2] == BACKGROUND).all()
    assert (row[35 + int(width) // 2 :] == PET).all()


def test_there_is_none_along_the_edge_of_the_photo() -> None:
    assert border_patch(np.full((30, 40), PET, np.uint8), 6) is None
    mask = np.full((30, 40), PET, np.uint8)
    mask[:, 20:] = BACKGROUND
    assert (laid(mask, 6)[:, :17] == PET).all()


@pytest.mark.parametrize("value", [0, BACKGROUND, BORDER])
def test_without_pet_and_background_there_is_no_outline(value: int) -> None:
    assert border_patch(np.full((30, 40), value, np.uint8), 6) is None


def test_what_is_not_labelled_has_no_border() -> None:
    mask = np.zeros((30, 40), np.uint8)
    mask[:, 20:] = PET
    assert border_patch(mask, 6) is None


def test_a_border_of_another_width_is_made_even() -> None:
    for width in (3, 22):
        mask = np.full((60, 80), BACKGROUND, np.uint8)
        mask[:, 40:] = PET
        mask[:, 40 - width // 2 : 40 + (width + 1) // 2] = BORDER
        columns = np.flatnonzero(laid(mask, 8)[30] == BORDER)
        assert len(columns) == 8
        assert abs(float(columns.mean()) - 39.5) <= 1


@pytest.mark.parametrize("tail", [3.0, 5.0, 7.0])
def test_a_tail_thinner_than_the_border_is_not_lost_when_the_border_is_laid_anew(
    tail: float,
) -> None:
    first = laid(body(tail=tail), 8)
    spoiled = Mask(first)
    hole = stroke([(20.0, 45.0)], 20, BACKGROUND, SHAPE)
    assert hole is not None
    spoiled.apply(hole)
    again = laid(spoiled.view(), 8)
    columns = np.s_[:, 66:98]
    assert np.mean(again[columns] == first[columns]) > 0.97
    assert (again[40:42, 66:98] == BORDER).mean() > 0.9


def test_sides_give_thin_parts_back() -> None:
    mask = body(tail=5.0)
    found = sides(laid(mask, 8), 8)
    assert np.mean(found.pet == (mask == PET)) > 0.99
    assert np.mean(found.pet[:, 66:98] == (mask == PET)[:, 66:98]) > 0.98
    gap = np.where(mask == PET, BACKGROUND, PET).astype(np.uint8)  # a thin gap, not a tail
    found = sides(laid(gap, 8), 8)
    assert np.mean(found.background[:, 66:98] == (gap == BACKGROUND)[:, 66:98]) > 0.98


@pytest.mark.parametrize("shape", [(600, 800), (1500, 2000)])
def test_a_coarser_step_finds_the_outline_to_a_pixel_or_two(shape: tuple[int, int]) -> None:
    height, width = shape
    patch = stroke([(width / 3, height / 2), (width / 2, height / 2)], height / 2, PET, shape)
    assert patch is not None
    mask = Mask(np.full(shape, BACKGROUND, np.uint8))
    mask.apply(patch)
    wide = border_width(shape) * 2
    assert border.step(wide) > 1
    found = sides(laid(mask.view(), wide), wide)
    wrong = found.pet != (mask.view() == PET)
    outline = border.edge_between(found.pet, found.background)
    assert float(distance_to(outline)[wrong].max(initial=0)) <= border.step(wide) / 2 + 1
    assert not np.any(found.pet & found.background)
    assert np.all(found.pet | found.background)


def test_its_width_goes_with_the_photo() -> None:
    assert border_width((375, 500)) == pytest.approx(0.035 * np.sqrt(375 * 500))
    assert border_width((3000, 4000)) == pytest.approx(10 * border_width((300, 400)))
    assert border_width((3, 3)) == 2
    mask = body()
    assert np.array_equal(laid(mask), laid(mask, border_width(SHAPE)))


def test_a_read_only_mask_stays_as_it_is() -> None:
    mask = body()
    before = mask.copy()
    mask.flags.writeable = False
    border_patch(mask, 6)
    assert np.array_equal(mask, before)


# The border that follows the outline while a person paints.


@given(dabs, widths)
def test_the_kept_border_is_the_one_that_is_laid_for_the_same_outline(
    dab: tuple[list[tuple[float, float]], float, int], width: float
) -> None:
    path, diameter, value = dab
    start = body()
    session = EditSession("cat.jpg", start)
    session.begin("Brush stroke")
    patch = stroke(path, diameter, value, SHAPE)
    if value in (BORDER, 0) or patch is None or session.paint(patch) is None:
        return
    outline = session.view().copy()
    kept = kept_border_patch(session, width)
    if kept is not None:
        session.paint(kept)
    changed = outline != start
    reach = distance_to(changed) <= width / 2
    once = border.with_border(outline, sides(outline, width), width)
    assert np.array_equal(session.view()[reach], once[reach])
    if diameter > 2 * width:  # thinner ones may leave nothing but border, which is laid anew
        assert np.array_equal(session.view()[reach], laid(outline, width)[reach])
    far = distance_to(changed) > width / 2 + 2
    assert np.array_equal(session.view()[far], start[far])


@given(st.lists(dabs, min_size=1, max_size=4), widths)
def test_painting_within_the_border_keeps_it_whole(
    strokes: list[tuple[list[tuple[float, float]], float, int]], width: float
) -> None:
    session = EditSession("cat.jpg", laid(body(), width))
    for path, diameter, value in strokes:
        session.begin("Brush stroke")
        patch = stroke(path, diameter, PET if value == BORDER else max(value, 1), SHAPE)
        if patch is not None:
            session.paint(patch)
        kept = kept_border_patch(session, width)
        if kept is not None:
            session.paint(kept)
        session.commit()
        pet = session.view() == PET
        assert not np.any(pet & (distance_to(session.view() == BACKGROUND) < max(width - 3, 1.1)))


def test_a_stroke_that_adds_pet_moves_the_border_outwards() -> None:
    session = EditSession("cat.jpg", laid(body(), 8))
    session.begin("Brush stroke")
    patch = stroke([(62.0, 45.0)], 20, PET, SHAPE)
    assert patch is not None
    session.paint(patch)
    kept = kept_border_patch(session, 8)
    assert kept is not None
    session.paint(kept)
    row = session.view()[45]
    assert row[60] == PET
    assert np.flatnonzero(row[50:] == BORDER).tolist() == list(range(18, 26))
    session.commit()
    session.undo()
    assert np.array_equal(session.view(), laid(body(), 8))


def test_border_that_is_painted_by_hand_stays() -> None:
    session = EditSession("cat.jpg", laid(body(), 8))
    session.begin("Brush stroke")
    patch = stroke([(40.0, 45.0)], 10, BORDER, SHAPE)
    assert patch is not None
    session.paint(patch)
    assert kept_border_patch(session, 8) is None


def test_without_a_change_there_is_nothing_to_keep() -> None:
    session = EditSession("cat.jpg", body())
    assert kept_border_patch(session) is None
    session.begin("Brush stroke")
    assert kept_border_patch(session) is None


def test_what_is_kept_in_a_large_photo_does_not_depend_on_the_window() -> None:
    """The outline in a border is sought at the same places, wherever the stroke is."""
    shape = (900, 1200)
    corners = [(300.0, 200.0), (900.0, 300.0), (800.0, 700.0), (250.0, 600.0)]
    mask = Mask(np.full(shape, BACKGROUND, np.uint8))
    patch = polygon_patch(corners, PET, shape)
    assert patch is not None
    mask.apply(patch)
    width = 70.0
    assert border.step(width) > 1
    start = laid(mask.view(), width)
    session = EditSession("cat.jpg", start)
    session.begin("Brush stroke")
    patch = stroke([(811.0, 655.0), (830.0, 707.0)], 90, PET, shape)
    assert patch is not None
    session.paint(patch)
    kept = kept_border_patch(session, width)
    assert kept is not None
    whole = sides(start, width)
    drawn = session.view() != start
    outline = Sides(whole.pet | drawn, whole.background & ~drawn)
    expected = border.with_border(session.view(), outline, width)
    session.paint(kept)
    reach = distance_to(drawn) <= width / 2
    assert np.array_equal(session.view()[reach], expected[reach])

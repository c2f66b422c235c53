from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.border import border_patch
from petseg_gui.core.brush import stroke
from petseg_gui.core.cleanup import (
    CleanUp,
    fill_holes,
    grow,
    remove_islands,
    shrink,
    smooth_outline,
)
from petseg_gui.core.mask import Mask
from petseg_gui.core.morphology import distance_to

SHAPE = (120, 160)
PET, BACKGROUND, BORDER = 1, 2, 3

COMMANDS = {
    "holes": lambda mask: fill_holes(mask, 60),
    "islands": lambda mask: remove_islands(mask, 60),
    "smooth": lambda mask: smooth_outline(mask, 4),
    "grow": lambda mask: grow(mask, 3),
    "shrink": lambda mask: shrink(mask, 3),
}


def draw(*dabs: tuple[float, float, float, int]) -> np.ndarray:
    """A mask of discs: x, y, diameter and value."""
    mask = Mask(np.full(SHAPE, BACKGROUND, np.uint8))
    for x, y, diameter, value in dabs:
        patch = stroke([(x, y)], diameter, value, SHAPE)
        assert patch is not None
        mask.apply(patch)
    return mask.view().copy()


def bordered(mask: np.ndarray) -> np.ndarray:
    result = Mask(mask)
    patch = border_patch(result.view())
    assert patch is not None
    result.apply(patch)
    return result.view().copy()


def applied(mask: np.ndarray, made: CleanUp) -> np.ndarray:
    result = Mask(mask)
    if made.patch is not None:
        result.apply(made.patch)
    assert np.count_nonzero(result.view() != mask) == made.pixels, "it says what it changes"
    return result.view()


PIERCED = draw((60, 60, 90, PET), (45, 60, 5, BACKGROUND), (75, 60, 21, BACKGROUND))
SCATTERED = draw((60, 60, 80, PET), (120, 20, 5, PET), (130, 90, 21, PET))


def test_small_holes_are_filled_and_large_ones_are_counted() -> None:
    made = fill_holes(PIERCED, 60)
    assert (made.regions, made.kept, made.lost) == (1, 1, 1)
    result = applied(PIERCED, made)
    assert result[60, 45] == PET
    assert result[60, 75] == BACKGROUND
    everything = fill_holes(PIERCED, 10**6)
    assert (everything.regions, everything.kept) == (2, 0)
    assert np.array_equal(applied(PIERCED, everything), draw((60, 60, 90, PET)))


def test_the_limit_of_a_hole_is_included_and_that_of_an_island_is_not() -> None:
    size = int(np.count_nonzero(PIERCED[:, :55] != draw((60, 60, 90, PET))[:, :55]))
    assert fill_holes(PIERCED, size).regions == 1
    assert fill_holes(PIERCED, size - 1).regions == 0
    size = int(np.count_nonzero(SCATTERED[:40, 105:] == PET))
    assert remove_islands(SCATTERED, size).regions == 0
    assert remove_islands(SCATTERED, size + 1).regions == 1


def test_what_the_photo_cuts_off_is_no_hole() -> None:
    mask = draw((60, 60, 90, PET), (60, 0, 60, BACKGROUND))
    assert fill_holes(mask, 10**6) == CleanUp(None, 0, 0)
    full = np.full(SHAPE, PET, np.uint8)
    full[0, 50:60] = BACKGROUND
    assert fill_holes(full, 10**6).patch is None


def test_a_hole_is_what_no_side_leads_out_of() -> None:
    mask = np.full(SHAPE, BACKGROUND, np.uint8)
    mask[40:60, 40:60] = PET
    mask[50, 50] = BACKGROUND
    mask[59, 59] = BACKGROUND  # at the corner: outside
    mask[58, 58] = BACKGROUND  # touches that one at a corner only
    made = fill_holes(mask, 10)
    assert (made.regions, made.pixels) == (2, 2)


def test_small_islands_go_and_large_ones_are_counted_and_the_largest_piece_stays() -> None:
    made = remove_islands(SCATTERED, 60)
    assert (made.regions, made.kept, made.lost) == (1, 1, 1)
    result = applied(SCATTERED, made)
    assert result[20, 120] == BACKGROUND
    assert result[90, 130] == PET
    everything = remove_islands(SCATTERED, 10**6)
    assert (everything.regions, everything.kept) == (2, 0)
    assert np.array_equal(applied(SCATTERED, everything), draw((60, 60, 80, PET)))


@pytest.mark.parametrize("radius", [1, 3, 4.5])
def test_growing_and_shrinking_move_the_outline_by_the_radius(radius: float) -> None:
    mask = draw((60, 60, 80, PET))
    larger = applied(mask, grow(mask, radius))
    assert np.array_equal(larger == PET, distance_to(mask == PET) <= radius)
    smaller = applied(mask, shrink(mask, radius))
    assert np.array_equal(smaller == BACKGROUND, distance_to(mask == BACKGROUND) <= radius)


def test_a_pet_that_the_photo_cuts_off_does_not_shrink_from_its_edge() -> None:
    mask = np.full(SHAPE, BACKGROUND, np.uint8)
    mask[50:, 40:100] = PET
    result = applied(mask, shrink(mask, 5))
    assert (result[-1, 45:95] == PET).all()
    assert (result[-1, 40:45] == BACKGROUND).all()


def test_what_shrinking_would_lose_and_growing_would_close_is_said() -> None:
    assert shrink(SCATTERED, 4).lost == 1
    assert shrink(SCATTERED, 1).lost == 0
    assert grow(PIERCED, 4).lost == 1
    assert grow(PIERCED, 1).lost == 0


def test_smoothing_evens_out_bumps_and_leaves_straight_lines() -> None:
    mask = np.full(SHAPE, BACKGROUND, np.uint8)
    mask[30:90, 40:120] = PET
    straight = mask.copy()
    mask[28:30, 70:72] = PET
    mask[60:62, 118:120] = BACKGROUND
    result = applied(mask, smooth_outline(mask, 6))
    assert np.array_equal(result[:, 60:100], straight[:, 60:100])
    assert np.array_equal(result[50:70], straight[50:70])
    flat = np.full(SHAPE, BACKGROUND, np.uint8)
    flat[70:] = PET
    assert smooth_outline(flat, 6) == CleanUp(None, 0, 0)


def test_smoothing_keeps_what_it_would_wipe_out_and_says_so() -> None:
    mask = draw((60, 60, 80, PET), (120, 20, 5, PET), (60, 60, 5, BACKGROUND))
    made = smooth_outline(mask, 12)
    assert made.kept == 2
    result = applied(mask, made)
    assert result[20, 120] == PET
    assert result[60, 60] == BACKGROUND


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("value", [0, PET, BACKGROUND, BORDER])
def test_a_mask_of_one_value_has_nothing_to_clean(name: str, value: int) -> None:
    assert COMMANDS[name](np.full(SHAPE, value, np.uint8)) == CleanUp(None, 0, 0)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("start", [PIERCED, SCATTERED], ids=["holes", "islands"])
def test_a_mask_with_a_border_keeps_one(name: str, start: np.ndarray) -> None:
    """The border moves with the outline: as if it were laid after the clean-up."""
    mask = bordered(start)
    result = applied(mask, COMMANDS[name](mask))
    moved = result != mask
    if COMMANDS[name](start).patch is None:
        assert not moved.any()
        return
    plain = bordered(applied(start, COMMANDS[name](start)))
    assert np.mean(result[moved] == plain[moved]) > 0.9
    assert np.mean(result == plain) > 0.98
    assert not np.any((result == PET) & (distance_to(result == BACKGROUND) < 2))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mask_without_a_border_gets_none(name: str) -> None:
    for start in (PIERCED, SCATTERED):
        assert not np.any(applied(start, COMMANDS[name](start)) == BORDER)


@given(st.integers(0, 2**32), st.sampled_from(sorted(COMMANDS)), st.booleans())
def test_every_command_says_exactly_what_it_changes(seed: int, name: str, ring: bool) -> None:
    rng = np.random.default_rng(seed)
    dabs = rng.uniform((0, 0, 2, 0), (SHAPE[1], SHAPE[0], 50, 4), (8, 4))
    values = [int(value) for value in dabs[:, 3]]
    mask = draw(
        (80, 60, 60, PET),
        *(
            (x, y, size, value)
            for (x, y, size, _), value in zip(dabs.tolist(), values, strict=True)
        ),
    )
    if ring:
        patch = border_patch(mask)
        if patch is not None:
            mask[
                patch.y : patch.y + patch.selection.shape[0],
                patch.x : patch.x + patch.selection.shape[1],
            ][patch.selection] = patch.value[patch.selection]  # type: ignore[index]
    before = mask.copy()
    mask.flags.writeable = False
    made = COMMANDS[name](mask)
    assert np.array_equal(mask, before)
    result = applied(mask, made)
    assert (made.patch is None) == (made.pixels == 0)
    if name != "holes":
        assert np.array_equal(result == 0, mask == 0), "what is not labelled stays so"

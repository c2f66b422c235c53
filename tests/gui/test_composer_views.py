"""Every view: its parts against the whole, bit for bit, and what an event costs in it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from petseg_gui.core.mask import Patch, Rect
from petseg_gui.core.predictions import Prediction
from petseg_gui.ui.canvas.composer import Composer
from petseg_gui.ui.canvas.looks import MODES, Tints
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.view import Placement
from petseg_gui.ui.canvas.viewing import Viewing

HEIGHT, WIDTH = 97, 131
# Higher than the bands that large areas are composed in.
VIEWPORT = (90, 300)
# Shrunk, as it is, between pixels and squares, squares, squares with the grid.
SCALES = (0.37, 1.0, 1.7, 3.3, 16.5)


def noise(seed: int, *shape: int, low: int = 0, high: int = 256) -> PixelArray:
    return np.random.default_rng(seed).integers(low, high, shape, dtype=np.uint8)


def patchy(seed: int) -> PixelArray:
    """A mask of patches some pixels wide, so that there are outlines as well as areas."""
    coarse = noise(seed, HEIGHT // 6 + 1, WIDTH // 6 + 1, high=4)
    return np.kron(coarse, np.ones((6, 6), np.uint8))[:HEIGHT, :WIDTH].copy()


PHOTO = noise(1, HEIGHT, WIDTH, 3)
NOW = Prediction("new", patchy(2), noise(3, 16, 16, 3))
EARLIER = Prediction("old", patchy(4), noise(5, 16, 16, 3))
PREVIEW = Patch(-3, 20, noise(6, 60, 70, high=2).astype(bool), noise(7, 60, 70, high=4))


def viewings() -> list[Viewing]:
    every = frozenset({1, 2, 3})
    found = [
        Viewing(mode, Tints(0.6, every), NOW, EARLIER, preview=preview)
        for mode, preview in itertools.product(MODES, (None, PREVIEW))
    ]
    for mode, preview in itertools.product(("changes", "models"), (None, PREVIEW)):
        found.append(Viewing(mode, Tints(), NOW, EARLIER, wipe=True, preview=preview))
    found.append(Viewing("contour", Tints(shown=False), NOW, EARLIER, preview=PREVIEW))
    return found


def name(viewing: Viewing) -> str:
    extras = (viewing.wipe and "wipe", viewing.preview and "preview")
    shown = "" if viewing.tints.shown else "-hidden"
    return "-".join([viewing.mode, *(str(e) if isinstance(e, str) else "" for e in extras)]) + shown


def composer_of(viewing: Viewing, unit: int = 1) -> Composer:
    composer = Composer()
    composer.set_surround(10, 20, 30)
    composer.set_photo(PhotoPyramid(PHOTO))
    composer.set_scene(viewing.scene(unit))
    return composer


def at(scale: float, x: int = -37, y: int = -21) -> Placement:
    return Placement(scale, x, y, *VIEWPORT)


def whole(
    viewing: Viewing, placement: Placement, mask: PixelArray, position: float = 0.5, unit: int = 1
) -> PixelArray:
    composer = composer_of(viewing, unit)
    composer.set_divider(position, mask)
    composer.show(placement, mask)
    return composer.frame


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("viewing", viewings(), ids=name)
def test_recomposing_rectangles_equals_composing_everything(viewing: Viewing, scale: float) -> None:
    mask = patchy(8)
    composer = composer_of(viewing, unit=2)
    composer.show(at(scale), mask)
    rng = np.random.default_rng(9)
    for _ in range(12):
        x, y = int(rng.integers(0, WIDTH - 1)), int(rng.integers(0, HEIGHT - 1))
        width = int(rng.integers(1, min(WIDTH - x, 30) + 1))
        height = int(rng.integers(1, min(HEIGHT - y, 30) + 1))
        mask[y : y + height, x : x + width] = rng.integers(0, 4)
        composer.recompose(mask, Rect(x, y, width, height))
    np.testing.assert_array_equal(composer.frame, whole(viewing, at(scale), mask, unit=2))
    assert (composer.frame[:, :, 3] == 255).all()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("viewing", viewings(), ids=name)
def test_panning_equals_composing_everything(viewing: Viewing, scale: float) -> None:
    mask = patchy(8)
    composer = composer_of(viewing)
    x, y = -37, -21
    composer.show(at(scale, x, y), mask)
    for dx, dy in ((5, 0), (0, -9), (-13, 7), (30, 33), (-1, -1), (80, 0), (-85, 3), (500, 0)):
        x, y = x + dx, y + dy
        composer.show(at(scale, x, y), mask)
        np.testing.assert_array_equal(composer.frame, whole(viewing, at(scale, x, y), mask))


@pytest.mark.parametrize("scale", SCALES)
def test_moving_the_divider_equals_composing_everything(scale: float) -> None:
    viewing = Viewing("models", Tints(), NOW, EARLIER, wipe=True)
    mask = patchy(8)
    composer = composer_of(viewing)
    composer.show(at(scale), mask)
    for position in (0.6, 0.31, 0.0, 1.0, 0.47, 0.471):
        composer.set_divider(position, mask)
        np.testing.assert_array_equal(
            composer.frame, whole(viewing, at(scale), mask, position=position)
        )


def test_moving_the_divider_composes_only_what_it_passes() -> None:
    viewing = Viewing("changes", Tints(), NOW, wipe=True)
    composer = composer_of(viewing)
    composer.show(Placement(1.0, 0, 0, 100, 80), patchy(8))
    before = composer.composed
    assert composer.set_divider(0.53, patchy(8)) == Rect(50, 0, 3, 80)
    assert composer.composed - before == 3 * 80
    assert composer.set_divider(0.53, patchy(8)) is None


@pytest.mark.parametrize("scale", SCALES)
def test_a_preview_comes_and_goes_within_its_rectangle(scale: float) -> None:
    placement = at(scale, round(45 - 30 * scale), round(150 - 50 * scale))
    mask = patchy(8)
    composer = composer_of(Viewing("overlay"))
    composer.show(placement, mask)
    plain = composer.frame.copy()
    rect = Rect(PREVIEW.x, PREVIEW.y, 70, 60)
    shown = Viewing("overlay", preview=PREVIEW)
    composer.set_preview(shown.scene(1).preview)
    composer.recompose(mask, rect)
    np.testing.assert_array_equal(composer.frame, whole(shown, placement, mask))
    assert (composer.frame != plain).any()
    composer.set_preview(None)
    composer.recompose(mask, rect)
    np.testing.assert_array_equal(composer.frame, plain)


@pytest.mark.parametrize("viewing", viewings(), ids=name)
@pytest.mark.parametrize("scale", [0.2, 1.0, 4.0])
def test_the_cost_of_an_edit_follows_its_pixels_in_every_view(
    viewing: Viewing, scale: float
) -> None:
    composer = composer_of(viewing)
    mask = patchy(8)
    composer.show(Placement(scale, 0, 0, 640, 480), mask)
    before = composer.composed
    composer.recompose(mask, Rect(10, 20, 40, 30))
    # What is beside the changed pixels: a line, its seam, and a rounded pixel, on each side.
    margin = 2 * 5
    assert composer.composed - before <= (40 * scale + margin) * (30 * scale + margin)


def test_a_change_beside_the_view_reaches_into_it() -> None:
    viewing = Viewing("contour", Tints(visible=frozenset({1, 2, 3})))
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    composer = composer_of(viewing)
    composer.show(Placement(1.0, -50, 0, 40, 40), mask)
    mask[10:20, 40:50] = 1
    assert composer.recompose(mask, Rect(40, 10, 10, 10)) is not None
    expected = whole(viewing, Placement(1.0, -50, 0, 40, 40), mask)
    np.testing.assert_array_equal(composer.frame, expected)


def test_no_view_looks_at_more_of_the_masks_than_is_on_screen() -> None:
    """What is out of view may be anything: nothing of it is read."""
    seen = np.s_[:40, :60]
    for viewing in viewings():
        frames = []
        for elsewhere in (0, 3):
            mask, now, earlier = (np.full((HEIGHT, WIDTH), elsewhere, np.uint8) for _ in range(3))
            mask[seen], now[seen], earlier[seen] = (
                patchy(8)[seen],
                NOW.mask[seen],
                EARLIER.mask[seen],
            )
            viewing.prediction = Prediction("new", now, NOW.probabilities)
            viewing.earlier = Prediction("old", earlier, EARLIER.probabilities)
            composer = composer_of(viewing)
            composer.show(Placement(1.0, 0, 0, 50, 30), mask)
            frames.append(composer.frame)
        np.testing.assert_array_equal(*frames)

"""Composition: against a slow reference, and its parts against the whole, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from model.labels import COLOURS
from petseg_gui.core.mask import Rect
from petseg_gui.ui.canvas.composer import NEAREST_FROM, Composer
from petseg_gui.ui.canvas.looks import OverlayLook, PhotoLook, Tints
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.scene import Scene
from petseg_gui.ui.canvas.view import Placement, ViewTransform

ALL = Tints(opacity=0.4, visible=frozenset({1, 2, 3}))
SURROUND = (10, 20, 30)
# Higher than the bands that large areas are composed in.
TALL = (90, 300)
SCALES = (0.13, 0.5, 0.83, 1.0, 1.5, 2.0, 3.3, 17.0)


def make_photo(height: int = 97, width: int = 131) -> PixelArray:
    """Smooth, so that samples of it are predictable, but different everywhere."""
    y, x = np.mgrid[0:height, 0:width]
    return np.dstack([x % 256, y % 256, (x + 2 * y) % 90 + 60]).astype(np.uint8)


def make_mask(height: int = 97, width: int = 131) -> PixelArray:
    return np.random.default_rng(1).integers(0, 4, (height, width), dtype=np.uint8)


def make_composer(photo: PixelArray, tints: Tints = ALL) -> Composer:
    composer = Composer()
    composer.set_surround(*SURROUND)
    composer.set_scene(Scene(OverlayLook(tints), grid=False))
    composer.set_photo(PhotoPyramid(photo))
    return composer


def placed(
    scale: float, *, x: int = -37, y: int = 21, size: tuple[int, int] = (90, 70)
) -> Placement:
    return Placement(scale, x, y, *size)


def reference(photo: PixelArray, mask: PixelArray, at: Placement, tints: Tints = ALL) -> PixelArray:
    """One device pixel after the other, as RGB, in floating point."""
    height, width = mask.shape
    out = np.empty((at.height, at.width, 3), np.uint8)
    for row in range(at.height):
        for column in range(at.width):
            x, y = (column + 0.5 - at.x) / at.scale, (row + 0.5 - at.y) / at.scale
            if not (0 <= x < width and 0 <= y < height):
                out[row, column] = SURROUND
                continue
            label = int(mask[int(y), int(x)])
            colour = photo[int(y), int(x)].astype(float)
            if at.scale < NEAREST_FROM:
                colour = bilinear(photo, x - 0.5, y - 0.5)
            alpha = tints.opacity if label in tints.visible else 0.0
            out[row, column] = np.rint(colour * (1 - alpha) + COLOURS[label] * alpha)
    return out


def bilinear(photo: PixelArray, x: float, y: float) -> np.ndarray:
    height, width = photo.shape[:2]
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    fx, fy = x - left, y - top
    upper = photo[top, left] * (1 - fx) + photo[top, right] * fx
    lower = photo[bottom, left] * (1 - fx) + photo[bottom, right] * fx
    return upper * (1 - fy) + lower * fy


def rgb(frame: PixelArray) -> PixelArray:
    return frame[:, :, 2::-1]


@pytest.mark.parametrize("scale", [0.83, 1.0, 1.5, 2.0, 3.3, 17.0])
def test_the_frame_is_what_the_slow_reference_says(scale: float) -> None:
    # Wrapping colours would make bilinear samples at the jumps depend on 1/32 of a pixel.
    photo, mask = make_photo(), make_mask()
    composer = make_composer(photo)
    composer.show(placed(scale), mask)
    difference = rgb(composer.frame).astype(int) - reference(photo, mask, placed(scale))
    assert np.abs(difference).max() <= 3
    assert (composer.frame[:, :, 3] == 255).all()


def test_a_small_view_shows_averages_of_the_photo_and_single_pixels_of_the_mask() -> None:
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 200
    mask = np.full((512, 512), 2, np.uint8)
    mask[:256] = 1
    composer = make_composer(stripes, Tints(0.5, frozenset({1})))
    composer.show(Placement(0.25, 0, 0, 128, 128), mask)
    frame = rgb(composer.frame).astype(int)
    assert np.abs(frame[70:] - 100).max() <= 1
    assert np.abs(frame[:60] - (50 + COLOURS[1] / 2)).max() <= 2
    # No device pixel is between tinted and not.
    assert (frame[63] != frame[64]).any(axis=1).all()
    assert (frame[62] == frame[63]).all()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("zoom", [0.31, 1.0, 1.7, 5.5])
def test_every_mask_pixel_lies_where_the_view_says(ratio: float, zoom: float) -> None:
    view = ViewTransform()
    view.set_viewport(round(61 * ratio), round(47 * ratio), ratio)
    view.set_photo(131, 97)
    view.zoom_to(zoom * ratio, (20.3, 11.7))
    photo, mask = np.zeros((97, 131, 3), np.uint8), make_mask()
    composer = make_composer(photo, Tints(1.0, frozenset({1, 2, 3})))
    composer.show(view.placement, mask)
    checked = 0
    for row in range(view.placement.height):
        for column in range(view.placement.width):
            x, y = view.device_to_image(column + 0.5, row + 0.5)
            if 0 <= x < 131 and 0 <= y < 97:
                colour = COLOURS[mask[int(y), int(x)]]
                assert np.abs(rgb(composer.frame)[row, column].astype(int) - colour).max() <= 1
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("scale", SCALES)
def test_recomposing_a_rectangle_equals_composing_everything(scale: float) -> None:
    photo, mask = make_photo(), make_mask()
    composer = make_composer(photo)
    composer.show(placed(scale, size=TALL), mask)
    rng = np.random.default_rng(2)
    for _ in range(25):
        x, y = int(rng.integers(0, 125)), int(rng.integers(0, 92))
        width, height = int(rng.integers(1, 132 - x)), int(rng.integers(1, 98 - y))
        mask[y : y + height, x : x + width] = rng.integers(0, 4)
        composer.recompose(mask, Rect(x, y, width, height))
    whole = make_composer(photo)
    whole.show(placed(scale, size=TALL), mask)
    np.testing.assert_array_equal(composer.frame, whole.frame)


@pytest.mark.parametrize("scale", SCALES)
def test_panning_equals_composing_everything(scale: float) -> None:
    photo, mask = make_photo(), make_mask()
    composer = make_composer(photo)
    x, y = -37, 21
    composer.show(placed(scale, x=x, y=y, size=TALL), mask)
    for dx, dy in ((5, 0), (0, -9), (-13, 7), (40, 33), (-1, -1), (500, 0), (-480, 3)):
        x, y = x + dx, y + dy
        composer.show(placed(scale, x=x, y=y, size=TALL), mask)
        whole = make_composer(photo)
        whole.show(placed(scale, x=x, y=y, size=TALL), mask)
        np.testing.assert_array_equal(composer.frame, whole.frame)


def test_a_pan_composes_only_what_comes_into_view() -> None:
    composer = make_composer(make_photo())
    mask = make_mask()
    composer.show(placed(0.8), mask)
    before = composer.composed
    composer.show(placed(0.8, x=-34, y=19), mask)
    assert composer.composed - before == 90 * 2 + 3 * (70 - 2)
    composer.show(placed(0.8, x=-34, y=19), mask)
    assert composer.composed - before == 90 * 2 + 3 * (70 - 2)


@pytest.mark.parametrize("scale", [0.1, 1.0, 4.0])
def test_the_cost_of_an_edit_does_not_grow_with_the_photo(scale: float) -> None:
    costs = []
    for height, width in ((600, 800), (6000, 8000)):
        composer = make_composer(np.zeros((height, width, 3), np.uint8))
        mask = np.full((height, width), 2, np.uint8)
        composer.show(Placement(scale, 0, 0, 640, 480), mask)
        before = composer.composed
        composer.recompose(mask, Rect(30, 40, 50, 60))
        costs.append(composer.composed - before)
    assert costs[0] == costs[1] <= (50 * scale + 1) * (60 * scale + 1)


def test_an_edit_out_of_view_costs_nothing() -> None:
    composer = make_composer(make_photo())
    composer.show(placed(3.0, x=0, y=0), make_mask())
    before = composer.composed
    assert composer.recompose(make_mask(), Rect(100, 80, 10, 10)) is None
    assert composer.composed == before


def test_the_halves_of_a_large_photo_add_a_third_at_most() -> None:
    photo = np.zeros((3000, 4001, 3), np.uint8)
    pyramid = PhotoPyramid(photo)
    pyramid.prepare(0.001)
    assert photo.nbytes < pyramid.nbytes <= photo.nbytes * 1.34


def test_hidden_classes_leave_the_photo_alone() -> None:
    photo = np.full((40, 40, 3), 123, np.uint8)
    mask = np.full((40, 40), 2, np.uint8)
    mask[:, 20:] = 1
    composer = make_composer(photo, Tints())
    composer.show(Placement(1.0, 0, 0, 40, 40), mask)
    assert (rgb(composer.frame)[:, :20] == 123).all()
    assert (rgb(composer.frame)[:, 20:] != 123).any(axis=2).all()
    composer.set_scene(Scene(PhotoLook()))
    composer.recompose(mask)
    assert (rgb(composer.frame) == 123).all()


def test_full_opacity_shows_the_class_colours_themselves() -> None:
    mask = np.array([[1, 2, 3]], np.uint8)
    composer = make_composer(np.full((1, 3, 3), 77, np.uint8), Tints(1.0, frozenset({1, 2, 3})))
    composer.show(Placement(1.0, 0, 0, 3, 1), mask)
    np.testing.assert_array_equal(rgb(composer.frame), COLOURS[mask])


def test_without_a_photo_there_is_only_the_surround() -> None:
    composer = Composer()
    composer.set_surround(*SURROUND)
    composer.show(Placement(1.0, 0, 0, 5, 4), np.zeros((0, 0), np.uint8))
    assert (rgb(composer.frame) == SURROUND).all()


@pytest.mark.parametrize(
    "photo",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)],
)
def test_what_is_no_photo_is_refused(photo: PixelArray) -> None:
    with pytest.raises(ValueError, match="a photo is uint8"):
        PhotoPyramid(photo)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 7)])
@pytest.mark.parametrize("scale", [0.02, 0.3, 1.0, 64.0])
def test_tiny_photos_can_be_shown_at_any_scale(shape: tuple[int, int], scale: float) -> None:
    composer = make_composer(np.full((*shape, 3), 50, np.uint8), Tints(0.0))
    composer.show(Placement(scale, 2, 2, 30, 30), np.full(shape, 1, np.uint8))
    colours = {tuple(pixel) for pixel in rgb(composer.frame).reshape(-1, 3).tolist()}
    assert colours <= {(50, 50, 50), SURROUND}

"""The looks, pixel by pixel, against slow and plain references."""

from __future__ import annotations

import numpy as np
import pytest

from model.labels import COLOURS
from petseg_gui.core.mask import Patch
from petseg_gui.core.predictions import Prediction
from petseg_gui.ui.canvas import palettes
from petseg_gui.ui.canvas.composer import GRID_FROM, Composer
from petseg_gui.ui.canvas.looks import MODES, Tints
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.view import Placement
from petseg_gui.ui.canvas.viewing import Viewing, probability_at, uncertainty

HEIGHT, WIDTH = 40, 60
EVERY = frozenset({1, 2, 3})
GREY = 120
Point = tuple[int, int]


def make_mask() -> PixelArray:
    """A pet with a border 3 pixels wide, on background, and a corner that is not labelled."""
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    mask[8:32, 10:45] = 3
    mask[11:29, 13:42] = 1
    mask[:4, :5] = 0
    return mask


def make_photo() -> PixelArray:
    return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def grey_photo(level: int = GREY) -> PixelArray:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def frame_of(
    viewing: Viewing,
    photo: PixelArray,
    mask: PixelArray,
    *,
    scale: float = 1.0,
    unit: int = 1,
    x: int = 0,
    y: int = 0,
) -> np.ndarray:
    """The photo's part of the frame: int (h, w, 3), RGB."""
    composer = Composer()
    composer.set_photo(PhotoPyramid(photo))
    composer.set_scene(viewing.scene(unit))
    size = round(WIDTH * scale), round(HEIGHT * scale)
    composer.show(Placement(scale, x, y, *size), mask)
    return composer.frame[:, :, 2::-1].astype(int)


def predicted(mask: PixelArray, probabilities: PixelArray | None = None) -> Prediction:
    return Prediction("model", mask, probabilities)


def mixed(photo: np.ndarray, colour: object, opacity: float) -> np.ndarray:
    return np.rint(photo * (1 - opacity) + np.array(colour, float) * opacity)


def close(found: np.ndarray, expected: np.ndarray, tolerance: int = 2) -> None:
    assert np.abs(found - expected).max() <= tolerance


# The views of the mask


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_mask_view_shows_the_classes_own_colours_and_no_photo(scale: float) -> None:
    mask = make_mask()
    shown = Viewing("mask", Tints(0.1, frozenset({1})))
    frame = frame_of(shown, make_photo(), mask, scale=scale)
    large = np.kron(mask, np.ones((int(scale), int(scale)), np.uint8))
    np.testing.assert_array_equal(frame, COLOURS[large])


def test_cutout_shows_the_pet_as_it_is_and_half_of_the_border_on_a_checkerboard() -> None:
    mask, photo = make_mask(), make_photo()
    frame = frame_of(Viewing("cutout"), photo, mask)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    board = np.where((rows // 8 + columns // 8) % 2, 150, 118)[:, :, None].repeat(3, axis=2)
    expected = np.where((mask == 1)[:, :, None], photo, board)
    half = np.rint((photo.astype(float) + board) / 2)
    expected = np.where((mask == 3)[:, :, None], half, expected)
    close(frame, expected)
    np.testing.assert_array_equal(frame[mask == 1], photo[mask == 1])


def test_the_checkerboard_keeps_its_size_on_the_screen() -> None:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    frame = frame_of(Viewing("cutout"), make_photo(), mask, scale=5.0, unit=2)
    assert set(np.flatnonzero(np.diff(frame[0, :, 0])) + 1) == set(range(16, WIDTH * 5, 16))


# Outlines


def contour_reference(mask: PixelArray, scale: int, unit: int) -> dict[Point, int]:
    """Device pixel -> class of the line there: inside the higher class, near a lower one."""
    rank = {0: 0, 2: 1, 3: 2, 1: 3}
    height, width = mask.shape[0] * scale, mask.shape[1] * scale
    line = 2 * unit
    # What an ellipse of OpenCV's covers: the full length of its axes, rounded corners.
    offsets = [
        (dy, dx)
        for dy in range(-line, line + 1)
        for dx in range(-line, line + 1)
        if dx * dx + dy * dy <= line * line
    ]
    found = {}
    for row in range(height):
        for column in range(width):
            own = int(mask[row // scale, column // scale])
            for dy, dx in offsets:
                y, x = min(max(row + dy, 0), height - 1), min(max(column + dx, 0), width - 1)
                if rank[int(mask[y // scale, x // scale])] < rank[own]:
                    found[row, column] = own
                    break
    return found


@pytest.mark.parametrize(("scale", "unit"), [(1, 1), (3, 1), (4, 2)])
def test_contours_are_lines_of_the_same_width_at_any_zoom(scale: int, unit: int) -> None:
    mask = make_mask()
    frame = frame_of(
        Viewing("contour", Tints(visible=EVERY)), grey_photo(), mask, scale=scale, unit=unit
    )
    lines = contour_reference(mask, scale, unit)
    seen = {}
    for value in (1, 2, 3):
        for row, column in np.argwhere((frame == COLOURS[value]).all(axis=2)).tolist():
            seen[row, column] = value
    # Round corners may be rounded otherwise.
    differing = {at for at in seen.keys() | lines.keys() if seen.get(at) != lines.get(at)}
    assert len(differing) <= 0.03 * len(lines)
    # A straight stretch of the pet's outline, across it: exactly its width, then a seam.
    row = 20 * scale
    assert [seen.get((row, 13 * scale + i)) for i in range(-1, 2 * unit + 1)] == [
        None,
        *[1] * (2 * unit),
        None,
    ]
    seam = frame[row, 13 * scale + 2 * unit : 13 * scale + 3 * unit]
    close(seam, mixed(np.full_like(seam, GREY), (0, 0, 0), 0.6))
    assert (frame[row, 25 * scale : 27 * scale] == GREY).all()


def test_the_edge_of_the_photo_is_no_outline() -> None:
    mask = np.full((HEIGHT, WIDTH), 1, np.uint8)
    frame = frame_of(Viewing("contour"), grey_photo(), mask)
    assert (frame == GREY).all()


def test_hidden_classes_have_no_outline() -> None:
    mask = make_mask()
    frame = frame_of(Viewing("contour", Tints(visible=frozenset({3}))), grey_photo(), mask)
    assert (frame == COLOURS[3]).all(axis=2).any()
    assert not (frame == COLOURS[1]).all(axis=2).any()


# Maps


def make_probabilities() -> PixelArray:
    """Pet rises from left to right, border from top to bottom, background is the rest."""
    pet, border = np.meshgrid(np.linspace(0, 0.6, 16), np.linspace(0, 0.4, 16))
    shares = np.dstack([pet, 1 - pet - border, border])
    return np.rint(255 * shares).astype(np.uint8)


@pytest.mark.parametrize("label", [1, 2, 3])
@pytest.mark.parametrize("scale", [0.5, 1.0, 5.0])
def test_probability_shows_the_class_under_work_over_a_grey_photo(label: int, scale: float) -> None:
    probabilities = make_probabilities()
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    viewing = Viewing("probability", Tints(), predicted(mask, probabilities), label=label)
    frame = frame_of(viewing, grey_photo(), mask, scale=scale)
    for row in range(0, frame.shape[0], 7):
        for column in range(0, frame.shape[1], 7):
            point = (column + 0.5) / scale, (row + 0.5) / scale
            shares = probability_at(probabilities, mask.shape, *point)
            assert shares is not None
            heat = palettes.VIRIDIS[round(255 * shares[label - 1])]
            # The map has 256 steps, between which a sample may fall on either side.
            close(frame[row, column], heat * 0.7 + GREY * 0.3, tolerance=4)


def test_the_photo_under_a_map_is_grey() -> None:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    certain = np.zeros((8, 8, 3), np.uint8)
    certain[:, :, 1] = 255
    viewing = Viewing("uncertainty", Tints(), predicted(mask, certain))
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[:, :, 0] = 200
    frame = frame_of(viewing, red, mask)
    expected = palettes.INFERNO[0] * 0.7 + round(200 * 0.299) * 0.3
    close(frame, np.broadcast_to(expected, frame.shape))


def test_the_mask_keeps_an_outline_over_a_map() -> None:
    mask = make_mask()
    viewing = Viewing("uncertainty", Tints(), predicted(mask, make_probabilities()))
    frame = frame_of(viewing, grey_photo(), mask)
    assert (frame[20, 13] > 200).all()
    assert (frame[20, 12] < 200).any()


def test_uncertainty_is_the_entropy_of_the_classes() -> None:
    shares = [(255, 0, 0), (85, 85, 85), (128, 127, 0), (230, 20, 5)]
    found = uncertainty(np.array([shares], np.uint8))[0]
    for value, share in zip(found.tolist(), shares, strict=True):
        p = [s / 255 for s in share if s]
        entropy = -sum(q * np.log(q) for q in p) / np.log(3)
        assert value == pytest.approx(255 * entropy, abs=0.51)
    assert found[0] == 0
    assert found[1] == 255


@pytest.mark.parametrize("table", [palettes.INFERNO, palettes.VIRIDIS])
def test_maps_rise_evenly_in_lightness(table: PixelArray) -> None:
    linear = np.where(table <= 10.3, table / 3294.6, ((table / 255 + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    # CIELAB's lightness.
    lightness = np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)
    steps = np.diff(lightness[::15])
    assert (steps > 2.5).all()
    assert steps.max() < 9


def test_probability_at_is_bilinear_and_ends_at_the_photo() -> None:
    probabilities = make_probabilities()
    shape = (160, 320)
    centre = probability_at(probabilities, shape, 20 * 5 + 10, 10 * 7 + 5)
    assert centre == pytest.approx(probabilities[7, 5] / 255)
    between = probability_at(probabilities, shape, 20 * 6, 10 * 7 + 5)
    expected = (probabilities[7, 5].astype(float) + probabilities[7, 6]) / 2 / 255
    assert between == pytest.approx(expected)
    assert probability_at(probabilities, shape, 0, 0) == pytest.approx(probabilities[0, 0] / 255)
    for outside in ((-0.1, 5), (320, 5), (5, 160), (5, -1)):
        assert probability_at(probabilities, shape, *outside) is None


# Differences


@pytest.mark.parametrize("mode", ["changes", "models"])
def test_differences_are_told_by_colour_and_by_the_way_stripes_run(mode: str) -> None:
    before = np.full((HEIGHT, WIDTH), 2, np.uint8)
    after = before.copy()
    before[4:36, 2:22] = 1
    after[4:36, 30:55] = 3
    viewing = Viewing(mode, Tints(), predicted(before if mode == "changes" else after))
    viewing.earlier = predicted(before)
    mask = after if mode == "changes" else make_mask()
    frame = frame_of(viewing, grey_photo(), mask)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    expected = np.broadcast_to(mixed(np.full(3, GREY), (0, 0, 0), 0.45), frame.shape).copy()
    for value, colour, phase in (
        (before == 1, palettes.REMOVED, (rows - columns) % 8),
        (after == 3, palettes.ADDED, (rows + columns) % 8),
    ):
        for part, opacity in ((phase < 4, 0.4), (phase >= 4, 0.9)):
            expected[value & part] = mixed(np.full(3, GREY), colour, opacity)
    close(frame, expected)


def test_border_counts_as_more_pet_than_background_and_as_less_than_pet() -> None:
    labels = np.array([[0, 2, 3, 1]], np.uint8)
    for before in range(4):
        viewing = Viewing("changes", Tints(), predicted(np.repeat(labels[:, [before]], 4, axis=1)))
        composer = Composer()
        composer.set_photo(PhotoPyramid(np.zeros((1, 4, 3), np.uint8)))
        composer.set_scene(viewing.scene(1))
        composer.show(Placement(1.0, 0, 0, 4, 1), labels)
        blue, red = (composer.frame[0, :, c].astype(int) for c in (0, 2))
        signs = np.sign(blue - red)
        assert signs.tolist() == [np.sign(after - before) for after in range(4)]


# Previews


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0, 17.0])
def test_a_preview_is_hatched_where_the_mask_would_change_and_nowhere_else(
    mode: str, scale: float
) -> None:
    mask, photo = make_mask(), make_photo()
    data = predicted(np.roll(mask, 5, axis=1), make_probabilities())
    selection = np.zeros((20, 24), bool)
    selection[2:, :22] = True
    patch = Patch(4, 6, selection, 1)
    frames = [
        frame_of(Viewing(mode, Tints(), data, data, preview=preview), photo, mask, scale=scale)
        for preview in (None, patch)
    ]
    changes = np.zeros(mask.shape, bool)
    changes[8:26, 4:26] = True
    changes &= mask != 1
    centres_y = ((np.arange(frames[0].shape[0]) + 0.5) / scale).astype(int)
    centres_x = ((np.arange(frames[0].shape[1]) + 0.5) / scale).astype(int)
    inside = changes[np.ix_(centres_y, centres_x)]
    differs = (frames[0] != frames[1]).any(axis=2)
    assert not (differs & ~inside).any()
    assert differs[inside].mean() > 0.95
    # Stripes: along any row there are several colours, which even tints do not have.
    assert len(np.unique(frames[1][inside], axis=0)) > 2


def test_a_preview_of_several_values_shows_each_in_its_colour() -> None:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    values = np.full((30, 50), 1, np.uint8)
    values[:, 25:] = 3
    patch = Patch(5, 5, np.ones((30, 50), bool), values)
    frame = frame_of(Viewing(preview=patch), grey_photo(), mask)
    for value, columns in ((1, slice(5, 30)), (3, slice(30, 55))):
        stripe = mixed(np.full(3, GREY), COLOURS[value], 0.9)
        hits = (np.abs(frame - stripe) <= 2).all(axis=2)
        assert hits[:, columns].sum() > 100
        hits[:, columns] = False
        assert not hits.any()


# The photo alone, and the grid


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wipe", [False, True])
@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_the_photo_alone_is_the_bare_photo_in_every_view(
    mode: str, wipe: bool, scale: float
) -> None:
    mask, photo = make_mask(), make_photo()
    data = predicted(mask, make_probabilities())
    patch = Patch(4, 6, np.ones((20, 24), bool), 1)
    viewing = Viewing(mode, Tints(shown=False), data, data, wipe=wipe, preview=patch)
    frame = frame_of(viewing, photo, mask, scale=scale)
    large = np.kron(photo, np.ones((int(scale), int(scale), 1), np.uint8))
    np.testing.assert_array_equal(frame, large)


@pytest.mark.parametrize("level", [0, 60, 128, 200, 255])
def test_the_grid_is_seen_but_subtle_on_dark_and_on_light_photos(level: int) -> None:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    frame = frame_of(Viewing(), grey_photo(level), mask, scale=GRID_FROM)
    steps = np.abs(frame[:, :, 0] - level)
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    line = (rows % 16 == 0) | (columns % 16 == 0)
    assert (steps[~line] == 0).all()
    assert steps[line].min() >= 15
    assert steps[line].max() <= 45


def test_there_is_no_grid_below_its_scale() -> None:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    frame = frame_of(Viewing(), grey_photo(), mask, scale=15.9)
    assert (frame == GREY).all()


# What is missing


@pytest.mark.parametrize("mode", MODES)
def test_a_view_without_its_data_says_so_and_shows_the_overlay(mode: str) -> None:
    mask, photo = make_mask(), make_photo()
    overlay = frame_of(Viewing(), photo, mask)
    needs = mode not in ("overlay", "contour", "mask", "cutout")
    viewing = Viewing(mode, wipe=True)
    assert bool(viewing.problem) == needs
    if needs:
        np.testing.assert_array_equal(frame_of(viewing, photo, mask), overlay)
        assert not viewing.wiping
    viewing.prediction = predicted(mask)
    assert bool(viewing.problem) == (mode in ("probability", "uncertainty", "models"))
    viewing.prediction = predicted(mask, make_probabilities())
    viewing.earlier = predicted(mask)
    assert viewing.problem == ""


def test_unknown_views_are_refused() -> None:
    with pytest.raises(ValueError, match="there is no view 'x-ray'"):
        Viewing().choose("x-ray")

"""The canvas's views through the widget: modes, divider, previews, outlines, what is redrawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPaintEvent, QPalette, QRegion
from pytestqt.qtbot import QtBot

from model.labels import COLOURS
from petseg_gui.core.mask import Patch
from petseg_gui.core.predictions import Prediction
from petseg_gui.ui.canvas.looks import MODES
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.surface import PhotoSurface
from petseg_gui.ui.theme import DARK, LIGHT, palette_of

WIDTH, HEIGHT = 400, 300
ROWS, COLUMNS = 150, 200
GREY = 100


class Surface(PhotoSurface):
    """Remembers what it was asked to redraw."""

    def __init__(self) -> None:
        super().__init__()
        self.redrawn = QRegion()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.redrawn = self.redrawn.united(event.region())

    def take_redrawn(self) -> QRegion:
        """What was redrawn since the last call."""
        taken, self.redrawn = self.redrawn, QRegion()
        return taken


def mask_of(value: int) -> PixelArray:
    return np.full((ROWS, COLUMNS), value, np.uint8)


def prediction(value: int) -> Prediction:
    shares = np.zeros((8, 8, 3), np.uint8)
    shares[:, :, value - 1] = 255
    return Prediction(f"model {value}", mask_of(value), shares)


@pytest.fixture
def surface(qtbot: QtBot) -> Surface:
    """A grey photo of background, whose prediction is pet and whose earlier one border."""
    surface = Surface()
    qtbot.addWidget(surface)
    surface.resize(WIDTH, HEIGHT)
    surface._show_photo(PhotoPyramid(np.full((ROWS, COLUMNS, 3), GREY, np.uint8)), mask_of(2))
    surface.set_overlay_opacity(1.0)
    surface.set_label_visible(2, True)
    surface.set_prediction(prediction(1))
    surface.set_earlier_prediction(prediction(3))
    with qtbot.waitExposed(surface):
        surface.show()
    return surface


@pytest.fixture
def flush(surface: Surface, qtbot: QtBot) -> Callable[[], None]:
    def flush() -> None:
        # Two rounds: an update asked for while painting comes with the second.
        for _ in range(2):
            qtbot.wait(1)

    flush()
    surface.take_redrawn()
    return flush


def colour(surface: Surface, x: int, y: int) -> tuple[int, int, int]:
    found = surface.grab().toImage().pixelColor(x, y)
    return found.red(), found.green(), found.blue()


def class_colour(value: int) -> tuple[int, int, int]:
    red, green, blue = COLOURS[value].tolist()
    return red, green, blue


# Modes


def test_every_view_can_be_chosen_and_says_so(surface: Surface, qtbot: QtBot) -> None:
    assert surface.view_mode == "overlay"
    for mode in MODES[1:] + MODES[:1]:
        with qtbot.waitSignal(surface.viewModeChanged) as told:
            surface.set_view_mode(mode)
        assert told.args == [mode]
        assert surface.view_mode == mode
        assert surface.view_problem == ""
    with qtbot.assertNotEmitted(surface.viewModeChanged):
        surface.set_view_mode("overlay")
        with pytest.raises(ValueError, match="no view"):
            surface.set_view_mode("sideways")


def test_views_look_different_from_each_other(surface: Surface) -> None:
    surface._show_mask(np.tile(np.array([1, 2, 3, 1], np.uint8), (ROWS, COLUMNS // 4)))
    surface.set_overlay_opacity(0.5)
    frames = set()
    for mode in MODES:
        surface.set_view_mode(mode)
        surface.grab()
        frames.add(surface._composer.frame.tobytes())
    assert len(frames) == len(MODES)


def test_another_photo_takes_its_predictions_and_what_is_pending_with_it(
    surface: Surface,
) -> None:
    surface.set_view_mode("changes")
    surface._show_preview(Patch(0, 0, np.ones((9, 9), bool), 1))
    surface._show_photo(PhotoPyramid(np.full((ROWS, COLUMNS, 3), GREY, np.uint8)), mask_of(2))
    assert surface.prediction is None
    assert surface.earlier_prediction is None
    assert surface.view_problem == "No prediction of this photo yet"
    assert surface.view_mode == "changes"
    image = surface.grab().toImage()
    assert image.pixelColor(WIDTH // 2, HEIGHT // 2) == QColor(*class_colour(2))
    assert surface.probability_at(3, 3) is None


def test_a_prediction_of_another_size_is_refused(surface: Surface) -> None:
    other = Prediction("model", np.ones((3, 4), np.uint8), None)
    for give in (surface.set_prediction, surface.set_earlier_prediction):
        with pytest.raises(ValueError, match=r"a prediction of \(3, 4\)"):
            give(other)
    assert surface.prediction is not None
    assert surface.prediction.model == "model 1"


def test_probability_under_a_photo_point(surface: Surface) -> None:
    assert surface.probability_at(100, 70) == (1.0, 0.0, 0.0)
    assert surface.probability_at(-1, 70) is None


def test_the_class_under_work_decides_which_probability_is_shown(surface: Surface) -> None:
    surface.set_view_mode("probability")
    surface.grab()
    certain = surface._composer.frame[HEIGHT // 2, WIDTH // 2].copy()
    surface.set_probability_label(2)
    surface.grab()
    assert (surface._composer.frame[HEIGHT // 2, WIDTH // 2] != certain).any()
    with pytest.raises(ValueError, match="a class is"):
        surface.set_probability_label(4)


@pytest.mark.parametrize("mode", MODES)
def test_while_held_only_the_photo_is_there(surface: Surface, mode: str) -> None:
    surface.set_view_mode(mode)
    surface.set_wipe(True)
    surface._show_preview(Patch(0, 0, np.ones((ROWS, COLUMNS), bool), 1))
    surface.set_outline(Outline(((5, 5), (150, 90), (20, 130)), closed=True, handles=True))
    surface.set_overlay_visible(False)
    image = surface.grab().toImage()
    corner = surface.image_to_widget(0, 0)
    for x in range(round(corner.x()), WIDTH - round(corner.x()), 5):
        for y in range(round(corner.y()), HEIGHT - round(corner.y()), 5):
            assert image.pixelColor(x, y) == QColor(GREY, GREY, GREY)
    surface.set_overlay_visible(True)
    assert surface.view_mode == mode


# The divider


@pytest.mark.parametrize(("mode", "left", "right"), [("changes", 1, 2), ("models", 3, 1)])
def test_before_is_left_of_the_divider_and_after_is_right(
    surface: Surface, mode: str, left: int, right: int
) -> None:
    surface.set_view_mode(mode)
    surface.set_wipe(True)
    for position in (0.5, 0.3):
        surface.set_wipe_position(position)
        divider = round(position * WIDTH)
        assert colour(surface, divider - 5, 250) == class_colour(left)
        assert colour(surface, divider + 5, 250) == class_colour(right)


def test_the_divider_follows_the_pointer_that_holds_it(surface: Surface, qtbot: QtBot) -> None:
    surface.set_view_mode("changes")
    surface.set_wipe(True)
    assert surface.wipe_at(QPointF(203, 100))
    assert not surface.wipe_at(QPointF(215, 100))
    with qtbot.waitSignal(surface.wipeChanged):
        surface.drag_wipe(QPointF(100, 20))
    assert surface.wipe_position == pytest.approx(0.25)
    assert surface.wipe_at(QPointF(100, 250))
    surface.drag_wipe(QPointF(-50, 0))
    assert surface.wipe_position == 0
    surface.drag_wipe(QPointF(9999, 0))
    assert surface.wipe_position == 1


def test_there_is_no_divider_to_hold_where_none_is_shown(surface: Surface) -> None:
    surface.set_wipe(True)
    assert not surface.wipe_at(QPointF(200, 100))
    surface.set_view_mode("models")
    assert surface.wipe_at(QPointF(200, 100))
    surface.set_earlier_prediction(None)
    assert not surface.wipe_at(QPointF(200, 100))
    assert surface.view_problem


def test_the_divider_stays_at_its_share_when_the_window_changes_size(surface: Surface) -> None:
    surface.set_view_mode("changes")
    surface.set_wipe(True)
    surface.set_wipe_position(0.25)
    surface.grab()
    surface.resize(600, HEIGHT)
    image = surface.grab().toImage()
    assert image.pixelColor(150 - 5, 250) == QColor(*class_colour(1))
    assert image.pixelColor(150 + 5, 250) == QColor(*class_colour(2))
    assert surface.wipe_at(QPointF(150, 9))


def test_moving_the_divider_redraws_what_it_passes(
    surface: Surface, flush: Callable[[], None]
) -> None:
    surface.set_view_mode("changes")
    surface.set_wipe(True)
    flush()
    surface.take_redrawn()
    surface.drag_wipe(QPointF(206, 100))
    flush()
    redrawn = surface.take_redrawn()
    assert redrawn.contains(QPointF(203, 250).toPoint())
    # Below the names and away from the handle: the strip alone.
    assert not redrawn.contains(QPointF(190, 250).toPoint())
    assert not redrawn.contains(QPointF(215, 250).toPoint())
    drawn = surface.grab().toImage()
    surface._composer.invalidate()
    surface.update()
    assert surface.grab().toImage() == drawn


@pytest.mark.parametrize("tones", [LIGHT, DARK])
def test_names_beside_the_divider_are_legible_in_light_and_in_dark(
    surface: Surface, tones: object
) -> None:
    assert tones in (LIGHT, DARK)
    palette: QPalette = palette_of(LIGHT if tones is LIGHT else DARK)
    surface.setPalette(palette)
    surface.set_view_mode("changes")
    surface.set_wipe(True)
    image = surface.grab().toImage()
    for left, right in ((120, 188), (212, 280)):
        levels = [
            image.pixelColor(x, y).lightness() for x in range(left, right) for y in range(14, 30)
        ]
        assert max(levels) - min(levels) > 150


def test_legends_tell_what_colours_mean(surface: Surface) -> None:
    texts = []
    for mode in MODES:
        surface.set_view_mode(mode)
        texts.append(surface._legend is not None)
    assert texts == [mode not in ("overlay", "contour", "mask", "cutout") for mode in MODES]
    surface.set_wipe(True)
    surface.set_view_mode("changes")
    assert surface._legend is None
    assert surface._wipe_bar is not None


# Pending changes and outlines


def test_a_preview_redraws_its_rectangle_and_leaves_the_mask_alone(
    surface: Surface, flush: Callable[[], None]
) -> None:
    before = surface.mask().copy()
    plain = surface.grab().toImage()
    surface.take_redrawn()
    surface._show_preview(Patch(50, 40, np.ones((20, 30), bool), 1))
    flush()
    redrawn = surface.take_redrawn().boundingRect()
    corners = surface.image_to_widget(50, 40), surface.image_to_widget(80, 60)
    assert redrawn.adjusted(-3, -3, 3, 3).contains(corners[0].toPoint())
    assert redrawn.width() <= corners[1].x() - corners[0].x() + 4
    assert redrawn.height() <= corners[1].y() - corners[0].y() + 4
    assert surface.grab().toImage() != plain
    np.testing.assert_array_equal(surface.mask(), before)
    surface._show_preview(None)
    flush()
    assert surface.grab().toImage() == plain


def test_an_outline_redraws_only_the_segments_that_changed(
    surface: Surface, flush: Callable[[], None]
) -> None:
    points = [(10.0, 10.0), (190.0, 12.0), (190.0, 140.0), (100.0, 140.0)]
    surface.set_outline(Outline(tuple(points)))
    flush()
    surface.take_redrawn()
    surface.set_outline(Outline((*points, (90.0, 130.0))))
    flush()
    redrawn = surface.take_redrawn()
    assert redrawn.contains(surface.image_to_widget(95, 135).toPoint())
    assert not redrawn.contains(surface.image_to_widget(100, 11).toPoint())
    assert not redrawn.contains(surface.image_to_widget(190, 80).toPoint())


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("handles", [False, True])
def test_an_outline_drawn_piece_by_piece_is_the_outline_drawn_at_once(
    surface: Surface, flush: Callable[[], None], closed: bool, handles: bool
) -> None:
    rng = np.random.default_rng(3)
    points = [tuple(p) for p in rng.uniform((0, 0), (COLUMNS, ROWS), (12, 2)).tolist()]
    outline = None
    for count in (1, 2, 3, 5, 6, 7, 12, 11, 8):
        outline = Outline(tuple(points[:count]), closed, handles)
        surface.set_outline(outline)
        flush()
    # What is on the screen after all these partial redraws, against a whole new painting.
    screen = surface.screen().grabWindow(surface.winId()).toImage()
    surface.update()
    flush()
    again = surface.screen().grabWindow(surface.winId()).toImage()
    assert screen == again
    surface.set_outline(None)
    flush()
    gone = surface.screen().grabWindow(surface.winId()).toImage()
    assert gone != screen
    surface.update()
    flush()
    assert surface.screen().grabWindow(surface.winId()).toImage() == gone


def test_an_outline_shows_on_light_and_on_dark(surface: Surface) -> None:
    for level in (0, 255):
        photo = np.full((ROWS, COLUMNS, 3), level, np.uint8)
        surface._show_photo(PhotoPyramid(photo), mask_of(0))
        surface.set_outline(Outline(((10, 75), (190, 75))))
        image = surface.grab().toImage()
        middle = surface.image_to_widget(100, 75).toPoint()
        column = [image.pixelColor(middle.x(), middle.y() + dy).lightness() for dy in range(-4, 5)]
        assert max(column) - min(column) > 100

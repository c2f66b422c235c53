"""Brush and eraser by mouse and pen: their shape, size, class, and what they may paint over."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from petseg_gui.core.brush import stroke
from petseg_gui.core.predictions import Prediction
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from tests.gui.pointing import (
    HEIGHT,
    LEFT,
    NONE,
    RIGHT,
    SHIFT,
    WIDTH,
    at,
    click,
    drag,
    draw,
    key,
    leave,
    move,
    painted,
    pen,
    pen_device,
    pen_drag,
    photo,
    pixels,
    press,
    release,
    session,
    wheel,
)

SHAPE = (HEIGHT, WIDTH)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_document(photo(), session())
    widget.set_brush_diameter(15)
    return widget


def stripes() -> np.ndarray:
    """A mask of all four values, in columns."""
    return np.broadcast_to(np.arange(WIDTH, dtype=np.uint8) // 10 % 4, SHAPE).copy()


@pytest.mark.parametrize("zoom", [0.6, 1.0, 5.3])
@pytest.mark.parametrize("square", [False, True])
def test_a_stroke_is_the_union_of_the_rings_positions(
    canvas: Canvas, zoom: float, square: bool
) -> None:
    canvas.set_tool_options(ToolOptions(square_brush=square))
    canvas.zoom_at(canvas.image_to_widget(160, 120), zoom / canvas.zoom)
    places = [QPointF(210.25, 180.5), QPointF(262.5, 231.75), QPointF(255, 160)]
    where = [canvas.widget_to_image(place) for place in places]
    drag(canvas, places)
    expected = painted(stroke(where, 15, 1, SHAPE, square=square))
    np.testing.assert_array_equal(canvas.mask(), expected)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    for x, y in where:
        dx, dy = np.abs(columns - x), np.abs(rows - y)
        under = (np.maximum(dx, dy) if square else np.hypot(dx, dy)) < 7.49
        assert (canvas.mask()[under] == 1).all()


@pytest.mark.parametrize("square", [False, True])
def test_the_event_rate_does_not_matter(canvas: Canvas, square: bool) -> None:
    canvas.set_tool_options(ToolOptions(square_brush=square))
    draw(canvas, [(60.5, 50.5), (250.5, 145.5)])
    few = canvas.mask().copy()
    canvas.set_document(photo(), session())
    draw(canvas, [(60.5 + 1.9 * i, 50.5 + 0.95 * i) for i in range(101)])
    np.testing.assert_array_equal(canvas.mask(), few)


@pytest.mark.parametrize("square", [False, True])
def test_the_ring_runs_where_the_paint_ends(canvas: Canvas, square: bool) -> None:
    canvas.set_tool_options(ToolOptions(square_brush=square))
    canvas.zoom_at(canvas.image_to_widget(160, 120), 8 / canvas.zoom)
    canvas.set_overlay_opacity(1)
    centre = QPointF(251.25, 203.5)
    leave(canvas)
    bare = pixels(canvas)
    move(canvas, centre, NONE)
    ring = (pixels(canvas) != bare).any(axis=2)
    click(canvas, centre)
    leave(canvas)
    paint = (pixels(canvas) == (230, 159, 0)).all(axis=2)
    rows, columns = np.mgrid[:400, :500] + 0.5
    dx, dy = np.abs(columns - centre.x()), np.abs(rows - centre.y())
    far = np.maximum(dx, dy) if square else np.hypot(dx, dy)
    radius = 15 * 8 / 2
    assert np.abs(far[ring] - radius).max() <= 2.6
    # (Here and there the mixed greys of its edge are the photo's own.)
    assert ring[np.abs(far - radius) < 0.5].mean() > 0.97
    # A photo pixel (8 by 8 here) is painted if its centre is in the ring.
    assert paint[far < radius - 4 * np.sqrt(2)].all()
    assert not paint[far > radius + 4 * np.sqrt(2)].any()


def test_a_size_on_the_screen_stays_so_and_comes_back(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.zoom_to_actual()
    canvas.set_brush_diameter(50)
    canvas.set_tool_options(ToolOptions(size_on_screen=True))
    sizes: list[float] = []
    canvas.brushDiameterChanged.connect(sizes.append)
    for _ in range(2):
        wheel(canvas, QPointF(200, 200))
    assert canvas.brush_diameter * canvas.zoom == pytest.approx(50)
    assert sizes == [pytest.approx(50 / 1.25), pytest.approx(50 / 1.25**2)]
    canvas.zoom_at(QPointF(200, 200), 64 / canvas.zoom)
    canvas.set_brush_diameter(10)
    for factor in (1 / 640, 640):
        canvas.zoom_at(QPointF(200, 200), factor)
    assert canvas.brush_diameter == pytest.approx(10)
    canvas.set_tool_options(ToolOptions())
    canvas.zoom_to_actual()
    assert canvas.brush_diameter == pytest.approx(10)


def test_a_size_beyond_the_limits_is_not_forgotten(canvas: Canvas) -> None:
    canvas.zoom_to_actual()
    canvas.set_brush_diameter(20)
    canvas.set_tool_options(ToolOptions(size_on_screen=True))
    middle = QPointF(250, 200)
    canvas.zoom_at(middle, 64)
    assert canvas.brush_diameter == 1.0
    canvas.zoom_at(middle, 1 / 64)
    assert canvas.brush_diameter == pytest.approx(20)


def test_the_size_follows_the_zoom_in_mid_drag(canvas: Canvas) -> None:
    canvas.zoom_to_actual()
    canvas.set_tool_options(ToolOptions(size_on_screen=True))
    a, b = at(canvas, (100, 100), (140, 100))
    press(canvas, a)
    canvas.zoom_at(a, 2)
    move(canvas, b)
    release(canvas, b)
    x, _ = canvas.widget_to_image(b)
    assert (canvas.mask() == 1)[:, int(x) - 2].sum() in (7, 8)


def test_shift_and_a_click_draw_a_straight_line_from_the_last_stroke(canvas: Canvas) -> None:
    document = session()
    canvas.set_document(photo(), document)
    draw(canvas, [(50, 60), (70, 80)])
    assert document.history.undo_name == "brush stroke"
    start = canvas.widget_to_image(at(canvas, (70, 80))[0])
    end = canvas.widget_to_image(at(canvas, (200, 130))[0])
    before = canvas.mask().copy()
    click(canvas, at(canvas, (200, 130))[0], keys=SHIFT)
    assert document.history.undo_name == "straight line"
    line = painted(stroke([start, end], 15, 1, SHAPE))
    np.testing.assert_array_equal(canvas.mask(), np.where(line == 1, 1, before))
    # The next line goes on from there.
    click(canvas, at(canvas, (200, 200))[0], keys=SHIFT)
    assert canvas.mask()[165, 200] == 1


def test_the_line_to_come_is_shown_while_shift_is_held(canvas: Canvas) -> None:
    draw(canvas, [(50, 60), (70, 80)])
    canvas.setFocus()
    (pointer,) = at(canvas, (200, 130))
    move(canvas, pointer, NONE)
    assert canvas._outline is None
    key(canvas, Qt.Key.Key_Shift)
    assert canvas._outline is not None
    assert not canvas._outline.closed
    first, last = canvas._outline.points
    assert first == pytest.approx((70, 80))
    assert last == pytest.approx((200, 130))
    move(canvas, at(canvas, (210, 130))[0], NONE, SHIFT)
    assert canvas._outline.points[1] == pytest.approx((210, 130))
    key(canvas, Qt.Key.Key_Shift, QEvent.Type.KeyRelease)
    assert canvas._outline is None


def test_no_line_comes_from_another_photo(canvas: Canvas) -> None:
    draw(canvas, [(50, 60), (70, 80)])
    other = session()
    canvas.set_document(photo(), other)
    click(canvas, at(canvas, (200, 130))[0], keys=SHIFT)
    assert other.history.undo_name == "brush stroke"
    assert (canvas.mask() == 1).sum() < 250


def test_the_pens_pressure_is_the_size(canvas: Canvas) -> None:
    canvas.set_brush_diameter(40)
    points = at(canvas, (60, 100), (160, 100), (260, 100))
    where = [canvas.widget_to_image(point) for point in points]
    pen_drag(canvas, list(zip(points, (0.25, 1.0, 0.5), strict=True)), pen_device())
    expected = painted(
        stroke(where[:1], 10, 1, SHAPE),
        stroke(where[:2], 1, 1, SHAPE, diameters=[10, 40]),
        stroke(where[1:], 1, 1, SHAPE, diameters=[40, 20]),
    )
    np.testing.assert_array_equal(canvas.mask(), expected)
    widths = (expected == 1).sum(axis=0)
    assert widths[62] < widths[110] < widths[159]
    assert widths[255] < widths[210] < widths[161]


@pytest.mark.parametrize("why", ["unwanted", "unknown"])
def test_pressure_can_be_left_out_of_account(canvas: Canvas, why: str) -> None:
    canvas.set_tool_options(ToolOptions(pressure=why != "unwanted"))
    device = pen_device(pressure=why != "unknown")
    points = at(canvas, (60, 100), (160, 100))
    pen_drag(canvas, [(points[0], 0.3), (points[1], 0.7)], device)
    where = [canvas.widget_to_image(point) for point in points]
    np.testing.assert_array_equal(canvas.mask(), painted(stroke(where, 15, 1, SHAPE)))


def test_the_pens_ring_is_what_it_paints(canvas: Canvas) -> None:
    device = pen_device()
    (point,) = at(canvas, (100, 100))
    pen(canvas, QEvent.Type.TabletMove, point, pressure=0, device=device, button=NONE)
    assert canvas._ring is not None
    full = canvas._ring.diameter
    pen(canvas, QEvent.Type.TabletPress, point, pressure=0.4, device=device)
    assert canvas._ring.diameter == pytest.approx(0.4 * full)
    pen(canvas, QEvent.Type.TabletRelease, point, pressure=0, device=device)
    assert canvas._ring.diameter == full


def test_the_pens_other_end_erases_and_its_button_paints_the_other_class(canvas: Canvas) -> None:
    document = session(value=1)
    canvas.set_document(photo(), document)
    points = [(point, 1.0) for point in at(canvas, (60, 100), (160, 100))]
    pen_drag(canvas, points, pen_device(eraser=True))
    assert document.history.undo_name == "eraser stroke"
    assert canvas.mask()[100, 100] == 2
    document.undo()
    canvas.set_label(2)
    pen_drag(canvas, points, pen_device(), RIGHT)
    assert (canvas.mask() == 1).all()
    canvas.set_tool("rectangle")
    canvas.set_label(3)
    corners = [(point, 1.0) for point in at(canvas, (60, 60), (160, 160))]
    pen_drag(canvas, corners, pen_device(eraser=True))
    assert canvas.mask()[100, 100] == 2


def test_a_pen_gives_the_canvas_the_keys(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.clearFocus()
    canvas.activateWindow()
    pen_drag(canvas, [(at(canvas, (60, 100))[0], 1.0)], pen_device())
    qtbot.waitUntil(canvas.hasFocus)


def test_only_over_holds_back_what_is_not_allowed(canvas: Canvas) -> None:
    document = session()
    document.apply("stripes", _whole(stripes()))
    canvas.set_document(photo(), document)
    canvas.set_tool_options(ToolOptions(only_over=frozenset({0, 3})))
    canvas.set_brush_diameter(60)
    draw(canvas, [(60, 100), (200, 100)])
    old, new = stripes(), canvas.mask()
    assert ((new == 1) & (old == 0)).sum() > 1000
    assert ((new == 1) & (old == 3)).sum() > 1000
    np.testing.assert_array_equal(new[old == 2], 2)
    np.testing.assert_array_equal(new[old == 1], 1)


def _whole(values: np.ndarray) -> object:
    from petseg_gui.core.mask import Patch

    return Patch(0, 0, np.ones(values.shape, np.bool_), values)


def test_restoring_paints_the_prediction(canvas: Canvas) -> None:
    predicted = stripes()
    predicted[predicted == 0] = 1
    canvas.set_prediction(Prediction("m", predicted, None))
    canvas.set_restoring(True)
    points = at(canvas, (60, 100), (200, 130))
    where = [canvas.widget_to_image(point) for point in points]
    drag(canvas, points)
    under = painted(stroke(where, 15, 0, SHAPE)) == 0
    np.testing.assert_array_equal(canvas.mask(), np.where(under, predicted, 2))
    # The right button still erases; the eraser's right one restores.
    drag(canvas, points, RIGHT)
    assert (canvas.mask() == 2).all()
    canvas.set_tool("eraser")
    drag(canvas, points, RIGHT)
    np.testing.assert_array_equal(canvas.mask(), np.where(under, predicted, 2))
    drag(canvas, points)
    assert (canvas.mask() == 2).all()


def test_without_a_prediction_restoring_is_refused_and_the_cursor_says_so(canvas: Canvas) -> None:
    canvas.set_restoring(True)
    refused = QSignalSpy(canvas.refused)
    assert canvas.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    move(canvas, QPointF(200, 200), NONE)
    assert canvas._ring is None
    document = session()
    canvas.set_document(photo(), document)
    draw(canvas, [(60, 100), (200, 130)])
    assert not document.edited
    assert refused.count() == 1
    assert refused.at(0) == ["No prediction of this photo yet"]
    canvas.set_prediction(Prediction("m", np.full(SHAPE, 1, np.uint8), None))
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    draw(canvas, [(60, 100), (200, 130)])
    assert document.history.undo_name == "brush stroke"


def test_a_brush_that_may_paint_over_nothing_is_refused(canvas: Canvas) -> None:
    refused = QSignalSpy(canvas.refused)
    canvas.set_tool_options(ToolOptions(only_over=frozenset()))
    assert canvas.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    click(canvas, QPointF(200, 200))
    assert refused.count() == 1
    assert (canvas.mask() == 2).all()


def test_a_second_button_does_not_disturb_a_drag(canvas: Canvas) -> None:
    a, b = at(canvas, (60, 100), (100, 100))
    press(canvas, a)
    press(canvas, a, RIGHT)
    move(canvas, b, LEFT | RIGHT)
    release(canvas, b, RIGHT)
    move(canvas, at(canvas, (140, 100))[0])
    release(canvas, b)
    assert set(np.unique(canvas.mask())) == {1, 2}
    assert canvas.mask()[100, 139] == 1

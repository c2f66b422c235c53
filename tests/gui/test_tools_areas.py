"""Lasso, polygon, rectangle, fill and smart select by raw events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from petseg_gui.core.mask import Patch
from petseg_gui.core.predictions import Prediction
from petseg_gui.core.session import EditSession
from petseg_gui.core.shapes import polygon_patch, rectangle_patch
from petseg_gui.core.smart import SmartStroke
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from tests.gui.pointing import (
    ALT,
    CTRL,
    HEIGHT,
    NONE,
    RIGHT,
    SHIFT,
    WIDTH,
    Point,
    assert_alike,
    at,
    claims,
    click,
    double_click,
    draw,
    key,
    leave,
    move,
    on_screen,
    painted,
    pen,
    pen_device,
    pen_drag,
    photo,
    pixels,
    press,
    release,
    session,
)

SHAPE = (HEIGHT, WIDTH)
LOOP: list[Point] = [(60, 60), (180.5, 70.25), (200, 160), (120, 190), (50, 150)]


@pytest.fixture
def document() -> EditSession:
    return session()


@pytest.fixture
def canvas(qtbot: QtBot, document: EditSession) -> Canvas:
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_document(photo(), document)
    return widget


def seen(canvas: Canvas, points: list[Point]) -> list[Point]:
    """Photo points as they are after their way through the widget."""
    return [canvas.widget_to_image(point) for point in at(canvas, *points)]


# Lasso


@pytest.mark.parametrize("zoom", [0.7, 1.3])
def test_the_lasso_fills_what_it_goes_round(
    canvas: Canvas, document: EditSession, zoom: float
) -> None:
    canvas.set_tool("lasso")
    canvas.zoom_at(QPointF(250, 200), zoom / canvas.zoom)
    draw(canvas, LOOP)
    patch = polygon_patch(seen(canvas, LOOP), 1, SHAPE)
    np.testing.assert_array_equal(canvas.mask(), painted(patch))
    assert document.history.undo_name == "lasso fill"
    document.undo()
    assert (canvas.mask() == 2).all()


def test_the_lassos_line_is_drawn_piece_by_piece_and_goes(canvas: Canvas) -> None:
    canvas.set_tool("lasso")
    bare = pixels(canvas)
    first, *others = at(canvas, *LOOP)
    press(canvas, first)
    for point in others:
        move(canvas, point)
        assert_alike(on_screen(canvas), pixels(canvas))
    assert (pixels(canvas) != bare).any(axis=2).sum() > 300
    assert key(canvas, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(on_screen(canvas), bare)
    assert (canvas.mask() == 2).all()
    release(canvas, others[-1])
    assert (canvas.mask() == 2).all()


@pytest.mark.parametrize("tool", ["lasso", "rectangle"])
def test_a_mere_click_encloses_nothing(canvas: Canvas, document: EditSession, tool: str) -> None:
    canvas.set_tool(tool)
    (point,) = at(canvas, (100, 100))
    click(canvas, point)
    press(canvas, point)
    move(canvas, point + QPointF(1, 1))
    release(canvas, point + QPointF(1, 1))
    assert not document.edited


def test_the_right_button_gives_the_other_class(canvas: Canvas, document: EditSession) -> None:
    document.apply("all", Patch(0, 0, np.ones(SHAPE, np.bool_), 1))
    canvas.set_tool("lasso")
    draw(canvas, LOOP, RIGHT)
    assert canvas.mask()[120, 120] == 2
    canvas.set_tool("rectangle")
    canvas.set_label(2)
    draw(canvas, [(50, 50), (200, 200)], RIGHT)
    assert canvas.mask()[120, 120] == 1


# Rectangle


def test_the_rectangle(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("rectangle")
    canvas.set_label(3)
    draw(canvas, [(150.5, 90), (100, 60), (40.25, 33.5)])
    a, b = seen(canvas, [(150.5, 90), (40.25, 33.5)])
    np.testing.assert_array_equal(canvas.mask(), painted(rectangle_patch(a, b, 3, SHAPE)))
    assert document.history.undo_name == "rectangle"


def test_shift_makes_a_square(canvas: Canvas) -> None:
    canvas.set_tool("rectangle")
    draw(canvas, [(100, 60), (41, 90)], keys=SHIFT)
    rows, columns = np.nonzero(canvas.mask() == 1)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (60, 118, 41, 99)


def test_the_rectangles_line_is_where_the_rectangle_will_be(canvas: Canvas) -> None:
    canvas.set_tool("rectangle")
    a, b = at(canvas, (60, 60), (160, 120))
    press(canvas, a)
    move(canvas, b)
    assert canvas._outline is not None
    assert canvas._outline.closed
    corners = np.array(canvas._outline.points)
    assert corners.min(axis=0) == pytest.approx([60, 60])
    assert corners.max(axis=0) == pytest.approx([160, 120])
    release(canvas, b)
    assert canvas._outline is None


# Polygon


def test_a_click_on_the_first_corner_closes_the_polygon(
    canvas: Canvas, document: EditSession
) -> None:
    canvas.set_tool("polygon")
    corners = at(canvas, *LOOP)
    for corner in corners:
        click(canvas, corner)
        assert not document.edited
    assert canvas.has_pending
    click(canvas, corners[0] + QPointF(5, -4))
    assert not canvas.has_pending
    patch = polygon_patch(seen(canvas, LOOP), 1, SHAPE)
    np.testing.assert_array_equal(canvas.mask(), painted(patch))
    assert document.history.undo_name == "polygon fill"
    assert document.history.depth == 1


@pytest.mark.parametrize("end", ["enter", "return", "double click", "settle", "tool", "pen"])
def test_other_ways_to_close_a_polygon(canvas: Canvas, document: EditSession, end: str) -> None:
    canvas.set_tool("polygon")
    corners = at(canvas, *LOOP)
    for corner in corners[:-1]:
        click(canvas, corner)
    if end == "double click":
        double_click(canvas, corners[-1])
    elif end == "pen":
        press_, up = QEvent.Type.TabletPress, QEvent.Type.TabletRelease
        for time in (1000, 1200):
            for kind in (press_, up):
                device = pen_device()
                pen(canvas, kind, corners[-1], pressure=1, device=device, timestamp=time)
    else:
        click(canvas, corners[-1])
        if end == "settle":
            canvas.settle()
        elif end == "tool":
            canvas.set_tool("brush")
        else:
            which = Qt.Key.Key_Enter if end == "enter" else Qt.Key.Key_Return
            assert claims(canvas, which)
            assert key(canvas, which)
    patch = polygon_patch(seen(canvas, LOOP), 1, SHAPE)
    np.testing.assert_array_equal(canvas.mask(), painted(patch))
    assert not canvas.has_pending
    assert document.history.depth == 1


def test_backspace_and_undo_take_corners_back(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("polygon")
    for corner in at(canvas, *LOOP, (300, 230), (10, 230)):
        click(canvas, corner)
    assert claims(canvas, Qt.Key.Key_Backspace)
    assert key(canvas, Qt.Key.Key_Backspace)
    assert claims(canvas, Qt.Key.Key_Z, CTRL)
    assert not claims(canvas, Qt.Key.Key_Z, CTRL | SHIFT)
    assert key(canvas, Qt.Key.Key_Z, keys=CTRL)
    key(canvas, Qt.Key.Key_Return)
    patch = polygon_patch(seen(canvas, LOOP), 1, SHAPE)
    np.testing.assert_array_equal(canvas.mask(), painted(patch))


def test_the_last_corner_taken_back_ends_the_polygon(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    click(canvas, at(canvas, (50, 50))[0])
    assert canvas.has_pending
    key(canvas, Qt.Key.Key_Backspace)
    assert not canvas.has_pending
    assert canvas._outline is None
    for which in (Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        assert not claims(canvas, which)


def test_escape_drops_a_polygon(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("polygon")
    bare = pixels(canvas)
    for corner in at(canvas, *LOOP):
        click(canvas, corner)
    assert (pixels(canvas) != bare).any()
    assert claims(canvas, Qt.Key.Key_Escape)
    key(canvas, Qt.Key.Key_Escape)
    assert not canvas.has_pending
    assert not document.edited
    leave(canvas)
    np.testing.assert_array_equal(pixels(canvas), bare)


def test_a_polygon_of_two_corners_waits_for_enter_but_not_for_another_tool(
    canvas: Canvas, document: EditSession
) -> None:
    canvas.set_tool("polygon")
    for corner in at(canvas, *LOOP[:2]):
        click(canvas, corner)
    assert claims(canvas, Qt.Key.Key_Return)
    key(canvas, Qt.Key.Key_Return)
    assert canvas.has_pending
    canvas.set_tool("brush")
    assert not canvas.has_pending
    assert not document.edited


def test_the_rubber_band_follows_the_pointer_and_the_zoom(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    for corner in at(canvas, *LOOP[:3]):
        click(canvas, corner)
    move(canvas, at(canvas, (77, 88))[0], NONE)
    assert canvas._outline is not None
    assert canvas._outline.handles
    assert canvas._outline.points[-1] == pytest.approx((77, 88))
    assert len(canvas._outline.points) == 4
    np.testing.assert_array_equal(on_screen(canvas), pixels(canvas))
    pointer = canvas.image_to_widget(77, 88)
    canvas.zoom_at(QPointF(10, 10), 1.7)
    x, y = canvas.widget_to_image(pointer)
    assert canvas._outline.points[-1] == pytest.approx((x, y))
    assert canvas._outline.points[:3] == pytest.approx(np.array(LOOP[:3]))


def test_the_photo_can_be_moved_while_a_polygon_is_open(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    for corner in at(canvas, *LOOP[:3]):
        click(canvas, corner)
    key(canvas, Qt.Key.Key_Space)
    draw(canvas, [(100, 100), (110, 105)])
    key(canvas, Qt.Key.Key_Space, QEvent.Type.KeyRelease)
    assert canvas.has_pending
    for corner in at(canvas, *LOOP[3:]):
        click(canvas, corner)
    key(canvas, Qt.Key.Key_Return)
    patch = polygon_patch(LOOP, 1, SHAPE)
    assert (canvas.mask() != painted(patch)).sum() <= 2  # corners went through the widget


def test_the_polygon_takes_the_class_chosen_when_it_closes(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    for corner in at(canvas, *LOOP):
        click(canvas, corner)
    canvas.set_label(3)
    key(canvas, Qt.Key.Key_Return)
    assert set(np.unique(canvas.mask())) == {2, 3}


# Fill


def test_fill_takes_the_region_of_the_mask(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("rectangle")
    canvas.set_label(3)
    draw(canvas, [(50, 50), (100, 100)])
    draw(canvas, [(150, 50), (200, 100)])
    canvas.set_tool("fill")
    canvas.set_label(1)
    click(canvas, at(canvas, (70, 70))[0])
    assert document.history.undo_name == "fill"
    assert (canvas.mask()[50:100, 50:100] == 1).all()
    assert (canvas.mask()[50:100, 150:200] == 3).all()
    click(canvas, at(canvas, (10, 10))[0])
    assert (canvas.mask() == 2).sum() == 0
    click(canvas, QPointF(2, 2))  # beside the photo
    assert document.history.depth == 4


def test_fill_by_colour_takes_the_region_of_the_photo(canvas: Canvas) -> None:
    picture = photo()
    picture[:, 100:] = 150
    picture[40:60, 120:140] = 200
    canvas.set_document(picture, session())
    canvas.set_tool("fill")
    canvas.set_tool_options(ToolOptions(fill_by_colour=True, fill_tolerance=10))
    click(canvas, at(canvas, (130, 50))[0])
    assert (canvas.mask() == 1).sum() == 400
    canvas.set_tool_options(ToolOptions(fill_by_colour=True, fill_tolerance=30))
    click(canvas, at(canvas, (20, 20))[0])
    assert (canvas.mask() == 1).all()


# Smart select


@pytest.mark.parametrize(
    ("button", "keys", "include"),
    [(Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, True), (RIGHT, SHIFT, False)],
)
def test_smart_select_asks_for_a_click(
    canvas: Canvas,
    document: EditSession,
    button: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
    include: bool,
) -> None:
    canvas.set_tool("smart")
    asked = QSignalSpy(canvas.selectionAsked)
    press(canvas, at(canvas, (100.5, 80.25))[0], button, keys)
    move(canvas, at(canvas, (101, 80.25))[0], button, keys)  # a hand that trembles
    release(canvas, at(canvas, (101, 80.25))[0], button, keys)
    assert asked.count() == 1
    (stroke,) = asked.at(0)
    assert isinstance(stroke, SmartStroke)
    assert stroke.points == (pytest.approx((100.5, 80.25)),)
    assert stroke.include is include
    assert not stroke.box
    assert not document.edited


def test_smart_select_asks_for_a_stroke_or_a_box(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    asked = QSignalSpy(canvas.selectionAsked)
    draw(canvas, LOOP, keys=ALT)
    canvas.set_tool_options(ToolOptions(smart_box=True))
    draw(canvas, LOOP)
    assert asked.count() == 2
    stroke, box = asked.at(0)[0], asked.at(1)[0]
    assert len(stroke.points) == len(LOOP)
    assert not stroke.include
    assert not stroke.box
    assert box.box
    assert box.include
    assert np.array(box.points) == pytest.approx(np.array([LOOP[0], LOOP[-1]]))


def test_escape_asks_for_nothing(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    asked = QSignalSpy(canvas.selectionAsked)
    press(canvas, at(canvas, (60, 60))[0])
    move(canvas, at(canvas, (100, 60))[0])
    assert canvas._outline is not None
    assert key(canvas, Qt.Key.Key_Escape)
    release(canvas, at(canvas, (100, 60))[0])
    assert asked.count() == 0
    assert canvas._outline is None


# All of them


AREAS: dict[str, list[Point]] = {
    "lasso": LOOP,
    "rectangle": [(50, 50), (200, 190)],
    "polygon": LOOP,
    "fill": [(120, 120)],
}


def use(canvas: Canvas, tool: str, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    canvas.set_tool(tool)
    if tool == "polygon":
        for corner in at(canvas, *AREAS[tool]):
            click(canvas, corner, button)
        key(canvas, Qt.Key.Key_Return)
    else:
        draw(canvas, AREAS[tool], button)


@pytest.mark.parametrize("tool", AREAS)
def test_every_area_tool_restores_the_prediction(canvas: Canvas, tool: str) -> None:
    predicted = np.broadcast_to(np.arange(WIDTH, dtype=np.uint8) // 10 % 3 + 1, SHAPE).copy()
    use(canvas, tool)
    under = canvas.mask() == 1
    canvas.set_document(photo(), session())
    canvas.set_restoring(True)
    refused = QSignalSpy(canvas.refused)
    use(canvas, tool)
    assert refused.count() >= 1
    assert (canvas.mask() == 2).all()
    canvas.set_prediction(Prediction("m", predicted, None))
    use(canvas, tool)
    np.testing.assert_array_equal(canvas.mask(), np.where(under, predicted, 2))


@pytest.mark.parametrize("tool", AREAS)
def test_every_area_tool_paints_only_over_what_it_may(canvas: Canvas, tool: str) -> None:
    use(canvas, tool)
    under = canvas.mask() == 1
    values = np.full(SHAPE, 2, np.uint8)
    if tool != "fill":
        values[:, 100:] = 3
    document = EditSession("cat.jpg", values)
    canvas.set_document(photo(), document)
    canvas.set_tool_options(ToolOptions(only_over=frozenset({3})))
    use(canvas, tool)
    np.testing.assert_array_equal(canvas.mask(), np.where(under & (values == 3), 1, values))


@pytest.mark.parametrize("tool", AREAS)
def test_every_area_tool_works_with_a_pen(canvas: Canvas, tool: str) -> None:
    use(canvas, tool)
    by_mouse = canvas.mask().copy()
    canvas.set_document(photo(), session())
    points = [(point, 0.4) for point in at(canvas, *AREAS[tool])]
    if tool == "polygon":
        for point in points:
            pen_drag(canvas, [point], pen_device())
        canvas.settle()
    else:
        pen_drag(canvas, points, pen_device())
    np.testing.assert_array_equal(canvas.mask(), by_mouse)

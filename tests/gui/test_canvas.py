"""The canvas by raw mouse, wheel and key events: strokes, undo, Escape, zoom, pan, signals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Rect
from petseg_gui.ui.canvas import Canvas, PhotoPyramid
from tests.gui.pointing import (
    HEIGHT,
    LEFT,
    MIDDLE,
    NONE,
    RIGHT,
    WIDTH,
    drag,
    key,
    move,
    on_screen,
    painted,
    photo,
    pixels,
    press,
    release,
    session,
    wheel,
)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_document(photo(), session())
    widget.set_brush_diameter(9)
    return widget


def stroked(points: list[tuple[float, float]], diameter: float, value: int) -> np.ndarray:
    """The mask after one stroke, by the brush alone."""
    return painted(stroke(points, diameter, value, (HEIGHT, WIDTH)))


@pytest.mark.parametrize("zoom", [0.4, 1.0, 1.37, 6.0, 40.0])
@pytest.mark.parametrize("diameter", [1.0, 7.5, 61.0])
def test_a_drag_paints_exactly_the_pixels_of_the_stroke(
    canvas: Canvas, zoom: float, diameter: float
) -> None:
    canvas.zoom_at(canvas.image_to_widget(160, 120), zoom / canvas.zoom)
    canvas.set_brush_diameter(diameter)
    canvas.set_label(3)
    points = [QPointF(210, 180), QPointF(260.5, 230), QPointF(255, 160)]
    where = [canvas.widget_to_image(point) for point in points]
    drag(canvas, points)
    expected = stroked(where, diameter, 3)
    assert (expected == 3).any()
    np.testing.assert_array_equal(canvas.mask(), expected)


def test_the_screen_shows_the_stroke_and_nothing_else_changed(canvas: Canvas) -> None:
    canvas.zoom_to_actual()
    canvas.set_overlay_opacity(1.0)
    drag(canvas, [QPointF(200, 200), QPointF(260, 210)])
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))  # no ring in the picture
    shown = pixels(canvas)
    orange = (shown == (230, 159, 0)).all(axis=2)
    for row, column in np.ndindex(400, 500):
        x, y = canvas.widget_to_image(QPointF(column + 0.5, row + 0.5))
        inside = 0 <= x < WIDTH and 0 <= y < HEIGHT
        assert orange[row, column] == (inside and canvas.mask()[int(y), int(x)] == 1)
    assert orange.sum() == (canvas.mask() == 1).sum()


@pytest.mark.parametrize("diameter", [12.0, 47.0])
def test_the_ring_lies_on_the_edge_of_what_is_painted(canvas: Canvas, diameter: float) -> None:
    canvas.zoom_at(canvas.image_to_widget(160, 120), 4 / canvas.zoom)
    canvas.set_overlay_opacity(0)
    canvas.set_brush_diameter(diameter)
    centre = QPointF(251, 203)
    move(canvas, centre, NONE)
    with_ring = pixels(canvas)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    rows, columns = np.nonzero((with_ring != pixels(canvas)).any(axis=2))
    radii = np.hypot(columns + 0.5 - centre.x(), rows + 0.5 - centre.y())
    assert radii.min() >= diameter * 2 - 3
    assert radii.max() <= diameter * 2 + 3
    press(canvas, centre)
    release(canvas, centre)
    edge = canvas.image_to_widget(*(float(v) for v in np.argwhere(canvas.mask() == 1).max(0)[::-1]))
    assert edge.x() + 4 - centre.x() == pytest.approx(diameter * 2, abs=4)


def test_a_tiny_or_a_huge_brush_still_shows_where_the_pointer_is(canvas: Canvas) -> None:
    for diameter in (1.0, 2000.0):
        canvas.zoom_to_actual()
        canvas.set_brush_diameter(diameter)
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        without = pixels(canvas)
        move(canvas, QPointF(250, 200), NONE)
        changed = (pixels(canvas) != without).any(axis=2)
        assert changed[195:206, 245:256].any()
        assert changed.sum() < 200


@pytest.mark.parametrize("zoom", [0.7, 1.0, 3.3, 12.0])
def test_the_parts_redrawn_by_each_event_add_up_to_the_whole(canvas: Canvas, zoom: float) -> None:
    document = session()
    canvas.set_document(photo(), document)
    canvas.zoom_at(QPointF(250, 200), zoom / canvas.zoom)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    empty = on_screen(canvas)
    for x in range(180, 300, 13):
        move(canvas, QPointF(x, 150), NONE)
        np.testing.assert_array_equal(on_screen(canvas), pixels(canvas))
    for diameter in (3, 55):
        canvas.set_brush_diameter(diameter)
        press(canvas, QPointF(200, 200))
        for x in range(205, 300, 17):
            move(canvas, QPointF(x, x))
            np.testing.assert_array_equal(on_screen(canvas), pixels(canvas))
        release(canvas, QPointF(290, 290))
    canvas.refresh(document.undo())
    canvas.refresh(document.undo())
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    np.testing.assert_array_equal(on_screen(canvas), empty)


def test_the_right_button_paints_the_other_class(canvas: Canvas) -> None:
    canvas.set_document(photo(), session(value=1))
    drag(canvas, [QPointF(200, 200), QPointF(230, 200)], RIGHT)
    assert set(np.unique(canvas.mask())) == {1, 2}
    canvas.set_document(photo(), session(value=2))
    canvas.set_label(2)
    drag(canvas, [QPointF(200, 200), QPointF(230, 200)], RIGHT)
    assert set(np.unique(canvas.mask())) == {1, 2}


def test_the_eraser_paints_background(canvas: Canvas) -> None:
    canvas.set_document(photo(), session(value=3))
    canvas.set_tool("eraser")
    drag(canvas, [QPointF(200, 200), QPointF(230, 200)])
    assert set(np.unique(canvas.mask())) == {2, 3}


def test_a_drag_is_one_step_of_undo(canvas: Canvas, qtbot: QtBot) -> None:
    document = session()
    canvas.set_document(photo(), document)
    with qtbot.waitSignal(canvas.gestureCommitted):
        drag(canvas, [QPointF(x, 200) for x in range(100, 300, 20)])
    before = pixels(canvas)
    rect = document.undo()
    canvas.refresh(rect)
    assert (canvas.mask() == 2).all()
    assert (pixels(canvas) != before).any()
    assert document.undo() is None
    canvas.refresh(document.redo())
    np.testing.assert_array_equal(pixels(canvas), before)


def test_a_drag_that_changes_nothing_is_no_gesture(canvas: Canvas) -> None:
    committed: list[bool] = []
    canvas.gestureCommitted.connect(lambda: committed.append(True))
    drag(canvas, [QPointF(200, 200), QPointF(230, 200)], RIGHT)
    assert committed == []


def test_escape_takes_the_drag_back_and_only_then_is_ours(canvas: Canvas) -> None:
    assert not key(canvas, Qt.Key.Key_Escape)
    press(canvas, QPointF(200, 200))
    move(canvas, QPointF(240, 200))
    assert (canvas.mask() == 1).any()
    assert key(canvas, Qt.Key.Key_Escape, QEvent.Type.ShortcutOverride)
    assert key(canvas, Qt.Key.Key_Escape)
    assert (canvas.mask() == 2).all()
    move(canvas, QPointF(280, 200))
    release(canvas, QPointF(280, 200))
    assert (canvas.mask() == 2).all()


def hide(canvas: Canvas) -> None:
    canvas.hide()


def disable(canvas: Canvas) -> None:
    canvas.setEnabled(False)


def lose_focus(canvas: Canvas) -> None:
    canvas.setFocus()
    canvas.clearFocus()


def lose_grab(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.UngrabMouse))


def move_without_button(canvas: Canvas) -> None:
    move(canvas, QPointF(300, 300), NONE)


def next_photo(canvas: Canvas) -> None:
    canvas.set_document(photo(50, 60), session(height=50, width=60))


def new_prediction(canvas: Canvas) -> None:
    canvas.set_session(session(3))


def close_photo(canvas: Canvas) -> None:
    canvas.clear_document()


@pytest.mark.parametrize(
    "interrupt",
    [
        hide,
        disable,
        lose_focus,
        lose_grab,
        move_without_button,
        next_photo,
        new_prediction,
        close_photo,
    ],
)
def test_whatever_interrupts_a_drag_loses_no_stroke(
    canvas: Canvas, qtbot: QtBot, interrupt: Callable[[Canvas], None]
) -> None:
    document = session()
    canvas.set_document(photo(), document)
    canvas.setFocus()
    press(canvas, QPointF(200, 200))
    move(canvas, QPointF(240, 200))
    with qtbot.waitSignal(canvas.gestureCommitted):
        interrupt(canvas)
    assert not document.in_gesture
    stroke_so_far = document.view().copy()
    assert (stroke_so_far == 1).any()
    move(canvas, QPointF(270, 300))
    np.testing.assert_array_equal(document.view(), stroke_so_far)
    assert document.undo() is not None
    assert (document.view() == 2).all()


def test_mask_changed_tells_where(canvas: Canvas) -> None:
    rects: list[Rect] = []
    canvas.maskChanged.connect(rects.append)
    drag(canvas, [QPointF(200, 200), QPointF(230, 215)])
    changed = np.argwhere(canvas.mask() == 1)
    whole = rects[0]
    for rect in rects[1:]:
        whole = whole.united(rect)
    assert (whole.y, whole.x) == tuple(changed.min(axis=0))
    assert (whole.bottom - 1, whole.right - 1) == tuple(changed.max(axis=0))


@pytest.mark.parametrize("cursor", [(10.0, 20.0), (251.0, 203.0), (480.0, 390.0)])
def test_the_wheel_zooms_at_the_cursor(canvas: Canvas, cursor: tuple[float, float]) -> None:
    canvas.zoom_at(QPointF(250, 200), 6)
    point = QPointF(*cursor)
    before, zoom = canvas.widget_to_image(point), canvas.zoom
    for _ in range(4):
        wheel(canvas, point)
    assert canvas.zoom == pytest.approx(zoom * 1.25**4)
    assert canvas.widget_to_image(point) == pytest.approx(before, abs=1 / zoom)


def test_shift_and_the_wheel_set_the_brush(canvas: Canvas, qtbot: QtBot) -> None:
    zoom = canvas.zoom
    with qtbot.waitSignal(canvas.brushDiameterChanged):
        wheel(canvas, QPointF(200, 200), 1, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.brush_diameter == pytest.approx(9 * 1.15)
    assert canvas.zoom == zoom


@pytest.mark.parametrize(("wished", "got"), [(0.2, 1.0), (50.0, 50.0), (1e9, 2000.0)])
def test_the_brush_is_clamped(canvas: Canvas, wished: float, got: float) -> None:
    canvas.set_brush_diameter(wished)
    assert canvas.brush_diameter == got


def test_the_brush_can_grow_in_mid_drag(canvas: Canvas) -> None:
    a, b = QPointF(200, 200), QPointF(300, 200)
    press(canvas, a)
    canvas.set_brush_diameter(41)
    move(canvas, b)
    release(canvas, b)
    assert (canvas.mask() == 1)[:, int(canvas.widget_to_image(b)[0])].sum() in (41, 42)


@pytest.mark.parametrize("by", ["middle", "space"])
def test_the_photo_can_be_dragged(canvas: Canvas, by: str) -> None:
    canvas.zoom_at(QPointF(250, 200), 3)
    before = canvas.image_to_widget(100, 100)
    button = MIDDLE if by == "middle" else LEFT
    if by == "space":
        assert key(canvas, Qt.Key.Key_Space)
    drag(canvas, [QPointF(200, 200), QPointF(230, 190), QPointF(245, 260)], button)
    key(canvas, Qt.Key.Key_Space, QEvent.Type.KeyRelease)
    assert canvas.image_to_widget(100, 100) == before + QPointF(45, 60)
    assert (canvas.mask() == 2).all()
    drag(canvas, [QPointF(200, 200), QPointF(230, 190)])
    assert (canvas.mask() == 1).any()


def test_two_fingers_move_the_photo_and_a_pinch_zooms(canvas: Canvas) -> None:
    canvas.zoom_at(QPointF(250, 200), 3)
    before = canvas.image_to_widget(100, 100)
    finger = QPointingDevice.PointerType.Finger
    pad = QPointingDevice(
        "pad",
        9,
        QInputDevice.DeviceType.TouchPad,
        finger,
        QInputDevice.Capability.Scroll | QInputDevice.Capability.PixelScroll,
        2,
        1,
    )
    place = QPointF(200, 200)
    wheel_event = QWheelEvent(
        place,
        canvas.mapToGlobal(place),
        QPoint(-7, 12),
        QPoint(-14, 24),
        NONE,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.ScrollUpdate,
        False,
        Qt.MouseEventSource.MouseEventNotSynthesized,
        pad,
    )
    QApplication.sendEvent(canvas, wheel_event)
    assert canvas.image_to_widget(100, 100) == before + QPointF(-7, 12)
    zoom, held = canvas.zoom, canvas.widget_to_image(place)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        pad,
        2,
        place,
        place,
        canvas.mapToGlobal(place),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(canvas, pinch)
    assert canvas.zoom == pytest.approx(1.25 * zoom)
    assert canvas.widget_to_image(place) == pytest.approx(held, abs=1 / zoom)


def test_a_resize_does_not_move_the_middle(canvas: Canvas) -> None:
    canvas.zoom_at(QPointF(250, 200), 4)
    middle = canvas.widget_to_image(QPointF(250, 200))
    canvas.resize(333, 601)
    assert canvas.widget_to_image(QPointF(166.5, 300.5)) == pytest.approx(middle, abs=0.5)


def test_zoom_commands(canvas: Canvas) -> None:
    zooms: list[float] = []
    canvas.zoomChanged.connect(zooms.append)
    fitted = canvas.zoom
    canvas.zoom_to_actual()
    canvas.zoom_in()
    canvas.zoom_out()
    canvas.zoom_to_fit()
    assert zooms == pytest.approx([1.0, 2**0.5, 1.0, fitted])


def test_the_pointer_is_reported_in_photo_pixels(canvas: Canvas) -> None:
    seen: list[object] = []
    canvas.pointerMoved.connect(seen.append)
    inside = canvas.image_to_widget(12.5, 34.5)
    move(canvas, inside, NONE)
    move(canvas, inside + QPointF(0.1, 0), NONE)
    move(canvas, QPointF(1, 1), NONE)
    move(canvas, inside, NONE)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert seen == [(12, 34), None, (12, 34), None]


def test_the_pixel_under_a_resting_pointer_changes_with_the_zoom(canvas: Canvas) -> None:
    move(canvas, QPointF(200, 200), NONE)
    seen: list[object] = []
    canvas.pointerMoved.connect(seen.append)
    canvas.zoom_at(QPointF(400, 300), 3)
    x, y = canvas.widget_to_image(QPointF(200, 200))
    assert seen == [(int(x), int(y))]


def test_overlay_and_classes_can_be_hidden(canvas: Canvas) -> None:
    canvas.set_document(photo(), session(value=1))
    middle = (200, 250)
    grey = [128, 128, 128]
    assert pixels(canvas)[middle].tolist() != grey
    canvas.set_label_visible(1, False)
    assert pixels(canvas)[middle].tolist() == grey
    canvas.set_label_visible(1, True)
    canvas.set_overlay_visible(False)
    assert pixels(canvas)[middle].tolist() == grey
    canvas.set_overlay_visible(True)
    canvas.set_overlay_opacity(7)
    assert pixels(canvas)[middle].tolist() == [230, 159, 0]


def test_background_is_clear_unless_shown(canvas: Canvas) -> None:
    assert pixels(canvas)[200, 250].tolist() == [128, 128, 128]
    canvas.set_label_visible(2, True)
    assert pixels(canvas)[200, 250].tolist() != [128, 128, 128]


def test_the_surroundings_follow_the_theme_until_chosen(canvas: Canvas) -> None:
    palette = canvas.palette()
    palette.setColor(palette.ColorRole.Window, QColor(40, 40, 40))
    canvas.setPalette(palette)
    assert pixels(canvas)[1, 1].tolist() == [35, 35, 35]
    canvas.set_background(QColor(1, 2, 3))
    palette.setColor(palette.ColorRole.Window, QColor(200, 200, 200))
    canvas.setPalette(palette)
    assert pixels(canvas)[1, 1].tolist() == [1, 2, 3]


def test_without_a_photo_events_do_nothing(canvas: Canvas) -> None:
    canvas.clear_document()
    assert not canvas.has_document
    assert canvas.mask().shape == (0, 0)
    zoom = canvas.zoom
    drag(canvas, [QPointF(200, 200), QPointF(230, 200)])
    wheel(canvas, QPointF(200, 200))
    canvas.refresh(None)
    assert canvas.zoom == zoom
    assert len(np.unique(pixels(canvas).reshape(-1, 3), axis=0)) == 1


def test_the_mask_cannot_be_written_through_the_canvas(canvas: Canvas) -> None:
    with pytest.raises(ValueError, match="read-only"):
        canvas.mask()[0, 0] = 1


def test_a_refused_document_leaves_the_present_one(canvas: Canvas) -> None:
    before = canvas.mask()
    with pytest.raises(ValueError, match="rows and columns"):
        canvas.set_document(photo(10, 10), session())
    with pytest.raises(ValueError, match="rows and columns"):
        canvas.set_session(session(height=10, width=10))
    assert canvas.mask() is before
    canvas.clear_document()
    with pytest.raises(ValueError, match="no photo"):
        canvas.set_session(session())


def test_a_new_session_keeps_the_view(canvas: Canvas) -> None:
    canvas.zoom_at(QPointF(100, 100), 3)
    before = canvas.image_to_widget(5, 5)
    canvas.set_session(session(value=3))
    assert canvas.image_to_widget(5, 5) == before
    assert (canvas.mask() == 3).all()


def test_a_prepared_pyramid_will_do(canvas: Canvas) -> None:
    canvas.set_document(PhotoPyramid(photo(60, 80)), session(height=60, width=80))
    assert canvas.mask().shape == (60, 80)


def test_tools_that_are_not_there_are_refused(canvas: Canvas) -> None:
    with pytest.raises(ValueError, match="no tool"):
        canvas.set_tool("hammer")
    assert canvas.tool == "brush"


@pytest.mark.parametrize("value", [0, 4, -1])
def test_only_classes_can_be_painted(canvas: Canvas, value: int) -> None:
    with pytest.raises(ValueError, match="1, 2 or 3"):
        canvas.set_label(value)
    with pytest.raises(ValueError, match="1, 2 or 3"):
        canvas.set_label_visible(value, True)


def test_the_ring_replaces_the_cursor(canvas: Canvas) -> None:
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    key(canvas, Qt.Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    key(canvas, Qt.Key.Key_Space, QEvent.Type.KeyRelease)
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    canvas.setEnabled(False)
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    canvas.setEnabled(True)
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    canvas.clear_document()
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_an_event_on_a_48_megapixel_photo_composes_no_more_than_its_patch(canvas: Canvas) -> None:
    canvas.set_document(photo(6000, 8000), session(height=6000, width=8000))
    canvas.zoom_to_actual()
    canvas.set_brush_diameter(120)
    press(canvas, QPointF(200, 200))
    QApplication.processEvents()
    before = canvas._composer.composed
    move(canvas, QPointF(206, 203))
    QApplication.processEvents()
    assert 0 < canvas._composer.composed - before <= 127 * 124


def test_names(canvas: Canvas) -> None:
    assert canvas.objectName() == "canvas"
    assert canvas.accessibleName() == "Photo and mask"
    assert canvas.focusPolicy() == Qt.FocusPolicy.StrongFocus

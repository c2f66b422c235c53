"""Pending changes: shown, accepted, dropped, settled; and which keys they take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from petseg_gui.core.border import border_patch
from petseg_gui.core.brush import stroke
from petseg_gui.core.mask import Patch
from petseg_gui.core.predictions import Prediction
from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from tests.gui.pointing import (
    CTRL,
    HEIGHT,
    LEFT,
    WIDTH,
    at,
    claims,
    click,
    double_click,
    draw,
    key,
    leave,
    move,
    painted,
    photo,
    pixels,
    press,
    session,
)

SHAPE = (HEIGHT, WIDTH)
ENDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


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


def patch(value: int = 1, x: int = 60) -> Patch:
    selection = np.zeros((50, 70), np.bool_)
    selection[5:45, 5:65] = True
    return Patch(x, 80, selection, value)


def test_a_preview_is_shown_but_not_made(canvas: Canvas, document: EditSession) -> None:
    bare = pixels(canvas)
    assert canvas.set_preview(patch(), "grow")
    assert canvas.preview is not None
    assert canvas.has_pending
    changed = (pixels(canvas) != bare).any(axis=2)
    assert changed.sum() > 1000
    assert (canvas.mask() == 2).all()
    assert not document.in_gesture
    assert canvas.set_preview(None)
    assert not canvas.has_pending
    np.testing.assert_array_equal(pixels(canvas), bare)


@pytest.mark.parametrize("keep", [False, True])
def test_accepting_makes_it_one_step_of_undo(
    canvas: Canvas, document: EditSession, keep: bool
) -> None:
    ended, committed = QSignalSpy(canvas.previewEnded), QSignalSpy(canvas.gestureCommitted)
    assert not canvas.accept_preview()
    canvas.set_preview(patch(), "grow", keep=keep)
    assert canvas.accept_preview()
    np.testing.assert_array_equal(canvas.mask(), painted(patch()))
    assert document.history.undo_name == "grow"
    assert ended.count() == committed.count() == 1
    assert ended.at(0) == [True]
    document.undo()
    assert (canvas.mask() == 2).all()
    assert not canvas.has_pending


def test_dropping_changes_nothing(canvas: Canvas, document: EditSession) -> None:
    ended = QSignalSpy(canvas.previewEnded)
    assert not canvas.drop_preview()
    canvas.set_preview(patch(), "grow")
    assert canvas.drop_preview()
    assert not document.edited
    assert ended.count() == 1
    assert ended.at(0) == [False]


def test_a_preview_that_changes_nothing_is_no_step(canvas: Canvas, document: EditSession) -> None:
    canvas.set_preview(patch(2), "grow")
    assert not canvas.accept_preview()
    assert document.history.depth == 0


def other_tool(canvas: Canvas) -> None:
    canvas.set_tool("lasso")


def other_photo(canvas: Canvas) -> None:
    canvas.set_document(photo(), session())


def no_photo(canvas: Canvas) -> None:
    canvas.clear_document()


def a_stroke(canvas: Canvas) -> None:
    draw(canvas, [(20, 20), (30, 20)])


def a_command(canvas: Canvas) -> None:
    canvas.apply("border", patch(3, x=200))


def settled(canvas: Canvas) -> None:
    canvas.settle()


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    "elsewhere", [other_tool, other_photo, no_photo, a_stroke, a_command, settled]
)
def test_who_turns_elsewhere_gets_what_is_to_be_kept(
    canvas: Canvas, document: EditSession, elsewhere: Callable[[Canvas], None], keep: bool
) -> None:
    ended = QSignalSpy(canvas.previewEnded)
    canvas.set_preview(patch(), "smart select", keep=keep)
    elsewhere(canvas)
    assert not canvas.has_pending
    assert ended.count() == 1
    assert ended.at(0) == [keep]
    assert (document.view()[90:120, 80:110] == (1 if keep else 2)).all()


def test_a_smart_gesture_refines_what_is_to_be_kept(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("smart")
    canvas.set_preview(patch(), "smart select", keep=True)
    asked = QSignalSpy(canvas.selectionAsked)
    click(canvas, at(canvas, (100, 100))[0])
    assert canvas.has_pending
    assert asked.count() == 1
    assert not document.edited
    canvas.set_preview(patch(x=70), "smart select", keep=True)
    assert not document.edited
    # A look at what a command would do is not refined by it, but ends.
    canvas.settle()
    canvas.set_preview(patch(3), "grow")
    click(canvas, at(canvas, (100, 100))[0])
    assert not canvas.has_pending
    assert document.history.depth == 1


def test_anothers_preview_does_not_replace_what_is_to_be_kept(
    canvas: Canvas, document: EditSession
) -> None:
    canvas.set_preview(patch(), "smart select", keep=True)
    canvas.set_preview(patch(3, x=200), "grow")
    assert document.history.undo_name == "smart select"
    assert canvas.has_pending


def test_another_mask_of_the_photo_keeps_a_selection_and_drops_a_look(canvas: Canvas) -> None:
    ended = QSignalSpy(canvas.previewEnded)
    canvas.set_preview(patch(), "smart select", keep=True)
    fresh = session(3)
    canvas.set_session(fresh)
    assert canvas.has_pending
    assert not fresh.edited
    canvas.accept_preview()
    assert canvas.mask()[100, 100] == 1
    canvas.set_preview(patch(2), "shrink")
    canvas.set_session(session())
    assert not canvas.has_pending
    assert ended.count() == 2


def test_what_comes_late_for_another_photo_does_not_land(
    canvas: Canvas, document: EditSession
) -> None:
    asked_of = canvas.photo
    assert canvas.set_preview(patch(), "smart select", keep=True, of=asked_of)
    canvas.drop_preview()
    other = session()
    canvas.set_document(photo(), other)
    assert not canvas.set_preview(patch(), "smart select", keep=True, of=asked_of)
    assert not canvas.apply("border", patch(), of=asked_of)
    assert not canvas.has_pending
    assert not other.edited
    assert not document.edited
    assert canvas.apply("border", patch(), of=canvas.photo)


def test_without_a_photo_nothing_can_be_pending(canvas: Canvas) -> None:
    canvas.clear_document()
    assert canvas.photo is None
    assert not canvas.set_preview(patch(), "grow")
    assert not canvas.apply("grow", patch())
    assert not canvas.has_pending
    canvas.settle()


@pytest.mark.parametrize("keep", [False, True])
def test_keys_are_taken_only_while_something_is_pending(canvas: Canvas, keep: bool) -> None:
    everything = (*ENDING, Qt.Key.Key_Backspace)
    assert not any(claims(canvas, which) for which in everything)
    assert not claims(canvas, Qt.Key.Key_Z, CTRL)
    canvas.set_preview(patch(), "smart select", keep=keep)
    assert all(claims(canvas, which) for which in ENDING)
    assert claims(canvas, Qt.Key.Key_Z, CTRL)
    assert claims(canvas, Qt.Key.Key_Backspace) is keep
    assert not claims(canvas, Qt.Key.Key_Return, CTRL)
    assert not claims(canvas, Qt.Key.Key_Z)
    canvas.drop_preview()
    assert not any(claims(canvas, which) for which in everything)


def test_during_a_drag_only_escape_is_taken(canvas: Canvas) -> None:
    press(canvas, at(canvas, (100, 100))[0])
    assert claims(canvas, Qt.Key.Key_Escape)
    assert not claims(canvas, Qt.Key.Key_Return)
    assert not claims(canvas, Qt.Key.Key_Z, CTRL)


def test_shortcuts_of_the_window_wait_while_something_is_pending(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    canvas = Canvas(window)
    canvas.setGeometry(0, 0, 400, 300)
    fired: list[str] = []
    for keys in ("Return", "Ctrl+Z", "Backspace", "Esc"):
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.activated.connect(lambda keys=keys: fired.append(keys))
    window.resize(400, 300)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    canvas.set_document(photo(), session())
    canvas.setFocus()
    canvas.set_tool("polygon")
    for corner in at(canvas, (50, 50), (150, 60), (100, 150), (60, 120)):
        click(canvas, corner)
    QTest.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert fired == []
    assert (canvas.mask() == 1).any()
    assert not canvas.has_pending
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    QTest.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert fired == ["Return", "Ctrl+Z", "Backspace", "Esc"]


@pytest.mark.parametrize("which", ENDING)
def test_enter_accepts_and_escape_drops(
    canvas: Canvas, document: EditSession, which: Qt.Key
) -> None:
    canvas.set_preview(patch(), "grow")
    assert key(canvas, which)
    assert document.edited is (which != Qt.Key.Key_Escape)
    assert not canvas.has_pending


def test_escape_takes_back_the_drag_before_the_preview(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    canvas.set_preview(patch(), "smart select", keep=True)
    press(canvas, at(canvas, (100, 100))[0])
    key(canvas, Qt.Key.Key_Escape)
    assert canvas.has_pending
    key(canvas, Qt.Key.Key_Escape)
    assert not canvas.has_pending


def test_a_double_click_accepts_a_selection(canvas: Canvas, document: EditSession) -> None:
    canvas.set_tool("smart")
    canvas.set_preview(patch(), "smart select", keep=True)
    double_click(canvas, at(canvas, (100, 100))[0])
    assert document.history.undo_name == "smart select"
    assert not canvas.has_pending


def test_a_double_click_with_nothing_pending_is_two_clicks(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    asked = QSignalSpy(canvas.selectionAsked)
    double_click(canvas, at(canvas, (100, 100))[0])
    assert asked.count() == 2


def test_undo_takes_a_selections_last_gesture_back_and_a_look_away(canvas: Canvas) -> None:
    back = QSignalSpy(canvas.stepBackAsked)
    canvas.set_preview(patch(), "smart select", keep=True)
    key(canvas, Qt.Key.Key_Z, keys=CTRL)
    key(canvas, Qt.Key.Key_Backspace)
    assert back.count() == 2
    assert canvas.has_pending
    canvas.drop_preview()
    canvas.set_preview(patch(), "grow")
    key(canvas, Qt.Key.Key_Z, keys=CTRL)
    assert back.count() == 2
    assert not canvas.has_pending


def test_apply_is_one_step_and_commits_a_drag_first(canvas: Canvas, document: EditSession) -> None:
    press(canvas, at(canvas, (20, 20))[0])
    move(canvas, at(canvas, (40, 20))[0])
    committed, changed = QSignalSpy(canvas.gestureCommitted), QSignalSpy(canvas.maskChanged)
    assert canvas.apply("border", patch(3))
    assert document.history.undo_name == "border"
    assert document.history.depth == 2
    assert committed.count() == 2
    assert changed.count() == 1
    assert not canvas.apply("border", patch(3))
    assert document.history.depth == 2


def test_a_selection_obeys_only_over_and_a_command_does_not(
    canvas: Canvas, document: EditSession
) -> None:
    document.apply("left", Patch(0, 0, np.ones((HEIGHT, 100), np.bool_), 3))
    canvas.refresh(None)
    bare = pixels(canvas)
    canvas.set_preview(patch(), "smart select", keep=True)
    canvas.set_tool_options(ToolOptions(only_over=frozenset({3})))
    leave(canvas)
    limit = int(canvas.image_to_widget(100, 0).x())
    shown = (pixels(canvas) != bare).any(axis=2)
    assert shown[:, : limit - 2].any()
    assert not shown[:, limit + 2 :].any()
    canvas.accept_preview()
    wanted = painted(Patch(0, 0, np.ones((HEIGHT, 100), np.bool_), 3), patch()).copy()
    wanted[:, 100:] = 2
    np.testing.assert_array_equal(canvas.mask(), wanted)
    canvas.set_preview(patch(2), "shrink")
    canvas.accept_preview()
    assert (canvas.mask()[90:120, 80:110] == 2).all()


def test_a_selection_restores_when_the_models_mask_is_chosen(canvas: Canvas) -> None:
    predicted = np.broadcast_to(np.arange(WIDTH, dtype=np.uint8) // 10 % 3 + 1, SHAPE).copy()
    canvas.set_prediction(Prediction("m", predicted, None))
    canvas.set_restoring(True)
    canvas.set_preview(patch(), "smart select", keep=True)
    canvas.accept_preview()
    np.testing.assert_array_equal(canvas.mask(), np.where(painted(patch()) == 1, predicted, 2))


def test_a_selection_cannot_restore_what_is_not_there(
    canvas: Canvas, document: EditSession
) -> None:
    refused = QSignalSpy(canvas.refused)
    canvas.set_preview(patch(), "smart select", keep=True)
    canvas.set_restoring(True)
    assert not canvas.accept_preview()
    assert refused.count() == 1
    assert not canvas.has_pending
    assert not document.edited


# The border that is kept


def with_border() -> np.ndarray:
    values = np.full(SHAPE, 2, np.uint8)
    values[60:180, 80:200] = 1
    laid = border_patch(values)
    assert laid is not None
    return painted(Patch(0, 0, np.ones(SHAPE, np.bool_), values), laid)


def test_the_border_follows_a_stroke_in_the_same_step_of_undo(canvas: Canvas) -> None:
    before = with_border().copy()
    document = EditSession("cat.jpg", before)
    canvas.set_document(photo(), document)
    canvas.set_brush_diameter(40)
    canvas.set_tool_options(ToolOptions(keep_border=True))
    draw(canvas, [(190, 120), (230, 120)])
    after = canvas.mask().copy()
    assert document.history.depth == 1
    assert document.history.undo_name == "brush stroke"
    # The old rim inside the new bulge is pet now, and the bulge has a rim of its own.
    assert after[120, 200] == 1
    assert 3 in after[120, 230:260]
    assert 2 in after[120, 230:260]
    pet, background = after == 1, after == 2
    touching = (pet[:, :-1] & background[:, 1:]) | (pet[:, 1:] & background[:, :-1])
    assert not touching.any()
    document.undo()
    np.testing.assert_array_equal(canvas.mask(), before)
    document.redo()
    np.testing.assert_array_equal(canvas.mask(), after)


def test_the_screen_shows_the_kept_border(canvas: Canvas) -> None:
    canvas.set_document(photo(), EditSession("cat.jpg", with_border()))
    canvas.set_brush_diameter(40)
    canvas.set_tool_options(ToolOptions(keep_border=True))
    changed = QSignalSpy(canvas.maskChanged)
    draw(canvas, [(190, 120), (230, 120)])
    rects = [changed.at(i)[0] for i in range(changed.count())]
    rows, columns = np.nonzero(canvas.mask() != with_border())
    assert min(rect.x for rect in rects) <= columns.min()
    assert max(rect.right for rect in rects) > columns.max()
    assert min(rect.y for rect in rects) <= rows.min()
    assert max(rect.bottom for rect in rects) > rows.max()
    leave(canvas)
    shown = pixels(canvas)
    canvas.refresh(None)
    np.testing.assert_array_equal(shown, pixels(canvas))


def test_border_painted_by_hand_stays_as_it_was_painted(canvas: Canvas) -> None:
    canvas.set_document(photo(), session())
    canvas.set_label(3)
    canvas.set_tool_options(ToolOptions(keep_border=True))
    points = at(canvas, (100, 100), (160, 100))
    where = [canvas.widget_to_image(point) for point in points]
    press(canvas, points[0])
    move(canvas, points[1])
    canvas.settle()
    np.testing.assert_array_equal(canvas.mask(), painted(stroke(where, 40, 3, SHAPE)))


def test_an_escaped_drag_lays_no_border(canvas: Canvas) -> None:
    before = with_border().copy()
    canvas.set_document(photo(), EditSession("cat.jpg", before))
    canvas.set_tool_options(ToolOptions(keep_border=True))
    press(canvas, at(canvas, (190, 120))[0])
    move(canvas, at(canvas, (230, 120))[0], LEFT)
    key(canvas, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(canvas.mask(), before)


def test_a_kept_selection_and_a_polygon_lay_the_border_too(canvas: Canvas) -> None:
    for end in ("selection", "polygon"):
        document = session()
        canvas.set_document(photo(), document)
        canvas.set_tool_options(ToolOptions(keep_border=True))
        if end == "selection":
            canvas.set_preview(patch(), "smart select", keep=True)
            canvas.accept_preview()
        else:
            canvas.set_tool("polygon")
            for corner in at(canvas, (60, 60), (150, 60), (150, 150), (60, 150)):
                click(canvas, corner)
            key(canvas, Qt.Key.Key_Return)
        assert set(np.unique(canvas.mask())) == {1, 2, 3}
        assert document.history.depth == 1


# The divider between before and after


def test_the_divider_can_be_dragged_and_paints_nothing(canvas: Canvas) -> None:
    document = session()
    canvas.set_document(photo(), document)
    canvas.set_prediction(Prediction("m", np.full(SHAPE, 1, np.uint8), None))
    canvas.set_view_mode("changes")
    canvas.set_wipe(True)
    canvas.set_wipe_position(0.5)
    divider = QPointF(250, 200)
    assert canvas.wipe_at(divider)
    move(canvas, divider, Qt.MouseButton.NoButton)
    assert canvas.cursor().shape() == Qt.CursorShape.SplitHCursor
    assert canvas._ring is None
    press(canvas, divider)
    move(canvas, QPointF(300, 220))
    assert canvas.wipe_position == pytest.approx(0.6)
    move(canvas, QPointF(400, 220))
    click(canvas, QPointF(400, 220))
    assert canvas.wipe_position == pytest.approx(0.8)
    assert not document.edited
    # A release that went to somebody else lets go of it too.
    press(canvas, QPointF(400, 220))
    move(canvas, QPointF(200, 200), Qt.MouseButton.NoButton)
    assert canvas.wipe_position == pytest.approx(0.8)
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    # A stroke that crosses the divider is a stroke.
    press(canvas, QPointF(350, 200))
    move(canvas, QPointF(450, 200))
    canvas.settle()
    assert canvas.wipe_position == pytest.approx(0.8)
    assert document.edited

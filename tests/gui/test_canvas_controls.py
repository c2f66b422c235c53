"""Tools, classes and options: keys and buttons, canvas, panels and settings agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui import main_window
from petseg_gui.ui.action_specs import SPECS, TOOL_ACTIONS
from petseg_gui.ui.review_controller import ReviewController
from tests.gui.harness import Harness, pet_mask
from tests.gui.test_main_window import canvas_of, key, paint, title

KEYS = {spec.name: spec.keys[0] for spec in SPECS if spec.keys}
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def press(harness: Harness, name: str) -> None:
    """Press the first key of an action that needs no modifier."""
    key(harness, QKeySequence(KEYS[name])[0].key())


def move_to(harness: Harness, column: int, row: int) -> None:
    """Bring the pointer over a pixel of the photo."""
    canvas = canvas_of(harness)
    at = canvas.image_to_widget(column + 0.5, row + 0.5).toPoint()
    harness.qtbot.mouseMove(canvas, at + QPoint(1, 0))
    harness.qtbot.mouseMove(canvas, at)


@pytest.mark.parametrize("tool", list(TOOL_ACTIONS))
def test_the_key_of_a_tool_takes_it(harness: Harness, folder: Path, tool: str) -> None:
    harness.open(folder)
    other = "lasso" if tool != "lasso" else "fill"
    canvas_of(harness).set_tool(other)
    press(harness, TOOL_ACTIONS[tool])
    assert canvas_of(harness).tool == tool
    assert harness.window._actions[TOOL_ACTIONS[tool]].isChecked()
    assert not harness.window._actions[TOOL_ACTIONS[other]].isChecked()


def test_a_tool_chosen_elsewhere_is_the_one_that_is_pressed(harness: Harness) -> None:
    harness.window._parts.canvas.set_tool("fill")
    assert harness.window._actions["actionFill"].isChecked()
    assert not harness.window._parts.tools.options._fill.isHidden()


def test_picking_a_class_keeps_the_tool_unless_it_is_the_eraser(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    canvas = canvas_of(harness)
    for tool in TOOL_ACTIONS:
        for which in ("actionClass2", "actionRestore", "actionClass3"):
            canvas.set_tool(tool)
            press(harness, which)
            assert canvas.tool == ("brush" if tool == "eraser" else tool)
    assert canvas.label == 3


def test_the_models_mask_is_painted_until_a_class_is_picked(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    canvas = canvas_of(harness)
    press(harness, "actionClass2")
    press(harness, "actionRestore")
    assert canvas.restoring
    assert not harness.window._actions["actionClass2"].isChecked()
    press(harness, "actionClass2")
    assert not canvas.restoring
    assert canvas.label == 2
    assert not harness.window._actions["actionRestore"].isChecked()


def test_restoring_without_a_prediction_is_refused_in_words(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    press(harness, "actionRestore")
    paint(harness, (20, 20), (60, 20))
    assert np.all(canvas_of(harness).mask() == 2)
    assert [m.kind for m in harness.messages] == ["info"]
    assert "prediction" in harness.messages[0].text.lower()


def test_the_models_mask_comes_back_under_the_brush(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.inference.deliver("pet_1.png", pet_mask())
    harness.qtbot.waitUntil(lambda: canvas_of(harness).prediction is not None)
    # It is read twice: to compare with, and as the mask to start from.
    harness.qtbot.waitUntil(lambda: np.array_equal(canvas_of(harness).mask(), pet_mask()))
    press(harness, "actionClass2")
    paint(harness, (60, 60), (100, 60))
    assert canvas_of(harness).mask()[60, 80] == 2
    press(harness, "actionRestore")
    paint(harness, (60, 60), (100, 60))
    assert np.array_equal(canvas_of(harness).mask(), pet_mask())


def test_options_reach_canvas_panel_and_settings(harness: Harness) -> None:
    wanted = replace(ToolOptions(), square_brush=True, keep_border=True)
    harness.window._parts.tools.optionsChosen.emit(wanted)
    assert harness.window._parts.canvas.tool_options == wanted
    assert harness.window._settings.tools == wanted
    assert harness.window._actions["actionKeepBorder"].isChecked()


def test_keep_the_border_has_a_key_and_a_box_that_agree(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    box = harness.window._parts.tools.options._keep_border
    key(harness, Qt.Key.Key_B, SHIFT)
    assert box.isChecked()
    assert canvas_of(harness).tool_options.keep_border
    box.click()
    assert not harness.window._actions["actionKeepBorder"].isChecked()
    assert not canvas_of(harness).tool_options.keep_border
    assert not harness.window._settings.tools.keep_border


def test_brackets_change_the_brush_by_a_fifth_and_at_least_a_pixel(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    canvas = canvas_of(harness)
    canvas.set_brush_diameter(100)
    key(harness, Qt.Key.Key_BracketRight)
    assert canvas.brush_diameter == 120
    assert harness.window._settings.brush_diameter == 120
    assert harness.window._parts.tools.options._size.value.text() == "120 px"
    canvas.set_brush_diameter(2)
    key(harness, Qt.Key.Key_BracketRight)
    assert canvas.brush_diameter == 3
    for _ in range(9):
        key(harness, Qt.Key.Key_BracketLeft)
    assert canvas.brush_diameter == 1
    canvas.set_brush_diameter(1900)
    for _ in range(3):
        key(harness, Qt.Key.Key_BracketRight)
    assert canvas.brush_diameter == 2000


def test_f_fills_and_zero_fits(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    canvas = canvas_of(harness)
    fitted = canvas.zoom
    canvas.zoom_in()
    key(harness, Qt.Key.Key_F)
    assert canvas.tool == "fill"
    assert canvas.zoom != fitted
    key(harness, Qt.Key.Key_0)
    assert canvas.zoom == fitted


def test_the_edit_menu_names_the_stroke(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    undo, redo = (harness.window._actions[n] for n in ("actionUndo", "actionRedo"))
    paint(harness, (20, 20), (60, 20))
    assert undo.text() == "&Undo brush stroke"
    undo.trigger()
    assert not undo.isEnabled()
    assert redo.text() == "&Redo brush stroke"


def test_undo_in_the_menu_takes_back_what_is_pending_first(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    painted = canvas_of(harness).mask().copy()
    press(harness, "actionPolygon")
    canvas = canvas_of(harness)
    for point in ((10, 100), (60, 100)):
        at = canvas.image_to_widget(*point).toPoint()
        harness.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert canvas.has_pending
    undo = harness.window._actions["actionUndo"]
    assert undo.text() == "&Undo the last step"
    undo.trigger()
    undo.trigger()
    assert not canvas.has_pending
    assert np.array_equal(canvas.mask(), painted)
    assert undo.text() == "&Undo brush stroke"
    undo.trigger()
    assert np.all(canvas.mask() == 2)


def test_what_is_pending_is_settled_before_the_photo_is_left(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    press(harness, "actionPolygon")
    canvas = canvas_of(harness)
    for point in ((10, 10), (60, 10), (60, 60), (10, 60)):
        at = canvas.image_to_widget(*point).toPoint()
        harness.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert np.all(canvas.mask() == 2)
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert np.all(canvas.mask() == 2)
    key(harness, Qt.Key.Key_Left)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_1"))
    assert canvas.mask()[35, 35] == 1


def test_the_status_line_follows_pointer_mask_and_model(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    status = harness.window._status
    move_to(harness, 80, 60)
    assert status.pixel.text() == "(80, 60)  Background"
    probabilities = np.zeros((8, 8, 3), np.uint8)
    probabilities[..., 0] = 255
    harness.inference.deliver("pet_1.png", pet_mask(), probabilities)
    harness.qtbot.waitUntil(lambda: status.pixel.text() == "(80, 60)  Pet  1.00")
    press(harness, "actionClass2")
    paint(harness, (80, 60), (80, 60))
    assert status.pixel.text() == "(80, 60)  Background  0.00"
    harness.action("actionUndo")
    assert status.pixel.text() == "(80, 60)  Pet  1.00"


def test_a_window_without_a_photo_has_no_hint(harness: Harness) -> None:
    harness.window.show()
    press(harness, "actionLasso")
    assert harness.window._status.hint.text() == ""


def test_what_is_pending_is_asked_about_before_the_window_closes(
    harness: Harness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.open(folder)
    press(harness, "actionPolygon")
    canvas = canvas_of(harness)
    for point in ((10, 10), (60, 10), (60, 60)):
        at = canvas.image_to_widget(*point).toPoint()
        harness.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    unsaved: list[list[str]] = []

    def refuse(_window: object, _services: object, review: ReviewController) -> bool:
        unsaved.append(review.unsaved())
        return False

    monkeypatch.setattr(main_window, "may_close", refuse)
    harness.window.close()
    assert unsaved == [["pet_1.png"]]
    monkeypatch.undo()


def test_the_status_line_hints_at_what_the_tool_does(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    hint: QLabel = harness.window._status.hint
    said: set[str] = set()
    for tool in TOOL_ACTIONS:
        harness.window._parts.canvas.set_tool(tool)
        assert hint.text() == canvas_of(harness).hint
        said.add(hint.text())
    assert len(said) == len(TOOL_ACTIONS)
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert hint.text() == canvas_of(harness).hint

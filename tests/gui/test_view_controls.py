"""Views by key, button and menu; the wipe; opacity; what is told when there is nothing to see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from petseg_gui.ui.action_specs import SPECS, VIEW_ACTIONS
from tests.gui.harness import Harness, pet_mask
from tests.gui.test_main_window import canvas_of, key, title

KEYS = {spec.name: spec.keys[0] for spec in SPECS if spec.keys}


def press(harness: Harness, name: str) -> None:
    key(harness, QKeySequence(KEYS[name])[0].key())


def deliver(harness: Harness, name: str = "pet_1.png") -> None:
    """A prediction with its probabilities, and wait until the canvas has it."""
    harness.inference.deliver(name, pet_mask(), np.full((8, 8, 3), 85, np.uint8))
    harness.qtbot.waitUntil(lambda: canvas_of(harness).prediction is not None)


@pytest.mark.parametrize("mode", [mode for mode in VIEW_ACTIONS if mode != "overlay"])
def test_the_key_of_a_view_shows_it_and_again_goes_back(
    harness: Harness, folder: Path, mode: str
) -> None:
    harness.open(folder)
    press(harness, VIEW_ACTIONS[mode])
    assert canvas_of(harness).view_mode == mode
    assert harness.window._actions[VIEW_ACTIONS[mode]].isChecked()
    press(harness, VIEW_ACTIONS[mode])
    assert canvas_of(harness).view_mode == "overlay"
    assert harness.window._actions["actionViewOverlay"].isChecked()
    press(harness, "actionViewOverlay")
    assert canvas_of(harness).view_mode == "overlay"


def test_the_view_stays_when_another_photo_comes(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    press(harness, "actionViewContour")
    press(harness, "actionNext")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert canvas_of(harness).view_mode == "contour"
    assert harness.window._actions["actionViewContour"].isChecked()


def test_a_view_without_its_data_says_so_until_it_comes(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.settle()
    press(harness, "actionViewProbability")
    assert canvas_of(harness).view_problem
    deliver(harness)
    assert canvas_of(harness).view_problem == ""
    assert harness.messages == []


def test_what_will_never_come_is_told(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    deliver(harness)
    harness.qtbot.waitUntil(lambda: "first model" in harness.window._bench.shown.why_no_earlier)
    press(harness, "actionViewModels")
    assert [m.text for m in harness.messages] == [
        "This is the first model; there is none before it."
    ]
    # The photo is there all the same, with its mask.
    assert canvas_of(harness).view_mode == "models"
    press(harness, "actionViewModels")
    assert len(harness.messages) == 1


def test_predictions_follow_the_photo_on_show(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    deliver(harness)
    press(harness, "actionNext")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert canvas_of(harness).prediction is None
    deliver(harness, "pet_2.png")
    press(harness, "actionPrevious")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_1"))
    harness.qtbot.waitUntil(lambda: canvas_of(harness).prediction is not None)
    assert harness.window._bench.shown.photo == "pet_1.png"


def test_the_wipe_needs_a_before_and_an_after(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    deliver(harness)
    canvas = canvas_of(harness)
    press(harness, "actionViewMask")
    press(harness, "actionWipe")
    assert canvas.wipe
    assert canvas.view_mode == "changes"
    press(harness, "actionWipe")
    assert not canvas.wipe
    assert canvas.view_mode == "changes"
    press(harness, "actionWipe")
    press(harness, "actionViewModels")
    assert canvas.wipe


def test_commas_and_full_stops_change_the_opacity(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    settings = harness.window._settings
    slider = harness.window._parts.classes._opacity
    key(harness, Qt.Key.Key_Period)
    assert settings.overlay_opacity == pytest.approx(0.6)
    assert slider.value() == 60
    for _ in range(9):
        key(harness, Qt.Key.Key_Comma)
    assert settings.overlay_opacity == 0
    for _ in range(20):
        key(harness, Qt.Key.Key_Period)
    assert settings.overlay_opacity == 1
    slider.setValue(33)
    assert settings.overlay_opacity == pytest.approx(0.33)
    key(harness, Qt.Key.Key_Comma)
    assert settings.overlay_opacity == pytest.approx(0.2)


def test_boxes_and_canvas_agree_from_the_start_on_which_classes_show(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    boxes = harness.window._parts.classes._boxes
    assert {value for value, box in boxes.items() if box.isChecked()} == {1, 3}
    canvas = canvas_of(harness)

    def colour() -> str:
        return str(canvas.grab().toImage().pixelColor(canvas.rect().center()).name())

    assert colour() == "#323232"  # the mask is all background, the photo 50 of 255
    boxes[2].click()
    assert colour() != "#323232"
    assert harness.window._settings.hidden_labels == []

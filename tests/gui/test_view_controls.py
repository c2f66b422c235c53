"""Views by key, button and menu; the wipe; opacity; the legend that explains what is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QKeySequence
from pytestqt.qtbot import QtBot

from petseg_gui.ui.action_specs import SPECS, VIEW_ACTIONS
from petseg_gui.ui.canvas.palettes import ADDED, REMOVED
from petseg_gui.ui.legend import Legend, Tint, legend_of
from tests.gui.harness import Harness, pet_mask
from tests.gui.test_main_window import canvas_of, key, title

KEYS = {spec.name: spec.keys[0] for spec in SPECS if spec.keys}


def press(harness: Harness, name: str) -> None:
    key(harness, QKeySequence(KEYS[name])[0].key())


def legend(harness: Harness) -> str:
    return harness.window._parts.legend


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
    assert "not predicted" in legend(harness).lower()
    deliver(harness)
    assert legend(harness).startswith("Pet")
    press(harness, "actionViewModels")
    harness.settle()
    harness.qtbot.waitUntil(lambda: "first model" in legend(harness))
    assert harness.messages == []


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


def test_the_probability_is_that_of_the_class_under_work(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    deliver(harness)
    press(harness, "actionViewProbability")
    for name, word in (("actionClass2", "Background"), ("actionClass3", "Border")):
        press(harness, name)
        assert legend(harness).startswith(word)


def test_the_wipe_needs_a_before_and_an_after(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    deliver(harness)
    canvas = canvas_of(harness)
    press(harness, "actionViewMask")
    press(harness, "actionWipe")
    assert canvas.wipe
    assert canvas.view_mode == "changes"
    assert legend(harness) == ""
    press(harness, "actionWipe")
    assert not canvas.wipe
    assert canvas.view_mode == "changes"
    assert "more pet" in legend(harness)
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


@pytest.mark.parametrize("mode", ["overlay", "contour", "mask", "cutout"])
def test_what_explains_itself_has_no_legend(mode: str) -> None:
    assert legend_of(mode, 1, wipe=False) == ()


@pytest.mark.parametrize("mode", ["changes", "models"])
def test_differences_are_explained_unless_before_and_after_are_side_by_side(mode: str) -> None:
    tints = [entry for entry in legend_of(mode, 1, wipe=False) if isinstance(entry, Tint)]
    assert [(tint.colour, tint.rising) for tint in tints] == [(ADDED, True), (REMOVED, False)]
    assert legend_of(mode, 1, wipe=True) == ()


def test_the_legend_shows_the_colours_that_it_names(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_entries(legend_of("changes", 1, wipe=False))
    image = legend.grab().toImage()
    found = {
        image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())
    }
    assert {QColor(*ADDED).rgb(), QColor(*REMOVED).rgb()} <= found
    assert legend.words == "Your mask has more pet less pet than the prediction"


def test_the_legend_stays_in_the_corner_and_lets_the_pointer_through(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    deliver(harness)
    press(harness, "actionViewUncertainty")
    widget = harness.window._parts._legend
    canvas = canvas_of(harness)
    for size in (QSize(1280, 800), QSize(1000, 700)):
        harness.window.resize(size)
        harness.qtbot.waitUntil(lambda: widget.geometry().bottom() == canvas.height() - 11)
        assert widget.isVisible()
        assert canvas.rect().contains(widget.geometry())
    assert widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

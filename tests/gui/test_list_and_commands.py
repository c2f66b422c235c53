"""Filter bar, order, and the keys that decide about photos, by real key events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from petseg_gui.core.records import PhotoFlag, PhotoState
from petseg_gui.ui.time_keeper import TimeKeeper
from tests.gui.harness import Harness, pet_mask, pet_probabilities

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]


def press(harness: Harness, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    target = QApplication.focusWidget() or harness.window
    QTest.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)
    harness.settle()


def shown(harness: Harness) -> str:
    return harness.window.windowTitle().partition(" ")[0]


def surer(by: int) -> np.ndarray:
    found = pet_probabilities()
    found[4:12, 4:12, 0] -= by
    found[4:12, 4:12, 1] += by
    return found


@pytest.fixture
def opened(harness: Harness, folder: Path) -> Harness:
    """Four predicted photos; the model is least sure of the third, then of the second."""
    harness.open(folder)
    harness.settle()
    for name, by in zip(NAMES, (0, 50, 90, 20), strict=True):
        harness.inference.deliver(name, pet_mask(), surer(by))
    harness.settle()
    return harness


def test_the_most_uncertain_photo_is_a_key_away(opened: Harness) -> None:
    press(opened, Qt.Key.Key_U)
    assert shown(opened) == NAMES[2]
    press(opened, Qt.Key.Key_Return)
    press(opened, Qt.Key.Key_U)
    assert shown(opened) == NAMES[1], "one that is accepted is not asked about again"


def test_sorting_keeps_its_order_while_photos_are_accepted(opened: Harness) -> None:
    bar = opened.window._parts.folder.filter
    bar.sorts.setCurrentIndex(bar.sorts.findText("Most uncertain first"))
    order = [NAMES[2], NAMES[1], NAMES[3], NAMES[0]]
    assert opened.window._parts.filmstrip.model().names == order
    opened.review.go_to(order[0])
    opened.settle()
    bar.states.setCurrentIndex(bar.states.findText("Not accepted"))
    for name in order[:2]:
        assert shown(opened) == name
        press(opened, Qt.Key.Key_Return)
    assert opened.review.names == order, "nothing jumps"
    again = opened.window.findChild(QToolButton, "arrangeAgain")
    assert again is not None
    assert again.isVisible()
    press(opened, Qt.Key.Key_F5)
    assert opened.review.names == order[2:]
    assert not again.isVisible()
    assert bar.listed.text() == "2 of 4"


def test_searching_types_into_the_box_and_no_shortcut_acts(opened: Harness) -> None:
    press(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = opened.window._parts.folder.filter
    assert QApplication.focusWidget() is bar.search
    QTest.keyClicks(bar.search, "t_3")
    opened.qtbot.waitUntil(lambda: opened.review.names == [NAMES[2]])
    assert shown(opened) == NAMES[2]
    press(opened, Qt.Key.Key_Return)
    assert opened.review.counts().accepted == 0, "Enter ends the search; it accepts nothing"
    assert QApplication.focusWidget() is opened.window._parts.canvas
    bar.start_search()
    press(opened, Qt.Key.Key_Escape)
    assert opened.review.names == NAMES


def test_a_filter_that_fits_nothing_leaves_the_photo_and_offers_the_way_back(
    opened: Harness,
) -> None:
    bar = opened.window._parts.folder.filter
    bar.states.setCurrentIndex(bar.states.findText("Skipped"))
    assert (opened.review.names, shown(opened)) == ([], NAMES[0])
    assert bar.listed.text() == "No photo fits"
    QTest.mouseClick(bar.all, Qt.MouseButton.LeftButton)
    assert opened.review.names == NAMES


def test_skipped_photos_come_last(opened: Harness) -> None:
    press(opened, Qt.Key.Key_N)
    assert shown(opened) == NAMES[1]
    record = opened.review.record(NAMES[0])
    assert record is not None
    assert record.flag is PhotoFlag.SKIPPED
    for name in NAMES[1:]:
        assert shown(opened) == name
        press(opened, Qt.Key.Key_Return)
    assert shown(opened) == NAMES[0], "what was skipped is what is left"
    press(opened, Qt.Key.Key_Return)
    assert opened.messages[-1].text == "Every photo of this folder is accepted."


def test_a_flag_is_given_and_taken_by_one_key(opened: Harness) -> None:
    for flag in (PhotoFlag.FLAGGED, PhotoFlag.NONE):
        press(opened, Qt.Key.Key_Q)
        record = opened.review.record(NAMES[0])
        assert record is not None
        assert record.flag is flag
        action = opened.window._actions["actionFlag"]
        assert action.isChecked() is (flag is PhotoFlag.FLAGGED)


def test_backspace_takes_back_the_last_acceptance(opened: Harness) -> None:
    press(opened, Qt.Key.Key_Return)
    press(opened, Qt.Key.Key_Return)
    press(opened, Qt.Key.Key_Backspace)
    assert shown(opened) == NAMES[1]
    states = [record.state for record in opened.review.state.records.values()]
    assert states[:2] == [PhotoState.ACCEPTED, PhotoState.EDITED]
    press(opened, Qt.Key.Key_Backspace)
    assert shown(opened) == NAMES[0]
    assert opened.review.counts().accepted == 0
    press(opened, Qt.Key.Key_Backspace)
    assert "no other was" in opened.messages[-1].text


def test_photos_that_wait_are_walked_both_ways(opened: Harness) -> None:
    press(opened, Qt.Key.Key_Return)
    shift = Qt.KeyboardModifier.ShiftModifier
    press(opened, Qt.Key.Key_Left, shift)
    assert shown(opened) == NAMES[3], "the accepted one is passed over"
    press(opened, Qt.Key.Key_Right, shift)
    assert shown(opened) == NAMES[1]


def test_time_is_counted_while_somebody_is_there(opened: Harness) -> None:
    now = [0.0]
    keeper = TimeKeeper(opened.review, opened.window, lambda: now[0])
    opened.review.go_to(NAMES[1])
    opened.settle()
    for moment in (5.0, 40.0, 140.0, 150.0):
        now[0] = moment
        keeper.note()
    before = opened.review.record(NAMES[1])
    assert before is not None
    keeper.flush()
    opened.settle()
    after = opened.review.record(NAMES[1])
    assert after is not None
    assert after.seconds - before.seconds == pytest.approx(50, abs=5), "100 s were idle"

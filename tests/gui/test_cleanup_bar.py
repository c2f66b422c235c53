"""The clean-up bar: what it offers and says, and what becomes of its preview."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from petseg_gui.core.cleanup import CleanUp, fill_holes
from petseg_gui.core.mask import Patch
from petseg_gui.ui.cleanup_bar import CleanUpBar
from petseg_gui.ui.cleanup_operations import (
    BY_NAME,
    OPERATIONS,
    Operation,
    amounts,
    largest_amount,
    outcome,
    usual_amount,
)
from tests.gui.mask_rig import Rig

PATCH = Patch(0, 0, np.ones((1, 1), np.bool_), 1)
SHAPE = (3000, 4000)


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "photos"
    folder.mkdir()
    rig = Rig(qtbot, folder)
    yield rig
    rig.close()


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[CleanUpBar]:
    """A bar under something that takes the rest of the room."""
    host = QWidget()
    host.setMinimumSize(300, 300)
    layout = QVBoxLayout(host)
    layout.setContentsMargins(0, 0, 0, 0)
    bar = CleanUpBar()
    layout.addWidget(QWidget(), 1)
    layout.addWidget(bar)
    host.resize(1000, 300)
    host.show()
    yield bar
    bar.hide()
    host.close()
    host.deleteLater()


def open_bar(rig: Rig, operation: str = "fill holes", amount: int | None = None) -> None:
    """Open the bar and wait for what it says."""
    if not rig.bar.isVisible():
        rig.trigger("actionCleanUp")
    button(rig.bar, operation).setChecked(True)
    if amount is not None:
        spin(rig.bar).setValue(amount)
    said(rig)


def said(rig: Rig) -> None:
    """Wait until the bar describes what it is set to."""
    rig.wait(lambda: not rig.bar.asking and not rig.services.reader.active)


def button(bar: CleanUpBar, operation: str) -> QAbstractButton:
    text = BY_NAME[operation].text
    return next(b for b in bar.findChildren(QAbstractButton) if b.accessibleName() == text)


def push(bar: CleanUpBar, text: str) -> QPushButton:
    return next(b for b in bar.findChildren(QPushButton) if b.text() == text)


def spin(bar: CleanUpBar) -> QSpinBox:
    found = bar.findChild(QSpinBox)
    assert found is not None
    return found


def slider(bar: CleanUpBar) -> QSlider:
    found = bar.findChild(QSlider)
    assert found is not None
    return found


# What it offers and says


@pytest.mark.parametrize(
    ("operation", "result", "words"),
    [
        (
            "fill holes",
            CleanUp(PATCH, 3, 412, 1),
            "3 holes, 412 pixels, become Pet; 1 larger one stays",
        ),
        ("fill holes", CleanUp(PATCH, 1, 1, 0), "1 hole, 1 pixel, becomes Pet"),
        ("fill holes", CleanUp(None, 0, 0, 0), "Nothing to fill"),
        ("fill holes", CleanUp(None, 0, 0, 2), "Nothing to fill; 2 larger holes stay"),
        (
            "remove islands",
            CleanUp(PATCH, 2, 12345, 4),
            "2 islands, 12,345 pixels, become Background; 4 larger ones stay",
        ),
        ("remove islands", CleanUp(None, 0, 0, 1), "Nothing to remove; 1 larger island stays"),
        ("smooth outline", CleanUp(PATCH, 9, 1200, 0), "1,200 pixels along the outline change"),
        (
            "smooth outline",
            CleanUp(PATCH, 9, 1200, 1),
            "1,200 pixels along the outline change; 1 small piece or hole stays",
        ),
        ("smooth outline", CleanUp(None, 0, 0, 0), "Nothing to smooth"),
        ("grow", CleanUp(None, 0, 0, 0), "Nothing to grow"),
        ("shrink", CleanUp(PATCH, 1, 1, 0), "1 pixel along the outline change"),
    ],
)
def test_the_outcome_in_words(operation: str, result: CleanUp, words: str) -> None:
    assert outcome(BY_NAME[operation], result) == words


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize("shape", [(120, 160), (375, 500), SHAPE, (6000, 8000)])
def test_amounts_follow_the_photo(operation: Operation, shape: tuple[int, int]) -> None:
    usual, largest = usual_amount(operation, shape), largest_amount(operation, shape)
    assert 1 <= usual < largest
    stops = amounts(largest)
    assert stops[0] == 1
    assert stops[-1] == largest
    assert len(stops) <= 122
    assert all(a < b for a, b in pairwise(stops))


def test_the_slider_of_areas_is_logarithmic() -> None:
    stops = amounts(1_200_000)
    ratios = [b / a for a, b in pairwise(stops[60:])]
    assert max(ratios) / min(ratios) < 1.15


def test_slider_and_box_agree(bar: CleanUpBar) -> None:
    bar.open_for(SHAPE)
    assert spin(bar).value() == bar.amount == usual_amount(bar.operation, SHAPE)
    slider(bar).setValue(slider(bar).maximum())
    assert bar.amount == largest_amount(bar.operation, SHAPE)
    spin(bar).setValue(1)
    assert slider(bar).value() == 0
    slider(bar).setValue(1)
    assert bar.amount == 2


def test_the_unit_is_that_of_the_operation(bar: CleanUpBar) -> None:
    bar.open_for(SHAPE)
    assert spin(bar).suffix() == " pixels"
    button(bar, "grow").setChecked(True)
    assert spin(bar).suffix() == " px"
    assert "radius" in spin(bar).accessibleName()


def test_what_was_chosen_is_remembered_and_the_rest_follows_the_photo(bar: CleanUpBar) -> None:
    bar.open_for(SHAPE)
    button(bar, "grow").setChecked(True)
    spin(bar).setValue(33)
    bar.hide()
    bar.open_for((375, 500))
    assert bar.operation.name == "grow"
    assert bar.amount == 33
    button(bar, "shrink").setChecked(True)
    assert bar.amount == usual_amount(BY_NAME["shrink"], (375, 500))
    bar.hide()
    bar.open_for((100, 100))
    button(bar, "grow").setChecked(True)
    assert bar.amount == largest_amount(BY_NAME["grow"], (100, 100))  # 33 is too much here
    bar.hide()
    bar.open_for(SHAPE)
    assert bar.amount == 33


def test_a_slider_that_moves_is_asked_about_once(bar: CleanUpBar, qtbot: QtBot) -> None:
    bar.open_for(SHAPE)
    asked: list[int] = []
    bar.asked.connect(lambda _operation, amount: asked.append(amount))
    for step in range(10, 20):
        slider(bar).setValue(step)
    assert asked == []
    with qtbot.waitSignal(bar.asked):
        pass
    assert asked == [bar.amount]


def test_a_hidden_bar_asks_nothing(bar: CleanUpBar) -> None:
    bar.open_for(SHAPE)
    slider(bar).setValue(3)
    assert bar.asking
    bar.hide()
    assert not bar.asking
    bar.ask_soon()
    assert not bar.asking


def test_a_late_answer_is_announced(bar: CleanUpBar, qtbot: QtBot) -> None:
    bar.open_for(SHAPE)
    qtbot.waitUntil(lambda: bar.words == "Looking at the mask…")
    bar.show_outcome("Nothing to fill", changes=False)
    assert bar.words == "Nothing to fill"


def test_everything_has_a_name_and_tab_goes_through_all(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    parts = [button(rig.bar, "fill holes"), slider(rig.bar), spin(rig.bar)]
    parts += [push(rig.bar, "Cancel"), push(rig.bar, "Apply")]
    for part in (*parts, rig.bar):
        assert part.accessibleName() or part.text()
    assert rig.bar.objectName() == "cleanUpBar"
    for part, following in pairwise(parts):
        part.setFocus()
        rig.qtbot.keyClick(part, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is following


def test_arrows_choose_the_operation_and_turn_no_page(rig: Rig) -> None:
    rig.open()
    pages: list[bool] = []
    rig.actions["actionNext"].triggered.connect(pages.append)
    open_bar(rig)
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert rig.bar.operation.name == "remove islands"
    assert QApplication.focusWidget() is button(rig.bar, "remove islands")
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    before = rig.bar.amount
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert rig.bar.amount > before
    assert pages == []


def test_a_narrow_bar_hides_nothing(bar: CleanUpBar, qtbot: QtBot) -> None:
    bar.open_for(SHAPE)
    QApplication.processEvents()
    wide = bar.height()
    assert bar.minimumSizeHint().width() <= 384  # what the smallest window leaves it
    bar.window().resize(384, 300)
    bar.show_outcome("12 islands, 123,412 pixels, become Background", changes=True)
    qtbot.waitUntil(lambda: bar.height() > wide)
    QApplication.processEvents()
    words = bar.findChild(QLabel, "cleanUpWords")
    assert words is not None
    assert words.height() >= words.heightForWidth(words.width())
    parts = [*bar.findChildren(QToolButton), *bar.findChildren(QPushButton), slider(bar), spin(bar)]
    for part in (*parts, words):
        assert part.isVisible()
        assert bar.rect().contains(part.geometry())
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width()
        assert part.height() >= part.minimumSizeHint().height()


# The preview on the canvas


def test_what_would_happen_is_shown_and_said_at_once(rig: Rig) -> None:
    rig.open()
    open_bar(rig, "fill holes", 50)
    assert rig.bar.words == "1 hole, 4 pixels, becomes Pet; 1 larger one stays"
    assert rig.canvas.preview is not None
    assert not rig.session.edited
    open_bar(rig, "fill holes", 100)
    assert rig.bar.words == "2 holes, 104 pixels, become Pet"
    open_bar(rig, "remove islands", 9)
    assert rig.bar.words == "Nothing to remove; 1 larger island stays"
    assert rig.canvas.preview is None
    assert not push(rig.bar, "Apply").isEnabled()
    open_bar(rig, "remove islands", 10)
    assert rig.bar.words == "1 island, 9 pixels, becomes Background"
    assert push(rig.bar, "Apply").isEnabled()


@pytest.mark.parametrize("operation", [operation.name for operation in OPERATIONS])
def test_apply_makes_one_step_of_undo_by_its_name(rig: Rig, operation: str) -> None:
    rig.open()
    before = rig.mask
    open_bar(rig, operation)
    push(rig.bar, "Apply").click()
    assert not rig.bar.isVisible()
    assert rig.session.history.undo_name == operation
    assert not np.array_equal(rig.mask, before)
    rig.review.undo()
    np.testing.assert_array_equal(rig.mask, before)


@pytest.mark.parametrize("on_canvas", [False, True])
def test_enter_applies_and_accepts_no_photo(rig: Rig, on_canvas: bool) -> None:
    rig.open()
    accepted: list[bool] = []
    rig.actions["actionAcceptAndNext"].triggered.connect(accepted.append)
    open_bar(rig)
    if on_canvas:
        rig.canvas.setFocus()
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert rig.session.history.undo_name == "fill holes"
    assert not rig.bar.isVisible()
    assert QApplication.focusWidget() is rig.canvas
    assert accepted == []


@pytest.mark.parametrize("on_canvas", [False, True])
def test_escape_cancels(rig: Rig, on_canvas: bool) -> None:
    rig.open()
    open_bar(rig)
    if on_canvas:
        rig.canvas.setFocus()
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not rig.bar.isVisible()
    assert rig.canvas.preview is None
    assert not rig.session.edited
    assert QApplication.focusWidget() is rig.canvas


def test_enter_on_cancel_cancels(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    push(rig.bar, "Cancel").setFocus()
    rig.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert not rig.bar.isVisible()
    assert not rig.session.edited


def test_enter_with_nothing_to_do_closes_the_bar_and_accepts_no_photo(rig: Rig) -> None:
    rig.open()
    accepted: list[bool] = []
    rig.actions["actionAcceptAndNext"].triggered.connect(accepted.append)
    open_bar(rig, "remove islands", 1)
    rig.canvas.setFocus()
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Return)
    assert not rig.bar.isVisible()
    assert not rig.session.edited
    assert accepted == []


def test_enter_before_the_answer_applies_what_the_bar_is_set_to(rig: Rig) -> None:
    rig.open()
    open_bar(rig, "fill holes", 50)
    spin(rig.bar).setValue(100)  # not asked for yet; the preview is that of 50
    rig.qtbot.keyClick(rig.bar, Qt.Key.Key_Return)
    rig.wait(lambda: not rig.bar.isVisible())
    assert not np.any(rig.mask[60:70, 80:90] == 2)
    assert rig.session.history.depth == 1


def test_a_double_click_on_the_photo_applies_what_is_shown(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    rig.mouse(QEvent.Type.MouseButtonDblClick, 100, 50)
    rig.release(100, 50)
    assert rig.session.history.undo_name == "fill holes"
    assert not rig.bar.isVisible()


def test_the_same_key_closes_the_bar(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    rig.trigger("actionCleanUp")
    assert not rig.bar.isVisible()
    assert rig.canvas.preview is None


def test_painting_goes_on_and_the_preview_follows(rig: Rig) -> None:
    rig.open()
    open_bar(rig, "fill holes", 200)
    rig.canvas.set_brush_diameter(4)
    rig.press(60, 60)
    assert rig.canvas.preview is None
    assert rig.session.in_gesture
    rig.release(60, 60)
    rig.canvas.set_label(2)
    rig.click(60, 60)  # a hole of its own
    hole = int(np.count_nonzero(rig.mask[55:65, 55:65] == 2))
    rig.wait(lambda: rig.bar.words == f"3 holes, {104 + hole} pixels, become Pet")
    assert rig.canvas.preview is not None
    assert rig.session.history.undo_name == "brush stroke"


def test_nothing_is_computed_during_a_stroke(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    rig.canvas.set_label(2)
    rig.canvas.set_brush_diameter(4)
    seen: list[np.ndarray] = []

    def look(mask: np.ndarray, amount: int) -> CleanUp:
        seen.append(mask)
        return fill_holes(mask, amount)

    operation = replace(BY_NAME["fill holes"], run=look)
    rig.press(60, 60)
    rig.bar.asked.emit(operation, 200)
    rig.settle()
    assert seen == []
    rig.release(60, 60)
    rig.wait(lambda: len(seen) > 0)
    np.testing.assert_array_equal(seen[-1], rig.mask)


def test_undo_takes_back_what_is_shown_and_then_the_mask(rig: Rig) -> None:
    rig.open()
    assert rig.canvas.apply("brush stroke", Patch(0, 0, np.ones((2, 2), np.bool_), 1))
    rig.actions["actionUndo"].setEnabled(True)
    open_bar(rig)
    rig.canvas.setFocus()
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not rig.bar.isVisible()
    assert rig.canvas.preview is None
    assert rig.session.dirty
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not rig.session.dirty


def test_undo_of_the_mask_is_followed(rig: Rig) -> None:
    rig.open()
    patch = Patch(40, 30, np.ones((60, 80), np.bool_), 1)
    assert rig.canvas.apply("brush stroke", patch)  # no hole is left
    open_bar(rig, "fill holes", 200)
    assert rig.bar.words == "Nothing to fill"
    rig.canvas.setFocus()
    rig.actions["actionUndo"].setEnabled(True)
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not rig.session.dirty
    rig.wait(lambda: rig.bar.words == "2 holes, 104 pixels, become Pet")
    assert rig.canvas.preview is not None


def test_another_photo_closes_the_bar(rig: Rig) -> None:
    rig.open()
    first = rig.session
    open_bar(rig)
    with rig.qtbot.waitSignal(rig.review.photoShown):
        rig.review.next()
    assert not rig.bar.isVisible()
    assert rig.canvas.preview is None
    rig.settle()
    assert not first.edited
    assert not rig.session.edited


def test_a_late_answer_never_shows_on_another_photo(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    begun, go_on = threading.Event(), threading.Event()

    def slow(mask: np.ndarray, amount: int) -> CleanUp:
        begun.set()
        assert go_on.wait(5)
        return fill_holes(mask, amount)

    rig.bar.asked.emit(replace(BY_NAME["fill holes"], run=slow), 200)
    rig.wait(begun.is_set)
    with rig.qtbot.waitSignal(rig.review.photoShown):
        rig.review.next()
    go_on.set()
    rig.settle()
    assert rig.canvas.preview is None
    assert not rig.bar.isVisible()


def test_a_slider_never_fills_the_threads(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    running, most, lock, go_on = 0, 0, threading.Lock(), threading.Event()

    def slow(mask: np.ndarray, amount: int) -> CleanUp:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        assert go_on.wait(5)
        with lock:
            running -= 1
        return fill_holes(mask, amount)

    asked: list[int] = []

    def noted(mask: np.ndarray, amount: int) -> CleanUp:
        asked.append(amount)
        return slow(mask, amount)

    operation = replace(BY_NAME["fill holes"], run=noted)
    for amount in (10, 20, 30, 40):
        rig.bar.asked.emit(operation, amount)
    rig.wait(lambda: running == 1)
    go_on.set()
    rig.settle()
    assert most == 1
    assert asked == [10, 40]


def test_cancelling_drops_the_answer_that_is_on_its_way(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    begun, go_on = threading.Event(), threading.Event()

    def slow(mask: np.ndarray, amount: int) -> CleanUp:
        begun.set()
        assert go_on.wait(5)
        return fill_holes(mask, amount)

    rig.bar.asked.emit(replace(BY_NAME["fill holes"], run=slow), 200)
    rig.wait(begun.is_set)
    rig.qtbot.keyClick(rig.bar, Qt.Key.Key_Escape)
    go_on.set()
    rig.settle()
    assert rig.canvas.preview is None
    assert not rig.session.edited


def test_painting_is_followed_where_there_was_nothing_to_do(rig: Rig) -> None:
    rig.open()
    assert rig.canvas.apply("brush stroke", Patch(40, 30, np.ones((60, 80), np.bool_), 1))
    open_bar(rig, "fill holes", 200)
    assert rig.bar.words == "Nothing to fill"
    assert rig.canvas.apply("brush stroke", Patch(60, 60, np.ones((3, 3), np.bool_), 2))
    rig.wait(lambda: rig.bar.words == "1 hole, 9 pixels, becomes Pet")


def test_a_pending_selection_is_applied_before_the_bar_looks(rig: Rig) -> None:
    rig.open()
    patch = Patch(80, 60, np.ones((10, 10), np.bool_), 1)  # fills the larger hole
    rig.canvas.set_preview(patch, "smart select", keep=True)
    open_bar(rig, "fill holes", 200)
    assert rig.session.history.undo_name == "smart select"
    assert rig.bar.words == "1 hole, 4 pixels, becomes Pet"


def test_smart_select_closes_the_bar(rig: Rig) -> None:
    rig.open()
    open_bar(rig)
    rig.canvas.set_tool("smart")
    rig.click(20, 100)
    assert not rig.bar.isVisible()


def test_an_unfinished_polygon_is_left_alone(rig: Rig) -> None:
    rig.open()
    open_bar(rig, "fill holes", 200)
    rig.canvas.set_tool("polygon")
    rig.click(5, 100)
    rig.click(25, 100)
    rig.wait(lambda: not rig.bar.asking)
    rig.settle()
    assert rig.canvas.preview is None
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Escape)  # the polygon goes, the bar stays
    assert not rig.canvas.has_pending
    assert rig.bar.isVisible()
    rig.wait(lambda: rig.canvas.preview is not None)


def test_too_little_memory_is_told(rig: Rig) -> None:
    rig.open()
    open_bar(rig)

    def fail(_mask: np.ndarray, _amount: int) -> CleanUp:
        raise MemoryError

    rig.bar.asked.emit(replace(BY_NAME["fill holes"], run=fail), 1)
    rig.wait(lambda: bool(rig.messages))
    assert "memory" in rig.texts[0]
    assert rig.canvas.preview is None
    assert not push(rig.bar, "Apply").isEnabled()


def test_without_a_photo_the_bar_stays_closed(rig: Rig) -> None:
    rig.window.show()
    rig.trigger("actionCleanUp")
    assert not rig.bar.isVisible()

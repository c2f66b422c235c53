"""The grid in the place of the photo: what keys mean then, and what stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from petseg_gui.core.records import PhotoFlag
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.filmstrip import SIDE
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_browser import PhotoBrowser
from petseg_gui.ui.photo_grid import PhotoGrid
from tests.gui.harness import Harness, pet_mask, pet_probabilities
from tests.gui.photo_rig import click

Key = Qt.Key


def grid_of(harness: Harness) -> PhotoGrid:
    grid = harness.window.findChild(PhotoGrid, "photoGrid")
    assert grid is not None
    return grid


def browser_of(harness: Harness) -> PhotoBrowser:
    browser = harness.window.findChild(PhotoBrowser)
    assert browser is not None
    return browser


def canvas_of(harness: Harness) -> Canvas:
    canvas = harness.window.findChild(Canvas, "canvas")
    assert canvas is not None
    return canvas


def switch(harness: Harness) -> QAction:
    action = harness.window.findChild(QAction, "actionGrid")
    assert action is not None
    return action


@pytest.fixture
def opened(harness: Harness, folder: Path) -> Harness:
    """A window on four photos, the first with a prediction."""
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.sessionReplaced):
        harness.inference.deliver("pet_1.png", pet_mask(), pet_probabilities())
    harness.settle()
    harness.window.activateWindow()
    harness.qtbot.waitUntil(canvas_of(harness).hasFocus)
    return harness


def test_g_shows_the_grid_and_the_photo_again(opened: Harness) -> None:
    opened.qtbot.keyClick(canvas_of(opened), Key.Key_G)
    assert grid_of(opened).isVisible()
    assert grid_of(opened).hasFocus()
    assert not canvas_of(opened).isVisible()
    opened.qtbot.keyClick(grid_of(opened), Key.Key_G)
    assert canvas_of(opened).isVisible()
    assert canvas_of(opened).hasFocus()
    assert opened.review.current == "pet_1.png"


def test_enter_opens_and_accepts_nothing(opened: Harness) -> None:
    switch(opened).setChecked(True)
    click(grid_of(opened), "pet_3.png")
    assert grid_of(opened).isVisible()
    opened.qtbot.keyClick(grid_of(opened), Key.Key_Return)
    opened.qtbot.waitUntil(lambda: opened.window.windowTitle().startswith("pet_3"))
    opened.settle()
    assert canvas_of(opened).isVisible()
    assert not switch(opened).isChecked()
    assert opened.review.counts().accepted == 0


def test_nothing_is_done_to_a_mask_that_cannot_be_seen(opened: Harness) -> None:
    switch(opened).setChecked(True)
    strip = browser_of(opened).filmstrip
    strip.setFocus()
    # Wherever the focus is: only the grid claims Enter for itself.
    opened.qtbot.keyClick(opened.window, Key.Key_Return)
    opened.qtbot.keyClick(opened.window, Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert opened.review.counts().accepted == 0
    assert opened.review.mark("pet_1.png") is Mark.PREDICTED
    switch(opened).setChecked(False)
    opened.qtbot.keyClick(canvas_of(opened), Key.Key_Return)
    opened.settle()
    assert opened.review.counts().accepted == 1


def test_arrows_move_in_the_grid_and_escape_leaves_it(opened: Harness) -> None:
    switch(opened).setChecked(True)
    grid = grid_of(opened)
    opened.qtbot.keyClick(grid, Key.Key_Right)
    assert grid.currentIndex().data() == "pet_2.png"
    assert opened.review.current == "pet_1.png", "not at once: the key may be held down"
    opened.qtbot.waitUntil(lambda: opened.review.current == "pet_2.png")
    assert grid.isVisible()
    opened.qtbot.keyClick(grid, Key.Key_Escape)
    assert canvas_of(opened).isVisible()


def test_keys_for_one_photo_mean_the_one_that_was_clicked_in_the_grid(opened: Harness) -> None:
    switch(opened).setChecked(True)
    click(grid_of(opened), "pet_3.png")
    opened.qtbot.waitUntil(lambda: opened.review.current == "pet_3.png")
    opened.qtbot.keyClick(grid_of(opened), Key.Key_Q)
    opened.settle()
    record = opened.review.record("pet_3.png")
    assert record is not None
    assert record.flag is PhotoFlag.FLAGGED


def test_a_selection_of_several_leaves_the_photo_on_the_canvas(opened: Harness) -> None:
    switch(opened).setChecked(True)
    grid = grid_of(opened)
    click(grid, "pet_2.png", Qt.KeyboardModifier.ControlModifier)
    click(grid, "pet_4.png", Qt.KeyboardModifier.ShiftModifier)
    opened.settle()
    assert opened.review.current == "pet_1.png"
    assert browser_of(opened).selection.names() == ["pet_2.png", "pet_3.png", "pet_4.png"]


def test_a_photo_that_comes_does_not_interrupt_whoever_types(opened: Harness) -> None:
    opened.action("actionFind")
    box = QApplication.focusWidget()
    assert isinstance(box, QLineEdit)
    with opened.qtbot.waitSignal(opened.review.photoShown):
        opened.review.go_to("pet_3.png")
    assert box.hasFocus()
    opened.qtbot.keyClick(box, Key.Key_Escape)
    assert canvas_of(opened).hasFocus()


def test_the_grid_stays_while_the_photo_changes(opened: Harness) -> None:
    switch(opened).setChecked(True)
    grid = grid_of(opened)
    grid.setFocus()
    click(browser_of(opened).filmstrip, "pet_2.png")
    opened.qtbot.waitUntil(lambda: opened.window.windowTitle().startswith("pet_2"))
    assert grid.isVisible()
    assert grid.hasFocus(), "a photo that is shown behind it does not take the keys"
    switch(opened).setChecked(False)
    assert canvas_of(opened).isVisible()
    assert canvas_of(opened).has_document


def test_another_folder_begins_with_its_photo(
    opened: Harness, tmp_path: Path, make_harness: Callable[[], Harness]
) -> None:
    switch(opened).setChecked(True)
    browser_of(opened).selection.select_all()
    other = tmp_path / "other"
    other.mkdir()
    (other / "pet_2.png").write_bytes((tmp_path / "photos" / "pet_2.png").read_bytes())
    with opened.qtbot.waitSignal(opened.review.photoShown):
        opened.window.open_folder(other)
    assert canvas_of(opened).isVisible()
    assert browser_of(opened).selection.names() == ["pet_2.png"]
    assert browser_of(opened).model.names == ["pet_2.png"]


def test_without_photos_there_is_no_grid(harness: Harness, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    harness.window.show()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(empty)
    assert not switch(harness).isEnabled()


def test_ctrl_a_selects_all_and_says_so(opened: Harness) -> None:
    opened.action("actionSelectAll")
    assert browser_of(opened).selection.names() == [f"pet_{n}.png" for n in (1, 2, 3, 4)]
    label = opened.window.findChild(QLabel, "selectedLabel")
    assert label is not None
    assert label.text() == "4 selected"


def test_a_click_in_the_strip_selects_just_that_photo(opened: Harness) -> None:
    opened.action("actionSelectAll")
    click(browser_of(opened).filmstrip, "pet_2.png")
    opened.qtbot.waitUntil(lambda: opened.window.windowTitle().startswith("pet_2"))
    assert browser_of(opened).selection.selected() == ["pet_2.png"]


def test_thumbnails_show_what_is_painted_once_it_is_on_disk(opened: Harness) -> None:
    thumbnails = browser_of(opened).thumbnails

    def middle() -> str:
        pixmap = thumbnails.get("pet_1.png", SIDE)
        assert pixmap is not None
        image = pixmap.toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).name()

    opened.qtbot.waitUntil(lambda: thumbnails.get("pet_1.png", SIDE) is not None)
    opened.qtbot.waitUntil(lambda: not opened.services.reader.active)
    tinted = middle()
    canvas = canvas_of(opened)
    canvas.set_tool("eraser")
    canvas.set_brush_diameter(100)
    place = canvas.image_to_widget(80, 60).toPoint()
    opened.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    opened.qtbot.waitUntil(lambda: middle() != tinted)


def test_another_model_refreshes_all_marks_at_once(opened: Harness) -> None:
    changes: list[tuple[int, int]] = []
    browser_of(opened).model.dataChanged.connect(
        lambda first, last, _roles: changes.append((first.row(), last.row()))
    )
    project = opened.review.project
    assert project is not None
    project.set_model_in_use("tuned-1")
    opened.review.use_model("tuned-1")
    opened.settle()
    assert (0, 3) in changes
    assert opened.review.mark("pet_1.png") is Mark.NEW
    index = browser_of(opened).model.index(0)
    assert index.data(int(Qt.ItemDataRole.AccessibleTextRole)) == "pet_1.png: new"

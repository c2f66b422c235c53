"""Photos in subfolders are included by choice: the action, the empty folder, what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from petseg_gui.core.store import Project, Provenance
from petseg_gui.core.subfolders import Below
from petseg_gui.ui import subfolder_choice
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.subfolder_choice import FINE_TUNING, READ_ONLY, left_out_notice
from tests.gui.harness import Harness, pet_mask, write_photo
from tests.gui.pointing import drag
from tests.held import held_by_another_process

# What the offscreen platform says of a menu that pops up.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

BELOW = ["cats/1.png", "cats/2.png"]
BY_HAND = Provenance(None, 1)


@pytest.fixture
def nested(folder: Path) -> Path:
    """Four photos, and two in a subfolder."""
    (folder / "cats").mkdir()
    for name in BELOW:
        write_photo(folder / name, 90)
    return folder


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """No photo but two in a subfolder."""
    (tmp_path / "outer" / "cats").mkdir(parents=True)
    for name in BELOW:
        write_photo(tmp_path / "outer" / name, 90)
    return tmp_path / "outer"


def action_of(harness: Harness) -> QAction:
    return harness.window.findChild(QAction, "actionSubfolders")


def click_action(harness: Harness) -> None:
    """Click it in the File menu, as a person does."""
    bar = harness.window.menuBar()
    menu = bar.actions()[0].menu()
    assert isinstance(menu, QMenu)
    menu.popup(harness.window.mapToGlobal(bar.pos()))
    harness.qtbot.waitUntil(menu.isVisible)
    place = menu.actionGeometry(action_of(harness)).center()
    harness.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)


def switch(harness: Harness) -> None:
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        click_action(harness)
    harness.settle()


def open_empty(harness: Harness, folder: Path) -> None:
    harness.window.show()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(folder)
    harness.settle()


def offer_of(harness: Harness) -> QPushButton:
    return harness.window.findChild(QPushButton, "includeSubfoldersButton")


def texts(harness: Harness) -> list[str]:
    return [message.text for message in harness.messages]


def test_the_action_includes_them_stays_on_the_photo_and_is_remembered(
    make_harness: Callable[[], Harness], nested: Path
) -> None:
    harness = make_harness()
    action = action_of(harness)
    assert not action.isEnabled()
    harness.open(nested)
    harness.show("pet_3.png")
    own = harness.review.all_names
    assert (action.isEnabled(), action.isChecked()) == (True, False)
    switch(harness)
    assert harness.review.all_names == sorted([*own, *BELOW])
    assert harness.review.current == "pet_3.png"
    assert (action.isEnabled(), action.isChecked()) == (True, True)
    harness.show("cats/2.png")
    harness.review.close_project()
    assert (action.isEnabled(), action.isChecked()) == (False, False)
    again = make_harness()
    again.open(nested)
    assert again.review.current == "cats/2.png"
    assert action_of(again).isChecked()
    switch(again)
    assert again.review.all_names == own
    assert again.review.current in own
    assert not action_of(again).isChecked()
    assert texts(harness) == texts(again) == []


def test_strokes_on_a_listed_photo_outlive_the_choice(harness: Harness, nested: Path) -> None:
    harness.open(nested)
    harness.show("pet_2.png")
    canvas = harness.window._parts.canvas
    middle = canvas.width() / 2
    drag(canvas, [QPointF(middle - 40, 200), QPointF(middle - 10, 220)])
    painted = canvas.mask().copy()
    assert (painted != 2).any()
    for _ in range(2):
        switch(harness)
        assert harness.review.current == "pet_2.png"
        assert np.array_equal(canvas.mask(), painted)
        assert harness.review.unsaved() == ["pet_2.png"]
    assert texts(harness) == []


def test_what_is_left_out_is_told_and_stays(harness: Harness, nested: Path) -> None:
    project = Project.open(nested, subfolders=True)
    for name in ("cats/1.png", "pet_1.png"):
        project.save_label(name, pet_mask(), BY_HAND, accept=True)
    project.close()
    harness.open(nested)
    session = harness.show("cats/2.png")
    canvas = harness.window._parts.canvas
    middle = canvas.width() / 2
    drag(canvas, [QPointF(middle - 40, 200), QPointF(middle - 10, 220)])
    assert session.dirty
    painted = canvas.mask().copy()
    switch(harness)
    assert harness.review.all_names == [f"pet_{number}.png" for number in range(1, 5)]
    assert texts(harness) == [
        "The unsaved strokes on cats/2.png are kept until subfolders are included again.",
        "1 labelled photo in a subfolder is not shown; its label stays.",
    ]
    harness.messages.clear()
    switch(harness)
    assert texts(harness) == []
    harness.show("cats/2.png")
    assert np.array_equal(canvas.mask(), painted)
    assert harness.review.record("cats/1.png").label is not None


def test_left_out_labels_are_told_only_when_they_are_left_out(
    make_harness: Callable[[], Harness], nested: Path
) -> None:
    project = Project.open(nested, subfolders=True)
    for name in BELOW:
        project.save_label(name, pet_mask(), BY_HAND, accept=True)
    project.close()
    harness = make_harness()
    harness.open(nested)
    switch(harness)
    assert texts(harness) == [left_out_notice(2)]
    assert "2 labelled photos in subfolders are not shown; their labels stay." in texts(harness)
    harness.review.close_project()
    again = make_harness()
    again.open(nested)
    again.settle()
    assert texts(again) == []


def test_an_empty_folder_offers_the_photos_in_its_subfolders(harness: Harness, outer: Path) -> None:
    open_empty(harness, outer)
    button = offer_of(harness)
    assert "are not shown" in harness.window._parts.empty.text
    assert button.isVisible()
    assert button.text() == "Include the 2 photos in subfolders"
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert harness.review.all_names == BELOW
    assert action_of(harness).isChecked()
    harness.settle()
    switch(harness)
    assert harness.review.all_names == []
    assert offer_of(harness).isVisible()


def test_where_there_is_nothing_to_offer_nothing_is_offered(
    harness: Harness, outer: Path, nested: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    (empty / "in").mkdir(parents=True)
    open_empty(harness, empty)
    assert not offer_of(harness).isVisible()
    switch(harness)
    assert "Neither have the folders inside it" in harness.window._parts.empty.text
    open_empty(harness, outer)
    assert offer_of(harness).isVisible()
    open_empty(harness, nested)
    assert not offer_of(harness).isVisible()


def test_a_count_that_comes_late_is_not_offered_for_another_folder(
    harness: Harness, outer: Path, nested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(_folder: Path, *, stopped: Callable[[], bool]) -> Below:
        harness_waits = 0
        while not stopped():  # ends when the folder is closed
            harness_waits += 1
        return Below(2, False)

    monkeypatch.setattr(subfolder_choice, "count_below", count)
    harness.window.show()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(outer)
    open_empty(harness, nested)
    assert not offer_of(harness).isVisible()


@pytest.mark.parametrize(
    ("photos", "every", "text"),
    [
        (1, True, "Include the one photo in subfolders"),
        (1234, True, "Include the 1,234 photos in subfolders"),
        (10_000, False, "Include the 10,000+ photos in subfolders"),
        (0, False, "Include photos in subfolders"),
    ],
)
def test_the_offer_says_how_many(qapp: object, photos: int, every: bool, text: str) -> None:
    empty = EmptyState()
    empty.offer_subfolders(photos, all_counted=every)
    assert empty.findChild(QPushButton, "includeSubfoldersButton").text() == text


@pytest.mark.parametrize("place", ["nested", "outer"])
def test_a_window_that_only_reads_says_why_nothing_can_be_chosen(
    harness: Harness, place: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(place)
    with held_by_another_process(folder):
        open_empty(harness, folder)
        action = action_of(harness)
        assert not action.isEnabled()
        assert action.toolTip() == action.statusTip() == READ_ONLY
        click_action(harness)
        harness.settle()
        assert "cats/1.png" not in harness.review.all_names
        assert not offer_of(harness).isVisible()
    open_empty(harness, folder)
    assert action_of(harness).isEnabled()
    assert action_of(harness).toolTip().startswith("List the photos in folders")


def test_nothing_is_chosen_while_fine_tuning_runs(harness: Harness, nested: Path) -> None:
    harness.open(nested)
    harness.settle()
    action = action_of(harness)
    harness.finetuning.running = True  # and nobody has been told yet
    click_action(harness)
    assert "Fine-tuning is running" in harness.messages[-1].text
    assert (action.isEnabled(), action.isChecked()) == (False, False)
    assert action.toolTip() == FINE_TUNING
    harness.finetuning.cancel()
    assert action.isEnabled()
    harness.finetuning.running = True
    harness.finetuning.phase.emit("Training…")
    assert not action.isEnabled()


def test_a_folder_that_went_away_leaves_the_choice_as_it_was(
    harness: Harness, nested: Path, tmp_path: Path
) -> None:
    harness.open(nested)
    harness.settle()
    away = nested.rename(tmp_path / "away")
    with harness.qtbot.waitSignal(harness.review.folderFailed):
        click_action(harness)
    assert (action_of(harness).isEnabled(), action_of(harness).isChecked()) == (True, False)
    away.rename(nested)
    harness.settle()
    switch(harness)
    assert action_of(harness).isChecked()

"""Tags of the selected photos, by real key and mouse events; and predicting them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui.tags_dialog import TagsDialog
from tests.gui.harness import Harness, pet_mask, pet_probabilities

ONE, TWO, THREE = "pet_1.png", "pet_2.png", "pet_3.png"
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot) -> TagsDialog:
    """About three photos: all are dark, one is blurred, none is small."""
    made = TagsDialog({"dark": 3, "blurred": 1}, 3, {"dark", "blurred", "small"})
    qtbot.addWidget(made)
    made.show()
    return made


def toggle(dialog: TagsDialog, row: int, times: int = 1) -> None:
    dialog.list.setCurrentRow(row)
    for _ in range(times):
        QTest.keyClick(dialog.list, Qt.Key.Key_Space)


def apply(dialog: TagsDialog) -> list[object]:
    spy = QSignalSpy(dialog.chosen)
    button = dialog.findChild(QPushButton, "applyTags")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return [spy.at(place) for place in range(spy.count())]


def test_it_says_which_tags_all_or_some_or_none_have(dialog: TagsDialog) -> None:
    states = [dialog.list.item(row).checkState() for row in range(3)]
    assert dialog.list.item(0).text() == "blurred (1 of 3)"
    assert states == [
        Qt.CheckState.PartiallyChecked,
        Qt.CheckState.Checked,
        Qt.CheckState.Unchecked,
    ]


def test_nothing_chosen_changes_nothing(dialog: TagsDialog) -> None:
    assert apply(dialog) == []
    assert dialog.result() == TagsDialog.DialogCode.Accepted


def test_tags_are_given_taken_and_left(dialog: TagsDialog) -> None:
    toggle(dialog, 0, 3)  # through all three states, back to how it is
    toggle(dialog, 1)
    toggle(dialog, 2)
    QTest.keyClicks(dialog.more, "new,  old  one ,")
    assert apply(dialog) == [[{"small", "new", "old one"}, {"dark"}]]


def test_a_tag_that_is_too_long_is_told_and_nothing_is_done(dialog: TagsDialog) -> None:
    QTest.keyClicks(dialog.more, "x" * 51)
    assert apply(dialog) == []
    assert dialog.isVisible()
    assert "1 to 50" in dialog.problem.text()


def test_the_selected_photos_are_tagged_by_key(harness: Harness, folder: Path) -> None:
    made = Project.open(folder)
    made.set_tags(ONE, ["dark", "blurred"])
    made.close()
    harness.open(folder)
    harness.settle()
    harness.window._browser.selection.select([ONE, TWO])
    QTest.keyClick(harness.window, Qt.Key.Key_T)
    dialog = harness.window.findChild(TagsDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.more, "cat")
    toggle(dialog, 1, 2)  # dark: none of them
    QTest.keyClick(dialog.more, Qt.Key.Key_Return)
    harness.settle()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert harness.messages[0].text == "2 photos tagged."
    tags = [harness.review.state.records[name].tags for name in (ONE, TWO, THREE)]
    assert tags == [("blurred", "cat"), ("cat",), ()]


def test_what_is_typed_about_a_photo_is_kept_when_the_window_closes(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    harness.settle()
    note = harness.window._parts.photo._note
    note.setFocus()
    QTest.keyClicks(note, "look again")
    harness.window.close()
    project = Project.open(folder)
    assert project.record(ONE).note == "look again"
    project.close()


def test_labelled_photos_are_predicted_anew_and_keep_label_and_undo(
    harness: Harness, folder: Path
) -> None:
    made = Project.open(folder)
    made.save_label(ONE, pet_mask(), Provenance("starter", 1), accept=True)
    made.save_label(TWO, pet_mask(), Provenance("starter", 1), accept=True)
    made.close()
    harness.open(folder)
    harness.settle()
    for name in (ONE, TWO):
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
    harness.settle()
    session = harness.review.session
    harness.window._browser.selection.select([ONE, TWO])
    harness.inference.requests.clear()
    harness.action("actionPredictSelected")
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert {ONE, TWO} <= set(harness.inference.requests[-1])
    assert harness.review.session is session, "with its history of undo"
    project = harness.review.project
    assert project is not None
    assert (project.read_label(TWO) == pet_mask()).all()
    for name in (ONE, TWO):
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
    harness.settle()
    harness.review.request_predictions()
    assert not {ONE, TWO} & set(harness.inference.requests[-1]), "each is made once"

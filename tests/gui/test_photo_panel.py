"""What is noted about a photo: typed beside it, kept with it, and no shortcut of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from petseg_gui.core.records import Change
from tests.gui.harness import Harness, pet_mask, pet_probabilities, write_photo

ONE, TWO = "pet_1.png", "pet_2.png"


def type_into(harness: Harness, name: str, text: str) -> QLineEdit:
    edit = harness.window.findChild(QLineEdit, name)
    assert edit is not None
    edit.setFocus()
    QTest.keyClicks(edit, text)
    return edit


def test_tags_and_a_note_are_typed_and_kept(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    for name, text in (("tagsEdit", "dark, odd pose,"), ("noteEdit", "ears unsure 5")):
        edit = type_into(harness, name, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        assert QApplication.focusWidget() is harness.window._parts.canvas
    harness.settle()
    record = harness.review.record(ONE)
    assert record is not None
    assert (record.tags, record.note) == (("dark", "odd pose"), "ears unsure 5")
    assert harness.review.current == ONE, "no letter was a shortcut"
    assert harness.review.counts().accepted == 0, "Enter did not accept"
    harness.review.go_to(TWO)
    harness.settle()
    edit = harness.window.findChild(QLineEdit, "tagsEdit")
    assert edit is not None
    assert edit.text() == ""
    harness.review.go_to(ONE)
    harness.settle()
    assert edit.text() == "dark, odd pose"


def test_what_is_typed_belongs_to_the_photo_that_it_was_typed_for(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    type_into(harness, "noteEdit", "first")
    harness.review.go_to(TWO)
    harness.settle()
    notes = [harness.review.state.records[name].note for name in (ONE, TWO)]
    assert notes == ["first", ""]


def test_escape_gives_up_what_was_typed(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    edit = type_into(harness, "noteEdit", "no")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    harness.settle()
    assert edit.text() == ""
    assert harness.review.state.records[ONE].note == ""


def test_it_says_how_sure_the_model_is_and_that_a_photo_was_replaced(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    harness.inference.deliver(ONE, pet_mask(), pet_probabilities())
    harness.settle()
    texts = [label.text() for label in harness.window._parts.photo.findChildren(QLabel)]
    assert any(text.endswith("% sure") for text in texts)
    notice = harness.window.findChild(QLabel, "replacedNotice")
    assert notice is not None
    assert not notice.isVisible()
    harness.review.accept_and_next()
    harness.settle()
    write_photo(folder / ONE, 210)
    project = harness.review.project
    assert project is not None
    assert project.examine(ONE).change is Change.REPLACED
    harness.review.reload([ONE])
    harness.review.go_to(ONE)
    harness.settle()
    assert notice.isVisible()
    keep = harness.window._actions["actionKeepLabel"]
    assert keep.isEnabled()
    keep.trigger()
    harness.settle()
    assert not notice.isVisible()
    assert (harness.window._parts.canvas.mask() == pet_mask()).all()

"""What is noted about a photo: typed beside it, kept with it, and no shortcut of the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QScrollArea,
    QWidget,
)

from petseg_gui.core.records import Change, PhotoState, Provenance
from petseg_gui.core.store import Project
from tests.gui.harness import Harness, pet_mask, pet_probabilities, write_photo

ONE, TWO = "pet_1.png", "pet_2.png"


def type_into(harness: Harness, name: str, text: str) -> QLineEdit:
    edit = harness.window.findChild(QLineEdit, name)
    assert edit is not None
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_End)
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
    notice = harness.window.findChild(QWidget, "replacedNotice")
    assert notice is not None
    assert not notice.isVisible()
    replace_under_label(harness, folder)
    assert notice.isVisible()


def replace_under_label(harness: Harness, folder: Path) -> Project:
    """The first photo, on show, is accepted, and is another picture then."""
    harness.review.accept_and_next()
    harness.settle()
    write_photo(folder / ONE, 210)
    project = harness.review.project
    assert project is not None
    assert project.examine(ONE).change is Change.REPLACED
    harness.review.reload([ONE])
    harness.review.go_to(ONE)
    harness.settle()
    return project


def press(harness: Harness, name: str) -> None:
    button = harness.window.findChild(QPushButton, name)
    assert button is not None
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("name", ["keepLabel", "startAnew"])
def test_the_label_of_a_replaced_photo_is_kept_or_put_away(
    harness: Harness, folder: Path, name: str
) -> None:
    harness.open(folder)
    harness.inference.deliver(ONE, pet_mask())
    harness.settle()
    project = replace_under_label(harness, folder)
    predicted = np.roll(pet_mask(), 9, axis=1)
    harness.inference.deliver(ONE, predicted)
    harness.settle()
    notice = harness.window.findChild(QWidget, "replacedNotice")
    assert notice is not None
    press(harness, name)
    harness.qtbot.waitUntil(lambda: not notice.isVisible())
    harness.settle()
    record = project.record(ONE)
    if name == "keepLabel":
        assert record.state is PhotoState.ACCEPTED
        assert np.array_equal(harness.window._parts.canvas.mask(), pet_mask())
        assert project.versions(ONE) == []
    else:
        assert record.state is PhotoState.PREDICTED
        assert np.array_equal(harness.window._parts.canvas.mask(), predicted)
        (version,) = project.versions(ONE)
        assert np.array_equal(project.read_version(ONE, version.id), pet_mask())
    assert not record.replaced


@pytest.mark.parametrize("name", ["keepLabel", "startAnew"])
def test_strokes_on_a_picture_that_was_replaced_since_are_decided_about_as_well(
    harness: Harness, folder: Path, name: str
) -> None:
    made = Project.open(folder)
    made.examine(ONE)
    made.write_draft(ONE, pet_mask(), Provenance("starter", 1))
    made.close()
    write_photo(folder / ONE, 210)
    harness.open(folder)
    harness.settle()
    project = harness.review.project
    assert project is not None
    notice = harness.window.findChild(QWidget, "replacedNotice")
    assert notice is not None
    harness.qtbot.waitUntil(notice.isVisible)
    press(harness, name)
    harness.qtbot.waitUntil(lambda: not notice.isVisible())
    harness.settle()
    kept = name == "keepLabel"
    assert project.record(ONE).has_draft is kept
    assert np.array_equal(harness.window._parts.canvas.mask(), pet_mask()) is kept
    if not kept:
        (version,) = project.versions(ONE)
        assert np.array_equal(project.read_version(ONE, version.id), pet_mask())
    elsewhere = Project.open(folder)
    assert elsewhere.record(ONE).replaced is False
    elsewhere.close()


def test_it_tells_the_size(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    size = harness.window.findChild(QLabel, "photoSize")
    assert size is not None
    assert size.text() == "160 × 120"
    assert size.width() >= size.fontMetrics().horizontalAdvance(size.text())


@pytest.fixture
def tagged(harness: Harness, folder: Path) -> QLineEdit:
    """The line of tags of the first photo; other photos have the tags dark, Darling and pose."""
    made = Project.open(folder)
    made.set_tags(TWO, ["dark", "Darling"])
    made.set_tags("pet_3.png", ["pose", "dark"])
    made.close()
    harness.open(folder)
    edit = harness.window.findChild(QLineEdit, "tagsEdit")
    assert edit is not None
    return edit


def offers(harness: Harness) -> list[str]:
    """The tags that are offered."""
    popup = QApplication.activePopupWidget()
    if not isinstance(popup, QListView):
        return []
    model = popup.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def press_key(key: Qt.Key) -> None:
    """As the system sends it: to the list, as long as it is there."""
    QTest.keyClick(QApplication.activePopupWidget() or QApplication.focusWidget(), key)


# The offscreen platform says this of every list that pops up.
pops_up = pytest.mark.qt_log_ignore("This plugin does not support")


@pops_up
def test_tags_of_the_project_are_offered_and_taken_by_key(
    harness: Harness, tagged: QLineEdit
) -> None:
    type_into(harness, "tagsEdit", "odd, da")
    assert offers(harness) == ["Darling", "dark"]
    press_key(Qt.Key.Key_Down)
    press_key(Qt.Key.Key_Down)
    press_key(Qt.Key.Key_Return)
    assert tagged.text() == "odd, dark"
    assert QApplication.focusWidget() is tagged, "there may be more to type"
    QTest.keyClicks(tagged, ", P")
    assert offers(harness) == ["pose"]
    QTest.mouseClick(
        QApplication.activePopupWidget().viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5)
    )
    assert tagged.text() == "odd, dark, pose"
    press_key(Qt.Key.Key_Return)
    harness.settle()
    assert harness.review.state.records[ONE].tags == ("dark", "odd", "pose")
    assert harness.review.current == ONE


@pops_up
def test_offers_are_no_obligation(harness: Harness, tagged: QLineEdit) -> None:
    type_into(harness, "tagsEdit", "dar")
    assert offers(harness)
    press_key(Qt.Key.Key_Return)
    harness.settle()
    assert harness.review.state.records[ONE].tags == ("dar",)
    assert QApplication.focusWidget() is harness.window._parts.canvas
    type_into(harness, "tagsEdit", "k, po")
    press_key(Qt.Key.Key_Escape)
    assert offers(harness) == []
    assert tagged.text() == "dark, po", "Escape drops the offers first"
    press_key(Qt.Key.Key_Escape)
    harness.settle()
    assert tagged.text() == "dar"
    assert harness.review.state.records[ONE].tags == ("dar",)


def test_the_panel_below_stays_usable_in_the_smallest_window(
    harness: Harness, folder: Path
) -> None:
    harness.window.resize(harness.window.minimumSize())
    harness.open(folder)
    harness.inference.deliver(ONE, pet_mask())
    harness.settle()
    replace_under_label(harness, folder)
    side = harness.window.findChild(QScrollArea, "sidePanels")
    assert side is not None
    panels = side.widget()
    assert panels.minimumSizeHint().width() <= side.viewport().width(), "nothing is cut off"
    tune = harness.window._parts.fine_tune
    side.ensureWidgetVisible(tune)
    start = tune.mapTo(side.viewport(), tune.rect().bottomLeft())
    assert start.y() < side.viewport().height()
    assert tune.height() >= 190

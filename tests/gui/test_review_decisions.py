"""What is said, and what happens, when decisions come fast, fail, or leave nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from model.registry import Version
from petseg_gui.core.arrange import Arrangement, PhotoFilter, Sort
from petseg_gui.core.records import PhotoFlag, PhotoState, StoreError
from petseg_gui.core.store import Project
from petseg_gui.ui.filter_bar import FilterBar
from petseg_gui.ui.folder_bar import FittingLabel
from petseg_gui.ui.time_keeper import TimeKeeper
from tests.gui.harness import Harness, pet_mask, pet_probabilities

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]
Key = Qt.Key


@pytest.fixture
def opened(harness: Harness, folder: Path) -> Harness:
    """Four predicted photos."""
    harness.open(folder)
    harness.settle()
    for name in NAMES:
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
    harness.settle()
    return harness


def bar_of(harness: Harness) -> FilterBar:
    return harness.window._parts.folder.filter


def flag_of(harness: Harness, name: str) -> PhotoFlag:
    record = harness.review.record(name)
    assert record is not None
    return record.flag


def accept(harness: Harness, *names: str) -> None:
    for name in names:
        harness.show(name)
        harness.review.accept_and_next()
        harness.settle()


# ---------------------------------------------------------------------- nothing left to go on to


def test_what_is_left_outside_of_the_filter_is_counted(opened: Harness) -> None:
    bar_of(opened).search.setText("pet_1")
    bar_of(opened).search.returnPressed.emit()
    assert opened.review.names == [NAMES[0]]
    accept(opened, NAMES[0])
    assert opened.messages[-1].text == (
        "Every photo of this list is accepted. Outside of the filter 3 are left."
    )
    opened.window._list.show_all()
    accept(opened, NAMES[1], NAMES[2])
    opened.review.list.arrange(Arrangement(PhotoFilter(states=frozenset({PhotoState.ACCEPTED}))))
    accept(opened, NAMES[0])
    assert opened.messages[-1].text.endswith("Outside of the filter 1 is left.")


def test_nothing_is_said_of_what_is_outside_when_all_is_accepted(opened: Harness) -> None:
    opened.review.list.arrange(Arrangement(PhotoFilter(text="pet")))
    accept(opened, *NAMES)
    assert opened.messages[-1].text == "Every photo of this list is accepted."


def test_a_photo_that_cannot_be_read_is_not_called_accepted(harness: Harness, folder: Path) -> None:
    (folder / NAMES[3]).write_bytes(b"damaged")
    harness.open(folder)
    for name in NAMES[:3]:
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
    harness.settle()
    harness.qtbot.waitUntil(lambda: bool(harness.review.problem(NAMES[3])))
    accept(harness, *NAMES[:3])
    assert harness.messages[-1].text == (
        "Every photo of this folder is accepted but 1 that cannot be read."
    )


# ---------------------------------------------------------------------- fast, and failing


def test_two_quick_presses_flag_and_take_the_flag_away(opened: Harness) -> None:
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Q)
    assert opened.window._actions["actionFlag"].isEnabled()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Q)
    opened.settle()
    assert flag_of(opened, NAMES[0]) is PhotoFlag.NONE
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Q)
    opened.settle()
    assert flag_of(opened, NAMES[0]) is PhotoFlag.FLAGGED


def test_skipping_faster_than_the_disk_comes_back_to_nothing(opened: Harness) -> None:
    accept(opened, NAMES[2], NAMES[3])
    opened.show(NAMES[0])
    opened.review.skip()
    assert opened.review.current == NAMES[1]
    opened.review.skip()
    assert opened.review.current == NAMES[0], "of the skipped ones only, as nothing else is left"
    assert not opened.review.state.is_open(NAMES[1])
    opened.settle()
    assert [flag_of(opened, name) for name in NAMES[:2]] == [PhotoFlag.SKIPPED] * 2
    assert not opened.review.state.flagging


def test_a_flag_that_could_not_be_written_is_not_shown(
    opened: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Project, "set_flag", fails)
    before = len(opened.messages)
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Q)
    opened.settle()
    assert [message.kind for message in opened.messages[before:]] == ["error"]
    assert not opened.window._actions["actionFlag"].isChecked()
    assert opened.review.state.flag(NAMES[0]) is PhotoFlag.NONE


def test_an_acceptance_that_could_not_be_taken_back_is_told_once(
    opened: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(opened, NAMES[0])

    def fails(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Project, "unaccept", fails)
    before = len(opened.messages)
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Backspace)
    opened.settle()
    assert [message.kind for message in opened.messages[before:]] == ["error"]
    assert opened.review.state.is_accepted(NAMES[0])
    monkeypatch.undo()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Backspace)
    opened.settle()
    assert opened.messages[-1].text.startswith(f"{NAMES[0]} is not accepted any more")


# ---------------------------------------------------------------------- keys


def test_the_review_goes_by_key_with_the_filmstrip_focused(opened: Harness) -> None:
    strip = opened.window._parts.filmstrip
    strip.setFocus()

    def press(key: Qt.Key) -> str | None:
        strip.setFocus()  # a photo that comes takes the focus to the canvas
        assert QApplication.focusWidget() is strip
        QTest.keyClick(strip, key)
        opened.settle()
        return opened.review.current

    assert press(Key.Key_Return) == NAMES[1]
    assert press(Key.Key_N) == NAMES[2]
    assert press(Key.Key_Q) == NAMES[2]
    assert press(Key.Key_Right) == NAMES[3]
    assert press(Key.Key_Left) == NAMES[2]
    assert press(Key.Key_Backspace) == NAMES[0]
    flags = [flag_of(opened, name) for name in NAMES]
    assert flags == [PhotoFlag.NONE, PhotoFlag.SKIPPED, PhotoFlag.FLAGGED, PhotoFlag.NONE]
    assert opened.review.counts().accepted == 0


# The offscreen platform says this of every panel that opens.
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_percentage_counts_once_it_is_typed(opened: Harness) -> None:
    bar = bar_of(opened)
    asked: list[float | None] = []
    bar.changed.connect(lambda: asked.append(bar.arrangement("").show.most))
    QTest.mouseClick(bar.more, Qt.MouseButton.LeftButton)
    assert bar.panel.isVisible()
    bar.panel.sure.selectAll()
    QTest.keyClicks(bar.panel.sure, "85")
    assert asked == []
    QTest.keyClick(bar.panel.sure, Key.Key_Return)
    opened.settle()
    assert asked == [0.85]
    assert opened.review.counts().accepted == 0, "Enter is meant for the box"
    bar.panel.sure.selectAll()
    QTest.keyClicks(bar.panel.sure, "90")
    bar.panel.close()
    assert asked == [0.85, 0.9], "what was typed counts when the panel closes"


# ---------------------------------------------------------------------- the list by itself


def test_a_list_by_confidence_arranges_itself_once_when_all_is_predicted(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    harness.settle()
    review, progressed = harness.review, harness.inference.progressed
    show = PhotoFilter(states=frozenset({PhotoState.NEW}))
    review.list.arrange(Arrangement(show, Sort.LEAST_SURE))
    harness.show(NAMES[1])
    for name in NAMES[:3]:
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
    progressed.emit(3, 4)
    assert review.names == NAMES, "not before"
    progressed.emit(4, 4)
    assert review.names == [NAMES[3]]
    assert review.current == NAMES[1], "somebody works on it"
    harness.inference.deliver(NAMES[3], pet_mask(), pet_probabilities())
    progressed.emit(1, 1)
    assert review.names == [NAMES[3]], "once"
    assert review.list.outdated
    harness.settle()


def test_changed_since_the_last_model_means_the_model_in_use(opened: Harness) -> None:
    accept(opened, NAMES[0])
    bar = bar_of(opened)
    bar.panel.since.setChecked(True)
    assert opened.review.names == [NAMES[0]]
    # Made later than the label was saved.
    opened.models.known.add("tuned-1")
    made = "2999-01-01T00:00:00+00:00"
    opened.models.tuned.append(Version("tuned-1", Path("tuned-1"), "starter", made, {}))
    opened.review.use_model("tuned-1")
    opened.settle()
    assert opened.review.names == [NAMES[0]], "nothing jumps"
    QTest.keyClick(opened.window._parts.canvas, Key.Key_F5)
    opened.settle()
    assert opened.review.names == []
    opened.review.use_model("starter")
    opened.settle()
    opened.review.list.arrange_again()
    assert opened.review.names == [NAMES[0]]
    opened.settle()


# ---------------------------------------------------------------------- progress and time


def test_progress_is_said_in_as_many_words_as_there_is_room_for(opened: Harness) -> None:
    label = opened.window.findChild(FittingLabel, "acceptedLabel")
    assert label is not None
    texts = ["3 of 6 accepted, 3 left", "3 of 6 accepted", "3 of 6"]
    label.set_texts(texts)
    assert label.text() == texts[0]
    for text in texts:
        label.resize(label.fontMetrics().horizontalAdvance(text) + 1, label.height())
        assert label.text() == text
        assert label.toolTip() == label.accessibleName() == texts[0]
    label.resize(1, label.height())
    assert label.text() == texts[-1]


def test_keys_and_mouse_tell_that_somebody_is_there(opened: Harness) -> None:
    now = [0.0]
    handle = opened.window.windowHandle()
    keeper = TimeKeeper(opened.review, opened.window, lambda: now[0])
    opened.show(NAMES[1])

    def at(moment: float) -> None:
        now[0] = moment
        QTest.keyClick(handle, Key.Key_Shift)

    at(50)
    at(100)  # looking at the photo for 50 s, twice
    at(170)  # away for 70 s
    at(180)
    keeper.flush()
    opened.settle()
    record = opened.review.record(NAMES[1])
    assert record is not None
    assert record.seconds == pytest.approx(110, abs=1)


def test_time_in_another_window_is_not_spent_on_the_photo(opened: Harness) -> None:
    now = [0.0]
    keeper = TimeKeeper(opened.review, opened.window, lambda: now[0])
    opened.show(NAMES[1])
    other = QWidget()
    opened.qtbot.addWidget(other)
    now[0] = 10
    other.show()
    other.activateWindow()
    opened.qtbot.waitUntil(other.isActiveWindow)
    now[0] = 40
    keeper.note()
    opened.window.activateWindow()
    opened.qtbot.waitUntil(opened.window.isActiveWindow)
    now[0] = 45
    keeper.flush()
    opened.settle()
    record = opened.review.record(NAMES[1])
    assert record is not None
    assert record.seconds == pytest.approx(15, abs=1)

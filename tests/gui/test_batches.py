"""What is done to several photos while a person goes on: nothing waits, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMessageBox, QPushButton

from petseg_gui.core.records import PhotoState, Provenance, StoreError
from petseg_gui.core.store import Project
from petseg_gui.ui.batch_controller import BatchController
from petseg_gui.ui.batch_progress import BatchProgress
from tests.gui.harness import Harness, pet_mask, write_photo
from tests.gui.pointing import drag

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def labelled(harness: Harness, folder: Path) -> Project:
    """The folder is open; each of its photos has a label that nobody accepted."""
    made = Project.open(folder)
    for name in NAMES:
        made.save_label(name, pet_mask(), Provenance("starter", 1), accept=False)
    made.close()
    harness.open(folder)
    harness.settle()
    assert harness.review.project is not None
    return harness.review.project


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every acceptance in a batch waits for it."""
    opened, accept = threading.Event(), Project.accept_as_is

    def wait(project: Project, name: str) -> None:
        assert opened.wait(20)
        accept(project, name)

    monkeypatch.setattr(Project, "accept_as_is", wait)
    yield opened
    opened.set()


def select(harness: Harness, names: list[str]) -> None:
    harness.window._browser.selection.select(names)


def paint(harness: Harness, y: float) -> np.ndarray:
    canvas = harness.window._parts.canvas
    drag(canvas, [QPointF(canvas.width() / 2 - 40, y), QPointF(canvas.width() / 2, y + 40)])
    return canvas.mask().copy()


def texts(harness: Harness) -> list[str]:
    return [message.text for message in harness.messages]


def test_two_batches_at_once_are_both_shown_and_told(harness: Harness, labelled: Project) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    select(harness, NAMES[:2])
    harness.action("actionPredictSelected")
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 2)
    assert sorted(texts(harness)) == ["2 photos to be predicted anew.", "4 photos accepted."]
    assert harness.review.counts().accepted == 4
    assert progress(harness) == []


def progress(harness: Harness) -> list[BatchProgress]:
    """What the status bar shows of batches that are under way."""
    shown = harness.window.statusBar().findChildren(BatchProgress)
    return [one for one in shown if one.isVisible()]


def cancel(harness: Harness, number: int = 0) -> None:
    button = progress(harness)[number].findChild(QPushButton, "cancelBatch")
    assert button is not None
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled(), "once is enough"


def test_it_says_how_far_it_is(harness: Harness, labelled: Project, gate: threading.Event) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    (shown,) = progress(harness)
    assert shown.text == "1 of 4 accepted"
    gate.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert progress(harness) == []


def test_one_photo_needs_no_progress(
    harness: Harness, labelled: Project, gate: threading.Event
) -> None:
    select(harness, NAMES[:1])
    harness.action("actionAcceptSelected")
    assert progress(harness) == []
    gate.set()
    harness.qtbot.waitUntil(lambda: texts(harness) == ["1 photo accepted."])


def test_what_was_done_until_it_is_cancelled_stays_and_the_rest_is_left(
    harness: Harness, labelled: Project, gate: threading.Event
) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")  # the first photo is at the writer
    cancel(harness)
    gate.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert texts(harness) == ["1 of 4 accepted; cancelled."]
    harness.settle()
    states = [labelled.record(name).state for name in NAMES]
    assert states == [PhotoState.ACCEPTED, *[PhotoState.EDITED] * 3]
    assert progress(harness) == []
    # What was left can be done later.
    harness.action("actionAcceptSelected")
    harness.qtbot.waitUntil(lambda: texts(harness)[1:] == ["4 photos accepted."])


@pytest.fixture
def writer_held(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """What is to be written waits until it is called; labels are put away without a question."""
    monkeypatch.setattr(BatchController, "_confirmed", lambda *_: True)
    opened = threading.Event()
    harness.services.writer.run(lambda _state: opened.wait(20), lambda _done: None)
    yield opened.set
    opened.set()


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("actionPredictSelected", "1 of 4 to be predicted anew; cancelled."),
        ("actionClearSelected", "1 of 4 put away; cancelled."),
        ("actionTagSelected", "1 of 4 tagged; cancelled."),
    ],
)
def test_every_kind_of_batch_can_be_cancelled(
    harness: Harness,
    labelled: Project,
    writer_held: Callable[[], None],
    action: str,
    words: str,
) -> None:
    select(harness, NAMES)
    harness.action(action)
    if action == "actionTagSelected":
        dialog = harness.window.findChild(QDialog, "tagsDialog")
        assert dialog is not None
        edit = dialog.findChild(QLineEdit, "newTags")
        QTest.keyClicks(edit, "dark")
        QTest.keyClick(edit, Qt.Key.Key_Return)
    cancel(harness)
    writer_held()
    harness.qtbot.waitUntil(lambda: texts(harness) == [words])
    harness.settle()
    records = [labelled.record(name) for name in NAMES]
    changed = [record.label is None or record.tags == ("dark",) for record in records]
    assert changed == [action != "actionPredictSelected", False, False, False]


def test_of_two_batches_the_one_that_is_meant_is_cancelled(
    harness: Harness, labelled: Project, writer_held: Callable[[], None]
) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    select(harness, NAMES[:3])
    harness.action("actionPredictSelected")
    shown = [one.text for one in progress(harness)]
    assert sorted(shown) == ["1 of 3 to be predicted anew", "1 of 4 accepted"]
    cancel(harness, shown.index("1 of 3 to be predicted anew"))
    writer_held()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 2)
    assert sorted(texts(harness)) == [
        "1 of 3 to be predicted anew; cancelled.",
        "4 photos accepted.",
    ]


def test_every_cancel_button_is_within_a_small_window(
    harness: Harness, labelled: Project, writer_held: Callable[[], None]
) -> None:
    window, status = harness.window, harness.window._status
    status.show_device("starter", "a rather long name of a device")
    status.show_predictions(12, 40)
    window.resize(window.minimumSize())
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    harness.action("actionPredictSelected")
    harness.qtbot.waitUntil(lambda: not status.photo.isVisible())  # its name is in the title
    assert window.width() == window.minimumWidth()
    assert len(progress(harness)) == 2
    for shown in progress(harness):
        assert shown.geometry().right() < status.width()
        assert shown.width() >= shown.minimumSizeHint().width()
    writer_held()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 2)
    assert status.photo.isVisible()


def test_what_could_not_be_done_is_told_when_it_is_cancelled_as_well(
    harness: Harness, labelled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_project: Project, name: str) -> None:
        raise StoreError(f"{name} could not be saved. Free some space and try again.")

    monkeypatch.setattr(Project, "accept_as_is", full)
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    cancel(harness)
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert texts(harness) == [
        "0 of 4 accepted; cancelled. 1 could not be: pet_1.png could not be saved. Free some "
        "space and try again."
    ]


def test_what_is_painted_meanwhile_stays(
    harness: Harness, labelled: Project, gate: threading.Event
) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")  # the first photo is at the writer
    painted = paint(harness, 200)
    gate.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert np.array_equal(harness.window._parts.canvas.mask(), painted)
    assert harness.review.unsaved() == [NAMES[0]]
    assert labelled.record(NAMES[0]).state is PhotoState.ACCEPTED
    assert np.array_equal(labelled.read_label(NAMES[0]), pet_mask())
    harness.review.flush_drafts()
    harness.settle()
    assert np.array_equal(labelled.read_draft(NAMES[0]), painted)


def test_a_stroke_that_is_under_way_is_waited_for(harness: Harness, labelled: Project) -> None:
    canvas = harness.window._parts.canvas
    start = QPointF(canvas.width() / 2 - 40, 200).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    assert harness.review.in_gesture()
    select(harness, NAMES[:1])
    harness.action("actionAcceptSelected")
    harness.settle()
    assert labelled.record(NAMES[0]).state is PhotoState.EDITED
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start)
    painted = canvas.mask().copy()
    assert not np.array_equal(painted, pet_mask())
    harness.qtbot.waitUntil(lambda: texts(harness) == ["1 photo accepted."])
    assert np.array_equal(labelled.read_label(NAMES[0]), painted)


def test_a_folder_is_closed_at_once_and_the_rest_is_told(
    harness: Harness, labelled: Project, gate: threading.Event, tmp_path: Path
) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    other = tmp_path / "other"
    other.mkdir()
    write_photo(other / "cat.png", 90)
    # Closing waits for the photo that is at the writer, and for no other.
    harness.review.aboutToLeave.connect(gate.set)
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(other)
    harness.settle()
    harness.qtbot.waitUntil(lambda: any("was closed before" in text for text in texts(harness)))
    assert "1 photo of photos accepted; the folder was closed before the other 3 were." in texts(
        harness
    )


def answer_when_asked(harness: Harness, text: str) -> Callable[[], None]:
    """Press the button of that text as soon as a question is open."""

    def answer() -> None:
        box = harness.window.findChild(QMessageBox, "clearDialog")
        assert box is not None
        button = next(b for b in box.findChildren(QPushButton) if b.text() == text)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    return answer


@pytest.mark.parametrize("sure", [True, False])
def test_strokes_that_are_not_on_disk_yet_are_put_away_as_well(
    harness: Harness, folder: Path, sure: bool
) -> None:
    harness.open(folder)
    harness.settle()
    painted = paint(harness, 200)
    QTimer.singleShot(0, harness.window, answer_when_asked(harness, "Clear" if sure else "Cancel"))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    harness.settle()
    project = harness.review.project
    assert project is not None
    if not sure:
        assert harness.review.unsaved() == [NAMES[0]]
        return
    harness.qtbot.waitUntil(lambda: texts(harness) == ["1 photo put away."])
    harness.settle()
    assert harness.review.unsaved() == []
    [version] = project.versions(NAMES[0])
    assert np.array_equal(project.read_version(NAMES[0], version.id), painted)


def test_nothing_is_asked_when_there_is_nothing_to_clear(
    harness: Harness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> bool:
        raise AssertionError("asked")

    monkeypatch.setattr(BatchController, "_confirmed", never)
    harness.open(folder)
    harness.settle()
    select(harness, NAMES)
    harness.action("actionClearSelected")
    assert texts(harness) == ["None of the selected photos has a label."]

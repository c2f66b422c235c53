"""What is done to several photos while a person goes on: nothing waits, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from petseg_gui.core.records import PhotoState, Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui.batch_controller import BatchController
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
    assert harness.window.statusBar().currentMessage() == ""


def test_it_says_how_far_it_is(harness: Harness, labelled: Project, gate: threading.Event) -> None:
    select(harness, NAMES)
    harness.action("actionAcceptSelected")
    assert harness.window.statusBar().currentMessage() == "1 of 4 accepted"
    gate.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)


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

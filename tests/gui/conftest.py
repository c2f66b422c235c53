"""Fixtures of the window's tests: isolated settings, fakes of the services, no leftovers."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread, QTimer, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.core.settings import Settings
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Message, Messages
from petseg_gui.services.ports import ModelRef, Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.main_window import MainWindow
from petseg_gui.ui.review_controller import ReviewController

HEIGHT, WIDTH = 120, 160


class FakeInference(QObject):
    """Predicts nothing by itself: a test says when a prediction is there."""

    predicted = Signal(str)
    failed = Signal(str, str)
    modelLoaded = Signal(str, str)
    progressed = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.started = 0
        self.stopped = 0
        self.project: Project | None = None
        self.model = ""
        self.requests: list[list[str]] = []

    def start(self) -> None:
        self.started += 1

    def open_project(self, project: Project) -> None:
        self.project = project

    def use_model(self, model_id: str, path: Path) -> None:
        self.model = model_id

    def request(self, names: list[str]) -> None:
        self.requests.append(names)

    def stop(self) -> None:
        self.stopped += 1

    def deliver(self, name: str, mask: np.ndarray) -> None:
        """What the real service does when a photo has been predicted."""
        assert self.project is not None
        self.project.write_prediction(name, self.model, mask)
        self.predicted.emit(name)


class FakeFineTuning(QObject):
    """Trains nothing: a test plays its signals."""

    phase = Signal(str)
    prepared = Signal(object)
    stepped = Signal(object)
    validated = Signal(object)
    finished = Signal(object)
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.running = False
        self.requests: list[object] = []
        self.stopped = 0

    def start(self, request: object) -> None:
        self.requests.append(request)
        self.running = True

    def cancel(self) -> None:
        self.running = False
        self.cancelled.emit()

    def stop(self) -> None:
        self.running = False
        self.stopped += 1


class FakeModels:
    """A starter model and whatever ids a test adds."""

    def __init__(self) -> None:
        self.known = {"starter"}

    def in_use(self, project: Project) -> ModelRef:
        return ModelRef(project.model_in_use() or "starter", Path("starter"))

    def find(self, project: Project, model_id: str) -> ModelRef:
        if model_id not in self.known:
            raise LookupError(model_id)
        return ModelRef(model_id, Path(model_id))


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the settings and data of whoever runs it."""
    monkeypatch.setenv("PETSEG_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PETSEG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))


@pytest.fixture(autouse=True)
def no_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread or an active timer behind."""
    threads_before = set(threading.enumerate())
    yield
    if QApplication.instance() is None:
        return
    # Widgets that nobody refers to any more go now, with their timers.
    gc.collect()
    QApplication.processEvents()
    objects = gc.get_objects()
    running = [o for o in objects if isinstance(o, QThread) and _is_running(o)]
    active = [o for o in objects if isinstance(o, QTimer) and _is_active(o)]
    pythons = [
        t
        for t in threading.enumerate()
        # A dummy is a Qt thread that once ran Python; Python cannot know that it has ended.
        if t not in threads_before and not isinstance(t, threading._DummyThread)
    ]
    assert not running, f"QThreads still running: {running}"
    assert not active, f"timers still active: {[(t, t.parent()) for t in active]}"
    assert not pythons, f"threads still running: {pythons}"


def _is_running(thread: QThread) -> bool:
    try:
        return thread.isRunning() and thread is not QThread.currentThread()
    except RuntimeError:  # its C++ part is gone
        return False


def _is_active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos, each of one colour."""
    path = tmp_path / "photos"
    path.mkdir()
    for number in range(1, 5):
        write_photo(path / f"pet_{number}.png", 50 * number)
    return path


def write_photo(path: Path, level: int) -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    assert cv2.imwrite(str(path), pixels)


def pet_mask() -> np.ndarray:
    """A rectangle of pet on background."""
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    mask[30:90, 40:120] = 1
    return mask


class Harness:
    """A window on fakes, with what a test needs to drive and observe it."""

    def __init__(self, qtbot: QtBot, saved: list[Settings], samples: Path) -> None:
        self.qtbot = qtbot
        self.inference = FakeInference()
        self.finetuning = FakeFineTuning()
        self.models = FakeModels()
        self.messages: list[Message] = []
        messages = Messages()
        messages.posted.connect(self.messages.append)
        self.services = Services(
            messages=messages,
            reader=TaskRunner(2),
            writer=TaskRunner(1),
            inference=self.inference,
            finetuning=self.finetuning,
            models=self.models,
            build_request=lambda project, model, settings: (model.id, dict(settings)),
            oxford_ready=lambda: False,
        )
        self.review = ReviewController(self.services, None)
        self.window = MainWindow(
            self.services, self.review, Settings(), saved.append, lambda: samples
        )
        self.review.setParent(self.window)
        qtbot.addWidget(self.window)

    def open(self, folder: Path) -> None:
        """Show the window on ``folder`` and wait until its first photo is there."""
        self.window.show()
        with self.qtbot.waitSignal(self.review.photoShown):
            self.window.open_folder(folder)
        self.qtbot.waitUntil(lambda: self.inference.started == 1)

    def action(self, name: str) -> None:
        """Trigger an action by its object name."""
        from PySide6.QtGui import QAction

        action = self.window.findChild(QAction, name)
        assert action is not None
        assert action.isEnabled(), f"{name} is disabled"
        action.trigger()

    def settle(self) -> None:
        """Wait until nothing is being read or written."""
        self.qtbot.waitUntil(
            lambda: not self.services.reader.active and not self.services.writer.active
        )


@pytest.fixture
def make_harness(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Harness]]:
    """Makes windows; each is closed at the end of the test, whatever is unsaved."""
    made: list[Harness] = []

    def make() -> Harness:
        made.append(Harness(qtbot, [], tmp_path / "samples"))
        return made[-1]

    yield make
    for harness in made:
        harness.finetuning.running = False
        monkeypatch.setattr(harness.review, "unsaved", list)
        harness.window.close()


@pytest.fixture
def harness(make_harness: Callable[[], Harness]) -> Harness:
    return make_harness()

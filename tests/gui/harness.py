"""A window on fakes of the two services, and what tests need to drive it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from model.registry import STARTER, Version
from petseg_gui.core.session import EditSession
from petseg_gui.core.settings import Settings
from petseg_gui.core.store import Project
from petseg_gui.services.augmented import Augmented
from petseg_gui.services.messages import Message, Messages
from petseg_gui.services.ports import ModelRef, Models, Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.main_window import MainWindow
from petseg_gui.ui.review_controller import ReviewController

HEIGHT, WIDTH = 120, 160


class FakeInference(QObject):
    """Predicts nothing by itself: a test says when a prediction is there."""

    predicted = Signal(object)
    failed = Signal(object, str)
    modelLoaded = Signal(str, str)  # noqa: N815 - the real service's name
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

    def deliver(self, name: str, mask: np.ndarray, probabilities: np.ndarray | None = None) -> None:
        """What the real service does when a photo has been predicted.

        Args:
            name: the photo's name.
            mask: uint8 (H, W), at the photo's size.
            probabilities: uint8 (S, S, 3); None: as predictions of older versions are.
        """
        assert self.project is not None
        self.project.write_prediction(name, self.model, mask, probabilities)
        self.predicted.emit(name)


class FakeFineTuning(QObject):
    """Trains nothing: a test plays its signals."""

    phase = Signal(str)
    prepared = Signal(object)
    stepped = Signal(object)
    validated = Signal(object)
    resumed = Signal(object)
    noticed = Signal(str)
    paused = Signal(bool)
    finished = Signal(object)
    stopped = Signal()
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.running = False
        self.requests: list[object] = []
        self.interrupted = 0
        self.ended = 0

    def start(self, request: object) -> None:
        self.requests.append(request)
        self.running = True

    def pause(self, on: bool) -> None:
        self.paused.emit(on)

    def interrupt(self) -> None:
        self.interrupted += 1

    def cancel(self) -> None:
        self.running = False
        self.cancelled.emit()

    def end(self, how: str, *what: object) -> None:
        """What the real service does when a run ends by itself."""
        self.running = False
        getattr(self, how).emit(*what)

    def stop(self) -> None:
        self.running = False
        self.ended += 1


class FakeModels:
    """A starter model and whatever ids a test adds."""

    def __init__(self) -> None:
        self.known = {"starter"}
        self.tuned: list[Version] = []

    def in_use(self, project: Project) -> ModelRef:
        return ModelRef(project.model_in_use() or "starter", Path("starter"))

    def find(self, project: Project, model_id: str) -> ModelRef:
        if model_id not in self.known:
            raise LookupError(model_id)
        return ModelRef(model_id, Path(model_id))

    def versions(self, project: Project) -> list[Version]:
        return [Version("starter", Path("starter"), None, "", {}, origin=STARTER), *self.tuned]


def write_photo(path: Path, level: int) -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    assert cv2.imwrite(str(path), pixels)


def pet_mask() -> np.ndarray:
    """A rectangle of pet on background."""
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    mask[30:90, 40:120] = 1
    return mask


def pet_probabilities() -> np.ndarray:
    """What :func:`pet_mask` was made of, uint8 (16, 16, 3)."""
    found = np.zeros((16, 16, 3), np.uint8)
    found[..., 1] = 235
    found[4:12, 4:12] = (200, 35, 0)
    found[..., 2] = 255 - found[..., 0] - found[..., 1]
    return found


class ReviewHarness:
    """A review on fakes, without a window."""

    def __init__(self, qtbot: QtBot, models: Models | None = None) -> None:
        self.qtbot = qtbot
        self.inference = FakeInference()
        self.finetuning = FakeFineTuning()
        self.models = FakeModels()
        self.messages: list[Message] = []
        self.pictures: list[Augmented] = []
        messages = Messages()
        messages.posted.connect(self.messages.append)
        self.services = Services(
            messages=messages,
            reader=TaskRunner(2),
            writer=TaskRunner(1),
            inference=self.inference,
            finetuning=self.finetuning,
            models=models or self.models,
            build_request=lambda project, model, settings, go_on: (model.id, dict(settings), go_on),
            oxford_ready=lambda: False,
            augmented=lambda _labels, _count: self.pictures,
        )
        self.review = ReviewController(self.services, None)

    def open_review(self, folder: Path) -> None:
        """Open ``folder`` and wait until its first photo is shown."""
        with self.qtbot.waitSignal(self.review.photoShown):
            self.review.open_folder(folder)
        self.settle()

    def show(self, name: str) -> EditSession:
        """Go to a photo and wait until it is shown, and everything is read and written."""
        self.review.go_to(name)
        self.qtbot.waitUntil(lambda: self.review.session is not None)
        self.settle()
        session = self.review.session
        assert session is not None
        assert session.photo == name
        return session

    def settle(self) -> None:
        """Wait until nothing is being read or written."""
        self.qtbot.waitUntil(
            lambda: not self.services.reader.active and not self.services.writer.active
        )

    def end(self) -> None:
        """End every thread, as the window does when it closes."""
        self.review.close_project()
        self.services.stop()


class Harness(ReviewHarness):
    """A window on fakes, with what a test needs to drive and observe it."""

    def __init__(
        self, qtbot: QtBot, saved: list[Settings], samples: Path, models: Models | None = None
    ) -> None:
        super().__init__(qtbot, models)
        self.window = MainWindow(
            self.services, self.review, Settings(), saved.append, lambda: samples
        )
        self.review.setParent(self.window)

    def open(self, folder: Path) -> None:
        """Show the window on ``folder`` and wait until its first photo is there."""
        self.window.show()
        with self.qtbot.waitSignal(self.review.photoShown):
            self.window.open_folder(folder)
        self.qtbot.waitUntil(lambda: self.inference.started == 1)

    def action(self, name: str) -> None:
        """Trigger an action by its object name."""
        action = self.window.findChild(QAction, name)
        assert action is not None
        assert action.isEnabled(), f"{name} is disabled"
        action.trigger()

"""A canvas with the commands on its mask, without the window; and what tests need to drive it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from petseg_gui.core.session import EditSession
from petseg_gui.services.messages import Message, Messages
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.cleanup_bar import CleanUpBar
from petseg_gui.ui.mask_commands import MaskCommands
from petseg_gui.ui.photo_loader import LoadedPhoto
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shown_predictions import ShownPredictions
from petseg_gui.ui.smart_select import SmartSelect
from tests.gui.harness import FakeFineTuning, FakeInference, FakeModels

HEIGHT, WIDTH = 120, 160
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def predicted_mask() -> np.ndarray:
    """A pet with two holes of 4 and 100 pixels, and an island of 9."""
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    mask[30:90, 40:120] = 1
    mask[40:42, 50:52] = 2
    mask[60:70, 80:90] = 2
    mask[10:13, 10:13] = 1
    return mask


def picture() -> np.ndarray:
    """A bright animal where :func:`predicted_mask` has the pet, on dark ground: BGR."""
    pixels = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    pixels[30:90, 40:120] = (60, 150, 220)
    return pixels


class Rig:
    """The commands with everything real but the models' services."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.inference = FakeInference()
        self.messages: list[Message] = []
        messages = Messages()
        messages.posted.connect(self.messages.append)
        self.services = Services(
            messages=messages,
            reader=TaskRunner(2),
            writer=TaskRunner(1),
            inference=self.inference,
            finetuning=FakeFineTuning(),
            models=FakeModels(),
            build_request=lambda project, model, settings, go_on: (model.id, dict(settings), go_on),
            oxford_ready=lambda: False,
            augmented=lambda _labels, _count: [],
        )
        self.window = QMainWindow()
        self.actions = Actions(self.window)
        self.review = ReviewController(self.services, None, self.window)
        self.shown = ShownPredictions(self.review, self.services, self.window)
        self.canvas = Canvas()
        self.bar = CleanUpBar()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.bar)
        self.window.setCentralWidget(centre)
        self.window.setMinimumSize(900, 600)
        self.review.photoShown.connect(self._photo_shown)
        self.review.sessionReplaced.connect(self.canvas.set_session)
        self.review.maskChanged.connect(self.canvas.refresh)
        self.canvas.gestureCommitted.connect(self.review.gesture_committed)
        self.actions["actionUndo"].triggered.connect(lambda _on: self.review.undo())
        self.commands = MaskCommands(
            self.actions,
            self.canvas,
            self.review,
            self.services,
            self.bar,
            self.shown,
            self.window,
        )
        self.smart = SmartSelect(self.canvas, self.services, self.shown, self.review, self.window)
        self.folder = folder
        for number in range(1, 3):
            assert cv2.imwrite(str(folder / f"pet_{number}.png"), picture())

    def open(self, *, predicted: bool = True) -> None:
        """Show the first photo, with its prediction."""
        self.window.show()
        with self.qtbot.waitSignal(self.review.photoShown):
            self.review.open_folder(self.folder)
        if predicted:
            with self.qtbot.waitSignal(self.review.sessionReplaced):
                probabilities = np.full((8, 8, 3), 85, np.uint8)
                self.inference.deliver("pet_1.png", predicted_mask(), probabilities)
            self.qtbot.waitUntil(lambda: self.shown.current is not None)
        self.settle()
        self.canvas.setFocus()
        self.messages.clear()

    def close(self) -> None:
        self.bar.hide()
        self.review.close_project()
        self.services.stop()
        self.window.close()
        self.window.deleteLater()

    @property
    def session(self) -> EditSession:
        session = self.review.session
        assert session is not None
        return session

    @property
    def mask(self) -> np.ndarray:
        return self.session.view().copy()

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    def trigger(self, name: str) -> None:
        self.actions[name].setEnabled(True)
        self.actions[name].trigger()

    def settle(self) -> None:
        """Wait until nothing is being read or computed."""
        self.qtbot.waitUntil(
            lambda: not self.services.reader.active and not self.services.writer.active
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def mouse(
        self,
        kind: QEvent.Type,
        x: float,
        y: float,
        button: Qt.MouseButton = LEFT,
        held: Qt.MouseButton = LEFT,
    ) -> None:
        """A raw mouse event at a photo point."""
        point = QPointF(self.canvas.image_to_widget(x, y))
        keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, point, self.canvas.mapToGlobal(point), button, held, keys)
        QApplication.sendEvent(self.canvas, event)

    def press(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, x, y, button, button)

    def release(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, x, y, button, Qt.MouseButton.NoButton)

    def click(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self.press(x, y, button)
        self.release(x, y, button)

    def _photo_shown(self, photo: LoadedPhoto, session: EditSession) -> None:
        self.canvas.set_document(photo.pyramid, session)

"""A person in front of the real window: keys, mouse, and what can be seen and found on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QListView,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from petseg_gui.core.brush import stroke
from petseg_gui.services.ports import Services
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.review_controller import ReviewController

PATIENCE_MS = 150_000
"""How long anything may take: the machine may be busy with other things."""

Mask = npt.NDArray[np.uint8]
Point = tuple[float, float]
Kind = TypeVar("Kind", bound=QObject)

_LEFT, _NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_NO_KEYS = Qt.KeyboardModifier.NoModifier


class Log:
    """What the services signalled, in order.

    Attributes:
        predicted: names of photos, in the order in which their predictions arrived.
        failed: (name, reason) of predictions that failed.
        messages: what the user was told, as (kind, text).
        training: the fine-tune's signals, as (name, argument).
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.predicted: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.models: list[str] = []
        self.messages: list[tuple[str, str]] = []
        self.training: list[tuple[str, Any]] = []
        services.inference.predicted.connect(self.predicted.append)
        services.inference.failed.connect(lambda *what: self.failed.append(what))
        services.inference.modelLoaded.connect(lambda model, _device: self.models.append(model))
        services.messages.posted.connect(lambda m: self.messages.append((m.kind, m.text)))
        trainer = services.finetuning
        for name in ("prepared", "stepped", "validated", "finished", "failed"):
            getattr(trainer, name).connect(
                lambda what, name=name: self.training.append((name, what))
            )
        trainer.cancelled.connect(lambda: self.training.append(("cancelled", None)))
        trainer.stopped.connect(lambda: self.training.append(("stopped", None)))

    def last(self, name: str) -> Any:
        """The argument of the last training signal of this name."""
        return next(what for kind, what in reversed(self.training) if kind == name)

    def count(self, name: str) -> int:
        """How often a training signal came."""
        return sum(kind == name for kind, _ in self.training)


class Person:
    """Uses the window.

    Args:
        qtbot: waits.
        window: the main window, shown.
        log: of its services.
        folder: the photo folder that the test is about.
    """

    def __init__(self, qtbot: QtBot, window: QMainWindow, log: Log, folder: Path) -> None:
        self.qtbot = qtbot
        self.window = window
        self.log = log
        self.folder = folder

    # ------------------------------------------------------------------ looking

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so; the window goes on meanwhile."""
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def find(self, kind: type[Kind], name: str) -> Kind:
        """A widget or action by its object name."""
        found = self.window.findChild(kind, name)
        assert isinstance(found, kind), f"the window has no {name}"
        return found

    @property
    def canvas(self) -> Canvas:
        return self.find(Canvas, "canvas")

    @property
    def review(self) -> ReviewController:
        """What the window knows of the photos."""
        found = self.window.findChild(ReviewController)
        assert found is not None
        return found

    @property
    def empty_text(self) -> str:
        """What is said in the place of a photo."""
        state = self.find(EmptyState, "emptyState")
        return state.text if state.isVisible() else ""

    @property
    def photo(self) -> str:
        """The photo's name in the title."""
        return self.window.windowTitle().partition(" — ")[0]

    def reads(self, text: str) -> bool:
        """Whether ``text`` can be read somewhere in the window."""
        labels = self.window.findChildren(QLabel)
        return any(label.isVisible() and text in label.text() for label in labels)

    def marks(self) -> dict[str, str]:
        """The state of every photo, as the filmstrip says it."""
        model = self.find(QListView, "filmstrip").model()
        said = [
            str(model.index(row, 0).data(int(Qt.ItemDataRole.AccessibleTextRole)))
            for row in range(model.rowCount())
        ]
        return {name: mark for name, _, mark in (line.partition(": ") for line in said)}

    def mask(self) -> Mask:
        """A copy of the mask on the canvas."""
        return np.array(self.canvas.mask())

    def sees_photo(self, name: str) -> None:
        """Wait until ``name`` is on the canvas and can be painted."""
        self.wait(lambda: self.photo == name and self.canvas.isEnabled())

    def sees_prediction(self, name: str, model: str) -> Mask:
        """Wait until the canvas shows what is on disk as the model's prediction; returns it."""
        self.sees_photo(name)
        path = self.prediction(name, model)
        self.wait(path.exists)
        predicted = read_png(path)
        self.wait(lambda: np.array_equal(self.canvas.mask(), predicted))
        return predicted

    # ------------------------------------------------------------------ acting

    def press(self, keys: str) -> None:
        """Press a key, such as 'Return' or 'Ctrl+Z'."""
        combination = QKeySequence(keys)[0]
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def click(self, name: str) -> None:
        """Click the button of this name."""
        button = self.find(QPushButton, name)
        assert button.isVisible(), f"{name} is not to be seen"
        assert button.isEnabled(), f"{name} cannot be pressed"
        QTest.mouseClick(button, _LEFT)

    def choose_photo(self, name: str) -> None:
        """Click a photo in the filmstrip."""
        self.wait(lambda: name in self.marks())
        strip = self.find(QListView, "filmstrip")
        rows = range(strip.model().rowCount())
        index = next(i for i in (strip.model().index(r, 0) for r in rows) if str(i.data()) == name)
        strip.scrollTo(index)
        QTest.mouseClick(strip.viewport(), _LEFT, _NO_KEYS, strip.visualRect(index).center())

    def drag(self, points: Sequence[Point]) -> None:
        """Drag the mouse over the canvas, along photo coordinates (x, y)."""
        canvas = self.canvas
        places = [canvas.image_to_widget(x, y) for x, y in points]
        _mouse(canvas, QEvent.Type.MouseButtonPress, places[0], _LEFT, _LEFT)
        for place in places[1:]:
            _mouse(canvas, QEvent.Type.MouseMove, place, _NO_BUTTON, _LEFT)
        _mouse(canvas, QEvent.Type.MouseButtonRelease, places[-1], _LEFT, _NO_BUTTON)

    def hover(self, place: QPointF) -> None:
        """Move the mouse over the canvas without a button."""
        _mouse(self.canvas, QEvent.Type.MouseMove, place, _NO_BUTTON, _NO_BUTTON)

    def brush(self, points: Sequence[Point], value: int, diameter: float = 23.7) -> Mask:
        """Choose a class and a size, paint, and check the result to the pixel; returns it."""
        before = self.mask()
        expected = painted(before, points, value, diameter)
        assert not np.array_equal(expected, before), "this stroke would change nothing"
        self.press(str(value))
        self.canvas.set_brush_diameter(diameter)
        self.drag(points)
        after = self.mask()
        wrong = np.argwhere(after != expected)
        assert not len(wrong), f"{len(wrong)} pixels differ, first at (row, column) {wrong[0]}"
        return after

    def stroke_somewhere(self, share: float = 0.4) -> Mask:
        """Paint a stroke across the middle of the photo that changes something."""
        height, width = self.canvas.mask().shape
        points = [
            (0.2 * width, share * height),
            (0.5 * width, (share + 0.1) * height),
            (0.8 * width, share * height),
        ]
        before = self.mask()
        value = next(v for v in (3, 1) if not np.array_equal(painted(before, points, v), before))
        return self.brush(points, value)

    def drop(self, path: Path) -> None:
        """Drop a file or a folder on the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        where, action = QPoint(400, 300), Qt.DropAction.CopyAction
        enter = QDragEnterEvent(where, action, data, _LEFT, _NO_KEYS)
        QApplication.sendEvent(self.window, enter)
        assert enter.isAccepted()
        drop = QDropEvent(QPointF(where), action, data, _LEFT, _NO_KEYS)
        QApplication.sendEvent(self.window, drop)
        assert drop.isAccepted()

    def accept(self) -> tuple[str, Mask]:
        """Press Enter on the photo on show, wait for its label; returns its name and mask."""
        name, mask = self.photo, self.mask()
        self.press("Return")
        self.wait(lambda: self.marks()[name] == "accepted")
        return name, mask

    def fine_tune(self, rounds: int = 1) -> None:
        """Choose every setting oneself, set the number of rounds and press Start."""
        custom = self.find(QRadioButton, "presetCustom")
        QTest.mouseClick(custom, _LEFT, pos=QPoint(8, custom.height() // 2))
        boxes = self.window.findChildren(QSpinBox)
        next(b for b in boxes if b.accessibleName() == "Rounds").setValue(rounds)
        self.click("startFineTune")

    def close(self, *answers: str) -> bool:
        """Close the window, pressing these buttons in the dialogs that appear; is it closed?

        Every answer must have had its dialog.
        """
        left = list(answers)
        timer = QTimer()
        timer.setInterval(20)

        def answer() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                return
            wanted = left.pop(0) if left else "Cancel"
            button = next((b for b in box.buttons() if b.text() == wanted), None)
            if button is None:
                box.reject()
                raise AssertionError(f"'{box.text()}' has no button {wanted}")
            QTest.mouseClick(button, _LEFT)

        timer.timeout.connect(answer)
        timer.start()
        closed = self.window.close()
        timer.stop()
        assert not left, f"no dialog asked for {left}"
        if not closed:
            with self.qtbot.waitActive(self.window):  # the dialog was until now
                self.window.activateWindow()
        return closed

    # ------------------------------------------------------------------ the disk

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "petseg"

    def prediction(self, name: str, model: str) -> Path:
        return self.project / "predictions" / model / f"{name}.png"

    def label(self, name: str) -> Path:
        return self.project / "labels" / f"{Path(name).stem}.png"

    def draft(self, name: str) -> Path:
        return self.project / "drafts" / f"{name}.png"

    def models(self) -> list[str]:
        """Ids of the models that this project grew."""
        return sorted(p.stem for p in (self.project / "models").glob("*.safetensors"))


def painted(mask: Mask, points: Sequence[Point], value: int, diameter: float = 23.7) -> Mask:
    """``mask`` after one brush stroke."""
    result = mask.copy()
    patch = stroke(points, diameter, value, (mask.shape[0], mask.shape[1]))
    assert patch is not None
    height, width = patch.selection.shape
    result[patch.y : patch.y + height, patch.x : patch.x + width][patch.selection] = value
    return result


def read_png(path: Path) -> Mask:
    """The values of an index PNG, as any other program would read them."""
    with Image.open(path) as image:
        assert image.mode == "P", f"{path.name} is no palette PNG but {image.mode}"
        return np.array(image)


def provenance(path: Path) -> dict[str, Any]:
    """What a label says about where it comes from."""
    with Image.open(path) as image:
        content: dict[str, Any] = json.loads(image.info["petseg"])
    return content


def _mouse(
    canvas: Canvas,
    kind: QEvent.Type,
    place: QPointF,
    button: Qt.MouseButton,
    held: Qt.MouseButton,
) -> None:
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, held, _NO_KEYS)
    QApplication.sendEvent(canvas, event)

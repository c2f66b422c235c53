"""The main job, done through the real window without a display: ``python -m petseg_gui.demo``.

Opens the sample photos, waits for their masks, looks at where the model is unsure, corrects one
with the brush, a smart selection and the border, accepts all but one, fine-tunes for a few steps
while it paints, brings the new model into use and shows what that model sees.  Every step says what
happened; pictures of the window go to ``build/run``.  The exit status is 0 only if every step
happened: each has a deadline, and so has the whole.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QProgressBar, QPushButton

from model.labels import NAMES, Label, MaskArray
from petseg_gui.app import create_main_window
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.message_bar import MessageBar
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.theme import apply_scheme
from resources import SAMPLES

OUT = Path("build/run")
WHOLE_RUN_S = 900
"""After this long the process ends itself and prints where every thread is."""
HEARTBEAT_MS = 10

# Strokes from fraction to fraction of the photo's width and height, with what is really there.
# Which of them the model has wrong depends on the model; the one that changes most is painted.
CLOSE_UP = (
    (Label.BACKGROUND, (0.86, 0.58), (0.96, 0.86)),
    (Label.PET, (0.03, 0.93), (0.25, 0.95)),
    (Label.PET, (0.30, 0.10), (0.45, 0.55)),
)
WHOLE_CAT = (
    (Label.BACKGROUND, (0.90, 0.42), (0.96, 0.70)),
    (Label.BACKGROUND, (0.97, 0.05), (0.97, 0.70)),
    (Label.PET, (0.05, 0.60), (0.12, 0.90)),
)
Stroke = tuple[Label, tuple[float, float], tuple[float, float]]
_Child = TypeVar("_Child", bound=QObject)


class StepFailedError(Exception):
    """A step did not happen; the text says which."""


class Demo:
    """The window and what the demo does with it, as a person would: actions, mouse, buttons."""

    def __init__(self, window: QMainWindow) -> None:
        self.window = window
        self.review = self._child(ReviewController)
        self.canvas = self._child(Canvas, "canvas")
        self.panel = self._child(FineTunePanel, "fineTunePanel")
        self._started = time.monotonic()
        self._pictures = 0

    def _child(self, kind: type[_Child], name: str = "") -> _Child:
        found = self.window.findChild(kind, name) if name else self.window.findChild(kind)
        if found is None:
            raise StepFailedError(f"the window has no {name or kind.__name__}")
        return found

    def say(self, text: str) -> None:
        """Print what happened, with the seconds since the start."""
        print(f"[{time.monotonic() - self._started:6.1f} s] {text}", flush=True)

    def wait(self, what: str, happened: Callable[[], bool], seconds: float) -> None:
        """Let the window work until ``happened``.

        Raises:
            StepFailedError: it did not within ``seconds``, or the window reports a problem.
        """
        bar = self._child(MessageBar, "messageBar")
        deadline = time.monotonic() + seconds
        while not happened():
            if bar.message is not None and bar.message.kind == "error":
                raise StepFailedError(f"{what}: the window says: {bar.message.text}")
            if time.monotonic() > deadline:
                raise StepFailedError(f"{what}: did not happen within {seconds:.0f} s")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    def wait_for_accepted(self, count: int) -> None:
        """Let the window work until ``count`` labels are saved as accepted."""
        self.wait("saving", lambda: self.review.counts().accepted >= count, 30)

    def settle(self) -> None:
        """Let what the window has put off for a moment happen, such as redrawing its icons."""
        until = time.monotonic() + 0.3
        self.wait("settling", lambda: time.monotonic() > until, 5)

    def trigger(self, name: str) -> None:
        """Do an action of the window, as its key or menu entry would.

        Raises:
            StepFailedError: it is disabled.
        """
        action = self._child(QAction, name)
        if not action.isEnabled():
            raise StepFailedError(f"the action {name} is not available")
        action.trigger()

    def picture(self, what: str) -> None:
        """Write a PNG of the window."""
        QApplication.processEvents()
        self._pictures += 1
        path = OUT / f"{self._pictures}-{what}.png"
        grabbed = self.window.grab()
        if not grabbed.save(str(path)):
            raise StepFailedError(f"{path} could not be written")
        self.say(f"    picture: {path} ({grabbed.width()}×{grabbed.height()})")

    def drag(self, points: Sequence[tuple[float, float]]) -> None:
        """Press, move and release the left button over these photo points."""
        places = [self.canvas.image_to_widget(x, y) for x, y in points]
        for index, place in enumerate(places):
            _send_mouse(self.canvas, QEvent.Type.MouseMove if index else _PRESS, place)
            QApplication.processEvents()
        _send_mouse(self.canvas, QEvent.Type.MouseButtonRelease, places[-1])

    def select(self, strokes: Sequence[Stroke]) -> None:
        """Click, with smart select, into what is most wrong of ``strokes``; take what it finds.

        Raises:
            StepFailedError: it found nothing.
        """
        before = self.canvas.mask().copy()
        label, start, end = max(strokes, key=lambda stroke: _wrong_along(before, stroke))
        height, width = before.shape
        along = np.linspace(start, end, 50) * (width - 1, height - 1)
        wrong = [point for point in along if before[int(point[1]), int(point[0])] != label]
        x, y = (wrong or list(along))[len(wrong) // 2]
        self.trigger("actionSmart")
        self.trigger(f"actionClass{int(label)}")
        self.drag([(float(x), float(y))])
        self.wait("selecting", lambda: self.canvas.preview is not None, 30)
        self.picture("smart-select")
        self.canvas.accept_preview()
        changed = int((self.canvas.mask() != before).sum())
        if not changed:
            raise StepFailedError("smart select changed nothing")
        self.say(f"One click selected '{NAMES[label]}': {changed} pixels changed")

    def lay_border(self) -> None:
        """Have the border laid along the pet's outline, and wait for it."""
        before = self.canvas.mask().copy()
        self.trigger("actionLayBorder")
        self.wait("laying the border", lambda: bool((self.canvas.mask() != before).any()), 30)
        self.say(f"Laid the border along the outline; to take back: '{self._undo_text()}'")

    def _undo_text(self) -> str:
        return self._child(QAction, "actionUndo").text().replace("&", "")

    def look_at(self, *views: str) -> None:
        """Take a picture of views, by their actions' names, and go back to the overlay."""
        for view in views:
            self.trigger(f"actionView{view}")
            self.picture(f"view-{view.lower()}")
        self.trigger("actionViewOverlay")

    def paint(self, strokes: Sequence[Stroke], diameter: float) -> None:
        """Paint, with mouse events, the one of ``strokes`` that changes most.

        Raises:
            StepFailedError: the mask is as it was.
        """
        before = self.canvas.mask().copy()
        label, start, end = max(strokes, key=lambda stroke: _wrong_along(before, stroke))
        height, width = before.shape
        self.trigger("actionBrush")
        self.trigger(f"actionClass{int(label)}")
        self.canvas.set_brush_diameter(diameter)
        along = np.linspace(start, end, 25) * (width, height)
        self.drag([(float(x), float(y)) for x, y in along])
        changed = int((self.canvas.mask() != before).sum())
        if not changed:
            raise StepFailedError("the brush changed nothing")
        self.say(f"Painted '{NAMES[label]}' on {self.review.current}: {changed} pixels changed")


_PRESS = QEvent.Type.MouseButtonPress


def _send_mouse(canvas: Canvas, kind: QEvent.Type, point: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    modifiers = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, point, canvas.mapToGlobal(point), button, held, modifiers)
    QApplication.sendEvent(canvas, event)


def _wrong_along(mask: MaskArray, stroke: Stroke) -> int:
    label, start, end = stroke
    height, width = mask.shape
    columns, rows = (np.linspace(start, end, 100) * (width - 1, height - 1)).astype(int).T
    return int((mask[rows, columns] != label).sum())


def open_samples(demo: Demo) -> None:
    """The first photo, then a mask for each."""
    demo.window.resize(1280, 800)
    demo.window.show()
    demo.window.activateWindow()
    demo.wait("showing the first photo", lambda: demo.review.session is not None, 30)
    demo.say(f"Opened {demo.review.counts().total} sample photos; {demo.review.current} is shown")
    demo.wait("predicting", lambda: demo.review.counts().new == 0, 180)
    demo.say(f"The model {demo.review.model} has drawn a mask for each of them")
    demo.picture("predicted")


def correct_and_accept(demo: Demo) -> None:
    """Corrections by brush, smart select and command; then every photo but one becomes a label."""
    demo.wait("reading the prediction", lambda: demo.canvas.prediction is not None, 30)
    demo.look_at("Uncertainty", "Cutout")
    demo.paint(CLOSE_UP, 90)
    demo.select(CLOSE_UP)
    demo.lay_border()
    demo.picture("corrected")
    total = demo.review.counts().total
    for done in range(1, total):
        demo.wait("showing the next photo", lambda: demo.review.session is not None, 30)
        demo.trigger("actionAcceptAndNext")
        demo.wait_for_accepted(done)
    project = demo.review.project
    assert project is not None
    labels = [label.label.name for label in project.accepted()]
    demo.say(f"Accepted {len(labels)} of {total}: {', '.join(labels)} in {project.root}")
    demo.wait("showing the last photo", lambda: demo.review.session is not None, 30)
    demo.picture("accepted")


def fine_tune(demo: Demo) -> None:
    """A short fine-tune, painting meanwhile."""
    demo.panel.form.set_settings({"epochs": 2})
    settings = demo.panel.form.settings()
    own = settings["oxford"] == "none"
    demo.say(
        f"Fine-tuning, {settings['epochs']} rounds, "
        + ("on the accepted photos alone" if own else "on the accepted photos and Oxford's")
    )
    heart = _Heart(demo.window)
    demo.trigger("actionFineTune")
    bar = demo.panel.findChild(QProgressBar)
    assert bar is not None
    demo.wait("the first steps", lambda: bar.maximum() > 0 and bar.value() >= 2, 240)
    demo.say(f"Step {bar.value()} of {bar.maximum()}; painting meanwhile")
    demo.paint(WHOLE_CAT, 24)
    demo.trigger("actionUndo")
    demo.say("Took that stroke back: this photo is left to the new model")
    late = bar.maximum() * 3 // 4
    demo.wait("most steps", lambda: bar.value() >= late or not demo.panel.running, 240)
    demo.picture("fine-tuning")
    heart.skip()
    demo.wait("the end of the fine-tune", lambda: not demo.panel.running, 240)
    longest = heart.stop()
    demo.say(f"Fine-tuning has ended; meanwhile the window was never busy for over {longest} ms")


def adopt(demo: Demo, before: str | None) -> None:
    """The new model comes into use and predicts what nobody has reviewed.

    Raises:
        StepFailedError: there is no new model.
    """
    labels = [label.text() for label in demo.panel.findChildren(QLabel) if label.isVisible()]
    if demo.review.model != before:
        demo.say(f"The new model {demo.review.model} came into use by itself: it did not lose")
    else:
        button = demo.panel.findChild(QPushButton, "adoptButton")
        if button is None or not button.isVisible():
            raise StepFailedError(f"no new model: the panel says {' '.join(labels)!r}")
        outcome = demo.panel.result.outcome
        unsure = outcome is not None and not outcome.sure
        why = "Too few photos are kept aside to tell" if unsure else "The comparison kept the old"
        demo.say(f"{why}; using the new model, by the button")
        button.click()
    project, name = demo.review.project, demo.review.current
    model = demo.review.model
    assert project is not None
    assert name is not None
    assert model is not None
    if model == before:
        raise StepFailedError("the new model did not come into use")

    def predicted_anew() -> bool:
        # By the model's own mask: what is known of the photo is read anew in the background.
        return project.predictions.has(name, model)

    demo.wait("predicting anew", predicted_anew, 120)
    mask = project.read_prediction(name, model)
    if mask is None:
        raise StepFailedError(f"{model} has left no mask for {name}")
    old = project.read_prediction(name, before) if before else None
    demo.wait("showing it", lambda: bool((demo.canvas.mask() == mask).all()), 30)
    share = "" if old is None else f"; {float((old != mask).mean()):.1%} of its pixels changed"
    demo.say(f"{model} has drawn {name} anew{share}")
    demo.picture("predicted-anew")


def looks(demo: Demo) -> None:
    """Light and dark, and a larger window."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for name, scheme in (("light", Qt.ColorScheme.Light), ("dark", Qt.ColorScheme.Dark)):
        apply_scheme(app, scheme)
        demo.settle()
        demo.picture(name)
    demo.window.resize(1920, 1080)
    demo.picture("large")


class _Heart:
    """Measures how long the event loop was ever away."""

    def __init__(self, parent: QObject) -> None:
        self._last = time.monotonic()
        self._longest = 0.0
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(HEARTBEAT_MS)

    def _beat(self) -> None:
        now = time.monotonic()
        self._longest = max(self._longest, now - self._last - HEARTBEAT_MS / 1000)
        self._last = now

    def skip(self) -> None:
        """Leave out what has just been done: writing a picture is the demo's work."""
        self._last = time.monotonic()

    def stop(self) -> int:
        """The longest absence in milliseconds."""
        self._timer.stop()
        return round(1000 * self._longest)


def prepare() -> Path:
    """A fresh copy of the sample photos, and settings of the demo's own; returns the folder."""
    place = OUT / "demo"
    shutil.rmtree(place, ignore_errors=True)
    for old in OUT.glob("*.png"):
        old.unlink()
    photos = place / "photos"
    photos.mkdir(parents=True)
    for source in sorted(SAMPLES.glob("*.jpg")):
        shutil.copyfile(source, photos / source.name)
    os.environ["PETSEG_CONFIG_DIR"] = str(place.resolve() / "settings")
    os.environ.pop("PETSEG_DATA_DIR", None)  # labels go beside the photos
    return photos


def main() -> int:
    """Do the main job; returns the exit status."""
    faulthandler.dump_traceback_later(WHOLE_RUN_S, exit=True)
    window = create_main_window([str(prepare())])
    demo = Demo(window)
    status = 1
    try:
        open_samples(demo)
        before = demo.review.model
        correct_and_accept(demo)
        fine_tune(demo)
        adopt(demo, before)
        looks(demo)
        status = 0
    except StepFailedError as error:
        demo.say(f"FAILED: {error}")
        demo.review.discard_all()  # or closing would ask
    if window.close():
        demo.say(f"Closed. The pictures are in {OUT}")
    else:
        demo.say("FAILED: the window did not close")
        status = 1
    faulthandler.cancel_dump_traceback_later()
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Closing with work in hand, and losing the program in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton

from petseg_gui.core.photos import list_photo_names
from resources import STARTER_MODEL
from tests.e2e.conftest import Use, hashes
from tests.e2e.person import Mask, Person, provenance, read_png

STARTER = STARTER_MODEL.stem
REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.shared,
    # The offscreen platform says this of every window and dialog.
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.timeout(600),
]


class Strokes:
    """Strokes on the first two photos of a folder that are in no label."""

    def __init__(self, person: Person) -> None:
        self.names = list_photo_names(person.folder)
        self.masks: dict[str, Mask] = {}
        for name in self.names[:2]:
            person.choose_photo(name)
            person.sees_photo(name)
            self.masks[name] = person.stroke_somewhere()


def test_save_when_closing(use: Use, few_photos: Path) -> None:
    made: list[Strokes] = []

    def steps(person: Person) -> None:
        made.append(Strokes(person))
        assert person.close("Save")

    use(steps, few_photos)
    project = few_photos / "petseg"
    for name, mask in made[0].masks.items():
        label = project / "labels" / f"{Path(name).stem}.png"
        assert np.array_equal(read_png(label), mask)
        assert provenance(label)["state"] == "edited", "saved is not accepted"
    assert not list((project / "drafts").iterdir())


def test_discard_when_closing(use: Use, few_photos: Path) -> None:
    def steps(person: Person) -> None:
        strokes = Strokes(person)
        # Their drafts are on disk already, and must go as well.
        person.wait(lambda: all(person.draft(name).exists() for name in strokes.masks))
        assert person.close("Discard")

    use(steps, few_photos)
    project = few_photos / "petseg"
    assert not list((project / "labels").iterdir())
    assert not list((project / "drafts").iterdir())

    def again(person: Person) -> None:
        name = list_photo_names(few_photos)[1]
        person.sees_prediction(name, STARTER)
        assert "edited, not accepted" not in person.marks().values()
        assert person.close()

    use(again, few_photos)


def test_cancel_when_closing(use: Use, few_photos: Path) -> None:
    def steps(person: Person) -> None:
        strokes = Strokes(person)
        name = strokes.names[1]
        assert person.close("Cancel") is False
        assert person.window.isVisible()
        assert np.array_equal(person.canvas.mask(), strokes.masks[name])
        # Work goes on as if nothing had been asked.
        person.stroke_somewhere(0.7)
        person.press("Ctrl+Z")
        assert np.array_equal(person.canvas.mask(), strokes.masks[name])
        person.accept()
        assert person.close("Save")

    use(steps, few_photos)
    assert len(list((few_photos / "petseg" / "labels").iterdir())) == 2


def test_learning_from_own_photos_alone_and_closing_meanwhile(use: Use, few_photos: Path) -> None:
    """Without Oxford photos, and with too few labels to hold one out, the person decides."""
    left: dict[str, str] = {}

    def steps(person: Person) -> None:
        names = list_photo_names(few_photos)
        finetuning = person.log.services.finetuning
        for name in names[:2]:
            person.sees_prediction(name, STARTER)
            person.accept()
        person.sees_prediction(names[2], STARTER)
        person.fine_tune()
        person.wait(lambda: finetuning.running)
        person.wait(lambda: not finetuning.running)
        outcome = person.log.last("finished")
        assert not outcome.adopted
        assert person.reads("Too few photos to tell: you decide")
        assert person.reads("None of the photos that you corrected is kept aside yet")
        assert person.reads(f"{STARTER} on ")
        person.click("adoptButton")
        assert person.reads("Your choice is in use")
        person.sees_prediction(names[2], outcome.candidate)
        person.wait(lambda: person.reads(f"{outcome.candidate} on "))
        left.update(hashes(person.project / "models"), **hashes(person.project / "labels"))
        # And a second one, which ends with the program.
        steps_before = person.log.count("stepped")
        person.fine_tune(rounds=50)
        person.wait(lambda: person.log.count("stepped") > steps_before)
        assert person.close("Go on") is False
        assert finetuning.running
        further = person.log.count("stepped")
        person.wait(lambda: person.log.count("stepped") > further)
        assert person.find(QPushButton, "cancelFineTune").isEnabled()
        assert person.close("Stop and close")
        assert not finetuning.running

    log = use(steps, few_photos)
    assert log.count("finished") == 1
    project = few_photos / "petseg"
    assert {**hashes(project / "models"), **hashes(project / "labels")} == left
    assert hashes(project / "models" / "unfinished"), "what the second one had learnt is kept"

    def again(person: Person) -> None:
        person.sees_photo(list_photo_names(few_photos)[2])
        person.wait(lambda: person.reads("tuned-001 on "))
        person.wait(lambda: person.reads("A run was interrupted"))
        person.click("goOnFineTune")
        person.wait(lambda: person.log.count("stepped") > 0)
        assert person.log.training[-1][1].step > 1, "it goes on where it was"
        person.click("pauseFineTune")
        person.click("cancelFineTune")
        person.wait(lambda: person.log.count("cancelled") == 1)
        assert not (person.project / "models" / "unfinished").exists()
        assert person.close()

    use(again, few_photos)


# Runs in a process of its own: the real program, one stroke, and word of it a second later.
CHILD = """
import sys
import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow
from petseg_gui.cli import main
from resources import STARTER_MODEL
from petseg_gui.ui.canvas import Canvas

folder, photo, screen = sys.argv[1:]

def look():
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow)]
    if not windows or not windows[0].windowTitle().startswith(photo):
        return
    timer.stop()
    canvas = windows[0].findChild(Canvas, "canvas")
    canvas.set_label(3)
    height, width = canvas.mask().shape
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, x, button, held in (
        (QEvent.Type.MouseButtonPress, 0.3, left, left),
        (QEvent.Type.MouseMove, 0.7, none, left),
        (QEvent.Type.MouseButtonRelease, 0.7, left, none),
    ):
        at = canvas.image_to_widget(x * width, 0.5 * height)
        no_keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, no_keys)
        QApplication.sendEvent(canvas, event)
    np.save(screen, canvas.mask())
    QTimer.singleShot(1000, canvas, lambda: print("a second ago", flush=True))

app = QApplication(["petseg"])
timer = QTimer()
timer.timeout.connect(look)
timer.start(10)
QTimer.singleShot(60_000, lambda: print("no photo in a minute", flush=True))
main([folder])
"""


def test_strokes_survive_a_kill(use: Use, few_photos: Path, tmp_path: Path) -> None:
    photo = list_photo_names(few_photos)[0]
    screen = tmp_path / "screen.npy"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", CHILD, str(few_photos), photo, str(screen)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "a second ago\n"
        finally:
            child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    on_screen = np.load(screen)
    assert 3 in on_screen
    assert not list((few_photos / "petseg" / "labels").iterdir())

    def steps(person: Person) -> None:
        person.sees_photo(photo)
        assert np.array_equal(person.canvas.mask(), on_screen)
        assert person.marks()[photo] == "edited, not accepted"
        assert person.close("Save")

    use(steps, few_photos)
    label = few_photos / "petseg" / "labels" / f"{Path(photo).stem}.png"
    assert np.array_equal(read_png(label), on_screen)
    assert provenance(label)["gestures"] == 1

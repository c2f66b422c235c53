"""Correcting masks with every tool, view and command of the real program, on real photos."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QLabel

from petseg_gui.core.photos import list_photo_names
from petseg_gui.ui.status_line import StatusLine
from resources import STARTER_MODEL
from tests.e2e.conftest import Use
from tests.e2e.person import Mask, Person, read_png

STARTER = STARTER_MODEL.stem
VIEWS = ("5", "6", "7", "8", "9", "X")
pytestmark = [
    pytest.mark.shared,
    # The offscreen platform says this of every window and dialog.
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.timeout(900),
]


class Editing:
    """The stages on the first photo, in order; each begins where the one before ended."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.names = list_photo_names(person.folder)
        self.steps: list[Mask] = []

    def open(self) -> None:
        """The first photo has its prediction, and the status line its probability."""
        self.person.sees_prediction(self.names[0], STARTER)
        self.person.wait(lambda: self.person.canvas.prediction is not None)
        self.steps.append(self.person.mask())

    def _did(self, name: str) -> None:
        """A new step of undo of this name changed the mask."""
        person = self.person
        person.wait(lambda: not np.array_equal(person.canvas.mask(), self.steps[-1]))
        assert self._menu("actionUndo") == f"Undo {name}"
        self.steps.append(person.mask())

    def _menu(self, action: str) -> str:
        return self.person.find(QAction, action).text().replace("&", "")

    def _place(self, *values: int) -> tuple[float, float]:
        """The pixel deepest inside the region of these values, as a photo point."""
        import cv2

        inside = np.isin(self.person.mask(), values).astype(np.uint8)
        depth = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        return float(column) + 0.5, float(row) + 0.5

    def areas(self) -> None:
        """Lasso, polygon, rectangle and fill, each one step of undo."""
        person = self.person
        height, width = person.canvas.mask().shape
        person.press("3")
        person.press("L")
        x, y = 0.2 * width, 0.2 * height
        person.drag([(x, y), (x + 40, y), (x + 40, y + 30), (x, y + 30)])
        self._did("lasso fill")
        assert set(np.unique(self._changed())) == {3}
        person.press("P")
        for point in ((x + 60, y), (x + 90, y + 4), (x + 70, y + 40)):
            person.drag([point])
        assert np.array_equal(person.mask(), self.steps[-1]), "nothing until it is closed"
        person.press("Return")
        self._did("polygon fill")
        assert person.photo == self.names[0], "Enter closed the polygon and accepted nothing"
        person.press("R")
        person.drag([(x, y + 50), (x + 33.2, y + 70.9)])
        self._did("rectangle")
        person.press("2")
        person.press("F")
        person.drag([self._place(1)])
        self._did("fill")
        assert set(np.unique(self._changed())) == {2}

    def _changed(self) -> Mask:
        """New values of the pixels that the last step changed."""
        before, after = self.steps[-2:]
        return after[before != after]

    def restore(self) -> None:
        """The model's mask comes back where the lasso goes, and then everywhere."""
        person = self.person
        height, width = person.canvas.mask().shape
        person.press("4")
        person.press("L")
        person.drag([(0, 0), (0.5 * width, 0), (0.5 * width, height), (0, height)])
        self._did("lasso fill")
        half = self.steps[-1][:, : width // 2 - 1]
        assert np.array_equal(half, self.steps[0][:, : width // 2 - 1])
        person.press("Ctrl+R")
        self._did("reset to prediction")
        assert np.array_equal(self.steps[-1], self.steps[0])
        person.press("1")

    def smart_select(self) -> None:
        """A click selects, Enter takes it; Escape drops the next one."""
        person = self.person
        person.press("2")
        person.press("S")
        person.drag([self._place(1)])
        person.wait(lambda: person.canvas.preview is not None)
        assert np.array_equal(person.mask(), self.steps[-1]), "a preview changes nothing"
        person.press("Return")
        self._did("smart select")
        person.drag([self._place(1, 3)])
        person.wait(lambda: person.canvas.preview is not None)
        person.press("Escape")
        person.wait(lambda: person.canvas.preview is None)
        assert np.array_equal(person.mask(), self.steps[-1])
        person.press("1")

    def border(self) -> None:
        """The border follows the outline by one command, and by itself while painting."""
        person = self.person
        height, width = person.canvas.mask().shape
        person.press("R")
        person.drag([(0.3 * width, 0.3 * height), (0.6 * width, 0.7 * height)])
        self._did("rectangle")
        person.press("Ctrl+B")
        self._did("border")
        assert not self._pet_meets_background()
        person.press("Shift+B")
        person.press("B")
        person.canvas.set_brush_diameter(41)
        person.drag([self._place(2)])
        self._did("brush stroke")
        assert set(np.unique(self._changed())) == {1, 3}
        assert not self._pet_meets_background()
        person.press("Shift+B")

    def _pet_meets_background(self) -> bool:
        mask = self.person.mask()
        pairs = ((mask[:, 1:], mask[:, :-1]), (mask[1:], mask[:-1]))
        return any(bool(((a == 1) & (b == 2) | (a == 2) & (b == 1)).any()) for a, b in pairs)

    def clean_up(self) -> None:
        """An island is painted, seen by the clean-up, and removed."""
        person = self.person
        person.press("1")
        person.press("B")
        person.canvas.set_brush_diameter(5)
        person.drag([self._place(2)])
        self._did("brush stroke")
        person.press("C")
        islands = next(
            b for b in person.window.findChildren(QAbstractButton) if b.text() == "Remove islands"
        )
        islands.click()
        person.wait(lambda: person.canvas.preview is not None)
        person.press("Return")
        self._did("remove islands")
        assert person.photo == self.names[0]

    def look(self) -> None:
        """Every view shows something else, and none changes the mask."""
        person = self.person
        overlay = self._frame()
        seen = [overlay]
        for key in VIEWS:
            person.press(key)
            frame = self._frame()
            assert all(not np.array_equal(frame, other) for other in seen), f"view {key}"
            seen.append(frame)
            person.press(key)
            assert person.canvas.view_mode == "overlay"
        assert np.array_equal(self._frame(), overlay)
        assert np.array_equal(person.mask(), self.steps[-1])
        point = person.canvas.image_to_widget(*self._place(1))
        person.hover(point)
        status = person.find(StatusLine, "statusLine")
        said = [label.text() for label in status.findChildren(QLabel)]
        assert any(re.search(r"Pet +[01]\.\d\d", text) for text in said), said

    def _frame(self) -> Mask:
        image = self.person.canvas.grab().toImage()
        pixels = np.frombuffer(image.constBits(), np.uint8)
        return pixels.reshape(image.height(), image.bytesPerLine()).copy()

    def undo_everything(self) -> None:
        """Back to the prediction step by step, and forward again, with other photos between."""
        person = self.person
        assert person.photo == self.names[0]
        for name in (*self.names[1:], self.names[0]):
            person.choose_photo(name)
            person.sees_photo(name)
        for before in reversed(self.steps[:-1]):
            person.press("Ctrl+Z")
            assert np.array_equal(person.mask(), before)
        assert not person.find(QAction, "actionUndo").isEnabled()
        for after in self.steps[1:]:
            person.press("Ctrl+Shift+Z")
            assert np.array_equal(person.mask(), after)

    def accept(self) -> None:
        """What is on the canvas is the label."""
        name, mask = self.person.accept()
        assert np.array_equal(read_png(self.person.label(name)), mask)
        assert np.array_equal(mask, self.steps[-1])


def test_every_tool_and_view(use: Use, few_photos: Path) -> None:
    def steps(person: Person) -> None:
        editing = Editing(person)
        editing.open()
        editing.areas()
        editing.restore()
        editing.smart_select()
        editing.border()
        editing.clean_up()
        editing.look()
        editing.undo_everything()
        editing.accept()
        assert [kind for kind, _ in person.log.messages if kind != "info"] == []
        assert person.close()

    use(steps, few_photos)

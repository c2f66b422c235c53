"""Strip and grid on a list of photos that a test makes up: no window, no review."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from petseg_gui.core.records import PhotoRecord, PhotoState
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.filmstrip import Filmstrip
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_grid import PhotoGrid
from petseg_gui.ui.photo_list_model import PhotoListModel
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.photo_view import PhotoView
from petseg_gui.ui.thumbnails import Thumbnails

_NO_KEYS = Qt.KeyboardModifier.NoModifier


class FakePhotos:
    """Knows of photos what a test says."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = {}
        self.problems: dict[str, str] = {}
        self.records: dict[str, PhotoRecord] = {}

    def mark(self, name: str) -> Mark:
        return self.marks.get(name, Mark.NEW)

    def problem(self, name: str) -> str:
        return self.problems.get(name, "")

    def record(self, name: str) -> PhotoRecord | None:
        return self.records.get(name)


def record(name: str, **known: object) -> PhotoRecord:
    """What a project may know of a photo."""
    return PhotoRecord(name, PhotoState.PREDICTED, None, "starter", False, False, **known)  # type: ignore[arg-type]


class Rig(QWidget):
    """Both views of one list.

    Attributes:
        tasks: where thumbnails are made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tasks = TaskRunner(1)
        self.known = FakePhotos()
        self.thumbnails = Thumbnails(self.tasks, self)
        self.model = PhotoListModel(self.known, self)
        self.selection = PhotoSelection(self.model, self)
        self.strip = Filmstrip(self.model, self.selection, self.thumbnails)
        self.grid = PhotoGrid(self.model, self.selection, self.thumbnails)
        self.strip.setParent(self)
        self.grid.setParent(self)
        self.thumbnails.loaded.connect(self.model.refresh)
        self.resize(900, 700)
        self.strip.setGeometry(0, 0, 600, self.strip.height())
        self.grid.setGeometry(0, 150, 900, 500)
        self.grid.hide()

    def show_names(self, names: Sequence[str]) -> None:
        """Show the window with these photos."""
        self.show()
        self.model.set_names(names)
        self.strip.doItemsLayout()
        self.grid.doItemsLayout()

    def open(self, project: Project) -> None:
        """List the photos of a project."""
        self.thumbnails.set_project(project)
        self.show_names(project.names())

    def end(self) -> None:
        """End the threads."""
        self.thumbnails.set_project(None)
        self.tasks.drain()
        self.tasks.shutdown()


def place_of(view: PhotoView, name: str) -> QPoint:
    """The middle of a photo in the viewport."""
    model = view.model()
    row = next(r for r in range(model.rowCount()) if str(model.index(r, 0).data()) == name)
    return view.visualRect(model.index(row, 0)).center()


def click(
    view: PhotoView,
    name: str,
    keys: Qt.KeyboardModifier = _NO_KEYS,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    """Click a photo that is visible."""
    place = place_of(view, name)
    assert view.viewport().rect().contains(place), f"{name} is not to be seen"
    QTest.mouseClick(view.viewport(), button, keys, place)

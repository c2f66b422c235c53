"""The photos of the folder beside the one on the canvas: strip, grid, and what is selected."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.filmstrip import Filmstrip
from petseg_gui.ui.photo_grid import PhotoGrid
from petseg_gui.ui.photo_list_model import PhotoListModel
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.thumbnails import Thumbnails

REST_MS = 150
"""A photo that is chosen in the grid is decoded after so long: the next key may come first."""


class PhotoBrowser(QObject):
    """Joins the views of a folder to its review.

    Attributes:
        model: the photos, as they are listed.
        selection: which of them are selected.
        thumbnails: of the folder.
        filmstrip, grid: the views.
    """

    def __init__(
        self, review: ReviewController, tasks: TaskRunner, actions: Actions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._switch = actions["actionGrid"]
        self.thumbnails = Thumbnails(tasks, self)
        self.model = PhotoListModel(review, self)
        self.selection = PhotoSelection(self.model, self)
        self.filmstrip = Filmstrip(self.model, self.selection, self.thumbnails)
        self.grid = PhotoGrid(self.model, self.selection, self.thumbnails)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._go)
        self.thumbnails.loaded.connect(self.model.refresh)
        self.thumbnails.failed.connect(review.photo_unreadable)
        self.filmstrip.photoChosen.connect(review.go_to)
        self.filmstrip.photoOpened.connect(self._open)
        self.grid.photoChosen.connect(self._go_soon)
        self.grid.photoOpened.connect(self._open)
        self.grid.left.connect(lambda: self._switch.setChecked(False))
        actions["actionSelectAll"].triggered.connect(self.selection.select_all)
        review.markChanged.connect(self.filmstrip.refresh)
        # Masks of another model, and one signal for thousands of photos.
        review.recordsRead.connect(self.filmstrip.refresh_all)
        review.projectClosed.connect(self._closed)
        review.folderOpened.connect(self._opened)

    def _opened(self, names: list[str]) -> None:
        self.thumbnails.set_project(self._review.project)
        self.model.set_names(names)
        self._switch.setEnabled(bool(names))

    def _closed(self) -> None:
        self._rest.stop()
        self.thumbnails.set_project(None)
        self.selection.clear()
        self.model.set_current("")
        self.model.set_names([])
        self._switch.setChecked(False)
        self._switch.setEnabled(False)

    def _go_soon(self, _name: str) -> None:
        """What is chosen in the grid is the current photo; keys that are held down pass over."""
        self._rest.start(REST_MS)

    def _go(self) -> None:
        chosen = self.selection.selected()
        if len(chosen) == 1:
            self._review.go_to(chosen[0])

    def _open(self, name: str) -> None:
        self._rest.stop()
        self._review.go_to(name)
        self._switch.setChecked(False)

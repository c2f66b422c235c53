"""Which photo was looked at last, on disk soon after: it survives a crash."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.folder_opener import remember_photo

DELAY_MS = 500
"""Whoever leafs through a folder makes one write in this time, not one per photo."""


class PlaceKeeper(QObject):
    """Writes the name of the current photo in the background."""

    def __init__(self, writer: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._writer = writer
        self._project: Project | None = None
        self._due: str | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)

    def set_project(self, project: Project | None) -> None:
        """Write to ``project`` from now on; what is due for the one before goes there now."""
        self.flush()
        self._project = project

    def note(self, name: str) -> None:
        """``name`` is the current photo."""
        self._due = name
        if not self._timer.isActive():
            self._timer.start(DELAY_MS)

    def flush(self) -> None:
        """Hand what is due to the writer now."""
        self._timer.stop()
        project, name, self._due = self._project, self._due, None
        if project is not None and name is not None:
            self._writer.run(lambda _state: remember_photo(project, name))

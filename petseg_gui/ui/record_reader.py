"""Reads anew what the project knows of all its photos, off the UI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.photo_records import PhotoRecords
from petseg_gui.core.records import PhotoRecord
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import Task, TaskRunner
from petseg_gui.ui.review_state import ReviewState

PRIORITY = 50


class RecordReader(QObject):
    """Brings all records up to date; of thousands of photos that takes longer than a frame.

    Signals:
        arrived: the state's records are those of the project now.
    """

    arrived = Signal()

    def __init__(
        self, tasks: TaskRunner, state: ReviewState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._state = state
        self._task: Task | None = None

    def read(self, project: Project) -> None:
        """Read the records of ``project``; a second call supersedes the first."""
        self.cancel()
        known = {record.name: record for record in self._state.records.values()}
        self._task = self._tasks.run(
            lambda _state: project.records(),
            partial(self._read, project, known),
            priority=PRIORITY,
        )

    def cancel(self) -> None:
        """What is being read is not wanted any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _read(
        self, project: Project, known: dict[str, PhotoRecord], records: dict[str, PhotoRecord]
    ) -> None:
        self._task = None
        for name in known.keys() & records.keys():
            if self._state.records.get(name) is not known[name]:
                records[name] = project.record(name)  # it changed after it had been read
        self._state.records = PhotoRecords(records.values())
        self.arrived.emit()

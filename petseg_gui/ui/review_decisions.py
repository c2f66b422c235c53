"""What a person decides about a photo beside its mask, on its way to disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.records import PhotoFlag, PhotoRecord, StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.review_state import ReviewState


class ReviewDecisions(QObject):
    """Writes decisions on the writer's thread, one after the other.

    Signals:
        recorded: name of a photo of which something else is known now.
        labelKept: name of a photo whose label fits after all, just after ``recorded``.
        unaccepted: name of a photo that is not accepted any more, just after ``recorded``.
    """

    recorded = Signal(object)
    labelKept = Signal(object)  # noqa: N815 - Qt's spelling of signals
    unaccepted = Signal(object)

    def __init__(
        self, services: Services, state: ReviewState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._writer = services.writer
        self._messages = services.messages
        self._state = state
        self._project: Project | None = None

    def set_project(self, project: Project | None) -> None:
        """Decide about photos of ``project`` from now on."""
        self._project = project

    def toggle_flag(self, name: str) -> None:
        """Flag a photo, or take the flag away."""
        flagged = self._state.flag(name) is PhotoFlag.FLAGGED
        self.set_flag(name, PhotoFlag.NONE if flagged else PhotoFlag.FLAGGED)

    def set_flag(self, name: str, flag: PhotoFlag) -> None:
        """Flag a photo, or mark it as skipped."""
        if self._project is None or name not in self._state.records:
            return
        self._state.flagging[name] = flag
        self._write(name, "The flag", lambda project: project.set_flag(name, flag), flag=flag)

    def unaccept(self, name: str) -> None:
        """Take back that the label of a photo was accepted."""
        self._write(
            name,
            "That it is not accepted",
            lambda project: project.unaccept(name),
            lambda: self.unaccepted.emit(name),
        )

    def keep_label(self, name: str) -> None:
        """The label of a replaced photo fits the new picture."""
        self._write(
            name,
            "That the label fits",
            lambda project: project.keep_label(name),
            lambda: self.labelKept.emit(name),
        )

    def set_tags(self, name: str, tags: list[str]) -> None:
        """Give a photo these tags."""
        self._write(name, "The tags", lambda project: project.set_tags(name, tags))

    def set_note(self, name: str, note: str) -> None:
        """Write a note about a photo."""
        self._write(name, "The note", lambda project: project.set_note(name, note))

    def add_seconds(self, name: str, seconds: float) -> None:
        """A person spent time on a photo."""
        self._write(name, "The time", lambda project: project.add_seconds(name, seconds))

    def _write(
        self,
        name: str,
        what: str,
        change: Callable[[Project], None],
        then: Callable[[], None] = lambda: None,
        flag: PhotoFlag | None = None,
    ) -> None:
        project = self._project
        if project is None or name not in self._state.records:
            return

        def work(_state: object) -> PhotoRecord:
            change(project)
            return project.record(name)

        self._writer.run(
            work,
            partial(self._written, project, then, flag),
            partial(self._failed, what, name, flag),
        )

    def _written(
        self,
        project: Project,
        then: Callable[[], None],
        flag: PhotoFlag | None,
        record: PhotoRecord,
    ) -> None:
        if project is self._project:
            self._flag_ended(record.name, flag)
            self._state.records.put(record)
            self.recorded.emit(record.name)
            then()

    def _flag_ended(self, name: str, flag: PhotoFlag | None) -> None:
        if flag is not None and self._state.flagging.get(name) is flag:
            del self._state.flagging[name]

    def _failed(self, what: str, name: str, flag: PhotoFlag | None, error: Exception) -> None:
        self._flag_ended(name, flag)
        if not isinstance(error, StoreError):
            raise error
        self._messages.error(f"{what} of {name} was not saved: {error}")
        self.recorded.emit(name)  # whoever shows it shows what is so

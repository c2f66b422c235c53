"""Unsaved strokes on disk, soon after they were made: they survive a crash."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from model.labels import MaskArray
from petseg_gui.core.records import Provenance
from petseg_gui.core.rect import Rect
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Messages
from petseg_gui.services.tasks import TaskRunner, TaskState

DELAY_MS = 500
"""A stroke is on disk this long after it ended, plus the time of the write."""
RETRY_MS = 10_000
"""What could not be written is tried again after this, or with the next stroke."""


def kept_notice(names: Sequence[str], folder: Path) -> str:
    """What to say when ``folder`` is left with unsaved strokes on ``names``."""
    what = names[0] if len(names) == 1 else f"{len(names)} photos"
    return (
        f"The unsaved strokes on {what} are kept: they are there again when you open "
        f"{folder.name} the next time."
    )


class DraftKeeper(QObject):
    """Writes drafts in the background, a photo at most once per delay.

    Signals:
        written: name of a photo whose draft is on disk now, or gone from there.
    """

    written = Signal(object)

    def __init__(
        self, writer: TaskRunner, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._writer = writer
        self._messages = messages
        self._project: Project | None = None
        self._due: dict[str, tuple[EditSession, str | None]] = {}
        self._writing: dict[str, tuple[EditSession, str | None]] = {}
        self._told: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)

    def set_project(self, project: Project | None) -> None:
        """Write to ``project`` from now on; what is due for the one before goes there now."""
        self.flush()
        self._project = project

    def note(self, session: EditSession, model: str | None) -> None:
        """``session`` changed; ``model`` made the prediction that it started from."""
        self._due[session.photo] = (session, model)
        if not self._timer.isActive() or self._timer.remainingTime() > DELAY_MS:
            self._timer.start(DELAY_MS)

    def forget(self, name: str) -> None:
        """The strokes of ``name`` are in a label now, or were given up."""
        self._due.pop(name, None)
        self._writing.pop(name, None)

    def told(self, name: str) -> None:
        """The user knows already that nothing can be written of ``name`` at present."""
        self._told.add(name)

    def flush(self) -> None:
        """Hand everything that is due to the writer now."""
        self._timer.stop()
        project, due, self._due = self._project, self._due, {}
        if project is None:
            return
        for name, draft in due.items():
            session, model = draft
            self._writing[name] = draft
            if session.unsaved:
                # A copy, since the live mask goes on changing; without the stroke that is under
                # way, which may be given up.
                height, width = session.shape
                mask = session.before(Rect(0, 0, width, height))
                job = partial(_write, project, name, mask, Provenance(model, session.gestures))
            else:
                job = partial(_discard, project, name)
            self._writer.run(
                job,
                partial(self._written, name),
                partial(self._failed, project, draft),
            )

    def _written(self, name: str, _result: None) -> None:
        self._told.discard(name)
        self.written.emit(name)

    def _failed(
        self, project: Project, draft: tuple[EditSession, str | None], error: Exception
    ) -> None:
        name = draft[0].photo
        if project is self._project and self._writing.get(name) is draft:
            self._due.setdefault(name, draft)
            if not self._timer.isActive():
                self._timer.start(RETRY_MS)
        if name not in self._told:
            self._told.add(name)
            self._messages.error(
                f"The unsaved strokes on {name} could not be kept on disk: {error} "
                "They are still in the window: free some space or save now."
            )


def _write(
    project: Project, name: str, mask: MaskArray, provenance: Provenance, _state: TaskState
) -> None:
    project.write_draft(name, mask, provenance)


def _discard(project: Project, name: str, _state: TaskState) -> None:
    project.discard_draft(name)

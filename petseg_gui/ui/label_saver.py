"""Saving labels without waiting: the next photo shows while the last one is written."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from model.labels import MaskArray
from petseg_gui.core.records import PhotoRecord, Provenance
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Messages
from petseg_gui.services.tasks import TaskRunner, TaskState


class LabelSaver(QObject):
    """Writes labels on the writer's thread, in order with the drafts.

    Signals:
        saved: the photo's :class:`PhotoRecord` now, the history position of the state that is on
            disk, whether it was to be accepted.
        failed: name, whether it was to be accepted; the user has been told.
    """

    saved = Signal(object, int, bool)
    failed = Signal(object, bool)

    def __init__(
        self, writer: TaskRunner, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._writer = writer
        self._messages = messages
        self._project: Project | None = None

    def set_project(self, project: Project) -> None:
        """Save to ``project`` from now on."""
        self._project = project

    def save(self, session: EditSession, model: str | None, *, accept: bool) -> None:
        """Write the present state of ``session`` as a label.

        Args:
            session: of the photo; what is painted on it later is not saved.
            model: id of the model whose prediction the mask started from.
            accept: whether the label may be learnt from.
        """
        project = self._project
        if project is None:
            return
        name = session.photo
        # The copy is what the writer sees: the live mask goes on changing.
        job = partial(
            _save, project, name, session.view().copy(), Provenance(model, session.gestures), accept
        )
        self._writer.run(
            job,
            partial(self._saved, session.history.position, accept),
            partial(self._failed, name, accept),
        )

    def discard_draft(self, name: str) -> None:
        """Delete the unsaved strokes of ``name`` from disk."""
        project = self._project
        if project is not None:
            self._writer.run(
                lambda _state: project.discard_draft(name),
                None,
                lambda error: self._messages.error(
                    f"The unsaved strokes on {name} could not be deleted: {error}"
                ),
            )

    def _saved(self, position: int, accept: bool, record: PhotoRecord) -> None:
        self.saved.emit(record, position, accept)

    def _failed(self, name: str, accept: bool, error: Exception) -> None:
        self._messages.error(
            f"The label of {name} was not saved: {error} Nothing on disk has changed, and your "
            "strokes are still here."
        )
        self.failed.emit(name, accept)


def _save(
    project: Project,
    name: str,
    mask: MaskArray,
    provenance: Provenance,
    accept: bool,
    _state: TaskState,
) -> PhotoRecord:
    project.save_label(name, mask, provenance, accept=accept)  # its draft goes with it
    return project.record(name)

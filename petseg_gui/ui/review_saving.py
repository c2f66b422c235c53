"""What is painted, on its way to disk: drafts while it is unsaved, labels when it is saved."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.records import PhotoRecord
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.draft_keeper import DraftKeeper
from petseg_gui.ui.label_saver import LabelSaver
from petseg_gui.ui.review_state import ReviewState
from petseg_gui.ui.undo_memory import UndoMemory


class ReviewSaving(QObject):
    """Writes drafts and labels of the sessions of a review.

    Signals:
        saved: name of a photo whose label is on disk now.
        accepted: name of a photo whose accepted label is on disk now, just after ``saved``.
        failed: name of a photo whose label could not be saved; the user has been told.
        drafted: name of a photo whose strokes are on disk now, or gone from there.
    """

    drafted = Signal(object)
    saved = Signal(object)
    accepted = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        services: Services,
        state: ReviewState,
        undo: UndoMemory,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._undo = undo
        self._drafts = DraftKeeper(services.writer, services.messages, self)
        self._drafts.written.connect(self.drafted)
        self._saver = LabelSaver(services.writer, services.messages, self)
        self._saver.saved.connect(self._label_saved)
        self._saver.failed.connect(self._label_failed)

    def set_project(self, project: Project | None) -> None:
        """Write to ``project`` from now on; what is due for the one before goes there now."""
        self._drafts.set_project(project)
        if project is not None:
            self._saver.set_project(project)

    def note(self, session: EditSession) -> None:
        """``session`` changed: a draft of it is due."""
        self._drafts.note(session, self._state.based_on.get(session.photo))

    def save(self, session: EditSession, *, accept: bool) -> None:
        """Write the present state of ``session`` as a label, accepted or as it was before."""
        name = session.photo
        self._drafts.forget(name)
        self._state.saving[name] += 1
        self._state.accepting[name] += accept
        self._saver.save(session, self._state.based_on.get(name), accept=accept)
        self._put_away(name)

    def save_all(self) -> None:
        """Save every photo with unsaved strokes, keeping each one's accepted state."""
        for name in self._state.unsaved():
            self.save(self._state.sessions[name], accept=False)

    def discard_all(self) -> None:
        """Give up every unsaved stroke, on disk as well."""
        for name in self._state.unsaved():
            self._drafts.forget(name)
            self._undo.drop(name)
            self._saver.discard_draft(name)

    def flush_drafts(self) -> None:
        """Hand every draft that is due to the writer now."""
        self._drafts.flush()

    def _label_saved(self, record: PhotoRecord, position: int, accept: bool) -> None:
        name = record.name
        self._ended(name, accept)
        if name in self._state.records:
            self._state.records.put(record)
        session = self._state.sessions.get(name)
        if session is not None:
            session.mark_saved(position)
            if session.dirty:  # strokes made while the save ran: the draft went with it
                self._note_again(session)
        self.saved.emit(name)
        if accept:
            self.accepted.emit(name)

    def _label_failed(self, name: str, accept: bool) -> None:
        self._ended(name, accept)
        self._drafts.told(name)
        session = self._state.sessions.get(name)
        if session is not None and session.dirty:
            self._note_again(session)
        self.failed.emit(name)

    def _ended(self, name: str, accept: bool) -> None:
        self._state.saving[name] -= 1
        self._state.accepting[name] -= accept

    def _note_again(self, session: EditSession) -> None:
        self.note(session)
        self._put_away(session.photo)

    def _put_away(self, name: str) -> None:
        """The mask of a photo that is not on show was, or will be, in use: pack it again."""
        if name != self._state.shown:
            self._undo.left(name)

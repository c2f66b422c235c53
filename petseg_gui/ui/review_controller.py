"""Reviewing a folder: what is done to the photo on show, and where it goes from there.

No widgets: the window connects its canvas, filmstrip and actions to this object.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject

from petseg_gui.core.records import PhotoFlag
from petseg_gui.services.ports import Services
from petseg_gui.ui.photo_loader import Origin
from petseg_gui.ui.review_showing import ReviewShowing


class ReviewController(ReviewShowing):
    """The user's intents: edit, save, accept, go on."""

    def __init__(
        self, services: Services, projects_elsewhere: Path | None, parent: QObject | None = None
    ) -> None:
        super().__init__(services, projects_elsewhere, parent)
        self._accepted_last: list[str] = []
        self._saving.saved.connect(self._label_saved)
        self._saving.accepted.connect(self._label_accepted)
        self.projectClosed.connect(self._accepted_last.clear)

    # ------------------------------------------------------------------ editing

    def gesture_committed(self) -> None:
        """The canvas ended a stroke in the session on show."""
        self._session_changed()
        self._undo.check()

    def undo(self) -> None:
        """Take back the last stroke of the photo on show."""
        session = self.session
        if session is not None and (rect := session.undo()) is not None:
            self.maskChanged.emit(rect)
            self._session_changed()

    def redo(self) -> None:
        """Bring back the stroke that was taken back last."""
        session = self.session
        if session is not None and (rect := session.redo()) is not None:
            self.maskChanged.emit(rect)
            self._session_changed()

    def _session_changed(self) -> None:
        session = self.session
        if session is not None:
            self._saving.note(session)
            self.markChanged.emit(session.photo)
            self.historyChanged.emit()

    # ------------------------------------------------------------------ saving

    def save(self) -> None:
        """Save the mask on show as a label; it counts as accepted only if it was before."""
        self._about_to_leave()
        session = self.session
        if session is not None and not session.in_gesture:
            self._saving.save(session, accept=False)

    def accept_and_next(self) -> None:
        """Save the mask on show as an accepted label and go on to the next open photo."""
        self._about_to_leave()
        session = self.session
        if session is None or session.in_gesture:
            return
        name = session.photo
        loaded = self._loader.get(name)
        empty = loaded is not None and loaded.origin is Origin.NOTHING
        if empty and not session.edited and self._state.records[name].label is None:
            self._services.messages.warning(
                f"{name} has no mask yet. Wait for the prediction, or paint one."
            )
            return
        self._saving.save(session, accept=True)
        self._accepted_last.append(name)
        self._go_on()

    def skip(self) -> None:
        """Not now: mark the photo as skipped, unless it is accepted, and go on."""
        name = self.current
        if name is not None and self._may_leave():
            if not self._state.is_accepted(name):
                self.decisions.set_flag(name, PhotoFlag.SKIPPED)
            self._go_on()

    def _go_on(self) -> None:
        """Show the next photo of the list that waits for a decision, else one that was skipped."""
        queue, state = self._state.queue, self._state
        name = queue.following(state.is_open) or queue.following(state.is_left)
        if name is not None:
            queue.go_to(name)
            self._show_current()
            return
        self._services.messages.info(self._why_no_next())

    def _why_no_next(self) -> str:
        """What is to be said when no photo of the list is left to go on to."""
        state, queue = self._state, self._state.queue
        if self.current is not None and state.is_left(self.current):
            return "No other photo of the list is left."
        # What cannot be read is not accepted, but cannot be gone to either.
        names = queue.names if self.list.narrowed else queue.all_names
        unread = sum(name in state.unreadable for name in names)
        text = f"Every photo of this {'list' if self.list.narrowed else 'folder'} is accepted"
        text += f" but {unread:,} that cannot be read." if unread else "."
        if self.list.narrowed and (left := sum(map(state.is_left, queue.all_names))):
            text += f" Outside of the filter {left:,} {'is' if left == 1 else 'are'} left."
        return text

    def accepted_last(self) -> str | None:
        """The photo that was accepted last in this session, and still is; it is forgotten now."""
        while self._accepted_last:
            name = self._accepted_last.pop()
            if name in self._state.records and self._state.is_accepted(name):
                return name
        return None

    def save_all(self) -> None:
        """Save every photo with unsaved strokes, keeping each one's accepted state."""
        self._about_to_leave()
        self._saving.save_all()

    def discard_all(self) -> None:
        """Give up every unsaved stroke, on disk as well."""
        self._saving.discard_all()

    def read_again(self) -> None:
        """Photos that could not be read may be readable now: they are, when they are wanted."""
        names = list(self._state.unreadable)
        self._state.unreadable.clear()
        for name in names:
            self.markChanged.emit(name)
        if names:
            self.list.note_change()
        if self.current in names:
            self._show_current()

    def predict_anew(self, names: Iterable[str]) -> None:
        """The predictions of these photos are gone: make them once more; labels stay."""
        self._predictions.ask_again(names)
        self.read_records(names)

    def flush_drafts(self) -> None:
        """Hand every draft that is due to the writer now: whoever reads labels wants them there."""
        self._about_to_leave()
        self._saving.flush_drafts()

    def _label_saved(self, name: str) -> None:
        self._recorded(name)
        self.historyChanged.emit()

    def _label_accepted(self, name: str) -> None:
        if name in self._state.records:
            self.pace.accepted(self._state.records[name].seconds)

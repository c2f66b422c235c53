"""Memory of the photos that were visited: each keeps its undo, all together within a bound."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from petseg_gui.core.session import EditSession
from petseg_gui.services.messages import Messages
from petseg_gui.ui.review_state import ReviewState

PACK_DELAY_MS = 1000
"""A photo's mask is packed this long after the photo was left: when the next one is on the
screen, and the draft of its last stroke has been handed to the writer."""
UNPACKED = 3
"""Photos left that may wait for that; somebody who pages fast has the oldest packed at once."""


class UndoMemory(QObject):
    """Bounds what the sessions of all photos take.

    Args:
        state: the review, whose sessions these are.
        messages: where the user is told which steps are gone.
        parent: as of every QObject.

    Signals:
        dropped: name of a photo whose session is gone; its mask is to be read anew.
    """

    dropped = Signal(object)

    def __init__(
        self, state: ReviewState, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._messages = messages
        self._told: set[str] = set()
        self._unpacked: dict[str, None] = {}  # in the order in which they were left
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._pack_next)

    def clear(self) -> None:
        """No folder is open."""
        self._timer.stop()
        self._told.clear()
        self._unpacked.clear()

    def left(self, name: str) -> None:
        """``name`` is not on show, and its mask was in use: it is packed when nobody waits."""
        self._unpacked.pop(name, None)
        self._unpacked[name] = None
        while len(self._unpacked) > UNPACKED:
            self._pack(next(iter(self._unpacked)))
        if not self._timer.isActive():
            self._timer.start(PACK_DELAY_MS)

    def check(self) -> None:
        """Keep all histories within the bound, and tell which steps of undo went for it.

        The photos visited longest ago give theirs up first: those without unsaved strokes are
        let go of entirely, as their masks are on disk; then the others lose their undo but no
        stroke.  The history of the photo on show bounds itself.
        """
        sessions = self._state.sessions
        total = sum(session.history.nbytes for session in sessions.values())
        for unsaved in (False, True):
            for name, session in list(sessions.items()):
                if total <= self._state.undo_limit:
                    break
                if session.dirty is not unsaved or not self._may_lose(name, session):
                    continue
                total -= session.history.nbytes
                self._tell(name, session.history.depth)
                if unsaved:
                    self._replace(name, session)
                else:
                    self.drop(name)
        shown = sessions.get(self._state.shown or "")
        if shown is not None and shown.history.dropped:
            self._tell(shown.photo, shown.history.dropped)

    def drop(self, name: str) -> None:
        """Let go of a session; its photo begins anew with what is on disk."""
        del self._state.sessions[name]
        self._unpacked.pop(name, None)
        self.dropped.emit(name)

    def drop_unused(self, name: str) -> None:
        """The pixels of ``name`` left the memory: a session without undo goes with them."""
        session = self._state.sessions.get(name)
        if session is not None and not (session.dirty or session.history.nbytes):
            self.drop(name)

    def _may_lose(self, name: str, session: EditSession) -> bool:
        if name in (self._state.shown, self._state.queue.current) or session.in_gesture:
            return False
        # A save under way will name a position of this very history.
        return session.history.nbytes > 0 and not self._state.saving[name]

    def _replace(self, name: str, session: EditSession) -> None:
        """The same mask, unsaved as before, and an empty history; its place in line stays."""
        fresh = EditSession(
            name,
            session.view(),
            edited=True,
            unsaved=True,
            earlier_gestures=session.gestures,
            limit_bytes=self._state.undo_limit,
        )
        fresh.pack()
        self._state.sessions[name] = fresh
        self._unpacked.pop(name, None)

    def _tell(self, name: str, steps: int) -> None:
        if not steps or name in self._told:
            return
        self._told.add(name)
        what = "The oldest step" if steps == 1 else f"The oldest {steps} steps"
        size = f"{self._state.undo_limit / 1024 / 1024:.3g} MB"
        self._messages.info(
            f"{what} on {name} can no longer be undone: the undo memory of {size} is full."
        )

    def _pack_next(self) -> None:
        if self._unpacked:
            self._pack(next(iter(self._unpacked)))
        if self._unpacked:
            self._timer.start(PACK_DELAY_MS // 10)

    def _pack(self, name: str) -> None:
        del self._unpacked[name]
        session = self._state.sessions.get(name)
        if session is not None and name != self._state.shown:
            session.pack()

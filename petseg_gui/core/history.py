"""Undo and redo by gesture, bounded in bytes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from petseg_gui.core.mask import Edit

DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gesture:
    """What one drag, fill or command changed: its name for the menu, and its edits in order."""

    name: str
    edits: tuple[Edit, ...]

    @property
    def nbytes(self) -> int:
        """Memory the gesture's edits take."""
        return sum(edit.nbytes for edit in self.edits)


@dataclass(frozen=True, slots=True)
class _Entry:
    gesture: Gesture
    before: int
    after: int
    nbytes: int


class History:
    """The gestures that can be undone and redone; it never touches a mask.

    Every state of the document has a serial id that is never used twice, so that
    'this is the saved state' stays true after undo and redo, and never becomes true again
    once that state cannot be reached any more.

    Args:
        limit_bytes: when the gestures weigh more, the oldest are dropped.  The newest is
            always kept, so that whatever was just done can be undone.
    """

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._undo: deque[_Entry] = deque()
        self._redo: list[_Entry] = []
        self._position = 0
        self._last_id = 0
        self._nbytes = 0
        self._dropped = 0

    def push(self, gesture: Gesture) -> None:
        """Record a gesture that was just made; what had been undone cannot be redone any more."""
        self._nbytes -= sum(entry.nbytes for entry in self._redo)
        self._redo.clear()
        self._last_id += 1
        entry = _Entry(gesture, self._position, self._last_id, gesture.nbytes)
        self._undo.append(entry)
        self._position = entry.after
        self._nbytes += entry.nbytes
        while self._nbytes > self._limit and len(self._undo) > 1:
            self._nbytes -= self._undo.popleft().nbytes
            self._dropped += 1

    def undo(self) -> Gesture | None:
        """Step back; the caller reverts the gesture's edits, last first.  None: at the start."""
        if not self._undo:
            return None
        entry = self._undo.pop()
        self._redo.append(entry)
        self._position = entry.before
        return entry.gesture

    def redo(self) -> Gesture | None:
        """Step forward; the caller reapplies the gesture's edits.  None: nothing was undone."""
        if not self._redo:
            return None
        entry = self._redo.pop()
        self._undo.append(entry)
        self._position = entry.after
        return entry.gesture

    @property
    def undo_name(self) -> str | None:
        """The name of the gesture that :meth:`undo` would take back."""
        return self._undo[-1].gesture.name if self._undo else None

    @property
    def redo_name(self) -> str | None:
        """The name of the gesture that :meth:`redo` would make again."""
        return self._redo[-1].gesture.name if self._redo else None

    @property
    def nbytes(self) -> int:
        """Memory that all gestures take, those to redo included."""
        return self._nbytes

    @property
    def dropped(self) -> int:
        """How many of the oldest gestures were dropped for their weight."""
        return self._dropped

    @property
    def depth(self) -> int:
        """How many gestures lead from the first state to this one, dropped ones included."""
        return self._dropped + len(self._undo)

    @property
    def position(self) -> int:
        """Serial id of the present state; 0 is the first."""
        return self._position

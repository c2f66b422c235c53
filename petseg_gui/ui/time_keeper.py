"""How long a person works on each photo: what they do tells that they are there."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from petseg_gui.ui.review_controller import ReviewController

IDLE_SECONDS = 60.0
"""Whoever does nothing for longer is not there: that time does not count."""
_Type = QEvent.Type
_INPUT = frozenset(
    {
        _Type.KeyPress,
        _Type.MouseButtonPress,
        _Type.MouseButtonRelease,
        _Type.MouseMove,
        _Type.Wheel,
        _Type.TabletPress,
        _Type.TabletMove,
        _Type.TabletRelease,
        _Type.NativeGesture,
        _Type.TouchBegin,
        _Type.TouchUpdate,
    }
)
LEAST_SECONDS = 0.2
"""Photos that are leafed over are not worth a write."""


class TimeKeeper(QObject):
    """Adds the time that is spent on the photo on show to what the project knows of it.

    Time counts while the window is the active one and somebody did something there not long ago.

    Args:
        review: whose photo is on show.
        window: where it is on show; the parent.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        review: ReviewController,
        window: QWidget,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._review = review
        self._window = window
        self._clock = clock
        self._away = False
        self._photo: str | None = None
        self._last = 0.0
        self._spent = 0.0
        review.photoShown.connect(self._shown)
        review.photoFailed.connect(self._nothing_shown)
        review.projectClosed.connect(self._nothing_shown)
        review.aboutToLeave.connect(self.flush)
        window.installEventFilter(self)
        self._watch_input()

    def _watch_input(self) -> None:
        # Keys and mouse come to the native window first.  It gets each of them once, and far fewer
        # other events than the application, all of whose events would have to pass through Python.
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice what a person does, and when they turn to another window."""
        kind = event.type()
        if kind in _INPUT:
            if watched is not self._window:
                self.note()
        elif watched is self._window:
            if kind == _Type.WinIdChange:
                self._watch_input()
            elif kind in (_Type.WindowActivate, _Type.WindowDeactivate):
                self.note()
                self._away = kind == _Type.WindowDeactivate
        return False

    def note(self, *_: object) -> None:
        """The person has just done something."""
        now = self._clock()
        here = self._photo is not None and not self._away
        if here and now - self._last <= IDLE_SECONDS:
            self._spent += now - self._last
        self._last = now

    def flush(self) -> None:
        """Hand over what was spent until now: the photo is about to be left or saved."""
        self.note()
        project = self._review.project
        if self._photo is None or project is None or self._spent < LEAST_SECONDS:
            return
        if not project.read_only:
            self._review.decisions.add_seconds(self._photo, self._spent)
        self._spent = 0.0

    def _shown(self, *_: object) -> None:
        session = self._review.session
        self._nothing_shown()
        self._photo = None if session is None else session.photo

    def _nothing_shown(self, *_: object) -> None:
        self._photo, self._spent, self._last = None, 0.0, self._clock()

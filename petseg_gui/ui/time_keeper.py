"""How long a person works on each photo: what they do tells that they are there."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from petseg_gui.ui.review_controller import ReviewController

IDLE_SECONDS = 60.0
"""Whoever does nothing for longer is not there: that time does not count."""
LEAST_SECONDS = 0.2
"""Photos that are leafed over are not worth a write."""


class TimeKeeper(QObject):
    """Adds the time that is spent on the photo on show to what the project knows of it.

    Args:
        review: whose photo is on show.
        parent: as of every QObject.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        review: ReviewController,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._clock = clock
        self._photo: str | None = None
        self._last = 0.0
        self._spent = 0.0
        review.photoShown.connect(self._shown)
        review.photoFailed.connect(self._nothing_shown)
        review.projectClosed.connect(self._nothing_shown)
        review.aboutToLeave.connect(self.flush)
        review.historyChanged.connect(self.note)

    def note(self, *_: object) -> None:
        """The person has just done something."""
        now = self._clock()
        if self._photo is not None and now - self._last <= IDLE_SECONDS:
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

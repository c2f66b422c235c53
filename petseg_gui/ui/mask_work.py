"""Work on the mask on show, off the window's thread, whose answer never lands on another mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer

from model.labels import MaskArray
from petseg_gui.services.tasks import Task, TaskRunner
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.review_controller import ReviewController

T = TypeVar("T")

PRIORITY = 20
"""Somebody waits for it: before the photos that are decoded ahead."""
PATIENCE_MS = 40
"""How often to look whether a stroke has ended: one that changes nothing ends in silence."""


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    work: Callable[[MaskArray], Any]
    deliver: Callable[[Any], None]
    failed: Callable[[Exception], None]
    photo: str


class MaskWork(QObject):
    """Computes something from the mask on show, one thing at a time; a new one supersedes.

    The function gets a copy of the mask, made where it runs.  If the mask has changed by the
    time of its answer, the answer is dropped and the work done anew; while a stroke is in
    progress, or ``ready`` says no, it waits; with another photo on show it is given up.

    Args:
        reader: where the function runs.
        ready: whether work may begin and an answer may land, as far as the owner knows.
    """

    def __init__(
        self,
        canvas: Canvas,
        review: ReviewController,
        reader: TaskRunner,
        parent: QObject,
        *,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._reader = reader
        self._ready = ready
        self._request: _Request | None = None
        self._task: Task | None = None
        self._changes = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._go_on)
        # The position in the history alone would miss a stroke that was begun and taken back:
        # the copy may have been made in its midst.
        canvas.maskChanged.connect(self._count)
        review.maskChanged.connect(self._count)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._request is not None

    def start(
        self,
        work: Callable[[MaskArray], T],
        deliver: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> bool:
        """Compute ``work(mask)``; what was asked before and has not been answered never is.

        Args:
            work: runs in another thread, on a copy of the mask: uint8 (H, W).
            deliver: gets the answer, in this thread, with the mask unchanged since.
            failed: gets the exception of ``work`` if there was one.

        Returns:
            False if no photo is on show: nothing will come.
        """
        session = self._review.session
        if session is None:
            self.cancel()
            return False
        self._request = _Request(work, deliver, failed, session.photo)
        self._go_on()
        return True

    def cancel(self) -> None:
        """Nobody waits any more."""
        self._request = None
        self._patience.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _count(self, _rect: object) -> None:
        self._changes += 1

    def _go_on(self) -> None:
        """Begin what is asked for, now or when what is under way allows it."""
        request, session = self._request, self._review.session
        if request is None or self._task is not None:
            # One at a time: a slider that moves must not fill every thread with old work.
            return
        if session is None or session.photo != request.photo:
            self.cancel()
            return
        if session.in_gesture or not self._ready():
            self._patience.start()
            return
        live, state = session.view(), self._state()

        def work(_task: object) -> Any:
            # Should a stroke begin meanwhile, the answer is dropped: see _arrived.
            return request.work(live.copy())

        self._task = self._reader.run(
            work,
            lambda answer: self._arrived(request, state, lambda: request.deliver(answer)),
            lambda error: self._arrived(request, state, lambda: request.failed(error)),
            priority=PRIORITY,
        )

    def _arrived(self, request: _Request, state: object, land: Callable[[], None]) -> None:
        self._task = None
        session = self._review.session
        if (
            request is not self._request
            or session is None
            or session.in_gesture
            or state != self._state()
            or not self._ready()
        ):
            self._go_on()
            return
        self._request = None
        land()

    def _state(self) -> tuple[int, int, int]:
        session = self._review.session
        assert session is not None
        return id(session), session.history.position, self._changes

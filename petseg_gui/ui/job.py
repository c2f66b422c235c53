"""A long piece of work that a person watches and may stop, and whose outcome they then see."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from petseg_gui.services.tasks import Task, TaskRunner, TaskState

T = TypeVar("T")

PRIORITY = -5
"""Below the photos that somebody waits for, above thumbnails."""


class Watch(Generic[T]):
    """What the work sees: as a task's state, but stopping it does not drop its outcome."""

    def __init__(self, state: TaskState, stopped: Event) -> None:
        self._state = state
        self._stopped = stopped

    @property
    def cancelled(self) -> bool:
        """Whether to stop before the next piece."""
        return self._stopped.is_set() or self._state.cancelled

    def progress(self, done: int, total: int) -> None:
        """``done`` of ``total`` pieces are finished."""
        self._state.progress(done, total)


class Job(QObject):
    """Runs one piece of work at a time; a new one supersedes the one before.

    Signals:
        progressed: done, total.
        runningChanged: whether one is under way.
    """

    progressed = Signal(int, int)
    runningChanged = Signal(bool)  # noqa: N815 - Qt's spelling of signals

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self._stopped = Event()
        self._begun, self._over = Event(), Event()

    @property
    def running(self) -> bool:
        """Whether work is under way."""
        return self._task is not None

    def start(
        self,
        work: Callable[[Watch[T]], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run ``work``; it is told to stop by :meth:`stop`, and its outcome is delivered then."""
        self.drop()
        stopped = self._stopped = Event()

        def succeeded(result: T) -> None:
            self._ended()
            done(result)

        def broke(error: Exception) -> None:
            self._ended()
            failed(error)

        begun, over = Event(), Event()
        self._begun, self._over = begun, over

        def run(state: TaskState) -> T:
            begun.set()
            try:
                return work(Watch(state, stopped))
            finally:
                over.set()

        self._task = self._tasks.run(run, succeeded, broke, priority=PRIORITY)
        self._task.progressed.connect(self.progressed)
        self.runningChanged.emit(True)

    def stop(self) -> None:
        """Let the work end after the piece that is under way."""
        self._stopped.set()

    def finish(self) -> None:
        """Stop, and wait until the piece that is under way has ended; its outcome still comes."""
        self.stop()
        if self.running and self._begun.is_set():
            self._over.wait()

    def drop(self) -> None:
        """Nobody wants the outcome any more."""
        if self._task is not None:
            self._stopped.set()
            self._task.cancel()
            self._ended()

    def _ended(self) -> None:
        self._task = None
        self.runningChanged.emit(False)

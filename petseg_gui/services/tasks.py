"""Work off the UI thread: the one kind of task that everything uses.

A task is a function that receives a :class:`TaskState` and returns a result.  Its callbacks
run in the thread that owns the runner.  Cancelling sets a flag for the function to see and
drops the callbacks, so a late result never lands.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Event
from typing import Generic, TypeVar, cast

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

T = TypeVar("T")

PROGRESS_STEPS = 200
"""Progress is reported at most this many times per task: finer steps show on no bar."""


class TaskCancelledError(Exception):
    """Raised inside a task's function by :meth:`TaskState.raise_if_cancelled`."""


class TaskState:
    """What a task's function may see and say: used from the worker thread."""

    def __init__(self, report: Callable[[int, int], None]) -> None:
        self._cancelled = Event()
        self._report = report
        self._last_step = -1

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the function to stop; may be called from any thread."""
        self._cancelled.set()

    def raise_if_cancelled(self) -> None:
        """Leave the function if nobody waits for the result.

        Raises:
            TaskCancelledError: the task was cancelled.
        """
        if self.cancelled:
            raise TaskCancelledError

    def progress(self, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` pieces are finished, when that shows."""
        step = PROGRESS_STEPS * done // max(total, 1)
        if step != self._last_step and not self.cancelled:
            self._last_step = step
            self._report(done, total)


class Task(QObject):
    """A running or finished piece of work.

    Signals:
        progressed: done, total.
        succeeded: the function's result.
        failed: the exception that the function raised.
    """

    progressed = Signal(int, int)
    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(self, runner: TaskRunner) -> None:
        super().__init__(runner)
        self.state = TaskState(lambda done, total: runner.reported.emit(self, done, total))
        self.finished = False

    def cancel(self) -> None:
        """Let the function stop when it can; its result and its error are dropped."""
        self.state.cancel()


class _Job(Generic[T]):
    """A task with its function and what is to happen afterwards."""

    def __init__(
        self,
        task: Task,
        function: Callable[[TaskState], T],
        on_success: Callable[[T], None] | None,
        on_failure: Callable[[Exception], None] | None,
    ) -> None:
        self.task = task
        self.function = function
        self.on_success = on_success
        self.on_failure = on_failure
        self.result: T | None = None
        self.error: Exception | None = None

    def execute(self) -> None:
        """Run the function; called in the worker thread."""
        if self.task.state.cancelled:
            return
        try:
            self.result = self.function(self.task.state)
        except TaskCancelledError:
            self.task.state.cancel()
        except Exception as error:  # noqa: BLE001 - thread boundary: delivered to the caller
            self.error = error

    def deliver(self) -> None:
        """Hand over the outcome; called in the runner's thread."""
        self.task.finished = True
        if self.task.state.cancelled:
            return
        if self.error is None:
            if self.on_success is not None:
                self.on_success(cast("T", self.result))
            self.task.succeeded.emit(self.result)
        elif self.on_failure is not None:
            self.on_failure(self.error)
            self.task.failed.emit(self.error)
        else:
            self.task.failed.emit(self.error)
            raise self.error  # nobody else answers for it: the exception hook tells the user


class TaskRunner(QObject):
    """Runs tasks on threads of its own.

    With ``threads=1`` tasks of equal priority run one after the other, in order: that is how
    writes to the project keep their order.

    Signals:
        reported: task, done, total (for :class:`Task` alone).
    """

    reported = Signal(object, int, int)
    _done = Signal(object)

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._start_threads()
        self._jobs: dict[int, _Job[object]] = {}  # by id, in the order of their start
        self._open = True
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.reported.connect(self._progress, Qt.ConnectionType.QueuedConnection)

    def _start_threads(self) -> None:
        """Start all threads now, to stay.

        A thread that is started later waits, and whoever starts it with it, while the dynamic
        linker loads a library in another one: a fifth of a second for TensorFlow's.
        """
        self._pool.setExpiryTimeout(-1)
        threads = self._pool.maxThreadCount()
        all_there = Barrier(threads)
        for _thread in range(threads):
            self._pool.start(lambda: [all_there.wait()])

    @property
    def active(self) -> int:
        """How many tasks have not been delivered yet."""
        return len(self._jobs)

    def run(
        self,
        function: Callable[[TaskState], T],
        on_success: Callable[[T], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        *,
        priority: int = 0,
    ) -> Task:
        """Start ``function`` on a worker thread; higher ``priority`` starts earlier.

        Without ``on_failure``, an exception of the function is raised in the runner's thread.

        Raises:
            RuntimeError: the runner has been shut down.
        """
        if not self._open:
            raise RuntimeError("the task runner has been shut down")
        job = _Job(Task(self), function, on_success, on_failure)
        self._jobs[id(job)] = cast("_Job[object]", job)

        def work() -> None:
            job.execute()
            self._done.emit(job)

        self._pool.start(work, priority)
        return job.task

    def drain(self) -> None:
        """Wait for every task and deliver its outcome now (before another folder, or the end)."""
        self._pool.waitForDone(-1)  # which ends the threads as well
        if self._open:
            self._start_threads()
        for job in list(self._jobs.values()):
            self._deliver(job)

    def shutdown(self) -> None:
        """Cancel what is left and wait until no thread of the runner runs."""
        self._open = False
        for job in self._jobs.values():
            job.task.cancel()
        self._pool.clear()
        self._pool.waitForDone(-1)
        self._jobs.clear()

    @Slot(object)
    def _deliver(self, job: _Job[object]) -> None:
        if self._jobs.pop(id(job), None) is None:
            return
        job.task.deleteLater()
        job.deliver()

    @Slot(object, int, int)
    def _progress(self, task: Task, done: int, total: int) -> None:
        if not task.finished and not task.state.cancelled:
            task.progressed.emit(done, total)

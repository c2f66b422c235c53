"""Fine-tuning in a background thread: paused, gone on with, stopped and cancelled at any step."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from model.settings import Command
from petseg_gui.core.photos import PhotoError
from petseg_gui.services.finetune_request import (
    FineTuneRequest,
    Outcome,
    Plan,
    discard_unfinished,
)
from petseg_gui.services.threads import WorkerThread

if TYPE_CHECKING:
    from model.settings import EpochReport, StepReport

_log = logging.getLogger(__name__)

NO_MEMORY = (
    "The memory is not enough for fine-tuning. Close other programs, or keep the encoder frozen."
)


class _Orders:
    """What the person wants of the run; shared between the window's thread and the worker."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._command = Command.GO

    @property
    def command(self) -> Command:
        """The latest order."""
        return self._command

    def give(self, command: Command) -> None:
        """Give an order; one that ends the run is not taken back."""
        with self._changed:
            if self._command is Command.CANCEL or (
                self._command is Command.STOP and command is not Command.CANCEL
            ):
                return
            self._command = command
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait for the next order, at most so long."""
        with self._changed:
            self._changed.wait(seconds)


class _Worker(QObject):
    """Lives in the worker thread and does one run; also the job's observer."""

    phased = Signal(str)
    planned = Signal(object)
    stepped_to = Signal(object)
    epoch_ended = Signal(object)
    gone_on = Signal(object)
    told = Signal(str)
    finished = Signal(object)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, request: FineTuneRequest, orders: _Orders) -> None:
        super().__init__()
        self._request = request
        self._orders = orders

    # -- the job's observer ------------------------------------------------------------------

    def command(self) -> Command:
        """What the person wants."""
        return self._orders.command

    def stepped(self, report: StepReport) -> None:
        """Pass a step on to the UI thread."""
        self.stepped_to.emit(report)

    def validated(self, report: EpochReport) -> None:
        """Pass an epoch on to the UI thread."""
        self.epoch_ended.emit(report)

    def resumed(self, epochs: list[EpochReport]) -> None:
        """Pass on what was before an interruption."""
        self.gone_on.emit(epochs)

    def noticed(self, text: str) -> None:
        """Pass on what the person should know."""
        self.told.emit(text)

    def phase(self, text: str) -> None:
        """Pass on what is being done."""
        self.phased.emit(text)

    def prepared(self, plan: Plan) -> None:
        """Pass the plan on."""
        self.planned.emit(plan)

    # -- the run -----------------------------------------------------------------------------

    @Slot()
    def run(self) -> None:
        """Do the run; ends with exactly one of ``finished``, ``failed``, ``stopped``."""
        try:
            outcome = self._outcome()
        except Exception as error:  # noqa: BLE001 - the thread's boundary: TensorFlow raises many
            self._end_with(error)
        else:
            self.finished.emit(outcome)

    def _outcome(self) -> Outcome:
        from petseg_gui.services.finetune_job import download_oxford, run

        if self._request.oxford == "download":
            download_oxford(self.phase, self.command, self._orders.wait)
        self.phase("Loading TensorFlow…")
        from model.device import load_tensorflow, lower_priority, without_full_collections

        lower_priority()
        load_tensorflow()
        with without_full_collections():
            return run(self._request, self)

    def _end_with(self, error: Exception) -> None:
        if self.command() is Command.CANCEL:
            discard_unfinished(self._request.registry.folder)
        if self.command() in (Command.STOP, Command.CANCEL):
            self.stopped.emit()
        else:
            self.failed.emit(explain(error))


def explain(error: Exception) -> str:
    """Why a run ended, in one or two sentences for the user; what is unexpected is logged."""
    from petseg_gui.services.finetune_job import RunFailedError

    told, no_memory = _typed_errors()
    if isinstance(error, ImportError):
        text = f"TensorFlow could not be loaded: {error}."
    elif isinstance(error, no_memory):
        text = NO_MEMORY
    elif isinstance(error, (RunFailedError, PhotoError, *told)):
        text = str(error)
    elif isinstance(error, OSError):
        text = (
            f"A file could not be read or written ({error}). Is the disk full? Make room and go "
            "on: what was trained until the last saved step is kept."
        )
    else:
        _log.error("fine-tuning", exc_info=error)
        text = f"Fine-tuning stopped because of an unexpected error: {error}."
    return text


def _typed_errors() -> tuple[tuple[type[Exception], ...], tuple[type[Exception], ...]]:
    """Errors of the model whose text is for the user, and those that mean 'no memory'."""
    if "tensorflow" not in sys.modules:  # nothing of it can have been raised
        return (), (MemoryError,)
    from model.data import DataError
    from model.finetune import FineTuneError, OutOfMemoryError
    from model.weights import ModelFileError

    return (FineTuneError, DataError, ModelFileError), (MemoryError, OutOfMemoryError)


class FineTuningService(QObject):
    """One fine-tune at a time, on a thread of its own.

    Signals:
        phase: what is being done, in words.
        prepared: a :class:`Plan`.
        stepped: a :class:`model.settings.StepReport`.
        validated: a :class:`model.settings.EpochReport`.
        resumed: the run goes on; a list of the epoch reports of before, without previews.
        noticed: something that the user should know, in words; the run goes on.
        paused: whether the run is to wait, from now on.
        finished: an :class:`Outcome`.
        stopped: the run ended and can be gone on with.
        cancelled: the run ended because it was cancelled; nothing is left of it.
        failed: the run ended; one or two sentences for the user.
    """

    phase = Signal(str)
    prepared = Signal(object)
    stepped = Signal(object)
    validated = Signal(object)
    resumed = Signal(object)
    noticed = Signal(str)
    paused = Signal(bool)
    finished = Signal(object)
    stopped = Signal()
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: WorkerThread | None = None
        self._worker: _Worker | None = None
        self._orders = _Orders()

    @property
    def running(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self._thread is not None

    def start(self, request: FineTuneRequest) -> None:
        """Start a run, or go on with one.

        Raises:
            RuntimeError: one is under way.
        """
        if self.running:
            raise RuntimeError("a fine-tune is under way")
        self._orders = _Orders()
        thread = WorkerThread()
        thread.setObjectName("fine-tuning")
        worker = _Worker(request, self._orders)
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.phased.connect(self.phase)
        worker.planned.connect(self.prepared)
        worker.stepped_to.connect(self.stepped)
        worker.epoch_ended.connect(self.validated)
        worker.gone_on.connect(self.resumed)
        worker.told.connect(self.noticed)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        worker.stopped.connect(self._stopped)
        self._thread, self._worker = thread, worker
        thread.start()

    def pause(self, on: bool) -> None:
        """Wait before the next step, with the state on disk, or go on."""
        if self.running:
            self._orders.give(Command.PAUSE if on else Command.GO)
            self.paused.emit(self._orders.command is Command.PAUSE)

    def interrupt(self) -> None:
        """End the run within one step and keep its state; ``stopped`` says when it has."""
        self._orders.give(Command.STOP)

    def cancel(self) -> None:
        """End the run within one step and keep nothing; ``cancelled`` says when it has."""
        self._orders.give(Command.CANCEL)

    def stop(self) -> None:
        """Interrupt the run and wait until its thread has ended; nothing is signalled any more."""
        if self._thread is None:
            return
        self._orders.give(Command.STOP)
        self._end_thread()

    def _end_thread(self) -> bool:
        """Whether there was a run to end: after ``stop`` its last signal finds none."""
        if self._thread is None:
            return False
        self._thread.quit()
        self._thread.wait()
        self._thread = self._worker = None
        return True

    @Slot(object)
    def _finished(self, outcome: Outcome) -> None:
        if self._end_thread():
            self.finished.emit(outcome)

    @Slot(str)
    def _failed(self, reason: str) -> None:
        if self._end_thread():
            self.failed.emit(reason)

    @Slot()
    def _stopped(self) -> None:
        if self._end_thread():
            cancelled = self._orders.command is Command.CANCEL
            (self.cancelled if cancelled else self.stopped).emit()

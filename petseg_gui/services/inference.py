"""Predicting photos in the background, most urgent first, each once per model."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.store import Project, StoreError
from petseg_gui.services.threads import WorkerThread

if TYPE_CHECKING:
    from model.predict import Predictor

_log = logging.getLogger(__name__)


@dataclass
class _Wanted:
    """What the UI thread asks for; shared with the worker under ``lock``."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    project: Project | None = None
    model_id: str = ""
    model_path: Path | None = None
    queue: deque[str] = field(default_factory=deque)
    total: int = 0
    stopping: bool = False


class _Worker(QObject):
    """Lives in the worker thread; predicts one photo per call, then asks to be called again.

    Between two photos the thread's event loop runs, so a new request or the end of the program
    waits for one photo at most.
    """

    predicted = Signal(object)
    failed = Signal(object, str)
    modelLoaded = Signal(str, str)  # noqa: N815 - Qt's spelling of signals
    progressed = Signal(int, int)
    again = Signal()

    def __init__(self, wanted: _Wanted) -> None:
        super().__init__()
        self._wanted = wanted
        self._loaded: Path | None = None
        self._refused: Path | None = None
        self._predictor: Predictor | None = None
        self.again.connect(self.work, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def work(self) -> None:
        """Load the model if it is new, or predict the most urgent photo."""
        wanted = self._wanted
        with wanted.lock:
            path, model_id = wanted.model_path, wanted.model_id
            stopping = wanted.stopping
        if stopping or path is None or path == self._refused:
            return
        if path != self._loaded and not self._load(path, model_id):
            return
        with wanted.lock:
            if wanted.model_path != path:  # another model while this one was being loaded
                self.again.emit()
                return
            project, model_id = wanted.project, wanted.model_id
            if project is None or not wanted.queue:
                return
            name = wanted.queue.popleft()
        self._predict(project, model_id, name)
        with wanted.lock:
            # By what is left, not by counting: a photo of a queue that has been replaced
            # meanwhile is none of this one.
            done, total = wanted.total - len(wanted.queue), wanted.total
        self.progressed.emit(done, total)
        self.again.emit()

    def _load(self, path: Path, model_id: str) -> bool:
        try:
            from model.device import (
                describe_device,
                load_tensorflow,
                lower_priority,
                without_full_collections,
            )

            lower_priority()
            load_tensorflow()
            from model.predict import Predictor
            from model.weights import ModelFileError
        except ImportError as error:
            self._refused = path
            self.failed.emit(
                "", f"TensorFlow could not be loaded, so nothing is predicted: {error}"
            )
            return False
        try:
            with without_full_collections(lasting=self._predictor is None):
                if self._predictor is None or not self._predictor.renew(path):
                    if self._predictor is not None:
                        self._predictor.close()
                    self._loaded = self._predictor = None
                    self._predictor = Predictor.load(path)
                    self._predictor.warm_up()
        except ModelFileError as error:
            self._refused = path
            self.failed.emit("", f"The model cannot be used: {error}")
            return False
        self._loaded = path
        self.modelLoaded.emit(model_id, describe_device())
        return True

    def _predict(self, project: Project, model_id: str, name: str) -> None:
        from model.device import one_at_a_time

        assert self._predictor is not None
        try:
            kept = project.predictions
            if kept.has(name, model_id) and kept.has_probabilities(name, model_id):
                return
            if project.read_only:  # another window has it open, and predicts
                return
            photo = read_photo(project.photo_path(name))
            with one_at_a_time():
                found = self._predictor.predict(photo)
            project.write_prediction(name, model_id, found.mask, found.probabilities)
        except (PhotoError, StoreError) as error:
            self.failed.emit(name, str(error))
        except MemoryError:
            self.failed.emit(name, f"{name} needs more memory than there is to predict it.")
        except Exception as error:  # noqa: BLE001 - the thread's boundary: TensorFlow raises many
            _log.exception("predicting %s", name)
            self.failed.emit(name, f"{name} could not be predicted: {error}")
        else:
            self.predicted.emit(name)


class InferenceService(QObject):
    """Predicts the photos of a project with one model, on a thread of its own.

    Every prediction goes into the project, mask and probabilities, where it is found again; a
    photo that has both from this model is passed over.

    Signals:
        predicted: the prediction of this photo is in the project now.
        failed: photo and reason in words; the photo is '' when the model itself fails.
        modelLoaded: model id and device in words.
        progressed: done and total of the present queue.
    """

    predicted = Signal(object)
    failed = Signal(object, str)
    modelLoaded = Signal(str, str)  # noqa: N815
    progressed = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = _Wanted()
        self._thread: WorkerThread | None = None
        self._worker: _Worker | None = None

    def start(self) -> None:
        """Start the worker; TensorFlow is imported there, when a model is to be loaded."""
        if self._thread is not None:
            return
        thread = WorkerThread()
        thread.setObjectName("inference")
        worker = _Worker(self._wanted)
        worker.moveToThread(thread)
        worker.predicted.connect(self.predicted)
        worker.failed.connect(self.failed)
        worker.modelLoaded.connect(self.modelLoaded)
        worker.progressed.connect(self.progressed)
        self._thread, self._worker = thread, worker
        thread.start()
        self._wake()

    def open_project(self, project: Project) -> None:
        """Predict for ``project`` from now on; the queue of the one before is dropped."""
        with self._wanted.lock:
            self._wanted.project = project
            self._wanted.queue.clear()

    def use_model(self, model_id: str, path: Path) -> None:
        """Predict with this model from now on; the queue is dropped."""
        with self._wanted.lock:
            self._wanted.model_id, self._wanted.model_path = model_id, path
            self._wanted.queue.clear()
        self._wake()

    def request(self, names: list[str]) -> None:
        """Replace the queue, the most urgent photo first."""
        with self._wanted.lock:
            self._wanted.queue = deque(names)
            self._wanted.total = len(names)
        self._wake()

    def stop(self) -> None:
        """Drop the queue, wait for the photo under way, and end the thread."""
        if self._thread is None:
            return
        with self._wanted.lock:
            self._wanted.stopping = True
            self._wanted.queue.clear()
        self._thread.quit()
        self._thread.wait()
        self._thread = self._worker = None

    def _wake(self) -> None:
        if self._worker is not None:
            self._worker.again.emit()

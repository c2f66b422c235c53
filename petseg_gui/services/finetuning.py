"""Fine-tuning in a background thread: gather, train, compare, keep; cancelled within a step."""

from __future__ import annotations

import logging
import random
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from model import label_png
from petseg_gui.core.disk import label_limit
from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.records import AcceptedLabel
from petseg_gui.core.store import Project
from petseg_gui.services.ports import ModelRef
from petseg_gui.services.threads import WorkerThread

if TYPE_CHECKING:
    from model.data import Example, Source
    from model.gate import Row
    from model.registry import Registry
    from model.settings import EpochReport, FineTuneSettings, StepReport

_log = logging.getLogger(__name__)

MAX_OXFORD_PHOTOS = 256
"""Oxford photos kept in memory for a run (0.3 MB each): enough for hundreds of steps."""
MAX_OXFORD_HELD_OUT = 24
"""Oxford photos on which old and new model are compared."""
# The share and seed with which the starter weights' own validation photos were held out: a
# photo that the starter has trained on would flatter the incumbent.
_OXFORD_HELD_OUT_SHARE = 0.1
_OXFORD_SPLIT_SEED = 0

GROUP_NAMES = {"own": "Your photos", "oxford": "Oxford photos"}


class _RunFailedError(Exception):
    """The run cannot go on; the text is for the user."""


@dataclass(frozen=True, slots=True)
class FineTuneRequest:
    """What to do.

    Attributes:
        labels: the project's accepted labels; the held-out ones measure, the others train.
        registry: where the candidate goes.
        model: the model in use, from which to start.
        settings: see :class:`model.finetune.FineTuneSettings`.
        oxford: ``"none"``, ``"local"`` or ``"download"``.
    """

    labels: Sequence[AcceptedLabel]
    registry: Registry
    model: ModelRef
    settings: FineTuneSettings
    oxford: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do, known before its first step.

    Attributes:
        own: corrected photos to train on.
        own_held_out: photos kept aside on which the person painted: they measure.
        oxford: Oxford photos to mix in.
        oxford_held_out: Oxford photos that measure.
        steps: training steps.
    """

    own: int
    own_held_out: int
    oxford: int
    oxford_held_out: int
    steps: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run.

    Attributes:
        candidate: id of the new model, which is kept in any case.
        adopted: whether it does not lose and should come into use.
        reason: why, in words.
        rows: old against new per group of held-out photos.
    """

    candidate: str
    adopted: bool
    reason: str
    rows: Sequence[Row]


def build_request(
    project: Project, registry: Registry, model: ModelRef, settings: Mapping[str, Any]
) -> FineTuneRequest:
    """A request from what the panel's fields say.

    Args:
        project: gives the accepted labels as they are now.
        registry: of the project's models.
        model: the model in use.
        settings: fields of :class:`model.settings.FineTuneSettings`, and ``oxford``.
    """
    from model.settings import FineTuneSettings

    fields = {k: v for k, v in settings.items() if k != "oxford"}
    return FineTuneRequest(
        labels=tuple(project.accepted()),
        registry=registry,
        model=model,
        settings=FineTuneSettings(**fields),
        oxford=str(settings.get("oxford", "none")),
    )


class _Worker(QObject):
    """Lives in the worker thread and does one run; also the trainer's observer."""

    phase = Signal(str)
    prepared = Signal(object)
    stepped_to = Signal(object)
    epoch_ended = Signal(object)
    finished = Signal(object)
    failed = Signal(str)
    cancelled_now = Signal()

    def __init__(self, request: FineTuneRequest, cancel: threading.Event) -> None:
        super().__init__()
        self._request = request
        self._cancel = cancel

    def cancelled(self) -> bool:
        """Whether the person pressed Cancel."""
        return self._cancel.is_set()

    def stepped(self, report: StepReport) -> None:
        """Pass a step on to the UI thread."""
        self.stepped_to.emit(report)

    def validated(self, report: EpochReport) -> None:
        """Pass an epoch on to the UI thread."""
        self.epoch_ended.emit(report)

    @Slot()
    def run(self) -> None:
        """Do the run; ends with exactly one of ``finished``, ``failed``, ``cancelled_now``."""
        try:
            if self._request.oxford == "download":
                self._download()
            self.phase.emit("Loading TensorFlow…")
            from model.device import load_tensorflow, lower_priority, without_full_collections

            lower_priority()
            tf = load_tensorflow()
            from model.data import DataError
            from model.finetune import FineTuneCancelledError, FineTuneError
            from model.weights import ModelFileError
        except _RunFailedError as error:
            self._end_with(str(error))
            return
        except ImportError as error:
            self._end_with(f"TensorFlow could not be loaded: {error}.")
            return
        try:
            with without_full_collections():
                outcome = self._train()
            self.finished.emit(outcome)
        except FineTuneCancelledError:
            self.cancelled_now.emit()
        except (_RunFailedError, FineTuneError, DataError, ModelFileError, PhotoError) as error:
            self._end_with(str(error))
        except (MemoryError, tf.errors.ResourceExhaustedError):
            self._end_with(
                "The memory is not enough for fine-tuning. Close other programs, or keep the "
                "encoder frozen."
            )
        except OSError as error:
            self._end_with(f"A file could not be read or written ({error}). Is the disk full?")
        except Exception as error:  # noqa: BLE001 - the thread's boundary: TensorFlow raises many
            _log.exception("fine-tuning")
            self._end_with(f"Fine-tuning stopped because of an unexpected error: {error}.")

    def _end_with(self, reason: str) -> None:
        if self.cancelled():
            self.cancelled_now.emit()
        else:
            self.failed.emit(reason)

    def _train(self) -> Outcome:
        from model import weights
        from model.finetune import finetune, gather, stored_size
        from model.gate import compare, decide
        from model.predict import Predictor

        request, settings = self._request, self._request.settings
        network = weights.read_card(request.model.path).network
        size = int(network.get("input_size", 256))
        train = [label for label in request.labels if not label.held_out]
        # A prediction that was accepted as it was agrees with the model that made it to the
        # pixel: it would measure nothing but likeness to that model.
        own_held_out = [label for label in request.labels if label.held_out and label.corrected]
        self.phase.emit("Reading the photos…")
        oxford, oxford_ids, oxford_held_out = self._oxford(len(train))

        own = gather(_examples(train), stored_size(size), self)
        mixed = gather(oxford.examples(oxford_ids) if oxford else (), stored_size(size), self)

        def held_out() -> dict[str, Iterator[Example]]:
            # Read anew for every use: at their own sizes they would fill the memory.
            return {
                "own": _examples(own_held_out),
                "oxford": oxford.examples(oxford_held_out) if oxford else iter(()),
            }

        checks = gather(chain.from_iterable(held_out().values()), size, self)
        self.prepared.emit(
            Plan(
                own=len(own),
                own_held_out=len(own_held_out),
                oxford=len(mixed),
                oxford_held_out=len(oxford_held_out),
                steps=settings.steps_per_epoch(len(own)) * settings.epochs,
            )
        )
        self.phase.emit("Training…")
        model = finetune(
            request.model.path,
            own,
            oxford=mixed,
            held_out=checks,
            settings=settings,
            observer=self,
        )
        self.phase.emit("Comparing with the model in use…")
        rows = compare(
            Predictor.load(request.model.path),
            Predictor(model),
            held_out(),
            check=self._raise_if_cancelled,
        )
        adopted, reason = decide(rows)
        about = {
            "settings": settings.to_dict(),
            "own_photos": [label.name for label in train],
            "held_out_photos": [label.name for label in own_held_out],
            "oxford_photos": len(mixed),
            "comparison": [row.to_dict() for row in rows],
            "adopted": adopted,
        }
        candidate = request.registry.add(model, request.model.id, about)
        return Outcome(candidate, adopted, reason, [row.named(GROUP_NAMES) for row in rows])

    def _raise_if_cancelled(self) -> None:
        from model.finetune import FineTuneCancelledError

        if self.cancelled():
            raise FineTuneCancelledError

    def _oxford(self, own: int) -> tuple[Source | None, list[str], list[str]]:
        """Source, ids to mix in, ids to measure with."""
        from model.data import TfdsSource, split_ids

        request = self._request
        if request.oxford == "none":
            return None, [], []
        source = TfdsSource("train", download=False)
        train, held_out = split_ids(source.ids(), _OXFORD_HELD_OUT_SHARE, _OXFORD_SPLIT_SEED)
        draw = random.Random(request.settings.seed)
        wanted = min(request.settings.oxford_wanted(own), MAX_OXFORD_PHOTOS, len(train))
        return (
            source,
            draw.sample(train, wanted),
            draw.sample(held_out, min(MAX_OXFORD_HELD_OUT, len(held_out))),
        )

    def _download(self) -> None:
        """Let a process of its own download the Oxford photos: it can be stopped at any time."""
        import subprocess

        from model.oxford import DOWNLOAD_SIZE, is_present

        if is_present():
            return
        self.phase.emit(f"Downloading the Oxford photos ({DOWNLOAD_SIZE})…")
        command = [sys.executable, "-m", "petseg_gui", "data", "download"]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            output: list[str] = []
            assert process.stderr is not None
            # The pipe must be emptied while the process runs, or it stops when it is full.
            reader = threading.Thread(target=output.extend, args=(process.stderr,), daemon=True)
            reader.start()
            while process.poll() is None:
                if self._cancel.wait(0.1):
                    process.kill()
            reader.join()
        if process.returncode and not self.cancelled():
            last = next((line.strip() for line in reversed(output) if line.strip()), "no reason")
            raise _RunFailedError(
                f"The Oxford photos could not be downloaded: {last.removeprefix('petseg: ')}"
            )
        if self.cancelled():
            raise _RunFailedError("cancelled")


def _examples(labels: Sequence[AcceptedLabel]) -> Iterator[Example]:
    """Corrected photos with their labels.

    Raises:
        PhotoError: a photo cannot be read.
        _RunFailedError: a label cannot be read or has another size than its photo.
    """
    from model.data import Example

    for label in labels:
        photo = read_photo(label.photo)
        try:
            mask = label_png.read(label.label, max_pixels=label_limit())
        except (OSError, label_png.LabelFileError) as error:
            raise _RunFailedError(
                f"The label of {label.name} cannot be read ({error}). Open the photo and accept "
                "it again."
            ) from error
        if mask.shape != photo.shape[:2]:
            raise _RunFailedError(
                f"The label of {label.name} has {mask.shape[1]}×{mask.shape[0]} pixels, the photo "
                f"{photo.shape[1]}×{photo.shape[0]}. Open the photo and accept it again."
            )
        # By its whole name: two photos may share a stem.
        yield Example(label.name, photo, mask)


class FineTuningService(QObject):
    """One fine-tune at a time, on a thread of its own.

    Signals:
        phase: what is being done, in words.
        prepared: a :class:`Plan`.
        stepped: a :class:`model.finetune.StepReport`.
        validated: a :class:`model.finetune.EpochReport`.
        finished: an :class:`Outcome`.
        cancelled: the run ended because it was cancelled.
        failed: the run ended; one or two sentences for the user.
    """

    phase = Signal(str)
    prepared = Signal(object)
    stepped = Signal(object)
    validated = Signal(object)
    finished = Signal(object)
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: WorkerThread | None = None
        self._worker: _Worker | None = None
        self._cancel = threading.Event()

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._thread is not None

    def start(self, request: FineTuneRequest) -> None:
        """Start a run.

        Raises:
            RuntimeError: one is under way.
        """
        if self.running:
            raise RuntimeError("a fine-tune is under way")
        self._cancel = threading.Event()
        thread = WorkerThread()
        thread.setObjectName("fine-tuning")
        worker = _Worker(request, self._cancel)
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.phase.connect(self.phase)
        worker.prepared.connect(self.prepared)
        worker.stepped_to.connect(self.stepped)
        worker.epoch_ended.connect(self.validated)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        worker.cancelled_now.connect(self._cancelled)
        self._thread, self._worker = thread, worker
        thread.start()

    def cancel(self) -> None:
        """Stop within one training step; ``cancelled`` says when it has."""
        self._cancel.set()

    def stop(self) -> None:
        """Cancel and wait until the thread has ended; nothing is signalled any more."""
        if self._thread is None:
            return
        self._cancel.set()
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
    def _cancelled(self) -> None:
        if self._end_thread():
            self.cancelled.emit()

"""What the window needs of the services, as protocols: the real ones or small fakes fit.

The composition root (:mod:`petseg_gui.app`) fills in :class:`Services`; nothing is global.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import SignalInstance

from petseg_gui.core.records import AcceptedLabel
from petseg_gui.core.store import Project
from petseg_gui.services.augmented import Augmented
from petseg_gui.services.messages import Messages
from petseg_gui.services.tasks import TaskRunner

if TYPE_CHECKING:
    from model.registry import Listing, Version


class Predictor(Protocol):
    """Makes predictions in the background (:class:`~petseg_gui.services.inference`)."""

    @property
    def predicted(self) -> SignalInstance:
        """A photo's prediction is in the project: name."""

    @property
    def failed(self) -> SignalInstance:
        """A photo could not be predicted: name, reason ('' as name: the model itself)."""

    @property
    def modelLoaded(self) -> SignalInstance:  # noqa: N802 - Qt's spelling of signals
        """The model is ready: id, device in words."""

    @property
    def progressed(self) -> SignalInstance:
        """Done and total of the present queue."""

    def start(self) -> None:
        """Start the worker; everything else may be called before."""

    def open_project(self, project: Project) -> None:
        """Predict for ``project`` from now on; the queue of the one before is dropped."""

    def use_model(self, model_id: str, path: Path) -> None:
        """Predict with this model from now on."""

    def request(self, names: list[str]) -> None:
        """Replace the queue, the most urgent photo first."""

    def stop(self) -> None:
        """Wait until the worker's thread has ended; may be called twice."""


class Trainer(Protocol):
    """Fine-tunes in the background (:class:`~petseg_gui.services.finetuning`)."""

    @property
    def phase(self) -> SignalInstance:
        """What is being done, in words."""

    @property
    def prepared(self) -> SignalInstance:
        """Training begins: a plan."""

    @property
    def stepped(self) -> SignalInstance:
        """A step report."""

    @property
    def validated(self) -> SignalInstance:
        """An epoch report."""

    @property
    def resumed(self) -> SignalInstance:
        """An interrupted run goes on: the epoch reports of before."""

    @property
    def noticed(self) -> SignalInstance:
        """Something that the user should know, in words; the fine-tune goes on."""

    @property
    def paused(self) -> SignalInstance:
        """Whether the fine-tune is to wait, from now on."""

    @property
    def finished(self) -> SignalInstance:
        """An outcome."""

    @property
    def stopped(self) -> SignalInstance:
        """The fine-tune was interrupted and can be gone on with."""

    @property
    def cancelled(self) -> SignalInstance:
        """The fine-tune ended because it was cancelled; nothing is left of it."""

    @property
    def failed(self) -> SignalInstance:
        """The fine-tune ended with a failure: one or two sentences for the user."""

    @property
    def running(self) -> bool:
        """Whether a fine-tune is under way."""

    def start(self, request: Any) -> None:
        """Start; ``request`` is what :attr:`Services.build_request` returned."""

    def pause(self, on: bool) -> None:
        """Wait before the next training step, or go on."""

    def interrupt(self) -> None:
        """End within one training step and keep what is needed to go on."""

    def cancel(self) -> None:
        """End within one training step and keep nothing."""

    def stop(self) -> None:
        """Interrupt and wait until the worker's thread has ended; may be called twice."""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model by its id and the place of its files."""

    id: str
    path: Path


class Models(Protocol):
    """Knows where models are: the starter weights and those that a project grew."""

    def in_use(self, project: Project) -> ModelRef:
        """The model that ``project`` uses; the starter model when it has chosen none."""

    def find(self, project: Project, model_id: str) -> ModelRef:
        """The model with this id.

        Raises:
            LookupError: neither the project nor the program has it.
        """

    def versions(self, project: Project) -> Sequence[Version]:
        """The starter, then the fine-tuned models of ``project``; reads the disk."""

    # What follows reads or writes the disk and may take a while: it is called in a worker.  It
    # raises RegistryError or ModelFileError, whose text is for the user.

    def listing(self, project: Project) -> Listing:
        """Every model, those that were deleted, and what cannot be read."""

    def export(self, project: Project, model_id: str, path: Path) -> None:
        """Copy a model's file to ``path``."""

    def import_file(self, project: Project, path: Path) -> str:
        """Take in a model file from elsewhere, once it is checked; returns its new id."""

    def rename(self, project: Project, model_id: str, title: str) -> None:
        """Give a model a title."""

    def set_note(self, project: Project, model_id: str, note: str) -> None:
        """Write a note about a model."""

    def delete(self, project: Project, model_id: str) -> None:
        """Put a model away that is neither the starter nor in use."""

    def restore(self, project: Project, model_id: str) -> None:
        """Bring a deleted model back."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the window works with.

    Attributes:
        reader: threads for decoding and other work whose order does not matter.
        writer: one thread: what is written to a project is written in order.
        build_request: project, model in use, settings dict of the panel, whether to go on with an
            interrupted run -> request.
        oxford_ready: whether the Oxford photos are on this computer; may read the disk, so
            it is called in a worker thread.
        augmented: accepted labels, and how many are wanted -> photos as the model sees them while
            it is trained; reads photos and loads TensorFlow: for a worker thread.
    """

    messages: Messages
    reader: TaskRunner
    writer: TaskRunner
    inference: Predictor
    finetuning: Trainer
    models: Models
    build_request: Callable[[Project, ModelRef, Mapping[str, Any], bool], Any]
    oxford_ready: Callable[[], bool]
    augmented: Callable[[Sequence[AcceptedLabel], int], list[Augmented]]

    def stop(self) -> None:
        """End every thread; writes that were begun are finished first."""
        self.finetuning.stop()
        self.inference.stop()
        self.writer.drain()
        self.writer.shutdown()
        self.reader.shutdown()

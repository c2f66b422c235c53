"""Reading predictions that were just made, for photos that are decoded already."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from model.labels import MaskArray
from petseg_gui.core.photos import PhotoError, read_thumbnail
from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Messages
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.photo_loader import LoadedPhoto, Origin

PRIORITY = 5
"""Below the photo that somebody waits for, above thumbnails."""


class PredictionReader(QObject):
    """Reads a prediction from its project in the background.

    Signals:
        arrived: project, name, model id, mask.
        unreadable: name, reason: why there is no prediction for a photo.
    """

    arrived = Signal(object, object, str, object)
    unreadable = Signal(object, str)

    def __init__(
        self, reader: TaskRunner, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._messages = messages
        self._told = False

    def read(self, project: Project, name: str, model: str) -> None:
        """Read what ``model`` predicted for ``name``."""
        self._reader.run(
            lambda _state: project.read_prediction(name, model),
            partial(self._arrived, project, name, model),
            partial(self._failed, name),
            priority=PRIORITY,
        )

    def catch_up(self, project: Project, photo: LoadedPhoto, model: str) -> None:
        """Read the prediction that came, or whose model came into use, while ``photo`` was read."""
        begun = photo.origin in (Origin.NOTHING, Origin.PREDICTION)
        if begun and photo.provenance.model != model and project.has_prediction(photo.name, model):
            self.read(project, photo.name, model)

    def explain(self, path: Path, name: str, reason: str) -> None:
        """Find out whether the prediction for ``name`` failed because of the photo itself.

        An unreadable photo has its mark in the filmstrip: a message for each would bury the
        photo that somebody works on.  Anything else is told, with ``reason``: once, since a full
        disk fails for thousands of photos, and again after :meth:`works_again`.
        """

        def readable(_pixels: object) -> None:
            if not self._told:
                self._told = True
                self._messages.warning(f"No prediction for {name}: {reason}")

        self._reader.run(
            lambda _state: read_thumbnail(path, 16),
            readable,
            partial(self._explained, name),
            priority=PRIORITY,
        )

    def works_again(self) -> None:
        """A photo was predicted, or another model is tried: what fails next is told."""
        self._told = False

    def _explained(self, name: str, error: Exception) -> None:
        if not isinstance(error, PhotoError):
            raise error
        self.unreadable.emit(name, str(error))

    def _arrived(self, project: Project, name: str, model: str, mask: MaskArray | None) -> None:
        if mask is not None:
            self.arrived.emit(project, name, model, mask)

    def _failed(self, name: str, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self._messages.warning(f"The prediction for {name} cannot be read: {error}")

"""Predictions of the photos under review: which are asked for, and where those that came go."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from model.labels import MaskArray
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.photo_loader import LoadedPhoto, Origin, PhotoLoader
from petseg_gui.ui.prediction_reader import PredictionReader
from petseg_gui.ui.review_state import ReviewState


class ReviewPredictions(QObject):
    """Keeps the predictions of a project coming, for one model at a time.

    Signals:
        recorded: name of a photo of which the project knows more now.
        sessionReplaced: a new session that begins with the prediction that came.
        unreadable: name, reason: a photo that cannot be predicted cannot be read at all.
    """

    recorded = Signal(object)
    sessionReplaced = Signal(object)  # noqa: N815 - Qt's spelling of signals
    unreadable = Signal(object, str)

    def __init__(
        self,
        services: Services,
        state: ReviewState,
        loader: PhotoLoader,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._inference = services.inference
        self._state = state
        self._loader = loader
        self._project: Project | None = None
        self._model: str | None = None
        # Asked for once and failed, or made again and still no use: not asked for over and over.
        self._failed: set[str] = set()
        self._made_again: set[str] = set()
        self._asked_again: set[str] = set()
        self._awaited: str | None = None
        self._reader = PredictionReader(services.reader, services.messages, self)
        self._reader.arrived.connect(self._read)
        self._reader.unreadable.connect(self.unreadable)
        self._inference.failed.connect(self._prediction_failed)
        self._inference.predicted.connect(self._prediction_ready)

    def set_project(self, project: Project | None, model: str | None) -> None:
        """Predict for ``project`` with ``model`` from now on."""
        self._project = project
        self.set_model(model)

    def set_model(self, model: str | None) -> None:
        """Another model is in use: what failed with the one before may work with this one."""
        self._model = model
        self._failed.clear()
        self._made_again.clear()
        self._asked_again.clear()
        self._reader.works_again()
        self._awaited = None

    def failed(self, name: str) -> bool:
        """Whether the model in use could not predict ``name``, the last time that it tried."""
        return name in self._failed

    def request(self) -> None:
        """Ask for what is missing: the current photo first, then its neighbours.

        The photo on show gets its prediction and probabilities even when it has a label: they
        are shown beside it.  Its state, and its mask, stay what they are.
        """
        wanted = set(self._state.unpredicted() - self._failed)
        wanted.update(filter(self._lacks, self._asked_again))
        current = self._state.queue.current
        if current is not None and self._lacks(current):
            wanted.add(current)
        self._awaited = current if current in wanted else None
        if wanted:
            self._inference.request(self._state.queue.prediction_order(wanted))

    def ask_again(self, names: Iterable[str]) -> None:
        """Have these photos predicted with the next request, also those that have labels."""
        self._asked_again.update(names)
        self._failed.difference_update(self._asked_again)

    def retry(self, name: str) -> None:
        """Somebody came (back) to ``name``: if it failed before, it may be tried once more."""
        self._failed.discard(name)
        self._made_again.discard(name)

    def make_again(self, name: str) -> None:
        """What is on disk for the photo on show turned out to be missing or of no use.

        Asks for it once per visit: a disk that loses what is written would be asked for ever.
        """
        if name == self._awaited or name in self._made_again or not self._lacks(name):
            return
        self._made_again.add(name)
        if self._project is not None and name in self._state.records:
            self._refresh(name)  # without its prediction the photo is new again
        self.request()

    def catch_up(self, photo: LoadedPhoto) -> None:
        """A photo was decoded: its prediction may have come, or the model changed, meanwhile."""
        if self._project is None or self._model is None:
            return
        if self._state.untouched(photo.name):
            self._reader.catch_up(self._project, photo, self._model)

    def catch_up_all(self) -> None:
        """Another model is in use: where it has predicted before, nothing will be announced."""
        for photo in self._loader.kept:
            self.catch_up(photo)

    def _lacks(self, name: str) -> bool:
        project, model = self._project, self._model
        if project is None or model is None:
            return False
        if name in self._failed or name in self._state.unreadable:
            return False
        found = project.predictions
        return not (found.has(name, model) and found.has_probabilities(name, model))

    def _refresh(self, name: str) -> None:
        assert self._project is not None
        self._state.records.put(self._project.record(name))
        self.recorded.emit(name)

    def _prediction_ready(self, name: str) -> None:
        project, model = self._project, self._model
        if project is None or model is None or name not in self._state.records:
            return
        self._failed.discard(name)
        self._asked_again.discard(name)
        self._reader.works_again()
        self._awaited = None if name == self._awaited else self._awaited
        self._refresh(name)
        if not self._state.untouched(name):
            return
        photo = self._loader.get(name)
        if photo is None:
            if name != self._state.shown:
                # Its session began without this prediction; on return it begins with it.
                self._state.sessions.pop(name, None)
        elif not (photo.origin is Origin.PREDICTION and photo.provenance.model == model):
            # Else only the probabilities are new: the mask is the one that is on show.
            self._reader.read(project, name, model)

    def _prediction_failed(self, name: str, reason: str) -> None:
        if self._project is not None and name in self._state.records:
            self._failed.add(name)
            self._reader.explain(self._project.photo_path(name), name, reason)

    def _read(self, project: Project, name: str, model: str, mask: MaskArray) -> None:
        if project is not self._project or not self._state.untouched(name):
            return
        photo = self._loader.put_prediction(name, mask, model) if model == self._model else None
        if photo is None:
            return
        if self._state.sessions.pop(name, None) is not None:
            session = self._state.session_for(photo)
            self._loader.drop_mask(name)
            self.sessionReplaced.emit(session)

"""What the models say of the photo on show: read in the background, never another photo's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from model.labels import MaskArray
from petseg_gui.core.memory import BYTES_PER_PIXEL, give_back
from petseg_gui.core.predictions import Prediction
from petseg_gui.core.records import StoreError
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Models, Services
from petseg_gui.services.tasks import Task, TaskState
from petseg_gui.ui.photo_loader import LoadedPhoto, Origin

if TYPE_CHECKING:
    from petseg_gui.ui.review_controller import ReviewController

CURRENT_PRIORITY = 4
"""Below the photo itself and the mask to start from; above photos decoded ahead."""
EARLIER_PRIORITY = 3

NO_PHOTO = "No photo is on show."
READING = "The prediction is being read."
NOT_YET = "Not predicted yet."
FAILED = "This photo could not be predicted."
FIRST_MODEL = "This is the first model; there is none before it."
NOT_BY_EARLIER = "The model before this one has not predicted this photo."
UNKNOWN_LINEAGE = "It is not known which model was before this one."


class ShownPredictions(QObject):
    """The predictions of the photo on show, by the model in use and by the one before it.

    Both belong to the photo named :attr:`photo` and have its size, or are None.  The arrays are
    not to be written to.

    Signals:
        changed: the photo or one of its predictions is another one now.
    """

    changed = Signal()

    def __init__(
        self, review: ReviewController, services: Services, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._reader = services.reader
        self._models: Models = services.models
        self._photo: str | None = None
        self._shape = (0, 0)
        self._current: Prediction | None = None
        self._earlier: Prediction | None = None
        self._why_no_current = NO_PHOTO
        self._why_no_earlier = NO_PHOTO
        self._reading: dict[str, Task] = {}
        review.photoShown.connect(self._photo_shown)
        review.photoPending.connect(self.clear)
        review.photoFailed.connect(self.clear)
        review.folderOpened.connect(self.clear)
        review.projectClosed.connect(self.clear)
        review.modelChanged.connect(self._model_changed)
        services.inference.predicted.connect(self._predicted)
        services.inference.failed.connect(self._prediction_failed)

    @property
    def photo(self) -> str | None:
        """The photo on show, to which everything here belongs."""
        return self._photo

    @property
    def current(self) -> Prediction | None:
        """What the model in use says of it."""
        return self._current

    @property
    def earlier(self) -> Prediction | None:
        """What the model that the one in use was fine-tuned from says of it."""
        return self._earlier

    @property
    def why_no_current(self) -> str:
        """Why :attr:`current` is None, for the user; '' when it is not."""
        return self._why_no_current

    @property
    def why_no_earlier(self) -> str:
        """Why :attr:`earlier` is None, for the user; '' when it is not."""
        return self._why_no_earlier

    def clear(self) -> None:
        """No photo is on show."""
        if self._photo is not None or self._reading:
            self._forget(None)
            self.changed.emit()

    def _forget(self, photo: str | None) -> None:
        for task in self._reading.values():
            task.cancel()
        self._reading.clear()
        self._photo = photo
        self._current = self._earlier = None
        self._why_no_current = self._why_no_earlier = NO_PHOTO if photo is None else READING

    # ------------------------------------------------------------------ what happens

    def _photo_shown(self, photo: LoadedPhoto, _session: EditSession) -> None:
        self._forget(photo.name)
        self._shape = photo.pyramid.shape
        shared = None
        if photo.origin is Origin.PREDICTION and photo.provenance.model == self._review.model:
            shared = photo.mask  # the very same: 48 MB less to read and to hold at 48 megapixels
        self._read_current(shared)
        self._read_earlier()
        self.changed.emit()

    def _model_changed(self, _model: str) -> None:
        if self._photo is None:
            return
        self._forget(self._photo)
        self._read_current()
        self._read_earlier()
        self.changed.emit()

    def _predicted(self, name: str) -> None:
        if name == self._photo:
            self._read_current()

    def _prediction_failed(self, name: str, _reason: str) -> None:
        if name == self._photo and self._current is None:
            self._why_no_current = FAILED
            self.changed.emit()

    # ------------------------------------------------------------------ reading

    def _read_current(self, shared: MaskArray | None = None) -> None:
        project, model, name = self._review.project, self._review.model, self._photo
        if project is None or model is None or name is None:
            return
        shape = self._shape

        def work(_state: TaskState) -> Prediction | str:
            found = _read(project, name, model, shape, shared) or NOT_YET
            give_back(shape[0] * shape[1] * BYTES_PER_PIXEL)
            return found

        self._run("current", work, self._show_current, CURRENT_PRIORITY)

    def _read_earlier(self) -> None:
        project, model, name = self._review.project, self._review.model, self._photo
        if project is None or model is None or name is None:
            return
        models, shape = self._models, self._shape

        def work(_state: TaskState) -> Prediction | str:
            versions = models.versions(project)
            parent = next((version.parent for version in versions if version.id == model), "")
            if parent is None:
                return FIRST_MODEL
            if not parent:
                return UNKNOWN_LINEAGE
            return _read(project, name, parent, shape, None) or NOT_BY_EARLIER

        self._run("earlier", work, self._show_earlier, EARLIER_PRIORITY)

    def _run(
        self,
        which: str,
        work: Callable[[TaskState], Prediction | str],
        show: Callable[[Prediction | str], None],
        priority: int,
    ) -> None:
        """Read one of the two; what is still being read of it, for this photo or another, goes."""
        if (before := self._reading.pop(which, None)) is not None:
            before.cancel()

        def done(found: Prediction | str) -> None:
            del self._reading[which]
            show(found)
            self.changed.emit()

        def broken(error: Exception) -> None:
            if not isinstance(error, StoreError):
                raise error
            done(str(error))

        self._reading[which] = self._reader.run(work, done, broken, priority=priority)

    def _show_current(self, found: Prediction | str) -> None:
        assert self._photo is not None
        if isinstance(found, Prediction):
            self._current, self._why_no_current = found, ""
            missing = found.probabilities is None
        else:
            failed = found == NOT_YET and self._review.prediction_failed(self._photo)
            self._current, self._why_no_current = None, FAILED if failed else found
            missing = True
        if missing:
            # What was listed may turn out to be damaged, or of another size, when it is read.
            self._review.need_prediction(self._photo)

    def _show_earlier(self, found: Prediction | str) -> None:
        if isinstance(found, Prediction):
            self._earlier, self._why_no_earlier = found, ""
        else:
            self._earlier, self._why_no_earlier = None, found


def _read(
    project: Project, name: str, model: str, shape: tuple[int, int], shared: MaskArray | None
) -> Prediction | None:
    """A prediction that fits the photo; None when there is none.  Runs in a worker thread."""
    mask = project.read_prediction(name, model) if shared is None else shared
    if mask is None:
        return None
    if mask.shape != shape:  # the photo was replaced by another one of its name
        project.predictions.forget(name, model)
        return None
    return Prediction(model, mask, project.predictions.read_probabilities(name, model))

"""Photos with the mask to start from, decoded off the UI thread, neighbours ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from model.labels import Label, MaskArray
from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.records import Provenance, StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner, TaskState
from petseg_gui.ui.canvas import PhotoPyramid

CURRENT_PRIORITY = 10
FITTED_SIDE = 900
"""Screen pixels, about, of the longer side of a photo that fits the window."""
KEPT = 7
"""Decoded photos in memory: the current one and three on each side."""


class Origin(Enum):
    """Where a mask comes from; DRAFT and LABEL are a person's work."""

    DRAFT = "draft"
    LABEL = "label"
    PREDICTION = "prediction"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LoadedPhoto:
    """A photo ready to show.

    Attributes:
        pyramid: the photo, orientation applied, with the halves that a fitted view needs.
        mask: uint8 (H, W), what editing starts from.
        provenance: which model's prediction and how many gestures went into the mask.
        problem: what went wrong with a mask on disk, for the user; '' if nothing.
    """

    name: str
    pyramid: PhotoPyramid
    mask: MaskArray
    origin: Origin
    provenance: Provenance
    problem: str = ""


def load_photo(project: Project, name: str, model: str | None) -> LoadedPhoto:
    """Read a photo and the best mask there is for it: draft, label, prediction, background.

    Raises:
        PhotoError: the photo itself cannot be read.
    """
    pyramid = PhotoPyramid(read_photo(project.photo_path(name)))
    shape = pyramid.shape
    pyramid.prepare(min(1.0, FITTED_SIDE / max(shape)))
    sources: list[tuple[Origin, Callable[[], tuple[MaskArray | None, Provenance | None]]]] = [
        (Origin.DRAFT, lambda: (project.read_draft(name), project.draft_provenance(name))),
        (Origin.LABEL, lambda: (project.read_label(name), project.label_provenance(name))),
    ]
    if model is not None:
        sources.append(
            (
                Origin.PREDICTION,
                lambda: (project.read_prediction(name, model), Provenance(model, 0)),
            )
        )
    problems = []
    for origin, read in sources:
        try:
            mask, provenance = read()
        except StoreError as error:
            problems.append(str(error))
            continue
        if mask is None:
            continue
        if mask.shape != shape:
            if origin is not Origin.PREDICTION:
                problems.append(
                    f"The {origin.value} of {name} is {mask.shape[1]}×{mask.shape[0]} pixels, the "
                    f"photo {shape[1]}×{shape[0]}. It stays on disk and is not shown."
                )
            continue
        provenance = provenance or Provenance(None, 0)
        return LoadedPhoto(name, pyramid, mask, origin, provenance, " ".join(problems))
    background = np.full(shape, int(Label.BACKGROUND), dtype=np.uint8)
    nothing = Provenance(None, 0)
    return LoadedPhoto(name, pyramid, background, Origin.NOTHING, nothing, " ".join(problems))


class PhotoLoader(QObject):
    """Keeps the photos near the current one decoded.

    Signals:
        loaded: a :class:`LoadedPhoto`.
        failed: name, reason.
    """

    loaded = Signal(object)
    failed = Signal(str, str)

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._project: Project | None = None
        self._kept: dict[str, LoadedPhoto] = {}
        self._running: set[str] = set()
        self._near: list[str] = []
        self._model: str | None = None

    def set_project(self, project: Project | None) -> None:
        """Forget everything and load from ``project`` from now on."""
        self._project = project
        self._kept.clear()
        self._running.clear()
        self._near = []

    def get(self, name: str) -> LoadedPhoto | None:
        """``name`` as decoded before, if it still is in memory."""
        return self._kept.get(name)

    def put(self, photo: LoadedPhoto) -> None:
        """Keep a photo that somebody else decoded."""
        self._kept[photo.name] = photo

    def forget(self, name: str) -> None:
        """Read ``name`` anew when it is wanted again."""
        self._kept.pop(name, None)

    def put_prediction(self, name: str, mask: MaskArray, model: str) -> LoadedPhoto | None:
        """A prediction for ``name`` arrived after it was decoded: start from that one."""
        photo = self._kept.get(name)
        if photo is None or mask.shape != photo.mask.shape:
            return None
        photo = replace(photo, mask=mask, origin=Origin.PREDICTION, provenance=Provenance(model, 0))
        self._kept[name] = photo
        return photo

    def want(self, names: Sequence[str], model: str | None) -> None:
        """Decode ``names``, the current photo first; others leave the memory."""
        self._near, self._model = list(names[:KEPT]), model
        for name in [name for name in self._kept if name not in self._near]:
            del self._kept[name]
        for rank, name in enumerate(self._near):
            if name not in self._kept and name not in self._running:
                self._start(name, CURRENT_PRIORITY if rank == 0 else -rank)

    def _start(self, name: str, priority: int) -> None:
        project, model = self._project, self._model
        if project is None:
            return

        def work(state: TaskState) -> LoadedPhoto | None:
            # Paging fast leaves photos behind before their turn comes.
            if priority != CURRENT_PRIORITY and name not in self._near:
                return None
            state.raise_if_cancelled()
            return load_photo(project, name, model)

        self._running.add(name)
        self._tasks.run(
            work,
            partial(self._arrived, project, name),
            partial(self._broken, project, name),
            priority=priority,
        )

    def _arrived(self, project: Project, name: str, photo: LoadedPhoto | None) -> None:
        if project is not self._project:
            return
        self._running.discard(name)
        if name not in self._near:
            return
        if photo is None:  # left behind before its turn, and wanted again since
            self._start(name, CURRENT_PRIORITY)
            return
        self._kept[name] = photo
        self.loaded.emit(photo)

    def _broken(self, project: Project, name: str, error: Exception) -> None:
        if not isinstance(error, PhotoError):
            raise error
        if project is self._project:
            self._running.discard(name)
            self.failed.emit(name, str(error))

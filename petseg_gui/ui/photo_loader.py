"""Photos with the mask to start from, decoded off the UI thread, neighbours ahead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from model.labels import Label, MaskArray
from petseg_gui.core.memory import decode_budget, decoded_bytes, give_back
from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.records import Examined, Provenance, StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner, TaskState
from petseg_gui.ui.canvas import PhotoPyramid

CURRENT_PRIORITY = 10
NEIGHBOUR_PRIORITY = -1
FITTED_SIDE = 900
"""Screen pixels, about, of the longer side of a photo that fits the window."""
PAINT_MS = 60
"""How long a photo that is there already has the processors to itself, to be shown."""
NEIGHBOURS = (1, -1, 2, -2)
"""Photos to decode ahead, by distance from the current one, most likely first."""
KEPT = 7
"""Decoded photos in memory at most, the current one among them; their bytes are bounded too."""


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
        mask: uint8 (H, W), what editing starts from; nobody but a session that was given it as
            ``working`` may write to it.  None once there is a session, which has a mask of its own.
        provenance: which model's prediction and how many gestures went into the mask.
        problem: what went wrong with a mask on disk, or what became of the photo, for the user;
            '' if nothing.
        examined: what became of the photo since it was last looked at; None: nobody can say.
        working: the same values for a session to have as its own, so that they are not copied
            while somebody waits; of a prediction, which others look at as well, a copy.
    """

    name: str
    pyramid: PhotoPyramid
    mask: MaskArray | None
    origin: Origin
    provenance: Provenance
    problem: str = ""
    examined: Examined | None = None
    working: MaskArray | None = None

    @property
    def nbytes(self) -> int:
        """Memory that photo and mask take."""
        masks = {id(mask): mask.nbytes for mask in (self.mask, self.working) if mask is not None}
        return self.pyramid.nbytes + sum(masks.values())


class _Skipped(Enum):
    """Why a photo was not decoded."""

    LEFT_BEHIND = "nobody was near it any more when its turn came"
    NO_ROOM = "it is a neighbour, and the memory is full"


class _Room:
    """How many bytes decoded photos take, those under way included; for any thread."""

    def __init__(self, budget: Callable[[int], int]) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._taken: dict[str, int] = {}

    def take(self, name: str, nbytes: int, *, needed: bool) -> bool:
        """Note that ``name`` takes so many bytes; False, and nothing noted, if they are too many.

        Args:
            name: the photo's name.
            nbytes: bytes in place of what was noted for it before.
            needed: it is taken whatever else there is.
        """
        with self._lock:
            others = sum(size for other, size in self._taken.items() if other != name)
            if not needed and others + nbytes > self._budget(others):
                return False
            self._taken[name] = nbytes
            return True

    def give(self, name: str) -> None:
        """``name`` takes nothing any more."""
        with self._lock:
            self._taken.pop(name, None)

    def over(self) -> bool:
        """Whether more is taken than there is room for."""
        with self._lock:
            total = sum(self._taken.values())
            return total > self._budget(total)


def load_photo(project: Project, name: str, model: str | None) -> LoadedPhoto:
    """Read a photo and the best mask there is for it: draft, label, prediction, background.

    The photo is examined first: another picture of the same name must not get its mask.

    Raises:
        PhotoError: the photo itself cannot be read.
    """
    examined = None
    with suppress(StoreError):  # what keeps it from being read or written is told elsewhere
        examined = project.examine(name)
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
    problems = [examined.message] if examined is not None and examined.message else []
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
        working = mask.copy() if origin is Origin.PREDICTION else mask
        text = " ".join(problems)
        return LoadedPhoto(name, pyramid, mask, origin, provenance, text, examined, working)
    background = np.full(shape, int(Label.BACKGROUND), dtype=np.uint8)
    nothing = Provenance(None, 0)
    text = " ".join(problems)
    origin = Origin.NOTHING
    return LoadedPhoto(name, pyramid, background, origin, nothing, text, examined, background)


class PhotoLoader(QObject):
    """Keeps the current photo decoded, and photos near it while there is room.

    Args:
        tasks: where photos are decoded.
        parent: as of every QObject.
        budget: bytes that all decoded photos may take, given the bytes that they take.

    Signals:
        loaded: a :class:`LoadedPhoto`.
        failed: name, reason.
        dropped: name of a photo that left the memory.
    """

    loaded = Signal(object)
    failed = Signal(object, str)
    dropped = Signal(object)

    def __init__(
        self,
        tasks: TaskRunner,
        parent: QObject | None = None,
        budget: Callable[[int], int] = decode_budget,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._budget = budget
        self._project: Project | None = None
        self._kept: dict[str, LoadedPhoto] = {}
        self._running: set[str] = set()
        self._refused: set[str] = set()  # neighbours not to be tried before the next page
        self._near: list[str] = []
        self._model: str | None = None
        self._room = _Room(budget)
        self._freed = 0  # counts how often room was made
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.timeout.connect(self._start_neighbour)

    @property
    def kept(self) -> list[LoadedPhoto]:
        """The decoded photos."""
        return list(self._kept.values())

    @property
    def nbytes(self) -> int:
        """Memory that the decoded photos take."""
        return sum(photo.nbytes for photo in self._kept.values())

    def set_project(self, project: Project | None) -> None:
        """Forget everything and load from ``project`` from now on."""
        self._project = project
        self._ahead.stop()
        self._kept.clear()
        self._running.clear()
        self._refused.clear()
        self._near = []
        self._room = _Room(self._budget)

    def get(self, name: str) -> LoadedPhoto | None:
        """``name`` as decoded before, if it still is in memory."""
        return self._kept.get(name)

    def put(self, photo: LoadedPhoto) -> None:
        """Keep a photo that somebody else decoded."""
        self._kept[photo.name] = photo
        self._room.take(photo.name, photo.nbytes, needed=True)

    def forget(self, name: str) -> None:
        """Read ``name`` anew when it is wanted again."""
        if self._kept.pop(name, None) is not None:
            self._room.give(name)
            self._freed += 1
            self.dropped.emit(name)

    def drop_mask(self, name: str) -> None:
        """The mask of ``name`` is in a session now: one of them is enough."""
        if (photo := self._kept.get(name)) is not None and photo.mask is not None:
            self.put(replace(photo, mask=None, working=None))
            self._freed += 1

    def put_prediction(self, name: str, mask: MaskArray, model: str) -> LoadedPhoto | None:
        """A prediction for ``name`` arrived after it was decoded: start from that one."""
        photo = self._kept.get(name)
        if photo is None or mask.shape != photo.pyramid.shape:
            return None
        photo = replace(
            photo,
            mask=mask,
            working=None,
            origin=Origin.PREDICTION,
            provenance=Provenance(model, 0),
        )
        self.put(photo)
        return photo

    def want(self, names: Sequence[str], model: str | None) -> None:
        """Decode ``names``, the current photo first; others leave the memory."""
        self._near, self._model = list(names[:KEPT]), model
        for name in [name for name in self._kept if name not in self._near]:
            self.forget(name)
        for name in self._near[:1]:
            if name not in self._kept and name not in self._running:
                self._start(name, CURRENT_PRIORITY)
        self._refused.clear()
        self._make_room()
        if self._near and self._near[0] in self._kept:
            self._ahead.start(PAINT_MS)
        else:
            self._start_neighbour()

    def _start_neighbour(self) -> None:
        """Decode the nearest photo that is still wanted, one at a time: it has the room first."""
        if self._running - set(self._near[:1]):
            return
        for name in self._near[1:]:
            if name not in self._kept and name not in self._refused:
                self._start(name, NEIGHBOUR_PRIORITY)
                return

    def _make_room(self) -> None:
        """Let go of the farthest neighbours until the rest fits; the current photo stays."""
        for name in reversed(self._near[1:]):
            if not self._room.over():
                return
            self.forget(name)

    def _start(self, name: str, priority: int) -> None:
        project, model, room = self._project, self._model, self._room
        if project is None:
            return
        needed = priority == CURRENT_PRIORITY

        def work(state: TaskState) -> LoadedPhoto | _Skipped:
            # Paging fast leaves photos behind before their turn comes.
            if not needed and name not in self._near:
                return _Skipped.LEFT_BEHIND
            state.raise_if_cancelled()
            path = project.photo_path(name)
            if not room.take(name, decoded_bytes(path), needed=needed):
                return _Skipped.NO_ROOM
            try:
                photo = load_photo(project, name, model)
            except BaseException:
                room.give(name)
                raise
            give_back(photo.nbytes)
            return photo

        self._running.add(name)
        self._tasks.run(
            work,
            partial(self._arrived, project, name, self._freed),
            partial(self._broken, project, name),
            priority=priority,
        )

    def _arrived(
        self, project: Project, name: str, freed: int, photo: LoadedPhoto | _Skipped
    ) -> None:
        if project is not self._project:
            return
        self._running.discard(name)
        if name not in self._near:
            self._room.give(name)
        elif isinstance(photo, LoadedPhoto):
            self.put(photo)
            self._make_room()
            if name in self._kept:
                self.loaded.emit(photo)
            else:
                self._refused.add(name)
        elif name == self._near[0]:  # it has become the current photo since
            self._start(name, CURRENT_PRIORITY)
        elif photo is _Skipped.NO_ROOM and freed == self._freed:
            self._refuse(name)
        self._start_neighbour()

    def _refuse(self, name: str) -> None:
        """There is no room for a neighbour: one that is farther away goes for it, if there is."""
        farther = self._near[self._near.index(name) + 1 :]
        for other in reversed(farther):
            if other in self._kept:
                self.forget(other)
                return
        self._refused.add(name)

    def _broken(self, project: Project, name: str, error: Exception) -> None:
        if project is not self._project:
            return
        self._running.discard(name)
        self._refused.add(name)
        if not isinstance(error, PhotoError):
            raise error
        self.failed.emit(name, str(error))
        self._start_neighbour()

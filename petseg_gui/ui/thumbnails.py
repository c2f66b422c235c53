"""Thumbnails with their masks, made when they are seen, nearest first, a bounded number kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from model.labels import Label
from petseg_gui.core.photos import PhotoError
from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.core.thumbnails import SIDE, Thumbnail, ThumbnailMaker
from petseg_gui.services.tasks import TaskRunner, TaskState
from petseg_gui.ui.canvas.palettes import Blend, class_colour

KEPT_BYTES = 64 * 1024**2
"""Of pixels in memory: some 2,000 thumbnails of the filmstrip's size."""
AT_ONCE = 2
"""Under way: what scrolls out of sight before its turn is never read."""
LATER_MS = 60
"""What is shown now is painted first: reading a thumbnail takes a processor from that."""
PRIORITY = -10
"""Below the photos themselves, which share the threads."""

# The border is a line of one or two pixels at this size: it has to be told from the pet.
_TINTS = Blend.of(
    {
        int(Label.PET): (class_colour(Label.PET), 0.45),
        int(Label.BORDER): (class_colour(Label.BORDER), 0.8),
    }
)

_Key = tuple[str, int]
"""A photo's name, and the longer side of its thumbnail in device pixels."""


@dataclass(slots=True)
class _Kept:
    """A thumbnail in memory.

    Attributes:
        made_of: see :class:`~petseg_gui.core.thumbnails.Thumbnail`.
        fresh: nothing has changed since.
    """

    pixmap: QPixmap
    made_of: str
    fresh: bool

    @property
    def nbytes(self) -> int:
        return 4 * self.pixmap.width() * self.pixmap.height()


class Thumbnails(QObject):
    """Provides pixmaps by photo name and size.

    Signals:
        loaded: name of a photo whose thumbnail is there now, or another one.
        failed: name, the :class:`PhotoError` that reading it raised.
    """

    loaded = Signal(object)
    failed = Signal(object, object)

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._maker: ThumbnailMaker | None = None
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._nbytes = 0
        self._wanted: dict[str, list[_Key]] = {}  # by who wants it, who asked last comes last
        self._running: dict[_Key, bool] = {}  # whether nothing has changed since it began
        self._failed: set[str] = set()
        self._sides: set[int] = set()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._start_next)

    @property
    def nbytes(self) -> int:
        """Memory that the pixmaps take."""
        return self._nbytes

    def set_project(self, project: Project | None) -> None:
        """Forget everything and make thumbnails of ``project`` from now on."""
        self._maker = None if project is None else ThumbnailMaker(project)
        self._later.stop()
        self._kept.clear()
        self._nbytes = 0
        self._wanted.clear()
        self._running.clear()
        self._failed.clear()

    def get(self, name: str, side: int) -> QPixmap | None:
        """The thumbnail of ``name`` at this size, if it is in memory; it may be out of date.

        Args:
            name: the photo's name.
            side: device pixels of its longer side, at most.
        """
        kept = self._kept.get((name, side))
        if kept is None:
            return None
        self._kept.move_to_end((name, side))
        return kept.pixmap

    def want(self, names: Sequence[str], side: int, asker: str = "") -> None:
        """Make thumbnails, the first name's first; what ``asker`` wanted before is forgotten."""
        self._sides.add(side)
        self._wanted.pop(asker, None)
        self._wanted[asker] = [(n, side) for n in reversed(names) if self._lacks((n, side))]
        # Not started anew: while somebody scrolls it is not put off for ever.
        if self._maker is not None and not self._later.isActive():
            self._later.start(LATER_MS)

    def refresh(self, name: str) -> None:
        """The photo or its mask may be another one now: look when it is wanted again."""
        self._failed.discard(name)
        for side in self._sides:  # thousands of photos may be refreshed one by one
            if (kept := self._kept.get((name, side))) is not None:
                kept.fresh = False
            if (name, side) in self._running:
                self._running[(name, side)] = False

    def refresh_all(self) -> None:
        """Any mask may be another one now."""
        for kept in self._kept.values():
            kept.fresh = False
        self._running = dict.fromkeys(self._running, False)

    def _lacks(self, key: _Key) -> bool:
        kept = self._kept.get(key)
        return (kept is None or not kept.fresh) and key[0] not in self._failed

    def _start_next(self) -> None:
        while self._maker is not None and len(self._running) < AT_ONCE:
            key = self._next()
            if key is None:
                return
            self._running[key] = True
            kept = self._kept.get(key)
            self._tasks.run(
                partial(_make, self._maker, key, "" if kept is None else kept.made_of),
                partial(self._arrived, self._maker, key),
                partial(self._broken, self._maker, key),
                priority=PRIORITY,
            )

    def _next(self) -> _Key | None:
        for wanted in reversed(self._wanted.values()):
            while wanted:
                key = wanted.pop()
                if key not in self._running and self._lacks(key):
                    return key
        return None

    def _arrived(self, maker: ThumbnailMaker, key: _Key, found: tuple[QImage, str] | None) -> None:
        if maker is not self._maker:
            return
        fresh = self._running.pop(key)
        if found is not None:
            self._keep(key, _Kept(QPixmap.fromImage(found[0]), found[1], fresh))
        elif key in self._kept:
            self._kept[key].fresh = fresh
        # Also when it is the same: what changed while it was made is asked for once more.
        if found is not None or not fresh:
            self.loaded.emit(key[0])
        self._start_next()

    def _keep(self, key: _Key, kept: _Kept) -> None:
        before = self._kept.pop(key, None)
        self._nbytes += kept.nbytes - (0 if before is None else before.nbytes)
        self._kept[key] = kept
        while self._nbytes > KEPT_BYTES and len(self._kept) > 1:
            self._nbytes -= self._kept.popitem(last=False)[1].nbytes

    def _broken(self, maker: ThumbnailMaker, key: _Key, error: Exception) -> None:
        if maker is not self._maker:
            return
        if not isinstance(error, PhotoError | StoreError):
            raise error
        self._running.pop(key)
        self._failed.add(key[0])
        if isinstance(error, PhotoError):
            self.failed.emit(key[0], error)
        self._start_next()


def _make(
    maker: ThumbnailMaker, key: _Key, known: str, _state: TaskState
) -> tuple[QImage, str] | None:
    """Read a thumbnail and lay its mask over it; called in a worker, where QImage may be used."""
    thumbnail = maker.make(key[0], known)
    return None if thumbnail is None else (picture(thumbnail, key[1]), thumbnail.made_of)


def picture(thumbnail: Thumbnail, side: int) -> QImage:
    """The photo, tinted by its labels.

    Args:
        thumbnail: see there.
        side: pixels of the longer side; a photo that is smaller than a thumbnail is not enlarged.
    """
    photo, labels = thumbnail.photo, thumbnail.labels
    height, width = photo.shape[:2]
    longer = max(height, width)
    if side < longer or longer == SIDE:
        size = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
        way = cv2.INTER_AREA if side < longer else cv2.INTER_CUBIC
        photo = np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8)
        if labels is not None:
            nearest = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
            labels = np.asarray(nearest, np.uint8)
    pixels = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2BGRA), np.uint8)
    if labels is not None:
        pixels = _TINTS.over(pixels, labels)
    height, width = pixels.shape[:2]
    data = pixels.tobytes()  # the image only borrows it: it must live until the copy is made
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()

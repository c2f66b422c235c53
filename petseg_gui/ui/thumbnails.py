"""Thumbnails, decoded when they are seen, nearest first, and a bounded number kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from petseg_gui.core.photos import PhotoError, read_thumbnail
from petseg_gui.services.tasks import TaskRunner, TaskState

THUMBNAIL_SIZE = 104
"""Width and height, in pixels, of the square that a thumbnail fits in."""
KEPT = 600
"""Thumbnails in memory: about 40 KB each, so about 25 MB."""
AT_ONCE = 2
"""Decodes in flight: what scrolls out of sight before its turn is never decoded."""
PRIORITY = -10
"""Below the photos themselves, which share the threads."""


class Thumbnails(QObject):
    """Provides pixmaps by photo name.

    Signals:
        loaded: name of a photo whose thumbnail is there now.
        failed: name, the :class:`PhotoError` that reading it raised.
    """

    loaded = Signal(str)
    failed = Signal(str, object)

    def __init__(
        self, tasks: TaskRunner, path_of: Callable[[str], Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._path_of = path_of
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._wanted: list[str] = []
        self._running: set[str] = set()
        self._failed: set[str] = set()
        self._generation = 0

    def get(self, name: str) -> QPixmap | None:
        """The thumbnail of ``name``, if it has been decoded."""
        pixmap = self._kept.get(name)
        if pixmap is not None:
            self._kept.move_to_end(name)
        return pixmap

    def want(self, names: Sequence[str]) -> None:
        """Decode ``names``, first one first; what was wanted before is forgotten."""
        self._wanted = [n for n in names if n not in self._kept and n not in self._failed]
        self._start_next()

    def clear(self) -> None:
        """Forget everything: another folder was opened."""
        self._generation += 1
        self._kept.clear()
        self._wanted.clear()
        self._running.clear()
        self._failed.clear()

    def _start_next(self) -> None:
        while self._wanted and len(self._running) < AT_ONCE:
            name = self._wanted.pop(0)
            if name in self._running:
                continue
            self._running.add(name)
            self._tasks.run(
                partial(_decode, self._path_of(name)),
                partial(self._arrived, self._generation, name),
                partial(self._broken, self._generation, name),
                priority=PRIORITY,
            )

    def _arrived(self, generation: int, name: str, image: QImage) -> None:
        if generation != self._generation:
            return
        self._running.discard(name)
        self._kept[name] = QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit(name)
        self._start_next()

    def _broken(self, generation: int, name: str, error: Exception) -> None:
        if not isinstance(error, PhotoError):
            raise error
        if generation != self._generation:
            return
        self._running.discard(name)
        self._failed.add(name)
        self.failed.emit(name, error)
        self._start_next()


def _decode(path: Path, _state: TaskState) -> QImage:
    """Read a thumbnail; called in a worker thread, where QImage may be used."""
    pixels = read_thumbnail(path, 2 * THUMBNAIL_SIZE)
    height, width = pixels.shape[:2]
    data = pixels.tobytes()  # the image only borrows it: it must live until the copy is made
    image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    size = QSize(THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    if width <= size.width() and height <= size.height():
        return image.copy()  # a copy owns its pixels; scaled() makes one as well
    return image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )

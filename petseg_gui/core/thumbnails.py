"""Small pictures of photos and their masks: a cache on disk, made again when lost or damaged.

A file is a JPEG (the photo) or a PNG (its labels) with a checksum behind it, which viewers skip.
It is named after what it was made of: the photo's content, and for labels the model or the saved
label as well.  So nothing ever has to be thrown away because it is out of date: it is not asked
for any more, and what was not asked for longest goes first.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from model.files import write_atomically
from model.labels import MaskArray, is_mask
from petseg_gui.core.disk import STALE_SECONDS, sweep
from petseg_gui.core.layout import Layout
from petseg_gui.core.photo_colour import RGBArray
from petseg_gui.core.photos import read_thumbnail
from petseg_gui.core.records import PhotoRecord, StoreError
from petseg_gui.core.scores import likeliest
from petseg_gui.core.store import Project

SIDE = 256
"""Pixels of the longer side."""
MAX_BYTES = 256 * 1024**2
"""What thumbnails may take of the disk: at about 16 KB each with its labels, 16,000 photos'."""
QUALITY = 85
"""Of the JPEGs, 0..100."""

_NAME = re.compile(r"[0-9a-f]{40}\.(?:jpg|png)")
_MAGIC = b"petseg thumbnail"
_TRAILER = len(_MAGIC) + 4
_MAX_FILE = 1024**2
_BLOCK = 4096
"""Bytes in which file systems count."""
_AGED_SECONDS = 3600.0
"""Only a file that was not used for so long is marked as used: each mark is a write."""
_KEPT_SHARE = 0.8
"""When there is too much, so much of what may stay does: the next file is not too many again."""


# Compared by identity: comparing arrays gives no truth value.
@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A small picture of a photo and of its mask.

    Attributes:
        photo: uint8 (h, w, 3), sRGB, at most :data:`SIDE` on each side, never enlarged.
        labels: uint8 (h, w), values 0..3; None: there is no mask, or none that can be used.
        made_of: equal for pictures that are the same.
    """

    photo: RGBArray
    labels: MaskArray | None
    made_of: str


class ThumbnailFiles:
    """The files of the cache; every method may be called from any thread, and none ever raises.

    Args:
        folder: where they lie; made when it is needed.
        read_only: nothing is written.
        max_bytes: what they may take of the disk.
    """

    def __init__(self, folder: Path, *, read_only: bool, max_bytes: int) -> None:
        self._folder = folder
        self._read_only = read_only
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._taken: int | None = None  # not counted yet

    def read(self, name: str) -> bytes | None:
        """What was written under this name; None: nothing, or something else is there now."""
        path = self._folder / name
        with suppress(OSError):
            with path.open("rb") as file:
                found = file.read(_MAX_FILE + 1)
                used = os.fstat(file.fileno()).st_mtime
            data, trailer = found[:-_TRAILER], found[-_TRAILER:]
            if len(found) > _MAX_FILE or trailer != _trailer(data):
                return None
            if not self._read_only and time.time() - used > _AGED_SECONDS:
                os.utime(path)
            return data
        return None

    def write(self, name: str, data: bytes) -> None:
        """Keep ``data``; a disk that is full or refuses is no harm: it is made again."""
        if self._read_only:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            write_atomically(self._folder / name, data + _trailer(data), durable=False)
            with self._lock:
                if self._taken is None:
                    sweep(self._folder, older_than=STALE_SECONDS)
                    self._taken = sum(size for _, _, size in self._files())
                else:
                    self._taken += _on_disk(len(data) + _TRAILER)
                if self._taken > self._max_bytes:
                    self._prune()

    def _prune(self) -> None:
        """Delete what was not used longest; call with the lock held."""
        files = sorted(self._files(), reverse=True)
        room = _KEPT_SHARE * self._max_bytes
        self._taken = 0
        for _used, path, size in files:
            if self._taken + size <= room:
                self._taken += size
                continue
            room = self._taken  # whatever is older goes as well, however small it is
            with suppress(OSError):
                Path(path).unlink()

    def _files(self) -> list[tuple[float, str, int]]:
        """When each file was used, its path, and the bytes that it takes; no file but ours."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name):
                    with suppress(OSError):
                        stat = entry.stat(follow_symlinks=False)
                        found.append((stat.st_mtime, entry.path, _on_disk(stat.st_size)))
        return found


class ThumbnailMaker:
    """Makes the thumbnails of one project; every method may be called from any thread.

    Args:
        project: the project; one that is read-only is not written to.
        max_bytes: what the cache may take of the disk.
    """

    def __init__(self, project: Project, max_bytes: int = MAX_BYTES) -> None:
        self._project = project
        self._layout = Layout(project.root)
        self._files = ThumbnailFiles(
            self._layout.thumbnails, read_only=project.read_only, max_bytes=max_bytes
        )

    def make(self, name: str, known: str = "") -> Thumbnail | None:
        """The thumbnail of a photo, with the mask that it would be opened with.

        Args:
            name: the photo's name.
            known: ``made_of`` of the thumbnail that the caller has.

        Returns:
            None when it would be the one that the caller has.

        Raises:
            PhotoError: the photo cannot be read.
            StoreError: the photo or the index cannot be read.
        """
        content = self._project.content(name)
        record = self._project.record(name)
        # The mask of another picture that had this name is none of this one.
        source = self._source(record) if content.noted else ""
        made_of = f"{content.digest} {source}"
        if made_of == known:
            return None
        photo = self._photo(name, content.digest)
        labels = self._labels(record, photo, source, content.digest) if source else None
        return Thumbnail(photo, labels, made_of)

    def _source(self, record: PhotoRecord) -> str:
        """What the mask comes from, as words that change whenever the mask does."""
        if record.has_draft:
            with suppress(OSError):
                found = self._layout.draft(record.name).stat()
                return f"draft {found.st_mtime_ns} {found.st_size}"
        if record.label is not None:
            return f"label {record.saved}"
        return "" if record.model is None else f"model {record.model}"

    def _photo(self, name: str, digest: str) -> RGBArray:
        key = f"{_key(digest)}.jpg"
        data = self._files.read(key)
        found = None if data is None else _decoded(data, cv2.IMREAD_COLOR)
        if found is not None and found.ndim == 3:
            return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
        photo = read_thumbnail(self._project.photo_path(name), SIDE)
        bgr = cv2.cvtColor(photo, cv2.COLOR_RGB2BGR)
        encoded, buffer = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if encoded:
            self._files.write(key, buffer.tobytes())
        return photo

    def _labels(
        self, record: PhotoRecord, photo: RGBArray, source: str, digest: str
    ) -> MaskArray | None:
        shape = (photo.shape[0], photo.shape[1])
        key = f"{_key(digest, source)}.png"
        data = self._files.read(key)
        found = None if data is None else _decoded(data, cv2.IMREAD_UNCHANGED)
        if found is not None and is_mask(found) and found.shape == shape:
            return np.asarray(found, np.uint8)
        mask = None
        with suppress(StoreError):  # whoever opens the photo is told
            mask = self._mask(record)
        if mask is None:
            return None
        size = (shape[1], shape[0])
        small = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)
        labels: MaskArray = np.asarray(small, np.uint8)
        encoded, buffer = cv2.imencode(".png", labels)
        # A draft changes with every few strokes: most would never be asked for again.
        if encoded and not record.has_draft:
            self._files.write(key, buffer.tobytes())
        return labels

    def _mask(self, record: PhotoRecord) -> MaskArray | None:
        """The mask, of any size but as wide for its height as the photo, or a square of it."""
        name, project = record.name, self._project
        mask: MaskArray | None = None
        if record.has_draft:
            mask = project.read_draft(name)
        elif record.label is not None:
            mask = project.read_label(name)
        elif record.model is not None:
            # Small, and squashed to a square: far cheaper than the mask of a large photo.
            probabilities = project.predictions.read_probabilities(name, record.model)
            if probabilities is not None:
                return likeliest(probabilities)
            mask = project.read_prediction(name, record.model)
        if mask is not None and record.size not in (None, (mask.shape[1], mask.shape[0])):
            return None  # the canvas does not show it either
        return mask


def _key(*made_of: str) -> str:
    """A file's name, whatever the index or a stranger's label says."""
    text = "\0".join(made_of).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=20).hexdigest()


def _trailer(data: bytes) -> bytes:
    return _MAGIC + zlib.crc32(data).to_bytes(4, "big")


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _decoded(data: bytes, how: int) -> npt.NDArray[np.uint8] | None:
    """The picture in a file of ours; None when it is none, or larger than ours are."""
    with suppress(cv2.error):
        found = cv2.imdecode(np.frombuffer(data, np.uint8), how)
        if found is not None and found.dtype == np.uint8 and max(found.shape) <= SIDE:
            return np.asarray(found, np.uint8)
    return None

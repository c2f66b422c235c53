"""The models' predictions on disk: caches, made once, and made again when lost or damaged.

A prediction is the mask, a label PNG at the photo's size, and the class probabilities that it
comes from, an 8-bit RGB PNG at the network's size in the folder ``probabilities`` beside it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import STALE_SECONDS, label_limit, make_below, sweep, told
from petseg_gui.core.layout import Layout, check_photo_name, file_key, is_model_id, names_in
from petseg_gui.core.records import StoreError
from petseg_gui.core.workspace import READ_ONLY

ProbabilityArray = npt.NDArray[np.uint8]
"""Class probabilities: uint8 (S, S, 3), 255 x probability, channels in the order of CLASSES."""

# Networks are small; a stranger's huge file is refused before it is decoded.
_MAX_SIDE = 4096
# Three roundings to the nearest, each off by a half at most.
_ROUNDING = 2


# Compared by identity: comparing arrays gives no truth value.
@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What one model says of one photo.

    Attributes:
        model: the model's id.
        mask: uint8 (H, W), values 1..3, at the photo's size; nobody may write to it.
        probabilities: uint8 (S, S, 3), 255 x class probability in the order of ``CLASSES``, at
            the network's size; the photo is squashed to that square.  None: not kept.
    """

    model: str
    mask: MaskArray
    probabilities: ProbabilityArray | None


@dataclass(slots=True)
class _Known:
    """Names of the photos whose files of one model are there."""

    masks: set[str] = field(default_factory=set)
    probabilities: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Kept:
    """One prediction on disk: its files, the mask first."""

    model: str
    key: str
    paths: tuple[Path, Path]
    bytes: int
    written: float
    kept: bool


def _files_of(folder: Path, *, kept: bool) -> list[_Kept]:
    """The predictions of one model, also probabilities whose mask is gone."""
    beside = folder / "probabilities"
    found = []
    for key in names_in(folder) | names_in(beside):
        paths = (folder / f"{key}.png", beside / f"{key}.png")
        size, written = 0, 0.0
        for path in paths:
            with suppress(OSError):
                stat = path.stat()
                size += stat.st_size
                written = max(written, stat.st_mtime)
        found.append(_Kept(folder.name, key, paths, size, written, kept))
    return found


class Predictions:
    """The predictions of one project; every method may be called from any thread."""

    def __init__(self, layout: Layout, *, read_only: bool = False) -> None:
        self._layout = layout
        self._read_only = read_only
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def has(self, name: str, model: str) -> bool:
        """Whether the model's prediction for the photo is on disk, with or without probabilities.

        Raises:
            StoreError: ``model`` is no model's id, or ``name`` no photo's.
        """
        key = self._key(name)
        with self._lock:
            return key in self._names(model).masks

    def has_probabilities(self, name: str, model: str) -> bool:
        """Whether the probabilities are on disk as well: not so for those of older versions.

        Raises:
            StoreError: ``model`` is no model's id, or ``name`` no photo's.
        """
        key = self._key(name)
        with self._lock:
            return key in self._names(model).probabilities

    def read(self, name: str, model: str) -> MaskArray | None:
        """The prediction, uint8 (H, W); None when there is none, or it is damaged."""
        if not self.has(name, model):
            return None
        try:
            return label_png.read(self._mask_path(name, model), max_pixels=label_limit())
        except (label_png.LabelFileError, OSError):
            # It costs one run of the model to have it again.
            with self._lock:
                self._names(model).masks.discard(file_key(name))
            return None

    def read_probabilities(self, name: str, model: str) -> ProbabilityArray | None:
        """The probabilities, uint8 (S, S, 3); None when there are none, or none that can be used.

        A file that is damaged, not square, or holds no probabilities counts as absent from then
        on, so that it is made again.
        """
        if not self.has_probabilities(name, model):
            return None
        found: ProbabilityArray | None = None
        with suppress(OSError):
            found = _decoded(self._probabilities_path(name, model).read_bytes())
        if found is None:
            with self._lock:
                self._names(model).probabilities.discard(file_key(name))
        return found

    def write(
        self,
        name: str,
        model: str,
        mask: MaskArray,
        probabilities: ProbabilityArray | None = None,
    ) -> None:
        """Keep a prediction; without probabilities, earlier ones of the photo go.

        Raises:
            StoreError: it could not be written.
            ValueError: ``mask`` is no mask, or ``probabilities`` are none.
        """
        self._check_may_write()
        path, beside = self._mask_path(name, model), self._probabilities_path(name, model)
        data = label_png.encode(mask, level=1)
        if probabilities is not None and not is_probabilities(probabilities):
            raise ValueError(
                "probabilities are uint8 (S, S, 3) that sum to 255, not "
                f"{probabilities.dtype} {probabilities.shape}"
            )
        with told(beside, "saved"):
            # First, so that a photo with a mask has its probabilities too, whenever this ends.
            if probabilities is not None:
                make_below(self._layout.root, beside.parent)
                write_atomically(beside, _encoded(probabilities), durable=False)
            else:
                make_below(self._layout.root, path.parent)
                beside.unlink(missing_ok=True)
        with told(path, "saved"):
            write_atomically(path, data, durable=False)
        with self._lock:
            known = self._names(model)
            known.masks.add(file_key(name))
            if probabilities is not None:
                known.probabilities.add(file_key(name))
            else:
                known.probabilities.discard(file_key(name))

    def forget(self, name: str, model: str) -> None:
        """Take the prediction for absent: it does not fit the photo (another size)."""
        with self._lock:
            known = self._names(model)
            known.masks.discard(file_key(name))
            known.probabilities.discard(file_key(name))

    def known(self, model: str) -> frozenset[str]:
        """Keys (see ``layout.file_key``) of all photos with a prediction of the model.

        Raises:
            StoreError: ``model`` is no model's id, or the predictions cannot be listed.
        """
        with self._lock:
            return frozenset(self._names(model).masks)

    def remove(self, name: str) -> None:
        """Delete what all models said of a photo: its content is another now.

        Raises:
            StoreError: a file could not be deleted.
        """
        self._check_may_write()
        # Also of a photo in a subfolder that is left out by now: its key is a file name as well.
        key = file_key(check_photo_name(name, subfolders=True))
        for folder in self._model_folders():
            with self._lock:
                known = self._names(folder.name)
                known.masks.discard(key)
                known.probabilities.discard(key)
            for path in (folder / f"{key}.png", folder / "probabilities" / f"{key}.png"):
                with told(path, "deleted"):
                    path.unlink(missing_ok=True)
        with told(self._layout.root, "read"):
            self._layout.root.stat()  # where it is away for a while nothing was deleted

    def prune(self, max_bytes: int, keep: Collection[str] = ()) -> int:
        """Delete predictions until all of them together take at most so much of the disk.

        What was written first goes first, but those of the models in ``keep`` go last.

        Args:
            max_bytes: how many bytes of files may stay; 0 deletes all.
            keep: ids of models whose predictions are of use still, such as the one in use.

        Returns:
            How many bytes were deleted.

        Raises:
            StoreError: a file could not be deleted; those before it are gone.
        """
        self._check_may_write()
        files = []
        for folder in self._model_folders():
            sweep(folder, older_than=STALE_SECONDS)
            sweep(folder / "probabilities", older_than=STALE_SECONDS)
            files += _files_of(folder, kept=folder.name in keep)
        total = sum(file.bytes for file in files)
        freed = 0
        for file in sorted(files, key=lambda file: (file.kept, file.written)):
            if total - freed <= max_bytes:
                break
            with self._lock:
                known = self._names(file.model)
                known.masks.discard(file.key)
                known.probabilities.discard(file.key)
            # The mask first: a photo with a mask has its probabilities too.
            for path in file.paths:
                with told(path, "deleted"):
                    path.unlink(missing_ok=True)
            freed += file.bytes
        return freed

    def _model_folders(self) -> list[Path]:
        with told(self._layout.predictions, "read"), suppress(FileNotFoundError):
            found = [entry for entry in self._layout.predictions.iterdir() if entry.is_dir()]
            return [folder for folder in found if is_model_id(folder.name)]
        return []

    def _check_may_write(self) -> None:
        if self._read_only:
            raise StoreError(READ_ONLY)

    def _key(self, name: str) -> str:
        return file_key(self._layout.check(name))

    def _mask_path(self, name: str, model: str) -> Path:
        return self._layout.prediction_folder(model) / f"{self._key(name)}.png"

    def _probabilities_path(self, name: str, model: str) -> Path:
        return self._layout.probability_folder(model) / f"{self._key(name)}.png"

    def _names(self, model: str) -> _Known:
        """Listed once, then kept; call with the lock held."""
        known = self._known.get(model)
        if known is None:
            with told(self._layout.predictions, "read"):
                known = _Known(
                    names_in(self._layout.prediction_folder(model)),
                    names_in(self._layout.probability_folder(model)),
                )
            self._known[model] = known
        return known


def is_probabilities(array: ProbabilityArray) -> bool:
    """Whether an array is uint8 (S, S, 3) whose three channels sum to 255, roundings aside."""
    if array.dtype != np.uint8 or array.ndim != 3 or not array.size:
        return False
    if array.shape[0] != array.shape[1] or array.shape[2] != 3:
        return False
    total = array.sum(axis=2, dtype=np.int16)
    return bool(np.all(np.abs(total - 255) <= _ROUNDING))


def _encoded(probabilities: ProbabilityArray) -> bytes:
    height, width, _ = probabilities.shape
    image = Image.frombytes("RGB", (width, height), np.ascontiguousarray(probabilities).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _decoded(data: bytes) -> ProbabilityArray | None:
    """The probabilities in a PNG file; None when it holds none."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.mode != "RGB" or max(image.size) > _MAX_SIDE:
                return None
            found = np.array(image, dtype=np.uint8)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ):
        return None
    return found if is_probabilities(found) else None

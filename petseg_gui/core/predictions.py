"""The models' predictions on disk: caches, made once, and made again when lost or damaged.

A prediction is the mask, a label PNG at the photo's size, and the class probabilities that it
comes from, an 8-bit RGB PNG at the network's size in the folder ``probabilities`` beside it.
"""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import told
from petseg_gui.core.layout import Layout, check_photo_name, names_in

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


class Predictions:
    """The predictions of one project; every method may be called from any thread."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def has(self, name: str, model: str) -> bool:
        """Whether the model's prediction for the photo is on disk, with or without probabilities.

        Raises:
            StoreError: ``model`` is no model's id, or ``name`` no photo's.
        """
        check_photo_name(name)
        with self._lock:
            return name in self._names(model).masks

    def has_probabilities(self, name: str, model: str) -> bool:
        """Whether the probabilities are on disk as well: not so for those of older versions.

        Raises:
            StoreError: ``model`` is no model's id, or ``name`` no photo's.
        """
        check_photo_name(name)
        with self._lock:
            return name in self._names(model).probabilities

    def read(self, name: str, model: str) -> MaskArray | None:
        """The prediction, uint8 (H, W); None when there is none, or it is damaged."""
        if not self.has(name, model):
            return None
        try:
            return label_png.read(self._mask_path(name, model))
        except (label_png.LabelFileError, OSError):
            # It costs one run of the model to have it again.
            with self._lock:
                self._names(model).masks.discard(name)
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
                self._names(model).probabilities.discard(name)
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
                beside.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(beside, _encoded(probabilities), durable=False)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.unlink(missing_ok=True)
        with told(path, "saved"):
            write_atomically(path, data, durable=False)
        with self._lock:
            known = self._names(model)
            known.masks.add(name)
            if probabilities is not None:
                known.probabilities.add(name)
            else:
                known.probabilities.discard(name)

    def forget(self, name: str, model: str) -> None:
        """Take the prediction for absent: it does not fit the photo (another size)."""
        with self._lock:
            known = self._names(model)
            known.masks.discard(name)
            known.probabilities.discard(name)

    def _mask_path(self, name: str, model: str) -> Path:
        return self._layout.prediction_folder(model) / f"{check_photo_name(name)}.png"

    def _probabilities_path(self, name: str, model: str) -> Path:
        return self._layout.probability_folder(model) / f"{check_photo_name(name)}.png"

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

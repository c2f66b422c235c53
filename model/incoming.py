"""A model file from elsewhere: looked at wholly, and refused with a reason, before it is used.

The format cannot run code; what is checked here is that the file is a network of this program's
and that whatever it says of itself is small and plain.  Nothing here needs TensorFlow.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model import weights
from model.weights import ModelFileError

MAX_INPUT_SIZE = 1024
"""Pixels along a side; a prediction with a larger network would not fit a computer's memory."""
_SIZE_MULTIPLE = 32  # as in model.unet, whose import brings Keras
# The first one is that of files from before there were two.
_DECODERS = ("transposed", "separable")
_FIRST_DECODER = _DECODERS[0]
SHAPES = Path(__file__).with_name("weight_shapes.json")
"""Names and shapes of the weights by decoder; written by ``tools/weight_shapes.py``."""
_FLOATS = frozenset({"F16", "F32"})
_OTHER_FILE = "Choose a .safetensors file that PetSeg exported."
_BAD_FILE = "Have it exported or sent again."

MAX_TEXT = 500
"""Characters of any text that a model file says of itself."""
_MAX_VALUES = 100_000
_MAX_DEPTH = 6
_MAX_WHOLE = 2**53
OURS = frozenset({"parent", "created", "origin", "imported_from", "title", "note"})
"""What a file says of itself that holds only where it was written."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked model.

    Attributes:
        tensors: the weights by name, float16 or float32, all finite.
        network: arguments of :class:`model.unet.UNetConfig`.
        about: what the file says of itself, bounded, as plain values.
    """

    tensors: Mapping[str, npt.NDArray[Any]]
    network: dict[str, Any]
    about: dict[str, Any]


def read(path: Path, reference: Path) -> Incoming:
    """Read a model file from elsewhere.

    Args:
        path: the file.
        reference: a model file of this program.  Networks with the same decoder have weights of the
            same names and shapes, whatever their input size, so it says what those must be; for
            other decoders :data:`SHAPES` does.

    Raises:
        ModelFileError: it cannot be used; the message names the file, the reason and the remedy.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if not path.is_file():
            raise ModelFileError(f"{path}: there is no such file. {_OTHER_FILE}")
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror}. Check that you may read it.") from error
    try:
        card = weights.read_card(path)
    except ModelFileError as error:
        raise ModelFileError(f"{error}. {_OTHER_FILE}") from error
    network = _network(path, card.network)
    known = weights.read_card(reference).network.get("decoder", _FIRST_DECODER)
    decoder = network["decoder"]
    expected = _shapes(reference) if decoder == known else _shapes_of(decoder)
    tensors: dict[str, npt.NDArray[Any]] = {}
    try:
        found = _shapes(path)
        if found != expected:
            wrong = min({key for key, _ in set(found.items()) ^ set(expected.items())})
            raise ModelFileError(
                f"{path}: its weights are not those of this program's network ({shown(wrong)}). "
                f"{_OTHER_FILE}"
            )
        with safe_open(path, framework="numpy") as file:
            for name in expected:
                if file.get_slice(name).get_dtype() not in _FLOATS:
                    raise ModelFileError(
                        f"{path}: {name} holds no floating-point numbers. {_OTHER_FILE}"
                    )
                value = file.get_tensor(name)
                if not np.isfinite(value).all():
                    raise ModelFileError(
                        f"{path}: {name} holds numbers that are not finite. {_BAD_FILE}"
                    )
                tensors[name] = value
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path}: not a readable model file ({error}). {_BAD_FILE}") from error
    return Incoming(tensors, network, plain_card(card.about))


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping


def _shapes_of(decoder: str) -> dict[str, tuple[int, ...]]:
    table = json.loads(SHAPES.read_text(encoding="utf-8"))[decoder]
    return {name: tuple(shape) for name, shape in table.items()}


def _network(path: Path, network: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the network, when they are ones that this program can use.

    Raises:
        ModelFileError: they are not.
    """
    size, dropout = network.get("input_size", 256), network.get("dropout", 0.0)
    decoder = network.get("decoder", _FIRST_DECODER)
    if set(network) - {"input_size", "dropout", "decoder"} or decoder not in _DECODERS:
        raise ModelFileError(
            f"{path}: describes a network that this version of PetSeg does not know. Update PetSeg."
        )
    if (
        type(size) is not int
        or size % _SIZE_MULTIPLE
        or not _SIZE_MULTIPLE <= size <= MAX_INPUT_SIZE
    ):
        raise ModelFileError(
            f"{path}: made for photos of {shown(str(size))} pixels; this program's networks take a "
            f"multiple of {_SIZE_MULTIPLE} up to {MAX_INPUT_SIZE}. {_OTHER_FILE}"
        )
    if type(dropout) not in (int, float) or not 0 <= dropout < 1:
        raise ModelFileError(f"{path}: its dropout is no share below 1. {_OTHER_FILE}")
    return {"input_size": size, "dropout": float(dropout), "decoder": decoder}


def plain_card(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a stranger's file says of itself, without what holds only where it was written.

    Bounded in length, depth and number; texts without what cannot be seen, numbers finite.
    """
    kept = {key: value for key, value in about.items() if key not in OURS}
    plain = _Plain().value(kept, 0)
    return plain if isinstance(plain, dict) else {}


def shown(text: str) -> str:
    """A text from a stranger, short and on one line."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_TEXT])


class _Plain:
    """Copies nested values until there are too many; what is too much is left out."""

    def __init__(self) -> None:
        self._left = _MAX_VALUES

    def value(self, value: Any, depth: int) -> Any:
        """The value as a plain one; None: it cannot be."""
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            return None
        if isinstance(value, str):
            return shown(value)
        if isinstance(value, dict):
            return {
                shown(key): self.value(one, depth + 1) for key, one in self._some(value.items())
            }
        if isinstance(value, list):
            return [self.value(one, depth + 1) for one in self._some(value)]
        return value if _is_plain(value) else None

    def _some(self, values: Any) -> Any:
        for one in values:
            if self._left <= 0:
                return
            yield one


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) <= _MAX_WHOLE)

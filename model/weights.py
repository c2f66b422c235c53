"""Model files: a safetensors file with the weights, and what the network is in its header.

The format holds numbers and text alone, so a file from a stranger can run no code; names,
shapes and finiteness are checked before anything is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from model.labels import CLASSES
from model.tensor_file import write_tensors

if TYPE_CHECKING:
    import keras

Arrays = dict[str, npt.NDArray[Any]]

FORMAT = "petseg-unet/1"
SUFFIX = ".safetensors"
_MAX_BYTES = 512 * 1024 * 1024
_MAX_HEADER = 8 * 1024 * 1024
"""Bytes of a header; one of a network and all that is said of it takes some hundred thousand."""
_CLASS_NAMES = [label.name.lower() for label in CLASSES]


class ModelFileError(Exception):
    """A model file that cannot be used; the message names the file, the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model file says of itself.

    Attributes:
        network: arguments of :class:`model.unet.UNetConfig`.
        about: plain values: recipe, data, seed, scores, parent.
    """

    network: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)


def save(model: keras.Model, path: Path, card: ModelCard, *, half: bool = False) -> None:
    """Write a network's weights, atomically.

    Args:
        model: a network made by :func:`model.unet.build_unet`.
        path: of the new file; a file of that name is replaced only by a complete one.
        card: goes into the header.
        half: store float16, at half the size, instead of float32.

    Raises:
        ModelFileError: a weight is not finite, or too large for float16.
        OSError: the file cannot be written.
    """
    dtype = np.float16 if half else np.float32
    tensors: dict[str, npt.NDArray[Any]] = {}
    for variable in model.weights:
        with np.errstate(over="ignore"):  # what does not fit becomes infinite and is refused
            value = np.asarray(variable).astype(dtype)
        if not np.isfinite(value).all():
            raise ModelFileError(f"{path}: {variable.path} is not finite as {dtype.__name__}")
        tensors[variable.path] = value
    write(tensors, path, card)


def write(tensors: Mapping[str, npt.NDArray[Any]], path: Path, card: ModelCard) -> None:
    """Write weights that are at hand as arrays, atomically; they are not checked.

    Raises:
        OSError: the file cannot be written.
    """
    header = {
        "format": FORMAT,
        "classes": json.dumps(_CLASS_NAMES),
        "network": json.dumps(card.network, sort_keys=True),
        "about": json.dumps(card.about, sort_keys=True),
    }
    write_tensors(path, tensors, header)


def read_card(path: Path) -> ModelCard:
    """What a model file says of itself, without reading its weights.

    Raises:
        ModelFileError: it is no model file of this program.
    """
    from safetensors import SafetensorError, safe_open

    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise ModelFileError(f"{path}: larger than any network of this program")
        with path.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
        if _MAX_HEADER < length < size:
            raise ModelFileError(f"{path}: its header is larger than any of this program")
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
        if header.get("format") != FORMAT:
            raise ModelFileError(
                f"{path}: not a model file of PetSeg (format {header.get('format')!r})"
            )
        if json.loads(header.get("classes", "null")) != _CLASS_NAMES:
            raise ModelFileError(f"{path}: made for other classes than {', '.join(_CLASS_NAMES)}")
        network, about = json.loads(header["network"]), json.loads(header["about"])
    except (SafetensorError, OSError, KeyError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: not a readable model file ({error})") from error
    if not isinstance(network, dict) or not isinstance(about, dict):
        raise ModelFileError(f"{path}: its header is damaged")
    return ModelCard(network, about)


def load(path: Path, *, freeze_encoder: bool = False, policy: str = "float32") -> keras.Model:
    """Build the network that a model file describes, with its weights, as float32.

    Args:
        path: of the model file.
        freeze_encoder: whether the encoder's weights stay fixed in training.
        policy: Keras's, of what flows between the layers: see :mod:`model.precision`.

    Raises:
        ModelFileError: it is no model file of this program, or its weights do not fit.
    """
    from model.precision import building_under
    from model.unet import UNetConfig, build_unet

    card = read_card(path)
    try:
        config = UNetConfig(**card.network)
        tensors = read_tensors(path)
        with building_under(policy):
            model = build_unet(config, freeze_encoder=freeze_encoder, seed=None)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path}: not a readable model file ({error})") from error
    assign(model, tensors, path)
    return model


def read_tensors(path: Path) -> Arrays:
    """The weights in a file, as they are in there and unchecked, by path.

    Raises:
        ModelFileError: it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors: Arrays = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(f"{path}: not a readable model file ({error})") from error
    return tensors


def assign(model: keras.Model, tensors: Mapping[str, npt.NDArray[Any]], where: Path) -> None:
    """Put weights into a network, as float32.

    Args:
        model: a network made by :func:`model.unet.build_unet`.
        tensors: by path.
        where: they are from, for the message.

    Raises:
        ModelFileError: they are not all of this network's, or not finite; it is as it was.
    """
    expected = {variable.path: tuple(variable.shape) for variable in model.weights}
    found = {name: value.shape for name, value in tensors.items()}
    if expected != found:
        wrong = sorted(set(expected.items()) ^ set(found.items()))[0][0]
        raise ModelFileError(f"{where}: its weights are not those of this network ({wrong})")
    arrays = {}
    for name, tensor in tensors.items():
        with np.errstate(over="ignore"):
            arrays[name] = tensor.astype(np.float32, copy=False)
        if not np.isfinite(arrays[name]).all():
            raise ModelFileError(f"{where}: {name} holds numbers that are not finite")
    for variable in model.weights:
        variable.assign(arrays[variable.path])

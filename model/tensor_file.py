"""Writing safetensors files, models and states of runs, so that a window answers meanwhile."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.files import write_atomically

_TYPES = {"<f2": "F16", "<f4": "F32", "<i4": "I32", "<i8": "I64"}
"""Safetensors' names of what a network and its optimiser hold."""


def write_tensors(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write a safetensors file, atomically; its folder is made where there is none.

    Raises:
        OSError: it could not be written; the one before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, _pieces(arrays, metadata))


def _pieces(
    arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> Iterator[bytes | memoryview]:
    """The file, array by array.

    The library's own writer copies all of a hundred megabytes at once, and no other thread of
    Python runs meanwhile.
    """
    # The widest first: then all of them are aligned.
    names = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    plain = {name: np.asarray(arrays[name], order="C") for name in names}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    at = 0
    for name, array in plain.items():
        header[name] = {
            "dtype": _TYPES[array.dtype.str],
            "shape": array.shape,
            "data_offsets": (at, at + array.nbytes),
        }
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield struct.pack("<Q", len(text))
    yield text
    for array in plain.values():
        yield array.reshape(-1).view(np.uint8).data

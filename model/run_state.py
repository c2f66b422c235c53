"""What a fine-tune leaves on disk to go on from: weights, optimiser, and how far it was.

A safetensors file like a model's: numbers and text alone, checked before they are used, and
replaced only by a complete one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.tensor_file import write_tensors

FORMAT = "petseg-run/1"
STATE_NAME = "state.safetensors"
BEST_NAME = "best.safetensors"
_MAX_BYTES = 2 * 1024 * 1024 * 1024

Arrays = dict[str, npt.NDArray[Any]]


class RunStateError(Exception):
    """A run's state on disk that cannot be used; the message says why and what happens."""


@dataclass(slots=True)
class Progress:
    """How far a run is; plain values.

    Attributes:
        incumbent: digest of the model that it started from.
        held_out: digest of the photos that measured it.
        step: steps made.
        own_drawn, oxford_drawn: photos drawn so far.
        batch_size: photos per step, which may have become fewer than chosen.
        history: an :meth:`model.settings.EpochReport.to_dict` per epoch.
        best_epoch: the best one so far; None: none yet.
        best_score: of its held-out photos, lower is better.
    """

    incumbent: str
    held_out: str = ""
    step: int = 0
    own_drawn: int = 0
    oxford_drawn: int = 0
    batch_size: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int | None = None
    best_score: float | None = None

    def to_text(self) -> str:
        """As it stands in the file's header."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_text(cls, text: str) -> Progress:
        """Read what :meth:`to_text` wrote.

        Raises:
            ValueError: it is nothing of that kind.
        """
        values = json.loads(text)
        if not isinstance(values, dict) or set(values) != set(cls.__slots__):
            raise ValueError("no progress of a run")
        found = cls(**values)
        counts = (found.step, found.own_drawn, found.oxford_drawn, found.batch_size)
        if not all(type(count) is int and count >= 0 for count in counts) or not found.batch_size:
            raise ValueError("counts that no run has")
        if not isinstance(found.history, list) or not isinstance(found.incumbent, str):
            raise ValueError("a history that no run has")
        if (found.best_epoch is None) != (found.best_score is None):
            raise ValueError("a best epoch without its score")
        return found


def write(path: Path, arrays: Mapping[str, npt.NDArray[Any]], progress: Progress) -> None:
    """Write a state, atomically.

    Raises:
        OSError: it could not be written; the one before is still there.
    """
    header = {"format": FORMAT, "progress": progress.to_text()}
    write_tensors(path, arrays, header)


def read(path: Path, shapes: Mapping[str, Sequence[int]]) -> tuple[Arrays, Progress] | None:
    """Read a state; None when there is none.

    Args:
        path: of the file.
        shapes: of the arrays that it must hold, by name.

    Raises:
        RunStateError: it is damaged, or of another network.
    """
    from safetensors import SafetensorError, safe_open
    from safetensors.numpy import load_file

    if not path.exists():
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("larger than the state of any run")
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
        if header.get("format") != FORMAT:
            raise ValueError("not a run's state")
        progress = Progress.from_text(header["progress"])
        arrays = load_file(path)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise RunStateError(f"{path.name}: not readable ({error})") from error
    if {name: array.shape for name, array in arrays.items()} != {
        name: tuple(shape) for name, shape in shapes.items()
    }:
        raise RunStateError(f"{path.name}: it is the state of another network")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise RunStateError(f"{path.name}: it holds numbers that are not finite")
    return arrays, progress


def discard(folder: Path) -> None:
    """Delete the state in a folder, if there is one."""
    for name in (STATE_NAME, BEST_NAME):
        (folder / name).unlink(missing_ok=True)

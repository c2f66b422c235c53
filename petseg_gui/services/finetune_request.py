"""What a fine-tune is asked to do, what it will do, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from model.files import write_atomically
from model.settings import FineTuneSettings
from petseg_gui.core.records import AcceptedLabel
from petseg_gui.core.store import Project
from petseg_gui.services.ports import ModelRef

if TYPE_CHECKING:
    from model.gate import Row
    from model.registry import Registry

OXFORD_CHOICES = ("none", "local", "download")
STATE_FOLDER = "unfinished"
"""In the project's folder of models: what an interrupted run left to go on from."""
_RUN_NAME = "run.json"
_MAX_RUN_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FineTuneRequest:
    """What to do.

    Attributes:
        labels: the project's accepted labels; the held-out ones measure, the others train.
        registry: where the candidate goes.
        model: the model in use, from which to start.
        settings: see :class:`model.settings.FineTuneSettings`.
        oxford: ``"none"``, ``"local"`` or ``"download"``.
        go_on: take up what an interrupted run left; else that is thrown away.
    """

    labels: Sequence[AcceptedLabel]
    registry: Registry
    model: ModelRef
    settings: FineTuneSettings
    oxford: str
    go_on: bool = False

    @property
    def state(self) -> Path:
        """The folder for the run's state."""
        return self.registry.folder / STATE_FOLDER


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do, known before its first step.

    Attributes:
        own: corrected photos to train on.
        own_held_out: photos kept aside on which the person painted: they measure.
        oxford: Oxford photos to mix in.
        oxford_held_out: Oxford photos that measure.
        steps: training steps, if it is not stopped early.
        previews: held-out photos whose masks are shown as they change: uint8 (S, S, 3), by group.
    """

    own: int
    own_held_out: int
    oxford: int
    oxford_held_out: int
    steps: int
    previews: Mapping[str, Sequence[npt.NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One held-out photo with both models' masks, small: to be looked at side by side.

    Attributes:
        group: ``"own"`` or ``"oxford"``.
        name: the photo's.
        old, new: IoU of the pet, 0..1; NaN without a pet.
        photo: uint8 (h, w, 3).
        truth, before, after: uint8 (h, w), label values.
    """

    group: str
    name: str
    old: float
    new: float
    photo: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.uint8]
    before: npt.NDArray[np.uint8]
    after: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The end of a run.

    Attributes:
        candidate: id of the new model, which is kept in any case.
        adopted: whether it comes into use if nobody says otherwise.
        sure: whether there were enough photos to tell.
        reason: why, in words.
        rows: old against new per group of held-out photos.
        sides: photos that changed most, the worse ones first.
        steps, epochs: how many were trained.
        best_epoch: whose weights were kept.
    """

    candidate: str
    adopted: bool
    reason: str
    rows: Sequence[Row]
    sure: bool = True
    sides: Sequence[Side] = ()
    steps: int = 0
    epochs: int = 0
    best_epoch: int = 0


def build_request(
    project: Project,
    registry: Registry,
    model: ModelRef,
    settings: Mapping[str, Any],
    *,
    go_on: bool = False,
) -> FineTuneRequest:
    """A request from what the panel's fields say.

    Args:
        project: gives the accepted labels as they are now.
        registry: of the project's models.
        model: the model in use.
        settings: fields of :class:`model.settings.FineTuneSettings`, and ``oxford``.
        go_on: take up what an interrupted run left.
    """
    return FineTuneRequest(
        labels=tuple(project.accepted()),
        registry=registry,
        model=model,
        settings=FineTuneSettings.from_dict(settings),
        oxford=str(settings.get("oxford", "none")),
        go_on=go_on,
    )


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that was interrupted and can be gone on with.

    Attributes:
        model: id of the model that it started from.
        settings: as :func:`build_request` takes them.
        started: UTC, ISO 8601.
        photos: names of the photos that it trained on.
    """

    model: str
    settings: Mapping[str, Any]
    started: str
    photos: tuple[str, ...]


def write_unfinished(request: FineTuneRequest, photos: Sequence[str]) -> None:
    """Note, before the first step, what a run is about.

    Raises:
        OSError: it could not be written.
    """
    request.state.mkdir(parents=True, exist_ok=True)
    content = {
        "model": request.model.id,
        "settings": {**request.settings.to_dict(), "oxford": request.oxford},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "photos": list(photos),
    }
    # ASCII: names that are not UTF-8 come with lone surrogates.
    write_atomically(request.state / _RUN_NAME, json.dumps(content).encode("ascii"))


def read_unfinished(models: Path) -> Unfinished | None:
    """The interrupted run in a project's folder of models; None: there is none to go on with."""
    path = models / STATE_FOLDER / _RUN_NAME
    try:
        if path.stat().st_size > _MAX_RUN_BYTES:
            return None
        found = json.loads(path.read_bytes())
        settings = found["settings"]
        FineTuneSettings.from_dict(settings)
        if settings.get("oxford") not in OXFORD_CHOICES:
            return None
        return Unfinished(
            str(found["model"]),
            dict(settings),
            str(found["started"]),
            tuple(map(str, found["photos"])),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def discard_unfinished(models: Path) -> None:
    """Throw away what an interrupted run left; what cannot be deleted is ignored later on."""
    from model.run_state import discard

    folder = models / STATE_FOLDER
    with suppress(OSError):
        (folder / _RUN_NAME).unlink(missing_ok=True)
    with suppress(OSError):
        discard(folder)
        folder.rmdir()

"""What a person may choose for a fine-tune, and what is reported of it; plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

# A pass over five photos would be two steps: too few to move a network, and an epoch's figures
# would be noise.  Photos are repeated, each time augmented anew, up to this many steps.
MIN_STEPS_PER_EPOCH = 8

OWN, OXFORD = "own", "oxford"
"""The groups of photos that are told apart everywhere."""


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """What a person may choose.

    Attributes:
        epochs: passes over the corrected photos (at least 8 steps each), at most.
        learning_rate: AdamW's highest; it falls to 0 along a cosine.
        oxford_share: share of Oxford photos in every batch, 0 to below 1.
        own_weight: how much a pixel of a corrected photo counts beside one of Oxford's.
        freeze_encoder: train the decoder alone: faster, and safer with few photos.
        batch_size: photos per step.
        patience: stop after so many epochs in which the held-out photos got no better; 0: never.
        seed: of shuffling and augmentation.
    """

    epochs: int = 12
    learning_rate: float = 5e-4
    oxford_share: float = 0.5
    own_weight: float = 1.0
    freeze_encoder: bool = True
    batch_size: int = 8
    patience: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError("epochs and batch size are at least 1")
        if not 0.0 <= self.oxford_share < 1.0:
            raise ValueError(f"the Oxford share is at least 0 and below 1, not {self.oxford_share}")
        if not 0.0 < self.learning_rate < 1.0:
            raise ValueError(f"the learning rate lies between 0 and 1, not {self.learning_rate}")
        if not 0.0 < self.own_weight <= 100.0:
            raise ValueError(f"the weight lies between 0 and 100, not {self.own_weight}")
        if self.patience < 0:
            raise ValueError("the patience is at least 0")

    def oxford_per_batch(self) -> int:
        """Oxford photos in a batch; at least one place is left for a corrected photo."""
        return min(round(self.batch_size * self.oxford_share), self.batch_size - 1)

    def steps_per_epoch(self, own: int) -> int:
        """Training steps in one epoch with this many corrected photos to train on."""
        per_batch = self.batch_size - self.oxford_per_batch()
        return max(math.ceil(own / per_batch), MIN_STEPS_PER_EPOCH)

    def oxford_wanted(self, own: int) -> int:
        """How many different Oxford photos a run can make use of, at most."""
        return self.oxford_per_batch() * self.steps_per_epoch(own) * self.epochs

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FineTuneSettings:
        """Settings from plain values; what is not named has its default, others are ignored.

        Raises:
            ValueError, TypeError: a value is impossible.
        """
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


QUICK = FineTuneSettings()
"""A few minutes on two cores."""
THOROUGH = FineTuneSettings(epochs=30, batch_size=16, patience=8)
"""Five times as many photos pass.  The encoder stays frozen here too: letting it learn from 20
photos cost three points of pet IoU on the kind of pet that the base knew: docs/fine-tuning.md."""
PRESETS: dict[str, FineTuneSettings] = {"quick": QUICK, "thorough": THOROUGH}


class Command(Enum):
    """What a run is to do before its next step."""

    GO = "go on"
    PAUSE = "wait, with its state on disk"
    STOP = "end, and leave its state on disk to go on from"
    CANCEL = "end, and leave nothing behind"


@dataclass(frozen=True, slots=True)
class GroupScore:
    """How well a group of photos is predicted at the network's size; NaN: not known.

    Attributes:
        photos: how many were counted (in training: each as often as it was used).
        loss: mean over the labelled pixels.
        accuracy: share of the labelled pixels that are right, 0..1.
        mean_iou: mean over the classes that are there, 0..1.
        pet_iou: of the pet, 0..1.
    """

    photos: int
    loss: float
    accuracy: float
    mean_iou: float
    pet_iou: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, which knows no NaN: None stands for it."""
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GroupScore:
        """What :meth:`to_dict` gave.

        Raises:
            TypeError, ValueError, AttributeError: it is nothing of that kind.
        """
        photos = int(values["photos"]) if "photos" in values else 0
        rest = {name: _known(value) for name, value in values.items() if name != "photos"}
        return cls(photos, **rest)


def _known(value: Any) -> float:
    """A number that JSON may have had to leave out."""
    return math.nan if value is None else float(value)


@dataclass(frozen=True, slots=True)
class StepReport:
    """After a training step: running means of the epoch, and what is left.

    Attributes:
        step: counts through the whole run from 1 to ``steps``.
        steps: of the run, if it is not stopped early.
        epoch, epochs: likewise.
        loss, accuracy: of all photos together.
        groups: of corrected and Oxford photos apart.
        seconds_left: None until a step has been timed (the first one compiles the network).
        photos_per_second: likewise.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    seconds_left: float | None
    photos_per_second: float | None = None
    groups: Mapping[str, GroupScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class EpochReport:
    """After an epoch, or (as epoch 0) before the first.

    Attributes:
        epoch: from 1; 0: the model as it was.
        step: steps made until then.
        loss, accuracy: of the epoch's training steps; NaN for epoch 0.
        val_loss, val_accuracy: of all held-out photos; None when no photo is held out.
        train, held_out: groups apart; empty where there is nothing.
        best: no epoch before was better on the held-out photos.
        previews: masks of the first held-out photos: uint8 (S, S), values 1..3, by group.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    step: int = 0
    train: Mapping[str, GroupScore] = field(default_factory=dict)
    held_out: Mapping[str, GroupScore] = field(default_factory=dict)
    best: bool = False
    previews: Mapping[str, list[npt.NDArray[np.uint8]]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """What a curve is drawn from, as plain values."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "best": self.best,
            "loss": None if math.isnan(self.loss) else self.loss,
            "accuracy": None if math.isnan(self.accuracy) else self.accuracy,
            "train": {name: score.to_dict() for name, score in self.train.items()},
            "held_out": {name: score.to_dict() for name, score in self.held_out.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EpochReport:
        """What :meth:`to_dict` gave; what it leaves out is not known.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is nothing of that kind.
        """
        groups = {
            kind: {name: GroupScore.from_dict(score) for name, score in values[kind].items()}
            for kind in ("train", "held_out")
        }
        return cls(
            epoch=int(values["epoch"]),
            loss=_known(values["loss"]),
            accuracy=_known(values["accuracy"]),
            val_loss=None,
            val_accuracy=None,
            step=int(values["step"]),
            best=bool(values["best"]),
            train=groups["train"],
            held_out=groups["held_out"],
        )

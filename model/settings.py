"""What a person may choose for a fine-tune, and what is reported of it; plain Python."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

# A pass over five photos would be two steps: too few to move a network, and an epoch's figures
# would be noise.  Photos are repeated, each time augmented anew, up to this many steps.
MIN_STEPS_PER_EPOCH = 8


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """What a person may choose.

    Attributes:
        epochs: passes over the corrected photos (at least 8 steps each).
        learning_rate: AdamW's highest; it falls to 0 along a cosine.
        oxford_share: share of Oxford photos in every batch, 0 to below 1.
        freeze_encoder: train the decoder alone: faster, and safer with few photos.
        batch_size: photos per step.
        seed: of shuffling and augmentation.
    """

    epochs: int = 5
    learning_rate: float = 1e-4
    oxford_share: float = 0.5
    freeze_encoder: bool = True
    batch_size: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError("epochs and batch size are at least 1")
        if not 0.0 <= self.oxford_share < 1.0:
            raise ValueError(f"the Oxford share is at least 0 and below 1, not {self.oxford_share}")
        if not 0.0 < self.learning_rate < 1.0:
            raise ValueError(f"the learning rate lies between 0 and 1, not {self.learning_rate}")

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


@dataclass(frozen=True, slots=True)
class StepReport:
    """After a training step: running means of the epoch, and what is left.

    ``step`` counts through the whole run from 1 to ``steps``; ``seconds_left`` is None until a
    step has been timed (the first one compiles the network).
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class EpochReport:
    """After an epoch; the held-out figures are None when no photo is held out."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None

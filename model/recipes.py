"""How to train: a recipe is code, and says what it reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import keras

from model.augment import FLIP_ONLY, FULL, Augmentation
from model.losses import TrimapCrossEntropy
from model.metrics import TrimapAccuracy, TrimapMeanIoU


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about a training run but its data, its length and its seed.

    Attributes:
        name: ``"article"`` or ``"default"``.
        freeze_encoder: whether the ImageNet weights stay as they are.
        optimizer: ``"rmsprop"`` or ``"adamw"``.
        learning_rate: the highest one.
        cosine: whether it rises over the first epoch and falls to 0 along a cosine.
        weight_decay: AdamW's, per unit of learning rate.
        dropout: of the decoder.
        dice_weight: see :class:`model.losses.TrimapCrossEntropy`.
        epochs: default length.
        batch_size: default photos per step.
        stored_scale: photos are kept at this multiple of the input size before they are
            augmented, so that a cut-out window is not blurred.
        input_size: of the network, in pixels.
        decoder: see :class:`model.unet.UNetConfig`.
        average: how much of the running average of the weights stays, per step; what is measured
            and kept is the average.  0: none, the weights themselves.
        augmentation: what may be changed in a photo.
    """

    name: str
    freeze_encoder: bool
    optimizer: str
    learning_rate: float
    cosine: bool
    weight_decay: float
    dropout: float
    dice_weight: float
    epochs: int
    batch_size: int
    stored_scale: float
    input_size: int = 256
    decoder: str = "transposed"
    average: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a record of the run."""
        return asdict(self)


ARTICLE = Recipe(
    name="article",
    freeze_encoder=True,
    optimizer="rmsprop",
    learning_rate=1e-3,
    cosine=False,
    weight_decay=0.0,
    dropout=0.0,
    dice_weight=0.0,
    epochs=10,
    batch_size=64,
    stored_scale=1.0,
    augmentation=FLIP_ONLY,
)
"""The article's: frozen encoder, RMSprop, cross-entropy, batch 64, 10 epochs, random flip."""

DEFAULT = Recipe(
    name="default",
    freeze_encoder=False,
    optimizer="adamw",
    learning_rate=5e-4,
    cosine=True,
    weight_decay=1e-2,
    dropout=0.1,
    dice_weight=0.5,
    epochs=36,
    batch_size=8,
    stored_scale=1.25,
    input_size=320,
    decoder="separable",
    average=0.99,
    augmentation=FULL,
)
"""Ours: the whole network at 320 pixels with the light decoder, AdamW along a cosine, Dice beside
cross-entropy, averages of the weights, more augmentation.  What each gives: ``docs/model.md``."""

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (ARTICLE, DEFAULT)}


def compile_model(model: keras.Model, recipe: Recipe, steps: int, steps_per_epoch: int) -> None:
    """Give a network the optimiser, loss and metrics of a recipe.

    Args:
        model: the network.
        recipe: the recipe.
        steps: of the whole run, for the schedule.
        steps_per_epoch: the schedule's warm-up lasts one epoch.
    """
    rate: Any = recipe.learning_rate
    if recipe.cosine:
        warm_up = min(steps_per_epoch, max(steps - 1, 1))
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=recipe.learning_rate / 20,
            decay_steps=max(steps - warm_up, 1),
            warmup_target=recipe.learning_rate,
            warmup_steps=warm_up,
        )
    if recipe.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(
            rate,
            weight_decay=recipe.weight_decay,
            use_ema=bool(recipe.average),
            ema_momentum=recipe.average,
        )
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    else:
        optimizer = keras.optimizers.RMSprop(rate)
    model.compile(
        optimizer=optimizer,
        loss=TrimapCrossEntropy(recipe.dice_weight),
        metrics=[TrimapAccuracy(), TrimapMeanIoU()],
    )

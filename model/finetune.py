"""Fine-tuning: a copy of a model learns from corrected labels mixed with Oxford photos.

Every batch holds the chosen share of Oxford photos, so that the network does not forget what
it knew.  The caller's thread does the work; an :class:`Observer` hears of every step and can
stop it within one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from model import weights
from model.augment import FULL, Augmentation, augment_batch
from model.data import Example
from model.losses import TrimapCrossEntropy
from model.metrics import TrimapAccuracy
from model.optimizer import OneDeviceAdamW
from model.resize import resize_mask, resize_photo
from model.settings import EpochReport, FineTuneSettings, StepReport

# Photos are kept at this multiple of the network's size, so that a cut-out window stays sharp.
_STORED_SCALE = 1.25


class FineTuneCancelledError(Exception):
    """The observer asked to stop."""


class FineTuneError(Exception):
    """A run that cannot go on; the message says why and what to do."""


class Observer(Protocol):
    """Who hears of the run, from the thread that trains."""

    def cancelled(self) -> bool:
        """Whether to stop; asked before and after every step."""
        ...

    def stepped(self, report: StepReport) -> None:
        """A step was trained."""
        ...

    def validated(self, report: EpochReport) -> None:
        """An epoch ended."""
        ...


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos and masks resized for training.

    Attributes:
        photos: uint8 (N, S, S, 3).
        masks: uint8 (N, S, S), values 0..3.
    """

    photos: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.photos)


def gather(examples: Iterable[Example], size: int, observer: Observer) -> Photos:
    """Read and resize examples, asking the observer between photos.

    Args:
        examples: photos with masks, at their own sizes.
        size: in pixels.
        observer: may cancel.

    Raises:
        FineTuneCancelledError: the observer asked to stop.
    """
    photos: list[npt.NDArray[np.uint8]] = []
    masks: list[npt.NDArray[np.uint8]] = []
    for example in examples:
        if observer.cancelled():
            raise FineTuneCancelledError
        photos.append(resize_photo(example.photo, size))
        masks.append(resize_mask(example.mask, size))
    if not photos:
        return Photos(np.zeros((0, size, size, 3), np.uint8), np.zeros((0, size, size), np.uint8))
    return Photos(np.stack(photos), np.stack(masks))


def stored_size(input_size: int) -> int:
    """The size at which training photos are kept for a network of this input size."""
    return round(input_size * _STORED_SCALE)


def finetune(
    incumbent: Path,
    own: Photos,
    *,
    oxford: Photos,
    held_out: Photos,
    settings: FineTuneSettings,
    observer: Observer,
    augmentation: Augmentation = FULL,
) -> keras.Model:
    """Train a copy of a model; the model itself is only read.

    Args:
        incumbent: file of the model to start from.
        own: corrected photos to train on, at :func:`stored_size`; at least one.
        oxford: Oxford photos to mix in, at the same size; empty for none.
        held_out: photos to measure after each epoch, at the network's size; may be empty.
        settings: what the person chose.
        observer: hears of every step and may cancel.
        augmentation: what may be changed in a photo.

    Returns:
        The trained copy.

    Raises:
        FineTuneCancelledError: the observer asked to stop; nothing is left behind.
        FineTuneError: no photo to train on, or the loss is no longer a number.
        model.weights.ModelFileError: the incumbent cannot be read.
        tf.errors.ResourceExhaustedError: out of memory.
    """
    if not len(own):
        raise FineTuneError("There is no accepted label to learn from: accept a few photos first.")
    keras.utils.set_random_seed(settings.seed)
    model = weights.load(incumbent, freeze_encoder=settings.freeze_encoder)
    size = int(model.input_shape[1])
    per_epoch = settings.steps_per_epoch(len(own))
    steps = per_epoch * settings.epochs
    model.compile(
        optimizer=OneDeviceAdamW(
            keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
        ),
        loss=TrimapCrossEntropy(),
        metrics=[TrimapAccuracy()],
    )
    checked = None
    if len(held_out):
        checked = tf.data.Dataset.from_tensor_slices((held_out.photos, held_out.masks)).batch(
            settings.batch_size
        )
    reporter = _Reporter(observer, settings.epochs, per_epoch)
    model.fit(
        _mixed_batches(own, oxford, size, settings, augmentation),
        epochs=settings.epochs,
        steps_per_epoch=per_epoch,
        validation_data=checked,
        callbacks=[reporter],
        shuffle=False,
        verbose=0,
    )
    return model


def _mixed_batches(
    own: Photos, oxford: Photos, size: int, settings: FineTuneSettings, how: Augmentation
) -> tf.data.Dataset:
    """Endless batches with a fixed number of Oxford photos in each."""
    oxford_share = settings.oxford_per_batch() if len(oxford) else 0
    parts = [_endless(own, settings.batch_size - oxford_share, settings.seed)]
    if oxford_share:
        parts.append(_endless(oxford, oxford_share, settings.seed + 1))
    seeds = tf.data.Dataset.random(seed=settings.seed, rerandomize_each_iteration=True).batch(2)

    @tf.autograph.experimental.do_not_convert  # it has no Python control flow to convert
    def joined(batches: Any, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        photos = tf.concat([batch[0] for batch in batches], axis=0)
        masks = tf.concat([batch[1] for batch in batches], axis=0)
        return augment_batch(photos, masks, key, size, how)

    return tf.data.Dataset.zip((tuple(parts), seeds)).map(joined, num_parallel_calls=1).prefetch(1)


def _endless(photos: Photos, batch_size: int, seed: int) -> tf.data.Dataset:
    return (
        tf.data.Dataset.from_tensor_slices((photos.photos, photos.masks))
        .shuffle(len(photos), seed=seed, reshuffle_each_iteration=True)
        .repeat()
        .batch(batch_size)
    )


class _Reporter(keras.callbacks.Callback):
    """Tells the observer of steps and epochs, and stops the run when it asks to."""

    def __init__(self, observer: Observer, epochs: int, steps_per_epoch: int) -> None:
        super().__init__()
        self._observer = observer
        self._epochs = epochs
        self._per_epoch = steps_per_epoch
        self._epoch = 0
        self._done = 0
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop_if_asked()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop_if_asked()
        logs = logs or {}
        if not math.isfinite(logs["loss"]):
            raise FineTuneError(
                "The training loss is no longer a number: try a smaller learning rate. The model "
                "in use is as it was."
            )
        self._done += 1
        steps = self._epochs * self._per_epoch
        self._observer.stepped(
            StepReport(
                step=self._done,
                steps=steps,
                epoch=self._epoch + 1,
                epochs=self._epochs,
                loss=float(logs["loss"]),
                accuracy=float(logs["accuracy"]),
                seconds_left=self._seconds_left(steps),
            )
        )

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop_if_asked()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        measured = "val_loss" in logs
        self._observer.validated(
            EpochReport(
                epoch=epoch + 1,
                loss=float(logs["loss"]),
                accuracy=float(logs["accuracy"]),
                val_loss=float(logs["val_loss"]) if measured else None,
                val_accuracy=float(logs["val_accuracy"]) if measured else None,
            )
        )

    def _seconds_left(self, steps: int) -> float | None:
        now = time.monotonic()
        if self._done == 1:  # the first step traced and compiled the network
            self._started = now
            return None
        return (now - self._started) / (self._done - 1) * (steps - self._done)

    def _stop_if_asked(self) -> None:
        if self._observer.cancelled():
            raise FineTuneCancelledError

"""One step of a fine-tune, and one look at the held-out photos, each traced once."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from model.augment import Augmentation, augment_batch
from model.compiled import Faster, has_gpu
from model.device import one_at_a_time
from model.graphs import take_apart
from model.labels import CLASSES, NUM_CLASSES, Label
from model.losses import trimap_loss
from model.metrics import Scores
from model.mixing import Photos
from model.optimizer import OneDeviceAdamW
from model.settings import OWN, OXFORD, FineTuneSettings, GroupScore
from model.unet import encoder_of, halves

DICE_WEIGHT = 0.5
PREVIEWS = 4
"""Held-out photos of each group whose masks are shown as they change."""
_CHECK_BATCH = 4
_VALUES = NUM_CLASSES + 1

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step measured.

    Attributes:
        loss: that was minimised.
        own, oxford: photos of each group.
        losses: loss of each group; NaN where there is none.
        counts: int64 (2, 3, 3), confusion of each group: rows the truth.
    """

    loss: float
    own: int
    oxford: int
    losses: tuple[float, float]
    counts: Array


class Network:
    """A model with its optimiser and the compiled step that trains it.

    Args:
        model: made by :func:`model.weights.load`.
        settings: learning rate, length and weights.
        per_epoch: steps in an epoch.
        augmentation: what may be changed in a photo.
        compiled: whether to try XLA; None: on a GPU.
    """

    def __init__(
        self,
        model: keras.Model,
        settings: FineTuneSettings,
        per_epoch: int,
        augmentation: Augmentation,
        *,
        compiled: bool | None = None,
    ) -> None:
        self.model = model
        self.size = int(model.input_shape[1])
        self._settings = settings
        steps = per_epoch * settings.epochs
        self._optimizer = OneDeviceAdamW(
            keras.optimizers.schedules.CosineDecay(settings.learning_rate, max(steps, 1)),
            weight_decay=0.01,
        )
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(model.trainable_variables)
        fixed = encoder_of(model).weights if settings.freeze_encoder else []
        paths = {variable.path for variable in fixed}
        self._variables = {v.path: v for v in model.weights if v.path not in paths}
        self._parts: list[Any] = []
        self._encoder, self._decoder = halves(model)
        if settings.freeze_encoder:  # it gives the same in training and outside of it
            self._encoder = self._fixed(self._encoder)
        self._traced: set[str] = set()
        learn = self._part(self._learned)
        self._step: Any = self._part(self._trained(augmentation, learn))
        if has_gpu() if compiled is None else compiled:
            learn = self._part(self._learned, compiled=True)
            self._step = Faster(self._step, self._part(self._trained(augmentation, learn)), steps)
        self._seen = tf.function(self._counted, autograph=False)

    def close(self) -> None:
        """Let go of what was traced; the model stays, and nothing can be trained any more."""
        take_apart(self._seen, *self._parts)

    @property
    def is_compiled(self) -> bool:
        """Whether XLA does the next step."""
        return isinstance(self._step, Faster) and self._step.is_compiled

    # ------------------------------------------------------------------ state

    def learned(self) -> dict[str, Array]:
        """The weights that training changes, float32, by path."""
        return {path: np.asarray(variable) for path, variable in self._variables.items()}

    def set_learned(self, arrays: Mapping[str, Array]) -> None:
        """Put weights back that :meth:`learned` gave."""
        for path, variable in self._variables.items():
            variable.assign(arrays[path])

    def shapes(self, *, optimizer: bool) -> dict[str, tuple[int, ...]]:
        """Of what :meth:`learned` gives, or with ``optimizer`` of what :meth:`state` gives."""
        variables = dict(self._variables)
        if optimizer:
            variables |= self._slots()
        return {name: tuple(variable.shape) for name, variable in variables.items()}

    def state(self) -> dict[str, Array]:
        """:meth:`learned`, with the optimiser's variables."""
        slots = self._slots().items()
        return {**self.learned(), **{name: np.asarray(variable) for name, variable in slots}}

    def set_state(self, arrays: Mapping[str, Array]) -> None:
        """Put everything back that :meth:`state` gave."""
        self.set_learned(arrays)
        for name, variable in self._slots().items():
            variable.assign(arrays[name].astype(variable.dtype))

    def _slots(self) -> dict[str, Any]:
        return {f"optimizer/{i:04d}": v for i, v in enumerate(self._optimizer.variables)}

    # ------------------------------------------------------------------ work

    def train(self, photos: Array, masks: Array, own: int, step: int) -> StepResult:
        """Train one step.

        Args:
            photos: uint8 (B, S, S, 3), corrected ones first.
            masks: uint8 (B, S, S).
            own: how many are corrected ones.
            step: counts from 0; with the seed it decides the augmentation.
        """
        weight = np.ones(len(photos), np.float32)
        weight[:own] = self._settings.own_weight
        with self._alone_at_first("step"):
            loss, losses, counts = self._step(
                tf.constant(photos),
                tf.constant(masks),
                tf.constant([self._settings.seed, step], tf.int64),
                tf.constant(weight),
                tf.constant(own),
            )
        split = losses.numpy()
        return StepResult(
            float(loss),
            own,
            len(photos) - own,
            (float(split[0]), float(split[1])),
            counts.numpy().reshape(2, _VALUES, _VALUES)[:, 1:, 1:],
        )

    def seen(self, photos: Array, masks: Array) -> tuple[float, Array, Array]:
        """Predict photos at the network's size.

        Returns:
            Loss summed over the labelled pixels, confusion (3, 3), masks uint8 (B, S, S).
        """
        with self._alone_at_first("seen"):
            loss, counts, found = self._seen(tf.constant(photos), tf.constant(masks))
        return float(loss), counts.numpy().reshape(_VALUES, _VALUES)[1:, 1:], found.numpy()

    def _learned(self, x: Any, y: Any, weight: Any) -> Any:
        """Loss, logits and gradients."""
        frozen = self._settings.freeze_encoder
        if frozen:
            x = self._encoder(x)
        with tf.GradientTape() as tape:
            if not frozen:
                x = self._encoder(x, training=True)
            logits = self._decoder(x, training=True)
            loss = trimap_loss(y, logits, DICE_WEIGHT, weight)
        return loss, logits, tape.gradient(loss, self.model.trainable_variables)

    def _trained(self, augmentation: Augmentation, learn: Callable[..., Any]) -> Callable[..., Any]:
        size = self.size
        trainable = self.model.trainable_variables

        # Functions of their own: TensorFlow takes over a traced one in one go, and no other thread
        # of Python runs while it does.
        @self._part
        def updated(gradients: list[Any]) -> None:
            self._optimizer.apply_gradients(zip(gradients, trainable, strict=True))

        @self._part
        def changed(photos: Any, masks: Any, key: Any) -> Any:
            return augment_batch(photos, masks, key, size, augmentation)

        @self._part
        def measured(y: Any, logits: Any, own: Any) -> Any:
            parts = [(y[:own], logits[:own]), (y[own:], logits[own:])]
            losses = tf.stack([trimap_loss(mask, found, 0.0) for mask, found in parts])
            counts = tf.stack([_confusion(mask, _values(found)) for mask, found in parts])
            return losses, counts

        def step(photos: Any, masks: Any, key: Any, weight: Any, own: Any) -> Any:
            x, y = changed(photos, masks, key)
            loss, logits, gradients = learn(x, y, weight)
            updated(gradients)
            losses, counts = measured(y, logits, own)
            return loss, losses, counts

        return step

    def _fixed(self, encoder: keras.Model) -> Any:
        def encoded(photos: Any) -> Any:
            return encoder(photos, training=False)

        return self._part(encoded, [tf.TensorSpec((None, self.size, self.size, 3), tf.float32)])

    @contextmanager
    def _alone_at_first(self, what: str) -> Iterator[None]:
        with nullcontext() if what in self._traced else one_at_a_time():
            yield
        self._traced.add(what)

    def _part(
        self,
        function: Callable[..., Any],
        signature: list[Any] | None = None,
        *,
        compiled: bool = False,
    ) -> Any:
        traced = tf.function(
            function, autograph=False, input_signature=signature, jit_compile=compiled or None
        )
        self._parts.append(traced)
        return traced

    def _counted(self, photos: Any, masks: Any) -> Any:
        logits = self._decoder(self._encoder(tf.cast(photos, tf.float32)), training=False)
        found = _values(logits)
        pixels = tf.cast(tf.math.count_nonzero(masks), tf.float32)
        return trimap_loss(masks, logits, 0.0) * pixels, _confusion(masks, found), found


def _values(logits: Any) -> Any:
    """Label values of logits, uint8."""
    return tf.cast(tf.argmax(logits, axis=-1), tf.uint8) + 1


def _confusion(truth: Any, found: Any) -> Any:
    pairs = tf.cast(truth, tf.int32) * _VALUES + tf.cast(found, tf.int32)
    return tf.math.bincount(
        tf.reshape(pairs, [-1]), minlength=_VALUES**2, maxlength=_VALUES**2, dtype=tf.int64
    )


class Check:
    """The held-out photos.

    Args:
        network: what predicts them.
        groups: at the network's size, by group; none is empty.
    """

    def __init__(self, network: Network, groups: Mapping[str, Photos]) -> None:
        self._network = network
        self._groups = groups

    def digest(self) -> str:
        """The same for the same photos with the same labels, and for no others."""
        found = hashlib.sha256()
        for name, group in self._groups.items():
            for part in (name.encode(), group.photos.tobytes(), group.masks.tobytes()):
                found.update(part)
        return found.hexdigest()

    def measure(
        self, ask: Callable[[], None]
    ) -> tuple[dict[str, GroupScore], dict[str, list[npt.NDArray[np.uint8]]]]:
        """Scores, and the masks of the first photos, by group.

        Args:
            ask: called before every batch; raises to end it.
        """
        scores, previews = {}, {}
        for name, group in self._groups.items():
            loss, counts = 0.0, np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
            masks: list[npt.NDArray[np.uint8]] = []
            for first in range(0, len(group), _CHECK_BATCH):
                ask()
                chosen = slice(first, first + _CHECK_BATCH)
                more, confusion, found = self._network.seen(
                    group.photos[chosen], group.masks[chosen]
                )
                loss += more
                counts += confusion
                masks += list(found[: max(PREVIEWS - len(masks), 0)])
            scores[name] = _score(len(group), loss / max(int(counts.sum()), 1), counts)
            previews[name] = masks
        return scores, previews


class Tally:
    """Running means over the steps of an epoch, all photos together and by group."""

    def __init__(self) -> None:
        self._photos = [0, 0]
        self._losses = [0.0, 0.0]
        self._counts = np.zeros((2, NUM_CLASSES, NUM_CLASSES), np.int64)
        self._loss = 0.0
        self._steps = 0

    def add(self, result: StepResult) -> None:
        """Count a step."""
        self._loss += result.loss
        self._steps += 1
        self._counts += result.counts
        for group, photos in enumerate((result.own, result.oxford)):
            if photos:
                self._photos[group] += photos
                self._losses[group] += result.losses[group] * photos

    @property
    def loss(self) -> float:
        """Mean over the steps; NaN before the first."""
        return self._loss / self._steps if self._steps else math.nan

    @property
    def accuracy(self) -> float:
        """Share of all labelled pixels that are right; NaN where there is none."""
        return Scores.from_confusion(self._counts.sum(axis=0)).pixel_accuracy

    def groups(self) -> dict[str, GroupScore]:
        """By group; one without photos is left out."""
        return {
            name: _score(photos, loss / photos, counts)
            for name, photos, loss, counts in zip(
                (OWN, OXFORD), self._photos, self._losses, self._counts, strict=True
            )
            if photos
        }

    @staticmethod
    def of(scores: Mapping[str, GroupScore]) -> GroupScore:
        """All groups together: means weighted by photos; NaN when there is none."""
        weights = [score.photos for score in scores.values()]
        if not weights:
            return GroupScore(0, *4 * (math.nan,))

        def mean(field: str) -> float:
            values = [getattr(score, field) for score in scores.values()]
            return float(np.average(values, weights=weights))

        names = ("loss", "accuracy", "mean_iou", "pet_iou")
        return GroupScore(sum(weights), *map(mean, names))


def _score(photos: int, loss: float, counts: Array) -> GroupScore:
    scores = Scores.from_confusion(counts)
    pet = scores.iou[CLASSES.index(Label.PET)]
    return GroupScore(photos, loss, scores.pixel_accuracy, scores.mean_iou, pet)

"""The training loss. Targets are masks with their values on disk, 0..3; 0 counts nowhere."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from model.labels import NUM_CLASSES, Label


def split_target(mask: Any) -> tuple[Any, Any]:
    """Class indices and weights of a batch of masks: the in-graph twin of ``to_class_index``.

    Args:
        mask: integers (..., H, W), label values 0..3.

    Returns:
        int32 class indices (0 where nothing is labelled, with weight 0) and float32 weights
        (1 labelled, 0 not), both of the shape of ``mask``.
    """
    mask = ops.cast(mask, "int32")
    weight = ops.cast(ops.not_equal(mask, int(Label.UNLABELLED)), "float32")
    return ops.maximum(mask - 1, 0), weight


def trimap_loss(mask: Any, logits: Any, dice_weight: float, photo_weight: Any = None) -> Any:
    """Softmax cross-entropy, averaged over the labelled pixels of a batch, and soft Dice.

    Args:
        mask: integers (B, H, W), label values 0..3.
        logits: (B, H, W, 3).
        dice_weight: how much of a soft Dice loss (mean over the classes, one sum over the
            batch) to add: it counts the thin border class as much as the others.
        photo_weight: float (B,), how much the pixels of each photo count; None: all alike.

    Returns:
        A scalar, float32; 0 (Dice aside) where nothing is labelled.
    """
    target, weight = split_target(mask)
    if photo_weight is not None:
        weight = weight * ops.cast(photo_weight, "float32")[:, None, None]
    log_p = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    one_hot = ops.one_hot(target, NUM_CLASSES, dtype="float32")
    total = ops.sum(weight)
    total = ops.where(total > 0, total, 1.0)
    loss = -ops.sum(ops.sum(one_hot * log_p, axis=-1) * weight) / total
    if dice_weight:
        loss = loss + dice_weight * _dice(one_hot, ops.exp(log_p), weight)
    return loss


def _dice(one_hot: Any, probability: Any, weight: Any) -> Any:
    axes = tuple(range(len(one_hot.shape) - 1))
    weight = ops.expand_dims(weight, -1)
    overlap = ops.sum(one_hot * probability * weight, axis=axes)
    total = ops.sum((one_hot + probability) * weight, axis=axes)
    return 1.0 - ops.mean((2.0 * overlap + 1.0) / (total + 1.0))


@keras.saving.register_keras_serializable("petseg")
class TrimapCrossEntropy(keras.losses.Loss):
    """:func:`trimap_loss` as Keras's ``fit`` wants it.

    Args:
        dice_weight: how much of a soft Dice loss to add.

    Call with masks (B, H, W), values 0..3, and logits (B, H, W, 3); returns a scalar.
    """

    def __init__(
        self,
        dice_weight: float = 0.0,
        name: str = "trimap_cross_entropy",
        **kwargs: Any,
    ) -> None:
        # The mean of one number; unlike "sum", it is divided by the number of replicas when
        # several GPUs train (which Keras does not do for a scalar: hence the shape of call).
        super().__init__(name=name, reduction="sum_over_batch_size", **kwargs)
        self.dice_weight = dice_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of one batch, shape (1,)."""
        return ops.expand_dims(trimap_loss(y_true, y_pred, self.dice_weight), 0)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"dice_weight": self.dice_weight, "name": self.name}

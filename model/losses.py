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


@keras.saving.register_keras_serializable("petseg")
class TrimapCrossEntropy(keras.losses.Loss):
    """Softmax cross-entropy from logits, averaged over the labelled pixels of the batch.

    Args:
        dice_weight: how much of a soft Dice loss (mean over the classes, one sum over the
            batch) to add: it counts the thin border class as much as the others.

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
        target, weight = split_target(y_true)
        logits = ops.cast(y_pred, "float32")
        log_p = ops.log_softmax(logits, axis=-1)
        one_hot = ops.one_hot(target, NUM_CLASSES, dtype="float32")
        pixels = ops.maximum(ops.sum(weight), 1.0)
        loss = -ops.sum(ops.sum(one_hot * log_p, axis=-1) * weight) / pixels
        if self.dice_weight:
            loss = loss + self.dice_weight * self._dice(one_hot, ops.exp(log_p), weight)
        return ops.expand_dims(loss, 0)

    def _dice(self, one_hot: Any, probability: Any, weight: Any) -> Any:
        axes = tuple(range(len(one_hot.shape) - 1))
        weight = ops.expand_dims(weight, -1)
        overlap = ops.sum(one_hot * probability * weight, axis=axes)
        total = ops.sum((one_hot + probability) * weight, axis=axes)
        return 1.0 - ops.mean((2.0 * overlap + 1.0) / (total + 1.0))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"dice_weight": self.dice_weight, "name": self.name}

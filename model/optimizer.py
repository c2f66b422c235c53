"""The optimiser of networks that learn on one device and are thrown away by the dozen."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("petseg")
class OneDeviceAdamW(keras.optimizers.AdamW):
    """AdamW whose traced steps can be forgotten.

    Keras sums the gradients over all devices, also where there is but one.  TensorFlow enters
    that sum in its table of gradients, for good, and with it the whole traced network: 100 to
    200 MB for each fine-tune.  Nothing is lost by leaving the sum out on one device.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> list[tuple[Any, Any]]:
        """The gradients as they are: those of the one device."""
        return list(grads_and_vars)

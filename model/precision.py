"""In which precision a network trains: bfloat16 where the device computes with it, else float32.

Weights are float32 either way; only what flows between the layers is rounded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

FLOAT32 = "float32"
MIXED = "mixed_bfloat16"
# Ampere: the first generation whose tensor cores multiply bfloat16.
_FIRST_CAPABILITY = (8, 0)
_CPU_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


def best_policy() -> str:
    """The Keras policy in which this device trains fastest: :data:`MIXED` or :data:`FLOAT32`.

    On a processor without instructions for bfloat16 it is emulated, and slower.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        capable = all(d.get("compute_capability", (0, 0)) >= _FIRST_CAPABILITY for d in details)
        return MIXED if capable else FLOAT32
    return MIXED if _CPU_FLAGS & _processor_flags() else FLOAT32


def _processor_flags() -> frozenset[str]:
    if not sys.platform.startswith("linux"):
        return frozenset()
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())


@contextmanager
def building_under(policy: str) -> Iterator[None]:
    """Layers that this thread makes within the block compute under ``policy``."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)

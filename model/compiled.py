"""Whether XLA pays: a step is done in both ways a few times, and then in the faster one.

On a GPU XLA fuses what a step does, but compiling it first takes as long as hundreds of steps: a
short run ends sooner without.  On a processor it made a step 2.2 times as long, so it is not tried.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

TIMED = 3
"""Steps of each way that are timed; the one before them traces or compiles."""
WORTH_S = 120.0
"""Compiling takes half a minute or so: with less than this left to train it is not tried."""

_log = logging.getLogger(__name__)
Step = Callable[..., tuple[Any, ...]]


def has_gpu() -> bool:
    """Whether TensorFlow computes on a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


class Faster:
    """A training step in the faster one of two ways that give the same.

    Args:
        plain: the step; returns tensors.
        compiled: the same, compiled; where it fails, plain does it, and goes on.
        steps: that the run has, at most.
        clock: seconds, rising.
    """

    def __init__(
        self,
        plain: Step,
        compiled: Step,
        steps: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._plain, self._compiled = plain, compiled
        self._left = steps
        self._clock = clock
        self._times: dict[Step, list[float]] = {plain: [], compiled: []}
        self._now = plain
        self._settled = False

    @property
    def is_compiled(self) -> bool:
        """Whether the steps are done by the compiled one at present."""
        return self._now is self._compiled

    def __call__(self, *arguments: Any) -> tuple[Any, ...]:
        """Do one step."""
        self._left -= 1
        if self._settled:
            return self._now(*arguments)
        began = self._clock()
        try:
            found = self._now(*arguments)
            found[0].numpy()  # a GPU has only been told what to do when the call returns
        except tf.errors.OpError as error:
            if self._now is self._plain:
                raise
            _log.warning("a step cannot be compiled, and is not: %s", error)
            self._settle(self._plain)
            return self._plain(*arguments)
        self._note(self._clock() - began)
        return found

    def _note(self, seconds: float) -> None:
        times = self._times[self._now]
        times.append(seconds)
        if len(times) <= TIMED:
            return
        # Without the first, which traced or compiled.
        medians = {way: statistics.median(t[1:]) for way, t in self._times.items() if t}
        if self._now is self._compiled:
            self._settle(min(medians, key=lambda way: medians[way]))
        elif medians[self._plain] * self._left < WORTH_S:
            self._settle(self._plain)
        else:
            self._now = self._compiled

    def _settle(self, way: Step) -> None:
        self._now = way
        self._settled = True

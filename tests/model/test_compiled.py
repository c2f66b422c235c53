"""Whether XLA is used: only where it pays, and with the same result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from model import compiled
from model.augment import FLIP_ONLY
from model.compiled import TIMED, Faster
from model.settings import FineTuneSettings
from model.training_step import Network
from model.unet import UNetConfig, build_unet
from tests.model.tiny import build_tiny_networks


class Clock:
    """Time passes only when a step is done."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def way(name: str, seconds: float, clock: Clock, done: list[str]) -> Callable[[], tuple[Any]]:
    """A step that takes so long; the first time, to be traced or compiled, a minute."""

    def step() -> tuple[Any]:
        clock.now += seconds if name in done else 60.0
        done.append(name)
        return (tf.constant(1.0),)

    return step


@pytest.mark.parametrize(
    ("plain", "fused", "steps", "expected"),
    [
        (1.0, 0.5, 1000, "fused"),
        (1.0, 1.5, 1000, "plain"),
        (1.0, 0.5, 100, "plain"),  # a minute and a half is not worth the compiling
    ],
)
def test_the_faster_one_does_the_rest_where_there_is_enough_left(
    clock: Clock, plain: float, fused: float, steps: int, expected: str
) -> None:
    done: list[str] = []
    step = Faster(way("plain", plain, clock, done), way("fused", fused, clock, done), steps, clock)

    for _step in range(20):
        step()

    tried = ["fused"] * (TIMED + 1) if steps == 1000 else []
    assert done[: TIMED + 1 + len(tried)] == ["plain"] * (TIMED + 1) + tried
    assert set(done[TIMED + 1 + len(tried) :]) == {expected}
    assert len(done) == 20
    assert step.is_compiled == (expected == "fused")


def test_what_cannot_be_compiled_is_done_plainly_and_nothing_is_lost(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def impossible() -> tuple[Any]:
        raise tf.errors.UnimplementedError(None, None, "no such kernel")

    step = Faster(way("plain", 1.0, clock, done), impossible, 1000, clock)
    for _step in range(10):
        step()

    assert done == ["plain"] * 10
    assert [record.getMessage() for record in caplog.records] == [
        "a step cannot be compiled, and is not: no such kernel"
    ]
    caplog.clear()


def test_an_error_of_the_plain_one_is_the_callers(clock: Clock) -> None:
    def hungry() -> tuple[Any]:
        raise tf.errors.ResourceExhaustedError(None, None, "no memory")

    with pytest.raises(tf.errors.ResourceExhaustedError):
        Faster(hungry, hungry, 10, clock)()


def test_a_compiled_step_learns_what_a_plain_one_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_networks(monkeypatch)
    monkeypatch.setattr(compiled, "WORTH_S", 0.0)
    monkeypatch.setattr(compiled, "TIMED", 1)
    draw = np.random.default_rng(0)
    photos = draw.integers(0, 256, (4, 40, 40, 3), dtype=np.uint8)
    masks = draw.integers(1, 4, (4, 40, 40), dtype=np.uint8)
    losses: dict[bool, list[float]] = {}
    for fused in (False, True):
        keras.utils.set_random_seed(0)
        model = build_unet(UNetConfig(32, 0.0, "separable"), freeze_encoder=True)
        network = Network(model, FineTuneSettings(), 8, FLIP_ONLY, compiled=fused)
        used = []
        losses[fused] = []
        for step in range(4):
            used.append(fused and network.is_compiled)
            losses[fused].append(network.train(photos, masks, 2, step).loss)
        network.close()
    assert used == [False, False, True, True]
    np.testing.assert_allclose(losses[True], losses[False], rtol=1e-3)
    assert losses[True][-1] != losses[True][0]

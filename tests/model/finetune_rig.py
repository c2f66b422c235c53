"""Short fine-tunes of a tiny network, for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import model.settings
import model.unet
from model import weights
from model.finetune import Trained, finetune, stored_size
from model.mixing import Photos
from model.settings import Command, EpochReport, FineTuneSettings, StepReport
from tests.conftest import blob
from tests.model.tiny import build_tiny_networks

SIZE = 64


def photos(count: int, size: int, first: int = 0) -> Photos:
    """Photos of blobs with their masks."""
    pairs = [blob(size, size, first + i) for i in range(count)]
    if not pairs:
        return Photos(np.zeros((0, size, size, 3), np.uint8), np.zeros((0, size, size), np.uint8))
    return Photos(np.stack([p for p, _ in pairs]), np.stack([m for _, m in pairs]))


NONE = photos(0, stored_size(SIZE))
OWN = photos(2, stored_size(SIZE))


class Watcher:
    """An observer that writes down what it hears, and ends the run after a number of steps."""

    def __init__(self, stop_after: int | None = None, end: Command = Command.CANCEL) -> None:
        self.steps: list[StepReport] = []
        self.epochs: list[EpochReport] = []
        self.notices: list[str] = []
        self.before: list[EpochReport] | None = None
        self._stop_after = stop_after
        self._end = end

    def command(self) -> Command:
        """Go on until it is enough."""
        enough = self._stop_after is not None and len(self.steps) >= self._stop_after
        return self._end if enough else Command.GO

    def stepped(self, report: StepReport) -> None:
        """Write it down."""
        self.steps.append(report)

    def validated(self, report: EpochReport) -> None:
        """Write it down."""
        self.epochs.append(report)

    def resumed(self, epochs: list[EpochReport]) -> None:
        """Write it down."""
        self.before = epochs

    def noticed(self, text: str) -> None:
        """Write it down."""
        self.notices.append(text)


@contextmanager
def small_and_short(steps: int) -> Iterator[None]:
    """Networks have a few layers, epochs so many steps, and nothing is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        build_tiny_networks(patch)
        patch.setattr(model.settings, "MIN_STEPS_PER_EPOCH", steps)
        tf.config.run_functions_eagerly(True)
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(False)


def write_model(folder: Path) -> Path:
    """The file of an untrained network; within :func:`small_and_short`."""
    config = model.unet.UNetConfig(input_size=SIZE)
    path = folder / "tiny-1.safetensors"
    card = weights.ModelCard(config.to_dict(), {"recipe": "none"})
    weights.save(model.unet.build_unet(config, seed=3), path, card)
    return path


Run = Callable[..., Trained]


def one_run(model: Path) -> Run:
    """A function that fine-tunes ``model``: two photos a step unless the settings say otherwise."""

    def one(
        watcher: Watcher,
        own: Photos = OWN,
        held_out: Mapping[str, Photos] | None = None,
        oxford: Photos = NONE,
        state: Path | None = None,
        **settings: object,
    ) -> Trained:
        chosen = {"epochs": 1, "batch_size": 2, "oxford_share": 0.0, **settings}
        return finetune(
            model,
            own,
            oxford=oxford,
            held_out=held_out or {},
            settings=FineTuneSettings(**chosen),  # type: ignore[arg-type]
            observer=watcher,
            state=state,
            policy="float32",
        )

    return one

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

import model.finetune
import model.settings
from model import run_state
from model.finetune import FineTuneCancelledError, OutOfMemoryError, Trained
from model.run_state import BEST_NAME, STATE_NAME, Progress, RunStateError
from model.settings import Command, EpochReport, GroupScore
from model.training_step import Network, StepResult
from tests.model.finetune_rig import (
    SIZE,
    Run,
    Watcher,
    one_run,
    photos,
    small_and_short,
    write_model,
)

HELD_OUT = {"own": photos(2, SIZE, 50)}
LONG = {"epochs": 2, "learning_rate": 1e-3, "held_out": HELD_OUT, "patience": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with small_and_short(steps=2), pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.finetune, "CHECKPOINT_STEPS", 2)
        yield one_run(write_model(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def whole(run: Run) -> Trained:
    """A run that nothing interrupts."""
    return run(Watcher(), **LONG)


def values(trained: Trained) -> list[np.ndarray]:
    return [np.asarray(w) for w in trained.model.weights]


def assert_same(one: Trained, other: Trained) -> None:
    for mine, theirs in zip(values(one), values(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    run: Run, whole: Trained, tmp_path: Path, steps: int
) -> None:
    with pytest.raises(FineTuneCancelledError):
        run(Watcher(steps, Command.STOP), state=tmp_path, **LONG)
    watcher = Watcher()
    again = run(watcher, state=tmp_path, **LONG)
    assert watcher.steps[0].step == steps + 1
    assert [row["epoch"] for row in again.history] == [0, 1, 2]
    assert (again.best_epoch, again.steps) == (whole.best_epoch, whole.steps)
    assert_same(again, whole)


def test_a_run_that_was_killed_goes_on_from_the_last_state(
    run: Run, whole: Trained, tmp_path: Path
) -> None:
    class Killed(Watcher):
        """Fails as a power cut would: nothing more is written."""

        def stepped(self, report: model.settings.StepReport) -> None:
            super().stepped(report)
            if report.step == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Killed(), state=tmp_path, **LONG)
    watcher = Watcher()
    assert_same(run(watcher, state=tmp_path, **LONG), whole)
    assert watcher.steps[0].step == 3  # written after the second


def test_a_pause_writes_the_state_and_waits(run: Run, whole: Trained, tmp_path: Path) -> None:
    class Pausing(Watcher):
        """Pauses before the third step until it is told to go on."""

        def __init__(self) -> None:
            super().__init__()
            self.waiting, self.go_on = threading.Event(), threading.Event()

        def command(self) -> Command:
            if len(self.steps) == 1 and not self.go_on.is_set():
                if (tmp_path / STATE_NAME).exists():
                    self.waiting.set()
                return Command.PAUSE
            return Command.GO

    watcher = Pausing()
    other = threading.Thread(target=lambda: watcher.waiting.wait(60) and watcher.go_on.set())
    other.start()
    trained = run(watcher, state=tmp_path, **LONG)
    other.join()
    assert watcher.waiting.is_set()
    assert_same(trained, whole)


def test_what_is_left_of_another_model_is_thrown_away(run: Run, tmp_path: Path) -> None:
    with pytest.raises(FineTuneCancelledError):
        run(Watcher(1, Command.STOP), state=tmp_path, **LONG)
    state = tmp_path / STATE_NAME
    _replace_incumbent(state)
    watcher = Watcher(1)
    with pytest.raises(FineTuneCancelledError):
        run(watcher, state=tmp_path, **LONG)
    assert watcher.steps[0].step == 1
    assert watcher.notices == []


def _replace_incumbent(path: Path) -> None:
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    with safe_open(path, framework="numpy") as file:
        header = file.metadata()
    progress = Progress.from_text(header["progress"])
    progress.incumbent = "another"
    save_file(load_file(path), path, {**header, "progress": progress.to_text()})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def spoil_header(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"own_drawn", b"own_drown"))


def not_finite(path: Path) -> None:
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    with safe_open(path, framework="numpy") as file:
        header = file.metadata()
    arrays = load_file(path)
    arrays["logits/bias"][:] = np.nan
    save_file(arrays, path, header)


@pytest.mark.parametrize("spoil", [cut, spoil_header, not_finite, Path.unlink])
@pytest.mark.parametrize("name", [STATE_NAME, BEST_NAME])
def test_a_damaged_state_is_told_and_the_run_begins_anew(
    run: Run, tmp_path: Path, spoil: object, name: str
) -> None:
    with pytest.raises(FineTuneCancelledError):
        run(Watcher(3, Command.STOP), state=tmp_path, **LONG)
    spoil(tmp_path / name)  # type: ignore[operator]
    watcher = Watcher(1)
    with pytest.raises(FineTuneCancelledError):
        run(watcher, state=tmp_path, **LONG)
    assert watcher.steps[0].step == 1
    missing = spoil is Path.unlink and name == STATE_NAME  # nothing there: nothing to tell
    assert len(watcher.notices) == (0 if missing else 1)
    assert all("begins anew" in notice for notice in watcher.notices)


def test_a_full_disk_ends_the_run_and_leaves_the_state_before(
    run: Run, whole: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, count = run_state.write_tensors, []

    def full(path: Path, *content: Any) -> None:
        count.append(path)
        if len(count) == 3:
            raise OSError(28, "No space left on device")
        original(path, *content)

    monkeypatch.setattr(run_state, "write_tensors", full)
    with pytest.raises(OSError, match="No space"):
        run(Watcher(), state=tmp_path, **LONG)
    watcher = Watcher()
    assert_same(run(watcher, state=tmp_path, **LONG), whole)
    assert watcher.steps[0].step > 1
    assert watcher.before is not None
    assert [report.to_dict() for report in watcher.before] == whole.history[: len(watcher.before)]
    assert watcher.before[0].held_out


def test_curves_that_are_damaged_begin_the_run_anew(
    run: Run, whole: Trained, tmp_path: Path
) -> None:
    with pytest.raises(FineTuneCancelledError):
        run(Watcher(2, Command.STOP), state=tmp_path, **LONG)
    path = tmp_path / STATE_NAME
    with safe_open(path, framework="numpy") as file:
        progress = Progress.from_text(file.metadata()["progress"])
    progress.history[0] = {"epoch": 0, "train": 3}
    run_state.write(path, load_file(path), progress)
    watcher = Watcher()
    assert_same(run(watcher, state=tmp_path, **LONG), whole)
    assert (watcher.before, watcher.steps[0].step) == (None, 1)
    assert "its curves are damaged" in watcher.notices[0]


def test_too_many_photos_for_the_memory_become_fewer(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, sizes = Network.train, []

    def hungry(self: Network, images: np.ndarray, *more: object) -> StepResult:
        sizes.append(len(images))
        if len(images) > 2:
            raise OutOfMemoryError(None, None, "OOM when allocating")
        return original(self, images, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Network, "train", hungry)
    watcher = Watcher()
    oxford = photos(3, 80, 20)
    run(watcher, batch_size=8, oxford=oxford, oxford_share=0.5)
    assert sizes == [8, 4, 2, 2]
    assert ["4 per step" in text for text in watcher.notices] == [True, False]
    assert "2 per step" in watcher.notices[1]
    assert [step.step for step in watcher.steps] == [1, 2]


def test_not_even_one_photo_fits(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(*_: object) -> StepResult:
        raise MemoryError

    monkeypatch.setattr(Network, "train", hungry)
    with pytest.raises(MemoryError):
        run(Watcher())


def test_a_run_ends_when_nothing_gets_better_and_keeps_its_best(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.settings import GroupScore
    from model.training_step import Check

    losses = iter([0.9, 0.5, 0.3, 0.4, 0.35, 0.6, 0.2])
    seen: list[list[np.ndarray]] = []

    def measured(self: Check, _ask: object) -> tuple[dict[str, GroupScore], dict[str, list]]:
        seen.append([np.asarray(w) for w in self._network.model.weights])
        return {"own": GroupScore(2, next(losses), 0.5, 0.5, 0.5)}, {}

    monkeypatch.setattr(Check, "measure", measured)
    watcher = Watcher()
    trained = run(watcher, **{**LONG, "epochs": 20, "patience": 2})
    assert [epoch.best for epoch in watcher.epochs] == [False, True, True, False, False]
    assert (trained.best_epoch, trained.epochs) == (2, 4)
    for mine, theirs in zip(values(trained), seen[2], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_state_has_nothing_of_a_frozen_encoder(run: Run, tmp_path: Path) -> None:
    with pytest.raises(FineTuneCancelledError):
        run(Watcher(1, Command.STOP), state=tmp_path, **LONG)

    found = set(load_file(tmp_path / STATE_NAME))

    assert "logits/kernel" in found
    assert not any(name.startswith("halve_") for name in found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        Progress("x", step=-1, batch_size=1).to_text(),
        Progress("x", batch_size=0).to_text(),
        Progress("x", batch_size=1, best_epoch=3).to_text(),
        Progress("x", batch_size=1).to_text().replace('"history": []', '"history": 7'),
        Progress("x", batch_size=1).to_text().replace('"step": 0', '"step": "0"'),
    ],
)
def test_a_progress_that_no_run_wrote_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        Progress.from_text(text)


def test_a_state_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    path = tmp_path / STATE_NAME
    assert run_state.read(path, {}) is None
    path.write_bytes(os.urandom(1000))
    with pytest.raises(RunStateError, match=STATE_NAME):
        run_state.read(path, {})


@pytest.mark.parametrize("spoilt", [{}, {"epoch": 0, "train": 3}, {"epoch": "one"}])
def test_an_epoch_is_read_as_it_was_written_or_refused(spoilt: dict[str, object]) -> None:
    scores = {"own": GroupScore(3, 0.5, 0.9, math.nan, 0.8)}
    report = EpochReport(2, math.nan, 0.7, None, None, step=16, train=scores, held_out={})
    assert EpochReport.from_dict(report.to_dict()).to_dict() == report.to_dict()
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        EpochReport.from_dict(report.to_dict() | spoilt if spoilt else spoilt)

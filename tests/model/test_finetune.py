from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import model.settings
from model import weights
from model.finetune import FineTuneCancelledError, FineTuneError, Trained, gather
from model.settings import FineTuneSettings, StepReport
from tests.conftest import blob
from tests.model.finetune_rig import (
    NONE,
    SIZE,
    Run,
    Watcher,
    one_run,
    photos,
    small_and_short,
    write_model,
)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_and_short(steps=2):
        yield write_model(tmp_path_factory.mktemp("models"))


@pytest.fixture
def run(small_model: Path) -> Run:
    return one_run(small_model)


# -- what is chosen -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"oxford_share": 1.0},
        {"oxford_share": -0.1},
        {"oxford_share": math.nan},
        {"learning_rate": 0.0},
        {"learning_rate": 1.0},
        {"own_weight": 0.0},
        {"own_weight": math.nan},
        {"patience": -1},
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"at least|between"):
        FineTuneSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("batch_size", "share", "oxford"),
    [(8, 0.5, 4), (8, 0.0, 0), (8, 0.99, 7), (1, 0.5, 0), (4, 0.25, 1), (2, 0.9, 1)],
)
def test_the_share_of_oxford_photos_leaves_room_for_a_corrected_one(
    batch_size: int, share: float, oxford: int
) -> None:
    settings = FineTuneSettings(batch_size=batch_size, oxford_share=share)
    assert settings.oxford_per_batch() == oxford


def test_few_photos_are_repeated_to_a_useful_number_of_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model.settings, "MIN_STEPS_PER_EPOCH", 8)
    settings = FineTuneSettings(epochs=3, batch_size=8, oxford_share=0.5)
    assert settings.steps_per_epoch(1) == 8
    assert settings.steps_per_epoch(41) == 11
    assert settings.oxford_wanted(1) == 4 * 8 * 3


# -- the run --------------------------------------------------------------------------------


def changed_weights(before: Path, trained: Trained) -> set[str]:
    start = {w.path: np.asarray(w) for w in weights.load(before).weights}
    now = {w.path: np.asarray(w) for w in trained.model.weights}
    return {path for path, value in now.items() if not np.array_equal(start[path], value)}


def test_a_run_reports_every_step_and_leaves_its_model_alone(run: Run, small_model: Path) -> None:
    before = small_model.read_bytes()
    watcher = Watcher()
    held_out = {"own": photos(1, SIZE, 50), "oxford": photos(2, SIZE, 60)}
    trained = run(watcher, epochs=2, held_out=held_out, learning_rate=1e-3, patience=0)

    assert small_model.read_bytes() == before
    assert [(s.step, s.steps) for s in watcher.steps] == [(i, 4) for i in (1, 2, 3, 4)]
    assert [s.epoch for s in watcher.steps] == [1, 1, 2, 2]
    assert watcher.steps[0].seconds_left is None
    assert all(s.seconds_left >= 0 for s in watcher.steps[1:] if s.seconds_left is not None)
    assert watcher.steps[-1].seconds_left == 0
    assert [(e.epoch, e.step) for e in watcher.epochs] == [(0, 0), (1, 2), (2, 4)]
    for epoch in watcher.epochs:
        assert epoch.val_loss is not None
        assert 0 <= (epoch.val_accuracy or 0) <= 1
        assert {name: score.photos for name, score in epoch.held_out.items()} == {
            "own": 1,
            "oxford": 2,
        }
        assert [mask.shape for mask in epoch.previews["oxford"]] == [(SIZE, SIZE)] * 2
        assert set(np.unique(epoch.previews["own"][0])) <= {1, 2, 3}
    assert watcher.epochs[0].train == {}
    assert watcher.epochs[2].train["own"].photos == 4  # two steps of two photos
    assert [row["epoch"] for row in trained.history] == [0, 1, 2]

    # The encoder is frozen by default: not a bit of it, its statistics included, has changed.
    changed = changed_weights(small_model, trained)
    assert {path.split("_")[0].split("/")[0] for path in changed} == {"up", "logits"}
    assert {"logits/kernel", "up_1_conv/kernel", "up_4_norm/moving_mean"} <= changed


def test_the_encoder_learns_too_when_it_is_not_frozen(run: Run, small_model: Path) -> None:
    trained = run(Watcher(), freeze_encoder=False, learning_rate=1e-3)
    changed = changed_weights(small_model, trained)
    assert "halve_1/kernel" in changed
    assert "halve_1_norm/moving_mean" not in changed


def test_the_seed_repeats_a_run(run: Run) -> None:
    first, again, other = (run(Watcher(), seed=seed).model.get_weights() for seed in (3, 3, 4))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert any(not np.allclose(one, two, atol=1e-6) for one, two in zip(first, other, strict=True))


def test_a_run_learns(run: Run) -> None:
    watcher = Watcher()
    run(watcher, epochs=6, learning_rate=3e-2)
    assert watcher.epochs[-1].loss < 0.8 * watcher.epochs[1].loss


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_cancel_takes_effect_within_the_step(run: Run, steps: int) -> None:
    watcher = Watcher(stop_after=steps)
    with pytest.raises(FineTuneCancelledError):
        run(watcher, epochs=2)
    assert len(watcher.steps) == steps


def test_a_loss_that_is_no_number_is_told_in_words(run: Run) -> None:
    class Wild(Watcher):
        """Ruins the network after its first step."""

        def stepped(self, report: StepReport) -> None:
            super().stepped(report)
            variable = self.network.get_layer("logits").bias
            variable.assign(np.full(3, np.nan, np.float32))

    watcher = Wild()
    original = weights.load

    def kept(path: Path, **how: object) -> keras.Model:
        watcher.network = original(path, **how)  # type: ignore[arg-type]
        return watcher.network

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.finetune.weights.load", kept)
        with pytest.raises(FineTuneError, match="smaller learning rate"):
            run(watcher)
    assert len(watcher.steps) == 1


def test_without_a_label_there_is_nothing_to_learn_from(run: Run) -> None:
    with pytest.raises(FineTuneError, match="accept a few photos first"):
        run(Watcher(), own=NONE)


# -- gathering ------------------------------------------------------------------------------


def test_photos_are_gathered_at_one_size() -> None:
    from model.data import Example

    examples = [Example("a", *blob(90, 60)), Example("b", *blob(30, 50))]
    found = gather(examples, 40, Watcher())
    assert len(found) == 2
    assert found.photos.shape == (2, 40, 40, 3)
    assert found.masks.shape == (2, 40, 40)
    assert len(gather([], 40, Watcher())) == 0
    with pytest.raises(FineTuneCancelledError):
        gather(examples, 40, Watcher(stop_after=0))

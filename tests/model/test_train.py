from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from model import weights
from model.augment import FLIP_ONLY
from model.calibration import divide_logits
from model.data import FolderSource
from model.optimizer import averaged
from model.recipes import ARTICLE, DEFAULT, RECIPES, compile_model
from model.train import Run, TrainingError, train
from model.unet import UNetConfig, build_unet
from tests.conftest import REPOSITORY
from tests.model.tiny import build_tiny_networks

QUICK = replace(DEFAULT, freeze_encoder=True, augmentation=FLIP_ONLY)


@pytest.fixture
def run(oxford_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    build_tiny_networks(monkeypatch)
    return Run(
        recipe=QUICK,
        sources=[FolderSource(oxford_folder)],
        out=tmp_path / "run",
        epochs=2,
        batch_size=4,
        input_size=64,
        validation_share=0.3,
        seed=1,
        encoder_weights=None,
    )


class PulledPlugError(Exception):
    """Stands for whatever ends a run from outside."""


class StopIn(keras.callbacks.Callback):
    """Notes where each epoch begins, and pulls the plug within one."""

    def __init__(self, epoch: int | None = None) -> None:
        super().__init__()
        self.epochs: list[int] = []
        self.iterations: list[int] = []
        self._stop = epoch

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epochs.append(epoch)
        self.iterations.append(int(self.model.optimizer.iterations))
        if epoch == self._stop:
            raise PulledPlugError


def test_an_interrupted_run_goes_on_and_a_finished_one_has_its_record(
    run: Run, eager: None
) -> None:
    with pytest.raises(PulledPlugError):
        train(run, callbacks=[StopIn(epoch=1)], verbose=0)
    first = json.loads((run.out / "history.json").read_text())
    assert len(first) == 1
    assert not (run.out / "model.safetensors").exists()

    seen = StopIn()
    path = train(run, callbacks=[seen], verbose=0)

    assert seen.epochs == [1]  # only the second
    record = json.loads((run.out / "run.json").read_text())
    (data,) = record["data"]
    steps = -(-len(data["train"]) // 4)
    assert seen.iterations == [steps]  # the optimiser, and with it the schedule, goes on as well
    history = json.loads((run.out / "history.json").read_text())
    assert history[:1] == first
    assert len(history) == 2
    assert set(history[1]) >= {"loss", "accuracy", "mean_iou", "val_loss", "val_mean_iou"}
    assert (run.out / "history.png").read_bytes().startswith(b"\x89PNG")

    assert sorted([*data["train"], *data["validation"]]) == sorted(run.sources[0].ids())
    assert record["recipe"]["name"] == "default"
    assert (record["seed"], record["epochs"]) == (1, 2)
    assert record["versions"]["keras"] == keras.__version__

    assert path == run.out / "model.safetensors"
    best = max(range(2), key=lambda i: history[i]["val_mean_iou"])
    about = weights.read_card(path).about
    assert about["best_epoch"] == best + 1
    assert about["data"][0]["train"] == len(data["train"])  # how many; run.json says which
    full = weights.load(run.out / "best.safetensors")
    divide_logits(full, about["temperature"])
    for half, one in zip(weights.load(path).get_weights(), full.get_weights(), strict=True):
        # The temperature is written rounded.
        np.testing.assert_allclose(half, one.astype(np.float16), rtol=2e-3, atol=1e-7)

    with pytest.raises(TrainingError, match="other settings"):
        train(replace(run, recipe=ARTICLE), verbose=0)
    with pytest.raises(TrainingError, match="other settings"):
        train(replace(run, seed=2), verbose=0)


def test_averages_are_what_is_measured_and_kept(run: Run, eager: None) -> None:
    """An average that never moves is that of the first step."""

    class Weights(keras.callbacks.Callback):
        """The weights that training goes on with, after each epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: list[np.ndarray] = []

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.seen.append(np.asarray(self.model.trainable_variables[-1]))

    seen = Weights()
    still = replace(run.recipe, average=1.0)
    train(replace(run, recipe=still, batch_size=1), callbacks=[seen], verbose=0)

    kept = weights.load(run.out / "best.safetensors", freeze_encoder=True)
    average = np.asarray(kept.trainable_variables[-1])
    assert not np.array_equal(seen.seen[0], seen.seen[1])
    assert all(not np.array_equal(average, trained) for trained in seen.seen)


def test_without_averages_the_weights_stay() -> None:
    model = build_unet(UNetConfig(32))
    compile_model(model, ARTICLE, steps=2, steps_per_epoch=1)
    before = [np.asarray(v) for v in model.trainable_variables]
    with averaged(model, model.optimizer) as replaced:
        assert replaced == {}
        for variable, value in zip(model.trainable_variables, before, strict=True):
            np.testing.assert_array_equal(np.asarray(variable), value)


def test_a_run_goes_on_from_a_model(run: Run, eager: None) -> None:
    first = train(run, verbose=0)
    # So small a rate changes nothing that could be seen, and new kernels of this seed are others.
    still = replace(run, seed=2, recipe=replace(QUICK, learning_rate=1e-9, weight_decay=0.0))
    second = train(replace(still, out=run.out.with_name("second"), start=first), verbose=0)
    one, other = weights.read_tensors(first), weights.read_tensors(second)
    learned = [path for path in one if "moving" not in path and "logits" not in path]
    assert learned
    for path in learned:
        np.testing.assert_allclose(one[path], other[path], atol=1e-3, err_msg=path)
    record = json.loads((second.parent / "run.json").read_text())
    assert record["start"]["file"] == first.name
    # Another beginning is another run.
    with pytest.raises(TrainingError, match="holds a run with other settings"):
        train(replace(still, out=second.parent, start=second), verbose=0)


def test_a_run_does_not_go_on_from_another_kind_of_network(run: Run, eager: None) -> None:
    first = train(run, verbose=0)
    other = replace(run, out=run.out.with_name("second"), start=first)
    with pytest.raises(weights.ModelFileError, match=first.name):
        train(replace(other, recipe=replace(QUICK, decoder="transposed")), verbose=0)
    assert not other.out.exists()  # the corrected command may have it


def test_without_photos_to_spare_nothing_starts(run: Run) -> None:
    with pytest.raises(TrainingError, match="more photos are needed"):
        train(replace(run, validation_share=0.0), verbose=0)


def test_a_loss_that_is_no_number_ends_the_run_in_words(run: Run, eager: None) -> None:
    wild = replace(QUICK, learning_rate=float("inf"), cosine=False, optimizer="rmsprop")
    with pytest.raises(TrainingError, match="smaller learning rate"):
        train(replace(run, recipe=wild, epochs=1), verbose=0)
    assert not (run.out / "model.safetensors").exists()


def test_the_articles_recipe_is_the_articles() -> None:
    assert RECIPES["article"] is ARTICLE
    assert (ARTICLE.freeze_encoder, ARTICLE.optimizer, ARTICLE.batch_size) == (True, "rmsprop", 64)
    assert (ARTICLE.epochs, ARTICLE.dice_weight, ARTICLE.augmentation) == (10, 0.0, FLIP_ONLY)


def test_the_learning_rate_rises_for_an_epoch_and_falls_to_nothing() -> None:
    model = build_unet(UNetConfig(32))
    compile_model(model, DEFAULT, steps=100, steps_per_epoch=10)
    schedule = model.optimizer._learning_rate
    rates = [float(schedule(step)) for step in range(101)]
    assert max(rates) == pytest.approx(DEFAULT.learning_rate)
    assert int(np.argmax(rates)) == 10
    assert rates[0] < 0.1 * DEFAULT.learning_rate
    assert rates[100] == pytest.approx(0.0, abs=1e-9)


_TWO_DEVICES = """
import keras, numpy as np, tensorflow as tf
from dataclasses import replace
from model.recipes import ARTICLE, DEFAULT, compile_model

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
rng = np.random.default_rng(0)
photos = rng.normal(size=(4, 16, 16, 3)).astype(np.float32)
masks = rng.integers(1, 4, (4, 16, 16)).astype(np.uint8)  # the same count on both devices

def trained(strategy, recipe):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        layers = keras.layers
        model = keras.Sequential([layers.Conv2D(8, 3, padding="same"), layers.Conv2D(3, 1)])
        model.build((None, 16, 16, 3))
        compile_model(model, recipe, steps=4, steps_per_epoch=2)
    data = tf.data.Dataset.from_tensor_slices((photos, masks)).batch(4).repeat(2)
    history = model.fit(data, epochs=2, verbose=0, shuffle=False).history
    return [*model.get_weights(), *(history[k] for k in ("loss", "accuracy", "mean_iou"))]

# Dice sums over the pixels of one device: its mean over two is not that of one.
for recipe in (ARTICLE, replace(DEFAULT, dice_weight=0.0)):
    two = trained(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), recipe)
    one = trained(tf.distribute.get_strategy(), recipe)
    for a, b in zip(two, one, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
print("equal")
"""


def test_two_devices_learn_what_one_does() -> None:
    """Under MirroredStrategy each device has half of the batch; all figures are those of one."""
    # A process of its own: devices are divided before TensorFlow starts.
    done = subprocess.run(
        [sys.executable, "-c", _TWO_DEVICES],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "equal", done.stderr[-2000:]

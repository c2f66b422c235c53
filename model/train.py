"""Training a network from ImageNet weights, with a record of the run; resumes after a stop.

    petseg train --recipe default --data tfds --out runs/default

writes into ``--out``: ``run.json`` (recipe, seed, photos of both splits, library versions),
``history.json`` and ``history.png`` (loss, accuracy and mean IoU per epoch), ``checkpoint/``
(from which an interrupted run goes on), ``best.safetensors`` (float32, best epoch
by held-out mean IoU) and ``model.safetensors`` (the same as float16, its probabilities
calibrated on the held-out photos: :mod:`model.calibration`).
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from model import data as petdata
from model import pipeline, weights
from model.calibration import divide_logits, fit_temperature
from model.files import write_atomically
from model.optimizer import averaged
from model.precision import best_policy, building_under
from model.recipes import Recipe, compile_model
from model.unet import UNetConfig, build_unet

_LIBRARIES = ("tensorflow", "keras", "numpy", "tensorflow-datasets", "opencv-python-headless")


class TrainingError(Exception):
    """A run that cannot start or go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """A training run.

    Attributes:
        recipe: how to train.
        sources: where the labelled photos come from; each gives its share to both splits.
        out: folder for everything the run writes.
        epochs: length.
        batch_size: photos per step (over all GPUs).
        input_size: of the network, in pixels.
        validation_share: share of the photos held out, by photo.
        seed: of the split, new kernels, shuffling and augmentation.
        encoder_weights: ``"imagenet"`` or None.
        start: model file to go on from, instead of encoder weights and new kernels.
    """

    recipe: Recipe
    sources: Sequence[petdata.Source]
    out: Path
    epochs: int
    batch_size: int
    input_size: int = 256
    validation_share: float = 0.1
    seed: int = 0
    encoder_weights: str | None = "imagenet"
    start: Path | None = None


def train(
    run: Run, *, callbacks: Sequence[keras.callbacks.Callback] = (), verbose: int = 1
) -> Path:
    """Train, or go on where an interrupted run of the same settings in the same folder stopped.

    Uses all GPUs of the machine through ``tf.distribute.MirroredStrategy``.

    Args:
        run: what to do.
        callbacks: further Keras callbacks.
        verbose: Keras's progress bar: 1 shows it (loss, accuracy, time left), 0 does not.

    Returns:
        The path of ``model.safetensors``.

    Raises:
        TrainingError: ``run.out`` holds another run, or there are too few photos.
        model.data.DataError: a photo cannot be used.
        model.weights.ModelFileError: ``run.start`` cannot be used for this network.
    """
    splits = [
        petdata.split_ids(source.ids(), run.validation_share, run.seed) for source in run.sources
    ]
    record = describe(run, splits)
    training = list(zip(run.sources, (s[0] for s in splits), strict=True))
    held_out = list(zip(run.sources, (s[1] for s in splits), strict=True))
    count = sum(len(ids) for _source, ids in training)
    if not count or not any(ids for _source, ids in held_out):
        raise TrainingError(
            f"{count} photos to train on and none to spare for validation: more photos are needed."
        )

    keras.utils.set_random_seed(run.seed)
    steps_per_epoch = math.ceil(count / run.batch_size)
    network = UNetConfig(run.input_size, run.recipe.dropout, run.recipe.decoder)
    with strategy().scope(), building_under(best_policy()):
        model = _network(run, network)
        compile_model(model, run.recipe, run.epochs * steps_per_epoch, steps_per_epoch)

    # Not before: what cannot begin leaves no folder that refuses the corrected command.
    _claim_folder(run.out, record)
    batches, checked = _batches(run, training, held_out)
    recorder = _Recorder(run.out, weights.ModelCard(network.to_dict(), record))
    checkpoint = keras.callbacks.BackupAndRestore(
        str(run.out / "checkpoint"), delete_checkpoint=False, double_checkpoint=True
    )
    model.fit(
        batches,
        epochs=run.epochs,
        validation_data=checked,
        # The recorder comes first: what it has written when the checkpoint is cut off is
        # overwritten by the repeated epoch.
        callbacks=[_Averaged(), recorder, checkpoint, keras.callbacks.TerminateOnNaN(), *callbacks],
        shuffle=False,  # the pipeline shuffles by photo
        verbose=verbose,
    )
    return _finish(run, recorder, checked)


def _network(run: Run, config: UNetConfig) -> keras.Model:
    """The network with the weights that the run begins from."""
    model = build_unet(
        config,
        encoder_weights=None if run.start else run.encoder_weights,
        freeze_encoder=run.recipe.freeze_encoder,
        seed=run.seed,
    )
    if run.start:
        weights.assign(model, weights.read_tensors(run.start), run.start)
    return model


def _batches(
    run: Run,
    training: Sequence[tuple[petdata.Source, Sequence[str]]],
    held_out: Sequence[tuple[petdata.Source, Sequence[str]]],
) -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """Batches to train on, and to measure with after every epoch."""
    stored = round(run.input_size * run.recipe.stored_scale)
    batches = pipeline.training_batches(
        pipeline.prepared(pipeline.chained(training), stored),
        size=run.input_size,
        count=sum(len(ids) for _source, ids in training),
        batch_size=run.batch_size,
        augmentation=run.recipe.augmentation,
        seed=run.seed,
    )
    checked = pipeline.evaluation_batches(
        pipeline.prepared(pipeline.chained(held_out), run.input_size),
        count=sum(len(ids) for _source, ids in held_out),
        batch_size=run.batch_size,
    )
    return batches, checked


def strategy() -> tf.distribute.Strategy:
    """All GPUs of this machine when there are several; otherwise the one device there is."""
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def describe(run: Run, splits: Sequence[tuple[list[str], list[str]]]) -> dict[str, Any]:
    """The record of a run: all that is needed to repeat it, as plain values."""
    return {
        "recipe": run.recipe.to_dict(),
        "epochs": run.epochs,
        "batch_size": run.batch_size,
        "input_size": run.input_size,
        "encoder_weights": None if run.start else run.encoder_weights,
        **({"start": _start(run.start)} if run.start else {}),
        "validation_share": run.validation_share,
        "seed": run.seed,
        "data": [
            {"source": source.name, "train": train_ids, "validation": held_out}
            for source, (train_ids, held_out) in zip(run.sources, splits, strict=True)
        ],
        # Of these a run may change when it goes on elsewhere.
        "versions": {
            "python": platform.python_version(),
            "precision": best_policy(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
    }


def _start(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {"file": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _claim_folder(out: Path, record: dict[str, Any]) -> None:
    path = out / "run.json"
    text = json.dumps(record, indent=1)
    if path.exists():
        previous = json.loads(path.read_text(encoding="utf-8"))
        same = {k: v for k, v in previous.items() if k != "versions"} == {
            k: v for k, v in json.loads(text).items() if k != "versions"
        }
        if not same:
            raise TrainingError(
                f"{out} holds a run with other settings or photos: choose another folder for "
                "this one, or remove that folder."
            )
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())


def _finish(run: Run, recorder: _Recorder, checked: tf.data.Dataset) -> Path:
    best = run.out / "best.safetensors"
    if not best.exists():
        raise TrainingError(
            "The loss became infinite before the first epoch ended: try a smaller learning rate."
        )
    final = run.out / "model.safetensors"
    card = weights.read_card(best)
    model = weights.load(best)
    temperature = _calibrate(model, checked)
    about = {**_brief(card.about), "temperature": round(temperature, 4)}
    weights.save(model, final, replace(card, about=about), half=True)
    plot_history(recorder.epochs, run.out / "history.png")
    return final


def _calibrate(model: keras.Model, checked: tf.data.Dataset) -> float:
    """Have a network's probabilities mean what they say, by the held-out photos."""
    logits, masks = [], []
    for photos, truth in checked:
        logits.append(model.predict_on_batch(photos))
        masks.append(truth.numpy())
    temperature = fit_temperature(logits, masks)
    divide_logits(model, temperature)
    return temperature


def _brief(about: dict[str, Any]) -> dict[str, Any]:
    # A model file says how many photos it saw; run.json says which.
    counted = [
        {"source": d["source"], "train": len(d["train"]), "validation": len(d["validation"])}
        for d in about["data"]
    ]
    return {**about, "data": counted}


class _Averaged(keras.callbacks.Callback):
    """Has the validation photos measured with the averages of the weights, if there are any."""

    def __init__(self) -> None:
        super().__init__()
        self._swapped = ExitStack()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._swapped.enter_context(averaged(self.model, self.model.optimizer))

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._swapped.close()


class _Recorder(keras.callbacks.Callback):
    """Writes ``history.json`` after every epoch, and the weights of the best one so far."""

    def __init__(self, out: Path, card: weights.ModelCard) -> None:
        super().__init__()
        self._out = out
        self._card = card
        self._path = out / "history.json"
        self.epochs: list[dict[str, float]] = []
        if self._path.exists():
            self.epochs = json.loads(self._path.read_text(encoding="utf-8"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        del self.epochs[epoch:]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {name: float(value) for name, value in (logs or {}).items()}
        best = max((e["val_mean_iou"] for e in self.epochs), default=-1.0)
        self.epochs.append(row)
        if math.isfinite(row["loss"]) and row["val_mean_iou"] > best:
            about = {**self._card.about, "best_epoch": epoch + 1, "held_out": row}
            self._keep(weights.ModelCard(self._card.network, about))
        write_atomically(self._path, json.dumps(self.epochs, indent=1).encode())
        plot_history(self.epochs, self._out / "history.png")

    def _keep(self, card: weights.ModelCard) -> None:
        try:
            with averaged(self.model, self.model.optimizer):
                weights.save(self.model, self._out / "best.safetensors", card)
        except weights.ModelFileError as error:  # a finite loss from weights that are not
            raise TrainingError(
                "The weights became infinite: try a smaller learning rate."
            ) from error


def plot_history(epochs: Sequence[dict[str, float]], path: Path) -> None:
    """Draw loss, accuracy and mean IoU per epoch, for training and validation, into a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    names = {"loss": "Loss", "accuracy": "Pixel accuracy", "mean_iou": "Mean IoU"}
    x = range(1, len(epochs) + 1)
    for axes, (key, title) in zip(figure.subplots(1, len(names)), names.items(), strict=True):
        axes.plot(x, [e[key] for e in epochs], "o-", color="#0072B2", ms=3, label="training")
        axes.plot(
            x, [e[f"val_{key}"] for e in epochs], "s--", color="#E69F00", ms=3, label="validation"
        )
        axes.set(title=title, xlabel="Epoch")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=100)

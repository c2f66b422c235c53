"""How fast photos are predicted, beside the article's network as Keras offers it.

    python benchmarks/inference.py [--runs 40] [--photos 60] [--starts 5] [--model FILE]

- ``network``: one photo through the network, ours (the starter's, or of ``--model``, folded) and
  the article's (256 pixels, transposed convolutions) called through ``tf.function``; in turn.
  Limit: the median at most 0.5 times the article's.  Beside it how far ours is from the network
  that was trained.
- ``folder``: photos decoded, predicted and written as label PNGs, by ``petseg predict`` and by a
  loop around the article's ``model.predict``; in turn, three times, by when the labels after the
  first 12 were written: the start of a process is no part of either.  Limit: 3 times as many.
- ``first``: from the start of a process to its first mask, TensorFlow's import included; in turn
  with importing TensorFlow alone.  Limit: 4 s.
- ``memory``: peak of the resident memory of that process, in MB, and of the one that only imports
  TensorFlow.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _support import REPOSITORY, fill, isolate, photos, report, run_seconds, summary

from resources import STARTER_MODEL

LIMITS = {"network_ratio": 0.5, "folder_ratio": 3.0, "first_s": 4.0, "probability_tolerance": 1e-4}
WARM_UP = 5
ROUNDS = 3
FIRST_LABELS = 12

_FIRST = """
import os, resource, sys, time
from pathlib import Path
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from model.device import load_tensorflow
load_tensorflow()
if len(sys.argv) > 3:
    from model.predict import Predictor
    from petseg_gui.core.photos import read_photo
    assert Predictor.load(Path(sys.argv[2])).mask(read_photo(Path(sys.argv[1]))).any()
seconds = time.monotonic() - float(sys.argv[-1])
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""
_ONLY_TENSORFLOW = _FIRST.replace("len(sys.argv) > 3", "False")


def network(runs: int, model: Path) -> dict[str, Any]:
    """One photo through both networks, in turn."""
    import tensorflow as tf

    from model.predict import Predictor
    from model.unet import build_unet

    predictor = Predictor.load(model)
    article = build_unet()
    call = tf.function(article, autograph=False)
    draw = np.random.default_rng(0)
    sizes = {"ours": predictor.input_size, "article": int(article.input_shape[1])}
    batches = {
        name: tf.constant(draw.integers(0, 256, (1, size, size, 3)), tf.float32)
        for name, size in sizes.items()
    }
    calls = {
        "ours": lambda: predictor.network(batches["ours"]).numpy(),
        "article": lambda: call(batches["article"], training=False).numpy(),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(runs + WARM_UP):
        for name, one in calls.items():
            began = time.perf_counter()
            one()
            if turn >= WARM_UP:
                times[name].append(1e3 * (time.perf_counter() - began))
    trained = tf.nn.softmax(predictor.model(batches["ours"], training=False)).numpy()
    return {
        "input_size": sizes,
        "parameters": {"ours": predictor.model.count_params(), "article": article.count_params()},
        **{name: summary(values, "ms", 1) for name, values in times.items()},
        "ratio": round(_median(times["ours"]) / _median(times["article"]), 3),
        "off_by": float(np.abs(calls["ours"]() - trained).max()),
    }


def folder(work: Path, count: int, model: Path) -> dict[str, Any]:
    """A folder from photos to labels, both ways in turn, each in a process of its own."""
    photos_of = work / "photos"
    fill(photos_of, count)
    ours, article, whole = [], [], []
    for turn in range(ROUNDS):
        out = work / f"labels-{turn}"
        began = time.perf_counter()
        _run("-m", "petseg_gui", "predict", photos_of, "--out", out, "--model", model)
        whole.append(time.perf_counter() - began)
        ours.append(_pace(out))
        out = work / f"plain-{turn}"
        _run(REPOSITORY / "benchmarks" / "_plain.py", photos_of, out)
        article.append(_pace(out))
    return {
        "photos": count,
        "ours": summary(ours, "1/s", 2),
        "ours_with_start": summary(whole, "s", 2),
        "article": summary(article, "1/s", 2),
        "ratio": round(_median(ours) / _median(article), 2),
    }


def _run(*arguments: object) -> None:
    subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=REPOSITORY, check=True, capture_output=True
    )


def _pace(labels: Path) -> float:
    """Labels per second, once the network is traced and all threads are at work."""
    written = sorted(path.stat().st_mtime for path in labels.iterdir())[FIRST_LABELS:]
    return (len(written) - 1) / (written[-1] - written[0])


def first(starts: int, model: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """New processes: seconds to the first mask, and memory."""
    photo = photos()[0]
    found: dict[str, list[list[float]]] = {"ours": [], "only_tensorflow": []}
    for _turn in range(starts):
        found["ours"].append(run_seconds(_FIRST, photo, model))
        found["only_tensorflow"].append(run_seconds(_ONLY_TENSORFLOW, photo))
    seconds = {name: summary([one[0] for one in rows], "s", 2) for name, rows in found.items()}
    memory = {name: round(_median([one[1] for one in rows])) for name, rows in found.items()}
    return seconds, memory


def _median(values: list[float]) -> float:
    return statistics.median(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--model", type=Path, help="default: the starter")
    arguments = parser.parse_args()
    model = arguments.model.resolve() if arguments.model else STARTER_MODEL
    with tempfile.TemporaryDirectory() as name:
        isolate(Path(name))
        seconds, memory = first(arguments.starts, model)  # before TensorFlow is in this process
        by_network = network(arguments.runs, model)
        by_folder = folder(Path(name), arguments.photos, model)
    report(
        "inference",
        network=by_network,
        folder=by_folder,
        first=seconds,
        memory_mb=memory,
        limits=LIMITS,
        met={
            "network_ratio": by_network["ratio"] <= LIMITS["network_ratio"],
            "folder_ratio": by_folder["ratio"] >= LIMITS["folder_ratio"],
            "first_s": seconds["ours"]["median"] <= LIMITS["first_s"],
            "probability_tolerance": by_network["off_by"] <= LIMITS["probability_tolerance"],
        },
    )


if __name__ == "__main__":
    main()

"""What the benchmarks share: where photos come from, how figures are printed."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))  # a benchmark also runs from a checkout that is not installed


def shared() -> Path | None:
    """The folder of real data: ``PETSEG_SHARED``, or ``shared`` beside the project."""
    chosen = os.environ.get("PETSEG_SHARED")
    folder = Path(chosen) if chosen else REPOSITORY.parent / "shared"
    return folder if folder.is_dir() else None


def photos() -> list[Path]:
    """Real photos where there are any, otherwise the sample photos."""
    real = shared()
    folder = real / "data/extra_pets/images" if real else REPOSITORY / "resources/samples"
    return sorted(folder.glob("*.jpg"))


def fill(folder: Path, count: int) -> None:
    """Copy photos into ``folder`` until it has ``count``, each a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = photos()
    for index in range(count):
        source = sources[index % len(sources)]
        shutil.copyfile(source, folder / f"{index:05d}-{source.name}")


def isolate(folder: Path) -> None:
    """Keep settings and data of the person who runs the benchmark out of it."""
    os.environ["PETSEG_CONFIG_DIR"] = str(folder / "config")
    os.environ["PETSEG_DATA_DIR"] = str(folder / "data")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    real = shared()
    if real:
        os.environ.setdefault("TFDS_DATA_DIR", str(real / "data/tensorflow_datasets"))
        os.environ.setdefault("KERAS_HOME", str(real / "keras"))


_FIRST_PHOTO = """
import sys, time
from petseg_gui.app import run
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

def execute():
    app = QApplication.instance()
    (window,) = (w for w in app.topLevelWidgets() if w.objectName() == "mainWindow")
    canvas = window.findChild(QWidget, "canvas")
    # It sleeps between events, as the real loop does: one that turns takes time from the threads.
    while not canvas.has_document or not window.windowTitle().startswith(sys.argv[2]):
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    canvas.repaint()
    print(time.monotonic() - float(sys.argv[-1]), time.process_time(), flush=True)
    window.close()
    return 0

QApplication.exec = execute
run([sys.argv[1]])
"""


def run_seconds(program: str, *arguments: object) -> list[float]:
    """The numbers that a new process of ``program`` prints, given when it was started."""
    result = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments), str(time.monotonic())],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    return [float(number) for number in result.stdout.split()]


def first_photo_seconds(folder: Path, name: str) -> tuple[float, float]:
    """Start of a new process of the real application until the photo is painted.

    Args:
        folder: the photos.
        name: what the name of the photo that is shown first begins with.

    Returns:
        By the clock on the wall, and of the processor, all threads together.
    """
    wall, processor = run_seconds(_FIRST_PHOTO, folder, name)
    return wall, processor


def summary(values: Sequence[float], unit: str, digits: int = 3) -> dict[str, Any]:
    """Median, 95th and 99th percentile and maximum of measured values."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], digits)

    return {
        "unit": unit,
        "n": len(ordered),
        "median": round(statistics.median(ordered), digits),
        "p95": at(0.95),
        "p99": at(0.99),
        "max": round(ordered[-1], digits),
    }


def report(name: str, **figures: Any) -> None:
    """Print a benchmark's figures as one JSON object."""
    print(
        json.dumps(
            {
                "benchmark": name,
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                **figures,
            },
            indent=1,
        )
    )

"""Memory of one 48-megapixel photo, open in the real window.  Prints JSON, in megabytes.

    python benchmarks/memory.py [--size 8000x6000]

The real application in a process of its own, without the thread that runs TensorFlow: first the
empty window, then the same window with the photo, its mask and its prediction on show, after
the garbage is collected and the allocator has returned what is free.  The limit is the photo's
RGB bytes × 2.5 + 150 MB over the empty window; the highest point while the photo was being
loaded is a figure of its own.  The mask on show is the prediction, or a label that differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from _support import isolate, report

_NAME = "photo.jpg"

_COMMON = """
import ctypes, gc, json, sys, threading, time
from pathlib import Path
import numpy as np
from petseg_gui.services.inference import InferenceService
InferenceService.start = lambda self: None  # TensorFlow is another matter
from petseg_gui.app import create_main_window
from PySide6.QtWidgets import QApplication, QWidget

folder = Path(sys.argv[1])
window = create_main_window([])
window.resize(1600, 1000)
window.show()
app = QApplication.instance()
canvas = window.findChild(QWidget, "canvas")
review = window._review

def settle(seconds):
    # Nothing tells when all that runs in the background is over.
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.005)

def open_photo():
    window.open_folder(folder)
    while not canvas.has_document:
        app.processEvents()
        time.sleep(0.002)
    settle(4)
"""

_PREPARE = (
    _COMMON
    + """
open_photo()
rows, columns = canvas.mask().shape
two = np.random.default_rng(0).integers(0, 128, (256, 256, 2), np.uint8)
probabilities = np.dstack([two, 255 - two.sum(axis=2, dtype=np.uint8)])
mask = np.full((rows, columns), 2, np.uint8)
mask[rows // 4 : rows // 2, columns // 4 : columns // 2] = 1
review.project.write_prediction("photo.jpg", review.model, mask, probabilities)
if sys.argv[2] == "label":
    mask[: rows // 3, : columns // 3] = 1
    from petseg_gui.core.records import Provenance
    review.project.save_label("photo.jpg", mask, Provenance(review.model, 3), accept=False)
window.close()
"""
)

_MEASURE = (
    _COMMON
    + """
def figures():
    text = Path("/proc/self/smaps_rollup").read_text()
    found = {line.split(":")[0]: line.split()[1] for line in text.splitlines()[1:]}
    return {"pss": int(found["Pss"]) / 1024, "rss": int(found["Rss"]) / 1024}

def settled():
    settle(1)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return figures()

def high_water():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(l.split()[1]) for l in lines if l.startswith("VmHWM")) / 1024

settle(2)
empty = settled()
Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
open_photo()
peak = high_water()
canvas.set_view_mode("changes")
settle(0.5)
canvas.set_view_mode("overlay")
shown = settled()
prediction = canvas.prediction is not None
print(json.dumps({"empty": empty, "shown": shown, "peak_rss": peak, "prediction": prediction}))
window.close()
"""
)


def _run(program: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ,
        timeout=300,
    )
    return result.stdout


def _write_photo(path: Path, width: int, height: int) -> None:
    """A JPEG with something in it, but nothing that takes long to encode."""
    small = np.random.default_rng(0).integers(0, 256, (height // 50, width // 50, 3), np.uint8)
    photo = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if not cv2.imwrite(str(path), photo):
        raise OSError(f"{path} could not be written")


def _measure(work: Path, kind: str, width: int, height: int) -> dict[str, object]:
    folder = work / kind
    folder.mkdir()
    _write_photo(folder / _NAME, width, height)
    _run(_PREPARE, str(folder), kind)
    found = json.loads(_run(_MEASURE, str(folder)))
    empty, shown = found["empty"], found["shown"]
    return {
        "prediction_on_show": found["prediction"],
        "empty_window_pss": round(empty["pss"], 1),
        "photo_pss": round(shown["pss"] - empty["pss"], 1),
        "photo_rss": round(shown["rss"] - empty["rss"], 1),
        "peak_while_loading_rss": round(found["peak_rss"] - empty["rss"], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="8000x6000", help="of the photo")
    width, height = (int(side) for side in parser.parse_args().size.split("x"))
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        isolate(work)
        os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        results = {kind: _measure(work, kind, width, height) for kind in ("prediction", "label")}
    megabytes = 1 << 20
    rgb = 3 * width * height / megabytes
    limit = 2.5 * rgb + 150e6 / megabytes
    report(
        "memory",
        unit="MiB",
        photo=f"{width}x{height}",
        rgb=round(rgb, 1),
        limit_over_empty_window=round(limit, 1),
        mask_from=results,
    )


if __name__ == "__main__":
    main()

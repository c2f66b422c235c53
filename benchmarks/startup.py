"""Process start to first photo on screen, with 50 and 5,000 photos in the folder.

    python benchmarks/startup.py [--runs 7]

Each run is a new process of the real application; the clock starts before the process does and
stops when the canvas has painted the photo.  Limits: 0.9 s and 1.0 s (medians).  Beside it, in
the same run: merely importing Qt, numpy and OpenCV and showing a photo.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _support import fill, isolate, photos, report, summary

_APPLICATION = """
import sys, time
from petseg_gui.app import create_main_window
window = create_main_window([sys.argv[1]])
window.show()
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication.instance()
canvas = window.findChild(QWidget, "canvas")
while not canvas.has_document or not window.windowTitle().startswith("00000-"):
    app.processEvents()
canvas.repaint()
print(time.monotonic() - float(sys.argv[2]), flush=True)
window.close()
"""

_BARE = """
import sys, time
import numpy, cv2
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
label.setPixmap(QPixmap(sys.argv[1]))
label.show()
app.processEvents()
label.repaint()
print(time.monotonic() - float(sys.argv[2]), flush=True)
"""


def _seconds(program: str, argument: Path) -> float:
    command = [sys.executable, "-c", program, str(argument)]
    result = subprocess.run(
        [*command, str(time.monotonic())],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    return float(result.stdout.split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        isolate(work)
        os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        folders = {count: work / str(count) for count in (50, 5000)}
        for count, folder in folders.items():
            fill(folder, count)
        found: dict[str, list[float]] = {"bare": [], "50": [], "5000": []}
        for turn in range(runs + 1):  # the first turn fills the caches and does not count
            times = {"bare": _seconds(_BARE, photos()[0])}
            times |= {str(n): _seconds(_APPLICATION, folder) for n, folder in folders.items()}
            if turn:
                for key, value in times.items():
                    found[key].append(value)
    report(
        "startup",
        bare_qt_numpy_opencv=summary(found["bare"], "s"),
        first_photo_of_50=summary(found["50"], "s"),
        first_photo_of_5000=summary(found["5000"], "s"),
        limits={"first_photo_of_50": 0.9, "first_photo_of_5000": 1.0},
    )


if __name__ == "__main__":
    main()

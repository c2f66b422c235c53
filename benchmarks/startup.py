"""Process start to first photo on screen, with 50 and 5,000 photos in the folder.

    python benchmarks/startup.py [--runs 7]

Each run is a new process of the real application; the clock starts before the process does and
stops when the canvas has painted the photo.  Limits: 0.9 s and 1.0 s (medians).  Beside it, in
the same run: merely importing Qt, numpy and OpenCV and showing a photo.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from _support import fill, first_photo_seconds, isolate, photos, report, run_seconds, summary

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
            times = {"bare": run_seconds(_BARE, photos()[0])[0]}
            for count, folder in folders.items():
                times[str(count)] = first_photo_seconds(folder, "00000-")[0]
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

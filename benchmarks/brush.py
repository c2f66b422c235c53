"""Brush latency: from a mouse event to the frame that shows it.  Prints JSON, in milliseconds.

    python -m benchmarks.brush [--events 400] [--window 1600x1000]
    python -m benchmarks.brush --napari PYTHON [--peer SCRIPT]

Each event is one mouse move of a drag, sent to the canvas, followed by what the event loop
does about it; a run in which some event brought no frame of its own fails.  The photo is fitted
to the window, as it is when it is opened, and shown at 100 % for comparison.  'square' and
'keep_border' are the same with those options on; 'release_ms' is what the end of a stroke of
40 events costs, when the gesture is committed and, with 'keep_border', the border laid anew;
'cpu_…' is the time that the thread itself was at work, whatever else the machine was doing.

With ``--napari``, a Python in which napari is installed, the peer's script and ours paint on
8000×6000 one after the other, both under xvfb-run, and the ratio of their medians is printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import _support
import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas

SIZES = ((1024, 768), (4000, 3000), (8000, 6000))
BRUSHES = (30, 60, 120, 1000)
VARIANTS = {
    "square": ToolOptions(square_brush=True),
    "keep_border": ToolOptions(keep_border=True),
}
STROKE = 40
"""Events of a stroke whose end is timed: a third of a second of a mouse."""
PEER_CASES = ((8000, 6000, 120), (8000, 6000, 1000))
# What the product promises; the medians for brushes up to 120, the p95 for 120 and for 1000.
MEDIAN_MS, P95_MS, P95_MS_1000, TIMES_FASTER = 1.5, 3.0, 10.0, 20.0


class CountingCanvas(Canvas):
    """Counts its frames, so that the benchmark cannot time what was never painted."""

    frames = 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint, and count."""
        super().paintEvent(event)
        self.frames += 1


def send(canvas: CountingCanvas, kind: QEvent.Type, point: QPointF) -> None:
    button = Qt.MouseButton.LeftButton
    moved = kind == QEvent.Type.MouseMove
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    QApplication.sendEvent(
        canvas,
        QMouseEvent(
            kind,
            point,
            canvas.mapToGlobal(point),
            Qt.MouseButton.NoButton if moved else button,
            held,
            Qt.KeyboardModifier.NoModifier,
        ),
    )


def timed(canvas: CountingCanvas, kind: QEvent.Type, point: QPointF) -> tuple[float, float]:
    """Milliseconds from an event to the frame after it: by the clock, and of this thread."""
    start, busy = time.perf_counter(), time.thread_time()
    send(canvas, kind, point)
    # Paints what update() asked for; repaint() would paint the whole canvas.
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - start), 1000 * (time.thread_time() - busy)


Times = list[tuple[float, float]]


def drag(canvas: CountingCanvas, events: int) -> tuple[Times, float]:
    """Times of each event of one drag along a curve over the window; milliseconds of its end."""
    width, height = canvas.width(), canvas.height()
    times = []
    for i in range(events + 1):
        # About 6 widget pixels a step, as a hand in a hurry moves at 125 events a second.
        angle = 6 * i / (0.3 * height)
        point = QPointF(
            width / 2 + 0.3 * width * math.cos(0.37 * angle),
            height / 2 + 0.3 * height * math.sin(angle),
        )
        if i == 0:
            send(canvas, QEvent.Type.MouseButtonPress, point)
            canvas.repaint()
        else:
            times.append(timed(canvas, QEvent.Type.MouseMove, point))
    return times, timed(canvas, QEvent.Type.MouseButtonRelease, point)[0]


def measure(canvas: CountingCanvas, brush: int, events: int) -> dict[str, float]:
    """One drag of ``events`` events, and the ends of five short strokes."""
    canvas.set_brush_diameter(brush)
    canvas.repaint()
    releases = [drag(canvas, STROKE)[1] for _ in range(5)]
    gc.collect()
    before = canvas.frames
    times, busy = np.array(drag(canvas, events)[0]).T
    if canvas.frames - before < events:
        raise RuntimeError(f"{events} events brought only {canvas.frames - before} frames")
    return {
        "median_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.percentile(times, 95)), 3),
        "max_ms": round(float(times.max()), 3),
        "cpu_median_ms": round(float(np.median(busy)), 3),
        "cpu_p95_ms": round(float(np.percentile(busy, 95)), 3),
        "release_ms": round(statistics.median(releases), 3),
    }


def pictures(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """A photo of noise, and a mask with a pet in its middle."""
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    mask = np.full((height, width), 2, np.uint8)
    mask[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = 1
    return photo, mask


def results(canvas: CountingCanvas, events: int) -> list[dict[str, Any]]:
    """All sizes, zooms, brushes and options."""
    found = []
    for width, height in SIZES:
        photo, mask = pictures(width, height)
        cases = [(zoom, "plain", brush) for zoom in ("fit", "100 %") for brush in BRUSHES]
        cases += [("fit", variant, brush) for variant in VARIANTS for brush in BRUSHES[2:]]
        for zoom, variant, brush in cases:
            canvas.set_document(photo, EditSession("photo", mask))
            canvas.set_tool_options(VARIANTS.get(variant, ToolOptions()))
            (canvas.zoom_to_fit if zoom == "fit" else canvas.zoom_to_actual)()
            QApplication.processEvents()
            where = {"photo": f"{width}x{height}", "zoom": zoom, "brush": brush}
            found.append({**where, "options": variant, **measure(canvas, brush, events)})
    return found


def judged(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The worst figures against what is promised, and how they grow with the photo."""
    plain = [case for case in found if case["options"] == "plain"]
    small = [case for case in plain if case["brush"] <= 120]
    large = [case for case in plain if case["brush"] == 1000]

    def at_100(photo: str) -> float:
        medians = [c["median_ms"] for c in small if c["photo"] == photo and c["zoom"] == "100 %"]
        return float(statistics.median(medians))

    first, last = (f"{width}x{height}" for width, height in (SIZES[0], SIZES[-1]))
    promises = (("median_ms", small, MEDIAN_MS), ("p95_ms", small, P95_MS))
    verdicts = {}
    for figure, cases, limit in (*promises, ("p95_ms", large, P95_MS_1000)):
        got = max(case[figure] for case in cases)
        verdicts[f"{figure}_{'up_to_120' if cases is small else 'at_1000'}"] = {
            "worst": got,
            "worst_cpu": max(case[f"cpu_{figure}"] for case in cases),
            "limit": limit,
            "met": got <= limit,
        }
    return {
        **verdicts,
        "growth_from_smallest_to_largest_photo_at_100_%": round(at_100(last) / at_100(first), 2),
    }


def compared(python: str | None, peer: str | None, events: int) -> dict[str, Any] | str:
    """The peer's figures beside ours, each in a process of its own under xvfb-run; or why not."""
    shared = _support.shared()
    script = Path(peer) if peer else shared / "peers/napari_brush.py" if shared else None
    if python is None:
        return "not compared: give --napari, a Python in which napari is installed"
    if script is None or not script.is_file():
        return f"not compared: there is no peer's script {script or ''}".rstrip()
    if shutil.which("xvfb-run") is None:
        return "not compared: there is no xvfb-run"
    if subprocess.run([python, "-c", "import napari"], capture_output=True, check=False).returncode:
        return "not compared: that Python has no napari"
    found: dict[str, Any] = {"napari": _napari_version(python), "cases": []}
    for width, height, brush in PEER_CASES:
        size = [str(width), str(height), str(brush)]
        theirs = _under_xvfb([python, str(script), *size, str(events)])
        line = re.search(r"p50 ([\d.]+) p95 ([\d.]+)", theirs)
        if line is None:
            raise RuntimeError(f"the peer's script printed no figures: {theirs!r}")
        ours = json.loads(_under_xvfb([sys.executable, __file__, "--case", "x".join(size)]))
        median = float(line[1])
        ratio = round(median / ours["median_ms"], 1)
        found["cases"].append(
            {
                "photo": f"{width}x{height}",
                "brush": brush,
                "napari": {"median_ms": median, "p95_ms": float(line[2])},
                "petseg": ours,
                "times_faster": ratio,
                "met": ratio >= TIMES_FASTER,
            }
        )
    return found


def _napari_version(python: str) -> str:
    command = [python, "-c", "import napari; print(napari.__version__)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _under_xvfb(command: list[str]) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]
    done = subprocess.run(
        [*screen, *command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def shown(window: str) -> CountingCanvas:
    """A canvas of that size on the screen."""
    canvas = CountingCanvas()
    canvas.resize(*(int(side) for side in window.split("x")))
    canvas.show()
    QApplication.processEvents()
    return canvas


def main() -> None:
    parser = argparse.ArgumentParser(description="Brush latency, as JSON.")
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--window", default="1600x1000", help="size of the canvas")
    parser.add_argument("--napari", help="a Python in which napari is installed")
    parser.add_argument("--peer", help="the script that measures napari")
    parser.add_argument("--case", help="only this: WIDTHxHEIGHTxBRUSH, fitted to the window")
    arguments = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    canvas = shown(arguments.window)
    if arguments.case:
        width, height, brush = (int(part) for part in arguments.case.split("x"))
        photo, mask = pictures(width, height)
        canvas.set_document(photo, EditSession("photo", mask))
        application.processEvents()
        print(json.dumps(measure(canvas, brush, arguments.events)))
        return
    found = results(canvas, arguments.events)
    canvas.hide()
    _support.report(
        "brush",
        window=arguments.window,
        results=found,
        promised=judged(found),
        peer=compared(arguments.napari, arguments.peer, 120),
    )


if __name__ == "__main__":
    main()

"""Brush latency: from a mouse event to the frame that shows it.  Prints JSON, in milliseconds.

    python -m benchmarks.brush [--events 400] [--window 1600x1000]

Each event is one mouse move of a drag, sent to the canvas, followed by what the event loop
does about it; a run in which some event brought no frame of its own fails.  The photo is fitted
to the window, as it is when it is opened, and shown at 100 % for comparison.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import time

import _support  # noqa: F401 - lets a checkout that is not installed be found
import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from petseg_gui.core.session import EditSession
from petseg_gui.ui.canvas import Canvas

SIZES = ((1024, 768), (4000, 3000), (8000, 6000))
BRUSHES = (30, 60, 120, 1000)


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


def drag(canvas: CountingCanvas, events: int) -> list[float]:
    """Milliseconds of each event of one drag along a curve over the middle of the window."""
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
            continue
        start = time.perf_counter()
        send(canvas, QEvent.Type.MouseMove, point)
        # Paints what update() asked for; repaint() would paint the whole canvas.
        QApplication.processEvents()
        times.append(1000 * (time.perf_counter() - start))
    send(canvas, QEvent.Type.MouseButtonRelease, point)
    return times


def measure(canvas: CountingCanvas, brush: int, events: int) -> dict[str, float]:
    canvas.set_brush_diameter(brush)
    canvas.repaint()
    drag(canvas, 10)
    gc.collect()
    before = canvas.frames
    times = np.array(drag(canvas, events))
    if canvas.frames - before < events:
        raise RuntimeError(f"{events} events brought only {canvas.frames - before} frames")
    return {
        "median_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.percentile(times, 95)), 3),
        "max_ms": round(float(times.max()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Brush latency, as JSON.")
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--window", default="1600x1000", help="size of the canvas")
    arguments = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    canvas = CountingCanvas()
    canvas.resize(*(int(side) for side in arguments.window.split("x")))
    canvas.show()
    application.processEvents()
    rng = np.random.default_rng(0)
    results = []
    for width, height in SIZES:
        photo = rng.integers(0, 256, (height, width, 3), np.uint8)
        mask = np.full((height, width), 2, np.uint8)
        for zoom, show in (("fit", canvas.zoom_to_fit), ("100 %", canvas.zoom_to_actual)):
            for brush in BRUSHES:
                canvas.set_document(photo, EditSession("photo", mask))
                show()
                application.processEvents()
                figures = measure(canvas, brush, arguments.events)
                where = {"photo": f"{width}x{height}", "zoom": zoom, "brush": brush}
                results.append({**where, **figures})
    print(json.dumps({"window": arguments.window, "results": results}, indent=1))


if __name__ == "__main__":
    main()

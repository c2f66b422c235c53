"""The views on screens whose device pixel ratio is not 1: what is redrawn piece by piece is whole.

Qt reads the scale factor once, when the application starts: each ratio has a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys, time
import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QWidget
from petseg_gui.core.mask import Patch, Rect
from petseg_gui.core.predictions import Prediction
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.looks import MODES
from petseg_gui.ui.canvas.pyramid import PhotoPyramid
from petseg_gui.ui.canvas.surface import PhotoSurface

application = QApplication([])
ratio = float(sys.argv[1])
rng = np.random.default_rng(0)
host = QWidget()
# The offscreen platform hands out the top left part of a scaled window only: all in there.
host.resize(420, 330)
surface = PhotoSurface(host)
# It begins between device pixels and ends at whole ones.
surface.setGeometry(13, 7, 183, 141)
mask = np.full((90, 120), 2, np.uint8)
surface._show_photo(PhotoPyramid(rng.integers(0, 256, (90, 120, 3), np.uint8)), mask)
probabilities = rng.integers(0, 256, (16, 16, 3), np.uint8)
def predicted(seed):
    coarse = np.random.default_rng(seed).integers(1, 4, (9, 12), np.uint8)
    return Prediction("model", np.kron(coarse, np.ones((10, 10), np.uint8)), probabilities)
surface.set_prediction(predicted(1))
surface.set_earlier_prediction(predicted(2))
host.show()

def painted():
    surface.update(0, 0, 1, 1)
    before = frames[0]
    while frames[0] == before:
        application.processEvents()

frames = [0]
paint = PhotoSurface.paintEvent
def counted(self, event):
    paint(self, event)
    frames[0] += 1
PhotoSurface.paintEvent = counted

def array(pixmap):
    image = pixmap.toImage()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, :, 2::-1].copy()

def check(what):
    painted()
    shown = array(host.grab())
    screen = array(host.screen().grabWindow(host.winId()))
    part = shown[: screen.shape[0], : screen.shape[1]]
    differs = np.argwhere((screen != part).any(axis=2))
    assert not len(differs), (what, differs[:5], len(differs))
    # The canvas itself is in that part.
    assert screen.shape[0] >= 147 * ratio, screen.shape

painted()
assert surface.devicePixelRatioF() == ratio
for mode in MODES:
    surface.set_view_mode(mode)
    check(mode)
    mask[20:50, 30:70] = 1
    mask[25:45, 35:60] = 3
    surface._mask_changed(Rect(30, 20, 40, 30))
    check((mode, "edit"))
    surface._show_preview(Patch(10, 35, np.ones((30, 41), bool), 1))
    check((mode, "preview"))
    for points in (((5, 5), (90, 30)), ((5, 5), (90, 30), (20.5, 77.5)), ((5, 5), (90, 30))):
        surface.set_outline(Outline(points, closed=True, handles=True))
        check((mode, points))
    surface.pan(7, -5)
    check((mode, "pan"))
    surface.zoom_at(QPointF(60, 40), 0.9)
    check((mode, "zoom"))
    surface._show_preview(None)
    surface.set_outline(None)
    check((mode, "gone"))
surface.set_wipe(True)
for mode in ("changes", "models"):
    surface.set_view_mode(mode)
    for x in (90, 93, 60.4, 130):
        surface.drag_wipe(QPointF(x, 30))
        check((mode, x))
    mask[20:50, 30:70] = 2
    surface._mask_changed(Rect(30, 20, 40, 30))
    check((mode, "edit"))
    surface.pan(-6, 3)
    check((mode, "pan"))
"""


@pytest.mark.parametrize("ratio", ["1", "1.25", "1.5", "2"])
def test_partial_redraws_leave_no_trace_at_any_ratio(ratio: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": ratio}
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, ratio],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr

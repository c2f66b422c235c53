"""The canvas on screens whose device pixel ratio is not 1, in a process of its own.

Qt reads the scale factor once, when the application starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from petseg_gui.core.session import EditSession
from petseg_gui.ui.canvas import Canvas

application = QApplication([])
ratio = float(sys.argv[1])
host = QWidget()
host.resize(420, 330)
canvas = Canvas(host)
canvas.setGeometry(13, 7, 401, 303)
canvas.set_document(np.full((90, 120, 3), 90, np.uint8),
                    EditSession("cat", np.full((90, 120), 2, np.uint8)))
canvas.set_overlay_opacity(1.0)
host.show()
application.processEvents()
assert canvas.devicePixelRatioF() == ratio, canvas.devicePixelRatioF()
canvas.zoom_to_actual()
canvas.pan(-60, -40)
canvas.set_brush_diameter(40)
point = canvas.image_to_widget(60, 45)
left = Qt.MouseButton.LeftButton
for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove):
    held = left if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
    QApplication.sendEvent(canvas, QMouseEvent(
        kind, point, canvas.mapToGlobal(point), held, left, Qt.KeyboardModifier.NoModifier))
QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
application.processEvents()

def array(pixmap):
    image = pixmap.toImage()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, :, 2::-1].copy()

shown = array(host.grab())
# What the events had redrawn piece by piece is what a whole new painting shows.
# (Of a scaled window, the offscreen platform hands out the top left part only.)
screen = array(host.screen().grabWindow(host.winId()))
np.testing.assert_array_equal(screen, shown[:screen.shape[0], :screen.shape[1]])
assert (screen == (230, 159, 0)).all(axis=2).sum() > 1200
orange = (shown == (230, 159, 0)).all(axis=2)
# At 100 % each mask pixel is one device pixel: the very shape of the mask is on the screen.
rows, columns = np.nonzero(orange)
cut = orange[rows.min(): rows.max() + 1, columns.min(): columns.max() + 1]
mask = canvas.mask() == 1
mask_rows, mask_columns = np.nonzero(mask)
expected = mask[mask_rows.min(): mask_rows.max() + 1, mask_columns.min(): mask_columns.max() + 1]
assert expected.sum() > 1200
np.testing.assert_array_equal(cut, expected)
# And it is where the canvas says, to the device pixel.
corner = canvas.mapTo(host, canvas.image_to_widget(mask_columns.min(), mask_rows.min())) * ratio
assert abs(columns.min() - corner.x()) <= 0.51, (columns.min(), corner)
assert abs(rows.min() - corner.y()) <= 0.51, (rows.min(), corner)
"""


@pytest.mark.parametrize("ratio", ["1.25", "1.5", "2"])
def test_mask_pixels_are_whole_device_pixels_at_any_ratio(ratio: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": ratio}
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, ratio],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr

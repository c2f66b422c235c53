"""Pictures of the canvas beside those kept in ``snapshots``, within a tolerance.

    PETSEG_KEEP_SNAPSHOTS=1 pytest tests/gui/test_canvas_snapshots.py

keeps what it shows now; look at the pictures before committing them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from petseg_gui.core.mask import Patch
from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from tests.gui.pointing import NONE, at, click, draw, key, leave, move, pixels, press

FOLDER = Path(__file__).with_name("snapshots")
SIZE = (160, 120)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(*SIZE)
    widget.show()
    qtbot.waitExposed(widget)
    rows, columns = np.mgrid[:50, :70]
    shade = np.stack([60 + 2 * columns, 40 + 3 * rows, 200 - 2 * columns], axis=2)
    mask = np.where(np.hypot(rows - 25, columns - 35) < 14, 1, 2)
    rim = np.abs(np.hypot(rows - 25, columns - 35) - 14.5) < 1.5
    mask[rim] = 3
    widget.set_document(shade.astype(np.uint8), EditSession("cat", mask.astype(np.uint8)))
    widget.set_background(QColor(40, 40, 40))
    widget.set_brush_diameter(12)
    widget.zoom_to_actual()
    widget.zoom_at(QPointF(80, 60), 2)
    leave(widget)  # wherever the real pointer was
    return widget


def stroke_and_ring(canvas: Canvas) -> None:
    draw(canvas, [(10.5, 10.5), (40.5, 14.5)])
    move(canvas, at(canvas, (50, 30))[0], NONE)


def square_ring(canvas: Canvas) -> None:
    canvas.set_tool_options(ToolOptions(square_brush=True))
    canvas.set_label(3)
    draw(canvas, [(10.5, 10.5), (40.5, 14.5)])
    move(canvas, at(canvas, (50, 30))[0], NONE)


def tiny_ring(canvas: Canvas) -> None:
    canvas.set_brush_diameter(1)
    move(canvas, at(canvas, (30, 20))[0], NONE)


def straight_line_to_come(canvas: Canvas) -> None:
    draw(canvas, [(10.5, 10.5), (20.5, 40.5)])
    canvas.setFocus()
    move(canvas, at(canvas, (60, 30))[0], NONE)
    key(canvas, Qt.Key.Key_Shift)


def lasso_line(canvas: Canvas) -> None:
    canvas.set_tool("lasso")
    first, *others = at(canvas, (10, 10), (50, 8), (60, 30), (40, 44))
    press(canvas, first)
    for point in others:
        move(canvas, point)


def polygon_band(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    for point in at(canvas, (10, 10), (50, 8), (60, 30)):
        click(canvas, point)
    move(canvas, at(canvas, (30, 44))[0], NONE)


def box_band(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    canvas.set_tool_options(ToolOptions(smart_box=True))
    first, last = at(canvas, (10, 8), (60, 40))
    press(canvas, first)
    move(canvas, last)


def pending_selection(canvas: Canvas) -> None:
    canvas.set_tool("smart")  # no ring, wherever another test has left the pointer
    canvas.set_preview(Patch(5, 5, np.ones((25, 30), np.bool_), 1), "smart select", keep=True)


@pytest.mark.parametrize(
    "scene",
    [
        stroke_and_ring,
        square_ring,
        tiny_ring,
        straight_line_to_come,
        lasso_line,
        polygon_band,
        box_band,
        pending_selection,
    ],
)
def test_the_canvas_looks_as_it_did(canvas: Canvas, scene: Callable[[Canvas], None]) -> None:
    scene(canvas)
    shown = pixels(canvas)
    path = FOLDER / f"{scene.__name__}.png"
    if os.environ.get("PETSEG_KEEP_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        Image.fromarray(shown).save(path, optimize=True)
    with Image.open(path) as image:
        kept = np.asarray(image.convert("RGB")).astype(np.int16)
    difference = np.abs(shown - kept).max(axis=2)
    # Another version of Qt may soften lines in another way, and round colours.
    assert (difference > 48).mean() < 0.002
    assert difference.mean() < 1.0

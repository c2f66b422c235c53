"""Uses every tool by raw events on a screen of any device pixel ratio; run as a script.

    QT_SCALE_FACTOR=1.5 python tests/gui/every_tool.py RATIO FILE.npz

Writes each tool's mask.  Fails where the frame on the screen is not that mask to the pixel, or
the ring not where the brush paints.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget

from petseg_gui.core.session import EditSession
from petseg_gui.core.smart import SmartSelection, SmartStroke
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from tests.gui.pointing import (
    NONE,
    RIGHT,
    SHIFT,
    Point,
    at,
    click,
    double_click,
    draw,
    key,
    leave,
    move,
    pen_device,
    pen_drag,
    pixels,
    wheel,
)

HEIGHT, WIDTH = 90, 120
ORANGE = (230, 159, 0)
LOOP: list[Point] = [(20.3, 15.7), (80.1, 20.2), (95.6, 60.9), (50.4, 80.3), (18.2, 55.1)]
PATH: list[Point] = [(30.2, 30.4), (60.7, 41.3), (85.9, 70.2)]


def picture() -> np.ndarray:
    """Two greys, so that colours can be filled, and edges found."""
    made = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    made[30:60, 40:80] = 140
    return made


def brush(canvas: Canvas) -> None:
    draw(canvas, PATH)


def square_brush(canvas: Canvas) -> None:
    canvas.set_tool_options(ToolOptions(square_brush=True))
    draw(canvas, PATH)


def straight_line(canvas: Canvas) -> None:
    click(canvas, at(canvas, PATH[0])[0])
    click(canvas, at(canvas, PATH[2])[0], keys=SHIFT)


def pen(canvas: Canvas) -> None:
    points = zip(at(canvas, *PATH), (0.3, 1.0, 0.6), strict=True)
    pen_drag(canvas, list(points), pen_device())


def resized_brush(canvas: Canvas) -> None:
    """Shift and the wheel set the size; the ring goes with it."""
    (point,) = at(canvas, PATH[1])
    move(canvas, point, NONE)
    for _ in range(3):
        wheel(canvas, point, 1, SHIFT)
    draw(canvas, PATH[:2])


def zoomed_brush(canvas: Canvas) -> None:
    """The size on the screen is kept; the wheel zooms at the pointer."""
    canvas.set_tool_options(ToolOptions(size_on_screen=True))
    wheel(canvas, at(canvas, PATH[1])[0])
    draw(canvas, PATH)


def eraser(canvas: Canvas) -> None:
    canvas.set_tool("rectangle")
    draw(canvas, [(5.2, 5.2), (110.4, 80.6)])
    canvas.set_tool("eraser")
    draw(canvas, PATH)


def lasso(canvas: Canvas) -> None:
    canvas.set_tool("lasso")
    draw(canvas, LOOP)


def polygon(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    corners = at(canvas, *LOOP)
    for corner in corners[:-1]:
        click(canvas, corner)
    click(canvas, QPointF(*(corners[1].toTuple())))
    key(canvas, Qt.Key.Key_Backspace)
    double_click(canvas, corners[-1])


def rectangle(canvas: Canvas) -> None:
    canvas.set_tool("rectangle")
    draw(canvas, [(20.2, 20.9), (70.6, 60.3)], keys=SHIFT)


def fill(canvas: Canvas) -> None:
    canvas.set_tool("rectangle")
    canvas.set_label(3)
    draw(canvas, [(20.2, 20.9), (70.6, 60.3)])
    canvas.set_tool("fill")
    canvas.set_label(1)
    click(canvas, at(canvas, (40.5, 40.5))[0])


def colour_fill(canvas: Canvas) -> None:
    canvas.set_tool_options(ToolOptions(fill_by_colour=True))
    canvas.set_tool("fill")
    click(canvas, at(canvas, (60.5, 45.5))[0])


def smart(canvas: Canvas) -> None:
    canvas.set_tool("smart")
    canvas.selectionAsked.connect(lambda stroke: _answer(canvas, stroke))
    draw(canvas, [(50.2, 40.4), (70.1, 50.2)])
    key(canvas, Qt.Key.Key_Return)


def kept_border(canvas: Canvas) -> None:
    canvas.set_tool_options(ToolOptions(keep_border=True))
    draw(canvas, PATH)
    draw(canvas, PATH[:2], RIGHT)


def _answer(canvas: Canvas, stroke: SmartStroke) -> None:
    """The selection, at once."""
    # To a thousandth of a pixel: what the screen's scale leaves of rounding is not the test's.
    points = tuple((round(x, 3), round(y, 3)) for x, y in stroke.points)
    assert canvas.photo is not None
    selection = SmartSelection(canvas.photo, canvas.mask(), None, canvas.label)
    patch = selection.add(SmartStroke(points, stroke.include, stroke.box))
    assert patch is not None
    canvas.set_preview(patch, "smart select", keep=True)


TOOLS: tuple[Callable[[Canvas], None], ...] = (
    brush,
    square_brush,
    straight_line,
    pen,
    resized_brush,
    zoomed_brush,
    eraser,
    lasso,
    polygon,
    rectangle,
    fill,
    colour_fill,
    smart,
    kept_border,
)


def fresh(host: QWidget, ratio: float) -> Canvas:
    """A canvas at an odd place of the window, 3 device pixels for each photo pixel."""
    canvas = Canvas(host)
    canvas.setGeometry(13, 7, 401, 303)
    canvas.set_document(picture(), EditSession("cat", np.full((HEIGHT, WIDTH), 2, np.uint8)))
    canvas.set_overlay_opacity(1.0)
    canvas.set_brush_diameter(14)
    canvas.show()
    QApplication.processEvents()
    assert canvas.devicePixelRatioF() == ratio, canvas.devicePixelRatioF()
    canvas.zoom_at(QPointF(200, 150), 3 / canvas.zoom)
    return canvas


def check_frame(canvas: Canvas) -> None:
    """At the middle of every photo pixel, the screen has the colour of the mask."""
    leave(canvas)
    shown = pixels(canvas)
    height, width = shown.shape[:2]
    for value, colour in ((1, ORANGE),):
        for row, column in np.ndindex(HEIGHT, WIDTH):
            point = canvas.image_to_widget(column + 0.5, row + 0.5) * canvas.devicePixelRatioF()
            x, y = int(point.x()), int(point.y())
            if 0 <= x < width and 0 <= y < height:
                has = tuple(int(part) for part in shown[y, x]) == colour
                assert has == (canvas.mask()[row, column] == value), (row, column, shown[y, x])


def check_ring(canvas: Canvas) -> None:
    """The ring lies where the brush paints, in device pixels."""
    ratio = canvas.devicePixelRatioF()
    (point,) = at(canvas, (60.25, 45.75))
    leave(canvas)
    bare = pixels(canvas)
    move(canvas, point, NONE)
    rows, columns = np.nonzero((pixels(canvas) != bare).any(axis=2))
    far = np.hypot(columns + 0.5 - point.x() * ratio, rows + 0.5 - point.y() * ratio)
    radius = canvas.brush_diameter * canvas.zoom / 2
    assert np.abs(far - radius).max() <= 1.5 * max(1, round(ratio)) + 1.5
    leave(canvas)
    np.testing.assert_array_equal(pixels(canvas), bare)


def main(ratio: float, path: Path) -> None:
    """Use every tool, each on a canvas of its own."""
    application = QApplication([])
    host = QWidget()
    host.resize(420, 330)
    host.show()
    masks: dict[str, np.ndarray] = {}
    for tool in TOOLS:
        canvas = fresh(host, ratio)
        check_ring(canvas)
        tool(canvas)
        masks[tool.__name__] = canvas.mask().copy()
        assert 1 in masks[tool.__name__], tool
        check_frame(canvas)
        canvas.deleteLater()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    np.savez(path, **masks)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))

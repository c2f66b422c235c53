"""The cursor tells the truth, and the hint says what buttons and keys do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from petseg_gui.core.mask import Patch
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.canvas.area_cursors import AreaCursors
from petseg_gui.ui.canvas.cursor import BrushCursor
from petseg_gui.ui.canvas.tools import TOOLS
from tests.gui.pointing import NONE, at, click, move, photo, session

AREAS = ("lasso", "polygon", "rectangle", "fill", "smart")


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_document(photo(), session())
    return widget


def drawn(canvas: Canvas) -> bytes:
    image = canvas.cursor().pixmap().toImage()
    return bytes(image.constBits())


def test_every_tool_has_a_cursor_of_its_own(canvas: Canvas) -> None:
    seen = set()
    for name in TOOLS:
        canvas.set_tool(name)
        move(canvas, QPointF(200, 200), NONE)
        if name in AREAS:
            assert canvas._ring is None
            assert canvas.cursor().shape() == Qt.CursorShape.BitmapCursor
            assert canvas.cursor().hotSpot().toTuple() == (11, 11)
            seen.add(drawn(canvas))
        else:
            assert canvas._ring is not None
            assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    canvas.set_tool_options(ToolOptions(smart_box=True))
    seen.add(drawn(canvas))
    assert len(seen) == len(AREAS) + 1


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_cross_hair_is_sharp_and_leaves_its_middle_free(qtbot: QtBot, ratio: float) -> None:
    pixmap = AreaCursors().of("lasso", ratio).pixmap()
    assert pixmap.devicePixelRatio() == ratio
    assert pixmap.width() == round(32 * ratio)
    image = pixmap.toImage()
    middle = int(11.5 * ratio)
    assert image.pixelColor(middle, middle).alpha() == 0
    assert image.pixelColor(middle, int(17.5 * ratio)).alpha() > 200


@pytest.mark.parametrize("square", [False, True])
@pytest.mark.parametrize("diameter", [5.0, 90.0, 700.0])
def test_a_rings_region_holds_its_line_and_little_else(square: bool, diameter: float) -> None:
    ring = BrushCursor(500.25, 400.5, diameter, 1, crossed=False, square=square)
    region = ring.region()
    half = diameter / 2
    for dx, dy in ((half, 0), (-half, 0), (0, half), (0, -half)):
        assert region.contains(QPointF(500.25 + dx, 400.5 + dy).toPoint())
    if square:
        assert region.contains(QPointF(500.25 + half, 400.5 + half).toPoint())
    assert region.contains(QPointF(500, 400).toPoint()) is (diameter < 40)


def test_hints_say_what_each_tool_does(canvas: Canvas) -> None:
    changed = QSignalSpy(canvas.hintChanged)
    hints = set()
    for name in TOOLS:
        canvas.set_tool(name)
        assert "\n" not in canvas.hint
        assert 20 < len(canvas.hint) < 140
        hints.add(canvas.hint)
    assert len(hints) == len(TOOLS)
    assert changed.count() == len(TOOLS) - 1
    assert changed.at(changed.count() - 1) == [canvas.hint]


@pytest.mark.parametrize(
    ("tool", "options"),
    [("fill", {"fill_by_colour": True}), ("smart", {"smart_box": True})],
)
def test_a_hint_follows_the_options(canvas: Canvas, tool: str, options: dict[str, bool]) -> None:
    canvas.set_tool(tool)
    plain = canvas.hint
    canvas.set_tool_options(replace(ToolOptions(), **options))
    assert canvas.hint != plain


def test_a_hint_follows_what_is_pending(canvas: Canvas) -> None:
    canvas.set_tool("polygon")
    plain = canvas.hint
    click(canvas, at(canvas, (50, 50))[0])
    assert "Backspace" in canvas.hint
    canvas.settle()
    assert canvas.hint == plain
    change = Patch(5, 5, np.ones((4, 4), np.bool_), 1)
    canvas.set_preview(change, "grow")
    look = canvas.hint
    assert "Enter" in look
    canvas.set_preview(change, "smart select", keep=True)
    assert "Ctrl+Z" in canvas.hint
    assert canvas.hint != look
    canvas.drop_preview()
    assert canvas.hint == plain
    canvas.set_restoring(True)
    assert "model's mask" in canvas.hint


def test_the_tool_is_told_when_it_changes(canvas: Canvas) -> None:
    changed = QSignalSpy(canvas.toolChanged)
    canvas.set_tool("brush")
    canvas.set_tool("smart")
    canvas.set_tool("smart")
    assert changed.count() == 1
    assert changed.at(0) == ["smart"]

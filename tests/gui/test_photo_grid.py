"""The grid: many photos at once, chosen with mouse and keys, opened on purpose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.ui.cell_layout import CellLayout
from petseg_gui.ui.photo_grid import SIDES
from tests.gui.photo_rig import Rig, click, place_of

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    rig = Rig()
    qtbot.addWidget(rig)
    rig.show_names([f"{n}.jpg" for n in range(200)])
    rig.grid.show()
    rig.grid.setFocus()
    yield rig
    rig.end()


def cursor(rig: Rig) -> int:
    return rig.grid.currentIndex().row()


@pytest.mark.parametrize("columns", [None, 1, 3, 7])
def test_every_cell_is_found_where_it_lies(columns: int | None) -> None:
    cells = CellLayout(20, 30, 40, columns)
    whole = QRect(QPoint(0, 0), cells.size)
    for row in range(20):
        rect = cells.rect(row)
        assert whole.contains(rect)
        assert cells.row_at(rect.left(), rect.top()) == row
        assert cells.row_at(rect.right(), rect.bottom()) == row
        assert row in cells.rows_in(rect)
    assert cells.row_at(whole.right() + 1, 0) == -1
    assert cells.row_at(0, whole.bottom() + 1) == -1
    assert cells.row_at(-1, 0) == cells.row_at(0, -1) == -1
    assert cells.rows_in(whole) == range(20)
    assert cells.rows_in(QRect()) == CellLayout(0, 30, 40, columns).rows_in(whole) == range(0)


def test_columns_fill_the_width(rig: Rig) -> None:
    grid = rig.grid
    last = grid.visualRect(rig.model.index(grid.columns - 1))
    assert last.top() == grid.visualRect(rig.model.index(0)).top()
    assert grid.viewport().width() - grid.columns < last.right() + 1 <= grid.viewport().width()
    grid.resize(500, grid.height())
    assert grid.columns == 2


def test_what_is_visible_is_what_can_be_seen(rig: Rig) -> None:
    grid = rig.grid
    for value in (0, 77, 1000, grid.verticalScrollBar().maximum()):
        grid.verticalScrollBar().setValue(value)
        shown = grid.viewport().rect()
        seen = [
            row for row in range(200) if grid.visualRect(rig.model.index(row)).intersects(shown)
        ]
        assert list(grid.visible_rows()) == seen
        assert grid.indexAt(grid.visualRect(rig.model.index(seen[0])).center()).row() == seen[0]
    assert seen[-1] == 199, "the last photo can be reached"


def test_arrows_move_and_the_photo_stays_in_view(qtbot: QtBot, rig: Rig) -> None:
    chosen: list[str] = []
    rig.grid.photoOpened.connect(chosen.append)
    click(rig.grid, "0.jpg")
    columns = rig.grid.columns
    for key, row in (
        (Key.Key_Right, 1),
        (Key.Key_Down, 1 + columns),
        (Key.Key_Left, columns),
        (Key.Key_Up, 0),
        (Key.Key_Up, 0),
        (Key.Key_Left, 0),
        (Key.Key_End, 199),
        (Key.Key_Right, 199),
        (Key.Key_Down, 199),
        (Key.Key_Home, 0),
    ):
        qtbot.keyClick(rig.grid, key)
        assert cursor(rig) == row
        assert rig.selection.selected() == [f"{row}.jpg"]
        assert row in rig.grid.visible_rows()
    qtbot.keyClick(rig.grid, Key.Key_PageDown)
    down = cursor(rig)
    assert down > columns
    assert down % columns == 0
    qtbot.keyClick(rig.grid, Key.Key_PageUp)
    assert cursor(rig) == 0
    assert chosen == []


def test_down_from_the_last_but_one_line_reaches_a_shorter_last_line(
    qtbot: QtBot, rig: Rig
) -> None:
    columns = rig.grid.columns
    rig.model.set_names([f"{n}.jpg" for n in range(columns + 1)])
    rig.selection.select_only(f"{columns - 1}.jpg")
    qtbot.keyClick(rig.grid, Key.Key_Down)
    assert cursor(rig) == columns


def test_keys_select_as_the_mouse_does(qtbot: QtBot, rig: Rig) -> None:
    click(rig.grid, "1.jpg")
    qtbot.keyClick(rig.grid, Key.Key_Right, SHIFT)
    qtbot.keyClick(rig.grid, Key.Key_Right, SHIFT)
    assert rig.selection.selected() == ["1.jpg", "2.jpg", "3.jpg"]
    qtbot.keyClick(rig.grid, Key.Key_Right, CTRL)
    assert rig.selection.count == 3
    qtbot.keyClick(rig.grid, Key.Key_Space)
    assert rig.selection.selected() == ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]


def test_a_double_click_opens(rig: Rig) -> None:
    opened: list[str] = []
    rig.grid.photoOpened.connect(opened.append)
    place = place_of(rig.grid, "2.jpg")
    QTest.mouseClick(rig.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == []
    QTest.mouseDClick(rig.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == ["2.jpg"]


def test_two_clicks_with_ctrl_are_two_clicks(rig: Rig) -> None:
    opened: list[str] = []
    rig.grid.photoOpened.connect(opened.append)
    place, viewport = place_of(rig.grid, "2.jpg"), rig.grid.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, CTRL, place)
    assert rig.selection.selected() == ["2.jpg"]
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, CTRL, place)
    assert rig.selection.selected() == []
    assert opened == []


def test_a_menu_is_for_what_is_selected(rig: Rig) -> None:
    click(rig.grid, "1.jpg")
    click(rig.grid, "2.jpg", CTRL)
    click(rig.grid, "1.jpg", button=Qt.MouseButton.RightButton)
    assert rig.selection.count == 2
    click(rig.grid, "3.jpg", button=Qt.MouseButton.RightButton)
    assert rig.selection.selected() == ["3.jpg"]


def test_thumbnails_have_three_sizes(qtbot: QtBot, rig: Rig) -> None:
    grid = rig.grid
    assert grid.side == SIDES[1]
    click(grid, "2.jpg")
    before = grid.columns
    qtbot.keyClick(grid, Key.Key_Plus)
    qtbot.keyClick(grid, Key.Key_Plus)
    assert grid.side == SIDES[2]
    assert grid.columns < before
    qtbot.keyClick(grid, Key.Key_Minus)
    place = QPointF(50, 50)
    event = QWheelEvent(
        place,
        grid.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        CTRL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(grid.viewport(), event)
    assert grid.side == SIDES[0]
    assert grid.columns > before
    assert cursor(rig) in grid.visible_rows()


def test_only_what_is_visible_is_painted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[int] = []
    monkeypatch.setattr(
        rig.grid._cell, "paint", lambda _painter, _option, index: painted.append(index.row())
    )
    rig.grid.verticalScrollBar().setValue(500)
    rig.grid.viewport().repaint()
    assert set(painted) == set(rig.grid.visible_rows())
    painted.clear()
    rig.model.refresh(rig.model.names[rig.grid.visible_rows().start])
    rig.model.refresh("0.jpg")
    QApplication.processEvents()
    assert painted == [rig.grid.visible_rows().start]

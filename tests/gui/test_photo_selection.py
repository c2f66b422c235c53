"""One selection for strip and grid; the photo on the canvas is another thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from petseg_gui.ui.photo_selection import SelectedLabel
from tests.gui.photo_rig import Rig, click

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NAMES = [f"{n}.jpg" for n in range(30)]


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    rig = Rig()
    qtbot.addWidget(rig)
    rig.show_names(NAMES)
    rig.strip.photoChosen.connect(rig.strip.set_current)
    rig.grid.show()
    yield rig
    rig.end()


def test_without_a_selection_the_photo_on_the_canvas_is_meant(rig: Rig) -> None:
    assert rig.selection.names() == []
    rig.strip.set_current("3.jpg")
    rig.selection.clear()
    assert rig.selection.selected() == []
    assert rig.selection.names() == ["3.jpg"]


def test_a_lone_selection_follows_the_photo_on_the_canvas(rig: Rig) -> None:
    rig.strip.set_current("3.jpg")
    assert rig.selection.selected() == ["3.jpg"]
    rig.strip.set_current("4.jpg")
    assert rig.selection.selected() == ["4.jpg"]


def test_a_selection_of_several_stays_when_pages_are_turned(rig: Rig) -> None:
    rig.strip.set_current("1.jpg")
    click(rig.strip, "3.jpg", CTRL)
    rig.strip.set_current("2.jpg")
    assert rig.selection.names() == ["1.jpg", "3.jpg"]
    click(rig.strip, "0.jpg")
    assert rig.selection.names() == ["0.jpg"]


def test_another_photo_than_the_one_on_the_canvas_stays_selected(rig: Rig) -> None:
    rig.strip.set_current("1.jpg")
    click(rig.grid, "3.jpg")
    rig.strip.set_current("2.jpg")
    assert rig.selection.names() == ["3.jpg"]


def test_ctrl_and_shift(rig: Rig) -> None:
    click(rig.grid, "5.jpg")
    click(rig.grid, "2.jpg", SHIFT)
    assert rig.selection.names() == ["2.jpg", "3.jpg", "4.jpg", "5.jpg"]
    click(rig.grid, "7.jpg", SHIFT)
    assert rig.selection.names() == ["5.jpg", "6.jpg", "7.jpg"], "from the same photo"
    click(rig.grid, "6.jpg", CTRL)
    assert rig.selection.names() == ["5.jpg", "7.jpg"]
    click(rig.grid, "4.jpg", CTRL | SHIFT)
    assert rig.selection.names() == ["4.jpg", "5.jpg", "6.jpg", "7.jpg"]


def test_a_range_begins_in_one_view_and_ends_in_the_other(rig: Rig) -> None:
    click(rig.strip, "1.jpg")
    click(rig.grid, "3.jpg", SHIFT)
    assert rig.selection.names() == ["1.jpg", "2.jpg", "3.jpg"]
    assert all(rig.strip.selectionModel().isSelected(rig.model.index(row)) for row in (1, 2, 3))


def test_a_range_begins_at_the_photo_on_the_canvas(rig: Rig) -> None:
    rig.strip.set_current("1.jpg")
    rig.selection.clear()
    click(rig.grid, "3.jpg", SHIFT)
    assert rig.selection.names() == ["1.jpg", "2.jpg", "3.jpg"]


def test_all_and_none(rig: Rig) -> None:
    changes: list[None] = []
    rig.selection.changed.connect(lambda: changes.append(None))
    rig.selection.select_all()
    assert rig.selection.names() == NAMES
    rig.selection.clear()
    assert rig.selection.count == 0
    assert len(changes) == 2


def test_a_selection_survives_another_arrangement(rig: Rig) -> None:
    rig.selection.select(["2.jpg", "5.jpg", "6.jpg", "9.jpg", "nobody.jpg"])
    assert rig.selection.names() == ["2.jpg", "5.jpg", "6.jpg", "9.jpg"]
    rig.strip.set_names(NAMES[8::-1])
    assert rig.selection.names() == ["6.jpg", "5.jpg", "2.jpg"], "as they are listed"
    assert rig.selection.has("5.jpg")
    assert not rig.selection.has("9.jpg")
    assert not rig.selection.has("nobody.jpg")


def test_keys_go_on_from_the_photo_on_the_canvas_after_another_arrangement(rig: Rig) -> None:
    rig.strip.set_current("5.jpg")
    rig.strip.set_names(NAMES[::-1])
    assert rig.strip.currentIndex().data() == "5.jpg"


def test_the_number_is_said_when_there_are_several(qtbot: QtBot, rig: Rig) -> None:
    label = SelectedLabel(rig.selection)
    qtbot.addWidget(label)
    rig.strip.set_current("1.jpg")
    assert label.text() == ""
    rig.selection.select_all()
    assert label.text() == "30 selected"
    rig.strip.set_names(["other.jpg"])
    assert label.text() == ""

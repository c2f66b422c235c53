"""The filmstrip decodes what is seen, nearest first, and says each photo's state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.filmstrip import MARK_ROLE, THUMBNAIL_ROLE, Filmstrip
from petseg_gui.ui.marks import COLOURS, SIGNS, Mark
from petseg_gui.ui.thumbnails import Thumbnails
from tests.gui.harness import write_photo

PHOTOS = 2_000


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner(1)
    yield runner
    runner.shutdown()


@pytest.fixture
def strip(qtbot: QtBot, tasks: TaskRunner, tmp_path: Path) -> Filmstrip:
    write_photo(tmp_path / "one.png", 90)
    thumbnails = Thumbnails(tasks, lambda _name: tmp_path / "one.png")
    strip = Filmstrip(
        thumbnails,
        lambda name: {"0": Mark.ACCEPTED, "1": Mark.UNREADABLE}.get(name, Mark.NEW),
        lambda name: "1: this is no picture." if name == "1" else "",
    )
    thumbnails.setParent(strip)
    qtbot.addWidget(strip)
    strip.resize(600, strip.height())
    strip.show()
    strip.set_names([str(n) for n in range(PHOTOS)])
    return strip


def decoded(strip: Filmstrip) -> list[int]:
    model = strip.model()
    return [n for n in range(PHOTOS) if model.index(n, 0).data(THUMBNAIL_ROLE) is not None]


def test_only_what_is_visible_is_decoded(qtbot: QtBot, strip: Filmstrip, tasks: TaskRunner) -> None:
    strip.set_current("1000")
    qtbot.waitUntil(lambda: 1000 in decoded(strip) and tasks.active == 0)
    assert set(decoded(strip)) <= set(strip.visible_rows()) | set(range(6))
    assert len(decoded(strip)) < 20


def test_a_cell_says_name_and_state(strip: Filmstrip) -> None:
    index = strip.model().index(0, 0)
    assert index.data(MARK_ROLE) is Mark.ACCEPTED
    assert index.data(int(Qt.ItemDataRole.AccessibleTextRole)) == "0: accepted"
    assert index.data(int(Qt.ItemDataRole.ToolTipRole)) == "0: accepted"


def test_an_unreadable_photo_has_its_mark_and_says_why(strip: Filmstrip) -> None:
    index = strip.model().index(1, 0)
    assert index.data(MARK_ROLE) is Mark.UNREADABLE
    assert index.data(int(Qt.ItemDataRole.AccessibleTextRole)) == "1: cannot be read"
    assert index.data(int(Qt.ItemDataRole.ToolTipRole)) == "1: this is no picture."


def test_letters_are_left_to_the_window(qtbot: QtBot, strip: Filmstrip) -> None:
    strip.set_current("5")
    qtbot.keyClick(strip, Qt.Key.Key_1)
    assert strip.currentIndex().row() == 5


def test_every_state_has_a_sign_and_a_colour_of_its_own() -> None:
    assert len(set(SIGNS.values())) == len(Mark)
    assert len({colour.name() for colour in COLOURS.values()}) == len(Mark)

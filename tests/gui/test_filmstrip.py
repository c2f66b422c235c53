"""The filmstrip makes thumbnails of what is seen, nearest first, and says each photo's state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.core.records import PhotoFlag
from petseg_gui.core.store import Project
from petseg_gui.ui.filmstrip import SIDE
from petseg_gui.ui.marks import COLOURS, SIGNS, Mark
from petseg_gui.ui.photo_list_model import (
    CONFIDENCE_ROLE,
    CURRENT_ROLE,
    FLAG_ROLE,
    MARK_ROLE,
    REPLACED_ROLE,
    percent,
)
from tests.gui.harness import pet_mask, pet_probabilities, write_photo
from tests.gui.photo_rig import Rig, click, record

TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
SAID = int(Qt.ItemDataRole.AccessibleTextRole)


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    rig = Rig()
    qtbot.addWidget(rig)
    yield rig
    rig.end()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Forty photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    write_photo(folder / "0.png", 90)
    for number in range(1, 40):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    project = Project.open(folder)
    project.set_model_in_use("starter")
    yield project
    project.close()


def made(rig: Rig) -> list[int]:
    names = rig.model.names
    return [row for row in range(len(names)) if rig.thumbnails.get(names[row], SIDE) is not None]


def test_only_what_is_visible_is_made(qtbot: QtBot, rig: Rig, project: Project) -> None:
    rig.open(project)
    rig.strip.set_current("20.png")
    qtbot.waitUntil(lambda: 20 in made(rig) and rig.tasks.active == 0)
    assert set(made(rig)) <= set(rig.strip.visible_rows()) | set(range(6))
    assert len(made(rig)) < 20


def test_the_nearest_is_made_first(qtbot: QtBot, rig: Rig, project: Project) -> None:
    order: list[str] = []
    rig.thumbnails.loaded.connect(order.append)
    rig.open(project)
    rig.strip.set_current("20.png")
    qtbot.waitUntil(lambda: 20 in made(rig) and rig.tasks.active == 0)
    assert order[:3] in (["20.png", "19.png", "21.png"], ["20.png", "21.png", "19.png"])


def test_another_order_keeps_the_thumbnails(qtbot: QtBot, rig: Rig, project: Project) -> None:
    rig.open(project)
    qtbot.waitUntil(
        lambda: set(rig.strip.visible_rows()) <= set(made(rig)) and not rig.tasks.active
    )
    before = rig.thumbnails.nbytes
    rig.strip.set_names(rig.model.names[5::-1])
    assert len(made(rig)) == 6
    assert rig.thumbnails.nbytes == before


def test_a_mask_is_laid_over_its_photo_when_it_comes(
    qtbot: QtBot, rig: Rig, project: Project
) -> None:
    rig.open(project)
    qtbot.waitUntil(lambda: 0 in made(rig) and not rig.tasks.active)

    def pet() -> tuple[int, int, int]:
        pixmap = rig.thumbnails.get("0.png", SIDE)
        assert pixmap is not None
        colour = pixmap.toImage().pixelColor(pixmap.width() // 2, pixmap.height() // 2)
        return colour.red(), colour.green(), colour.blue()

    def edge() -> int:
        pixmap = rig.thumbnails.get("0.png", SIDE)
        assert pixmap is not None
        return pixmap.toImage().pixelColor(1, 1).blue()

    plain = pet()
    project.write_prediction("0.png", "starter", pet_mask(), pet_probabilities())
    rig.strip.refresh("0.png")
    qtbot.waitUntil(lambda: pet() != plain)
    assert pet()[0] > plain[0] > pet()[2], "orange"
    assert edge() == pytest.approx(plain[2], abs=4), "the background is as it was"
    # The same again: nothing is made anew, and nothing is painted.
    qtbot.waitUntil(lambda: not rig.tasks.active)
    arrived: list[str] = []
    rig.thumbnails.loaded.connect(arrived.append)
    rig.strip.refresh("0.png")
    with qtbot.waitSignal(rig.tasks._done):  # it is looked at
        rig.thumbnails.want(["0.png"], SIDE, "the test")
    qtbot.waitUntil(lambda: not rig.tasks.active)
    assert arrived == []


def test_a_photo_that_cannot_be_read_is_reported_once(
    qtbot: QtBot, rig: Rig, project: Project
) -> None:
    failed: list[str] = []
    rig.thumbnails.failed.connect(lambda name, _error: failed.append(name))
    (project.folder / "1.png").unlink()
    (project.folder / "1.png").write_bytes(b"no picture")
    rig.open(project)
    qtbot.waitUntil(lambda: 2 in made(rig) and not rig.tasks.active)
    rig.strip.horizontalScrollBar().setValue(5)
    qtbot.waitUntil(lambda: set(rig.strip.visible_rows()) - {1} <= set(made(rig)))
    assert failed == ["1.png"]


def test_a_cell_says_name_and_state(rig: Rig) -> None:
    rig.known.marks["a.jpg"] = Mark.ACCEPTED
    rig.show_names(["a.jpg"])
    index = rig.model.index(0)
    assert index.data(MARK_ROLE) is Mark.ACCEPTED
    assert index.data(SAID) == "a.jpg: accepted"
    assert index.data(TOOL_TIP) == "a.jpg: accepted"


def test_a_cell_says_all_that_is_noted(rig: Rig) -> None:
    rig.known.marks["a.jpg"] = Mark.PREDICTED
    rig.known.records["a.jpg"] = record(
        "a.jpg", confidence=0.873, flag=PhotoFlag.FLAGGED, tags=("dark", "two cats"), replaced=True
    )
    rig.show_names(["a.jpg", "b.jpg"])
    rig.strip.set_current("b.jpg")
    index = rig.model.index(0)
    assert index.data(CONFIDENCE_ROLE) == 0.873
    assert index.data(FLAG_ROLE) == PhotoFlag.FLAGGED
    assert index.data(REPLACED_ROLE) is True
    assert [rig.model.index(row).data(CURRENT_ROLE) for row in (0, 1)] == [False, True]
    assert str(index.data(TOOL_TIP)).splitlines() == [
        "a.jpg: predicted",
        "The model is 87 % sure",
        "Flagged",
        "Its label was drawn for another picture of this name",
        "Tags: dark, two cats",
    ]
    rig.known.marks["a.jpg"] = Mark.ACCEPTED
    assert index.data(CONFIDENCE_ROLE) is None, "a person is sure"


def test_an_unreadable_photo_has_its_mark_and_says_why(rig: Rig) -> None:
    rig.known.marks["a.jpg"] = Mark.UNREADABLE
    rig.known.problems["a.jpg"] = "a.jpg: this is no picture."
    rig.show_names(["a.jpg"])
    index = rig.model.index(0)
    assert index.data(MARK_ROLE) is Mark.UNREADABLE
    assert index.data(SAID) == "a.jpg: cannot be read"
    assert index.data(TOOL_TIP) == "a.jpg: this is no picture."


@pytest.mark.parametrize(
    ("confidence", "said"), [(0, 0), (0.004, 0), (0.873, 87), (0.9999, 99), (1, 100)]
)
def test_percent(confidence: float, said: int) -> None:
    assert percent(confidence) == said


def test_letters_are_left_to_the_window(qtbot: QtBot, rig: Rig) -> None:
    rig.show_names(["a.jpg", "b.jpg", "c.jpg"])
    rig.strip.set_current("b.jpg")
    qtbot.keyClick(rig.strip, Qt.Key.Key_C)
    assert rig.strip.currentIndex().row() == 1


def test_end_and_home_choose(qtbot: QtBot, rig: Rig) -> None:
    rig.show_names([f"{n}.jpg" for n in range(50)])
    rig.strip.set_current("20.jpg")
    chosen: list[str] = []
    rig.strip.photoChosen.connect(chosen.append)
    qtbot.keyClick(rig.strip, Qt.Key.Key_End)
    assert rig.strip.visible_rows().stop == 50
    qtbot.keyClick(rig.strip, Qt.Key.Key_Home)
    assert chosen == ["49.jpg", "0.jpg"]


def test_a_click_goes_to_the_photo(rig: Rig) -> None:
    rig.show_names([f"{n}.jpg" for n in range(50)])
    chosen: list[str] = []
    rig.strip.photoChosen.connect(chosen.append)
    click(rig.strip, "3.jpg")
    click(rig.strip, "1.jpg", Qt.KeyboardModifier.ControlModifier)
    click(rig.strip, "4.jpg", Qt.KeyboardModifier.ShiftModifier)
    assert chosen == ["3.jpg"], "with Ctrl or Shift the photo on the canvas stays"


def test_the_wheel_moves_the_photos(rig: Rig) -> None:
    rig.show_names([f"{n}.jpg" for n in range(50)])
    bar = rig.strip.horizontalScrollBar()
    place = QPointF(100, 50)
    event = QWheelEvent(
        place,
        rig.strip.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(rig.strip.viewport(), event)
    assert bar.value() > 100


def test_every_state_has_a_sign_and_a_colour_of_its_own() -> None:
    assert len(set(SIGNS.values())) == len(Mark)
    assert len({colour.name() for colour in COLOURS.values()}) == len(Mark)

"""What the status bar says, and that nothing in it is cut off or jumps."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from petseg_gui.ui.status_line import ElidedLabel, StatusLine


@pytest.fixture
def holder(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def line(holder: QWidget, width: int = 1280) -> StatusLine:
    holder.resize(width, 60)
    status = StatusLine(holder)
    status.resize(width, status.sizeHint().height())
    holder.show()
    return status


def test_the_pixel_has_position_class_and_probability(holder: QWidget) -> None:
    status = line(holder)
    mask = np.full((900, 1300), 2, np.uint8)
    mask[866, 1204] = 1
    mask[0, 0] = 0
    status.show_pixel((1204, 866), mask, (0.97, 0.02, 0.01))
    assert status.pixel.text() == "(1204, 866)  Pet  0.97"
    status.show_pixel((3, 5), mask, (0.97, 0.02, 0.01))
    assert status.pixel.text() == "(3, 5)  Background  0.02"
    status.show_pixel((3, 5), mask)
    assert status.pixel.text() == "(3, 5)  Background"
    status.show_pixel((0, 0), mask, (0.97, 0.02, 0.01))
    assert status.pixel.text() == "(0, 0)  Not labelled"
    status.show_pixel((1300, 5), mask)
    assert status.pixel.text() == ""
    status.show_pixel((3, 5), mask)
    status.show_pixel(None, mask)
    assert status.pixel.text() == ""


def test_neighbours_stay_where_they_are_while_the_pointer_moves(holder: QWidget) -> None:
    status = line(holder)
    mask = np.full((8000, 8000), 2, np.uint8)
    status.show_photo("cat.jpg", 8000, 8000)
    status.show_zoom(0.02)
    status.show_pixel(None, None)
    status.layout().activate()
    before = status.zoom.x(), status.hint.x()
    status.show_pixel((7777, 7777), mask, (0.88, 0.88, 0.88))
    status.show_zoom(64)
    status.layout().activate()
    assert (status.zoom.x(), status.hint.x()) == before


def test_nothing_is_laid_out_anew_while_the_pointer_moves(holder: QWidget) -> None:
    status = line(holder)
    mask = np.full((900, 1300), 2, np.uint8)
    status.show_photo("cat.jpg", 1300, 900)
    QApplication.processEvents()

    class Watch(QObject):
        layouts = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.layouts += event.type() == QEvent.Type.LayoutRequest
            return False

    watch = Watch()
    status.installEventFilter(watch)
    for column in range(50):
        status.show_pixel((column * 26, 3), mask, (0.1, 0.2, 0.7))
        status.show_zoom(column)
        QApplication.processEvents()
    assert watch.layouts == 0
    status.show_photo("another_name.jpg", 1300, 900)
    QApplication.processEvents()
    assert watch.layouts > 0


def test_a_hint_without_room_is_elided_and_cuts_nothing_else_off(holder: QWidget) -> None:
    status = line(holder, 700)
    hint = "Drag to paint the chosen class, right button to paint the other one. " * 4
    status.show_photo("cat.jpg", 640, 480)
    status.show_hint(hint)
    status.show_predictions(3, 12)
    status.show_device("starter", "CPU, 2 cores")
    status.layout().activate()
    assert status.width() == 700
    assert QFontMetrics(status.font()).horizontalAdvance(hint) > status.hint.width()
    assert status.hint.toolTip() == hint
    for label in (status.photo, status.pixel, status.zoom, status.predictions, status.device):
        assert label.width() >= label.sizeHint().width(), label.text()
    assert status.device.geometry().right() <= status.width()


def test_a_long_name_loses_its_middle(holder: QWidget) -> None:
    status = line(holder)
    name = f"holiday_{'x' * 200}_0421.jpg"
    status.show_photo(name, 640, 480)
    shown = status.photo.text()
    assert shown.startswith("holiday_")
    assert "0421.jpg   640×480" in shown
    assert len(shown) < 80
    assert status.photo.toolTip() == name


def test_without_a_photo_nothing_is_said_of_one(holder: QWidget) -> None:
    status = line(holder)
    status.show_photo("cat.jpg", 640, 480)
    status.show_hint("Drag")
    status.show_zoom(1)
    status.clear_photo()
    assert {status.photo.text(), status.hint.text(), status.zoom.text()} == {""}


def test_an_elided_label_paints_what_fits(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("word " * 40)
    label.resize(60, 20)
    image = label.grab().toImage()
    ground = image.pixelColor(0, 0)
    inked = [
        x for x in range(60) for y in range(20) if image.pixelColor(x, y).rgb() != ground.rgb()
    ]
    assert inked
    assert label.minimumSizeHint().width() == 0

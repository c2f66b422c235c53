"""The message bar: problems stay until dismissed, notes go by themselves, nothing is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from petseg_gui.services.messages import Message
from petseg_gui.ui import message_bar
from petseg_gui.ui.message_bar import MessageBar

NOTE = Message("info", "Every photo is accepted.")
WARNING = Message("warning", "No prediction for cat.jpg.")
PROBLEM = Message("error", "cat.jpg was not saved.")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(600, 200)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def bar(window: QWidget) -> MessageBar:
    return MessageBar(window)


def test_a_problem_waits_to_be_dismissed_and_holds_back_what_follows(
    bar: MessageBar, qtbot: QtBot
) -> None:
    bar.post(PROBLEM)
    bar.post(WARNING)
    assert bar.message == PROBLEM
    assert bar.accessibleName() == "Problem: cat.jpg was not saved."
    button = bar.findChild(QToolButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bar.message == WARNING
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bar.message is None
    assert bar.isHidden()


def test_a_note_goes_by_itself(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bar, "INFO_MS", 1)
    bar.post(NOTE)
    qtbot.waitUntil(bar.isHidden)
    assert bar.message is None


def test_a_problem_takes_the_place_of_a_note(bar: MessageBar) -> None:
    bar.post(NOTE)
    bar.post(PROBLEM)
    assert bar.message == PROBLEM


def test_the_same_problem_is_shown_once(bar: MessageBar) -> None:
    for _ in range(3):
        bar.post(PROBLEM)
    bar.dismiss()
    assert bar.message is None


def test_the_signs_differ_without_their_colours() -> None:
    assert len({look[0] for look in message_bar._LOOKS.values()}) == 3

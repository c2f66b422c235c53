"""Reports of a fine-tune, as the real service sends them, without a model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from model.settings import EpochReport, GroupScore, StepReport
from petseg_gui.services.finetune_request import Outcome, Plan, Side
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from tests.gui.harness import Harness

SIZE = 32
NAN = math.nan


@dataclass(frozen=True)
class Score:
    id: str
    old: float
    new: float


@dataclass(frozen=True)
class Row:
    """What :class:`model.gate.Row` has, whose module needs TensorFlow."""

    where: str = "Your photos"
    photos: int = 6
    old_accuracy: float = 0.9
    new_accuracy: float = 0.91
    old_mean_iou: float = 0.75
    new_mean_iou: float = 0.76
    old_pet_iou: float = 0.85
    new_pet_iou: float = 0.87
    old_iou: tuple[float, ...] = (0.8, 0.9, NAN)
    new_iou: tuple[float, ...] = (0.82, 0.91, NAN)
    low: float = 0.004
    high: float = 0.05
    scores: tuple[Score, ...] = (
        Score("same.jpg", 0.5, 0.5),
        Score("worse.jpg", 0.9, 0.7),
        Score("nopet.jpg", NAN, NAN),
        Score("better.jpg", 0.6, 0.8),
    )


def score(value: float) -> GroupScore:
    """Loss, accuracy, mean IoU and pet IoU that can be told apart."""
    return GroupScore(4, value, value + 0.1, value + 0.2, value + 0.3)


def step(number: int, seconds_left: float | None = 90.0) -> StepReport:
    return StepReport(
        number, 10, 1, 2, 0.5, 0.8, seconds_left, 12.4, {"own": score(0.5), "oxford": score(0.4)}
    )


def epoch(number: int = 1, at: int = 3, value: int = 1) -> EpochReport:
    """Its masks have the label ``value`` everywhere."""
    mask = np.full((SIZE, SIZE), value, np.uint8)
    return EpochReport(
        number,
        0.5,
        0.8,
        0.4,
        0.9,
        step=at,
        held_out={"own": score(0.3), "oxford": score(0.2)},
        previews={"own": [mask], "oxford": [mask] * 4},
    )


def plan() -> Plan:
    photo = np.full((SIZE, SIZE, 3), 90, np.uint8)
    return Plan(5, 1, 16, 8, 10, {"own": [photo], "oxford": [photo] * 4})


def side(name: str, old: float, new: float, group: str = "own") -> Side:
    mask = np.full((20, 30), 1, np.uint8)
    return Side(group, name, old, new, np.full((20, 30, 3), 90, np.uint8), mask, mask, mask)


def outcome(*, adopted: bool, sure: bool = True, rows: tuple[Row, ...] = (Row(),)) -> Outcome:
    return Outcome(
        "tuned-001",
        adopted,
        "It gains on your photos.",
        rows,  # type: ignore[arg-type]
        sure=sure,
        sides=(
            side("worse.jpg", 0.9, 0.7),
            side("better.jpg", 0.6, 0.8),
            side("cat_1", 0.6, 0.5, "oxford"),
        ),
    )


def panel_of(harness: Harness) -> FineTunePanel:
    panel = harness.window.findChild(FineTunePanel, "fineTunePanel")
    assert panel is not None
    return panel


def start(harness: Harness) -> None:
    """Press Start, and wait until the service has been asked."""
    before = len(harness.finetuning.requests)
    press(panel_of(harness), "startFineTune")
    harness.qtbot.waitUntil(lambda: len(harness.finetuning.requests) > before)


def press(widget: QWidget, name: str) -> None:
    """Click the button of this name."""
    found = widget.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton), f"there is no {name}"
    assert found.isVisible(), f"{name} is not to be seen"
    assert found.isEnabled(), f"{name} cannot be pressed"
    where = QPoint(8, found.height() // 2)  # a radio button may be wider than what it says
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=where)


def texts(widget: QWidget) -> str:
    """What can be read."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())

"""Fine-tuning as the window sees it: start, reports, cancel, outcome, failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from model.settings import FineTuneSettings
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.fine_tune_form import DEFAULTS, RATES
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.fine_tune_reports import duration
from tests.gui.harness import Harness, pet_mask


@dataclass(frozen=True)
class Step:
    step: int
    steps: int = 10
    epoch: int = 1
    epochs: int = 2
    loss: float = 0.5
    accuracy: float = 0.8
    seconds_left: float | None = 90.0


@dataclass(frozen=True)
class Epoch:
    epoch: int = 1
    val_loss: float | None = 0.4
    val_accuracy: float | None = 0.9


@dataclass(frozen=True)
class Row:
    where: str = "Your photos"
    photos: int = 1
    old_accuracy: float = 0.9
    new_accuracy: float = 0.91
    old_mean_iou: float = 0.75
    new_mean_iou: float = 0.76


@dataclass(frozen=True)
class Outcome:
    adopted: bool
    candidate: str = "tuned-001"
    reason: str = "It gains on your photos."
    rows: list[Row] = field(default_factory=lambda: [Row()])


@pytest.fixture
def ready(harness: Harness, folder: Path) -> Harness:
    """One accepted label: a fine-tune can start."""
    harness.models.known.add("tuned-001")
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.sessionReplaced):
        harness.inference.deliver("pet_1.png", pet_mask())
    harness.action("actionAcceptAndNext")
    harness.settle()
    return harness


def start(harness: Harness) -> None:
    harness.action("actionFineTune")
    harness.qtbot.waitUntil(lambda: harness.finetuning.running)


def panel_of(harness: Harness) -> FineTunePanel:
    panel = harness.window.findChild(FineTunePanel, "fineTunePanel")
    assert panel is not None
    return panel


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def enabled(harness: Harness, name: str) -> bool:
    action = harness.window.findChild(QAction, name)
    assert action is not None
    return action.isEnabled()


def test_without_an_accepted_label_it_cannot_start(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    assert not enabled(harness, "actionFineTune")
    assert "Accept some masks first" in texts(panel_of(harness))


def test_start_sends_the_settings_and_the_model_in_use(ready: Harness) -> None:
    start(ready)
    assert ready.finetuning.requests == [
        (
            "starter",
            {
                "epochs": 5,
                "learning_rate": 1e-4,
                "oxford_share": 0.0,
                "freeze_encoder": True,
                "oxford": "none",
            },
        )
    ]
    assert not enabled(ready, "actionFineTune")
    assert enabled(ready, "actionCancelFineTune")


def test_steps_and_epochs_are_shown_while_painting_goes_on(ready: Harness) -> None:
    start(ready)
    for step in (1, 2, 3):
        ready.finetuning.stepped.emit(Step(step))
    ready.finetuning.validated.emit(Epoch())
    panel = panel_of(ready)
    assert "Step 3 of 10, round 1 of 2, 2 min left" in texts(panel)
    assert "90.0 %" in texts(panel)
    assert panel.plot is not None
    assert panel.plot.loss.training == [(1, 0.5), (2, 0.5), (3, 0.5)]
    assert panel.plot.accuracy.held_out == [(3, 0.9)]
    assert ready.review.session is not None


def test_the_time_of_the_next_run_is_learnt_from_this_one(ready: Harness) -> None:
    ready.inference.modelLoaded.emit("starter", "CPU, 2 cores")
    # One photo is repeated to eight steps of eight photos in each of five rounds.
    assert "Trains on CPU, 2 cores: roughly 1 min." in texts(panel_of(ready))
    start(ready)
    ready.finetuning.stepped.emit(Step(5, seconds_left=75.0))  # 15 s a step
    ready.action("actionCancelFineTune")
    assert "Trains on CPU, 2 cores: about 10 min." in texts(panel_of(ready))


def test_no_held_out_photo_shows_no_figure(ready: Harness) -> None:
    start(ready)
    ready.finetuning.validated.emit(Epoch(val_loss=None, val_accuracy=None))
    plot = panel_of(ready).plot
    assert plot is not None
    assert plot.loss.held_out == []
    assert "kept aside:" not in texts(panel_of(ready))


def test_cancel_leaves_the_model_in_use(ready: Harness) -> None:
    start(ready)
    ready.action("actionCancelFineTune")
    assert not ready.finetuning.running
    assert ready.inference.model == "starter"
    assert "You cancelled it" in texts(panel_of(ready))
    assert enabled(ready, "actionFineTune")


def test_an_adopted_model_predicts_the_unreviewed_photos_anew(ready: Harness) -> None:
    start(ready)
    ready.finetuning.running = False
    ready.finetuning.finished.emit(Outcome(adopted=True))
    assert ready.inference.model == "tuned-001"
    assert ready.review.project is not None
    assert ready.review.project.model_in_use() == "tuned-001"
    assert set(ready.inference.requests[-1]) == {"pet_2.png", "pet_3.png", "pet_4.png"}


def test_a_rejected_model_can_be_used_anyway_and_changed_back(ready: Harness) -> None:
    start(ready)
    ready.finetuning.running = False
    ready.finetuning.finished.emit(Outcome(adopted=False))
    assert ready.inference.model == "starter"
    button = panel_of(ready).findChild(QPushButton, "adoptButton")
    assert button is not None
    assert button.text() == "Use the new model anyway"
    ready.models.known.add("starter")
    ready.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ready.inference.model == "tuned-001"
    ready.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ready.inference.model == "starter"


def test_a_failure_is_told_once_and_changes_nothing(ready: Harness) -> None:
    start(ready)
    ready.finetuning.running = False
    ready.finetuning.failed.emit("The memory is not enough.")
    errors = [m.text for m in ready.messages if m.kind == "error"]
    assert errors == ["The memory is not enough. The model in use has not changed."]
    assert ready.inference.model == "starter"
    assert enabled(ready, "actionFineTune")


@pytest.mark.qt_log_ignore("propagateSizeHints")
@pytest.mark.parametrize(("button", "closed"), [("Stop and close", True), ("Go on", False)])
def test_closing_during_a_fine_tune_asks(ready: Harness, button: str, closed: bool) -> None:
    start(ready)
    seen: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        next(b for b in box.buttons() if b.text() == button).click()

    QTimer.singleShot(0, press)
    assert ready.window.close() is closed
    assert seen == ["Stop fine-tuning and close?"]
    assert ready.finetuning.running is not closed


def test_without_oxford_photos_there_is_a_choice(ready: Harness) -> None:
    form = panel_of(ready).form
    assert form.settings()["oxford"] == "none"
    form._download.setChecked(True)
    assert form.settings()["oxford"] == "download"
    assert form.settings()["oxford_share"] == 0.5
    form.set_oxford_ready(True)
    assert form.settings()["oxford"] == "local"
    assert not form._download.isVisible()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (42, "42 s"), (90, "2 min"), (7300, "2 h 2 min")]
)
def test_durations_are_said_as_a_person_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_estimate_counts_whole_steps(ready: Harness) -> None:
    form = panel_of(ready).form
    # At least eight steps of eight photos in each of five rounds, however few masks there are.
    assert form.photos_per_run(1) == form.photos_per_run(64) == 5 * 8 * 8
    assert form.photos_per_run(100) == 5 * 13 * 8
    form.set_oxford_ready(True)  # half of every batch: four places are left for one's own
    assert form.photos_per_run(100) == 5 * 25 * 8


def test_the_defaults_are_those_of_the_model_and_can_be_shown(ready: Harness) -> None:
    standard = FineTuneSettings()
    assert {name: DEFAULTS[name] for name in ("epochs", "learning_rate", "freeze_encoder")} == {
        "epochs": standard.epochs,
        "learning_rate": standard.learning_rate,
        "freeze_encoder": standard.freeze_encoder,
    }
    assert standard.learning_rate in [rate for _text, rate in RATES]


def test_what_is_being_done_is_said_while_it_runs(ready: Harness) -> None:
    start(ready)
    ready.finetuning.phase.emit("Comparing with the model in use…")
    assert "Comparing with the model in use…" in texts(panel_of(ready))


def test_masks_kept_aside_are_counted(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    panel = FineTunePanel(Actions(window), window)
    panel.set_possible(True)
    panel.set_accepted(5, 1)
    said = [label.text() for label in panel.findChildren(QLabel)]
    assert "5 accepted masks to learn from, 1 of them kept aside to measure." in said
    start_button = panel.findChild(QPushButton, "startFineTune")
    assert start_button is not None
    assert start_button.isEnabled()
    panel.set_accepted(1, 1)
    assert not start_button.isEnabled()


def test_the_result_goes_when_another_model_is_chosen(ready: Harness) -> None:
    start(ready)
    ready.finetuning.running = False
    ready.finetuning.finished.emit(Outcome(adopted=False))
    panel = panel_of(ready)
    assert "The previous model stays in use" in texts(panel)
    panel.show_in_use("tuned-000")
    assert "The previous model stays in use" not in texts(panel)


@pytest.mark.parametrize("state", ["idle", "running", "result"])
def test_nothing_of_the_panel_is_cut_at_1280_by_800(ready: Harness, state: str) -> None:
    ready.window.resize(1280, 800)
    ready.inference.modelLoaded.emit("starter", "CPU, 2 cores")
    if state != "idle":
        start(ready)
        ready.finetuning.stepped.emit(Step(3))
        ready.finetuning.validated.emit(Epoch())
    if state == "result":
        ready.finetuning.running = False
        ready.finetuning.finished.emit(Outcome(adopted=False, rows=[Row(), Row("Oxford photos")]))
    QApplication.processEvents()
    panel = panel_of(ready)
    area = panel.findChild(QScrollArea)
    assert area is not None
    inside = area.widget()
    assert inside.width() <= area.viewport().width()
    assert inside.minimumSizeHint().width() <= area.viewport().width()
    if state == "result":  # the settings may lie below; both models and the choice may not
        button = panel.findChild(QPushButton, "adoptButton")
        assert button is not None
        bottom = button.mapTo(area.viewport(), button.rect().bottomLeft()).y()
        assert bottom < area.viewport().height()
    else:
        assert area.verticalScrollBar().maximum() == 0

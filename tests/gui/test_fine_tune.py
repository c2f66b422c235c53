"""Fine-tuning as the window sees it: start, reports, cancel, outcome, failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
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

from model.settings import PRESETS, EpochReport, FineTuneSettings
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.fine_tune_fields import RATES
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.fine_tune_reports import duration
from tests.gui.fine_tune_rig import Row, epoch, outcome, panel_of, press, start, step, texts
from tests.gui.harness import Harness


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
    quick = {**PRESETS["quick"].to_dict(), "oxford_share": 0.0}  # there are no Oxford photos
    settings = {"preset": "quick", "oxford": "none", **quick}
    assert ready.finetuning.requests == [("starter", settings, False)]
    assert not enabled(ready, "actionFineTune")
    assert enabled(ready, "actionCancelFineTune")


def test_steps_and_epochs_are_shown_while_painting_goes_on(ready: Harness) -> None:
    start(ready)
    for number in (1, 2, 3):
        ready.finetuning.stepped.emit(step(number))
    ready.finetuning.validated.emit(epoch())
    panel = panel_of(ready)
    assert "Step 3 of 10, round 1 of 2, 2 min left" in texts(panel)
    assert "12 photos/s" in texts(panel)
    assert "Kept aside: yours 40.0 %, Oxford 30.0 %" in texts(panel)
    assert panel.plot is not None
    assert panel.plot.shown("own", "training") == ([1, 2, 3], [0.5, 0.5, 0.5])
    assert panel.plot.shown("oxford", "held out") == ([3], [0.2])
    assert ready.review.session is not None


def test_the_time_of_the_next_run_is_learnt_from_this_one(ready: Harness) -> None:
    ready.inference.modelLoaded.emit("starter", "CPU, 2 cores")
    # One photo is repeated to eight steps of eight photos in every round, at 0.2 s each.
    seconds = PRESETS["quick"].epochs * 8 * 8 * 0.2
    assert f"Trains on CPU, 2 cores: roughly {duration(seconds)}." in texts(panel_of(ready))
    start(ready)
    ready.finetuning.stepped.emit(step(5, seconds_left=75.0))  # 15 s a step
    ready.action("actionCancelFineTune")
    steps = PRESETS["quick"].epochs * 8
    assert f"Trains on CPU, 2 cores: about {duration(steps * 15)}." in texts(panel_of(ready))


def test_no_held_out_photo_shows_no_figure(ready: Harness) -> None:
    start(ready)
    ready.finetuning.validated.emit(EpochReport(1, 0.5, 0.8, None, None))
    plot = panel_of(ready).plot
    assert plot is not None
    assert plot.points == {}
    assert "Kept aside:" not in texts(panel_of(ready))


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
    ready.finetuning.finished.emit(outcome(adopted=True))
    assert ready.inference.model == "tuned-001"
    assert ready.review.project is not None
    assert ready.review.project.model_in_use() == "tuned-001"
    assert set(ready.inference.requests[-1]) == {"pet_2.png", "pet_3.png", "pet_4.png"}


def test_a_rejected_model_can_be_used_anyway_and_changed_back(ready: Harness) -> None:
    start(ready)
    ready.finetuning.running = False
    ready.finetuning.finished.emit(outcome(adopted=False))
    assert ready.inference.model == "starter"
    button = panel_of(ready).findChild(QPushButton, "adoptButton")
    assert button is not None
    assert button.text() == "Use the new model"
    press(panel_of(ready), "adoptButton")
    assert ready.inference.model == "tuned-001"
    assert "Your choice is in use" in texts(panel_of(ready))
    press(panel_of(ready), "keepButton")
    assert ready.inference.model == "starter"
    assert "The previous model stays in use" in texts(panel_of(ready))


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
        seen.extend([box.text(), box.informativeText()])
        next(b for b in box.buttons() if b.text() == button).click()

    QTimer.singleShot(0, press)
    assert ready.window.close() is closed
    assert seen[0] == "Stop fine-tuning and close?"
    assert "is kept: open this folder again, and you can go on" in seen[1]
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
    rounds = PRESETS["quick"].epochs
    # At least eight steps of eight photos in every round, however few masks there are.
    assert form.photos_per_run(1) == form.photos_per_run(64) == rounds * 8 * 8
    assert form.photos_per_run(100) == rounds * 13 * 8
    form.set_oxford_ready(True)  # half of every batch: four places are left for one's own
    assert form.photos_per_run(100) == rounds * 25 * 8


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_can_be_shown_field_by_field(ready: Harness, preset: str) -> None:
    form = panel_of(ready).form
    form.set_oxford_ready(True)
    form.set_settings({"preset": preset})
    press(form, "presetCustom")
    chosen = form.settings()
    assert chosen.pop("preset") == "custom"
    assert FineTuneSettings.from_dict(chosen) == PRESETS[preset]
    assert PRESETS[preset].learning_rate in [rate for _text, rate in RATES]


def test_a_learning_rate_that_is_not_listed_is_kept(ready: Harness) -> None:
    form = panel_of(ready).form
    form.set_settings({"learning_rate": 0.00007})
    assert form.settings()["learning_rate"] == 0.00007
    assert form.fields.rate.currentText() == "Other (0.00007)"


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
    ready.finetuning.finished.emit(outcome(adopted=False))
    panel = panel_of(ready)
    assert "The previous model stays in use" in texts(panel)
    panel.result.show_in_use("tuned-000")
    assert "The previous model stays in use" not in texts(panel)


@pytest.mark.parametrize("state", ["idle", "running", "result"])
def test_nothing_of_the_panel_is_cut_at_1280_by_800(ready: Harness, state: str) -> None:
    ready.window.resize(1280, 800)
    ready.inference.modelLoaded.emit("starter", "CPU, 2 cores")
    if state != "idle":
        start(ready)
        ready.finetuning.stepped.emit(step(3))
        ready.finetuning.validated.emit(epoch())
    if state == "result":
        ready.finetuning.running = False
        ready.finetuning.finished.emit(outcome(adopted=False, rows=(Row(), Row("Oxford photos"))))
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

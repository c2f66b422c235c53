"""A fine-tune that is under way: paused, gone on with, with masks that change, interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton

from model.settings import PRESETS, FineTuneSettings
from petseg_gui.services.finetune_request import (
    FineTuneRequest,
    read_unfinished,
    write_unfinished,
)
from petseg_gui.ui.fine_tune_pace import Paces
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from tests.gui.fine_tune_rig import epoch, panel_of, plan, press, start, step, texts
from tests.gui.harness import Harness, pet_mask


def button(harness: Harness, name: str) -> QPushButton:
    found = panel_of(harness).findChild(QPushButton, name)
    assert found is not None
    return found


def choose(panel: FineTunePanel, spoken: str) -> None:
    """Click one of a row of buttons by its accessible name."""
    found = [b for b in panel.findChildren(QToolButton) if b.accessibleName() == spoken]
    assert len(found) == 1, spoken
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def leave_unfinished(harness: Harness, model: str = "starter") -> Path:
    """What an interrupted run leaves in the open project; returns the folder of models."""
    project = harness.review.project
    assert project is not None

    class Registry:
        folder = project.models_dir

    request = FineTuneRequest(
        labels=(),
        registry=Registry(),  # type: ignore[arg-type]
        model=harness.models.in_use(project),
        settings=settings_of(harness),
        oxford="none",
    )
    object.__setattr__(request, "model", type(request.model)(model, Path(model)))
    write_unfinished(request, [f"{number}.jpg" for number in range(20)])
    return project.models_dir


def settings_of(harness: Harness) -> FineTuneSettings:
    return FineTuneSettings.from_dict({**panel_of(harness).form.settings(), "epochs": 3})


def reopen(harness: Harness) -> None:
    project = harness.review.project
    assert project is not None
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.window.open_folder(project.folder)
    harness.settle()


def accept(harness: Harness, name: str) -> None:
    harness.show(name)
    if harness.review.project is not None:
        harness.inference.deliver(name, pet_mask())
    harness.settle()
    harness.action("actionAcceptAndNext")
    harness.settle()


# Pausing


def test_pause_waits_and_goes_on(ready: Harness) -> None:
    start(ready)
    ready.finetuning.stepped.emit(step(3))
    heard: list[bool] = []
    ready.finetuning.paused.connect(heard.append)
    press(panel_of(ready), "pauseFineTune")
    assert heard == [True]
    assert "Paused at step 3 of 10; nothing is lost." in texts(panel_of(ready))
    assert button(ready, "pauseFineTune").text() == "Go on"
    press(panel_of(ready), "pauseFineTune")
    assert heard == [True, False]
    assert "Step 3 of 10" in texts(panel_of(ready))
    assert button(ready, "pauseFineTune").text() == "Pause"


def test_a_paused_run_can_be_cancelled(ready: Harness) -> None:
    start(ready)
    press(panel_of(ready), "pauseFineTune")
    press(panel_of(ready), "cancelFineTune")
    assert not ready.finetuning.running
    assert "You cancelled it" in texts(panel_of(ready))
    start(ready)
    assert button(ready, "pauseFineTune").text() == "Pause"


def test_the_menu_pauses_too(ready: Harness) -> None:
    action = ready.window._actions["actionPauseFineTune"]
    assert not action.isEnabled()
    start(ready)
    assert (action.isEnabled(), action.text()) == (True, "&Pause fine-tuning")
    pauses: list[bool] = []
    ready.finetuning.paused.connect(pauses.append)
    ready.action("actionPauseFineTune")
    assert (pauses, action.text()) == ([True], "&Go on with fine-tuning")
    ready.action("actionPauseFineTune")
    assert (pauses, action.text()) == ([True, False], "&Pause fine-tuning")
    press(panel_of(ready), "cancelFineTune")
    assert not action.isEnabled()


# Curves and masks


def test_the_curve_can_be_chosen(ready: Harness) -> None:
    start(ready)
    panel = panel_of(ready)
    ready.finetuning.stepped.emit(step(1))
    ready.finetuning.validated.emit(epoch())
    assert panel.plot is not None
    assert panel.plot.shown("own", "training") == ([1], [0.5])
    choose(panel, "Curve: Pixels right")
    assert panel.plot.shown("own", "held out")[1] == [pytest.approx(40)]
    choose(panel, "Curve: IoU")
    assert panel.plot.shown("oxford", "held out")[1] == [pytest.approx(40)]
    assert "■" in texts(panel)


def test_the_curves_of_before_an_interruption_are_there(ready: Harness) -> None:
    start(ready)
    panel = panel_of(ready)
    ready.finetuning.resumed.emit([epoch(0, at=0), epoch(1, at=4)])
    assert panel.plot is not None
    assert panel.plot.shown("own", "held out")[0] == [0, 4]
    ready.finetuning.stepped.emit(step(5))
    # The panel has them all when it goes on with a run that it showed itself.
    ready.finetuning.resumed.emit([epoch(0, at=0)])
    assert panel.plot.shown("own", "held out")[0] == [0, 4]
    assert panel.plot.shown("own", "training")[0][-1] == 5


def test_the_legend_names_only_what_there_is(ready: Harness) -> None:
    start(ready)
    assert "Oxford" not in texts(panel_of(ready).run)


def test_masks_change_before_ones_eyes(ready: Harness) -> None:
    start(ready)
    previews = panel_of(ready).run.previews
    assert not previews.isVisible()
    ready.finetuning.prepared.emit(plan())
    assert previews.isVisible()
    assert [label.isHidden() for label in previews.rows[1]] == [False] * 4  # one own, three others
    ready.finetuning.validated.emit(epoch(0, at=0, value=2))
    before = previews.rows[1][0].pixmap().toImage()
    ready.finetuning.validated.emit(epoch(1, value=1))
    assert previews.rows[1][0].pixmap().toImage() != before
    assert previews.rows[0][0].pixmap().toImage() == before
    assert [int(mask[0, 0]) for mask in previews.masks[0]] == [2] * 4
    assert [int(mask[0, 0]) for mask in previews.masks[1]] == [1] * 4


def test_before_and_now_change_places_where_there_is_little_room(ready: Harness) -> None:
    start(ready)
    ready.finetuning.prepared.emit(plan())
    panel = panel_of(ready)
    panel.run.set_room(300)
    rows = panel.run.previews.rows
    assert (rows[0][0].isVisible(), rows[1][0].isVisible()) == (False, True)
    choose(panel, "Photos kept aside: Before")
    assert (rows[0][0].isVisible(), rows[1][0].isVisible()) == (True, False)
    panel.run.set_room(600)
    assert (rows[0][0].isVisible(), rows[1][0].isVisible()) == (True, True)


def test_in_a_tall_window_nothing_is_cut_off_at_the_side(ready: Harness) -> None:
    ready.window.resize(1920, 1080)
    start(ready)
    panel = panel_of(ready)
    ready.qtbot.waitUntil(lambda: panel.run.previews._both)
    ready.finetuning.prepared.emit(plan())
    ready.qtbot.wait(50)  # until everything has been laid out: nothing says so
    assert [row[0].isVisible() for row in panel.run.previews.rows] == [True, True]
    assert panel.run.width() <= panel.width()
    last = panel.run.previews.rows[1][3]
    assert last.mapTo(panel, last.rect().bottomRight()).x() < panel.width()


def test_a_notice_is_told_once_in_both_places(ready: Harness) -> None:
    start(ready)
    for _ in range(2):
        ready.finetuning.noticed.emit("cat.jpg is left out.")
    assert [m.text for m in ready.messages if m.kind == "warning"] == ["cat.jpg is left out."]
    assert texts(panel_of(ready)).count("cat.jpg is left out.") == 1
    ready.finetuning.end("stopped")
    start(ready)
    assert "cat.jpg" not in texts(panel_of(ready))


# New labels


def test_new_labels_are_counted_and_taken_in(ready: Harness) -> None:
    start(ready)
    ready.finetuning.stepped.emit(step(3))
    panel = panel_of(ready)
    assert not button(ready, "continueWithNew").isVisible()
    accept(ready, "pet_2.png")
    assert button(ready, "continueWithNew").text() == "Continue with 1 new label"
    accept(ready, "pet_3.png")
    assert button(ready, "continueWithNew").text() == "Continue with 2 new labels"
    press(panel, "continueWithNew")
    assert ready.finetuning.interrupted == 1
    assert not button(ready, "pauseFineTune").isEnabled()
    plot = panel.plot
    ready.finetuning.end("stopped")
    ready.qtbot.waitUntil(lambda: len(ready.finetuning.requests) == 2)
    first, second = ready.finetuning.requests
    assert second == (*first[:2], True)  # type: ignore[index]
    assert panel.plot is plot, "the curves go on"
    assert button(ready, "pauseFineTune").isEnabled()
    assert not button(ready, "continueWithNew").isVisible()


def test_a_cancel_while_labels_are_taken_in_cancels(ready: Harness) -> None:
    start(ready)
    accept(ready, "pet_2.png")
    press(panel_of(ready), "continueWithNew")
    ready.finetuning.end("cancelled")
    ready.settle()
    assert len(ready.finetuning.requests) == 1
    assert "You cancelled it" in texts(panel_of(ready))


# Interrupted runs


def test_an_interrupted_run_is_found_and_gone_on_with(ready: Harness) -> None:
    leave_unfinished(ready)
    reopen(ready)
    panel = panel_of(ready)
    assert "A run was interrupted" in texts(panel)
    assert "20 photos, started " in texts(panel)
    assert button(ready, "startFineTune").text() == "Start anew"
    press(panel, "goOnFineTune")
    ready.qtbot.waitUntil(lambda: bool(ready.finetuning.requests))
    ((model, settings, go_on),) = ready.finetuning.requests  # type: ignore[misc]
    assert (model, settings["epochs"], go_on) == ("starter", 3, True)
    assert "A run was interrupted" not in texts(panel)


def test_an_interrupted_run_can_be_discarded(ready: Harness) -> None:
    models = leave_unfinished(ready)
    reopen(ready)
    press(panel_of(ready), "discardFineTune")
    ready.settle()
    assert read_unfinished(models) is None
    assert "A run was interrupted" not in texts(panel_of(ready))
    assert button(ready, "startFineTune").text() == "Start"


def test_a_run_of_another_model_can_only_be_discarded(ready: Harness) -> None:
    leave_unfinished(ready, model="tuned-001")
    reopen(ready)
    assert not button(ready, "goOnFineTune").isVisible()
    assert "began from the model tuned-001, and starter is in use now" in texts(panel_of(ready))
    assert button(ready, "discardFineTune").isVisible()


def test_what_ended_by_itself_is_offered_at_once(ready: Harness) -> None:
    start(ready)
    leave_unfinished(ready)
    ready.finetuning.end("stopped")
    ready.settle()
    assert "A run was interrupted" in texts(panel_of(ready))
    start(ready)
    ready.finetuning.end("failed", "The disk is full.")
    ready.settle()
    assert "The disk is full. The model in use has not changed." in texts(panel_of(ready))
    assert button(ready, "goOnFineTune").isVisible()


# Presets and what is remembered


def test_custom_shows_every_field_and_begins_from_the_preset(ready: Harness) -> None:
    panel = panel_of(ready)
    assert not panel.form.fields.isVisible()
    press(panel, "presetThorough")
    press(panel, "presetCustom")
    assert panel.form.fields.isVisible()
    assert panel.form.settings()["epochs"] == PRESETS["thorough"].epochs
    panel.form.fields.seed.setValue(7)
    start(ready)
    ((_model, settings, _go_on),) = ready.finetuning.requests  # type: ignore[misc]
    batch = PRESETS["thorough"].batch_size
    assert (settings["preset"], settings["seed"], settings["batch_size"]) == ("custom", 7, batch)


def test_choices_and_paces_are_remembered(ready: Harness) -> None:
    ready.inference.modelLoaded.emit("starter", "CPU, 2 cores")
    press(panel_of(ready), "presetThorough")
    start(ready)
    ready.finetuning.stepped.emit(step(5, seconds_left=80.0))  # 16 s a step
    press(panel_of(ready), "cancelFineTune")
    remembered = ready.window._settings.finetune
    assert remembered["preset"] == "thorough"
    paces = Paces()
    paces.take(remembered)
    expected = paces.expect("CPU, 2 cores", freeze_encoder=True)
    assert expected is not None
    assert (expected.seconds, expected.measured) == (16.0 / PRESETS["thorough"].batch_size, True)


def test_paces_that_make_no_sense_are_ignored() -> None:
    paces = Paces()
    key = next(iter(_known().to_settings()))
    paces.take({key: -1.0, "epochs": 3, f"{key}x": "fast"})
    assert paces.to_settings() == {}
    assert paces.expect("GPU: any", freeze_encoder=True) is None


def _known() -> Paces:
    paces = Paces()
    paces.learn("GPU: any", True, 0.01)
    return paces


def test_the_whole_network_is_expected_to_take_longer() -> None:
    paces = _known()
    decoder, whole = (paces.expect("GPU: any", frozen) for frozen in (True, False))
    assert decoder is not None
    assert whole is not None
    assert whole.seconds > decoder.seconds
    assert not whole.measured
    assert np.isfinite(whole.seconds)

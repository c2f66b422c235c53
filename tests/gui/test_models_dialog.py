"""The dialog of models in a window on real model files, by real clicks and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QGraphicsView,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
)

from model import facts
from model.registry import Registry
from model.settings import FineTuneSettings
from model.weights import read_card
from petseg_gui.core.store import Project
from petseg_gui.services.models import ProjectModels
from petseg_gui.ui import model_words, models_dialog
from petseg_gui.ui.model_menu import ModelMenu
from petseg_gui.ui.models_compare import NOT_MEASURED, SAME_PHOTOS, ComparisonDialog
from petseg_gui.ui.models_dialog import ModelsDialog
from petseg_gui.ui.theme import apply_scheme
from resources import STARTER_MODEL
from tests.gui.harness import Harness
from tests.model.stranger import Network, model_file

LEFT = Qt.MouseButton.LeftButton
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

OWN = {
    "where": "own",
    "photos": 4,
    "old_accuracy": 0.8,
    "new_accuracy": 0.9,
    "old_mean_iou": 0.6,
    "new_mean_iou": 0.703,
    "old_pet_iou": 0.7,
    "new_pet_iou": 0.8,
}
ABOUT: dict[str, Any] = {
    "comparison": [OWN, {**OWN, "where": "oxford", "new_mean_iou": 0.55}],
    "settings": {"epochs": 5, "freeze_encoder": True},
    "own_photos": ["a.png", "b.png"],
    "history": [
        {"step": 1, "loss": 0.9, "accuracy": 0.5},
        {
            "step": 2,
            "loss": 0.5,
            "accuracy": 0.7,
            "held_out": {"own": {"loss": 0.6, "mean_iou": 0.7}},
        },
    ],
}


class Shown:
    """The open dialog, and what a person does in it."""

    def __init__(self, harness: Harness, registry: Registry) -> None:
        self.harness = harness
        self.registry = registry
        harness.action("actionModels")
        dialog = harness.window.findChild(ModelsDialog)
        assert dialog is not None
        self.dialog = dialog
        harness.settle()

    def choose(self, *ids: str) -> None:
        """Click on models; on all but the first with Ctrl."""
        for number, model_id in enumerate(ids):
            item = self.dialog.list.item(model_id)
            assert item is not None
            held = Qt.KeyboardModifier.ControlModifier if number else Qt.KeyboardModifier.NoModifier
            where = self.dialog.list.visualItemRect(item).center()
            QTest.mouseClick(self.dialog.list.viewport(), LEFT, held, where)

    def press(self, key: str) -> None:
        button = self.dialog.buttons[key]
        assert button.isEnabled(), button.toolTip()
        QTest.mouseClick(button, LEFT)

    def child(self, kind: type, name: str = "") -> Any:
        """What opened over the dialog."""
        found = self.dialog.findChild(kind, name) if name else self.dialog.findChild(kind)
        assert found is not None
        return found

    def answer(self, box: QMessageBox, text: str) -> None:
        button = next(one for one in box.buttons() if one.text() == text)
        QTest.mouseClick(button, LEFT)
        self.harness.settle()

    def save(self, box: QInputDialog) -> None:
        buttons = box.findChild(QDialogButtonBox)
        QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)
        self.harness.settle()

    @property
    def rows(self) -> list[list[str]]:
        model_list = self.dialog.list
        items = [model_list.topLevelItem(row) for row in range(model_list.topLevelItemCount())]
        return [[item.text(column) for column in range(item.columnCount())] for item in items]

    @property
    def ids(self) -> list[str]:
        return [row[2] for row in self.rows]

    @property
    def status(self) -> str:
        return self.dialog.status.text()

    def why_not(self, key: str) -> str:
        """Why a button cannot be pressed, for the eye and for a screen reader."""
        button = self.dialog.buttons[key]
        assert not button.isEnabled()
        assert button.accessibleDescription() == button.toolTip()
        return button.toolTip()


@pytest.fixture
def models(tmp_path: Path) -> ProjectModels:
    return ProjectModels(model_file(tmp_path / "program" / "starter-1.safetensors"))


@pytest.fixture
def opened(make_harness: Callable[..., Harness], models: ProjectModels, folder: Path) -> Harness:
    """A window on a folder with two fine-tuned models, the second made from the first."""
    project = Project.open(folder)
    registry = models.registry(project)
    registry.add(cast(Any, Network()), "starter-1", {"settings": {"epochs": 3}})
    registry.add(cast(Any, Network()), "tuned-001", ABOUT)
    project.close()
    harness = make_harness(models)
    harness.open(folder)
    harness.settle()
    return harness


@pytest.fixture
def shown(opened: Harness, models: ProjectModels) -> Shown:
    assert opened.review.project is not None
    return Shown(opened, models.registry(opened.review.project))


def chosen_path(monkeypatch: pytest.MonkeyPatch, ask: str, path: Path | None) -> None:
    """The system's dialog of files answers with this."""
    answer = ("" if path is None else str(path), "")
    monkeypatch.setattr(QFileDialog, ask, lambda *_args, **_kwargs: answer)


def test_without_a_folder_there_are_no_models(harness: Harness) -> None:
    assert not harness.window.findChild(QAction, "actionModels").isEnabled()


def test_it_lists_every_model_with_its_scores_and_marks_the_one_in_use(shown: Shown) -> None:
    starter, first, second = shown.rows
    assert starter[0:3] == ["Starter", "● in use", "starter-1"]
    assert starter[4] == "comes with PetSeg"
    assert first[2] == "tuned-001"
    assert first[6:] == ["–", "–"]
    assert second[1:3] == ["", "tuned-002"]
    assert second[4:] == ["tuned-001", "1.8 kB", "70.3 %", "55.0 %"]
    assert [version.id for version in shown.dialog.chosen] == ["starter-1"]
    assert shown.dialog.focusWidget() is shown.dialog.list


def test_the_details_say_what_is_known_and_draw_the_curves(shown: Shown) -> None:
    assert shown.dialog.details.curves is None, "the starter has none"
    shown.choose("tuned-002")
    text = shown.dialog.details.text.toPlainText()
    for words in ("starter-1 → tuned-001 → tuned-002", "Passes over the photos", "80.0 %"):
        assert words in text
    curves = shown.dialog.details.curves
    assert curves is not None
    captions = [label.text() for label in curves.findChildren(QLabel)]
    assert "your photos" in captions[0]
    assert "Oxford" not in captions[0], "nothing was measured there"
    shown.choose("tuned-001")
    assert shown.dialog.details.curves is None


def test_the_curves_follow_the_colours_of_the_window(
    shown: Shown, qapp: QApplication, request: pytest.FixtureRequest
) -> None:
    sheet, palette = qapp.styleSheet(), qapp.palette()
    request.addfinalizer(lambda: (qapp.setStyleSheet(sheet), qapp.setPalette(palette)))
    shown.choose("tuned-002")
    before = shown.dialog.details.curves
    for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        apply_scheme(qapp, scheme)
        shown.harness.qtbot.waitUntil(lambda old=before: shown.dialog.details.curves is not old)
        before = shown.dialog.details.curves
        assert before is not None
        plot = before.findChild(QGraphicsView)
        ground = plot.backgroundBrush().color().lightness()
        assert (ground < 128) == (scheme is Qt.ColorScheme.Dark)


def test_one_click_brings_a_model_into_use_and_back(shown: Shown) -> None:
    assert shown.why_not("use") == models_dialog.IN_USE
    shown.choose("tuned-002")
    shown.press("use")
    shown.harness.settle()
    assert shown.harness.inference.model == "tuned-002"
    assert [row[1] for row in shown.rows] == ["", "", "● in use"]
    assert "tuned-002 is in use" in shown.status
    assert shown.why_not("use") == models_dialog.IN_USE
    shown.choose("starter-1")
    shown.press("use")
    assert shown.harness.inference.model == "starter-1"
    assert shown.rows[0][1] == "● in use"


def test_no_other_model_is_chosen_while_a_fine_tune_runs(
    opened: Harness, models: ProjectModels
) -> None:
    opened.finetuning.running = True
    assert opened.review.project is not None
    shown = Shown(opened, models.registry(opened.review.project))
    shown.choose("tuned-001")
    assert shown.why_not("use") == models_dialog.TRAINING
    assert shown.why_not("delete") == models_dialog.TRAINING_DELETE
    assert shown.status == models_dialog.TRAINING
    opened.finetuning.running = False
    opened.finetuning.cancelled.emit()
    opened.settle()
    assert shown.dialog.buttons["use"].isEnabled()
    opened.finetuning.running = True  # in the moment of the click
    shown.press("use")
    assert opened.inference.model == "starter-1"
    opened.finetuning.running = False


def test_a_model_that_was_made_meanwhile_appears(shown: Shown) -> None:
    shown.registry.add(cast(Any, Network()), "tuned-002", {})
    shown.harness.finetuning.failed.emit("The disk is full.")
    shown.harness.settle()
    assert shown.ids == ["starter-1", "tuned-001", "tuned-002", "tuned-003"]


def test_a_model_gets_a_name_that_the_menu_shows(shown: Shown) -> None:
    shown.choose("tuned-001")
    QTest.keyClick(shown.dialog.list, Qt.Key.Key_F2)
    box = shown.child(QInputDialog, "renameDialog")
    line = box.findChild(QLineEdit)
    assert line.maxLength() == 80
    QTest.keyClicks(line, "Cats & <b>dogs</b>")
    QTest.keyClick(line, Qt.Key.Key_Return)
    shown.harness.settle()
    assert shown.rows[1][0] == "Cats & <b>dogs</b>"
    assert "Cats & <b>dogs</b> (tuned-001)" in shown.dialog.details.text.toPlainText()
    assert shown.status == "The name is saved."
    assert shown.dialog.focusWidget() is shown.dialog.list, "as before"
    assert [version.id for version in shown.dialog.chosen] == ["tuned-001"]
    menu = shown.harness.window.findChild(ModelMenu, "modelMenu")
    assert menu.actions()[1].text() == "Cats && <b>dogs</b> (tuned-001)"


def test_a_note_is_written_and_shown(shown: Shown) -> None:
    shown.choose("tuned-001")
    shown.press("note")
    box = shown.child(QInputDialog, "noteDialog")
    QTest.keyClicks(box.findChild(QPlainTextEdit), "Better with whiskers")
    shown.save(box)
    assert "Better with whiskers" in shown.dialog.details.text.toPlainText()
    assert shown.dialog.focusWidget() is shown.dialog.buttons["note"], "as before"
    assert shown.registry.versions()[1].note == "Better with whiskers"


def test_a_note_that_is_too_long_is_told(shown: Shown) -> None:
    shown.choose("tuned-001")
    shown.press("note")
    box = shown.child(QInputDialog, "noteDialog")
    box.findChild(QPlainTextEdit).setPlainText("x" * 2001)
    shown.save(box)
    assert "at most 2,000" in shown.status
    assert shown.dialog.buttons["note"].isEnabled()


def test_a_model_is_exported(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown.choose("tuned-001")
    chosen_path(monkeypatch, "getSaveFileName", None)
    shown.press("export")
    chosen_path(monkeypatch, "getSaveFileName", tmp_path / "mine")
    shown.press("export")
    shown.harness.settle()
    out = tmp_path / "mine.safetensors"
    assert out.read_bytes() == shown.registry.path("tuned-001").read_bytes()
    assert str(out) in shown.status
    chosen_path(monkeypatch, "getSaveFileName", shown.registry.path("tuned-002"))
    shown.press("export")
    shown.harness.settle()
    assert "belongs to the models of this program" in shown.status


def test_a_model_is_imported_and_chosen(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = model_file(tmp_path / "theirs.safetensors", {"settings": {"epochs": "<i>9</i>"}})
    chosen_path(monkeypatch, "getOpenFileName", theirs)
    shown.press("import_")
    shown.harness.settle()
    assert shown.rows[3][0:3] == ["theirs.safetensors", "", "tuned-003"]
    assert shown.rows[3][4] == "imported"
    assert [version.id for version in shown.dialog.chosen] == ["tuned-003"]
    assert shown.status == "theirs.safetensors is now tuned-003."
    assert "<i>9</i>" in shown.dialog.details.text.toPlainText()
    shown.press("use")
    assert shown.harness.inference.model == "tuned-003"


def test_a_file_that_is_no_model_is_refused_with_the_reason(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no model")
    chosen_path(monkeypatch, "getOpenFileName", bad)
    shown.press("import_")
    shown.harness.settle()
    assert "bad.safetensors: not a readable model file" in shown.status
    assert shown.ids == ["starter-1", "tuned-001", "tuned-002"]
    assert shown.dialog.buttons["import_"].isEnabled()


def test_a_deleted_model_can_be_brought_back(shown: Shown) -> None:
    assert shown.why_not("restore") == models_dialog.NO_DELETED
    shown.choose("tuned-001")
    QTest.keyClick(shown.dialog.list, Qt.Key.Key_Delete)
    box = shown.child(QMessageBox, "deleteModelDialog")
    assert "can be brought back" in box.informativeText()
    shown.answer(box, "Cancel")
    assert shown.ids == ["starter-1", "tuned-001", "tuned-002"]
    shown.press("delete")
    boxes = shown.dialog.findChildren(QMessageBox, "deleteModelDialog")
    shown.answer(next(one for one in boxes if one.isVisible()), "Delete")
    assert shown.ids == ["starter-1", "tuned-002"]
    assert shown.dialog.chosen, "something is chosen still"
    shown.choose("tuned-002")
    assert "tuned-001 (deleted) → tuned-002" in shown.dialog.details.text.toPlainText()
    (entry,) = shown.dialog.buttons["restore"].menu().actions()
    entry.trigger()
    shown.harness.settle()
    assert shown.ids == ["starter-1", "tuned-001", "tuned-002"]
    assert [version.id for version in shown.dialog.chosen] == ["tuned-001"]


def test_the_starter_and_the_model_in_use_cannot_be_deleted(shown: Shown) -> None:
    shown.choose("starter-1")
    assert shown.why_not("delete") == models_dialog.KEEP_STARTER
    shown.choose("tuned-001")
    shown.press("use")
    assert shown.why_not("delete") == models_dialog.KEEP_IN_USE
    QTest.keyClick(shown.dialog.list, Qt.Key.Key_Delete)
    assert shown.status == models_dialog.KEEP_IN_USE
    assert not shown.dialog.findChildren(QMessageBox)


def test_two_models_are_compared_on_the_same_photos(shown: Shown) -> None:
    assert shown.why_not("compare") == models_dialog.TWO
    shown.choose("tuned-002", "tuned-001")
    assert shown.why_not("rename") == models_dialog.ONE
    shown.press("compare")
    comparison = shown.child(ComparisonDialog)
    table = comparison.table
    rows = [
        [item.text() for column in range(3) if (item := table.item(row, column)) is not None]
        for row in range(table.rowCount())
    ]
    assert table.horizontalHeaderItem(1).text() == "tuned-001", "what was there before"
    assert ["Mean IoU", "60.0 %", "70.3 % ▲"] in rows
    assert ["Mean IoU", "60.0 %", "55.0 % ▼"] in rows
    assert ["Passes over the photos", "3", "5"] in rows
    assert comparison.words.text() == SAME_PHOTOS
    comparison.reject()


def test_models_without_scores_are_compared_as_far_as_can_be(shown: Shown) -> None:
    shown.choose("starter-1", "tuned-001")
    shown.press("compare")
    assert shown.child(ComparisonDialog).words.text() == NOT_MEASURED


def test_a_second_window_may_look_compare_and_export_only(
    opened: Harness, models: ProjectModels
) -> None:
    project = opened.review.project
    assert project is not None
    project.read_only = True
    shown = Shown(opened, models.registry(project))
    assert shown.status == models_dialog.READ_ONLY
    shown.choose("tuned-001")
    for key in ("use", "rename", "note", "import_", "delete", "restore"):
        assert shown.why_not(key) == models_dialog.READ_ONLY
    assert shown.dialog.buttons["export"].isEnabled()
    shown.choose("tuned-001", "tuned-002")
    assert shown.dialog.buttons["compare"].isEnabled()


def test_files_that_cannot_be_read_are_named(opened: Harness, models: ProjectModels) -> None:
    assert opened.review.project is not None
    registry = models.registry(opened.review.project)
    registry.path("tuned-001").write_bytes(b"damaged")
    shown = Shown(opened, registry)
    assert shown.ids == ["starter-1", "tuned-002"]
    assert "tuned-001.safetensors" in shown.status


def test_it_can_be_closed_while_something_is_done_and_the_end_is_told(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no model")
    chosen_path(monkeypatch, "getOpenFileName", bad)
    shown.press("import_")
    assert shown.why_not("use") == models_dialog.BUSY
    close = next(b for b in shown.dialog.findChildren(QPushButton) if b.text() == "Close")
    QTest.mouseClick(close, LEFT)
    shown.harness.settle()
    assert "bad.safetensors" in shown.harness.messages[-1].text


def test_everything_can_be_reached_by_tab_and_has_a_name(shown: Shown) -> None:
    shown.choose("tuned-002")
    reached = set()
    for _ in range(30):
        focus = shown.dialog.focusWidget()
        assert focus is not None
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    enabled = {button for button in shown.dialog.buttons.values() if button.isEnabled()}
    assert enabled <= reached
    assert {shown.dialog.list, shown.dialog.details.text} <= reached
    for widget in reached:
        assert widget.accessibleName() or widget.text()


def test_every_setting_and_every_part_of_a_recipe_has_words() -> None:
    names = {*FineTuneSettings().to_dict(), *read_card(STARTER_MODEL).about["recipe"]}
    told = {name for name in names if facts.settings({"settings": {name: 1}})}
    assert told - {"augmentation"} <= {*model_words.SETTINGS}

"""Versions, import and export from the window, and what is done to the selected photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton

from petseg_gui.core.records import PhotoState, Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui.batch_controller import BatchController
from petseg_gui.ui.export_dialog import ExportDialog
from petseg_gui.ui.import_dialog import ImportDialog
from petseg_gui.ui.versions_dialog import VersionsDialog
from tests.gui.harness import Harness, pet_mask

ONE, TWO, THREE = "pet_1.png", "pet_2.png", "pet_3.png"
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
BY_HAND = Provenance("starter", 2)


def other_mask() -> np.ndarray:
    mask = pet_mask()
    mask[:20] = 1
    return mask


@pytest.fixture
def project(harness: Harness, folder: Path) -> Project:
    """The folder is open in the window; its first photo has a label of two versions."""
    made = Project.open(folder)
    made.save_label(ONE, pet_mask(), BY_HAND, accept=True)
    made.save_label(ONE, other_mask(), BY_HAND, accept=True)
    made.close()
    harness.open(folder)
    harness.settle()
    assert harness.review.project is not None
    return harness.review.project


def trigger(harness: Harness, name: str) -> None:
    action = harness.window.findChild(QAction, name)
    assert action is not None
    assert action.isEnabled(), name
    action.trigger()


def click(button: QPushButton) -> None:
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def open_dialog(harness: Harness, action: str, kind: type[Any]) -> Any:
    trigger(harness, action)
    dialog = harness.window.findChild(kind)
    assert dialog is not None
    return dialog


def test_an_earlier_version_is_looked_at_compared_and_restored(
    harness: Harness, project: Project
) -> None:
    wait = harness.qtbot.waitUntil
    dialog = open_dialog(harness, "actionVersions", VersionsDialog)
    versions = dialog.findChild(QListWidget, "versionList")
    words = dialog.findChild(QLabel, "versionDifference")
    wait(lambda: versions.count() == 2)
    differ = int(np.count_nonzero(pet_mask() != other_mask()))
    wait(lambda: words.text().startswith(f"{differ:,} pixels"))
    picture = dialog.findChild(QLabel, "versionPicture")
    wait(lambda: not picture.pixmap().isNull())
    plain = picture.pixmap().toImage()
    dialog.compare.click()
    wait(lambda: picture.pixmap().toImage() != plain)
    assert "accepted" in dialog.findChild(QPlainTextEdit, "versionLog").toPlainText()
    click(dialog.findChild(QPushButton, "restoreVersion"))
    wait(lambda: np.array_equal(harness.window._parts.canvas.mask(), pet_mask()))
    assert np.array_equal(project.read_label(ONE), pet_mask())
    assert len(project.versions(ONE)) == 2
    assert harness.messages == []


def test_what_is_on_the_canvas_cannot_be_restored(harness: Harness, project: Project) -> None:
    dialog = open_dialog(harness, "actionVersions", VersionsDialog)
    versions = dialog.findChild(QListWidget, "versionList")
    harness.qtbot.waitUntil(lambda: versions.count() == 2)
    versions.setCurrentRow(0)
    assert not dialog.findChild(QPushButton, "restoreVersion").isEnabled()
    dialog.reject()


def test_that_there_is_no_earlier_version_stays_to_be_read(
    harness: Harness, project: Project
) -> None:
    harness.review.go_to(TWO)
    harness.qtbot.waitUntil(lambda: harness.review.session is not None)
    harness.settle()
    dialog = open_dialog(harness, "actionVersions", VersionsDialog)
    picture = dialog.findChild(QLabel, "versionPicture")
    words = dialog.findChild(QLabel, "versionDifference")
    harness.qtbot.waitUntil(lambda: not picture.pixmap().isNull())
    assert words.text() == "There is no earlier version of this label."
    assert words.geometry().top() > picture.geometry().bottom(), "not over the picture"
    assert words.height() >= words.heightForWidth(words.width()), "not cut off"
    assert not dialog.compare.isEnabled()
    versions = dialog.findChild(QListWidget, "versionList")
    versions.setCurrentRow(-1)
    versions.setCurrentRow(0)  # once more
    harness.settle()
    assert words.text() == "There is no earlier version of this label."
    dialog.reject()


def test_labels_go_out_and_come_back_into_another_folder(
    harness: Harness, project: Project, tmp_path: Path
) -> None:
    wait = harness.qtbot.waitUntil
    target = tmp_path / "out"
    export = open_dialog(harness, "actionExport", ExportDialog)
    export.kind.setCurrentIndex(export.kind.findData("palette"))
    button = export.findChild(QPushButton, "runExport")
    assert not button.isEnabled(), "no folder is chosen"
    export.findChild(QLineEdit, "exportTarget").setText(str(target))
    wait(lambda: button.text() == "Export 1")
    click(button)
    wait(lambda: "1 label exported" in export.report.toPlainText())
    export.findChild(QLineEdit, "exportTarget").setText(f"{target}/")
    wait(lambda: "Choose Replace" in export.report.toPlainText())
    assert not button.isEnabled(), "nothing is written over unasked"
    export.overwrite.click()
    assert button.isEnabled()
    export.reject()
    project.clear_label(ONE)
    harness.review.reload([ONE])
    dialog = open_dialog(harness, "actionImport", ImportDialog)
    source = dialog.findChild(QLineEdit, "importSource")
    source.setText(str(target))
    assert dialog.kind.currentData() == "index"
    run = dialog.findChild(QPushButton, "runImport")
    assert not run.isEnabled(), "first comes the dry run"
    dialog.accept_box.click()
    click(dialog.findChild(QPushButton, "planImport"))
    wait(lambda: "1 new labels" in dialog.report.toPlainText())
    assert project.record(ONE).label is None, "the dry run changes nothing"
    click(run)
    wait(lambda: "1 label imported" in dialog.report.toPlainText())
    assert project.record(ONE).state is PhotoState.ACCEPTED
    wait(lambda: np.array_equal(harness.window._parts.canvas.mask(), other_mask()))
    dialog.reject()


def test_an_import_says_what_does_not_fit(
    harness: Harness, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text("{no json")
    dialog = open_dialog(harness, "actionImport", ImportDialog)
    click(dialog.check)
    assert "Choose a file or a folder" in dialog.report.toPlainText()
    dialog.findChild(QLineEdit, "importSource").setText(str(tmp_path / "bad.json"))
    assert dialog.kind.currentData() == "coco"
    click(dialog.check)
    harness.qtbot.waitUntil(lambda: "bad.json" in dialog.report.toPlainText())
    assert not dialog.run_button.isEnabled()
    dialog.mapping.setText("nonsense")
    click(dialog.check)
    assert "NAME=CLASS" in dialog.report.toPlainText()
    dialog.reject()


def test_the_selected_photos_are_accepted_and_what_has_no_mask_is_told(
    harness: Harness, project: Project
) -> None:
    harness.inference.deliver(TWO, other_mask())
    harness.settle()
    harness.window._browser.selection.select([TWO, THREE])
    trigger(harness, "actionAcceptSelected")
    harness.qtbot.waitUntil(lambda: len(harness.messages) == 1)
    assert harness.messages[0].text.startswith("1 photo accepted, 1 not:")
    assert np.array_equal(project.read_label(TWO), other_mask())
    assert harness.review.counts().accepted == 2


@pytest.mark.parametrize("sure", [True, False])
def test_labels_are_put_away_after_one_question(
    harness: Harness, project: Project, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    asked: list[int] = []

    def answer(_self: BatchController, count: int) -> bool:
        asked.append(count)
        return sure

    monkeypatch.setattr(BatchController, "_confirmed", answer)
    harness.window._browser.selection.select([ONE, TWO])
    trigger(harness, "actionClearSelected")
    harness.settle()
    assert asked == [1], "only photos with a label count"
    assert (project.record(ONE).label is None) is sure
    harness.qtbot.waitUntil(lambda: harness.review.counts().accepted == (0 if sure else 1))


def test_unsaved_strokes_are_part_of_what_is_accepted(
    harness: Harness, project: Project, paint: Callable[[], np.ndarray]
) -> None:
    painted = paint()
    harness.window._browser.selection.select([ONE])
    trigger(harness, "actionAcceptSelected")
    harness.qtbot.waitUntil(lambda: np.array_equal(project.read_label(ONE), painted))
    harness.settle()
    assert harness.review.unsaved() == []


@pytest.fixture
def paint(harness: Harness) -> Callable[[], np.ndarray]:
    def draw() -> np.ndarray:
        from PySide6.QtCore import QPointF

        from tests.gui.pointing import drag

        canvas = harness.window._parts.canvas
        drag(canvas, [QPointF(canvas.width() / 2 - 40, 200), QPointF(canvas.width() / 2, 240)])
        harness.settle()
        assert harness.review.unsaved() == [ONE]
        return canvas.mask().copy()

    return draw

"""The dialogs of import and export: what they say, and how they are cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit, QPushButton

from model.labels import Label
from petseg_gui.core.exchange import guess_values
from petseg_gui.core.exchange.entries import Refusal
from petseg_gui.core.exchange.exporting import plan_export, run_export
from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui import import_dialog
from petseg_gui.ui.export_dialog import ExportDialog
from petseg_gui.ui.import_dialog import ImportDialog
from tests.faults import Fault, broken, count_statements
from tests.gui.harness import HEIGHT, WIDTH, Harness, pet_mask

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def _counted(monkeypatch: pytest.MonkeyPatch) -> None:
    count_statements(monkeypatch)


@pytest.fixture
def project(harness: Harness, folder: Path) -> Project:
    """The folder is open in the window; each of its photos has an accepted label."""
    made = Project.open(folder)
    for name in NAMES:
        made.save_label(name, pet_mask(), Provenance("starter", 1), accept=True)
    made.close()
    harness.open(folder)
    harness.settle()
    assert harness.review.project is not None
    return harness.review.project


@pytest.fixture
def exported(project: Project, tmp_path: Path) -> Path:
    """The labels of all photos, as pictures of class values."""
    target = tmp_path / "there"
    run_export(plan_export(project, target, "palette"))
    return target


class Gate:
    """Lets the first call through, and holds the others until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def guard(self, call: Callable[..., Any], free: int = 0) -> Callable[..., Any]:
        calls = 0

        def wait(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > free:
                self.reached.set()
                assert self.opened.wait(20)
            return call(*arguments, **options)

        return wait


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


def click(dialog: Any, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled(), name
    assert button.isVisible(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def open_export(harness: Harness, target: Path) -> ExportDialog:
    harness.action("actionExport")
    dialog = harness.window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData("palette"))
    line = dialog.findChild(QLineEdit, "exportTarget")
    assert isinstance(line, QLineEdit)
    line.setText(str(target))
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    return dialog


def open_import(harness: Harness, source: Path) -> ImportDialog:
    harness.action("actionImport")
    dialog = harness.window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    line = dialog.findChild(QLineEdit, "importSource")
    assert isinstance(line, QLineEdit)
    line.setText(str(source))
    return dialog


def text(dialog: ImportDialog | ExportDialog) -> str:
    return dialog.report.toPlainText()


def test_an_export_is_cancelled_and_what_was_written_stays(
    harness: Harness, project: Project, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    dialog = open_export(harness, target)
    monkeypatch.setattr(Project, "read_label", gate.guard(Project.read_label, free=1))
    click(dialog, "runExport")
    harness.qtbot.waitUntil(gate.reached.is_set)
    click(dialog, "stopExchange")
    gate.opened.set()
    harness.qtbot.waitUntil(lambda: text(dialog).startswith("2 of 4 exported; cancelled."))
    assert len(list(target.rglob("*.png"))) == 2
    harness.settle()
    dialog.reject()


def test_an_import_is_cancelled_and_the_other_photos_stay_as_they_were(
    harness: Harness, project: Project, exported: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        project.clear_label(name)
    dialog = open_import(harness, exported)
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    monkeypatch.setattr(Project, "replace_label", gate.guard(Project.replace_label, free=1))
    click(dialog, "runImport")
    harness.qtbot.waitUntil(gate.reached.is_set)
    click(dialog, "stopExchange")
    gate.opened.set()
    harness.qtbot.waitUntil(lambda: text(dialog).startswith("2 of 4 imported; cancelled."))
    assert [name for name in NAMES if project.record(name).label] == NAMES[:2]
    harness.settle()
    dialog.reject()


def write_values(folder: Path, values: dict[str, list[int]]) -> Path:
    """Pictures for the photos, in stripes of these values."""
    folder.mkdir(exist_ok=True)
    for name, stripes in values.items():
        pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
        for stripe, value in zip(
            np.array_split(np.arange(HEIGHT), len(stripes)), stripes, strict=True
        ):
            pixels[stripe] = value
        assert cv2.imwrite(str(folder / name), pixels)
    return folder


def rows(dialog: ImportDialog) -> list[tuple[str, str]]:
    """Value and class of each row of the table."""
    table = dialog.values.table
    boxes = table.findChildren(QComboBox)
    by_row = sorted(boxes, key=lambda box: box.mapTo(table, QPoint(0, 0)).y())
    return [
        (table.item(row, 0).text(), by_row[row].currentText()) for row in range(table.rowCount())
    ]


def choose(dialog: ImportDialog, value: str, text: str) -> None:
    """Another class for a value, by keys."""
    box = dialog.values.table.findChild(QComboBox, f"class of {value}")
    assert isinstance(box, QComboBox)
    assert box.isVisible()
    box.setFocus()
    QTest.keyClicks(box, text)
    assert box.currentText().startswith(text)


def looked(harness: Harness, dialog: ImportDialog) -> None:
    harness.qtbot.waitUntil(lambda: not dialog.values.looking)
    QApplication.processEvents()


def test_the_values_of_pictures_are_in_a_table_with_the_class_that_each_most_likely_is(
    harness: Harness, project: Project, tmp_path: Path
) -> None:
    source = write_values(tmp_path / "theirs", {NAMES[0]: [0, 0, 0, 1, 255]})
    dialog = open_import(harness, source)
    looked(harness, dialog)
    assert dialog.kind.currentData() == "index"
    assert not dialog.mapping.isVisible(), "no line of text"
    assert rows(dialog) == [
        ("0", "Background"),
        ("1", "Pet"),
        ("255", "Not labelled, ignore"),
    ]
    assert dialog.values.table.item(0, 1).text() == "60.0 %"
    choose(dialog, "255", "Border")
    dialog.overwrite.click()
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    click(dialog, "runImport")
    harness.qtbot.waitUntil(lambda: "1 label imported" in text(dialog))
    label = project.read_label(NAMES[0])
    assert label is not None
    assert [int(label[row, 0]) for row in (0, HEIGHT * 7 // 10, HEIGHT - 1)] == [2, 1, 3]
    harness.settle()
    dialog.reject()


def test_black_and_white_masks_are_noticed_and_have_two_rows(
    harness: Harness, project: Project, tmp_path: Path
) -> None:
    source = write_values(tmp_path / "theirs", {NAMES[0]: [0, 0, 0, 255]})
    dialog = open_import(harness, source)
    click(dialog, "planImport")  # at once: the plan waits for the look at the values
    harness.qtbot.waitUntil(lambda: "that replace a label" in text(dialog))
    assert dialog.kind.currentData() == "binary"
    assert rows(dialog) == [("128 and lighter", "Pet"), ("darker", "Background")]
    assert dialog.values.table.item(0, 1).text() == "25.0 %"
    choose(dialog, "128 and lighter", "Background")
    choose(dialog, "darker", "Pet")
    dialog.threshold.setValue(100)
    assert rows(dialog) == [("100 and lighter", "Background"), ("darker", "Pet")]
    options = dialog.options()
    assert (options.foreground, options.rest, options.threshold) == (
        Label.BACKGROUND,
        Label.PET,
        100,
    )
    dialog.reject()


def test_a_value_that_the_look_missed_gets_a_row_when_the_check_meets_it(
    harness: Harness, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guess_values, "MOST_FILES", 1)
    source = write_values(
        tmp_path / "theirs", {NAMES[0]: [0, 9], NAMES[1]: [0, 9, 77], NAMES[2]: [0, 9]}
    )
    dialog = open_import(harness, source)
    looked(harness, dialog)
    assert rows(dialog) == [("0", "Background"), ("9", "Pet")]
    click(dialog, "planImport")
    harness.qtbot.waitUntil(lambda: "The table has more values now" in text(dialog))
    assert rows(dialog)[2] == ("77", "Not labelled, ignore")
    click(dialog, "planImport")
    harness.qtbot.waitUntil(lambda: "3 that replace a label" in text(dialog))
    dialog.reject()


def test_shapes_still_have_names(harness: Harness, project: Project, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "pet_1.json").write_text("{}")
    dialog = open_import(harness, tmp_path / "theirs")
    assert dialog.kind.currentData() == "labelme"
    assert dialog.mapping.isVisible()
    assert not dialog.values.isVisible()
    dialog.reject()


@pytest.fixture
def long_report(
    harness: Harness, project: Project, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> ImportDialog:
    """An import whose check has 1,434 lines after the first, and 'saves' into a folder."""
    real = import_dialog.plan_import

    def plan(*arguments: Any) -> Any:
        refused = tuple(Refusal(f"mask_{i}.png", "no photo has this name") for i in range(1434))
        return replace(real(*arguments), refused=refused)

    monkeypatch.setattr(import_dialog, "plan_import", plan)
    dialog = open_import(harness, exported)
    assert not dialog.save_button.isVisible(), "there is no report yet"
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.save_button.isVisible)
    return dialog


def test_a_long_report_shows_its_beginning_and_is_saved_whole(
    long_report: ImportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = text(long_report).splitlines()
    assert len(lines) == 201
    assert lines[-1] == "and 1,235 more"
    target = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click(long_report, "saveReport")
    assert len(target.read_text().splitlines()) == 1435
    assert "mask_1433.png" in target.read_text()
    assert str(target) in long_report.problem.text()
    long_report.reject()


def test_a_report_that_cannot_be_saved_says_so_and_stays(
    long_report: ImportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "report.txt"
    target.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    with broken(target.parent, Fault("ENOSPC", 1, lasting=True)):
        click(long_report, "saveReport")
    assert "No space left" in long_report.problem.text()
    assert "another folder" in long_report.problem.text()
    assert long_report.problem.isVisible()
    assert len(text(long_report).splitlines()) == 201
    assert list(target.parent.iterdir()) == []
    long_report.reject()

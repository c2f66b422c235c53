"""The dialogs of import and export: what they say, and how they are cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from petseg_gui.core.exchange.exporting import plan_export, run_export
from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui.export_dialog import ExportDialog
from petseg_gui.ui.import_dialog import ImportDialog
from tests.gui.harness import Harness, pet_mask

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


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

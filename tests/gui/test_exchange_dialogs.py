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
from PySide6.QtCore import Qt
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
from petseg_gui.ui.tags_dialog import TagsDialog
from petseg_gui.ui.thumbnails import Thumbnails
from petseg_gui.ui.versions_dialog import VersionsDialog
from tests.faults import Fault, broken, count_statements
from tests.gui.harness import HEIGHT, WIDTH, Harness, pet_mask

NAMES = ["pet_1.png", "pet_2.png", "pet_3.png", "pet_4.png"]
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def _counted(monkeypatch: pytest.MonkeyPatch) -> None:
    count_statements(monkeypatch)
    # Thumbnails are read and written whenever there is time: here only what a test does counts.
    monkeypatch.setattr(Thumbnails, "want", lambda *_arguments: None)


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


def held_import(
    harness: Harness, source: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> ImportDialog:
    """An import into a project without labels, held at its second photo."""
    project = harness.review.project
    assert project is not None
    for name in NAMES:
        project.clear_label(name)
    harness.review.reload(NAMES)
    dialog = open_import(harness, source)
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    monkeypatch.setattr(Project, "replace_label", gate.guard(Project.replace_label, free=1))
    click(dialog, "runImport")
    harness.qtbot.waitUntil(gate.reached.is_set)
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
    dialog = held_import(harness, exported, gate, monkeypatch)
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
    # Not by looking for boxes: those of rows that were replaced live on for a moment.
    shown = [table.cellWidget(row, 2) for row in range(table.rowCount())]
    return [
        (table.item(row, 0).text(), box.currentText())
        for row, box in enumerate(shown)
        if isinstance(box, QComboBox)
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


def full(folder: Path, at: int = 1) -> Any:
    """Within it, the disk below a folder is full at its n-th change.

    Not at those that follow a later one as well: on a real disk files can still be removed.
    """
    return broken(folder, Fault("ENOSPC", at, lasting=at == 1))


def check_told(said: str) -> None:
    assert said.count("No space left on device") + said.count("disk is full") == 1, said
    assert said.count("Free some space on the disk") == 1, "what to do"


def no_remains(folder: Path) -> None:
    assert not [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


@pytest.mark.parametrize("at", [1, 9])
def test_an_import_on_a_full_disk_says_so_once_and_can_be_gone_on_with(
    harness: Harness, folder: Path, project: Project, exported: Path, at: int
) -> None:
    for name in NAMES:
        project.clear_label(name)
    dialog = open_import(harness, exported)
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    with full(folder, at) as disk:
        click(dialog, "runImport")
        harness.qtbot.waitUntil(lambda: "of 4 imported" in text(dialog))
        harness.settle()
    assert disk.struck
    check_told(text(dialog))
    done = [name for name in NAMES if project.record(name).label]
    assert text(dialog).startswith(f"{len(done)} of 4 imported.")
    assert len(done) < 4
    for name in done:
        assert np.array_equal(project.read_label(name), pet_mask())
    no_remains(folder)
    click(dialog, "planImport")
    harness.qtbot.waitUntil(dialog.run_button.isEnabled)
    click(dialog, "runImport")
    rest = "1 label" if len(done) == 3 else f"{4 - len(done)} labels"
    harness.qtbot.waitUntil(lambda: f"{rest} imported" in text(dialog))
    assert all(project.record(name).label for name in NAMES)
    assert harness.messages == []
    harness.settle()
    dialog.reject()


@pytest.mark.parametrize("at", [1, 8])
def test_an_export_on_a_full_disk_says_so_once_and_can_be_tried_again(
    harness: Harness, project: Project, tmp_path: Path, at: int
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    dialog = open_export(harness, target)
    with full(target, at) as disk:
        click(dialog, "runExport")
        harness.qtbot.waitUntil(lambda: "No space left" in text(dialog))
    assert disk.struck
    check_told(text(dialog))
    no_remains(target)
    dialog.overwrite.click()
    click(dialog, "runExport")
    harness.qtbot.waitUntil(lambda: "4 labels exported" in text(dialog))
    assert len(list(target.rglob("*.png"))) == 4
    harness.settle()
    dialog.reject()


def test_a_version_that_could_not_be_restored_is_told_once_and_can_be_restored_later(
    harness: Harness, folder: Path, project: Project
) -> None:
    other = np.roll(pet_mask(), 5, axis=1)
    project.save_label(NAMES[0], other, Provenance("starter", 1), accept=True)
    harness.review.reload(NAMES[:1])
    harness.settle()

    def restore() -> None:
        harness.qtbot.waitUntil(lambda: harness.window.findChild(VersionsDialog) is None)
        harness.action("actionVersions")
        dialog = harness.window.findChild(VersionsDialog)
        assert dialog is not None
        harness.qtbot.waitUntil(dialog.restore.isEnabled)
        click(dialog, "restoreVersion")
        harness.settle()

    with full(folder):
        restore()
        harness.qtbot.waitUntil(lambda: len(harness.messages) > 0)
        harness.settle()
    (message,) = harness.messages
    check_told(message.text)
    assert message.text.startswith(f"The version of {NAMES[0]} was not restored: ")
    assert np.array_equal(project.read_label(NAMES[0]), other)
    assert np.array_equal(harness.window._parts.canvas.mask(), other)
    assert len(project.versions(NAMES[0])) == 1
    no_remains(folder)
    restore()
    harness.qtbot.waitUntil(lambda: np.array_equal(harness.window._parts.canvas.mask(), pet_mask()))
    assert len(harness.messages) == 1


def test_tags_that_could_not_be_written_are_told_once_and_can_be_given_later(
    harness: Harness, folder: Path, project: Project
) -> None:
    def give() -> None:
        harness.qtbot.waitUntil(lambda: harness.window.findChild(TagsDialog) is None)
        harness.messages.clear()
        harness.action("actionTagSelected")
        dialog = harness.window.findChild(TagsDialog)
        assert dialog is not None
        QTest.keyClicks(dialog.more, "dark")
        click(dialog, "applyTags")
        harness.qtbot.waitUntil(lambda: len(harness.messages) > 0)
        harness.settle()

    harness.window._browser.selection.select(NAMES)
    with full(folder):
        give()
    (message,) = harness.messages
    check_told(message.text)
    assert message.text.startswith("0 photos tagged, 4 not: ")
    assert [project.record(name).tags for name in NAMES] == [()] * 4
    no_remains(folder)
    give()
    assert [message.text for message in harness.messages] == ["4 photos tagged."]
    assert [project.record(name).tags for name in NAMES] == [("dark",)] * 4


def test_tags_that_are_not_applied_change_nothing(harness: Harness, project: Project) -> None:
    harness.action("actionTagSelected")
    dialog = harness.window.findChild(TagsDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.more, "dark")
    QTest.keyClick(dialog.more, Qt.Key.Key_Escape)
    harness.settle()
    assert not dialog.isVisible()
    assert project.record(NAMES[0]).tags == ()
    assert harness.messages == []


def test_an_import_whose_dialog_is_closed_ends_and_says_how_far_it_came(
    harness: Harness, exported: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = held_import(harness, exported, gate, monkeypatch)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    gate.opened.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) > 0)
    assert [message.text for message in harness.messages] == [
        "Import labels: 2 of 4 imported; cancelled."
    ]
    harness.settle()
    assert [bool(harness.review.state.records[name].label) for name in NAMES] == [True] * 2 + [
        False
    ] * 2
    assert np.array_equal(harness.window._parts.canvas.mask(), pet_mask())
    harness.qtbot.waitUntil(lambda: harness.window.findChild(ImportDialog) is None)


def test_an_export_whose_dialog_is_closed_ends_and_says_how_far_it_came(
    harness: Harness, project: Project, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = open_export(harness, tmp_path / "out")
    monkeypatch.setattr(Project, "read_label", gate.guard(Project.read_label, free=1))
    click(dialog, "runExport")
    harness.qtbot.waitUntil(gate.reached.is_set)
    click(dialog, "closeExchange")
    gate.opened.set()
    harness.qtbot.waitUntil(lambda: len(harness.messages) > 0)
    assert [message.text for message in harness.messages] == [
        "Export labels: 2 of 4 exported; cancelled."
    ]
    no_remains(tmp_path / "out")
    harness.qtbot.waitUntil(lambda: harness.window.findChild(ExportDialog) is None)


def test_a_window_that_is_closed_amid_an_import_waits_for_one_photo(
    harness: Harness, folder: Path, exported: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_import(harness, exported, gate, monkeypatch)
    opener = threading.Timer(0.2, gate.opened.set)
    opener.start()
    harness.window.close()
    opener.join()
    made = Project.open(folder)
    assert [bool(made.record(name).label) for name in NAMES] == [True, True, False, False]
    assert np.array_equal(made.read_label(NAMES[1]), pet_mask())
    made.close()
    no_remains(folder)


def test_versions_that_are_closed_while_they_are_read_leave_nothing_behind(
    harness: Harness, project: Project, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Project, "versions", gate.guard(Project.versions))
    harness.action("actionVersions")
    dialog = harness.window.findChild(VersionsDialog)
    assert dialog is not None
    harness.qtbot.waitUntil(gate.reached.is_set)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    gate.opened.set()
    harness.settle()
    harness.qtbot.waitUntil(lambda: harness.window.findChild(VersionsDialog) is None)
    assert harness.messages == []


def test_a_version_that_cannot_be_read_is_told_in_the_dialog_and_the_others_are_shown(
    harness: Harness, project: Project
) -> None:
    for shift in (3, 6):
        mask = np.roll(pet_mask(), shift, axis=1)
        project.save_label(NAMES[0], mask, Provenance("starter", 1), accept=True)
    version = project.versions(NAMES[0])[-1]
    version.path.write_bytes(b"damaged")
    harness.action("actionVersions")
    dialog = harness.window.findChild(VersionsDialog)
    assert dialog is not None
    harness.qtbot.waitUntil(lambda: "Choose another version." in dialog.words.text())
    assert not dialog.restore.isEnabled()
    dialog.list.setCurrentRow(2)
    harness.qtbot.waitUntil(lambda: not dialog.picture.pixmap().isNull())
    assert dialog.restore.isEnabled()
    dialog.reject()
    harness.settle()

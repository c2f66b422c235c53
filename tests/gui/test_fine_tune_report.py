"""What came of a fine-tune: the card, the report, the decision, and what changed most."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QTableWidget, QToolButton
from pytestqt.qtbot import QtBot

from petseg_gui.core.arrange import Sort
from petseg_gui.services.augmented import Augmented
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.augmented_dialog import AugmentedDialog
from petseg_gui.ui.fine_tune_report import ReportDialog
from petseg_gui.ui.fine_tune_reports import in_words, percent, points
from petseg_gui.ui.report_numbers import interval_in_words
from tests.gui.fine_tune_rig import Row, outcome, panel_of, press, start, texts
from tests.gui.harness import Harness

# A dialog of its own is raised, which the offscreen platform cannot do.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")


def finish(harness: Harness, *, adopted: bool, sure: bool = True) -> None:
    start(harness)
    harness.models.known.add("starter")
    harness.finetuning.end("finished", outcome(adopted=adopted, sure=sure))


def open_report(harness: Harness) -> ReportDialog:
    press(panel_of(harness), "showReport")
    report = harness.window.findChild(ReportDialog)
    assert report is not None
    return report


def enabled(harness: Harness) -> tuple[bool, bool]:
    result = panel_of(harness).result
    return result.use.isEnabled(), result.keep.isEnabled()


def order(table: QTableWidget) -> list[str]:
    items = [table.item(line, 0) for line in range(table.rowCount())]
    return [item.text() for item in items if item is not None]


# The card


def test_where_nobody_can_tell_the_person_decides(ready: Harness) -> None:
    finish(ready, adopted=False, sure=False)
    assert ready.inference.model == "starter", "nothing is adopted by itself"
    assert "Too few photos to tell: you decide" in texts(panel_of(ready))
    assert enabled(ready) == (True, True)
    press(panel_of(ready), "keepButton")
    assert ready.inference.model == "starter"
    assert "Your choice is in use" in texts(panel_of(ready))
    assert enabled(ready) == (True, False)
    press(panel_of(ready), "adoptButton")
    assert ready.inference.model == "tuned-001"


def test_an_adopted_model_can_be_given_up(ready: Harness) -> None:
    finish(ready, adopted=True)
    assert "The new model is in use" in texts(panel_of(ready))
    assert enabled(ready) == (False, True)
    press(panel_of(ready), "keepButton")
    assert ready.inference.model == "starter"
    assert enabled(ready) == (True, False)


def test_a_model_whose_files_are_gone_is_not_said_to_be_in_use(ready: Harness) -> None:
    start(ready)
    ready.models.known = {"starter"}
    ready.finetuning.end("finished", outcome(adopted=True))
    assert "The new model is in use" not in texts(panel_of(ready))
    assert ready.inference.model == "starter"


# The message


def test_what_changed_most_is_offered_and_listed(ready: Harness) -> None:
    finish(ready, adopted=True)
    press(ready.window, "messageOffer")
    assert ready.review.list.arrangement.sort is Sort.DISAGREEMENT
    assert not ready.review.list.narrowed
    note = ready.messages[-1]
    assert note.offer is not None
    assert note.offer.text == "Show what changed most"


def test_nothing_is_offered_when_nothing_changed(ready: Harness) -> None:
    finish(ready, adopted=False)
    assert ready.messages[-1].offer is None


# The report


def test_the_report_shows_every_number(ready: Harness) -> None:
    finish(ready, adopted=True)
    report = open_report(ready)
    read = texts(report)
    for text in ("The new model is in use", "Your photos (6)", "85.0 %", "87.0 %", "+2.0 ▲"):
        assert text in read
    for name in ("IoU of pet", "IoU of background", "IoU of border", "Mean IoU", "Pixels right"):
        assert name in read
    assert "–" in read, "what is not known is a dash"
    assert "between +0.4 and +5.0 points (95 % interval)" in read
    report.close()


def test_the_report_sorts_by_worse_and_by_better(ready: Harness) -> None:
    finish(ready, adopted=True)
    report = open_report(ready)
    assert not report.order.isVisible()
    report.tabs.setCurrentWidget(report.photos)
    assert order(report.photos) == ["worse.jpg", "same.jpg", "better.jpg", "nopet.jpg"]
    assert report.sides.names == ["worse.jpg", "better.jpg", "cat_1"]
    better = [b for b in report.findChildren(QToolButton) if b.text() == "Better first"]
    QTest.mouseClick(better[0], Qt.MouseButton.LeftButton)
    assert order(report.photos) == ["better.jpg", "same.jpg", "worse.jpg", "nopet.jpg"]
    assert report.sides.names == ["better.jpg", "worse.jpg", "cat_1"]
    report.close()


def test_photos_are_side_by_side_with_the_change_in_words(ready: Harness) -> None:
    finish(ready, adopted=True)
    report = open_report(ready)
    report.tabs.setCurrentWidget(report.sides)
    read = texts(report.sides)
    assert "▼ Much worse: pet 90.0 % → 70.0 %" in read
    assert "▲ Much better: pet 60.0 % → 80.0 %" in read
    for caption in ("Photo", "Your label", "The label", "Before", "After"):
        assert caption in read.splitlines()
    report.close()


def test_the_decision_can_be_made_in_the_report(ready: Harness) -> None:
    finish(ready, adopted=False, sure=False)
    report = open_report(ready)
    keep = report.findChild(QPushButton, "reportKeep")
    assert keep is not None
    assert keep.isDefault(), "the safe answer is the one that Enter gives"
    assert keep.isEnabled()
    press(report, "reportUse")
    assert ready.inference.model == "tuned-001"
    assert not report.use.isEnabled()
    assert enabled(ready) == (False, True)
    press(report, "reportKeep")
    assert ready.inference.model == "starter"
    report.close()


def test_the_report_goes_with_the_next_run(ready: Harness) -> None:
    finish(ready, adopted=True)
    open_report(ready)
    start(ready)
    QApplication.sendPostedEvents()
    assert ready.window.findChild(ReportDialog) is None or not any(
        dialog.isVisible() for dialog in ready.window.findChildren(ReportDialog)
    )


def test_a_report_without_photos_says_so(qtbot: QtBot) -> None:
    report = ReportDialog(outcome(adopted=False, sure=False, rows=()), "starter")
    qtbot.addWidget(report)
    report.show()
    assert "No photo is kept aside" in texts(report)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.02, "better than chance"),
        (-0.02, -0.01, "worse than chance"),
        (-0.01, 0.01, "may be chance"),
        (math.nan, math.nan, "Too few photos"),
    ],
)
def test_how_far_a_change_can_be_trusted(low: float, high: float, said: str) -> None:
    assert said in interval_in_words(Row(low=low, high=high))


def test_numbers_are_said_as_people_read_them() -> None:
    assert percent(math.nan) == "–"
    assert (points(0.0312), points(-0.0312), points(0.0001)) == ("+3.1", "−3.1", "0.0")
    assert in_words(0.5, 0.51) == "Slightly better: pet 50.0 % → 51.0 %"
    assert in_words(0.55, 0.5) == "Somewhat worse: pet 55.0 % → 50.0 %"
    assert in_words(math.nan, 0.5) == "No pet to compare"


# What the model sees


def test_the_gallery_shows_twelve_changed_photos(ready: Harness) -> None:
    photo, mask = np.full((32, 32, 3), 90, np.uint8), np.full((32, 32), 1, np.uint8)
    ready.pictures = [Augmented(photo, mask)] * 12
    seen: list[int] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AugmentedDialog)
        ready.qtbot.waitUntil(dialog.again.isEnabled)
        seen.append(sum(not label.pixmap().isNull() for label in dialog.pictures))
        press(dialog, "augmentAgain")
        ready.qtbot.waitUntil(dialog.again.isEnabled)
        dialog.reject()

    QTimer.singleShot(0, look)
    press(panel_of(ready), "showAugmented")
    assert seen == [12]


@pytest.mark.parametrize("broken", [False, True])
def test_a_gallery_without_pictures_says_why(qtbot: QtBot, broken: bool) -> None:
    def make(_count: int) -> list[Augmented]:
        if broken:
            raise OSError("no room")
        return []

    tasks = TaskRunner(1)
    dialog = AugmentedDialog(make, tasks)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.again.isEnabled)
    expected = "no room" if broken else "no accepted mask yet"
    assert expected in dialog.words.text()
    tasks.shutdown()

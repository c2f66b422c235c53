"""A second window on a project that is open elsewhere: it shows, says why, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QPushButton

from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.fine_tune_controller import READ_ONLY as NO_TRAINING
from petseg_gui.ui.versions_dialog import VersionsDialog
from petseg_gui.ui.workbench import READ_ONLY
from tests.gui.harness import Harness, pet_mask
from tests.gui.pointing import drag
from tests.held import held_by_another_process

# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def second(make_harness: Callable[[], Harness], folder: Path) -> Iterator[Harness]:
    """A window on a folder that another process has open; its first photo has a label."""
    made = Project.open(folder)
    made.save_label("pet_1.png", pet_mask(), Provenance("starter", 1), accept=True)
    made.save_label("pet_1.png", pet_mask(), Provenance("starter", 2), accept=True)
    made.close()
    with held_by_another_process(folder):
        harness = make_harness()
        harness.open(folder)
        harness.settle()
        yield harness


def test_it_shows_the_photos_and_says_that_it_only_reads(second: Harness, folder: Path) -> None:
    harness = second
    labels = list((folder / "petseg" / "labels").iterdir())
    assert harness.review.project is not None
    assert harness.review.project.read_only
    assert [message.kind for message in harness.messages] == ["info"]
    assert "another window" in harness.messages[0].text
    canvas = harness.window.findChild(Canvas, "canvas")
    before = canvas.mask().copy()
    drag(canvas, [QPointF(60, 60), QPointF(200, 160)])
    assert np.array_equal(canvas.mask(), before), "a stroke that could never be saved"
    assert harness.messages[-1].text == READ_ONLY
    assert harness.window._parts.fine_tune._labels.text() == NO_TRAINING
    for name in ("actionSave", "actionAcceptAndNext", "actionFineTune"):
        assert not harness.window.findChild(QAction, name).isEnabled()
    assert list((folder / "petseg" / "labels").iterdir()) == labels


CHANGES = {
    *("actionSave", "actionAcceptAndNext", "actionSkip", "actionFlag", "actionUnaccept"),
    *("actionKeepLabel", "actionStartAnew", "actionImport", "actionAcceptSelected"),
    *("actionPredictSelected", "actionClearSelected", "actionTagSelected"),
    *("actionLayBorder", "actionCleanUp", "actionResetPhoto", "actionUndo", "actionRedo"),
    *("actionFineTune", "actionPauseFineTune", "actionCancelFineTune", "actionSubfolders"),
}
"""What would change something, of all actions."""


def test_every_action_that_it_does_not_offer_says_why(second: Harness) -> None:
    disabled = {a.objectName(): a for a in second.window._actions if not a.isEnabled()}
    assert set(disabled) == CHANGES, "and what only looks can be done"
    for name, action in disabled.items():
        assert action.toolTip().startswith("Another window has this folder open"), name
        assert action.statusTip() == action.toolTip(), name


def test_its_buttons_and_lines_say_why_as_well(second: Harness) -> None:
    window = second.window
    start = window.findChild(QPushButton, "startFineTune")
    lines = [window.findChild(QLineEdit, name) for name in ("tagsEdit", "noteEdit")]
    second.action("actionVersions")
    dialog = window.findChild(VersionsDialog)
    assert dialog is not None
    second.qtbot.waitUntil(lambda: not dialog.picture.pixmap().isNull())
    for widget in (*lines, start, dialog.restore):
        assert widget is not None
        assert not widget.isEnabled()
        assert widget.toolTip().startswith("Another window has this folder open")
    dialog.reject()
    second.settle()

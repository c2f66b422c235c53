"""A second window on a project that is open elsewhere: it shows, says why, and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction

from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.fine_tune_controller import READ_ONLY as NO_TRAINING
from petseg_gui.ui.workbench import READ_ONLY
from tests.gui.harness import Harness
from tests.gui.pointing import drag

TOP = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from petseg_gui.core.store import Project
project = Project.open(Path(sys.argv[1]))
print(project.read_only, flush=True)
sys.stdin.read()
"""


def test_it_shows_the_photos_and_says_that_it_only_reads(
    make_harness: Callable[[], Harness], folder: Path
) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=TOP,
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "False\n"
        harness = make_harness()
        harness.open(folder)
        harness.settle()
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
        for name in ("actionSave", "actionAcceptAndNext", "actionSkip", "actionFlag"):
            action = harness.window.findChild(QAction, name)
            assert not action.isEnabled()
            assert action.toolTip().startswith("Another window has this folder open")
        assert not list((folder / "petseg" / "labels").iterdir())
    finally:
        first.communicate("")

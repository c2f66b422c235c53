"""The folder that is open is opened once more: what was painted until that moment is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from tests.gui.harness import Harness
from tests.gui.pointing import drag

ONE, TWO = "pet_1.png", "pet_2.png"


def paint(harness: Harness, x: float, y: float) -> np.ndarray:
    canvas = harness.window._parts.canvas
    middle = canvas.width() / 2
    drag(canvas, [QPointF(middle + x, y), QPointF(middle + x + 30, y + 20)])
    return canvas.mask().copy()


@pytest.mark.parametrize("when", ["before", "while it opens"])
def test_strokes_are_there_and_none_is_lost_by_the_next(
    harness: Harness, folder: Path, when: str
) -> None:
    harness.open(folder)
    harness.show(TWO)
    canvas = harness.window._parts.canvas
    painted = paint(harness, -40, 200) if when == "before" else canvas.mask().copy()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(folder)
        if when != "before":
            # Its project may have been read by then: nothing is delivered in between.
            painted = paint(harness, -40, 200)
    harness.settle()
    assert (painted != 2).any()
    assert harness.review.current == TWO
    assert np.array_equal(canvas.mask(), painted)
    assert harness.review.unsaved() == [TWO]
    assert harness.messages == [], "nothing was left"
    both = paint(harness, 20, 120)
    assert (both[painted != 2] == painted[painted != 2]).all()
    harness.review.flush_drafts()
    harness.settle()
    project = harness.review.project
    assert project is not None
    assert np.array_equal(project.read_draft(TWO), both)


def test_strokes_that_were_given_up_are_not_there_again(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.settle()
    paint(harness, -40, 200)
    harness.review.flush_drafts()
    harness.settle()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(folder)
        harness.review.discard_all()
    harness.settle()
    assert (harness.window._parts.canvas.mask() == 2).all()
    assert harness.review.unsaved() == []

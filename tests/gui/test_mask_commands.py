"""Commands on the whole mask: computed beside the window, and never landing on another mask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from petseg_gui.core.border import border_patch
from petseg_gui.core.mask import Mask, Patch
from petseg_gui.ui import mask_commands
from tests.gui.mask_rig import Rig, predicted_mask


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "photos"
    folder.mkdir()
    rig = Rig(qtbot, folder)
    yield rig
    rig.close()


class Gate:
    """Holds a function up in its worker thread, and counts its calls."""

    def __init__(self, function: Callable[[np.ndarray], object]) -> None:
        self._function = function
        self._open = threading.Event()
        self.calls = 0
        self.threads: set[int] = set()
        self.masks: list[np.ndarray] = []

    def __call__(self, mask: np.ndarray) -> object:
        self.calls += 1
        self.threads.add(threading.get_ident())
        self.masks.append(mask)
        assert self._open.wait(5)
        return self._function(mask)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(border_patch)
    monkeypatch.setattr(mask_commands, "border_patch", gate)
    yield gate
    gate.open()


def with_border(mask: np.ndarray) -> np.ndarray:
    patch = border_patch(mask)
    assert patch is not None
    document = Mask(mask)
    document.apply(patch)
    return document.view().copy()


def dab(rig: Rig, x: int = 5, y: int = 100) -> None:
    patch = Patch(x, y, np.ones((4, 4), np.bool_), 1)
    assert rig.canvas.apply("brush stroke", patch)


def test_the_border_is_laid_in_one_step_of_undo(rig: Rig) -> None:
    rig.open()
    before = rig.mask
    with rig.qtbot.waitSignal(rig.canvas.gestureCommitted):
        rig.trigger("actionLayBorder")
    np.testing.assert_array_equal(rig.mask, with_border(before))
    assert rig.session.history.undo_name == "border"
    rig.review.undo()
    np.testing.assert_array_equal(rig.mask, before)


def test_the_mask_is_computed_elsewhere(rig: Rig, gate: Gate) -> None:
    rig.open()
    rig.trigger("actionLayBorder")
    gate.open()
    rig.wait(lambda: rig.session.history.undo_name == "border")
    assert gate.threads
    assert threading.get_ident() not in gate.threads
    assert not np.shares_memory(gate.masks[0], rig.session.view())


def test_a_border_that_is_there_is_said_to_be(rig: Rig) -> None:
    rig.open()
    with rig.qtbot.waitSignal(rig.canvas.gestureCommitted):
        rig.trigger("actionLayBorder")
    rig.trigger("actionLayBorder")
    rig.wait(lambda: bool(rig.messages))
    assert rig.texts == ["The border lies along the outline already."]
    assert rig.session.history.depth == 1


def test_without_a_pet_there_is_no_border(rig: Rig) -> None:
    rig.open(predicted=False)
    rig.trigger("actionLayBorder")
    rig.wait(lambda: bool(rig.messages))
    assert rig.texts == ["There is no pet in this mask to lay a border along."]


def test_a_mask_that_changed_meanwhile_is_worked_on_anew(rig: Rig, gate: Gate) -> None:
    rig.open()
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    dab(rig)
    painted = rig.mask
    gate.open()
    rig.wait(lambda: rig.session.history.undo_name == "border")
    assert gate.calls == 2
    np.testing.assert_array_equal(rig.mask, with_border(painted))


def test_a_stroke_taken_back_meanwhile_counts_as_a_change(rig: Rig, gate: Gate) -> None:
    rig.open()
    before = rig.mask
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    dab(rig)
    rig.review.undo()  # the history is where it was, but the copy may hold the stroke
    gate.open()
    rig.wait(lambda: rig.session.history.undo_name == "border")
    assert gate.calls == 2
    np.testing.assert_array_equal(rig.mask, with_border(before))


def test_a_stroke_aborted_meanwhile_counts_as_a_change(rig: Rig, gate: Gate) -> None:
    rig.open()
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    rig.press(20, 20)
    rig.qtbot.keyClick(rig.canvas, Qt.Key.Key_Escape)
    assert not rig.session.edited
    gate.open()
    rig.wait(lambda: rig.session.history.undo_name == "border")
    assert gate.calls == 2


def test_an_answer_waits_for_a_stroke_that_changes_nothing(rig: Rig, gate: Gate) -> None:
    rig.open()
    rig.canvas.set_brush_diameter(2)
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    rig.press(60, 50)  # pet over pet
    gate.open()
    rig.settle()
    assert rig.session.in_gesture
    assert not rig.session.edited
    rig.release(60, 50)
    rig.wait(lambda: rig.session.history.undo_name == "border")


def test_an_answer_waits_for_the_stroke_in_progress(rig: Rig, gate: Gate) -> None:
    rig.open()
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    rig.press(20, 20)
    gate.open()
    rig.settle()
    assert rig.session.in_gesture
    assert not np.any(rig.mask == 3)
    rig.release(20, 20)
    painted = rig.mask
    rig.wait(lambda: rig.session.history.undo_name == "border")
    np.testing.assert_array_equal(rig.mask, with_border(painted))


@pytest.mark.parametrize("action", ["actionLayBorder", "actionResetPhoto", "actionCleanUp"])
def test_a_command_during_a_stroke_does_nothing(rig: Rig, action: str) -> None:
    rig.open()
    rig.press(20, 20)
    rig.trigger(action)
    assert rig.session.in_gesture
    rig.release(20, 20)
    rig.settle()
    assert rig.session.history.depth == 1
    assert not rig.bar.isVisible()


def test_an_answer_never_lands_on_another_photo(rig: Rig, gate: Gate) -> None:
    rig.open()
    first = rig.session
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    with rig.qtbot.waitSignal(rig.review.photoShown):
        rig.review.next()
    gate.open()
    rig.settle()
    assert rig.session is not first
    assert gate.calls == 1
    assert not rig.session.edited
    assert not first.edited


def test_of_two_commands_the_later_one_is_done(rig: Rig, gate: Gate) -> None:
    rig.open()
    dab(rig)
    rig.trigger("actionLayBorder")
    rig.wait(lambda: gate.calls == 1)
    rig.trigger("actionResetPhoto")
    gate.open()
    rig.wait(lambda: rig.session.history.undo_name == "reset to prediction")
    np.testing.assert_array_equal(rig.mask, predicted_mask())
    assert rig.session.history.depth == 2


def test_reset_brings_the_prediction_back_and_can_be_undone(rig: Rig) -> None:
    rig.open()
    dab(rig)
    painted = rig.mask
    with rig.qtbot.waitSignal(rig.canvas.gestureCommitted):
        rig.trigger("actionResetPhoto")
    np.testing.assert_array_equal(rig.mask, predicted_mask())
    rig.review.undo()
    np.testing.assert_array_equal(rig.mask, painted)


def test_reset_of_an_unchanged_mask_says_so(rig: Rig) -> None:
    rig.open()
    rig.trigger("actionResetPhoto")
    rig.wait(lambda: bool(rig.messages))
    assert rig.texts == ["The mask is the model's prediction already."]
    assert not rig.session.edited


def test_without_a_prediction_reset_says_why(rig: Rig) -> None:
    rig.open(predicted=False)
    dab(rig)
    rig.trigger("actionResetPhoto")
    assert rig.texts == [f"The mask was not reset. {rig.shown.why_no_current}"]
    assert rig.shown.why_no_current
    rig.settle()
    assert rig.session.history.depth == 1


def test_a_pending_selection_is_applied_before_a_command(rig: Rig) -> None:
    rig.open()
    patch = Patch(0, 100, np.ones((10, 10), np.bool_), 1)
    rig.canvas.set_preview(patch, "smart select", keep=True)
    before = predicted_mask()
    before[100:110, :10] = 1
    rig.trigger("actionLayBorder")
    rig.wait(lambda: rig.session.history.undo_name == "border")
    assert rig.session.history.depth == 2
    np.testing.assert_array_equal(rig.mask, with_border(before))


def test_too_little_memory_is_told_and_changes_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_mask: np.ndarray) -> Patch:
        raise MemoryError

    monkeypatch.setattr(mask_commands, "border_patch", fail)
    rig.open()
    rig.trigger("actionLayBorder")
    rig.wait(lambda: bool(rig.messages))
    assert [message.kind for message in rig.messages] == ["error"]
    assert "memory" in rig.texts[0]
    assert not rig.session.edited

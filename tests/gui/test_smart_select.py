"""Smart select on a real canvas: strokes in order, one at a time, and never on another photo."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.core.mask import Patch
from petseg_gui.core.smart import SmartSelection, SmartStroke
from petseg_gui.ui import smart_select
from petseg_gui.ui.smart_select import Engine, StrokeError
from tests.gui.mask_rig import HEIGHT, RIGHT, WIDTH, Rig, predicted_mask

SIDE = 6


class FakeSelection:
    """Selects a square about each included point; a test may hold it up or make it fail."""

    made: list[FakeSelection]
    gate: threading.Event
    fail: list[Exception]
    empty: bool
    inside: int
    most_inside: int
    adds: int

    def __init__(
        self,
        photo: np.ndarray,
        mask: np.ndarray,
        probabilities: np.ndarray | None,
        label: int,
        *,
        settle_border: bool = True,
    ) -> None:
        self.settle_border = settle_border
        self.photo, self.mask, self.probabilities, self.label = photo, mask, probabilities, label
        self.strokes: tuple[SmartStroke, ...] = ()
        FakeSelection.made.append(self)

    def add(self, stroke: SmartStroke) -> Patch | None:
        FakeSelection.adds += 1
        FakeSelection.inside += 1
        FakeSelection.most_inside = max(FakeSelection.most_inside, FakeSelection.inside)
        try:
            assert FakeSelection.gate.wait(5)
            self.strokes = (*self.strokes, stroke)
            if FakeSelection.fail:
                raise FakeSelection.fail.pop()
            return self._patch()
        finally:
            FakeSelection.inside -= 1

    def undo(self) -> Patch | None:
        self.strokes = self.strokes[:-1]
        return self._patch() if self.strokes else None

    def _patch(self) -> Patch | None:
        chosen = np.zeros(self.mask.shape, np.bool_)
        for stroke in self.strokes:
            x, y = (round(value) for value in stroke.points[0])
            chosen[y : y + SIDE, x : x + SIDE] = stroke.include
        if FakeSelection.empty or not chosen.any():
            return None
        return Patch(0, 0, chosen, self.label)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeSelection]]:
    FakeSelection.made = []
    FakeSelection.gate = threading.Event()
    FakeSelection.gate.set()
    FakeSelection.fail = []
    FakeSelection.empty = False
    FakeSelection.inside = FakeSelection.most_inside = FakeSelection.adds = 0
    monkeypatch.setattr(smart_select, "SmartSelection", FakeSelection)
    yield FakeSelection
    FakeSelection.gate.set()


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "photos"
    folder.mkdir()
    rig = Rig(qtbot, folder)
    yield rig
    rig.close()


def begin(rig: Rig) -> None:
    rig.open()
    rig.canvas.set_tool("smart")


def key(rig: Rig, which: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
    rig.qtbot.keyClick(rig.canvas, which, modifiers or Qt.KeyboardModifier.NoModifier)


def undo_key(rig: Rig) -> None:
    rig.actions["actionUndo"].setEnabled(True)
    key(rig, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def answered(rig: Rig) -> None:
    """Wait for the answer to everything that was asked."""
    rig.wait(lambda: not rig.smart.busy)


def square(rig: Rig, x: int, y: int) -> set[int]:
    """The values that the mask has where a fake selection of a click at (x, y) lies."""
    return set(np.unique(rig.mask[y : y + SIDE, x : x + SIDE]).tolist())


def in_preview(rig: Rig, x: int, y: int) -> bool:
    patch = rig.canvas.preview
    assert patch is not None
    return bool(patch.selection[y - patch.y + 1, x - patch.x + 1])


# The real thing


def test_a_click_selects_what_the_photo_suggests_and_enter_takes_it(rig: Rig) -> None:
    rig.open(predicted=False)
    rig.canvas.set_tool("smart")
    rig.press(80, 60)
    rig.mouse(QEvent.Type.MouseMove, 60, 50, Qt.MouseButton.NoButton)
    rig.mouse(QEvent.Type.MouseMove, 100, 80, Qt.MouseButton.NoButton)
    rig.release(100, 80)
    answered(rig)
    patch = rig.canvas.preview
    assert patch is not None
    assert not rig.session.edited
    key(rig, Qt.Key.Key_Return)
    assert rig.session.history.undo_name == "smart select"
    assert rig.mask[60, 80] == 1
    assert rig.canvas.preview is None


# Strokes


def test_the_selection_gets_what_is_known_of_the_photo(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    rig.canvas.set_label(2)
    rig.click(50, 50)
    answered(rig)
    [selection] = fake.made
    assert selection.photo is rig.canvas.photo
    assert selection.label == 2
    np.testing.assert_array_equal(selection.mask, predicted_mask())
    assert not np.shares_memory(selection.mask, rig.session.view())
    assert rig.shown.current is not None
    assert selection.probabilities is rig.shown.current.probabilities
    assert selection.probabilities is not None


def test_without_a_prediction_there_are_no_probabilities(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    rig.open(predicted=False)
    rig.canvas.set_tool("smart")
    rig.click(50, 50)
    answered(rig)
    assert fake.made[0].probabilities is None


def test_further_strokes_refine_and_one_entry_is_made(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    rig.click(20, 100)
    answered(rig)
    rig.click(20, 100, RIGHT)
    answered(rig)
    assert len(fake.made) == 1
    assert [stroke.include for stroke in fake.made[0].strokes] == [True, True, False]
    key(rig, Qt.Key.Key_Return)
    assert square(rig, 5, 100) == {1}
    assert square(rig, 20, 100) == {2}
    assert rig.session.history.depth == 1


def test_strokes_that_come_meanwhile_queue_up_in_order(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    fake.gate.clear()
    points = [(5, 100), (20, 100), (35, 100), (50, 100)]
    for x, y in points:
        rig.click(x, y)
    fake.gate.set()
    answered(rig)
    assert fake.most_inside == 1
    [selection] = fake.made
    assert [round(stroke.points[0][0]) for stroke in selection.strokes] == [5, 20, 35, 50]
    assert all(in_preview(rig, x, y) for x, y in points)


def test_undo_takes_the_last_stroke_back_and_then_the_selection(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    rig.click(5, 100)
    rig.click(20, 100)
    answered(rig)
    undo_key(rig)
    answered(rig)
    assert in_preview(rig, 5, 100)
    assert not in_preview(rig, 20, 100)
    undo_key(rig)
    assert rig.canvas.preview is None
    assert not rig.session.edited
    rig.click(40, 100)
    answered(rig)
    assert len(fake.made) == 2


def test_undo_before_the_answer_takes_back_the_stroke_and_not_the_last_change(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    assert rig.canvas.apply("brush stroke", Patch(0, 0, np.ones((2, 2), np.bool_), 1))
    fake.gate.clear()
    rig.click(5, 100)
    rig.click(20, 100)
    undo_key(rig)
    fake.gate.set()
    answered(rig)
    assert in_preview(rig, 5, 100)
    assert not in_preview(rig, 20, 100)
    assert rig.session.history.depth == 1


def test_escape_drops_it_and_the_next_click_begins_anew(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    key(rig, Qt.Key.Key_Escape)
    assert rig.canvas.preview is None
    rig.click(20, 100)
    answered(rig)
    assert len(fake.made) == 2
    assert not in_preview(rig, 5, 100)
    assert not rig.session.edited


def test_after_enter_the_next_selection_sees_the_new_mask(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    key(rig, Qt.Key.Key_Return)
    rig.click(40, 100)
    answered(rig)
    assert fake.made[1].mask[101, 6] == 1
    assert fake.made[0].mask[101, 6] == 2


# Keys before the answer


def test_enter_before_the_answer_applies_it_when_it_comes(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    accepted: list[bool] = []
    rig.actions["actionAcceptAndNext"].setEnabled(True)
    rig.actions["actionAcceptAndNext"].triggered.connect(accepted.append)
    fake.gate.clear()
    rig.click(5, 100)
    key(rig, Qt.Key.Key_Return)
    assert not rig.session.edited
    fake.gate.set()
    rig.wait(lambda: rig.session.edited)
    assert square(rig, 5, 100) == {1}
    assert rig.canvas.preview is None
    assert accepted == []


def test_a_click_after_an_early_enter_begins_another_selection(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    key(rig, Qt.Key.Key_Return)
    rig.click(20, 100)
    fake.gate.set()
    rig.wait(lambda: len(fake.made) == 2 and not rig.smart.busy)
    assert square(rig, 5, 100) == {1}
    assert square(rig, 20, 100) == {2}
    assert in_preview(rig, 20, 100)


def test_escape_before_the_answer_drops_it(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    key(rig, Qt.Key.Key_Escape)
    assert not rig.smart.busy
    fake.gate.set()
    rig.settle()
    assert rig.canvas.preview is None
    assert not rig.session.edited


# Turning elsewhere


def test_another_class_applies_the_selection_first(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    rig.canvas.set_label(3)
    rig.click(20, 100)
    rig.wait(lambda: len(fake.made) == 2 and not rig.smart.busy)
    assert square(rig, 5, 100) == {1}
    assert [selection.label for selection in fake.made] == [1, 3]
    assert fake.made[1].mask[101, 6] == 1
    key(rig, Qt.Key.Key_Return)
    assert square(rig, 20, 100) == {3}


def test_another_class_waits_for_the_answer_that_is_on_its_way(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    rig.canvas.set_label(3)
    rig.click(20, 100)
    fake.gate.set()
    rig.wait(lambda: len(fake.made) == 2 and not rig.smart.busy)
    assert square(rig, 5, 100) == {1}
    assert in_preview(rig, 20, 100)
    assert rig.session.history.depth == 1


def test_another_tool_applies_the_selection(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    rig.canvas.set_tool("brush")
    assert square(rig, 5, 100) == {1}


def test_another_tool_before_the_answer_applies_it_when_it_comes(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    rig.canvas.set_tool("brush")
    fake.gate.set()
    rig.wait(lambda: rig.session.edited)
    assert square(rig, 5, 100) == {1}
    assert rig.session.history.undo_name == "smart select"


def test_an_answer_never_lands_over_what_was_painted_since(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    rig.canvas.set_tool("eraser")
    rig.click(60, 60)
    fake.gate.set()
    rig.settle()
    assert rig.session.history.undo_name == "eraser stroke"
    assert rig.session.history.depth == 1
    assert rig.texts == ["The smart selection was not ready in time and was not applied."]


@pytest.mark.parametrize("waiting", [False, True])
def test_an_answer_never_lands_on_another_photo(
    rig: Rig, fake: type[FakeSelection], waiting: bool
) -> None:
    begin(rig)
    first = rig.session
    fake.gate.clear()
    rig.click(5, 100)
    rig.wait(lambda: bool(fake.made))  # the worker is at it
    if waiting:
        key(rig, Qt.Key.Key_Return)
    with rig.qtbot.waitSignal(rig.review.photoShown):
        rig.review.next()
    fake.gate.set()
    rig.settle()
    assert rig.canvas.preview is None
    assert not rig.session.edited
    assert not first.edited
    rig.click(5, 100)
    answered(rig)
    assert fake.made[-1].mask is not fake.made[0].mask
    assert rig.canvas.preview is not None


def test_leaving_the_photo_ends_the_selection_even_if_one_comes_back(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.gate.clear()
    rig.click(5, 100)
    for turn in (rig.review.next, rig.review.previous):
        with rig.qtbot.waitSignal(rig.review.photoShown):
            turn()
    fake.gate.set()
    rig.settle()
    assert rig.review.current == "pet_1.png"
    assert rig.canvas.preview is None


def test_a_prediction_that_comes_meanwhile_drops_no_stroke(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    rig.open(predicted=False)
    rig.canvas.set_tool("smart")
    rig.click(5, 100)
    answered(rig)
    with rig.qtbot.waitSignal(rig.review.sessionReplaced):
        rig.inference.deliver("pet_1.png", predicted_mask())
    assert in_preview(rig, 5, 100)
    rig.click(20, 100)
    answered(rig)
    key(rig, Qt.Key.Key_Return)
    assert square(rig, 5, 100) == square(rig, 20, 100) == {1}
    assert rig.mask[50, 70] == 1  # on the new mask


# What goes wrong


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (MemoryError(), "error", "There is not enough memory to select there"),
        (ValueError("the box is empty"), "warning", "the box is empty"),
    ],
)
def test_a_stroke_that_fails_is_told_and_nothing_is_lost(
    rig: Rig, fake: type[FakeSelection], error: Exception, kind: str, words: str
) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    fake.fail = [error]
    rig.click(20, 100)
    answered(rig)
    assert [message.kind for message in rig.messages] == [kind]
    assert words in rig.texts[0]
    assert in_preview(rig, 5, 100)
    assert not in_preview(rig, 20, 100)
    rig.click(40, 100)
    answered(rig)
    assert in_preview(rig, 5, 100)
    assert in_preview(rig, 40, 100)
    assert [round(stroke.points[0][0]) for stroke in fake.made[-1].strokes] == [5, 40]


def test_strokes_after_one_that_fails_are_worked_out(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    fake.gate.clear()
    fake.fail = [MemoryError()]
    rig.click(5, 100)
    rig.click(20, 100)
    fake.gate.set()
    rig.wait(lambda: rig.canvas.preview is not None)
    assert in_preview(rig, 20, 100)
    assert not in_preview(rig, 5, 100)


def test_a_first_stroke_that_fails_leaves_nothing_pending(
    rig: Rig, fake: type[FakeSelection]
) -> None:
    begin(rig)
    fake.fail = [MemoryError()]
    rig.click(5, 100)
    answered(rig)
    assert not rig.canvas.has_pending
    rig.click(20, 100)
    answered(rig)
    assert in_preview(rig, 20, 100)


def test_a_selection_of_nothing_says_so_and_ends(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    fake.empty = True
    rig.click(5, 100)
    answered(rig)
    assert rig.texts == ["Nothing was found there. Try a longer stroke, or the brush."]
    assert not rig.canvas.has_pending


def test_a_selection_cut_away_altogether_says_so(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    rig.click(5, 100)
    answered(rig)
    rig.click(5, 100, RIGHT)
    answered(rig)
    assert rig.texts == ["Nothing is left of the selection."]
    assert rig.canvas.preview is None
    assert not rig.session.edited


def test_without_a_photo_nothing_happens(rig: Rig, fake: type[FakeSelection]) -> None:
    rig.window.show()
    rig.canvas.selectionAsked.emit(SmartStroke(((1.0, 1.0),), True))
    rig.canvas.stepBackAsked.emit()
    QApplication.processEvents()
    assert fake.made == []


# The engine


def engine() -> Engine:
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    return Engine(np.zeros((HEIGHT, WIDTH, 3), np.uint8), mask, None, 1)


def at(x: int) -> SmartStroke:
    return SmartStroke(((float(x), 50.0),), True)


def test_the_engine_works_out_only_what_is_new(fake: type[FakeSelection]) -> None:
    selecting = engine()
    selecting.reach([at(5), at(20)])
    assert fake.adds == 2
    selecting.reach([at(5), at(20), at(40)])
    assert fake.adds == 3
    selecting.reach([at(5)])
    assert fake.adds == 3
    assert fake.made[0].strokes == (at(5),)
    selecting.reach([at(60)])
    assert fake.made[0].strokes == (at(60),)
    assert len(fake.made) == 1


def test_the_engine_names_the_stroke_that_failed(fake: type[FakeSelection]) -> None:
    selecting = engine()
    fake.fail = [MemoryError()]
    with pytest.raises(StrokeError) as caught:
        selecting.reach([at(5), at(20)])
    assert caught.value.stroke == at(5)
    assert isinstance(caught.value.__cause__, MemoryError)
    assert selecting.reach([at(20)]) is not None
    assert len(fake.made) == 2  # nothing is built upon what the failure left
    assert fake.made[1].strokes == (at(20),)
    np.testing.assert_array_equal(fake.made[1].mask, fake.made[0].mask)


def test_the_fake_is_called_as_the_real_selection_is() -> None:
    for name in ("__init__", "add", "undo"):
        real, fake = (
            inspect.signature(getattr(kind, name)) for kind in (SmartSelection, FakeSelection)
        )
        assert list(real.parameters) == list(fake.parameters)


def test_the_option_decides_about_the_border(rig: Rig, fake: type[FakeSelection]) -> None:
    begin(rig)
    for settle in (True, False):
        rig.canvas.set_tool_options(replace(rig.canvas.tool_options, smart_border=settle))
        rig.click(40, 40)
        answered(rig)
        rig.canvas.drop_preview()
    assert [selection.settle_border for selection in fake.made] == [True, False]

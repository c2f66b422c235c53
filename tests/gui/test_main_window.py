"""Reviewing a folder through the real widgets, on fakes of the two services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget

from model.labels import Label
from petseg_gui.core.records import PhotoState, StoreError
from petseg_gui.core.store import Project
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.marks import Mark
from tests.gui.harness import HEIGHT, WIDTH, Harness, pet_mask, write_photo

Make = Callable[[], Harness]


def canvas_of(harness: Harness) -> Canvas:
    canvas = harness.window.findChild(Canvas, "canvas")
    assert canvas is not None
    return canvas


def paint(harness: Harness, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag the left button between two pixels (column, row) of the photo."""
    canvas = canvas_of(harness)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton

    def send(kind: QEvent.Type, at: tuple[int, int], button: Qt.MouseButton, down: bool) -> None:
        point = QPointF(canvas.image_to_widget(at[0] + 0.5, at[1] + 0.5))
        held = left if down else none
        event = QMouseEvent(
            kind, point, canvas.mapToGlobal(point), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)

    send(QEvent.Type.MouseButtonPress, start, left, True)
    send(QEvent.Type.MouseMove, end, none, True)
    send(QEvent.Type.MouseButtonRelease, end, left, False)


def key(harness: Harness, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    harness.qtbot.keyClick(harness.window, key, modifier or Qt.KeyboardModifier.NoModifier)


def title(harness: Harness) -> str:
    return harness.window.windowTitle()


def answer(button_text: str, seen: list[str]) -> None:
    """Press a button of the next dialog, and remember what it said."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        next(b for b in box.buttons() if b.text() == button_text).click()

    QTimer.singleShot(0, press)


def test_the_first_photo_names_the_window(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    assert title(harness) == "pet_1.png — PetSeg"
    assert canvas_of(harness).mask().shape == (HEIGHT, WIDTH)
    assert np.all(canvas_of(harness).mask() == Label.BACKGROUND)


def test_predictions_start_only_after_the_photo_is_painted(harness: Harness, folder: Path) -> None:
    started_at: list[int] = []
    harness.review.photoShown.connect(lambda *_: started_at.append(harness.inference.started))
    harness.open(folder)
    assert started_at == [0]
    assert harness.inference.started == 1


def test_the_keys_turn_pages(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    for which, expected in (
        (Qt.Key.Key_Right, "pet_2"),
        (Qt.Key.Key_D, "pet_3"),
        (Qt.Key.Key_Left, "pet_2"),
        (Qt.Key.Key_A, "pet_1"),
        (Qt.Key.Key_A, "pet_1"),
    ):
        key(harness, which)
        harness.qtbot.waitUntil(lambda e=expected: title(harness).startswith(e))


def test_predictions_are_asked_for_around_the_current_photo(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    assert harness.inference.requests[-1] == [f"pet_{n}.png" for n in (1, 2, 3, 4)]
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert harness.inference.requests[-1][0] == "pet_2.png"


def test_a_prediction_appears_on_the_untouched_photo(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.sessionReplaced):
        harness.inference.deliver("pet_1.png", pet_mask())
    assert np.array_equal(canvas_of(harness).mask(), pet_mask())
    assert harness.review.mark("pet_1.png") is Mark.PREDICTED


def test_a_prediction_for_a_neighbour_is_there_when_one_gets_to_it(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    harness.settle()
    harness.inference.deliver("pet_2.png", pet_mask())
    harness.settle()
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    assert np.array_equal(canvas_of(harness).mask(), pet_mask())


def test_a_prediction_for_a_photo_left_far_behind_is_there_on_return(
    harness: Harness, folder: Path
) -> None:
    for number in range(5, 15):
        write_photo(folder / f"pet_{number}.png", 10 * number)
    harness.open(folder)
    harness.review.go_to("pet_12.png")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_12"))
    harness.settle()
    harness.inference.deliver("pet_1.png", pet_mask())
    harness.settle()
    harness.review.go_to("pet_1.png")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_1.png"))
    harness.qtbot.waitUntil(lambda: np.array_equal(canvas_of(harness).mask(), pet_mask()))


def test_a_prediction_that_comes_while_its_photo_is_read_is_shown(
    harness: Harness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.open(folder)
    harness.settle()
    project = harness.inference.project
    assert project is not None
    project.write_prediction("pet_4.png", "starter", pet_mask())
    real, calls = Project.read_prediction, []

    def too_early(self: Project, name: str, model: str) -> np.ndarray | None:
        calls.append(name)
        return None if calls.count("pet_4.png") == 1 else real(self, name, model)

    monkeypatch.setattr(Project, "read_prediction", too_early)
    harness.review.go_to("pet_4.png")
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_4"))
    harness.qtbot.waitUntil(lambda: np.array_equal(canvas_of(harness).mask(), pet_mask()))


def test_painting_before_the_prediction_arrives_is_never_overwritten(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    painted = canvas_of(harness).mask().copy()
    assert np.any(painted == Label.PET)
    harness.inference.deliver("pet_1.png", pet_mask())
    harness.settle()
    assert np.array_equal(canvas_of(harness).mask(), painted)


def test_a_stroke_is_undone_and_redone_by_keys(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    painted = canvas_of(harness).mask().copy()
    key(harness, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.all(canvas_of(harness).mask() == Label.BACKGROUND)
    key(harness, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(canvas_of(harness).mask(), painted)


def test_a_stroke_is_soon_kept_as_a_draft_and_comes_back(make_harness: Make, folder: Path) -> None:
    first = make_harness()
    first.open(folder)
    paint(first, (20, 20), (60, 20))
    painted = canvas_of(first).mask().copy()
    first.qtbot.waitUntil(lambda: bool(list((folder / "petseg" / "drafts").glob("*.png"))))
    first.settle()
    # As after a crash: another window finds the draft while the first one never saved.
    other = make_harness()
    other.open(folder)
    assert np.array_equal(canvas_of(other).mask(), painted)
    assert other.review.mark("pet_1.png") is Mark.EDITED


def test_accept_saves_a_label_and_shows_the_next_photo(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    painted = canvas_of(harness).mask().copy()
    key(harness, Qt.Key.Key_Return)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    harness.settle()
    project = harness.inference.project
    assert project is not None
    assert project.record("pet_1.png").state is PhotoState.ACCEPTED
    saved = project.read_label("pet_1.png")
    assert saved is not None
    assert np.array_equal(saved, painted)
    assert harness.review.mark("pet_1.png") is Mark.ACCEPTED
    label = harness.window.findChild(QLabel, "acceptedLabel")
    assert label is not None
    assert label.text() == "1 of 4 accepted, 3 left"


def test_accepting_everything_says_so(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    for number in range(1, 5):
        harness.qtbot.waitUntil(lambda n=number: title(harness).startswith(f"pet_{n}"))
        paint(harness, (20, 20), (60, 20))
        harness.action("actionAcceptAndNext")
    harness.settle()
    assert harness.review.counts().accepted == 4
    assert [m.text for m in harness.messages] == ["Every photo of this folder is accepted."]


def test_a_photo_without_any_mask_is_not_accepted(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.action("actionAcceptAndNext")
    harness.settle()
    assert harness.review.counts().accepted == 0
    assert title(harness).startswith("pet_1")
    assert "no mask yet" in harness.messages[-1].text


def test_save_does_not_accept(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    key(harness, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    harness.settle()
    assert harness.review.unsaved() == []
    assert harness.review.mark("pet_1.png") is Mark.EDITED
    assert harness.review.counts().accepted == 0


def test_a_failed_save_is_told_once_and_leaves_the_photo_edited(
    harness: Harness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> Path:
        raise StoreError("The disk is full.")

    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    monkeypatch.setattr(Project, "save_label", fail)
    key(harness, Qt.Key.Key_Return)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    harness.settle()
    assert harness.review.mark("pet_1.png") is Mark.EDITED
    assert harness.review.unsaved() == ["pet_1.png"]
    errors = [m.text for m in harness.messages if m.kind == "error"]
    assert len(errors) == 1
    assert "pet_1.png" in errors[0]
    assert "The disk is full." in errors[0]


def test_reopening_shows_everything_as_it_was_left(make_harness: Make, folder: Path) -> None:
    first = make_harness()
    first.open(folder)
    paint(first, (20, 20), (60, 20))
    first.action("actionAcceptAndNext")
    first.qtbot.waitUntil(lambda: title(first).startswith("pet_2"))
    key(first, Qt.Key.Key_Right)
    first.qtbot.waitUntil(lambda: title(first).startswith("pet_3"))
    first.settle()
    first.window.close()

    again = make_harness()
    again.open(folder)
    assert title(again).startswith("pet_3")
    assert again.review.mark("pet_1.png") is Mark.ACCEPTED
    assert again.review.mark("pet_2.png") is Mark.NEW


def test_an_unreadable_photo_says_why_and_the_rest_goes_on(harness: Harness, folder: Path) -> None:
    (folder / "pet_2.png").write_bytes(b"this is no picture")
    harness.open(folder)
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_2"))
    empty = harness.window._parts.empty
    assert empty.isVisible()
    assert "pet_2.png" in empty.text
    assert harness.review.mark("pet_2.png") is Mark.UNREADABLE
    key(harness, Qt.Key.Key_Right)
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_3"))
    assert canvas_of(harness).isVisible()


def test_an_empty_folder_says_so(harness: Harness, tmp_path: Path) -> None:
    harness.window.show()
    with harness.qtbot.waitSignal(harness.review.folderOpened):
        harness.window.open_folder(tmp_path)
    assert "No photos in" in harness.window._parts.empty.text


def test_a_missing_folder_says_so_and_the_open_one_stays(
    harness: Harness, folder: Path, tmp_path: Path
) -> None:
    harness.window.show()
    with harness.qtbot.waitSignal(harness.review.folderFailed):
        harness.window.open_folder(tmp_path / "nowhere")
    assert "does not exist" in harness.window._parts.empty.text
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.folderFailed):
        harness.window.open_folder(tmp_path / "nowhere")
    assert title(harness).startswith("pet_1")
    assert "does not exist" in harness.messages[-1].text


def test_a_dropped_photo_opens_its_folder(harness: Harness, folder: Path) -> None:
    harness.window.show()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder / "pet_3.png"))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with harness.qtbot.waitSignal(harness.review.photoShown):
        # Qt delivers a drop only within a drag of the window system: handed over directly.
        harness.window.dropEvent(event)
    assert harness.review.project is not None
    assert harness.review.project.folder == folder


def test_tool_and_class_keys_choose_what_is_painted(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    key(harness, Qt.Key.Key_3)
    paint(harness, (20, 20), (60, 20))
    assert canvas_of(harness).mask()[20, 40] == Label.BORDER
    key(harness, Qt.Key.Key_E)
    paint(harness, (20, 20), (60, 20))
    assert canvas_of(harness).mask()[20, 40] == Label.BACKGROUND
    before = canvas_of(harness).brush_diameter
    key(harness, Qt.Key.Key_BracketRight)
    assert canvas_of(harness).brush_diameter > before


def test_opening_a_folder_again_after_another_keeps_unsaved_strokes(
    harness: Harness, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_photo(other / "dog.png", 90)
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    painted = canvas_of(harness).mask().copy()
    for place in (other, folder):
        with harness.qtbot.waitSignal(harness.review.photoShown):
            harness.window.open_folder(place)
    assert np.array_equal(canvas_of(harness).mask(), painted)


# The offscreen platform says this of every dialog of a fixed size.
@pytest.mark.qt_log_ignore("propagateSizeHints")
@pytest.mark.parametrize(
    ("button", "closed", "on_disk"),
    [("Save", True, ["labels"]), ("Discard", True, []), ("Cancel", False, ["drafts"])],
)
def test_closing_with_unsaved_strokes_asks(
    harness: Harness, folder: Path, button: str, closed: bool, on_disk: list[str]
) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    seen: list[str] = []
    answer(button, seen)
    assert harness.window.close() is closed
    assert seen == ["The strokes on pet_1.png are not saved."]
    if not closed:
        harness.qtbot.waitUntil(lambda: any((folder / "petseg" / "drafts").iterdir()))
    found = [kind for kind in ("labels", "drafts") if any((folder / "petseg" / kind).iterdir())]
    assert found == on_disk
    assert (harness.inference.stopped > 0) is closed


def test_closing_without_changes_asks_nothing(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    assert harness.window.close()
    assert harness.inference.stopped


def test_the_names_that_stay_are_there(harness: Harness) -> None:
    for name in ("canvas", "filmstrip", "fineTunePanel", "toolPanel", "classPanel"):
        assert harness.window.findChild(QWidget, name) is not None, name
    for name in [
        "OpenFolder",
        "Save",
        "AcceptAndNext",
        "Undo",
        "Redo",
        "Next",
        "Previous",
        "FineTune",
        "CancelFineTune",
    ]:
        assert harness.window.findChild(QAction, f"action{name}") is not None, name


def test_no_key_has_two_meanings(harness: Harness) -> None:
    keys = [
        shortcut.toString()
        for action in harness.window.actions()
        for shortcut in action.shortcuts()
    ]
    assert sorted(keys) == sorted(set(keys))


def test_enter_on_a_focused_button_presses_it_instead_of_accepting(
    harness: Harness, folder: Path
) -> None:
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    box = harness.window._parts.classes._boxes[int(Label.PET)]
    box.setFocus(Qt.FocusReason.TabFocusReason)
    harness.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert not box.isChecked()
    assert harness.review.counts().accepted == 0
    assert title(harness).startswith("pet_1")


def test_clicking_a_thumbnail_shows_its_photo(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    strip = harness.window._parts.filmstrip
    place = strip.visualRect(strip.model().index(2, 0)).center()
    harness.qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    harness.qtbot.waitUntil(lambda: title(harness).startswith("pet_3"))

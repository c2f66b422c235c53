"""Ways into folders, what is kept of them, and the mask that hides while H is held."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QPushButton

from petseg_gui.core.photos import list_photos
from petseg_gui.ui import place_keeper
from petseg_gui.ui.empty_state import EmptyState, dropped_folder
from petseg_gui.ui.folder_opener import VIEW_FILE
from petseg_gui.ui.marks import Mark
from tests.gui.harness import Harness, write_photo
from tests.gui.test_main_window import canvas_of, key, paint, title

Make = Callable[[], Harness]


def recent_entries(harness: Harness) -> list[str]:
    return [action.text() for action in harness.window._recent_menu.actions()]


def test_recent_folders_are_offered_in_the_menu_and_in_the_empty_window(
    make_harness: Make, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "cats & dogs"
    other.mkdir()
    write_photo(other / "dog.png", 90)
    harness = make_harness()
    assert not harness.window._recent_menu.isEnabled()
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.window.open_folder(other)
    assert recent_entries(harness) == [str(other).replace("&", "&&"), str(folder)]
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.window._recent_menu.actions()[1].trigger()
    assert harness.review.project is not None
    assert harness.review.project.folder == folder
    assert recent_entries(harness)[0] == str(folder)


def test_a_recent_folder_of_the_empty_window_opens(harness: Harness, folder: Path) -> None:
    harness.window.show()
    empty = harness.window.findChild(EmptyState, "emptyState")
    assert empty is not None
    empty.set_recent([str(folder)])
    button = next(b for b in empty.findChildren(QPushButton) if b.toolTip() == str(folder))
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert title(harness).startswith("pet_1")


def test_the_samples_are_one_click_away(harness: Harness, tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    write_photo(samples / "chelsea.png", 120)
    harness.window.show()
    empty = harness.window.findChild(EmptyState, "emptyState")
    assert empty is not None
    button = next(b for b in empty.findChildren(QPushButton) if "sample" in b.text())
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert title(harness).startswith("chelsea")


def test_what_was_dropped_names_a_folder(folder: Path) -> None:
    data = QMimeData()
    assert dropped_folder(data) is None
    data.setUrls([QUrl("https://example.org/cat.jpg")])
    assert dropped_folder(data) is None
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    assert dropped_folder(data) == folder
    data.setUrls([QUrl.fromLocalFile(str(list_photos(folder)[0]))])
    assert dropped_folder(data) == folder


def test_strokes_that_stay_behind_are_named(harness: Harness, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_photo(other / "dog.png", 90)
    harness.open(folder)
    paint(harness, (20, 20), (60, 20))
    with harness.qtbot.waitSignal(harness.review.photoShown):
        harness.window.open_folder(other)
    assert [m.text for m in harness.messages if m.kind == "info"] == [
        "The unsaved strokes on pet_1.png are kept: they are there again when you open photos "
        "the next time."
    ]


def test_the_place_in_the_folder_is_on_disk_before_the_window_closes(
    harness: Harness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_keeper, "DELAY_MS", 1)
    harness.open(folder)
    key(harness, Qt.Key.Key_Right)
    place = folder / "petseg" / VIEW_FILE
    harness.qtbot.waitUntil(
        lambda: place.exists() and json.loads(place.read_bytes()) == {"photo": "pet_2.png"}
    )


def test_the_mask_hides_while_h_is_held(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.inference.deliver("pet_1.png", np.full((120, 160), 1, np.uint8))
    harness.settle()
    canvas = canvas_of(harness)

    def colour() -> str:
        middle = canvas.rect().center()
        return str(canvas.grab().toImage().pixelColor(middle).name())

    masked = colour()
    harness.qtbot.keyPress(harness.window, Qt.Key.Key_H)
    assert colour() == "#323232"  # the photo itself, 50 of 255
    harness.qtbot.keyRelease(harness.window, Qt.Key.Key_H)
    assert colour() == masked != "#323232"


def test_a_failed_prediction_is_told_unless_the_photo_is_the_reason(
    harness: Harness, folder: Path
) -> None:
    (folder / "pet_4.png").write_bytes(b"this is no picture")
    harness.open(folder)
    harness.inference.failed.emit("pet_4.png", "pet_4.png cannot be read.")
    harness.settle()
    assert harness.review.mark("pet_4.png") is Mark.UNREADABLE
    assert "pet_4.png" in harness.review.problem("pet_4.png")
    assert harness.messages == []
    harness.inference.failed.emit("pet_2.png", "pet_2.png needs more memory than there is.")
    harness.settle()
    assert harness.review.mark("pet_2.png") is Mark.NEW
    assert [m.text for m in harness.messages] == [
        "No prediction for pet_2.png: pet_2.png needs more memory than there is."
    ]


def test_a_model_that_cannot_be_loaded_is_told_once(harness: Harness, folder: Path) -> None:
    harness.open(folder)
    harness.inference.failed.emit("", "TensorFlow could not be loaded.")
    assert [m.text for m in harness.messages] == [
        "Predictions are not available: TensorFlow could not be loaded."
    ]

"""The composition root: built without a loop, and nothing heavy before the first photo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from petseg_gui import app
from petseg_gui.core.photos import LIMIT_VARIABLE, list_photos, pixel_limit, set_pixel_limit
from petseg_gui.core.settings import Settings, load_settings, save_settings
from resources import SAMPLES


def test_a_window_is_built_and_closed_without_entering_the_loop(qtbot: QtBot, folder: Path) -> None:
    window = app.create_main_window([str(folder)])
    qtbot.waitUntil(lambda: window.windowTitle() == "pet_1.png — PetSeg")
    window.close()
    window.deleteLater()
    settings = load_settings(app.config_dir() / "settings.json")
    assert settings.recent_folders == [str(folder)]


@pytest.mark.parametrize("variable", [None, "80"])
def test_the_limit_of_pixels_that_was_set_holds_from_the_start(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv(LIMIT_VARIABLE, variable)
    save_settings(app.config_dir() / "settings.json", Settings(max_megapixels=320))
    window = app.create_main_window([])
    try:
        assert pixel_limit() == (320_000_000 if variable is None else 80_000_000)
    finally:
        set_pixel_limit(None)
        window.close()
        window.deleteLater()


def test_building_the_window_imports_nothing_heavy() -> None:
    program = (
        "import sys; from petseg_gui.app import create_main_window; w = create_main_window([]);"
        "w.close();"
        "print([m for m in ('tensorflow', 'keras', 'matplotlib', 'pyqtgraph', 'qtawesome')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_sample_photos_are_copied_once_and_corrections_stay() -> None:
    copy = app.sample_folder()
    assert copy == app.data_dir() / "samples"
    photos = list_photos(copy)
    assert len(photos) >= 1
    assert [p.name for p in photos] == [p.name for p in list_photos(SAMPLES)]
    (copy / "petseg").mkdir()
    photos[0].write_bytes(b"changed by its owner")
    assert app.sample_folder() == copy
    assert photos[0].read_bytes() == b"changed by its owner"
    assert (copy / "petseg").is_dir()

"""The composition root: built without a loop, and nothing heavy before the first photo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from petseg_gui import app
from petseg_gui.core.settings import load_settings


def test_a_window_is_built_and_closed_without_entering_the_loop(qtbot: QtBot, folder: Path) -> None:
    window = app.create_main_window([str(folder)])
    qtbot.waitUntil(lambda: window.windowTitle() == "pet_1.png — PetSeg")
    window.close()
    window.deleteLater()
    settings = load_settings(app.config_dir() / "settings.json")
    assert settings.recent_folders == [str(folder)]


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


def test_a_qt_failure_names_the_packages() -> None:
    assert "apt-get install libegl1 libgl1 libxkbcommon-x11-0" in app.explain_qt_failure()

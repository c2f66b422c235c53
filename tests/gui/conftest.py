"""Fixtures of the window's tests: isolated settings, fakes of the services, no leftovers."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from petseg_gui.services.ports import Models
from tests.gui.harness import Harness, ReviewHarness, pet_mask, write_photo


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the settings and data of whoever runs it."""
    monkeypatch.setenv("PETSEG_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PETSEG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))


@pytest.fixture(autouse=True)
def no_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread or an active timer behind."""
    threads_before = set(threading.enumerate())
    # What was there before is not looked through again, by us or by the collector: with a million
    # objects of libraries that would take longer than the test.
    gc.freeze()
    yield
    if QApplication.instance() is None:
        return
    # Widgets that nobody refers to any more go now, with their timers.
    gc.collect()
    QApplication.processEvents()
    objects = gc.get_objects()
    running = [o for o in objects if isinstance(o, QThread) and _is_running(o)]
    active = [o for o in objects if isinstance(o, QTimer) and _is_active(o)]
    pythons = [
        t
        for t in threading.enumerate()
        # A dummy is a Qt thread that once ran Python; Python cannot know that it has ended.
        if t not in threads_before and not isinstance(t, threading._DummyThread)
    ]
    assert not running, f"QThreads still running: {running}"
    assert not active, f"timers still active: {[(t, t.parent()) for t in active]}"
    assert not pythons, f"threads still running: {pythons}"


def _is_running(thread: QThread) -> bool:
    try:
        return thread.isRunning() and thread is not QThread.currentThread()
    except RuntimeError:  # its C++ part is gone
        return False


def _is_active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos, each of one colour."""
    path = tmp_path / "photos"
    path.mkdir()
    for number in range(1, 5):
        write_photo(path / f"pet_{number}.png", 50 * number)
    return path


@pytest.fixture
def make_harness(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Harness]]:
    """Makes windows; each is closed at the end of the test, whatever is unsaved."""
    made: list[Harness] = []

    def make(models: Models | None = None) -> Harness:
        made.append(Harness(qtbot, [], tmp_path / "samples", models))
        return made[-1]

    yield make
    for harness in made:
        harness.finetuning.running = False
        monkeypatch.setattr(harness.review, "unsaved", list)
        # Not left to qtbot, which would close the window before this and wait for an answer.
        harness.window.close()
        harness.window.deleteLater()


@pytest.fixture
def harness(make_harness: Callable[[], Harness]) -> Harness:
    return make_harness()


@pytest.fixture
def ready(harness: Harness, folder: Path) -> Harness:
    """One accepted label: a fine-tune can start."""
    harness.models.known.add("tuned-001")
    harness.open(folder)
    with harness.qtbot.waitSignal(harness.review.sessionReplaced):
        harness.inference.deliver("pet_1.png", pet_mask())
    harness.action("actionAcceptAndNext")
    harness.settle()
    return harness


@pytest.fixture
def reviewing(qtbot: QtBot) -> Iterator[ReviewHarness]:
    """A review without a window."""
    harness = ReviewHarness(qtbot)
    yield harness
    harness.end()
    harness.review.deleteLater()

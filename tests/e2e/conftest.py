"""The real program in a test: its own ``main()``, its own event loop, nothing left behind."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

import petseg_gui.app
from petseg_gui.cli import main
from petseg_gui.services.ports import Services
from tests.e2e.person import Log, Person

PHOTOS = 21

Steps = Callable[[Person], None]
Use = Callable[..., Log]


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of the folder itself."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def copy_photos(shared: Path, folder: Path, count: int) -> Path:
    """Copy ``count`` photos of every breed in turn, some of them large, to ``folder``."""
    photos = sorted((shared / "data" / "extra_pets" / "images").glob("*.jpg"))
    step = len(photos) // count
    folder.mkdir(parents=True)
    for photo in photos[: step * count : step]:
        shutil.copyfile(photo, folder / photo.name)
    return folder


@pytest.fixture
def make_folder(shared: Path, tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Copies real photos; when the test is over, not a bit of them may have changed."""
    made: dict[Path, dict[str, str]] = {}

    def make(count: int) -> Path:
        folder = copy_photos(shared, tmp_path / f"photos {len(made) + 1}", count)
        made[folder] = hashes(folder)
        return folder

    yield make
    for folder, before in made.items():
        after = hashes(folder)
        assert {name: after.get(name) for name in before} == before, "photos were changed"


@pytest.fixture
def photos(make_folder: Callable[[int], Path]) -> Path:
    """A folder of 21 real photos."""
    return make_folder(PHOTOS)


@pytest.fixture
def few_photos(make_folder: Callable[[int], Path]) -> Path:
    """A folder of three real photos."""
    return make_folder(3)


@pytest.fixture
def oxford(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Oxford photos are on this computer."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(shared / "data" / "tensorflow_datasets"))


@pytest.fixture
def use(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Use:
    """Runs the program: ``use(steps, folder)`` calls ``main([folder])``, and ``steps`` with a
    :class:`Person` inside its event loop; they must close the window.

    Errors that nobody expected, and threads and timers that outlive the window, fail the test.
    """
    services: list[Services] = []
    build = petseg_gui.app.build_services

    def build_and_keep() -> Services:
        services.append(build())
        logs.append(Log(services[-1]))
        return services[-1]

    logs: list[Log] = []
    monkeypatch.setattr(petseg_gui.app, "build_services", build_and_keep)
    # The window puts its own hook there; the next test must not find it.
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(steps: Steps, *arguments: Path, folder: Path | None = None) -> Log:
        failure: list[BaseException] = []

        def drive() -> None:
            # Whatever goes wrong here must end the event loop, or the test never ends.
            try:
                window = next(
                    w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow)
                )
                with qtbot.waitActive(window):
                    window.activateWindow()
                subject = folder or (arguments[0] if arguments else Path())
                steps(Person(qtbot, window, logs[-1], subject))
                assert not window.isVisible(), "the steps must close the window"
            except BaseException as error:  # noqa: BLE001 - raised again outside of Qt
                failure.append(error)
                services[-1].stop()
                QApplication.exit(1)

        timer = QTimer()
        timer.setSingleShot(True)
        timer.timeout.connect(drive)
        timer.start(0)
        status = main([str(argument) for argument in arguments])
        try:
            if failure:
                raise failure[0]
            assert status == 0
            check_nothing_runs()
        finally:
            delete_windows()
        unexpected = [r for r in caplog.records if r.levelno >= logging.ERROR]
        assert not unexpected, [r.getMessage() for r in unexpected]
        return logs[-1]

    return run


def check_nothing_runs() -> None:
    """No thread of the program and no timer goes on when the window is closed."""
    gc.collect()
    objects = gc.get_objects()
    threads = [o for o in objects if isinstance(o, QThread) and _says(o.isRunning)]
    pools = [o for o in objects if isinstance(o, QThreadPool) and _says(o.activeThreadCount)]
    timers = [o for o in objects if isinstance(o, QTimer) and _says(o.isActive)]
    threads = [thread for thread in threads if thread is not QThread.currentThread()]
    assert not threads, f"threads still running: {threads}"
    assert not pools, f"thread pools still at work: {pools}"
    assert not timers, f"timers still active: {timers}"


def delete_windows() -> None:
    """A program ends with its window; here the next one follows in the same process."""
    for window in QApplication.topLevelWidgets():
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def _says(question: Callable[[], object]) -> bool:
    try:
        return bool(question())
    except RuntimeError:  # its C++ part is gone
        return False

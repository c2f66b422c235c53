"""The composition root: the application, its services and its window.

Importing this module imports neither TensorFlow nor the curves of the fine-tune panel: the
first photo is on screen before they are needed.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication, QMainWindow

from petseg_gui.arguments import folder_to_open
from petseg_gui.core.memory import share_arenas
from petseg_gui.core.photos import LIMIT_VARIABLE, set_pixel_limit
from petseg_gui.core.settings import Settings, load_settings, save_settings
from petseg_gui.core.store import Project
from petseg_gui.services.augmented import augmented
from petseg_gui.services.finetune_request import FineTuneRequest, build_request
from petseg_gui.services.finetuning import FineTuningService
from petseg_gui.services.inference import InferenceService
from petseg_gui.services.messages import Messages
from petseg_gui.services.models import ProjectModels
from petseg_gui.services.ports import ModelRef, Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.main_window import MainWindow
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.theme import follow_system
from resources import SAMPLES, STARTER_MODEL

_log = logging.getLogger(__name__)


def config_dir() -> Path:
    """Where settings live: ``PETSEG_CONFIG_DIR``, or the user's configuration folder."""
    chosen = os.environ.get("PETSEG_CONFIG_DIR")
    if chosen:
        return Path(chosen)
    place = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(place)) / "petseg"


def data_dir() -> Path:
    """Where the program's own data lives: ``PETSEG_DATA_DIR``, or the user's data folder."""
    chosen = os.environ.get("PETSEG_DATA_DIR")
    if chosen:
        return Path(chosen)
    place = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "petseg"


def sample_folder() -> Path:
    """Copy the sample photos to the user's data folder, once; returns the copy.

    Raises:
        OSError: they cannot be copied.
    """
    target = data_dir() / "samples"
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted(SAMPLES.iterdir()):
        if source.is_file() and not (target / source.name).exists():
            shutil.copyfile(source, target / source.name)
    return target


def create_main_window(argv: list[str]) -> QMainWindow:
    """Build the whole application without entering the event loop.

    Args:
        argv: as ``sys.argv[1:]``: optionally the folder to open.

    Returns:
        The window, not yet shown.  It owns the services and ends them when it closes.
    """
    share_arenas()
    folder = folder_to_open(argv)
    app = QApplication.instance() or QApplication(["petseg"])
    assert isinstance(app, QApplication)
    app.setApplicationName("petseg")
    app.setApplicationDisplayName("")
    settings_path = config_dir() / "settings.json"
    settings = load_settings(settings_path)
    if settings.max_megapixels and LIMIT_VARIABLE not in os.environ:
        set_pixel_limit(round(settings.max_megapixels * 1e6))
    services = build_services()
    elsewhere = data_dir() / "projects" if os.environ.get("PETSEG_DATA_DIR") else None
    review = ReviewController(services, elsewhere)
    if folder is not None:
        # The first photo is decoded while this thread builds the window.
        review.open_folder(folder)
    follow_system(app)

    def keep(changed: Settings) -> None:
        try:
            save_settings(settings_path, changed)
        except OSError:
            _log.warning("settings were not saved to %s", settings_path, exc_info=True)

    window = MainWindow(services, review, settings, keep, sample_folder)
    review.setParent(window)
    if folder is not None:
        window.announce_folder(folder)
    _install_exception_hook(services.messages)
    return window


def run(argv: list[str]) -> int:
    """Show the window and return the exit status when it is closed."""
    window = create_main_window(argv)
    window.show()
    return QApplication.exec()


def build_services() -> Services:
    """The real services; no thread of theirs runs TensorFlow before ``inference.start()``."""
    models = ProjectModels(STARTER_MODEL)

    def request(
        project: Project, model: ModelRef, settings: Mapping[str, Any], go_on: bool
    ) -> FineTuneRequest:
        return build_request(project, models.registry(project), model, settings, go_on=go_on)

    return Services(
        messages=Messages(),
        reader=TaskRunner(threads=2),
        writer=TaskRunner(threads=1),
        inference=InferenceService(),
        finetuning=FineTuningService(),
        models=models,
        build_request=request,
        oxford_ready=_oxford_ready,
        augmented=augmented,
    )


def _oxford_ready() -> bool:
    from model.oxford import is_present

    return is_present()


def _install_exception_hook(messages: Messages) -> None:
    """Tell the user once about each unexpected error, log it, and go on."""
    told: set[str] = set()
    previous = sys.excepthook

    def hook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            previous(kind, error, traceback)
            return
        _log.error("unexpected error", exc_info=(kind, error, traceback))
        text = f"{kind.__name__}: {error}"
        if text not in told:
            told.add(text)
            messages.error(f"Something unexpected went wrong ({text}). Your work is kept.")

    sys.excepthook = hook

"""Whether photos in subfolders are listed: the action, and the offer in an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.core.subfolders import Below, count_below
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task, TaskState
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.review_controller import ReviewController

ACTION = "actionSubfolders"
READ_ONLY = "Another window has this folder open: choose there whether subfolders are included"
FINE_TUNING = "Fine-tuning is running on this folder: cancel it, or wait"
COUNTING_PRIORITY = -10
"""Below everything that somebody waits for: an empty folder says at once that it is empty."""


class SubfolderChoice(QObject):
    """Opens the folder anew with the other choice; the project remembers it.

    Args:
        actions: one of them shows whether photos in subfolders are listed, and changes it.
        empty: offers to include them where there are no others.
        reopen: opens a folder that may be open, with or without its subfolders.
        review: what is open.
        services: for counting and messages.
        parent: the window.
    """

    def __init__(
        self,
        actions: Actions,
        empty: EmptyState,
        reopen: Callable[[Path, bool], None],
        *,
        review: ReviewController,
        services: Services,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions, self._action = actions, actions[ACTION]
        self._empty, self._reopen = empty, reopen
        self._review, self._services = review, services
        self._counting: Task | None = None
        self._left_out: Path | None = None
        self._unsaved: list[str] = []
        # Not toggled: that is sent as well when the action only follows the project.
        self._action.triggered.connect(self._choose)
        empty.subfoldersRequested.connect(lambda: self._choose(True))
        review.folderOpened.connect(self._opened)
        review.folderFailed.connect(self._failed)
        review.projectClosed.connect(self._closed)
        trainer = services.finetuning
        for signal in (trainer.phase, trainer.finished, trainer.cancelled, trainer.failed):
            signal.connect(self._follow)
        self._follow()

    def _choose(self, included: bool) -> None:
        project = self._review.project
        if project is None:
            return
        self._review.flush_drafts()
        self._left_out = None if included else project.folder
        self._unsaved = [name for name in self._review.unsaved() if "/" in name]
        self._action.setEnabled(False)  # until the folder is open: one choice after the other
        self._reopen(project.folder, included)
        if self._services.finetuning.running:  # refused, and the window has said so
            self._follow()

    def _opened(self, names: list[str]) -> None:
        self._follow()
        project, left_out = self._review.project, self._left_out
        self._left_out = None
        if project is None or project.subfolders:
            return
        if project.folder == left_out:
            if self._unsaved:
                self._services.messages.info(unsaved_notice(self._unsaved))
            self._services.reader.run(
                lambda _state: project.labels_left_out(),
                partial(self._say_left_out, project),
                _not_told,
            )
        if not names and not project.read_only:
            self._counting = self._services.reader.run(
                partial(_count, project.folder), self._offer, priority=COUNTING_PRIORITY
            )

    def _failed(self, _reason: str) -> None:
        self._left_out = None
        self._follow()

    def _closed(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        self._follow()

    def _follow(self, *_: object) -> None:
        project = self._review.project
        why = ""
        if project is not None and project.read_only:
            why = READ_ONLY
        elif project is not None and self._services.finetuning.running:
            why = FINE_TUNING
        self._action.setEnabled(project is not None and not why)
        self._action.setChecked(project is not None and project.subfolders)
        self._actions.explain(ACTION, why)

    def _offer(self, below: Below) -> None:
        self._counting = None
        if below.photos or not below.all:
            self._empty.offer_subfolders(below.photos, all_counted=below.all)

    def _say_left_out(self, project: Project, labels: int) -> None:
        if labels and project is self._review.project:
            self._services.messages.info(left_out_notice(labels))


def left_out_notice(labels: int) -> str:
    """What to say when so many labelled photos are not listed any more."""
    if labels == 1:
        return "1 labelled photo in a subfolder is not shown; its label stays."
    return f"{labels:,} labelled photos in subfolders are not shown; their labels stay."


def unsaved_notice(names: Sequence[str]) -> str:
    """What to say when photos with unsaved strokes are not listed any more."""
    what = names[0] if len(names) == 1 else f"{len(names):,} photos"
    return f"The unsaved strokes on {what} are kept until subfolders are included again."


def _count(folder: Path, state: TaskState) -> Below:
    return count_below(folder, stopped=lambda: state.cancelled)


def _not_told(error: Exception) -> None:
    # The folder was closed meanwhile, or is away: nothing depends on the number.
    if not isinstance(error, StoreError):
        raise error

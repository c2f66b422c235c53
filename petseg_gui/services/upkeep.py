"""Keeping a project up to date beside everything else: a little at a time, when nobody waits.

Photos are examined (renamed ones found again, replaced ones noticed), predictions of a model that
came into use again are scored, and caches are kept within their bounds.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.identity import UnreadableError
from petseg_gui.core.records import Change, Examined, StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Messages
from petseg_gui.services.tasks import Task, TaskRunner, TaskState

PRIORITY = -20
"""Below everything that somebody might wait for."""
PIECE_SECONDS = 0.1
"""A task ends after this long, so that photos and thumbnails get their turn."""
PREDICTIONS_BYTES = 4 * 1024**3
"""What predictions may take of the disk: at about 100 KB each, those of 40,000 photos."""
_TOLD_ONE_BY_ONE = 3


class Upkeep(QObject):
    """Looks after one project at a time, on threads that it shares with others.

    Signals:
        changed: names of photos of which the project knows something else now (list of str).
        finished: everything that was to be done is done.
    """

    changed = Signal(object)
    finished = Signal()

    def __init__(
        self, tasks: TaskRunner, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._messages = messages
        self._project: Project | None = None
        self._task: Task | None = None
        self._examine: deque[str] = deque()
        self._score: deque[str] = deque()
        self._prune = False
        self._told: list[Examined] = []
        self._failed = False

    @property
    def busy(self) -> bool:
        """Whether something is left to do."""
        return self._task is not None

    def open_project(self, project: Project) -> None:
        """Look after ``project``, which is open, from now on."""
        self.close_project()
        self._project = project
        self._failed = False
        self._prune = not project.read_only
        self._run(lambda _state: project.unexamined(), self._listed)

    def close_project(self) -> None:
        """Leave the project alone; waits for nothing: what is under way ends in its own time.

        Whoever closes the project itself must let the threads end first.
        """
        if self._task is not None:
            self._task.cancel()
        self._project, self._task = None, None
        self._examine.clear()
        self._score.clear()
        self._told.clear()

    def model_changed(self) -> None:
        """Another model is in use: what it predicted before counts again."""
        if self._project is not None and not self._project.read_only:
            self._score = deque(self._project.names())
            self._prune = True
            self._next()

    def _listed(self, names: Iterable[str]) -> None:
        self._examine.extend(names)

    def _next(self) -> None:
        project = self._project
        if project is None or self._task is not None:
            return
        if self._examine:
            self._run(partial(_examine, project, self._examine), self._examined)
        elif self._score:
            self._run(partial(_score, project, self._score), self._scored)
        elif self._prune:
            self._prune = False
            self._run(partial(_prune, project), None)
        else:
            self._tell()
            self.finished.emit()

    def _run(
        self,
        work: Callable[[TaskState], object],
        done: Callable[..., None] | None,
    ) -> None:
        project = self._project

        def ended(result: object) -> None:
            if project is self._project:
                self._task = None
                if done is not None:
                    done(result)
                self._next()

        def failed(error: Exception) -> None:
            if project is not self._project:
                return
            self._task = None
            if not isinstance(error, StoreError):
                raise error
            if not self._failed:  # a disk that fails does so for thousands of photos
                self._failed = True
                self._messages.warning(str(error))
            self._next()

        self._task = self._tasks.run(work, ended, failed, priority=PRIORITY)

    def _examined(self, found: list[Examined]) -> None:
        others = [one for one in found if one.change is not Change.SAME]
        self._told += [one for one in others if one.message]
        names = {one.name for one in others} | {one.was for one in others if one.was}
        if names:
            self.changed.emit(sorted(names))

    def _scored(self, names: list[str]) -> None:
        if names:
            self.changed.emit(names)

    def _tell(self) -> None:
        told, self._told = self._told, []
        for change, words in (
            (Change.RENAMED, "photos were renamed or moved: their labels came along"),
            (
                Change.REPLACED,
                "photos are other pictures than those that were labelled under their names: the "
                "labels are kept but not used. Filter for problems to see them",
            ),
        ):
            some = [one for one in told if one.change is change]
            if len(some) > _TOLD_ONE_BY_ONE:
                self._messages.info(f"{len(some)} {words}.")
            else:
                for one in some:
                    self._messages.info(str(one.message))


def _examine(project: Project, names: deque[str], state: TaskState) -> list[Examined]:
    """Examine photos until the time is up; one that cannot be read says so when it is shown."""
    found = []
    for name in _for_a_while(names, state):
        try:
            found.append(project.examine(name))
        except UnreadableError:
            continue  # it has its place in the filmstrip, with the reason
        except StoreError:
            names.clear()  # the project cannot be written to: so it would be for every photo
            raise
    return found


def _score(project: Project, names: deque[str], state: TaskState) -> list[str]:
    return [name for name in _for_a_while(names, state) if project.score_prediction(name)]


def _for_a_while(names: deque[str], state: TaskState) -> Iterable[str]:
    """Take names away, one by one, for as long as a task may take; at least one."""
    end = time.monotonic() + PIECE_SECONDS
    while names and not state.cancelled:
        yield names.popleft()
        if time.monotonic() >= end:
            return


def _prune(project: Project, _state: TaskState) -> None:
    model = project.model_in_use()
    project.predictions.prune(PREDICTIONS_BYTES, () if model is None else (model,))

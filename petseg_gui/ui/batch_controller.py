"""What is done to all selected photos: accepted, predicted anew, put away, tagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMainWindow, QMessageBox

from petseg_gui.core.disk import is_lasting
from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.batch_progress import BatchProgress
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.status_line import StatusLine
from petseg_gui.ui.tags_dialog import TagsDialog

AT_ONCE = 50
"""Photos of which nothing is on the canvas are shown anew in groups of so many."""
STROKE_MS = 50
"""How long to wait before looking again whether a stroke has ended."""


class Selection(Protocol):
    """Which photos are meant."""

    def names(self) -> list[str]:
        """Their names."""


@dataclass(slots=True)
class _Batch:
    """One thing that is done to several photos.

    Attributes:
        project: what they belong to.
        todo: those that are left, the next one last.
        total: how many they were.
        done: what was done to them, in words.
        change: changes one photo on disk.
        show: shows what is so now of photos that have no unsaved strokes; None: their masks are
            others, and are read anew.
        changed: how many were changed.
        unshown: those of them that still have to be shown anew.
        failures: why others were not.
        cancelled: what is left is to stay as it is.
        stopped: the disk is full: what is left would fail as well.
        progress: says how far it is; None: one photo is not worth it.
    """

    project: Project
    todo: list[str]
    total: int
    done: str
    change: Callable[[Project, str], object]
    show: Callable[[list[str]], None] | None
    changed: int = 0
    unshown: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cancelled: bool = False
    stopped: bool = False
    progress: BatchProgress | None = None

    @property
    def photos(self) -> str:
        """How many were changed, in words."""
        return "1 photo" if self.changed == 1 else f"{self.changed:,} photos"


class BatchController(QObject):
    """Carries out what a selection is for, one photo after the other.

    There is never more than one photo of a batch at the writer, so that drafts do not wait, and
    a folder that is closed does not either: the rest of the batch is left then.
    """

    def __init__(
        self,
        actions: Actions,
        review: ReviewController,
        services: Services,
        selection: Selection,
        window: QMainWindow,
        *,
        status: StatusLine,
    ) -> None:
        super().__init__(window)
        self._review = review
        self._writer, self._messages = services.writer, services.messages
        self._selection = selection
        self._window = window
        self._status = status
        slots: dict[str, Callable[[], object]] = {
            "actionAcceptSelected": self._accept,
            "actionPredictSelected": self._predict,
            "actionClearSelected": self._clear,
            "actionTagSelected": self._tag,
            "actionStartAnew": self._start_anew,
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(lambda _checked=False, slot=slot: slot())

    # ------------------------------------------------------------------ what is wanted

    def _accept(self) -> None:
        self._each("accepted", lambda project, name: project.accept_as_is(name))

    def _predict(self) -> None:
        self._each(
            "to be predicted anew",
            lambda project, name: project.predictions.remove(name),
            show=self._review.predict_anew,
        )

    def _tag(self) -> None:
        names, records = self._selection.names(), self._review.state.records
        if not names:
            return
        has = Counter(tag for name in names for tag in records[name].tags)
        known = {tag for record in records.values() for tag in record.tags}
        dialog = TagsDialog(has, len(names), known, self._window)
        dialog.chosen.connect(partial(self._set_tags, names))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _set_tags(self, names: list[str], more: set[str], less: set[str]) -> None:
        def change(project: Project, name: str) -> None:
            project.set_tags(name, (set(project.record(name).tags) | more) - less)

        self._each("tagged", change, names, show=self._review.read_records)

    def _clear(self) -> None:
        records, unsaved = self._review.state.records, set(self._review.unsaved())
        names = [
            name
            for name in self._selection.names()
            if records[name].label or records[name].has_draft or name in unsaved
        ]
        if not names:
            self._messages.info("None of the selected photos has a label.")
        elif self._confirmed(len(names)):
            self._each("put away", lambda project, name: project.clear_label(name), names)

    def _start_anew(self) -> None:
        """Of the photo on show, which is another picture than the one that was labelled."""
        name = self._review.current
        if name is not None and self._review.state.records[name].replaced:
            self._each("started anew", lambda project, name: project.clear_label(name), [name])

    def _confirmed(self, count: int) -> bool:
        box = QMessageBox(self._window)
        box.setObjectName("clearDialog")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Clear labels")
        box.setText("Clear the label of 1 photo?" if count == 1 else f"Clear {count:,} labels?")
        box.setInformativeText("They stay among the versions of their photos.")
        clear = box.addButton("Clear", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is clear

    # ------------------------------------------------------------------ one after the other

    def _each(
        self,
        done: str,
        change: Callable[[Project, str], object],
        names: Sequence[str] | None = None,
        show: Callable[[list[str]], None] | None = None,
    ) -> None:
        project = self._review.project
        names = self._selection.names() if names is None else names
        if project is not None and names:
            if show is None:
                self._review.flush_drafts()  # what is pending on the canvas is a stroke, too
            todo = list(reversed(names))
            batch = _Batch(project, todo, len(todo), done, change, show)
            if batch.total > 1:
                self._show_progress(batch)
            self._step(batch)

    def _show_progress(self, batch: _Batch) -> None:
        def cancel() -> None:
            batch.cancelled = True

        batch.progress = BatchProgress(batch.total, batch.done)
        batch.progress.cancelled.connect(cancel)
        self._status.add_job(batch.progress)

    def _hide_progress(self, batch: _Batch) -> None:
        if batch.progress is not None:
            self._status.remove_job(batch.progress)
            batch.progress.deleteLater()
            batch.progress = None

    def _step(self, batch: _Batch) -> None:
        """Go on with the next photo."""
        if batch.project is not self._review.project:
            self._left(batch)
            return
        if not batch.todo or batch.cancelled or batch.stopped:
            self._end(batch)
            return
        name = batch.todo[-1]
        session = self._review.state.sessions.get(name)
        if session is not None and session.in_gesture:  # the stroke belongs to it
            QTimer.singleShot(STROKE_MS, self, partial(self._step, batch))
            return
        batch.todo.pop()
        # Strokes that may be a part of what is accepted or put away have to be on disk first.
        strokes = batch.show is None and session is not None and session.dirty
        if strokes:
            self._review.flush_drafts()
        position = None if session is None else session.history.position

        def work(_state: object) -> None:
            if strokes and not batch.project.record(name).has_draft:
                raise StoreError(
                    f"The unsaved strokes on {name} could not be kept on disk. Save them first."
                )
            batch.change(batch.project, name)

        self._writer.run(
            work,
            lambda _result: self._changed(batch, name, position),
            partial(self._failed, batch),
        )
        if batch.progress is not None:
            batch.progress.show_step(batch.total - len(batch.todo))

    def _changed(self, batch: _Batch, name: str, position: int | None) -> None:
        batch.changed += 1
        session = self._review.state.sessions.get(name)
        if batch.show is not None or session is None:
            batch.unshown.append(name)
        elif session.in_gesture or session.history.position != position:
            # Somebody has painted on it since: that stays, as unsaved strokes on what is now so.
            self._review.read_records([name])
        else:
            self._review.reload([name], unsaved_too=True)
        if len(batch.unshown) >= AT_ONCE:
            self._show(batch)
        self._go_on(batch)

    def _failed(self, batch: _Batch, error: Exception) -> None:
        batch.stopped = is_lasting(error)
        self._go_on(batch)
        if not isinstance(error, StoreError):
            batch.failures.append("something unexpected went wrong")
            raise error
        batch.failures.append(str(error))

    def _go_on(self, batch: _Batch) -> None:
        # Not at once: while a folder is being closed, what the writer has is waited for.
        QTimer.singleShot(0, self, partial(self._step, batch))

    def _show(self, batch: _Batch) -> None:
        names, batch.unshown = batch.unshown, []
        if names:
            (batch.show or self._review.reload)(names)

    def _end(self, batch: _Batch) -> None:
        self._hide_progress(batch)
        self._show(batch)
        why = (
            batch.failures[0] + (" …" if len(batch.failures) > 1 else "") if batch.failures else ""
        )
        if batch.todo and batch.cancelled:
            text = f"{batch.changed:,} of {batch.total:,} {batch.done}; cancelled."
            text += f" {len(batch.failures):,} could not be: {why}" if why else ""
        else:
            text = f"{batch.photos} {batch.done}"
            text += f", {batch.total - batch.changed:,} not: {why}" if why else "."
        (self._messages.warning if why else self._messages.info)(text)

    def _left(self, batch: _Batch) -> None:
        self._hide_progress(batch)
        if batch.todo:
            self._messages.warning(
                f"{batch.photos} of {batch.project.folder.name} {batch.done}; the folder was "
                f"closed before the other {len(batch.todo):,} were."
            )

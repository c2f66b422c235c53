"""Which folder is open, which of its photos is on show, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.pace import Pace
from petseg_gui.core.photo_records import Counts, PhotoRecords
from petseg_gui.core.photos import PhotoError
from petseg_gui.core.queue import ReviewQueue
from petseg_gui.core.records import Change, PhotoRecord
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task
from petseg_gui.ui.draft_keeper import kept_notice
from petseg_gui.ui.folder_opener import FolderError, OpenedFolder, open_folder
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_loader import NEIGHBOURS, LoadedPhoto, PhotoLoader
from petseg_gui.ui.place_keeper import PlaceKeeper
from petseg_gui.ui.record_reader import RecordReader
from petseg_gui.ui.review_decisions import ReviewDecisions
from petseg_gui.ui.review_list import ReviewList
from petseg_gui.ui.review_predictions import ReviewPredictions
from petseg_gui.ui.review_saving import ReviewSaving
from petseg_gui.ui.review_state import ReviewState
from petseg_gui.ui.undo_memory import UndoMemory


class ReviewShowing(QObject):
    """Shows the photos of a folder; :class:`ReviewController` is what is done to them.

    Attributes:
        project: what is open; None: nothing.
        model: id of the model in use.
        list: which photos one walks through; its order.
        decisions: what is decided about photos beside their masks.
        pace: how fast photos are accepted.

    Signals:
        folderOpened: names of all its photos (list of str).
        folderFailed: reason.
        photoShown: a :class:`LoadedPhoto` and its :class:`EditSession`.
        photoPending: name of a photo that is being decoded.
        photoFailed: name, reason: the current photo cannot be shown.
        sessionReplaced: a new :class:`EditSession` for the photo on show.
        maskChanged: rectangle of the session on show that undo or redo changed.
        markChanged: name of a photo of which something else is known.
        historyChanged: the current session, its dirty state, undo or redo changed.
        countsChanged: how many are accepted or predicted changed.
        modelChanged: id of the model in use from now on.
        recordsRead: something else is known of all photos.
        projectClosing: what is still being written to the project must end before returning.
        projectClosed: no folder is open any more; another one may follow.
        aboutToLeave: the photo on show is about to be left, saved or closed: whoever holds
            work that is not in its session yet must put it there before returning.
    """

    folderOpened = Signal(object)  # noqa: N815 - Qt's spelling of signals
    folderFailed = Signal(str)  # noqa: N815
    photoShown = Signal(object, object)  # noqa: N815
    photoPending = Signal(object)  # noqa: N815
    photoFailed = Signal(object, str)  # noqa: N815
    sessionReplaced = Signal(object)  # noqa: N815
    maskChanged = Signal(object)  # noqa: N815
    markChanged = Signal(object)  # noqa: N815
    historyChanged = Signal()  # noqa: N815
    countsChanged = Signal()  # noqa: N815
    modelChanged = Signal(str)  # noqa: N815
    recordsRead = Signal()  # noqa: N815
    projectClosing = Signal()  # noqa: N815
    projectClosed = Signal()  # noqa: N815
    aboutToLeave = Signal()  # noqa: N815

    def __init__(
        self, services: Services, projects_elsewhere: Path | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._elsewhere = projects_elsewhere
        self._opening: Task | None = None
        self._state = ReviewState()
        self.project: Project | None = None
        self.model: str | None = None
        self._loader = PhotoLoader(services.reader, self)
        self._loader.loaded.connect(self._photo_loaded)
        self._loader.failed.connect(self.photo_unreadable)
        self._undo = UndoMemory(self._state, services.messages, self)
        self._undo.dropped.connect(self._loader.forget)
        self._loader.dropped.connect(self._undo.drop_unused)
        self._place = PlaceKeeper(services.writer, self)
        self._saving = ReviewSaving(services, self._state, self._undo, self)
        self._saving.failed.connect(self.markChanged)
        self._saving.drafted.connect(self.markChanged)
        self.pace = Pace()
        self.list = ReviewList(services, self._state, self)
        self.list.changed.connect(lambda _names: self.request_predictions())
        self.list.firstWanted.connect(self.go_to)
        self.decisions = ReviewDecisions(services, self._state, self)
        self.decisions.recorded.connect(self._recorded)
        self.decisions.labelKept.connect(lambda name: self.reload([name]))
        self._records = RecordReader(services.reader, self._state, self)
        self._records.arrived.connect(self._model_known)
        self._predictions = ReviewPredictions(services, self._state, self._loader, self)
        self._predictions.recorded.connect(self._recorded)
        self._predictions.sessionReplaced.connect(self._session_replaced)
        self._predictions.unreadable.connect(self.photo_unreadable)

    # ------------------------------------------------------------------ state

    @property
    def current(self) -> str | None:
        """Name of the photo that the user is at, decoded or not."""
        return self._state.queue.current

    @property
    def session(self) -> EditSession | None:
        """The session on the canvas; None while the current photo is not on show."""
        if self._state.shown is None or self._state.shown != self.current:
            return None
        return self._state.sessions.get(self._state.shown)

    @property
    def names(self) -> list[str]:
        """The listed photos, in their order."""
        return self._state.queue.names

    @property
    def all_names(self) -> list[str]:
        """All photos of the folder."""
        return self._state.queue.all_names

    @property
    def state(self) -> ReviewState:
        """What is known of the photos; to be read only."""
        return self._state

    def record(self, name: str) -> PhotoRecord | None:
        """What the project knows of ``name``."""
        return self._state.records.get(name)

    def mark(self, name: str) -> Mark:
        """The state of ``name`` as the user sees it."""
        return self._state.mark(name)

    def problem(self, name: str) -> str:
        """Why ``name`` cannot be shown; '' if it can."""
        return self._state.unreadable.get(name, "")

    def counts(self) -> Counts:
        """How many photos are in each state."""
        return self._state.counts()

    def held_out(self) -> int:
        """How many of the accepted photos only measure models."""
        return self._state.held_out()

    def unsaved(self) -> list[str]:
        """Photos with strokes that are in no label."""
        return self._state.unsaved()

    def in_gesture(self) -> bool:
        """Whether a stroke is under way."""
        return self.session is not None and self.session.in_gesture

    # ------------------------------------------------------------------ folders

    def open_folder(self, folder: Path, subfolders: bool | None = None) -> None:
        """Open ``folder`` in the background; a second call supersedes the first.

        ``subfolders``: photos in subfolders belong to it; None: as was chosen last.
        """
        if self._opening is not None:
            self._opening.cancel()
        models = self._services.models
        work = partial(open_folder, folder, self._elsewhere, lambda p: models.in_use(p).id)
        ends = (self._opened, self._open_failed)
        self._opening = self._services.reader.run(
            lambda _state: work(subfolders=subfolders), *ends, priority=100
        )

    def close_project(self) -> None:
        """Put what is unsaved into drafts and let go of the project."""
        self._about_to_leave()
        self.projectClosing.emit()
        self._hand_over(None, None)
        self._services.writer.drain()
        self._loader.set_project(None)
        self._undo.clear()
        if self.project is not None:
            self.project.close()
        self.project = None
        self._state.clear()
        self.list.reset()
        self.pace.clear()
        self.projectClosed.emit()

    def _hand_over(self, project: Project | None, model: str | None) -> None:
        for part in (self._saving, self.decisions, self._place):
            part.set_project(project)
        self._records.cancel()
        self._predictions.set_project(project, model)

    def _opened(self, opened: OpenedFolder) -> None:
        self._opening = None
        self._about_to_leave()
        before, current = self.project, self.current
        again = before is not None and before.root == opened.project.root
        if before is not None and not again and (unsaved := self.unsaved()):
            self._services.messages.info(kept_notice(unsaved, before.folder))
        self.close_project()
        opened = opened.again(current) if again else opened
        self.project, self.model = opened.project, opened.model
        self._state.records = PhotoRecords(opened.records[name] for name in opened.names)
        self._state.queue = ReviewQueue(opened.names)
        self._loader.set_project(opened.project)
        self._hand_over(opened.project, opened.model)
        # Before anything is asked for: what is asked for is a photo of this project.
        self._services.inference.open_project(opened.project)
        model = self._services.models.in_use(opened.project)
        self._services.inference.use_model(model.id, model.path)
        self.list.learn_model(opened.project, opened.model)
        self.folderOpened.emit(opened.names)
        if opened.start:
            self._state.queue.go_to(opened.start)
            if isinstance(opened.first, PhotoError):
                self.photo_unreadable(opened.start, str(opened.first))
                self.request_predictions()
            else:
                if opened.first is not None:
                    self._loader.put(opened.first)
                self._show_current()
        self.countsChanged.emit()
        for notice in opened.project.notices:
            self._services.messages.info(notice)

    def _open_failed(self, error: Exception) -> None:
        self._opening = None
        if not isinstance(error, FolderError):
            raise error
        self.folderFailed.emit(str(error))

    # ------------------------------------------------------------------ paging

    def go_to(self, name: str) -> None:
        """Make ``name`` the current photo."""
        if name != self.current and name in self._state.records and self._may_leave():
            self._state.queue.go_to(name)
            self._show_current()

    def next(self) -> None:
        """Make the next photo of the list the current one; at the end nothing happens."""
        self._go_beside(1)

    def previous(self) -> None:
        """Make the previous photo of the list the current one; at the start nothing happens."""
        self._go_beside(-1)

    def _go_beside(self, offset: int) -> None:
        if (name := self._state.queue.beside(offset)) is not None:
            self.go_to(name)

    def _may_leave(self) -> bool:
        """Have pending work settled; False while a stroke is under way."""
        self._about_to_leave()
        return not self.in_gesture()

    def _about_to_leave(self) -> None:
        # During a stroke nothing is left or saved, so nothing needs to be settled either.
        if self.session is not None and not self.in_gesture():
            self.aboutToLeave.emit()

    def _show_current(self) -> None:
        name = self.current
        if name is None or name == self._state.shown:
            return
        if self._state.shown is not None:
            self._undo.left(self._state.shown)
            self._state.shown = None
        self._place.note(name)
        self._predictions.retry(name)
        self._loader.want([name, *self._state.queue.near(NEIGHBOURS)], self.model)
        if name in self._state.unreadable:
            self.photoFailed.emit(name, self._state.unreadable[name])
        elif (loaded := self._loader.get(name)) is not None:
            self._show(loaded)
        else:
            self.photoPending.emit(name)
        self.historyChanged.emit()
        self.request_predictions()

    def _show(self, photo: LoadedPhoto) -> None:
        session = self._state.session_for(photo)
        self._state.shown = photo.name
        self._loader.drop_mask(photo.name)
        self._undo.check()
        self.photoShown.emit(photo, session)
        self.historyChanged.emit()
        if photo.problem:
            self._services.messages.warning(photo.problem)

    def _photo_loaded(self, photo: LoadedPhoto) -> None:
        # A failure from before the limit was raised may have come in while this was being read.
        if self._state.unreadable.pop(photo.name, None) is not None:
            self.markChanged.emit(photo.name)
        if (found := photo.examined) is not None and found.change is not Change.SAME:
            self.read_records([found.name, *([found.was] if found.was else [])])
        if photo.name == self.current and self._state.shown != photo.name:
            self._show(photo)
        elif photo.name in self._state.sessions:
            self._loader.drop_mask(photo.name)
        self._predictions.catch_up(photo)

    def photo_unreadable(self, name: str, reason: str | PhotoError) -> None:
        """``name`` cannot be read, as the loader, a thumbnail or a prediction found."""
        if name not in self._state.records or name in self._state.unreadable:
            return
        self._state.unreadable[name] = str(reason)
        self.markChanged.emit(name)
        if name == self.current and self._state.shown != name:
            self._state.shown = None
            self.photoFailed.emit(name, str(reason))
            self.historyChanged.emit()

    # ------------------------------------------------------------------ what changed on disk

    def read_records(self, names: Iterable[str]) -> None:
        """Something on disk changed about these photos."""
        if self.project is None:
            return
        for name in names:
            if name in self._state.records:
                self._state.records.put(self.project.record(name))
                self._recorded(name)
        self.request_predictions()

    def reload(self, names: Iterable[str], *, unsaved_too: bool = False) -> None:
        """The masks of these photos were changed on disk: begin anew with what is there.

        Args:
            names: the photos; their undo histories go.
            unsaved_too: photos with unsaved strokes as well: those are kept elsewhere.  Without
                it such photos stay as they are.
        """
        names = set(names)
        self.read_records(sorted(names))
        state = self._state
        for name in names:
            if (session := state.sessions.get(name)) is None:
                self._loader.forget(name)
            elif unsaved_too or not (session.dirty or state.saving[name]):
                self._undo.drop(name)
        if self.current in names and self.current not in state.sessions:
            state.shown = None
            self._show_current()

    # ------------------------------------------------------------------ predictions

    def use_model(self, model: str) -> None:
        """Another model is in use: what nobody has touched is predicted anew."""
        self.model = model
        self._predictions.set_model(model)
        if self.project is not None:
            self.list.learn_model(self.project, model)
            self._records.read(self.project)  # predictions of the model before no longer count
        self.request_predictions()  # the photo on show does not wait for the others
        self.modelChanged.emit(model)

    def _model_known(self) -> None:
        self.list.note_change()
        self.countsChanged.emit()
        self._predictions.catch_up_all()
        self.request_predictions()
        self.recordsRead.emit()

    def request_predictions(self) -> None:
        """Ask for what is missing: the current photo first, then its neighbours."""
        self._predictions.request()

    def need_prediction(self, name: str) -> None:
        """The prediction on disk for ``name``, on show, cannot be used: it is made once more."""
        self._predictions.make_again(name)

    def prediction_failed(self, name: str) -> bool:
        """Whether the model in use tried ``name`` and could not predict it."""
        return self._predictions.failed(name)

    def _session_replaced(self, session: EditSession) -> None:
        if session.photo == self._state.shown:
            self.sessionReplaced.emit(session)
            self.historyChanged.emit()

    def _recorded(self, name: str) -> None:
        self.list.note_change()
        self.markChanged.emit(name)
        self.countsChanged.emit()

"""Reviewing a folder: which photo is current, its session, and what is to happen to it.

No widgets: the window connects its canvas, filmstrip and actions to this object.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.photos import PhotoError
from petseg_gui.core.queue import Counts, ReviewQueue
from petseg_gui.core.records import PhotoRecord
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task
from petseg_gui.ui.draft_keeper import kept_notice
from petseg_gui.ui.folder_opener import FolderError, OpenedFolder, open_folder
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_loader import LoadedPhoto, Origin, PhotoLoader
from petseg_gui.ui.place_keeper import PlaceKeeper
from petseg_gui.ui.review_predictions import ReviewPredictions
from petseg_gui.ui.review_saving import ReviewSaving
from petseg_gui.ui.review_state import ReviewState
from petseg_gui.ui.undo_memory import UndoMemory

NEIGHBOURS = (1, -1, 2, -2)
"""Photos to decode ahead, by distance from the current one, most likely first."""


class ReviewController(QObject):
    """The state of the review and the user's intents.

    Signals:
        folderOpened: names of its photos (list of str).
        folderFailed: reason.
        photoShown: a :class:`LoadedPhoto` and its :class:`EditSession`.
        photoPending: name of a photo that is being decoded.
        photoFailed: name, reason: the current photo cannot be shown.
        sessionReplaced: a new :class:`EditSession` for the photo on show.
        maskChanged: rectangle of the session on show that undo or redo changed.
        markChanged: name of a photo whose state changed.
        historyChanged: the current session, its dirty state, undo or redo changed.
        countsChanged: how many are accepted or predicted changed.
        modelChanged: id of the model in use from now on; every mark may be another one.
        projectClosed: no folder is open any more; another one may follow.
        aboutToLeave: the photo on show is about to be left, saved or closed: whoever holds
            work that is not in its session yet must put it there before returning.
    """

    folderOpened = Signal(object)  # noqa: N815 - Qt's spelling of signals
    folderFailed = Signal(str)  # noqa: N815
    photoShown = Signal(object, object)  # noqa: N815
    photoPending = Signal(str)  # noqa: N815
    photoFailed = Signal(str, str)  # noqa: N815
    sessionReplaced = Signal(object)  # noqa: N815
    maskChanged = Signal(object)  # noqa: N815
    markChanged = Signal(str)  # noqa: N815
    historyChanged = Signal()  # noqa: N815
    countsChanged = Signal()  # noqa: N815
    modelChanged = Signal(str)  # noqa: N815
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
        self._saving.saved.connect(self._label_saved)
        self._saving.failed.connect(self.markChanged)
        self._saving.drafted.connect(self.markChanged)
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
        """All photos of the folder."""
        return self._state.queue.names

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
        session = self.session
        return session is not None and session.in_gesture

    # ------------------------------------------------------------------ folders

    def open_folder(self, folder: Path) -> None:
        """Open ``folder`` in the background; a second call supersedes the first."""
        if self._opening is not None:
            self._opening.cancel()
        models = self._services.models
        elsewhere = self._elsewhere

        def work(_state: object) -> OpenedFolder:
            return open_folder(folder, elsewhere, lambda p: models.in_use(p).id)

        self._opening = self._services.reader.run(
            work, self._opened, self._open_failed, priority=100
        )

    def close_project(self) -> None:
        """Put what is unsaved into drafts and let go of the project."""
        self._about_to_leave()
        self._saving.set_project(None)
        self._place.set_project(None)
        self._predictions.set_project(None, None)
        self._services.writer.drain()
        self._loader.set_project(None)
        self._undo.clear()
        if self.project is not None:
            self.project.close()
        self.project = None
        self._state.clear()
        self.projectClosed.emit()

    def _opened(self, opened: OpenedFolder) -> None:
        self._opening = None
        self._about_to_leave()
        if self.project is not None and (unsaved := self.unsaved()):
            self._services.messages.info(kept_notice(unsaved, self.project.folder))
        self.close_project()
        self.project = opened.project
        self.model = opened.model
        self._state.records = {name: opened.records[name] for name in opened.names}
        self._state.queue = ReviewQueue(opened.names)
        self._loader.set_project(opened.project)
        self._saving.set_project(opened.project)
        self._place.set_project(opened.project)
        self._predictions.set_project(opened.project, opened.model)
        # Before anything is asked for: what is asked for is a photo of this project.
        self._services.inference.open_project(opened.project)
        model = self._services.models.in_use(opened.project)
        self._services.inference.use_model(model.id, model.path)
        self.folderOpened.emit(opened.names)
        if opened.start:
            self._state.queue.go_to(opened.start)
            if isinstance(opened.first, LoadedPhoto):
                self._loader.put(opened.first)
                self._show_current()
            else:
                self.photo_unreadable(opened.start, str(opened.first))
                self.request_predictions()
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
        """Make the next photo the current one; at the end nothing happens."""
        queue = self._state.queue
        if queue.index + 1 < len(queue) and self._may_leave():
            queue.next()
            self._show_current()

    def previous(self) -> None:
        """Make the previous photo the current one; at the start nothing happens."""
        if self._state.queue.index > 0 and self._may_leave():
            self._state.queue.previous()
            self._show_current()

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
        names, index = self.names, self._state.queue.index
        near = [names[index + d] for d in NEIGHBOURS if 0 <= index + d < len(names)]
        self._loader.want([name, *near], self.model)
        loaded = self._loader.get(name)
        if name in self._state.unreadable:
            self.photoFailed.emit(name, self._state.unreadable[name])
        elif loaded is not None:
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

    # ------------------------------------------------------------------ editing

    def gesture_committed(self) -> None:
        """The canvas ended a stroke in the session on show."""
        self._session_changed()
        self._undo.check()

    def undo(self) -> None:
        """Take back the last stroke of the photo on show."""
        session = self.session
        if session is not None and (rect := session.undo()) is not None:
            self.maskChanged.emit(rect)
            self._session_changed()

    def redo(self) -> None:
        """Bring back the stroke that was taken back last."""
        session = self.session
        if session is not None and (rect := session.redo()) is not None:
            self.maskChanged.emit(rect)
            self._session_changed()

    def _session_changed(self) -> None:
        session = self.session
        if session is not None:
            self._saving.note(session)
            self.markChanged.emit(session.photo)
            self.historyChanged.emit()

    # ------------------------------------------------------------------ saving

    def save(self) -> None:
        """Save the mask on show as a label; it counts as accepted only if it was before."""
        self._about_to_leave()
        session = self.session
        if session is not None and not session.in_gesture:
            self._saving.save(session, accept=False)

    def accept_and_next(self) -> None:
        """Save the mask on show as an accepted label and go on to the next open photo."""
        self._about_to_leave()
        session = self.session
        if session is None or session.in_gesture:
            return
        name = session.photo
        loaded = self._loader.get(name)
        empty = loaded is not None and loaded.origin is Origin.NOTHING
        if empty and not session.edited and self._state.records[name].label is None:
            self._services.messages.warning(
                f"{name} has no mask yet. Wait for the prediction, or paint one."
            )
            return
        self._saving.save(session, accept=True)
        following = self._state.next_unaccepted(self._saving.accepting)
        if following is None:
            self._services.messages.info("Every photo of this folder is accepted.")
        else:
            self._show_current()

    def save_all(self) -> None:
        """Save every photo with unsaved strokes, keeping each one's accepted state."""
        self._about_to_leave()
        self._saving.save_all()

    def discard_all(self) -> None:
        """Give up every unsaved stroke, on disk as well."""
        self._saving.discard_all()

    def _label_saved(self, name: str) -> None:
        if self.project is not None and name in self._state.records:
            self._state.records[name] = self.project.record(name)
            self._recorded(name)
        self.historyChanged.emit()

    # ------------------------------------------------------------------ predictions

    def use_model(self, model: str) -> None:
        """Another model is in use: what nobody has touched is predicted anew."""
        self.model = model
        self._predictions.set_model(model)
        if self.project is not None:
            # Predictions of the model before no longer count.
            self._state.records = self.project.records()
            self.countsChanged.emit()
            # Where the new one has predicted before, no prediction will be announced.
            for photo in self._loader.kept:
                self._predictions.catch_up(photo)
        self.request_predictions()
        self.modelChanged.emit(model)

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
        self.markChanged.emit(name)
        self.countsChanged.emit()

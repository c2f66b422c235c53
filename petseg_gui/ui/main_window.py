"""The main window: joins the parts to the controllers; decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow

from petseg_gui.core.session import EditSession
from petseg_gui.core.settings import Settings
from petseg_gui.services.ports import Services
from petseg_gui.services.upkeep import Upkeep
from petseg_gui.ui.actions import Actions, LateIcons
from petseg_gui.ui.chrome import build_menus, build_toolbar, fill_recent
from petseg_gui.ui.closing import may_close
from petseg_gui.ui.dialogs import show_about
from petseg_gui.ui.empty_state import dropped_folder
from petseg_gui.ui.fine_tune_controller import FineTuneController
from petseg_gui.ui.imports import CURVES, ICONS, PROFILES, import_ahead, take_short_turns
from petseg_gui.ui.limit_offer import LimitOffer
from petseg_gui.ui.list_controller import ListController
from petseg_gui.ui.model_controller import ModelController
from petseg_gui.ui.photo_browser import PhotoBrowser
from petseg_gui.ui.photo_facts import PhotoFacts
from petseg_gui.ui.photo_loader import LoadedPhoto
from petseg_gui.ui.project_controller import ProjectController
from petseg_gui.ui.review_commands import ReviewCommands
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shortcuts_dialog import ShortcutsDialog
from petseg_gui.ui.status_line import StatusLine
from petseg_gui.ui.subfolder_choice import SubfolderChoice
from petseg_gui.ui.time_keeper import TimeKeeper
from petseg_gui.ui.window_parts import WindowParts
from petseg_gui.ui.workbench import Workbench


class MainWindow(QMainWindow):
    """The window of the application.

    Args:
        services: everything that works outside the window; the window ends it when it closes.
        review: the controller of the review.
        settings: what is remembered between runs; changed in place.
        save_settings: writes them; called when the window closes.
        sample_folder: copies the sample photos to where they can be edited, returns where.
    """

    def __init__(
        self,
        services: Services,
        review: ReviewController,
        settings: Settings,
        save_settings: Callable[[Settings], None],
        sample_folder: Callable[[], Path],
    ) -> None:
        super().__init__()
        self._services = services
        self._review = review
        self._settings = settings
        self._save_settings = save_settings
        self._sample_folder = sample_folder
        self._folder: Path | None = None
        self._started = False
        self._closed = False
        self.setObjectName("mainWindow")
        self.setWindowTitle("PetSeg")
        self.setMinimumSize(940, 600)
        self.resize(1280, 800)
        self.setAcceptDrops(True)
        self._actions = Actions(self)
        self._icons = LateIcons(self._actions, services.reader, self)
        self._browser = PhotoBrowser(review, services.reader, self._actions, self)
        self._parts = WindowParts(self._actions, self._browser.filmstrip, self._browser.grid)
        self.setCentralWidget(self._parts)
        self._status = StatusLine()
        self.setStatusBar(self._status)
        self._recent_menu, model_menu = build_menus(self, self._actions)
        build_toolbar(self, self._actions)
        self._models = ModelController(self._actions, services, review, model_menu, self)
        self._fine_tune = FineTuneController(
            services, review, self._models, self._parts.fine_tune, settings=settings, parent=self
        )
        self._connect_actions()
        self._connect_review()
        self._facts = PhotoFacts(self._actions, self._parts.photo, review, self)
        self._parts.canvas.hintChanged.connect(self._update_actions)
        self._add_controllers()
        self._connect_services()
        self._restore_settings()
        self._update_actions()

    def _add_controllers(self) -> None:
        """Who carries out what is asked for in the parts of the window."""
        services, review, settings = self._services, self._review, self._settings
        # After the review: a photo is on the canvas before its predictions are.
        actions, parts, status = self._actions, self._parts, self._status
        self._bench = Workbench(
            actions, parts, status, review=review, services=services, settings=settings, parent=self
        )
        self._list = ListController(self._actions, self._parts, review, self)
        self._fine_tune.changesWanted.connect(self._list.show_most_changed)
        self._commands = ReviewCommands(self._actions, review, services.messages, self)
        empty = self._parts.empty
        LimitOffer(review, empty, services.reader, settings, self)
        self._project = ProjectController(
            self._actions, review, services, self._browser.selection, self, status=self._status
        )
        SubfolderChoice(
            self._actions, empty, self.open_folder, review=review, services=services, parent=self
        )
        self._time = TimeKeeper(review, self)
        self._upkeep = Upkeep(services.reader, services.messages, self)
        self._upkeep.changed.connect(review.read_records)
        review.projectClosed.connect(self._upkeep.close_project)
        review.modelChanged.connect(self._upkeep.model_changed)

    # ------------------------------------------------------------------ wiring

    def _connect_actions(self) -> None:
        review, canvas = self._review, self._parts.canvas
        self._actions.connect_all(
            {
                "actionOpenFolder": self._choose_folder,
                "actionOpenSamples": self._open_samples,
                "actionQuit": self.close,
                "actionSave": review.save,
                "actionAcceptAndNext": review.accept_and_next,
                "actionUndo": self._undo,
                "actionRedo": review.redo,
                "actionNext": review.next,
                "actionPrevious": review.previous,
                "actionZoomFit": canvas.zoom_to_fit,
                "actionZoomActual": canvas.zoom_to_actual,
                "actionZoomIn": canvas.zoom_in,
                "actionZoomOut": canvas.zoom_out,
                "actionShortcuts": lambda: ShortcutsDialog(self).exec(),
                "actionAbout": lambda: show_about(self),
            }
        )
        self._actions["actionShowFineTune"].toggled.connect(self._parts.fine_tune.setVisible)
        self._actions["actionGrid"].toggled.connect(self._show_grid)
        empty = self._parts.empty
        empty.openRequested.connect(self._choose_folder)
        empty.samplesRequested.connect(self._open_samples)
        empty.recentRequested.connect(lambda path: self.open_folder(Path(path)))

    def _connect_review(self) -> None:
        review = self._review
        review.folderOpened.connect(self._folder_opened)
        review.folderFailed.connect(self._folder_failed)
        review.photoShown.connect(self._photo_shown)
        review.photoPending.connect(self._photo_pending)
        review.photoFailed.connect(self._photo_failed)
        review.sessionReplaced.connect(self._session_replaced)
        review.historyChanged.connect(self._update_actions)
        self._parts.canvas.installEventFilter(self)
        self._parts.photo.left.connect(lambda: self._parts.focus_photo(typing_too=True))

    def _connect_services(self) -> None:
        self._services.messages.posted.connect(self._parts.messages.post)
        inference = self._services.inference
        inference.modelLoaded.connect(self._model_loaded)
        inference.progressed.connect(self._status.show_predictions)
        inference.failed.connect(self._prediction_failed)

    def _restore_settings(self) -> None:
        settings = self._settings
        self._actions["actionShowFineTune"].setChecked(True)
        if settings.window_geometry:
            self.restoreGeometry(bytes.fromhex(settings.window_geometry))
        self._show_recent()

    # ------------------------------------------------------------------ folders

    def open_folder(self, folder: Path, subfolders: bool | None = None) -> None:
        """Open ``folder``; what is unsaved in the one before is kept as drafts.

        ``subfolders``: photos in subfolders belong to it; None: as was chosen last.
        """
        if self._services.finetuning.running:
            self._services.messages.warning(
                "Fine-tuning is running on this folder. Cancel it, or wait, before you open "
                "another one."
            )
            return
        self.announce_folder(folder)
        self._review.open_folder(folder, subfolders)

    def announce_folder(self, folder: Path) -> None:
        """Say that ``folder`` is being opened (by :meth:`open_folder`, or before the window)."""
        self._folder = folder
        if not self._parts.canvas_shown:
            self._icons.hold()
            self._parts.empty.show_opening(folder)

    def _folder_opened(self, names: list[str]) -> None:
        project = self._review.project
        assert self._folder is not None
        assert project is not None
        self._parts.canvas.clear_document()
        self._parts.show_review(bool(names))
        self._settings.add_recent_folder(self._folder)
        self._show_recent()
        self._look_after()
        if not names:
            self.setWindowTitle(f"{self._folder.name} — PetSeg")
            self._no_photo()
            self._parts.empty.show_no_photos(self._folder, subfolders=project.subfolders)

    def _folder_failed(self, reason: str) -> None:
        if self._review.project is not None:
            # The folder that is open stays open.
            self._folder = self._review.project.folder
            self._services.messages.error(f"The folder was not opened. {reason}")
            return
        self._parts.show_review(False)
        self._no_photo()
        self._parts.empty.show_folder_problem(reason)

    def _choose_folder(self) -> None:
        start = str(self._folder or Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of photos", start)
        if folder:
            self.open_folder(Path(folder))

    def _open_samples(self) -> None:
        try:
            folder = self._sample_folder()
        except OSError as error:
            self._services.messages.error(f"The sample photos could not be copied: {error}")
            return
        self.open_folder(folder)

    def _show_recent(self) -> None:
        folders = self._settings.recent_folders
        fill_recent(self._recent_menu, folders, lambda path: self.open_folder(Path(path)))
        self._parts.empty.set_recent(folders)

    # ------------------------------------------------------------------ photos

    def _photo_shown(self, photo: LoadedPhoto, session: EditSession) -> None:
        canvas = self._parts.canvas
        canvas.setEnabled(True)
        canvas.set_document(photo.pyramid, session)
        self._parts.show_canvas()
        self._parts.focus_photo()
        self.setWindowTitle(f"{photo.name} — PetSeg")
        height, width = photo.pyramid.shape
        self._status.show_photo(photo.name, width, height)
        self._parts.filmstrip.set_current(photo.name)

    def _photo_pending(self, name: str) -> None:
        # The photo before stays in view, but nothing can be painted on it any more.
        self._parts.canvas.setEnabled(False)
        self._parts.filmstrip.set_current(name)

    def _photo_failed(self, name: str, reason: str) -> None:
        self._no_photo()
        self.setWindowTitle(f"{name} — PetSeg")
        self._parts.empty.show_photo_problem(name, reason)
        self._parts.filmstrip.set_current(name)
        self._start_late()

    def _no_photo(self) -> None:
        self._icons.release()
        self._parts.canvas.clear_document()
        self._parts.show_empty()
        self._facts.follow()
        self._status.clear_photo()
        self._update_actions()

    def _session_replaced(self, session: EditSession) -> None:
        self._parts.canvas.set_session(session)

    def _show_grid(self, shown: bool) -> None:
        self._parts.show_grid(shown)
        self._update_actions()
        self._start_late()  # the canvas may not have been painted yet

    def _update_actions(self) -> None:
        # Nothing is done to a mask that cannot be seen.
        session = None if self._parts.grid_shown else self._review.session
        self._actions.follow(
            session.history if session is not None else None,
            any_photo=self._review.current is not None,
            any_folder=self._review.project is not None,
            read_only=self._review.project is not None and self._review.project.read_only,
            pending=self._parts.canvas.has_pending,
        )

    def _undo(self) -> None:
        if not self._bench.step_back():
            self._review.undo()

    # ------------------------------------------------------------------ services

    def _model_loaded(self, model: str, device: str) -> None:
        self._status.show_device(model, device)
        if not self._closed:
            # Not earlier: TensorFlow's import is what the first prediction waits for.
            import_ahead(self._services.reader, CURVES, then=self._parts.fine_tune.run.prepare)

    def _prediction_failed(self, name: str, reason: str) -> None:
        if not name:  # the model itself; a photo is the review's affair
            self._services.messages.error(f"Predictions are not available: {reason}")

    def _start_late(self) -> None:
        """Start what would delay the first photo: predictions, icons, a look for data."""
        if not (self._started or self._closed):
            self._started = True
            take_short_turns()
            self._icons.release()
            start = self._services.inference.start  # after the others: see import_ahead
            import_ahead(self._services.reader, ICONS, PROFILES, then=start)
            self._look_after()
            self._fine_tune.look_for_oxford_photos()

    def _look_after(self) -> None:
        if self._started and self._review.project is not None:
            self._upkeep.open_project(self._review.project)

    # ------------------------------------------------------------------ events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the first time that the canvas paints a photo."""
        if (
            event.type() == QEvent.Type.Paint
            and watched is self._parts.canvas
            and self._parts.canvas.has_document
        ):
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._start_late)
        return super().eventFilter(watched, event)

    # Not event(): that one is also called while the window is being destroyed, when there is
    # nothing left for Python to call.
    def changeEvent(self, event: QEvent) -> None:
        """Icons in the colours of the moment; the mask comes back when the window is left."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self._closed:
            if self.isActiveWindow():
                self._icons.refresh()
            else:
                self._parts.canvas.set_overlay_visible(True)
        elif event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._icons.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hide the mask while H is held."""
        if not self._bench.controls.hide_mask(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the mask again."""
        if not self._bench.controls.show_mask(event):
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a folder, or a photo for the folder that it is in."""
        if dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()
            self._parts.empty.set_drag_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Whatever was dragged over the window is not dropped here."""
        self._parts.empty.set_drag_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._parts.empty.set_drag_over(False)
        if (folder := dropped_folder(event.mimeData())) is not None:
            event.acceptProposedAction()
            self.open_folder(folder)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what has to be asked, then end every thread."""
        # What is pending counts as unsaved, too.
        self._parts.canvas.settle()
        if self._closed or may_close(self, self._services, self._review):
            self._shut_down()
            event.accept()
        else:
            event.ignore()

    def _shut_down(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._settings.window_geometry = bytes(self.saveGeometry().data()).hex()
        self._parts.messages.dismiss_all()
        self._parts.fine_tune.close_plots()
        self._services.finetuning.stop()
        self._services.inference.stop()
        self._review.close_project()
        self._services.stop()
        self._save_settings(self._settings)
